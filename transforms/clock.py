"""Which run does an element belong to, and what time is it there? Stages serve a run and a stream of them alike."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from transforms.core.windows import RunWindow, window_of


class Moment(NamedTuple):
    """A run's name and its clock."""

    run_id: str
    now: datetime


@dataclass(frozen=True, slots=True)
class RunClock:
    """Of a bounded run the name and the clock that it was given; of a stream, whose windows are of `window_s` seconds, each
    window is a run, and the clock is the element's own timestamp."""

    run_id: str
    now: datetime
    window_s: int = 0

    def at(self, timestamp: Any) -> Moment:
        """Return the run and the time of an element, by its Beam timestamp."""
        if not self.window_s:
            return Moment(self.run_id, self.now)
        now = datetime.fromtimestamp(timestamp.micros / 1e6, UTC)
        return Moment(self.window_at(now).run_id, now)

    def window_at(self, at: datetime) -> RunWindow:
        """Return the window of a time."""
        return window_of(self.run_id, self.window_s, at)
