"""Times as users and rows write them, and those with which nothing can be calculated."""

from datetime import UTC, datetime

import pytest

from transforms.core.iso_times import parse_time
from transforms.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2022-10-11T12:00:00Z", datetime(2022, 10, 11, 12, tzinfo=UTC)),
        ("2022-10-11T12:00:00+02:00", datetime(2022, 10, 11, 10, tzinfo=UTC)),
        ("1850-05-06", datetime(1850, 5, 6, tzinfo=UTC)),
        ("9000-12-31T23:59:59-14:00", datetime(9001, 1, 1, 13, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_as_utc(text: str, expected: datetime) -> None:
    assert parse_time(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00+14:00",
        "0001-01-01",
        "0999-12-31T23:59:59Z",
        "9001-01-01",
        "9999-12-31T23:59:59-14:00",
        "9999-12-31T23:59:59Z",
    ],
)
def test_a_time_at_the_end_of_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="is not between the years 1000 and 9000"):
        parse_time(text)


@pytest.mark.parametrize("text", ["", "noon", "10000-01-01", "2022-13-01", "1e400"])
def test_what_is_no_time_is_told_with_an_example(text: str) -> None:
    with pytest.raises(ConfigError, match=r"is not an ISO 8601 time, e\.g\."):
        parse_time(text)
