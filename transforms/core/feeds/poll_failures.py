"""A poll that failed: when the feed and its domain are due again, and the feed's health."""

from dataclasses import replace
from datetime import datetime, timedelta

from transforms.core.feeds.document_faults import feed_reject
from transforms.core.feeds.health import MAX_REASON
from transforms.core.feeds.intervals import DEFAULT_INTERVAL_S
from transforms.core.feeds.moves import MAX_COUNT, forget_move, is_moved
from transforms.core.feeds.poll_types import Polled, PollResponse
from transforms.core.fetch.backoff import LONGEST_WAIT, backoff, domain_backoff_s
from transforms.core.fetch.headers import clean_text
from transforms.errors import NewsbeamError
from transforms.records import FeedState

# Failures in a row that make a feed `failing`. A judgement: fewer would raise alarms for outages of
# an hour, which pass by themselves.
FAILURES_UNTIL_FAILING = 3

# Wait of a feed whose server answers 410, which is likely to be permanent (RFC 9110 section
# 15.5.11): a request a month is enough to notice that it was a mistake.
GONE_WAIT = timedelta(days=30)

# As long as other messages in `rejects.message`, in characters.
_MAX_MESSAGE = 500


def failed_poll(
    state: FeedState, now: datetime, error: NewsbeamError, response: PollResponse
) -> Polled:
    """Return the outcome of a poll that brought no document, or one that is not a feed."""
    failures = state.consecutive_failures + 1
    is_gone = response.status == 410 and not is_moved(state)
    message = clean_text(str(error), _MAX_MESSAGE)
    backoff_s = _domain_backoff_s(response, is_gone=is_gone)
    after = replace(
        _without_lost_move(state, response, failures),
        poll_interval_s=state.poll_interval_s or DEFAULT_INTERVAL_S,
        next_due_at=now + _wait(state, response, failures, is_gone=is_gone),
        backoff_until=now + timedelta(seconds=backoff_s) if backoff_s else None,
        consecutive_failures=failures,
        health=_health(state, failures, is_gone=is_gone),
        health_reason=f"{error.reason}: {message}"[:MAX_REASON],
    )
    reject = replace(
        feed_reject(state, error.reason, message, error),
        retryable=not is_gone,
        attempt=min(failures, MAX_COUNT),
    )
    return Polled(state=after, status=str(getattr(error, "status", "ok")), rejects=(reject,))


def _without_lost_move(state: FeedState, response: PollResponse, failures: int) -> FeedState:
    """Return the state; if the URL it moved to is lost, the configured one is polled again.

    The configured URL may have been corrected in the meantime.
    """
    is_lost = response.status in {404, 410} or failures >= FAILURES_UNTIL_FAILING
    return forget_move(state) if is_moved(state) and is_lost else state


def _health(state: FeedState, failures: int, *, is_gone: bool) -> str:
    if is_gone:
        return "gone"
    # A feed that never succeeded has had no outage: its URL is likely to be wrong.
    is_failing = failures >= FAILURES_UNTIL_FAILING or state.last_success_at is None
    return "failing" if is_failing else state.health


def _wait(state: FeedState, response: PollResponse, failures: int, *, is_gone: bool) -> timedelta:
    """Return how long the feed waits: longer after each failure, at least as its server asks."""
    if is_gone:
        return GONE_WAIT
    # A feed that is polled seldom is tried again within the default interval.
    first_s = min(state.poll_interval_s or DEFAULT_INTERVAL_S, DEFAULT_INTERVAL_S)
    wait = backoff(failures, first=timedelta(seconds=first_s))
    return max(wait, timedelta(seconds=_retry_after_s(response) or 0))


def _domain_backoff_s(response: PollResponse, *, is_gone: bool) -> float | None:
    """Return for how long no feed of the domain is due; None if its server asked for no wait."""
    if is_gone:
        return None
    return domain_backoff_s(response.status or 0, _retry_after_s(response))


def _retry_after_s(response: PollResponse) -> float | None:
    if response.retry_after_s is None:
        return None
    return min(response.retry_after_s, LONGEST_WAIT.total_seconds())
