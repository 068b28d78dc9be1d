"""How often does a feed bring something, and when is it worth asking again?"""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from transforms.core.feeds.hints import bounded

DEFAULT_INTERVAL_S = 3600
_NEWEST = 20
_FEWEST = 3
_SHORTEST_GAP_S = 60
_IDLE_SHARE = 4


def item_gap_s(dates: Iterable[datetime]) -> int | None:
    """Return the usual seconds between the newest 20 items; None where fewer than three carry a date."""
    newest = list(islice(sorted(dates, reverse=True), _NEWEST))
    if len(newest) < _FEWEST:
        return None
    span = (newest[0] - newest[-1]).total_seconds()
    return int(min(max(span / (len(newest) - 1), _SHORTEST_GAP_S), 2**31 - 1))


def next_interval_s(
    current: int | None, *, gap_s: int | None, idle_s: float | None, changed: bool
) -> int:
    """Return the seconds until the next poll, within the least and the greatest; at most twice or half the last ones.

    Half the usual gap between items where their dates tell it, longer while the feed rests (`idle_s` since its newest
    item); else shorter after each change of the document and longer after each poll that brought none.
    """
    last = current or DEFAULT_INTERVAL_S
    if gap_s is not None:
        wanted = max(gap_s, (idle_s or 0) / _IDLE_SHARE) / 2
    elif current is None:
        wanted = last
    else:
        wanted = last * (0.75 if changed else 1.5)
    return bounded(min(max(wanted, last / 2), last * 2))
