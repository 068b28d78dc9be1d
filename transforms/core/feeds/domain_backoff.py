"""Backoff of a domain: none of its feeds is due before the wait that its server asked for ends."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from transforms.core.feeds.moves import polled_url
from transforms.core.urls import registrable_domain
from transforms.records import FeedState


def apply_domain_backoff(
    states: Iterable[FeedState], known: Iterable[FeedState], now: datetime
) -> list[FeedState]:
    """Return the states, none due before the backoff of its domain ends.

    `known` are all feeds of the lake, polled or not: each may have the domain's backoff.
    """
    backoffs = _backoffs(known, now)
    if not backoffs:
        return list(states)
    return [_not_due_before(state, backoffs.get(_domain(state)), now) for state in states]


def _backoffs(known: Iterable[FeedState], now: datetime) -> dict[str, datetime]:
    """Return when the backoff of each domain ends, if it has not ended."""
    ends: dict[str, datetime] = {}
    for state in known:
        if state.backoff_until is not None and state.backoff_until > now:
            domain = _domain(state)
            ends[domain] = max(ends.get(domain, now), state.backoff_until)
    return ends


def _not_due_before(state: FeedState, until: datetime | None, now: datetime) -> FeedState:
    due_at = max(state.next_due_at or now, now)
    if until is None or until <= due_at:
        return state
    return replace(state, next_due_at=until)


def _domain(state: FeedState) -> str:
    return registrable_domain(polled_url(state))
