"""How long to wait before another attempt, as failures and the server's Retry-After demand."""

import math
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# Attempts at one page. With doubling waits from FIRST_WAIT they span over an hour, which outlasts a
# restart; a server that is down for longer has its pages fetched by a replay.
MAX_ATTEMPTS = 5

# Wait after the first failure: about as long as a restart of a server takes.
FIRST_WAIT = timedelta(minutes=5)

# No wait is longer, whatever a server asks for: news is old by then.
LONGEST_WAIT = timedelta(days=1)

# Backoff of a site that answers 429 without a readable Retry-After. A judgement: longer than the
# windows of a minute in which servers commonly count requests.
DEFAULT_BACKOFF_S = 120.0

# 2**20 seconds are 12 days, over LONGEST_WAIT; large powers would overflow a timedelta.
_MAX_DOUBLINGS = 20
# A date in a header has about 30 characters.
_MAX_HEADER = 100


def backoff(
    attempt: int, *, first: timedelta = FIRST_WAIT, longest: timedelta = LONGEST_WAIT
) -> timedelta:
    """Return the wait after the attempt-th failure in a row, counted from 1.

    It doubles with each failure, from `first` to `longest`.
    """
    doublings = max(attempt - 1, 0)
    if doublings >= _MAX_DOUBLINGS:
        return longest
    wait: timedelta = min(first * 2**doublings, longest)
    return wait


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Return the seconds of a Retry-After header (RFC 9110 10.2.3), at most LONGEST_WAIT.

    None for one that is neither a number of seconds nor a date to come.
    """
    if value is None or len(value) > _MAX_HEADER:
        return None
    longest_s = LONGEST_WAIT.total_seconds()
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text), int(longest_s)))
    try:
        when = parsedate_to_datetime(text)
        aware = when if when.tzinfo else when.replace(tzinfo=UTC)
        seconds = (aware - now).total_seconds()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    if seconds <= 0 or not math.isfinite(seconds):
        return None
    return min(seconds, longest_s)


def domain_backoff_s(status: int, retry_after_s: float | None) -> float | None:
    """Return the seconds for which a whole domain is not requested after a status, or None.

    429 always asks for that, 503 with a Retry-After.
    """
    if status == 429:
        return DEFAULT_BACKOFF_S if retry_after_s is None else retry_after_s
    return retry_after_s if status == 503 else None
