"""Heavy work in processes of its own: one pool a worker process, each piece of work with its own time limit.

Processes, not threads: parsers in C have crashed in threads, and a page that hangs or kills its process must cost only
itself.
"""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar

import apache_beam as beam
from apache_beam.pvalue import TaggedOutput
from apache_beam.utils.shared import Shared
from apache_beam.utils.windowed_value import WindowedValue
from pebble import ProcessExpired, ProcessPool

from transforms.errors import NewsbeamError

In = TypeVar("In")
Out = TypeVar("Out")
_PRELOADED = ["transforms.core.extract.page", "transforms.core.events.article"]
_TASKS_PER_PROCESS = 2_000
"""After so many pieces of work a process is replaced: what parsers in C leak goes with it."""
_BACKLOG_PER_PROCESS = 4


@dataclass(frozen=True)
class PoolOptions:
    """How many processes a worker's pool has (0: work in the worker itself) and how long one piece may take.

    Transforms that are given the same options share one pool a worker process.
    """

    size: int = 1
    timeout_s: float = 60.0
    shared: Shared = field(default_factory=Shared, compare=False)


class _Pool:
    """A pool of processes that imports the parsers once; it ends with the last transform that uses it."""

    def __init__(self, size: int) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_PRELOADED)
        self._processes = ProcessPool(max_workers=size, max_tasks=_TASKS_PER_PROCESS, context=context)

    def submit(self, work: Callable[[Any], Any], item: object, timeout_s: float) -> Any:
        return self._processes.schedule(work, args=[item], timeout=timeout_s)

    def __del__(self) -> None:
        self._processes.stop()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class _Open:
    item: Any
    future: Any
    timestamp: Any
    window: Any


class PooledDoFn(beam.DoFn, Generic[In, Out]):
    """Applies a function in the pool; what it refuses, what takes too long, and what kills its process go to `rejects`.

    `work` is a plain function of a module; `refuse` makes a reject of an item and the error. Results come in the order
    of the items.
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
        size = self._options.size
        self._pool = self._options.shared.acquire(lambda: _Pool(size)) if size else None

    def start_bundle(self) -> None:
        """Begin with nothing open; a failed bundle may have left some."""
        self._open.clear()

    def process(
        self, item: In, timestamp: Any = beam.DoFn.TimestampParam, window: Any = beam.DoFn.WindowParam
    ) -> Iterator[Any]:
        """Start the work; where enough is open, give out the oldest."""
        if self._pool is None:
            yield from _untimed(self._outputs(item, partial(self._work, item)))
            return
        future = self._pool.submit(self._work, item, self._options.timeout_s)
        self._open.append(_Open(item, future, timestamp, window))
        if len(self._open) > _BACKLOG_PER_PROCESS * self._options.size:
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
        done = settle(result, self._late, self._options.timeout_s)
        if isinstance(done, NewsbeamError):
            yield "rejects", self._refuse(item, done)
        else:
            yield None, done


def settle(result: Callable[[], Out], late: type[NewsbeamError], timeout_s: float) -> Out | NewsbeamError:
    """Return a result, or the error instead of one: the stage's own, or `late` for what hung or killed its process."""
    stage = late.stage.upper()
    try:
        return result()
    except NewsbeamError as error:
        return error
    except LateError:
        return late(f"took over {timeout_s:.0f} s", reason=f"E_{stage}_TIMEOUT")
    except ProcessExpired as error:
        return late(f"the process that worked on it died ({error})", reason=f"E_{stage}_CRASH")


def ordered_map(
    work: Callable[[In], Out], items: Iterable[In], late: type[NewsbeamError], options: PoolOptions
) -> Iterator[tuple[In, Out | NewsbeamError]]:
    """Yield each item with its result or error, in order, without a pipeline; few are open at a time."""
    if not options.size:
        for item in items:
            yield item, settle(partial(work, item), late, options.timeout_s)
        return
    pool = _Pool(options.size)
    waiting: deque[tuple[In, Any]] = deque()
    for item in items:
        waiting.append((item, pool.submit(work, item, options.timeout_s)))
        if len(waiting) > _BACKLOG_PER_PROCESS * options.size:
            first, future = waiting.popleft()
            yield first, settle(future.result, late, options.timeout_s)
    for first, future in waiting:
        yield first, settle(future.result, late, options.timeout_s)


def _untimed(outcome: Iterator[tuple[str | None, Any]]) -> Iterator[Any]:
    for tag, value in outcome:
        yield value if tag is None else TaggedOutput(tag, value)
