"""What a stream remembers of its feeds between two ticks, in shards of whole domains.

The lake holds the same, but only after a window has been merged. Until then the stream must know by itself which feeds it
has polled, and which of the pages that the lake says are owed it has taken.
"""

import pickle
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from transforms.core.code_version import code_hash
from transforms.core.feeds.poll import apply_domain_backoff, polled_url
from transforms.core.ids import stable_id
from transforms.core.urls import registrable_domain
from transforms.records import FeedState, PendingPage

SHARDS = 32
"""A shard's feeds are asked at the same time, and a domain's all by one shard, which keeps its pace."""


@dataclass(frozen=True, slots=True)
class Shard:
    """The states of feeds as this stream left them, and the owed pages that it took and the lake still lists."""

    feeds: dict[str, FeedState] = field(default_factory=dict)
    taken: frozenset[PendingPage] = frozenset()

    def current(self, listed: Sequence[FeedState], now: datetime) -> list[FeedState]:
        """Return the states to poll: of the lake's and the stream's own the newer, with the pages owed and not taken.

        None is due before its domain may be asked again.
        """
        states = [self._newer(state) for state in listed]
        return apply_domain_backoff(states, states, now)

    def after(
        self, listed: Sequence[FeedState], polled: Iterable[FeedState], now: datetime
    ) -> "Shard":
        """Return what is remembered after a tick: the states that it changed, and what it took of the pages owed."""
        ids = {state.source.feed_id for state in listed}
        own = {i: state for i, state in self.feeds.items() if i in ids}
        own |= {state.source.feed_id: replace(state, pending=()) for state in polled}
        owed = frozenset(page for state in listed for page in state.pending)
        return Shard(own, owed & (self.taken | {page for page in owed if page.not_before <= now}))

    def _newer(self, listed: FeedState) -> FeedState:
        newer = self.feeds.get(listed.source.feed_id, listed)
        if listed.last_fetch_at is not None and newer.snapshot_at < listed.snapshot_at:
            newer = listed
        return replace(
            newer, pending=tuple(page for page in listed.pending if page not in self.taken)
        )


def shard_of(state: FeedState) -> str:
    """Return the name of the shard that polls a feed."""
    return f"{int(stable_id(registrable_domain(polled_url(state)))[:8], 16) % SHARDS:02d}"


def dump_shard(shard: Shard) -> bytes:
    """Return a shard as the engine keeps it."""
    return code_hash().encode() + b"\n" + zlib.compress(pickle.dumps(shard), 1)


def load_shard(data: bytes | None) -> Shard:
    """Return a shard from the engine's keeping; an empty one where there is none, or where other code made it.

    Nothing is lost then: what the lake says of a feed is at most a window older, and links are taken once.
    """
    made_by, _, packed = (data or b"").partition(b"\n")
    if made_by != code_hash().encode():
        return Shard()
    shard: Shard = pickle.loads(zlib.decompress(packed))  # noqa: S301 - our own, from the engine's state
    return shard
