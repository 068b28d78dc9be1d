"""How far the work of this process is: items expected, begun and done, by part of the work.

Beam tells nothing about a step until it ends, so the steps count here. On an engine that works in
other processes nothing is counted in the process that waits for it.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """A part of the work, in the order in which a page goes through them."""

    POLLING = "polling"
    FETCHING = "fetching"
    READING = "reading"
    CODING = "coding"
    MERGING = "merging"


@dataclass(frozen=True, slots=True)
class PartCount:
    """Items of a part that are done, of all that are known of, and the seconds they took."""

    part: Part
    done: int
    total: int
    seconds: float

    @property
    def rate(self) -> float:
        """Items a second."""
        return self.done / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Seconds that the rest takes at this rate; None if that is not known."""
        return (self.total - self.done) / self.rate if self.done else None


class Activity:
    """Counts of the parts; threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.restart()

    def restart(self) -> None:
        """Forget all counts: a batch begins."""
        with self._lock:
            self._expected = Counter[Part]()
            self._begun = Counter[Part]()
            self._done = Counter[Part]()
            self._first_at: dict[Part, float] = {}
            self._last_at: dict[Part, float] = {}

    def expect(self, part: Part, n: int = 1) -> None:
        """Count items that will come."""
        with self._lock:
            self._expected[part] += n

    def begin(self, part: Part, n: int = 1) -> None:
        """Count items whose work has begun."""
        with self._lock:
            self._begun[part] += n
            self._first_at.setdefault(part, time.monotonic())

    def finish(self, part: Part, n: int = 1) -> None:
        """Count items that are done, with a result or without."""
        with self._lock:
            self._done[part] += n
            self._last_at[part] = time.monotonic()

    def counts(self) -> list[PartCount]:
        """Return the counts of the parts that have begun, in order."""
        with self._lock:
            return list(self._counts(time.monotonic()))

    def _counts(self, now: float) -> Iterator[PartCount]:
        for part in Part:
            if part in self._first_at:
                done = self._done[part]
                total = max(self._expected[part], self._begun[part], done)
                until = self._last_at[part] if done == total else now
                yield PartCount(part, done, total, until - self._first_at[part])


activity = Activity()
"""The work of this process: one run at a time, as with the counters of Beam's local runner."""
