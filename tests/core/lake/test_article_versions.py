"""What a version changed is counted in whole words, in a time that no text can lengthen."""

from collections.abc import Callable
from difflib import SequenceMatcher

import pytest

from tests.helpers.work import count_calls
from transforms.core.lake.merge.article_versions import changed_chars

STORY = "The council of the harbour town voted on Monday to close its old bridge for a year."
# About those of a second; a comparison without a bound takes up to 10,000 times as many.
MOST_CALLS = 10_000_000
Texts = Callable[[int], tuple[str, str]]


def alternating(joiner: str) -> Texts:
    """Return two texts of so many parts, of which every second one is the same in both."""

    def texts(count: int) -> tuple[str, str]:
        return tuple(  # type: ignore[return-value]
            joiner.join(f"again{joiner}{name}{number}" for number in range(count // 2))
            for name in "ab"
        )

    return texts


def in_two_orders(count: int) -> tuple[str, str]:
    words = ["again", "and", "also"] * (count // 3)
    return " ".join(words), " ".join(sorted(words))


def of_one_word(count: int) -> tuple[str, str]:
    return "again " * count, "again " * (count - 1) + "end"


def of_equal_lines(count: int) -> tuple[str, str]:
    return "Onwards.\n\n" * count, "Onwards.\n\nAgain.\n\n" * count


HOSTILE: dict[str, Texts] = {
    "every second word": alternating(" "),
    "every second paragraph": alternating("\n\n"),
    "words in two orders": in_two_orders,
    "one word": of_one_word,
    "equal paragraphs": of_equal_lines,
}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (STORY, STORY, (0, 0)),
        (STORY, f"{STORY} It reopens.", (10, 0)),
        (STORY, STORY.replace("Monday", "Friday"), (6, 6)),
        ("", STORY, (67, 0)),
    ],
)
def test_changes_are_counted_in_characters_of_words(
    before: str, after: str, expected: tuple[int, int]
) -> None:
    assert changed_chars(before, after) == expected


@pytest.mark.parametrize("count", [1_500, 40_000])
@pytest.mark.parametrize("name", ["every second paragraph", "equal paragraphs"])
def test_a_text_of_many_paragraphs_is_compared_in_no_more_time(name: str, count: int) -> None:
    before, after = HOSTILE[name](count)
    assert count_calls(lambda: changed_chars(before, after)) < MOST_CALLS


@pytest.mark.parametrize("name", HOSTILE)
def test_a_long_comparison_ends_and_still_counts_what_came_and_went(name: str) -> None:
    before, after = HOSTILE[name](2_900)
    assert count_calls(lambda: changed_chars(before, after)) < MOST_CALLS
    added, removed = changed_chars(before, after)
    assert added - removed == len("".join(after.split())) - len("".join(before.split()))


@pytest.mark.parametrize("count", [30, 300])
def test_a_move_within_a_text_of_usual_length_is_a_change(count: int) -> None:
    words = [f"word{number}" for number in range(count)]
    moved = [*words[count // 2 :], *words[: count // 2]]
    added, removed = changed_chars(" ".join(words), " ".join(moved))
    assert added == removed > 0


def test_a_long_report_with_a_few_changes_is_compared_in_order() -> None:
    # As often as English repeats its most frequent words.
    words = [("the", "of", "to", f"word{number}")[number % 4] for number in range(2_900)]
    later = ["Updated:", *words[:100], *words[120:2_000], "new", *words[2_000:]]
    opcodes = SequenceMatcher(None, words, later, autojunk=False).get_opcodes()
    added = sum(sum(map(len, later[b0:b1])) for op, _, _, b0, b1 in opcodes if op != "equal")
    removed = sum(sum(map(len, words[a0:a1])) for op, a0, a1, _, _ in opcodes if op != "equal")
    assert changed_chars(" ".join(words), " ".join(later)) == (added, removed)
