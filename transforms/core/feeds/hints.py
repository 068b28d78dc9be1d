"""How often a publisher requests its feed to be polled, in its document and in HTTP headers.

The requests are bounded, so that no feed is polled too often or too seldom.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# A feed is polled at most every ten minutes and at least every six hours, whatever it requests:
# items fall out of a feed that is polled too seldom, and a time to live of a day is mostly the
# default of its software. Only skipHours, skipDays, failures and Retry-After make a feed wait
# longer.
MIN_INTERVAL_S = 600
MAX_INTERVAL_S = 6 * 3600

_PERIODS = {
    "hourly": 3600,
    "daily": 86_400,
    "weekly": 604_800,
    "monthly": 2_592_000,
    "yearly": 31_536_000,
}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# skipHours and skipDays are among a channel's first elements, before its items.
_MAX_HEAD = 64 * 1024
# 24 hours are the most that RSS allows; a few repeated ones are tolerated.
_MAX_SKIPS = 40
# The longest a skip lasts: a feed that skips all days would never be polled.
_LONGEST_SKIP_H = 72
# Times to live (in minutes) and frequencies with more digits are mistakes.
_MAX_DIGITS = 6
# An HTTP date has 29 characters; this leaves room for other forms, and bounds the parser's work.
_MAX_DATE_CHARS = 60


def bounded(seconds: float) -> int:
    """Return an interval within MIN_INTERVAL_S and MAX_INTERVAL_S."""
    return int(min(max(seconds, MIN_INTERVAL_S), MAX_INTERVAL_S))


def ttl_s(value: object) -> int | None:
    """Return RSS's time to live, stated in minutes, in seconds."""
    minutes = _small_number(value)
    return None if minutes is None else minutes * 60


def update_period_s(period: object, frequency: object) -> int | None:
    """Return the seconds between updates by RSS 1.0's syndication module.

    None if no known period is given.
    """
    seconds = _PERIODS.get(str(period or "").strip().lower())
    times = _small_number(frequency)
    if seconds is None or times is None:
        return seconds
    return seconds // max(1, times)


def skip_times_in(document: bytes) -> str | None:
    """Return the hours (GMT) and days of skipHours and skipDays, e.g. `0 1 Saturday`, or None."""
    head = document[:_MAX_HEAD]
    stated_hours = _values(head, b"skipHours", b"hour")
    # Hour 24, which RSS 0.91 allows, is 0.
    hours = {str(int(text) % 24) for text in stated_hours if text.isdigit() and len(text) < 3}
    days = {text.capitalize() for text in _values(head, b"skipDays", b"day")}
    listed = sorted(hours, key=int) + [day for day in _DAYS if day in days]
    return " ".join(listed) or None


def not_skipped(when: datetime, skip_times: str | None) -> datetime:
    """Return the first time from `when` on that the feed does not skip.

    It is `when` itself if the feed skips three whole days.
    """
    skipped = frozenset((skip_times or "").split())
    if not skipped:
        return when
    later = when
    for _ in range(_LONGEST_SKIP_H):
        if str(later.hour) not in skipped and _DAYS[later.weekday()] not in skipped:
            return later
        later = later.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return when


def fresh_s(headers: Mapping[str, str]) -> int | None:
    """Return the seconds for which a response is fresh (RFC 9111 4.2.1), at most MAX_INTERVAL_S.

    max-age takes precedence over Expires. None if neither is given, and for no-cache.
    """
    directives = [part.strip().lower() for part in headers.get("cache-control", "").split(",")]
    if "no-cache" in directives or "no-store" in directives:
        return None
    for directive in directives:
        if directive.startswith("max-age="):
            return _age_s(directive.removeprefix("max-age=").strip('"'))
    sent_at, expires_at = _date(headers.get("date")), _date(headers.get("expires"))
    if sent_at is None or expires_at is None or expires_at <= sent_at:
        return None
    return int(min((expires_at - sent_at).total_seconds(), MAX_INTERVAL_S))


def longest(intervals: Sequence[int | None]) -> int | None:
    """Return the longest of the intervals that are known and not 0; None without one."""
    return max((interval for interval in intervals if interval), default=None)


def _small_number(value: object) -> int | None:
    text = str(value or "").strip()
    is_number = text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
    return int(text) if is_number else None


def _age_s(text: str) -> int | None:
    """Return a max-age; nine digits of a longer one are enough to be over the greatest interval."""
    if not (text.isascii() and text.isdigit()):
        return None
    return min(int(text[:9]), MAX_INTERVAL_S)


def _values(head: bytes, outer: bytes, inner: bytes) -> list[str]:
    """Return the texts of the `inner` elements in the first `outer` one, in linear time."""
    lower = head.lower()
    start = lower.find(b"<%b>" % outer.lower())
    end = lower.find(b"</%b" % outer.lower(), start)
    if start < 0 or end < 0:
        return []
    parts = lower[start:end].split(b"<%b>" % inner)[1 : _MAX_SKIPS + 1]
    # The longest value is "wednesday".
    return [part.split(b"<", 1)[0].strip()[:20].decode("ascii", "replace") for part in parts]


def _date(text: str | None) -> datetime | None:
    try:
        when = parsedate_to_datetime((text or "")[:_MAX_DATE_CHARS])
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
