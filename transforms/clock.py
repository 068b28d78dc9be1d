"""The run that an element belongs to and the time there, for bounded runs and streams alike."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from transforms.core.windows import RunWindow, window_of


class Moment(NamedTuple):
    """A run's id and its clock."""

    run_id: str
    now: datetime


@dataclass(frozen=True, slots=True)
class RunClock:
    """The run and time of elements.

    A bounded run has the id and the clock it was given. In a stream, whose windows last `window_s`
    seconds, each window is a run, and the clock is the element's timestamp.
    """

    run_id: str
    now: datetime
    window_s: int = 0

    def at(self, timestamp: Any) -> Moment:
        """Return the run and the time of an element, from its Beam timestamp."""
        if not self.window_s:
            return Moment(self.run_id, self.now)
        now = datetime.fromtimestamp(timestamp.micros / 1e6, UTC)
        return Moment(self.window_at(now).run_id, now)

    def window_at(self, at: datetime) -> RunWindow:
        """Return the window that a time lies in."""
        return window_of(self.run_id, self.window_s, at)
