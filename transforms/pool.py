"""Run heavy work of stages in a pool of processes: one pool per Beam worker, shared by stages."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar

import apache_beam as beam
from apache_beam.pvalue import TaggedOutput
from apache_beam.utils.shared import Shared
from apache_beam.utils.windowed_value import WindowedValue

from transforms.activity import Part, activity
from transforms.errors import NewsbeamError
from transforms.processes import (
    BACKLOG,
    TIMEOUT_S,
    OverdueError,
    Processes,
    Task,
    is_past,
    result_or_error,
)

In = TypeVar("In")
Out = TypeVar("Out")


@dataclass(frozen=True)
class PoolOptions:
    """The number of processes of a worker's pool (0: work in the worker itself), and the time limit
    of one item; `deadline`, in seconds since the epoch, ends the work of stages that can owe items.

    Transforms with the same options share one pool per worker process.
    """

    size: int = 1
    timeout_s: float = TIMEOUT_S
    deadline: float | None = field(default=None, compare=False)
    shared: Shared = field(default_factory=Shared, compare=False)

    def join(self) -> Processes | None:
        """Return the worker's pool, started at the first call.

        None if the work is done in the worker itself.
        """
        size = self.size
        return self.shared.acquire(lambda: Processes(size)) if size else None


@dataclass(frozen=True, slots=True)
class _OpenItem:
    item: Any
    future: Task
    timestamp: Any
    window: Any


class PooledDoFn(beam.DoFn, Generic[In, Out]):
    """Applies a function in the pool; items that it refuses, that take too long, or that kill their
    process go to `rejects`.

    `work` is a module-level function, so that it can be pickled; `refuse` makes a reject of an item
    and the error. Timeouts, crashes and bugs become an `error_type`. Results are in the order of
    the items. With `part`, items are counted as that part of the run's work. With `owes`, items
    that are not done at the deadline go to `owed`.
    """

    def __init__(
        self,
        work: Callable[[In], Out],
        refuse: Callable[[In, NewsbeamError], Any],
        error_type: type[NewsbeamError],
        options: PoolOptions,
        part: Part | None = None,
        *,
        owes: bool = False,
    ) -> None:
        self._work = work
        self._part = part
        self._refuse = refuse
        self._error_type = error_type
        self._options = options
        self._deadline = options.deadline if owes else None
        self._open: deque[_OpenItem] = deque()

    def setup(self) -> None:
        """Join the worker's pool, or start it."""
        self._pool = self._options.join()

    def start_bundle(self) -> None:
        """Forget the open items of a bundle that failed."""
        self._open.clear()

    def process(
        self,
        item: In,
        timestamp: Any = beam.DoFn.TimestampParam,
        window: Any = beam.DoFn.WindowParam,
    ) -> Iterator[Any]:
        """Start the work; once enough items are open, wait for the oldest and yield its output."""
        if self._part is not None:
            activity.begin(self._part)
        if is_past(self._deadline):
            yield TaggedOutput("owed", self._finished(item))
            return
        if self._pool is None:
            yield from _tagged(self._outputs(item, partial(self._work, item)))
            return
        future = self._pool.submit(self._work, item, self._options.timeout_s)
        self._open.append(_OpenItem(item, future, timestamp, window))
        if len(self._open) > BACKLOG * self._options.size:
            yield from self._windowed(self._open.popleft())

    def finish_bundle(self) -> Iterator[Any]:
        """Yield the outputs of the items still open."""
        while self._open:
            yield from self._windowed(self._open.popleft())

    def _windowed(self, open_item: _OpenItem) -> Iterator[Any]:
        result = partial(open_item.future.result, self._deadline)
        for tag, value in self._outputs(open_item.item, result):
            windowed = WindowedValue(value, open_item.timestamp, (open_item.window,))
            yield windowed if tag is None else TaggedOutput(tag, windowed)

    def _outputs(self, item: In, result: Callable[[], Out]) -> Iterator[tuple[str | None, Any]]:
        try:
            outcome = result_or_error(result, self._error_type, self._options.timeout_s)
        except OverdueError:
            yield "owed", self._finished(item)
            return
        self._finished(item)
        if isinstance(outcome, NewsbeamError):
            yield "rejects", self._refuse(item, outcome)
        else:
            yield None, outcome

    def _finished(self, item: In) -> In:
        """Return an item, counted as one with which this run is done."""
        if self._part is not None:
            activity.finish(self._part)
        return item


def _tagged(outputs: Iterator[tuple[str | None, Any]]) -> Iterator[Any]:
    for tag, value in outputs:
        yield value if tag is None else TaggedOutput(tag, value)
