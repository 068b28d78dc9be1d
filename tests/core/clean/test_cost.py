"""Cleaning takes work that grows with the size of a body, not with its square."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.lakes import article
from tests.helpers.work import count_calls
from transforms.core.clean.blocks import Block, Cut, split_blocks
from transforms.core.clean.credit import fill_fields
from transforms.core.clean.positions import listed_starts
from transforms.core.clean.strip import load_rules, strip_boilerplate
from transforms.core.prose import is_headline, unbulleted, word_count
from transforms.records import Article

LEDE = "The council of the harbour town voted on Monday to close its old bridge for a year."
# Twice the blocks take twice the calls, and a little for what is done once.
MAX_GROWTH = 2.4


def body_of(line: str, count: int) -> str:
    return "\n\n".join([LEDE, *(line.replace("#", str(n)) for n in range(count))])


@pytest.mark.parametrize(
    "line",
    [
        "- Entry # of the toll register, as printed:",
        "- Entry # of the toll register",
        "Here is what to do in part #:",
        "“Boat #”, she said: “No.”",
        "12:#",
        "| 1 | 2 | # |",
        "The council voted on Monday evening to close the old bridge again.",
        "Photo: Jane Roe #",
        "Advertisement",
    ],
)
def test_twice_the_blocks_take_twice_the_work(line: str) -> None:
    small, large = (
        count_calls(partial(cleaned, article("http://a.test/1", body_of(line, count))))
        for count in (400, 800)
    )
    assert large < MAX_GROWTH * small


def cleaned(dirty: Article) -> Article:
    return strip_boilerplate(dirty, load_rules("en"))


LINES = st.sampled_from(
    ["- Bring warm clothes", "- Here is what to do now:", "Here is what to do now:", "Note:", LEDE]
)


def listed_by_definition(blocks: Sequence[Block]) -> set[int]:
    """Return the bulleted lines below each line that introduces a list, one line after another."""
    found: set[int] = set()
    for index, block in enumerate(blocks):
        if block.text.endswith(":") and word_count(block.text) >= 4:
            items = list(takewhile(lambda b: unbulleted(b.text) != b.text, blocks[index + 1 :]))
            if len(items) >= 2:
                found.update(item.start for item in items)
    return found


@given(st.lists(LINES, max_size=12))
def test_lists_are_those_of_the_definition(lines: list[str]) -> None:
    blocks = split_blocks("\n\n".join(lines))
    assert listed_starts(blocks) == listed_by_definition(blocks)


def test_a_headline_with_a_long_run_of_spaces_takes_no_hour() -> None:
    assert not is_headline("Boats" + " " * 1_000_000 + "sail from pier two")


@pytest.mark.parametrize(
    ("text", "expected"), [("Senate votes on bill [VIDEO]", True), ("Now [VIDEO]", False)]
)
def test_the_tag_of_a_headline_is_no_word_of_it(text: str, expected: bool) -> None:
    assert is_headline(text) is expected


def test_captions_are_added_at_once_and_each_once() -> None:
    dirty = replace(article("http://a.test/1", LEDE), captions=("Pier two",))
    cuts = [Cut(0, "caption", field="caption", value=f"Pier {n % 3}") for n in range(30_000)]
    filled = fill_fields(dirty, cuts)
    assert filled.captions == ("Pier two", "Pier 0", "Pier 1", "Pier 2")


def test_many_captions_take_the_work_of_each() -> None:
    dirty = article("http://a.test/1", LEDE)
    cuts = [Cut(0, "caption", field="caption", value=f"Pier {n}") for n in range(30_000)]
    assert len(fill_fields(dirty, cuts).captions) == 30_000
