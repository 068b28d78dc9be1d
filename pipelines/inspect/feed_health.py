"""Feed lists and the feeds of a lake, for the commands that print and convert them."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime

from pipelines.inspect.pending import say_if_pending
from transforms.core.feeds.health import NEEDS_HUMAN, worst_first
from transforms.core.feeds.lists import FeedList, merged_feed_lists
from transforms.core.feeds.moves import polled_url
from transforms.core.lake.log.preflight import ABOUT
from transforms.errors import ConfigError
from transforms.lake_to_read import queries_on
from transforms.lake_views import no_lake
from transforms.records import FeedState
from transforms.stores import open_store

_STATE_FIELDS = (
    "last_success_at",
    "last_fetch_at",
    "last_item_at",
    "next_due_at",
    "poll_interval_s",
    "consecutive_failures",
    "moved_to",
    "moved_count",
)


def health_rows(lake: str) -> list[dict[str, object]]:
    """Return source, health and state of each feed of a lake, worst first."""
    return [_row(state) for state in worst_first(_states(lake))]


def lake_feeds(lake: str) -> FeedList:
    """Return the feeds of a lake as a list, in the order of their folders and links."""
    sources = [state.source for state in _states(lake)]
    return FeedList(tuple(sorted(sources, key=lambda s: (s.folder or "", s.feed_url))))


def read_lists(names: Sequence[str]) -> FeedList:
    """Return the feeds of lists; a list without feeds is not an error."""
    if not names:
        raise ConfigError("name the feed lists to read: OPML, TOML, or files with one link a line")
    return merged_feed_lists(names)


def _states(lake: str) -> list[FeedState]:
    if open_store(lake).get(ABOUT) is None:
        raise no_lake(lake)
    say_if_pending(lake)
    return list(queries_on(lake).feed_states().values())


def _row(state: FeedState) -> dict[str, object]:
    source = dataclasses.asdict(state.source) | {"tags": list(state.source.tags)}
    fields = {name: _plain(getattr(state, name)) for name in _STATE_FIELDS}
    health = {
        "health": state.health,
        "health_reason": state.health_reason,
        "needs_human": state.health in NEEDS_HUMAN,
    }
    derived = {"polled_url": polled_url(state)}
    return health | source | derived | fields | {"pending": len(state.pending)}


def _plain(value: object) -> object:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
