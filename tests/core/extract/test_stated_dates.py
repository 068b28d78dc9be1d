"""Times are read as pages state them, in UTC; what no calendar has is refused with a flag, never taken."""

from datetime import UTC, datetime

import pytest

from tests.core.extract.pages import HEAD, NOW, make_html, make_page
from transforms.core.extract.dates import NEVER, parse_stated, parse_time
from transforms.core.extract.page import extract_article


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
        ("2024/4/30", (0, 0, 0), "day"),
        ("30. April 2024", (0, 0, 0), "day"),
        ("30 avril 2024", (0, 0, 0), "day"),
        ("30 de abril de 2024", (0, 0, 0), "day"),
        ("30.04.2024", (0, 0, 0), "day"),
    ],
)
def test_time_is_read_as_it_is_stated(text: str, time: tuple[int, int, int], precision: str) -> None:
    dated = parse_stated(text)

    assert dated is not None
    assert dated.at == datetime(2024, 4, 30, *time, tzinfo=UTC)
    assert (dated.precision, dated.zone_assumed) == (precision, False)


@pytest.mark.parametrize("text", ["04/05/2024", "2024-05", "12345", "null", "", "yesterday"])
def test_what_could_be_two_days_or_none_is_no_date(text: str) -> None:
    assert parse_stated(text) is None


@pytest.mark.parametrize("text", ["2024-05-01T12:00:00 IST", "2024-05-01T12:00:00"])
def test_zone_that_is_not_known_is_assumed(text: str) -> None:
    dated = parse_stated(text)
    assert dated is not None
    assert dated.zone_assumed


@pytest.mark.parametrize("text", ["2024-13-45", "2024-02-30", "2024-05-01T12:00:00+99:00"])
def test_date_that_no_calendar_has(text: str) -> None:
    dated = parse_stated(text)
    assert dated is not None
    assert dated.at == NEVER
    assert parse_time(text) is None


@pytest.mark.parametrize("stated", ["2024-13-45", "0001-01-01T00:00:00Z", "2999-01-01", "9999999999"])
def test_refused_date_leaves_a_flag_and_gives_way(stated: str) -> None:
    head = HEAD.replace("2024-04-30T14:05:09+02:00", stated)
    article = extract_article(make_page(make_html(head=head)), now=NOW)

    assert "date_refused" in article.flags
    assert (article.published_basis, article.published_at) == ("url", datetime(2024, 4, 30, tzinfo=UTC))


def test_number_of_seconds_in_json_is_a_time() -> None:
    head = HEAD.replace('"2024-04-30T14:05:09+02:00"', "1714478709")
    article = extract_article(make_page(make_html(head=head)), now=NOW)

    assert article.published_at == datetime(2024, 4, 30, 12, 5, 9, tzinfo=UTC)
