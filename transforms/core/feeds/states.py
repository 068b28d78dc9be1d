"""The states of feeds between polls: new ones, those of a list, and what a skipped poll changes."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from transforms.core.feeds.domain_backoff import apply_domain_backoff
from transforms.core.urls import url_key
from transforms.records import FeedSource, FeedState


def new_state(source: FeedSource, now: datetime) -> FeedState:
    """Return the state of a feed that was never polled: due at once."""
    return FeedState(source=source, first_seen_at=now, snapshot_at=now)


def current_states(
    known: Mapping[str, FeedState], sources: Sequence[FeedSource], now: datetime
) -> list[FeedState]:
    """Return the states of a list's feeds: as the lake has them, as the list configures them.

    None is due before the backoff of its domain ends, whichever feed of the domain has it.
    """
    states = [_current_state(known.get(source.feed_id), source, now) for source in sources]
    return apply_domain_backoff(states, known.values(), now)


def all_due(known: Mapping[str, FeedState]) -> dict[str, FeedState]:
    """Return the states as if all feeds were due; backoffs of domains stay."""
    return {feed_id: replace(state, next_due_at=None) for feed_id, state in known.items()}


def next_due(
    known: Mapping[str, FeedState], sources: Sequence[FeedSource], now: datetime
) -> datetime | None:
    """Return when the first of a list's feeds is due after `now`; None if none has to wait."""
    states = (known.get(source.feed_id) for source in sources if source.enabled)
    times = (state.next_due_at for state in states if state is not None)
    return min((time for time in times if time is not None and time > now), default=None)


def orphaned(known: Mapping[str, FeedState], sources: Sequence[FeedSource]) -> frozenset[str]:
    """Return the URL keys of pages in retry queues of feeds that this run does not poll."""
    polled = {source.feed_id for source in sources}
    unpolled = [state for feed_id, state in known.items() if feed_id not in polled]
    keys: set[str] = set()
    for state in unpolled:
        keys.update(url_key(page.url) for page in state.pending)
    return frozenset(keys)


def defer(state: FeedState, now: datetime, wait_s: float | None) -> FeedState:
    """Return the state of a feed that was not requested: due after the wait, unchanged without."""
    if wait_s is None:
        return state
    return replace(state, next_due_at=now + timedelta(seconds=wait_s), snapshot_at=now)


def mark_disabled(state: FeedState, now: datetime) -> FeedState:
    """Return the state of a feed that is not due, with health `disabled` if its list says so."""
    if state.source.enabled or state.health == "disabled":
        return state
    return replace(
        state, health="disabled", health_reason="switched off in its list", snapshot_at=now
    )


def _current_state(known: FeedState | None, source: FeedSource, now: datetime) -> FeedState:
    if known is None:
        return new_state(source, now)
    return replace(known, source=_configured(known.source, source))


def _configured(known: FeedSource, listed: FeedSource) -> FeedSource:
    """Return the source as listed; what the list leaves open stays as the feed describes itself."""
    fields = {field.name: getattr(listed, field.name) for field in dataclasses.fields(listed)}
    given = {name: value for name, value in fields.items() if value not in (None, ())}
    return replace(known, **given)
