"""A bare text gives its lines, its headline and its date; shapes of blocks are told apart."""

from datetime import UTC, datetime

import pytest

from transforms.core.extract.authors import split_authors
from transforms.core.extract.headline import without_site
from transforms.core.extract.page_dates import publication_time, url_date
from transforms.core.extract.plain_text import article_from_text, find_title, read_lines
from transforms.core.extract.time_formats import parse_printed, parse_stated, parse_time
from transforms.core.prose import fold, is_headline, is_prose, tidy
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

    assert article.published_at == datetime(2024, 4, 30, tzinfo=UTC)
    assert (article.published_precision, article.published_basis) == ("day", "text")
    assert article.flags == ("date_guessed",)


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
def test_lines_of_the_head_that_are_no_title(line: str) -> None:
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


@pytest.mark.parametrize(
    ("text", "headline", "prose"),
    [
        ("What is the European bank?", True, False),
        ("Man walks home after ten years [VIDEO]", True, False),
        ("Erdogan doubles down on threats", True, False),
        (LEDE, False, True),
        ("“They are not sure they would fulfil the order.”", False, True),
        ("- a list item that goes on", False, False),
        ("Reuters", False, False),
        ("He left. She stayed. They met again in the spring of that year", False, True),
    ],
)
def test_shapes(text: str, headline: bool, prose: bool) -> None:
    assert is_headline(text) is headline
    assert is_prose(text) is prose


def test_tidy_and_fold() -> None:
    assert tidy(" a\x00\x1b[31m b\u2028c\ud800 ") == "a [31m b c"
    assert fold("“Don’t—Stop!”") == fold("dont stop")


@pytest.mark.parametrize(
    ("text", "at", "precision"),
    [
        ("2024-04-30T14:05:09+02:00", datetime(2024, 4, 30, 12, 5, 9, tzinfo=UTC), "second"),
        ("2024-04-30T14:05Z", datetime(2024, 4, 30, 14, 5, tzinfo=UTC), "minute"),
        ("2024-04-30 14:05:09.123 -0530", datetime(2024, 4, 30, 19, 35, 9, tzinfo=UTC), "second"),
        ("2024-04-30", datetime(2024, 4, 30, tzinfo=UTC), "day"),
        ("20240430", datetime(2024, 4, 30, tzinfo=UTC), "day"),
    ],
)
def test_parse_time(text: str, at: datetime, precision: str) -> None:
    dated = parse_time(text)
    assert dated is not None
    assert (dated.at, dated.precision) == (at, precision)


@pytest.mark.parametrize(
    "text",
    [None, "", "soon", "2024-13-01", "0000-00-00", "0001-01-01T00:00+23:59", "2024-04-30T99:99"],
)
def test_parse_time_of_nonsense(text: str | None) -> None:
    assert parse_time(text) is None


def test_parse_printed_and_url_date() -> None:
    day = datetime(2024, 4, 30, tzinfo=UTC)
    assert [
        getattr(parse_printed(text), "at", None)
        for text in ("30 April 2024", "Tue, Apr 30, 2024", "no date")
    ] == [
        day,
        day,
        None,
    ]
    assert getattr(url_date("https://example.com/news/2024/04/30/bridge"), "at", None) == day
    assert getattr(url_date("https://example.com/20240430-bridge"), "at", None) == day
    assert url_date("https://example.com/2024/99/bridge") is None


def test_authors_are_split() -> None:
    assert split_authors(["By Jane Roe, John Doe and Ann Poe"]) == (
        "Jane Roe",
        "John Doe",
        "Ann Poe",
    )
    assert split_authors(["https://example.com/jane", "admin", "Anderson Cooper"]) == (
        "Anderson Cooper",
    )


def test_site_is_cut_from_the_title() -> None:
    assert (
        without_site("Bridge shut for a year - The Example", {"theexample"})
        == "Bridge shut for a year"
    )
    assert without_site("Bridge shut for a year | Example News", set()) == "Bridge shut for a year"
    assert (
        without_site("Spider-Man - the review of a year", {"theexample"})
        == "Spider-Man - the review of a year"
    )


@pytest.mark.parametrize(
    ("text", "at", "precision"),
    [
        ("20 Nov 2019 08:02 GMT", datetime(2019, 11, 20, 8, 2, tzinfo=UTC), "minute"),
        ("Wed, 20 Nov 2019 08:02:07 +0100", datetime(2019, 11, 20, 7, 2, 7, tzinfo=UTC), "second"),
        ("November 19, 2019", datetime(2019, 11, 19, tzinfo=UTC), "day"),
    ],
)
def test_parse_stated(text: str, at: datetime, precision: str) -> None:
    dated = parse_stated(text)
    assert dated is not None
    assert (dated.at, dated.precision) == (at, precision)
    assert parse_stated("soon") is None


def test_a_day_and_a_time_without_zone_give_way_to_the_full_time() -> None:
    full = parse_stated("2024-04-30T14:05:09+02:00")
    for said in ("2024-04-30", "2024-04-30T14:05:09"):
        found = publication_time([("jsonld", parse_stated(said)), ("meta", full)], NOW)
        assert (found.at, found.basis, found.flags) == (
            datetime(2024, 4, 30, 12, 5, 9, tzinfo=UTC),
            "meta",
            (),
        )
    other = publication_time(
        [
            ("jsonld", parse_stated("2024-04-30T14:05:09")),
            ("meta", parse_stated("2024-04-30T11:11Z")),
        ],
        NOW,
    )
    assert (other.basis, other.flags) == ("jsonld", ("date_zone_assumed",))
