"""The few words at the ends of a bare text: what says something stays, what only labels or teases
goes.
"""

import pytest

from tests.helpers.lakes import article
from transforms.core.clean.strip import load_rules, strip_boilerplate

LEDE = (
    "Officials of Kenya met envoys of France in Nairobi on Monday to discuss the port they "
    "have argued over."
)
MORE = "The talks went on into the night, and both sides agreed to meet again next week."
LAST = "Neither side would say on Tuesday who is to pay for the pier that the storm took away."


def cleaned(*blocks: str) -> list[str]:
    dirty = article(
        "http://a.test/1",
        "\n\n".join(blocks),
        title="Talks on the harbour",
        extraction_basis="text",
    )
    return (strip_boilerplate(dirty, load_rules("en")).body or "").split("\n\n")


@pytest.mark.parametrize(
    "end",
    [
        ["The winners are:", "Anna Brandt", "Karl Lund"],
        ["Saturday: Lund v Skerra", "Sunday: Norhaven v Brandt"],
        ["- Warm clothes", "- Food for two days"],
        ["Q: Will you go back?", "A: Maybe"],
        ["Yes 61%", "No 39%"],
        ["Contact us by email:"],
    ],
)
def test_a_last_paragraph_with_content_is_kept(end: list[str]) -> None:
    assert cleaned(LEDE, MORE, *end) == [LEDE, MORE, *end]


@pytest.mark.parametrize(
    "end",
    [
        ["Anna Brandt", "Port North"],
        ["10 Oct 2022"],
        ["Read more:", "Note from the desk:"],
        ["Ferries stop for good"] * 2,
    ],
)
def test_loose_words_at_the_end_go(end: list[str]) -> None:
    assert cleaned(LEDE, MORE, *end) == [LEDE, MORE]


def test_a_phrase_above_the_first_paragraph_stays_and_a_name_goes() -> None:
    assert cleaned("Ferries stop", LEDE, MORE) == ["Ferries stop", LEDE, MORE]
    assert cleaned("Port North", LEDE, MORE) == [LEDE, MORE]
    assert cleaned("Ferries stop", "READ MORE", LEDE, MORE) == [LEDE, MORE]


def test_subheads_in_capitals_stay_and_one_shout_goes() -> None:
    body = [LEDE, "WHAT HAPPENS TO THE TICKETS NOW", MORE, "THE MONEY THAT NEVER CAME HOME", LAST]
    assert cleaned(*body) == body
    assert cleaned(*body[:3]) == [LEDE, MORE]


def test_a_teaser_with_a_name_for_a_label_goes_and_another_label_stays() -> None:
    assert cleaned("Norland: President opens a zoo in the rain", LEDE, MORE) == [LEDE, MORE]
    own = "How to sleep in a boat: A guide for the long night"
    assert cleaned(own, LEDE, MORE) == [own, LEDE, MORE]
