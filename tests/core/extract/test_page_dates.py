"""The publication time is the first plausible one stated, the surest sources first."""

from datetime import UTC, datetime

import pytest

from tests.helpers.article_page import HEAD, NOW, PROSE, make_html, make_page
from transforms.core.dates.reading import read_stated
from transforms.core.extract.page import extract_article
from transforms.core.extract.page_dates import Candidate, publication_time, url_date
from transforms.records import FeedEntry, Page


@pytest.mark.parametrize(
    "stated", ["2024-13-45", "0001-01-01T00:00:00Z", "2999-01-01", "9999999999"]
)
def test_refused_date_leaves_a_flag_and_gives_way(stated: str) -> None:
    head = HEAD.replace("2024-04-30T14:05:09+02:00", stated)
    article = extract_article(make_page(make_html(head=head)), now=NOW)

    assert "date_refused" in article.flags
    assert (article.published_basis, article.published_at) == (
        "url",
        datetime(2024, 4, 30, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "value", ["1714478709", "1714478709.0", '{"@value": "2024-04-30T14:05:09+02:00"}']
)
def test_number_or_typed_value_in_json_is_a_time(value: str) -> None:
    head = HEAD.replace('"2024-04-30T14:05:09+02:00"', value)
    article = extract_article(make_page(make_html(head=head)), now=NOW)

    assert article.published_at == datetime(2024, 4, 30, 12, 5, 9, tzinfo=UTC)


def test_what_became_of_the_feeds_date_is_flagged_where_it_counts() -> None:
    now = datetime(2024, 5, 17, 12, tzinfo=UTC)
    entry = FeedEntry(
        url="http://a.test/1",
        url_key="1" * 32,
        first_seen_at=now,
        published_at=now,
        date_flag="date_clamped",
    )
    body = "".join(
        f"<p>The council of the harbour town voted on its bridge for the {n}th time.</p>"
        for n in range(4, 9)
    )
    stated = "<meta property='article:published_time' content='2024-05-16T08:00:00Z'>"

    def flags(head: str) -> tuple[str, ...]:
        content = (
            f"<html><head>{head}</head><body><article><h1>The bridge</h1>{body}</article>"
            "</body></html>"
        ).encode()
        page = Page(
            entry=entry,
            final_url=entry.url,
            content_type="text/html",
            content=content,
            fetched_at=now,
        )
        return extract_article(page, now=now).flags

    assert flags("") == ("date_clamped",)
    assert flags(stated) == ()


def test_a_day_and_a_time_without_zone_give_way_to_the_full_time() -> None:
    full = read_stated("2024-04-30T14:05:09+02:00")
    for stated in ("2024-04-30", "2024-04-30T14:05:09"):
        found = publication_time(
            [Candidate("jsonld", read_stated(stated)), Candidate("meta", full)], NOW
        )
        assert (found.at, found.basis, found.flags) == (
            datetime(2024, 4, 30, 12, 5, 9, tzinfo=UTC),
            "meta",
            (),
        )
    other = publication_time(
        [
            Candidate("jsonld", read_stated("2024-04-30T14:05:09")),
            Candidate("meta", read_stated("2024-04-30T11:11Z")),
        ],
        NOW,
    )
    assert (other.basis, other.flags) == ("jsonld", ("date_zone_assumed",))


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/news/2024/04/30/bridge",
        "https://example.com/20240430-bridge",
        "https://example.com/news/2024/apr/30/bridge",
        "https://example.com/news/2024/april/30/bridge",
        "https://example.com/news/30-04-2024",
    ],
)
def test_day_in_a_link(url: str) -> None:
    assert getattr(url_date(url), "at", None) == datetime(2024, 4, 30, tzinfo=UTC)


def test_link_without_a_day() -> None:
    for path in ("2024/99/bridge", "2024/top/30/bridge", "04-05-2024", "2024/bridge"):
        assert url_date(f"https://example.com/{path}") is None


@pytest.mark.parametrize("stated", ["0001-01-01T00:00:00Z", "2024-13-45", "9999-12-31T23:59:59Z"])
def test_impossible_time_beside_a_displayed_one(stated: str) -> None:
    head = HEAD.replace("2024-04-30T14:05:09+02:00", stated).replace("2024-04-30T15:00:00Z", stated)
    article = extract_article(make_page(make_html("<p>29 April 2024</p>" + PROSE, head)), now=NOW)

    assert article.published_at == datetime(2024, 4, 30, tzinfo=UTC)
    assert article.published_basis == "url"
    assert "date_refused" in article.flags
