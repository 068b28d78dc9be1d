"""The windows of a stream: spans of time, each merged into the lake in one commit and recorded as
one run.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# With ticks seconds apart, a poll that takes a while must not make the next tick stale.
_MIN_STALE_S = 60.0


@dataclass(frozen=True, slots=True)
class RunWindow:
    """The span [`start`, `end`), and the id of its run."""

    run_id: str
    start: datetime
    end: datetime


def window_of(stream: str, window_s: int, at: datetime) -> RunWindow:
    """Return the window of a stream that contains a time; windows of `window_s` seconds are aligned
    to 1970, as Beam's fixed windows are.

    Its run id is made from the stream's name and its start, so that a retried window keeps its id.
    """
    start = datetime.fromtimestamp(int(at.timestamp()) // window_s * window_s, UTC)
    return RunWindow(f"{stream}-{start:%Y%m%dT%H%M%SZ}", start, start + timedelta(seconds=window_s))


def is_stale(tick: datetime, every_s: float, now: datetime) -> bool:
    """Return whether a tick is so late that the next one is due.

    After a pause all missed ticks arrive at once; only the latest needs to be processed.
    """
    return (now - tick).total_seconds() > max(every_s, _MIN_STALE_S)
