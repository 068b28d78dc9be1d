"""A list below "Read more" goes.

The subheading below the list stays. A list of the article's own stays too.
"""

from tests.helpers.lakes import article
from transforms.core.clean.blocks import split_blocks
from transforms.core.clean.matching import headlines_below
from transforms.core.clean.strip import load_rules, strip_boilerplate

CALLS = ["- Sign up for our daily newsletter.", "- Download the app of the harbour"]
LEDE = "The council of the harbour town voted on Monday to close its old bridge for a year."


def test_subheading_below_a_bulleted_list_stays() -> None:
    body = (
        "Read more\n\n- Ferries stop for the winter\n\n- Pier sinks in the mud\n\nA long "
        "wait\n\nIt rained."
    )
    assert headlines_below(split_blocks(body), 0) == [1, 2]


def test_a_list_without_bullets_is_removed_as_a_whole() -> None:
    body = (
        "Read more\n\nFerries stop for the winter\n\nPier sinks in the mud\n\nIt rained on "
        "the quay all day."
    )
    assert headlines_below(split_blocks(body), 0) == [1, 2]


def test_calls_in_a_list_that_the_article_introduces_stay() -> None:
    body = [LEDE, "Here is what to do:", *CALLS]
    assert cleaned(*body) == body


def test_calls_below_a_paragraph_or_below_the_pages_own_lead_go() -> None:
    assert cleaned(LEDE, *CALLS) == [LEDE]
    assert cleaned(LEDE, "Sign up for our newsletters here:", *CALLS) == [LEDE]


def cleaned(*blocks: str) -> list[str]:
    dirty = article("http://a.test/1", "\n\n".join(blocks), title="Talks on the harbour")
    return (strip_boilerplate(dirty, load_rules("en")).body or "").split("\n\n")
