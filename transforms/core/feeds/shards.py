"""What a stream remembers of its feeds between two ticks, in shards of whole domains.

The lake holds the same, but only once a window has been merged. Until then the stream itself must
remember which feeds it has polled, and which pages of the lake's retry queues it has dequeued.
"""

import pickle
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from transforms.core.code_version import code_hash
from transforms.core.feeds.domain_backoff import apply_domain_backoff
from transforms.core.feeds.moves import polled_url
from transforms.core.ids import stable_id
from transforms.core.urls import registrable_domain
from transforms.records import FeedState, PendingPage

# Units of parallel work of a stream. A shard's feeds are polled at the same time and all feeds of a
# domain by one shard, which keeps its pace; more shards than workers even out their load. A
# judgement: each shard also costs a state that is written at every tick.
SHARDS = 32


@dataclass(frozen=True, slots=True)
class Shard:
    """The states of feeds as this stream left them, and the pages it dequeued.

    A page is forgotten once the lake's queue no longer has it.
    """

    feeds: dict[str, FeedState] = field(default_factory=dict)
    dequeued: frozenset[PendingPage] = frozenset()

    def current(self, listed: Sequence[FeedState], now: datetime) -> list[FeedState]:
        """Return the states to poll: the newer of the lake's (`listed`) and the stream's own.

        Their retry queues are the lake's without what was dequeued. None is due before the backoff
        of its domain ends.
        """
        states = [self._newer(state) for state in listed]
        return apply_domain_backoff(states, states, now)

    def after(
        self, listed: Sequence[FeedState], polled: Iterable[FeedState], now: datetime
    ) -> "Shard":
        """Return the shard after a tick with the states `polled`, which dequeued the due pages."""
        ids = {state.source.feed_id for state in listed}
        feeds = {feed_id: state for feed_id, state in self.feeds.items() if feed_id in ids}
        for state in polled:
            feeds[state.source.feed_id] = replace(state, pending=())
        queued = _queued_pages(listed)
        due = {page for page in queued if page.not_before <= now}
        return Shard(feeds, queued & (self.dequeued | due))

    def _newer(self, listed: FeedState) -> FeedState:
        own = self.feeds.get(listed.source.feed_id, listed)
        # The state of a feed that the lake has not seen polled is made for each tick, with the
        # tick's time: it is not newer.
        lake_is_newer = listed.last_fetch_at is not None and own.snapshot_at < listed.snapshot_at
        newer = listed if lake_is_newer else own
        pending = tuple(page for page in listed.pending if page not in self.dequeued)
        return replace(newer, pending=pending)


def shard_of(state: FeedState) -> str:
    """Return the name of the shard that polls a feed."""
    # 32 bits of the domain's id spread evenly over the shards.
    number = int(stable_id(registrable_domain(polled_url(state)))[:8], 16) % SHARDS
    return f"{number:02d}"


def dump_shard(shard: Shard) -> bytes:
    """Return a shard as bytes for the engine's state."""
    # Fastest compression: this runs at every tick, and states are repetitive.
    return code_hash().encode() + b"\n" + zlib.compress(pickle.dumps(shard), 1)


def load_shard(data: bytes | None) -> Shard:
    """Return a shard from the engine's state; an empty one if other code wrote it, or none.

    Nothing is lost then: the lake's states are at most a window older, and links are deduplicated.
    """
    made_by, _, packed = (data or b"").partition(b"\n")
    if made_by != code_hash().encode():
        return Shard()
    shard: Shard = pickle.loads(zlib.decompress(packed))  # noqa: S301 - written by dump_shard
    return shard


def _queued_pages(states: Iterable[FeedState]) -> frozenset[PendingPage]:
    pages: set[PendingPage] = set()
    for state in states:
        pages.update(state.pending)
    return frozenset(pages)
