"""A stage's heavy work on Beam: one pool of processes a worker, shared by its stages."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar

import apache_beam as beam
from apache_beam.pvalue import TaggedOutput
from apache_beam.utils.shared import Shared
from apache_beam.utils.windowed_value import WindowedValue

from transforms.errors import NewsbeamError
from transforms.processes import BACKLOG, TIMEOUT_S, Processes, result_or_error

In = TypeVar("In")
Out = TypeVar("Out")


@dataclass(frozen=True)
class PoolOptions:
    """How many processes a worker's pool has (0: work in the worker itself) and how long one piece
    may take.

    Transforms that are given the same options share one pool a worker process.
    """

    size: int = 1
    timeout_s: float = TIMEOUT_S
    shared: Shared = field(default_factory=Shared, compare=False)

    def join(self) -> Processes | None:
        """Return the worker's pool, started by who joins it first.

        None where the work is done in the worker itself.
        """
        size = self.size
        return self.shared.acquire(lambda: Processes(size)) if size else None


@dataclass(frozen=True, slots=True)
class _Open:
    item: Any
    future: Any
    timestamp: Any
    window: Any


class PooledDoFn(beam.DoFn, Generic[In, Out]):
    """Applies a function in the pool; what it refuses, what takes too long, and what kills its
    process go to `rejects`.

    `work` is a plain function of a module; `refuse` makes a reject of an item and the error.
    Results come in the order of the items.
    """

    def __init__(
        self,
        work: Callable[[In], Out],
        refuse: Callable[[In, NewsbeamError], Any],
        late: type[NewsbeamError],
        options: PoolOptions,
    ) -> None:
        self._work = work
        self._refuse = refuse
        self._late = late
        self._options = options
        self._open: deque[_Open] = deque()

    def setup(self) -> None:
        """Join the worker's pool, or start it."""
        self._pool = self._options.join()

    def start_bundle(self) -> None:
        """Begin with nothing open; a failed bundle may have left some."""
        self._open.clear()

    def process(
        self,
        item: In,
        timestamp: Any = beam.DoFn.TimestampParam,
        window: Any = beam.DoFn.WindowParam,
    ) -> Iterator[Any]:
        """Start the work; where enough is open, give out the oldest."""
        if self._pool is None:
            yield from _untimed(self._outputs(item, partial(self._work, item)))
            return
        future = self._pool.submit(self._work, item, self._options.timeout_s)
        self._open.append(_Open(item, future, timestamp, window))
        if len(self._open) > BACKLOG * self._options.size:
            yield from self._windowed(self._open.popleft())

    def finish_bundle(self) -> Iterator[Any]:
        """Give out what is still open."""
        while self._open:
            yield from self._windowed(self._open.popleft())

    def _windowed(self, done: _Open) -> Iterator[Any]:
        for tag, value in self._outputs(done.item, done.future.result):
            windowed = WindowedValue(value, done.timestamp, (done.window,))
            yield windowed if tag is None else TaggedOutput(tag, windowed)

    def _outputs(self, item: In, result: Callable[[], Out]) -> Iterator[tuple[str | None, Any]]:
        done = result_or_error(result, self._late, self._options.timeout_s)
        if isinstance(done, NewsbeamError):
            yield "rejects", self._refuse(item, done)
        else:
            yield None, done


def _untimed(outcome: Iterator[tuple[str | None, Any]]) -> Iterator[Any]:
    for tag, value in outcome:
        yield value if tag is None else TaggedOutput(tag, value)
