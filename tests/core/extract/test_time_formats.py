"""Times are read as pages state them, in UTC; what no calendar has is refused with a flag, never taken."""

from datetime import UTC, datetime

import pytest

from tests.helpers.article_page import HEAD, NOW, make_html, make_page
from transforms.core.extract.page import extract_article
from transforms.core.extract.time_formats import IMPOSSIBLE, parse_stated, parse_time
from transforms.records import FeedEntry, Page


@pytest.mark.parametrize(
    ("text", "time", "precision"),
    [
        ("2024-04-30T14:05:09+02:00", (12, 5, 9), "second"),
        ("2024-04-30T14:05:09 GMT+0200", (12, 5, 9), "second"),
        ("2024-04-30 07:05:09 EST", (12, 5, 9), "second"),
        ("2024-04-30T9:05Z", (9, 5, 0), "minute"),
        ("1714478709", (12, 5, 9), "second"),
        ("1714478709000", (12, 5, 9), "second"),
        ("Tue Apr 30 2024 14:05:09 GMT+0200 (CEST)", (12, 5, 9), "second"),
        ("Tue, 30 Apr 2024 07:05:09 EST", (12, 5, 9), "second"),
        ("2024-04-30 02:05:09 PM GMT", (14, 5, 9), "second"),
        ("2024-04-30 12:05 AM UTC", (0, 5, 0), "minute"),
        ("2024-04-30 14:05:09 UTC+2", (12, 5, 9), "second"),
        ("2024-04-30 07:05:09 GMT-5", (12, 5, 9), "second"),
        ("2024-04-29T24:00:00Z", (0, 0, 0), "second"),
        ("2024-04-30T12:04:60Z", (12, 5, 0), "second"),
        ("2024/4/30", (0, 0, 0), "day"),
        ("30/04/2024 10:00", (0, 0, 0), "day"),
        ("04/30/2024", (0, 0, 0), "day"),
        ("30 апреля 2024 г.", (0, 0, 0), "day"),
        ("2024年4月30日", (0, 0, 0), "day"),
        ("2024년 4월 30일", (0, 0, 0), "day"),
        ("30. April 2024", (0, 0, 0), "day"),
        ("30 avril 2024", (0, 0, 0), "day"),
        ("30 de abril de 2024", (0, 0, 0), "day"),
        ("30.04.2024", (0, 0, 0), "day"),
    ],
)
def test_time_is_read_as_it_is_stated(
    text: str, time: tuple[int, int, int], precision: str
) -> None:
    dated = parse_stated(text)

    assert dated is not None
    assert dated.at == datetime(2024, 4, 30, *time, tzinfo=UTC)
    assert (dated.precision, dated.zone_assumed) == (precision, False)


@pytest.mark.parametrize("text", ["04/05/2024", "2024-05", "12345", "null", "", "yesterday"])
def test_what_could_be_two_days_or_none_is_no_date(text: str) -> None:
    assert parse_stated(text) is None


@pytest.mark.parametrize("text", ["2024-05-01T12:00:00 IST", "2024-05-01T12:00:00", "202405011200"])
def test_zone_that_is_not_known_is_assumed(text: str) -> None:
    dated = parse_stated(text)
    assert dated is not None
    assert dated.at == datetime(2024, 5, 1, 12, tzinfo=UTC)
    assert dated.zone_assumed


@pytest.mark.parametrize(
    "text", ["2024-13-45", "2024-02-30", "2024-05-01T12:00:00+99:00", "2024-05-01T24:01:00Z"]
)
def test_date_that_no_calendar_has(text: str) -> None:
    dated = parse_stated(text)
    assert dated is not None
    assert dated.at == IMPOSSIBLE
    assert parse_time(text) is None


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
        content = f"<html><head>{head}</head><body><article><h1>The bridge</h1>{body}</article></body></html>".encode()
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
