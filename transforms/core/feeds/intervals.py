"""How long to wait until the next poll of a feed, by how often it has new items."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from transforms.core.feeds.hints import bounded

# Interval of a feed of which nothing is known yet: an hour, between the bounds of 10 min and 6 h.
DEFAULT_INTERVAL_S = 3600

# The newest items show the present rhythm; older ones may be of another season.
_NEWEST = 20
# Two dates give a single gap, which may be an exception.
_FEWEST = 3
# Feeds whose items carry one time for a whole batch have gaps of 0.
_SHORTEST_GAP_S = 60
# The column is a 32-bit integer.
_LONGEST_GAP_S = 2**31 - 1
# The gap of an idle feed counts as at least the time since its newest item, divided by this: the
# feed slows down gradually. A judgement.
_IDLE_SHARE = 4
# Polls are twice as frequent as items, so that an item waits for half its gap at most.
_POLLS_PER_GAP = 2
# Factors of the interval without dates. A judgement: if every second poll finds a change, the
# interval still grows slowly (0.75 * 1.5 > 1).
_AFTER_CHANGE, _AFTER_NO_CHANGE = 0.75, 1.5
# An interval changes by this factor at most, so that one odd document does not upset it.
_MAX_CHANGE = 2


def item_gap_s(dates: Iterable[datetime]) -> int | None:
    """Return the usual seconds between the newest 20 items; None for fewer than three dates."""
    newest = list(islice(sorted(dates, reverse=True), _NEWEST))
    if len(newest) < _FEWEST:
        return None
    span = (newest[0] - newest[-1]).total_seconds()
    return int(min(max(span / (len(newest) - 1), _SHORTEST_GAP_S), _LONGEST_GAP_S))


def next_interval_s(
    current: int | None, *, gap_s: int | None, idle_s: float | None, changed: bool
) -> int:
    """Return the seconds until the next poll, within the bounds, at most twice or half `current`.

    If item dates give the gap, the interval is half of it, and longer while the feed is idle
    (`idle_s` since its newest item). Else it shrinks after a change of the document and grows
    without one.
    """
    last = current or DEFAULT_INTERVAL_S
    if gap_s is not None:
        target = max(gap_s, (idle_s or 0) / _IDLE_SHARE) / _POLLS_PER_GAP
    elif current is None:
        target = last
    else:
        target = last * (_AFTER_CHANGE if changed else _AFTER_NO_CHANGE)
    return bounded(min(max(target, last / _MAX_CHANGE), last * _MAX_CHANGE))
