"""Is a feed well? What its last poll and its newest item say, in one word and a reason.

ok; slow (its server took long); stale (no new item for long, as measured by its own rhythm); failing (three polls in a
row); gone (its server says 410); disabled (by its list). What needs a human: gone, failing and stale.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from transforms.records import FeedState

WORST_FIRST = ("gone", "failing", "stale", "slow", "ok", "disabled")
NEEDS_HUMAN = frozenset({"gone", "failing", "stale"})
SLOW_MS = 10_000
STALE_AFTER_GAPS = 10
STALE_AT_LEAST = timedelta(days=3)
STALE_AT_MOST = timedelta(days=180)
STALE_UNKNOWN = timedelta(days=30)
NO_ITEMS = "no item in the document"


def judge(
    state: FeedState, now: datetime, *, duration_ms: int | None = None
) -> tuple[str, str | None]:
    """Return health and reason of a feed whose poll succeeded."""
    rest = now - state.last_item_at if state.last_item_at else None
    if rest is not None and rest > stale_after(state.item_gap_s):
        return "stale", f"newest item is of {state.last_item_at:%Y-%m-%d}"
    if duration_ms is not None and duration_ms >= SLOW_MS:
        return "slow", f"took {duration_ms / 1000:.0f} s to answer"
    return "ok", None


def stale_after(gap_s: int | None) -> timedelta:
    """Return how long a feed may bring nothing: ten of its usual gaps, three days to half a year; else a month."""
    if gap_s is None:
        return STALE_UNKNOWN
    return min(max(timedelta(seconds=gap_s * STALE_AFTER_GAPS), STALE_AT_LEAST), STALE_AT_MOST)


def worst_first(states: Iterable[FeedState]) -> list[FeedState]:
    """Return the feeds in the order in which they need attention."""
    rank = {name: place for place, name in enumerate(WORST_FIRST)}
    return sorted(
        states,
        key=lambda s: (
            rank.get(s.health, len(rank)),
            -s.consecutive_failures,
            s.source.feed_url.lower(),
        ),
    )
