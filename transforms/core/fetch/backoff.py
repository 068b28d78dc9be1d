"""How long to wait before trying again."""

import math
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

MAX_ATTEMPTS = 5
FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(days=1)
DEFAULT_BACKOFF_S = 120.0
"""How long a site is left alone that says 429 and not for how long, or in words that nobody can read."""


def backoff(
    attempt: int, *, first: timedelta = FIRST_WAIT, longest: timedelta = LONGEST_WAIT
) -> timedelta:
    """Return the wait after the attempt-th failure in a row (from 1): doubling, bounded."""
    doublings = min(max(attempt - 1, 0), 40)
    return min(first * 2**doublings if doublings < 20 else longest, longest)


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for (RFC 9110 10.2.3: seconds or a date), else None."""
    if value is None or len(value) > 100:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text), int(LONGEST_WAIT.total_seconds())))
    try:
        when = parsedate_to_datetime(text)
        aware = when if when.tzinfo else when.replace(tzinfo=UTC)
        seconds = (aware - now).total_seconds()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return (
        min(seconds, LONGEST_WAIT.total_seconds())
        if seconds > 0 and math.isfinite(seconds)
        else None
    )


def domain_backoff_s(status: int, asked_s: float | None) -> float | None:
    """Return the seconds for which a whole domain is left alone after a status and its Retry-After, None for none."""
    if status == 429:
        return DEFAULT_BACKOFF_S if asked_s is None else asked_s
    return asked_s if status == 503 else None
