"""When was an item published? In UTC, or not at all where the feed's word cannot be true."""

import calendar
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

FUTURE_TOLERANCE = timedelta(hours=48)
# A date before the day after the epoch is a zero that was printed as a date.
_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)


def from_struct(value: time.struct_time | Sequence[int] | None) -> datetime | None:
    """Return feedparser's UTC tuple as a time; None where it is none or impossible."""
    if value is None:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(tuple(value)), tz=UTC)
    except (ValueError, OverflowError, TypeError, OSError, IndexError):
        return None


def from_iso(value: object) -> datetime | None:
    """Return an RFC 3339 text as a time in UTC; one without a zone is taken as UTC."""
    if not isinstance(value, str) or not 10 <= len(value.strip()) <= 64:
        return None
    try:
        when = datetime.fromisoformat(value.strip())
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def plausible(when: datetime | None, now: datetime | None) -> datetime | None:
    """Return the time unless it is absurd: at or before the epoch, or more than 48 hours ahead of `now`."""
    if when is None or when < _EARLIEST:
        return None
    if now is not None and when > now + FUTURE_TOLERANCE:
        return None
    return when
