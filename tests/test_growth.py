"""Each stage takes work that grows with the size of a hostile document, not with its square.

Work is counted in steps, not in seconds; `python -m bench.growth` measures the seconds, which also
has the work of C.
"""

from bisect import bisect
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.growth import STAGES, Growth, clean, extract
from bench.hostile_shapes import Shape, repeated
from tests.helpers.work import count_steps
from transforms.errors import NewsbeamError

pytestmark = pytest.mark.slow

# Enough parts that what is done once for a document is little beside them.
COUNT = 200
# Twice the parts take twice the steps, and a little for sorting; square is four.
MAX_GROWTH = 2.3
# Up to so many parts, what is done for the edges of an article is still growing, or the parts are
# few enough to be read at all.
KINKS = {
    "extract: hidden boxes": 400,
    "clean: times of day": 800,
    "feed: attributes of a tag": 1_600,
    "feed: categories of an item": 2_000,
    "feed: categories of a feed": 2_000,
    "feed: tags of an item": 2_000,
    "versions: one word": 3_000,
}
# Texts that share half of their words are compared in pairs, 3 to 25 microseconds each.
SQUARE = frozenset({"merge: half-template"})
CASES = [f"{stage}: {shape}" for stage in STAGES for shape in STAGES[stage].shapes]
LINEAR = [case for case in CASES if case not in SQUARE]


def steps(work: Callable[[str], object], document: str) -> int:
    """Return the steps of a stage's work, up to its refusal if it refuses the document."""

    def attempt() -> None:
        with suppress(NewsbeamError):
            work(document)

    return count_steps(attempt)


def growth(work: Callable[[str], object], shape: Shape, count: int = COUNT) -> float:
    """Return by what the steps grow when a document of so many parts doubles."""
    # Once for the caches of rules and patterns.
    steps(work, shape(8))
    small, large = (steps(work, shape(parts)) for parts in (count, 2 * count))
    return large / small


@pytest.mark.parametrize("case", LINEAR)
def test_twice_the_document_takes_twice_the_work(case: str) -> None:
    stage, _, shape = case.partition(": ")
    # Coding takes a hundred times as long as the others.
    count = KINKS.get(case, COUNT // 2 if stage == "code" else COUNT)
    found = growth(STAGES[stage].work, STAGES[stage].shapes[shape], count)
    assert found < MAX_GROWTH


def test_what_is_known_to_be_square_is_measured() -> None:
    assert set(CASES) >= SQUARE


TAGS = st.sampled_from(
    "p li h2 td a b div span em ul section figure figcaption blockquote br".split(" ")  # noqa: SIM905
)
WORDS = st.sampled_from(
    ["Boats leave pier #", "“No,” she said.", "12:#", "Read more:", "By Jane Roe #", "5 May 2024"]
)
PIECES = st.lists(st.tuples(TAGS, WORDS), min_size=1, max_size=4)
LINES = st.lists(WORDS, min_size=1, max_size=4)


# Always the same pages: the last fallback of Trafilatura (jusText, `_get_neighbour`) takes square
# time on a few, which the time limit of a page bounds.
@given(PIECES)
@settings(max_examples=8, derandomize=True, database=None)
def test_a_page_of_any_parts_takes_the_work_of_its_size(pieces: list[tuple[str, str]]) -> None:
    part = "".join(f"<{tag}>{words}</{tag}>" for tag, words in pieces)
    # Far enough from the edges of the article, where it is read more closely.
    assert growth(extract, repeated(part), 400) < MAX_GROWTH


@given(LINES)
@settings(max_examples=8)
def test_a_text_of_any_lines_takes_the_work_of_its_size(lines: list[str]) -> None:
    text = repeated("".join(f"{line}\n\n" for line in lines))
    assert growth(clean, text, 800) < MAX_GROWTH


def test_square_work_is_seen() -> None:
    def compare_all(document: str) -> int:
        words = document.split()
        return sum(a == b for a in words for b in words)

    assert growth(compare_all, repeated("a# ")) > MAX_GROWTH


def test_sorting_is_not_taken_for_square_work() -> None:
    def insert(document: str) -> list[str]:
        found: list[str] = []
        for word in document.split():
            found.insert(bisect(found, word, key=str.lower), word)
        return found

    assert growth(insert, repeated("a# ")) < MAX_GROWTH


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [((1, 2, 4, 8, 16), 1.0), ((1, 4, 16, 64, 256), 2.0), ((0.001, 0.002, 0.1, 0.2, 0.4), 1.0)],
)
def test_the_exponent_of_a_table_is_the_slope(seconds: tuple[float, ...], expected: float) -> None:
    found = Growth((100, 200, 400, 800, 1600), seconds, "size").exponent
    assert found is not None
    assert abs(found - expected) < 0.01
