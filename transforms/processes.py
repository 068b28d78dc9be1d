"""Heavy work in processes of its own, without a pipeline: each piece with its own time limit.

Processes, not threads: parsers in C have crashed in threads, and a page that hangs or kills its
process must cost only itself.
"""

import logging
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import TimeoutError as LateError
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from transforms.errors import NewsbeamError

_log = logging.getLogger(__name__)
In = TypeVar("In")
Out = TypeVar("Out")
TIMEOUT_S = 60.0
BACKLOG = 4
"""Pieces of work that are open at a time, for each process."""
_PRELOADED = [
    "transforms.core.extract.page",
    "transforms.core.events.article",
    "transforms.core.feeds.parse",
]
_TASKS_PER_PROCESS = 2_000
"""After so many pieces of work a process is replaced: what parsers in C leak goes with it."""


class Processes:
    """Processes that import the parsers once; they end with the last that uses them."""

    def __init__(self, size: int, preloaded: Sequence[str] = _PRELOADED) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(list(preloaded))
        self._pool = ProcessPool(
            max_workers=size, max_tasks=_TASKS_PER_PROCESS, context=context, initializer=_be_quiet
        )

    def submit(self, work: Callable[[Any], Any], item: object, timeout_s: float) -> Any:
        """Return the future of a piece of work."""
        return self._pool.schedule(work, args=[item], timeout=timeout_s)

    def __del__(self) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]


def _be_quiet() -> None:
    """Leave the telling to the main process: what a piece of work meets comes back as its
    result."""
    logging.getLogger().setLevel(logging.ERROR)


def result_or_error(
    result: Callable[[], Out], late: type[NewsbeamError], timeout_s: float
) -> Out | NewsbeamError:
    """Return a result, or the error instead of one: the stage's own, or a `late` for what hung,
    died, or met a bug.

    A bug that one input meets must not stop the run for all others, so it is logged and told like
    any other refusal.
    """
    stage = late.stage.upper()
    try:
        return result()
    except NewsbeamError as error:
        return error
    except LateError:
        return late(f"took over {timeout_s:.0f} s", reason=f"E_{stage}_TIMEOUT", retryable=True)
    except ProcessExpired as error:
        return late(
            f"the process that worked on it died ({error})",
            reason=f"E_{stage}_CRASH",
            retryable=True,
        )
    except BrokenProcessPool:
        raise
    except Exception as error:
        _log.exception("a bug in stage %s", late.stage)
        return late(f"{type(error).__name__}: {error}", reason=f"E_{stage}_BUG", retryable=True)


def ordered_map(
    work: Callable[[In], Out],
    items: Iterable[In],
    late: type[NewsbeamError],
    *,
    size: int,
    timeout_s: float = TIMEOUT_S,
    preloaded: Sequence[str] = _PRELOADED,
) -> Iterator[tuple[In, Out | NewsbeamError]]:
    """Yield each item with its result or error, in order, without a pipeline; few are open at a
    time.

    `preloaded` are the modules that the work needs, imported once for all processes.
    """
    if not size:
        for item in items:
            yield item, result_or_error(partial(work, item), late, timeout_s)
        return
    pool = Processes(size, preloaded)
    waiting: deque[tuple[In, Any]] = deque()
    for item in items:
        waiting.append((item, pool.submit(work, item, timeout_s)))
        if len(waiting) > BACKLOG * size:
            first, future = waiting.popleft()
            yield first, result_or_error(future.result, late, timeout_s)
    for first, future in waiting:
        yield first, result_or_error(future.result, late, timeout_s)
