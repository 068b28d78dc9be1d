"""A bare text gives an article: its lines, its headline and its date."""

from datetime import UTC, datetime

import pytest

from transforms.core.extract.plain_text import article_from_text, find_title, read_lines
from transforms.records import Article, FeedEntry

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
LEDE = "The council of the harbour town voted on Monday to close its old bridge for a year."


def read(text: str, title: str | None = None) -> Article:
    entry = FeedEntry(url="https://example.com/a", url_key="a", title=title, first_seen_at=NOW)
    return article_from_text(text, entry=entry, seen_at=NOW, now=NOW)


def test_first_headline_is_the_title_and_not_the_body() -> None:
    article = read(f"Download\nHarbour town closes its bridge\n\n{LEDE}\n")

    assert article.title == "Harbour town closes its bridge"
    assert article.body == f"Download\n\n{LEDE}"
    assert [(one.text, one.reason, one.at) for one in article.removed] == [
        ("Harbour town closes its bridge", "headline", 10)
    ]
    assert article.extraction_basis == "text"


def test_text_that_starts_with_a_paragraph_has_no_title() -> None:
    article = read(f"{LEDE}\n\nA crowd on the quay\n\n{LEDE}")

    assert article.title is None
    assert article.removed == ()


def test_known_title_is_found_or_taken_as_it_is() -> None:
    assert (
        read(f"A video of the bridge at dusk\nBridge shut\n{LEDE}", title="Bridge Shut").title
        == "Bridge shut"
    )
    assert read(LEDE, title="Bridge shut").title == "Bridge shut"


def test_title_alone_is_an_empty_article() -> None:
    article = read("Harbour town closes its bridge")

    assert article.body is None
    assert article.page_kind == "empty"


def test_printed_date_of_the_head_counts() -> None:
    article = read(f"Harbour town closes its bridge\n\nPublished: 30 April 2024, 14:05\n\n{LEDE}")

    assert article.published_at == datetime(2024, 4, 30, 14, 5, tzinfo=UTC)
    assert (article.published_precision, article.published_basis) == ("minute", "printed")
    assert article.flags == ("date_zone_assumed",)


def test_wrapped_lines_are_joined_and_plain_lines_are_not() -> None:
    wrapped = (
        "The council of the harbour town voted on Monday to close its old bridge\n"
        "for a year, after a night of debate that ended when the lamps went out\n"
        "in the hall, and everyone walked home along the river in the dark with\n"
        "nothing decided about the ferries, which are to run from the summer on\n"
        "if the harbour office finds the money.\n\nNobody was hurt.\n"
    )
    assert read_lines(wrapped)[1] == "Nobody was hurt."
    assert len(read_lines(wrapped)) == 2
    assert read_lines("DON'T MISS:\nOne story here\nAnother story there\n\n" + LEDE) == [
        "DON'T MISS:",
        "One story here",
        "Another story there",
        LEDE,
    ]


def test_credit_broken_over_lines_is_joined() -> None:
    assert read_lines("The dam on Monday (\n\nImage:\n\nExample Wires)\n\nIt holds.") == [
        "The dam on Monday ( Image: Example Wires)",
        "It holds.",
    ]
    assert read_lines(f"A list (\n{LEDE}") == ["A list (", LEDE]


@pytest.mark.parametrize(
    "line",
    [
        "By Jane Roe of The Example",
        "Updated 3 hours ago today",
        "Photo: Jane Roe of the Example",
        "Von Jana Roe und Johann Doe",
        "Par Jeanne Roe et Jean Doe",
        "Por Juana Roe y Juan Doe",
        "Lesen Sie auch den Bericht",
        "Publié le 30 avril à 14h05",
        "Suscríbete a nuestro boletín diario",
        "Home > News > Harbour towns",
        "Follow us on Facebook",
    ],
)
def test_lines_of_the_head_that_are_not_titles(line: str) -> None:
    assert find_title([line, LEDE], "") is None


@pytest.mark.parametrize(
    "line",
    [
        "Von der Brücke blieb nichts übrig",
        "Par deux fois le pont a tenu",
        "Updates on the bridge are due",
    ],
)
def test_headlines_that_start_as_such_lines_do(line: str) -> None:
    assert find_title([line, LEDE], "") == 0
