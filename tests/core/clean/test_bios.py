"""At the end of an article, who wrote it goes; what the article says of other people stays."""

import pytest

from tests.helpers.lakes import article
from transforms.core.clean.strip import load_rules, strip_boilerplate

LEDE = (
    "Officials of Kenya met envoys of France in Nairobi on Monday to discuss the port they "
    "have argued over."
)
MORE = "The talks went on into the night, and both sides agreed to meet again next week."


def cleaned(*blocks: str) -> list[str]:
    dirty = article(
        "http://a.test/1",
        "\n\n".join(blocks),
        title="Talks on the harbour",
        authors=("Anna Brandt", "Desk"),
    )
    return (strip_boilerplate(dirty, load_rules("en")).body or "").split("\n\n")


@pytest.mark.parametrize(
    "bio",
    [
        "Anna Brandt covers shipping and the islands. She joined the Post in 2015.",
        "Anna Brandt, who lives in Port North, is our shipping correspondent.",
        "ANNA BRANDT schreibt seit 2015 über Schiffe.",
    ],
)
def test_an_author_biography_is_removed_from_the_end_only(bio: str) -> None:
    assert cleaned(LEDE, MORE, bio) == [LEDE, MORE]
    assert cleaned(LEDE, bio, MORE, MORE[:-1] + ", too.") == [LEDE, bio, MORE, MORE[:-1] + ", too."]


def test_its_title_goes_with_it() -> None:
    assert cleaned(LEDE, MORE, "About the author", "Anna Brandt covers shipping for the Post.") == [
        LEDE,
        MORE,
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Karl Lund covers shipping and the islands for the minister.",
        "Anna Brandt said that the islands would wait for their ships.",
        "Desk is the name of the town where the talks went on.",
    ],
)
def test_sentences_about_others_and_words_of_an_author_are_kept(line: str) -> None:
    assert cleaned(LEDE, MORE, line) == [LEDE, MORE, line]
