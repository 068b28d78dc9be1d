"""The feeds of a list, each as its polls have left it in the lake."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime

from transforms.core.feeds.poll import apply_domain_backoff, new_state
from transforms.core.urls import url_key
from transforms.records import FeedSource, FeedState


def current_states(
    known: Mapping[str, FeedState], sources: Sequence[FeedSource], now: datetime
) -> list[FeedState]:
    """Return each feed's state in the lake, with what the user configured now; a new one's where it has none.

    None is due before its domain may be asked again, whatever feed of the domain was told so.
    """
    states = [
        dataclasses.replace(known[s.feed_id], source=_configured(known[s.feed_id].source, s))
        if s.feed_id in known
        else new_state(s, now)
        for s in sources
    ]
    return apply_domain_backoff(states, known.values(), now)


def orphaned(known: Mapping[str, FeedState], sources: Sequence[FeedSource]) -> frozenset[str]:
    """Return the links of pages that are owed to feeds which this run does not poll."""
    mine = {s.feed_id for s in sources}
    return frozenset(
        url_key(p.url) for i, state in known.items() if i not in mine for p in state.pending
    )


def _configured(known: FeedSource, said: FeedSource) -> FeedSource:
    """Return the source as configured; what the user leaves open stays as the feed itself last described it."""
    fields = {f.name: getattr(said, f.name) for f in dataclasses.fields(said)}
    return dataclasses.replace(known, **{k: v for k, v in fields.items() if v not in (None, ())})
