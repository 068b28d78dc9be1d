"""A feed's health, judged by its last poll and its newest item: a status and a reason.

ok; slow (its server took long to respond); stale (no new item for unusually long); failing (three
polls in a row failed, or all polls of a feed that never succeeded); gone (its server answers 410);
disabled (in its list). Gone, failing and stale feeds need a human.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from transforms.records import FeedState

WORST_FIRST = ("gone", "failing", "stale", "slow", "ok", "disabled")
NEEDS_HUMAN = frozenset({"gone", "failing", "stale"})
NO_ITEMS = "no item in the document"

# A third of the time limit of a request (30 s): the server may soon not answer in time.
SLOW_MS = 10_000

# A feed is stale after ten of its usual gaps. A judgement: fewer would call pauses at nights and
# weekends stale.
STALE_AFTER_GAPS = 10

# A busy feed is not stale over a weekend.
STALE_AT_LEAST = timedelta(days=3)

# A judgement: a feed that rarely has news still has some within half a year.
STALE_AT_MOST = timedelta(days=180)

# For feeds without a known gap, since fewer than three of their items have dates. A judgement.
STALE_UNKNOWN = timedelta(days=30)

# Longest `health_reason`, in characters: it is shown in a table.
MAX_REASON = 400


def judge(
    state: FeedState, now: datetime, *, duration_ms: int | None = None
) -> tuple[str, str | None]:
    """Return health and reason of a feed whose poll succeeded."""
    idle = now - state.last_item_at if state.last_item_at else None
    if idle is not None and idle > stale_after(state.item_gap_s):
        return "stale", f"newest item is of {state.last_item_at:%Y-%m-%d}"
    if duration_ms is not None and duration_ms >= SLOW_MS:
        return "slow", f"took {duration_ms / 1000:.0f} s to answer"
    return "ok", None


def stale_after(gap_s: int | None) -> timedelta:
    """Return how long a feed may have no new item: ten of its usual gaps, 3 to 180 days.

    30 days if `gap_s`, the usual seconds between items, is unknown.
    """
    if gap_s is None:
        return STALE_UNKNOWN
    return min(max(timedelta(seconds=gap_s * STALE_AFTER_GAPS), STALE_AT_LEAST), STALE_AT_MOST)


def count_by_health(states: Iterable[FeedState]) -> dict[str, int]:
    """Return the number of feeds of each health, worst first, zeros included."""
    counts = Counter(state.health for state in states)
    return {health: counts[health] for health in WORST_FIRST}


def worst_first(states: Iterable[FeedState]) -> list[FeedState]:
    """Return the feeds in the order in which they need attention."""
    rank = {health: number for number, health in enumerate(WORST_FIRST)}

    def urgency(state: FeedState) -> tuple[int, int, str]:
        return (
            rank.get(state.health, len(rank)),
            -state.consecutive_failures,
            state.source.feed_url.lower(),
        )

    return sorted(states, key=urgency)
