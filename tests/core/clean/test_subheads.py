"""A subhead of the page's own stays whatever its words are.

The same words elsewhere are boilerplate.
"""

from dataclasses import replace

import pytest

from tests.helpers.lakes import article
from transforms.core.clean.strip import load_rules, strip_boilerplate

LEDE = (
    "Officials of Kenya met envoys of France in Nairobi on Monday to discuss the port they "
    "have argued over."
)
MORE = "The talks went on into the night, and both sides agreed to meet again next week."
LAST = "Neither side would say on Tuesday who is to pay for the pier that the storm took away."


def cleaned(*blocks: str, headings: tuple[str, ...] = ()) -> list[str]:
    dirty = article("http://a.test/1", "\n\n".join(blocks), title="Talks on the harbour")
    return (
        strip_boilerplate(replace(dirty, headings=headings), load_rules("en")).body or ""
    ).split("\n\n")


@pytest.mark.parametrize(
    "word",
    [
        "Facebook",
        "X",
        "06:15",
        "Bloomberg",
        "Next",
        "More on the fire",
        "Opinion: the quay is too small",
    ],
)
def test_a_heading_above_a_paragraph_stays_and_another_block_goes(word: str) -> None:
    assert cleaned(LEDE, LAST, word, MORE, headings=(word,)) == [LEDE, LAST, word, MORE]
    assert cleaned(LEDE, LAST, word, MORE) == [LEDE, LAST, MORE]
    assert cleaned(LEDE, MORE, word, headings=(word,)) == [LEDE, MORE]


def test_a_heading_that_is_a_call_a_sure_marker_or_ends_in_a_colon_goes() -> None:
    assert cleaned(
        LEDE, "Sign up for our newsletter", MORE, headings=("Sign up for our newsletter",)
    ) == [LEDE, MORE]
    assert cleaned(LEDE, "Most read", MORE, headings=("Most read",)) == [LEDE, MORE]
    assert cleaned(LEDE, "More on the fire:", MORE, headings=("More on the fire:",)) == [LEDE, MORE]


def test_a_heading_above_a_subhead_stays() -> None:
    body = [LEDE, "Next", "The money for the quay", MORE]
    assert cleaned(*body, headings=("Next", "The money for the quay")) == body


def test_the_heading_of_a_box_goes_with_its_text() -> None:
    box = "Sign up for our daily newsletter."
    assert cleaned(LEDE, "Newsletter", box, MORE, headings=("Newsletter",)) == [LEDE, MORE]


def test_a_weak_word_beside_a_cut_stays_as_a_heading_and_as_an_answer() -> None:
    cut = "READ MORE: Harbour was warned of the storm"
    assert cleaned(LEDE, cut, "Background", MORE, headings=("Background",)) == [
        LEDE,
        "Background",
        MORE,
    ]
    assert cleaned(LEDE, cut, "Background", MORE) == [LEDE, MORE]
    assert cleaned(LEDE, "Were you afraid?", cut, "No.", MORE) == [
        LEDE,
        "Were you afraid?",
        "No.",
        MORE,
    ]


def test_a_marker_leaves_the_heading_below_it() -> None:
    own = "The night of the fire"
    assert cleaned(LEDE, "Read more", "Ferries stop for good", own, MORE, headings=(own,)) == [
        LEDE,
        own,
        MORE,
    ]


def test_times_of_a_day_in_order_stay_and_lengths_of_films_go() -> None:
    times = ["06:15", LEDE, "7:40", MORE, "12:05", LAST]
    assert cleaned(*times) == times
    assert cleaned("06:15", LEDE, "01:22", MORE, "12:05", LAST) == [LEDE, MORE, LAST]
    assert cleaned("01:22", LEDE, "02:40", MORE, LAST) == [LEDE, MORE, LAST]
