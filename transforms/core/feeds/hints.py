"""How often does a publisher want to be asked? Its document and its headers say so; what they say is bounded."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

MIN_INTERVAL_S = 600
MAX_INTERVAL_S = 6 * 3600
"""A feed is polled at most every ten minutes, and at least every six hours, whatever it asks for: items fall out of a
feed that is polled too seldom, and times to live of a day are mostly defaults that nobody meant. Only skipHours,
skipDays, failures and Retry-After make a feed wait longer."""

_PERIODS = {
    "hourly": 3600,
    "daily": 86_400,
    "weekly": 604_800,
    "monthly": 2_592_000,
    "yearly": 31_536_000,
}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MAX_HEAD = 64 * 1024
_MAX_SKIPS = 40
_LONGEST_SKIP_H = 72


def bounded(seconds: float) -> int:
    """Return an interval within the least and the greatest."""
    return int(min(max(seconds, MIN_INTERVAL_S), MAX_INTERVAL_S))


def ttl_s(value: object) -> int | None:
    """Return RSS's time to live, given in minutes, in seconds."""
    text = str(value or "").strip()
    return int(text) * 60 if text.isascii() and text.isdigit() and len(text) < 7 else None


def update_period_s(period: object, frequency: object) -> int | None:
    """Return how long one update lasts by the syndication module of RSS 1.0; None where no known period is given."""
    seconds = _PERIODS.get(str(period or "").strip().lower())
    if seconds is None:
        return None
    times = str(frequency or "").strip()
    return (
        seconds // max(1, int(times))
        if times.isascii() and times.isdigit() and len(times) < 7
        else seconds
    )


def skip_times_in(document: bytes) -> str | None:
    """Return the hours (GMT) and days of RSS's skipHours and skipDays, such as `0 1 Saturday`; None without any."""
    head = document[:_MAX_HEAD]
    hours = {
        str(int(text) % 24)
        for text in _values(head, b"skipHours", b"hour")
        if text.isdigit() and len(text) < 3
    }
    days = {text.capitalize() for text in _values(head, b"skipDays", b"day")}
    listed = sorted(hours, key=int) + [day for day in _DAYS if day in days]
    return " ".join(listed) or None


def not_skipped(when: datetime, skip_times: str | None) -> datetime:
    """Return the first time from `when` on that the feed does not ask to leave out; at most three days later."""
    words = frozenset((skip_times or "").split())
    if not words:
        return when
    later = when
    for _ in range(_LONGEST_SKIP_H):
        if str(later.hour) not in words and _DAYS[later.weekday()] not in words:
            return later
        later = later.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return when


def fresh_s(headers: Mapping[str, str]) -> int | None:
    """Return for how long an answer says it stays fresh: max-age, else Expires after Date (RFC 9111 4.2.1)."""
    control = [part.strip().lower() for part in headers.get("cache-control", "").split(",")]
    if "no-cache" in control or "no-store" in control:
        return None
    age = next(
        (
            part.removeprefix("max-age=").strip('"')
            for part in control
            if part.startswith("max-age=")
        ),
        None,
    )
    if age is not None:
        return min(int(age[:9]), MAX_INTERVAL_S) if age.isascii() and age.isdigit() else None
    said, until = _date(headers.get("date")), _date(headers.get("expires"))
    if said is None or until is None or until <= said:
        return None
    return int(min((until - said).total_seconds(), MAX_INTERVAL_S))


def longest(asked: Sequence[int | None]) -> int | None:
    """Return the longest of the intervals that are asked for."""
    return max((one for one in asked if one), default=None)


def _values(head: bytes, outer: bytes, inner: bytes) -> list[str]:
    """Return the texts of `inner` elements in the first `outer` one, in linear time."""
    lower = head.lower()
    start = lower.find(b"<%b>" % outer.lower())
    end = lower.find(b"</%b" % outer.lower(), start)
    if start < 0 or end < 0:
        return []
    parts = lower[start:end].split(b"<%b>" % inner)[1 : _MAX_SKIPS + 1]
    return [part.split(b"<", 1)[0].strip()[:20].decode("ascii", "replace") for part in parts]


def _date(text: str | None) -> datetime | None:
    try:
        when = parsedate_to_datetime((text or "")[:60])
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
