from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.core.feeds.feed_dates import credible, first_stated
from transforms.core.feeds.hints import (
    MAX_INTERVAL_S,
    MIN_INTERVAL_S,
    fresh_s,
    not_skipped,
    skip_times_in,
    ttl_s,
    update_period_s,
)
from transforms.core.feeds.intervals import next_interval_s

SUNDAY = datetime(2022, 10, 9, 12, 30, tzinfo=UTC)
DATED = {"date": "Sun, 09 Oct 2022 12:00:00 GMT"}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "public, max-age=900"}, 900),
        ({"cache-control": 'MAX-AGE="900"'}, 900),
        ({"cache-control": "max-age=99999999999999999999"}, MAX_INTERVAL_S),
        ({"cache-control": "max-age=900, no-cache"}, None),
        ({"cache-control": "no-store"}, None),
        ({"cache-control": "max-age=soon"}, None),
        ({"cache-control": "s-maxage=900"}, None),
        (DATED | {"expires": "Sun, 09 Oct 2022 13:00:00 GMT"}, 3600),
        (DATED | {"expires": "Fri, 01 Jan 2100 00:00:00 GMT"}, MAX_INTERVAL_S),
        (DATED | {"expires": "Sun, 09 Oct 2022 11:00:00 GMT"}, None),
        (DATED | {"expires": "0"}, None),
        ({"expires": "Sun, 09 Oct 2022 13:00:00 GMT"}, None),
        ({}, None),
    ],
)
def test_how_long_an_answer_stays_fresh(headers: dict[str, str], seconds: int | None) -> None:
    assert fresh_s(headers) == seconds


def test_periods() -> None:
    periods = [
        ("hourly", "2"),
        (" Daily ", None),
        ("daily", "0"),
        ("hourly", "x"),
        ("often", "1"),
        (None, "3"),
    ]
    assert [update_period_s(*one) for one in periods] == [1800, 86_400, 86_400, 3600, None, None]
    assert [ttl_s(text) for text in ("60", " 5 ", "-1", "1e3", "9999999", None)] == [
        3600,
        300,
        None,
        None,
        None,
        None,
    ]


def test_skipped_hours_and_days_are_left_out() -> None:
    assert not_skipped(SUNDAY, None) == SUNDAY
    assert not_skipped(SUNDAY, "11 13 Saturday") == SUNDAY
    assert not_skipped(SUNDAY, "12 13") == SUNDAY.replace(hour=14, minute=0)
    assert not_skipped(SUNDAY, "0 Sunday") == datetime(2022, 10, 10, 1, tzinfo=UTC)
    assert not_skipped(SUNDAY, " ".join(map(str, range(24)))) == SUNDAY
    assert (
        skip_times_in(b"<skiphours><HOUR> 3</HOUR><hour>x</hour><hour>25</hour></skiphours>")
        == "1 3"
    )
    assert skip_times_in(b"<skipHours><hour>3") is None


@given(
    st.one_of(st.none(), st.integers(1, 10**6)),
    st.one_of(st.none(), st.integers(1, 2**31)),
    st.one_of(st.none(), st.floats(0, 1e10)),
    st.booleans(),
)
def test_intervals_stay_within_bounds(
    current: int | None, gap_s: int | None, idle_s: float | None, changed: bool
) -> None:
    found = next_interval_s(current, gap_s=gap_s, idle_s=idle_s, changed=changed)
    assert MIN_INTERVAL_S <= found <= MAX_INTERVAL_S


@given(st.text(max_size=60), st.binary(max_size=200))
def test_no_input_raises(text: str, data: bytes) -> None:
    fresh_s({"cache-control": text, "date": text, "expires": text})
    not_skipped(SUNDAY, skip_times_in(data))
    for stated in (text, f"11 Oct 2022 08:00 {text}", f"{text} 11/10/2022"):
        credible(first_stated([stated], SUNDAY), SUNDAY)
    assert not_skipped(SUNDAY, text) - SUNDAY <= timedelta(days=3)
