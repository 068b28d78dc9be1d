"""A stream's windows: spans of time, each merged into the lake in one commit and recorded as one
run.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class RunWindow:
    """The span [`start`, `end`), and the name of the run that it is."""

    run_id: str
    start: datetime
    end: datetime


def window_of(stream: str, window_s: int, at: datetime) -> RunWindow:
    """Return the window of a stream that a time lies in: windows of `window_s` seconds are counted
    from 1970, as windows are.

    Its name follows from the stream's and its start, so that work done twice has the same name.
    """
    start = datetime.fromtimestamp(int(at.timestamp()) // window_s * window_s, UTC)
    return RunWindow(f"{stream}-{start:%Y%m%dT%H%M%SZ}", start, start + timedelta(seconds=window_s))


def is_stale(tick: datetime, every_s: float, now: datetime) -> bool:
    """Tell whether a tick comes so late that the next is there: after a stop they all come at once,
    and one will do.
    """
    return (now - tick).total_seconds() > max(every_s, 60.0)
