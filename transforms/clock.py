"""Which run does an element belong to, and what time is it there? Stages serve a run and a stream of them alike."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from transforms.core.windows import Pane, pane_of


class Moment(NamedTuple):
    """A run's name and its clock."""

    run_id: str
    now: datetime


@dataclass(frozen=True, slots=True)
class RunClock:
    """Of a bounded run the name and the clock that it was given; of a stream, whose panes are of `pane_s` seconds, each
    pane is a run, and the clock is the element's own timestamp."""

    run_id: str
    now: datetime
    pane_s: int = 0

    def at(self, timestamp: Any) -> Moment:
        """Return the run and the time of an element, by its Beam timestamp."""
        if not self.pane_s:
            return Moment(self.run_id, self.now)
        now = datetime.fromtimestamp(timestamp.micros / 1e6, UTC)
        return Moment(self.pane(now).run_id, now)

    def pane(self, at: datetime) -> Pane:
        """Return the pane of a time."""
        return pane_of(self.run_id, self.pane_s, at)
