"""Times are parsed as pages state them, in UTC."""

from datetime import UTC, datetime

import pytest

from transforms.core.extract.time_formats import IMPOSSIBLE, parse_printed, parse_stated, parse_time


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
    parsed = parse_stated(text)

    assert parsed is not None
    assert parsed.at == datetime(2024, 4, 30, *time, tzinfo=UTC)
    assert (parsed.precision, parsed.zone_assumed) == (precision, False)


@pytest.mark.parametrize("text", ["04/05/2024", "2024-05", "12345", "null", "", "yesterday"])
def test_an_ambiguous_or_impossible_day_is_not_a_date(text: str) -> None:
    assert parse_stated(text) is None


@pytest.mark.parametrize("text", ["2024-05-01T12:00:00 IST", "2024-05-01T12:00:00", "202405011200"])
def test_an_unknown_time_zone_is_assumed(text: str) -> None:
    parsed = parse_stated(text)
    assert parsed is not None
    assert parsed.at == datetime(2024, 5, 1, 12, tzinfo=UTC)
    assert parsed.zone_assumed


@pytest.mark.parametrize(
    "text", ["2024-13-45", "2024-02-30", "2024-05-01T12:00:00+99:00", "2024-05-01T24:01:00Z"]
)
def test_date_that_no_calendar_has(text: str) -> None:
    parsed = parse_stated(text)
    assert parsed is not None
    assert parsed.at == IMPOSSIBLE
    assert parse_time(text) is None


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
    parsed = parse_time(text)
    assert parsed is not None
    assert (parsed.at, parsed.precision) == (at, precision)


@pytest.mark.parametrize(
    "text",
    [None, "", "soon", "2024-13-01", "0000-00-00", "0001-01-01T00:00+23:59", "2024-04-30T99:99"],
)
def test_parse_time_of_nonsense(text: str | None) -> None:
    assert parse_time(text) is None


@pytest.mark.parametrize(
    ("text", "at", "precision"),
    [
        ("20 Nov 2019 08:02 GMT", datetime(2019, 11, 20, 8, 2, tzinfo=UTC), "minute"),
        ("Wed, 20 Nov 2019 08:02:07 +0100", datetime(2019, 11, 20, 7, 2, 7, tzinfo=UTC), "second"),
        ("November 19, 2019", datetime(2019, 11, 19, tzinfo=UTC), "day"),
    ],
)
def test_parse_stated(text: str, at: datetime, precision: str) -> None:
    parsed = parse_stated(text)
    assert parsed is not None
    assert (parsed.at, parsed.precision) == (at, precision)
    assert parse_stated("soon") is None


@pytest.mark.parametrize("text", ["30 April 2024", "Tue, Apr 30, 2024"])
def test_printed_day(text: str) -> None:
    parsed = parse_printed(text)
    assert parsed is not None
    assert parsed.at == datetime(2024, 4, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["no date", "1 \u017fep 2024"])
def test_line_that_prints_no_day(text: str) -> None:
    assert parse_printed(text) is None
