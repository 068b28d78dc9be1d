"""A pool of processes for heavy work, without Beam; each item has its own time limit.

Processes, not threads: parsers in C have crashed in threads, and a page that hangs or kills its
process must not affect others.
"""

import logging
import mmap
import os
import resource
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import TimeoutError as PoolTimeoutError
from concurrent.futures import wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.popen_forkserver import Popen
from pathlib import Path
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from transforms.errors import MachineError, NewsbeamError
from transforms.machine_faults import is_out_of_memory, machine_fault

_log = logging.getLogger(__name__)
In = TypeVar("In")
Out = TypeVar("Out")
# Most pages take milliseconds; one that takes a minute is stuck in a parser or a pattern.
TIMEOUT_S = 60.0
BACKLOG = 4
"""Items open at a time for each process: enough that none is idle while the oldest is waited for,
few enough that their pages fit in memory."""
_PRELOADED = [
    "transforms.core.extract.page",
    "transforms.core.clean.strip",
    "transforms.core.events.coder",
    "transforms.core.feeds.parse",
]
_TASKS_PER_PROCESS = 2_000
"""Items after which a process is replaced, to free the memory that parsers in C leak. More would
let a process grow; fewer would import the parsers more often."""
MEMORY_BYTES = 2 * 1024**3
"""Private memory of a process. With the model of English, and an article of 80,000 words, it takes
370 MB."""
_MEMORY_MB = MEMORY_BYTES // 1024**2
_OVER_LIMIT, _NO_MEMORY = 77, 78
"""The exit codes of a process that reached its limit of memory, and of one to which the system gave
less than its limit; no signal or shell uses them."""
_RESTARTS = 5
"""Pools that an item is given to. A judgement: idle processes are killed once in a while, by a
system short of memory or an operator; one item that loses five pools is on a machine that cannot
keep any.
"""
_LOOK_S = 1.0
"""Seconds between looks whether the pool of an item still works: rare enough to cost nothing,
and only a pool that broke at that moment is noticed so late."""
_SERVER_GONE = 255
"""The exit code that `multiprocessing` reports for a process whose server has died."""
_SAFE_PATH = "PYTHONSAFEPATH"
"""The variable that keeps Python from importing modules out of the working folder."""


@contextmanager
def _blocked(*numbers: signal.Signals) -> Iterator[None]:
    """Block signals of processes that are started meanwhile, which inherit the mask."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Process(ForkServerProcess):
    """A process of the pool, whose server does not import from the working folder."""

    @staticmethod
    def _Popen(process_obj: Any) -> Popen:  # noqa: N802
        """Start the process; the first one starts the server, and so does the next after its end.

        Python starts the server by `python -c`, which looks for modules in the working folder
        first: a file `select.py` there would be run.
        """
        before = os.environ.get(_SAFE_PATH)
        os.environ[_SAFE_PATH] = "1"
        # Terminals and systemd send a signal to the server and its processes too; they would print
        # tracebacks, or be started again. This process ends them.
        try:
            with _blocked(signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
                return Popen(process_obj)
        finally:
            if before is None:
                os.environ.pop(_SAFE_PATH, None)


class _Context(ForkServerContext):
    Process = _Process


_is_ending = threading.Event()


def refuse_work() -> None:
    """Let all pools raise MachineError from now on, since this process ends.

    A signal to all of a service's processes ends those of the pool too, and no item is to blame.
    """
    _is_ending.set()


def end_pools() -> None:
    """End the processes of all pools now, whatever they work on, and their server."""
    refuse_work()
    server: int | None = getattr(forkserver._forkserver, "_forkserver_pid", None)
    if server is None:
        return
    # It must start no more while its processes are killed.
    with suppress(ProcessLookupError):
        os.kill(server, signal.SIGSTOP)
        for process in [*_children(server), server]:
            os.kill(process, signal.SIGKILL)


def _children(parent: int) -> Iterator[int]:
    """Yield the ids of the processes that a process has started; none where there is no /proc."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # The name, in parentheses, may have spaces.
            if int(stat.read_text().rpartition(") ")[2].split()[1]) == parent:
                yield int(stat.parent.name)


def check_not_ending() -> None:
    """Raise MachineError if this process is to end."""
    if _is_ending.is_set():
        raise MachineError("this process was told to end")


class OverdueError(Exception):
    """The work on an item was not done at the deadline."""


class Processes:
    """Processes that import the parsers once; they end when the object is no longer used."""

    def __init__(self, size: int, preloaded: Sequence[str] = _PRELOADED) -> None:
        # Python's tracker of semaphores ignores Ctrl-C and SIGTERM, not that a terminal is closed;
        # it is needed to the end.
        with _blocked(signal.SIGHUP):
            resource_tracker.ensure_running()
        self._size = size
        self._context = _Context()
        self._context.set_forkserver_preload(list(preloaded))
        self._pool = self._new_pool()
        # Threads of a Beam worker share the pool.
        self._lock = threading.Lock()

    def submit(self, work: Callable[[Any], Any], item: object, timeout_s: float) -> "Task":
        """Start the work on an item and return it."""
        return Task(partial(self._schedule, work, item, timeout_s))

    def _new_pool(self) -> ProcessPool:
        return ProcessPool(
            max_workers=self._size,
            max_tasks=_TASKS_PER_PROCESS,
            context=self._context,
            initializer=_start_process,
        )

    def _schedule(
        self, work: Callable[[Any], Any], item: object, timeout_s: float
    ) -> tuple[ProcessPool, Any]:
        """Return the pool and the future of an item in it; a pool that broke is replaced.

        Raises MachineError if no pool starts.
        """
        check_not_ending()
        with self._lock:
            for _ in range(_RESTARTS):
                try:
                    return self._pool, self._pool.schedule(
                        _bounded, args=[work, item], timeout=timeout_s
                    )
                except RuntimeError:
                    # The pool is broken, or could not start its processes.
                    self._pool.stop()  # type: ignore[no-untyped-call]
                    self._pool = self._new_pool()
            raise _no_pool()

    def __del__(self) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]


class Task:
    """The work on one item, which outlives the pool that it is in.

    A process that is killed while it waits for work, or the server of the processes, takes the pool
    with it; the item, which has no part in that, is given to another.
    """

    def __init__(self, schedule: Callable[[], tuple[ProcessPool, Any]]) -> None:
        self._schedule = schedule
        self._pool, self._future = schedule()

    def result(self, deadline: float | None = None) -> Any:
        """Return the result, or raise what the work raised.

        Raises OverdueError, and ends the work, if it is not done at the deadline, in seconds since
        the epoch. Raises BrokenProcessPool if the pool was lost too often.
        """
        for _ in range(_RESTARTS):
            if self._is_done(deadline):
                error = self._future.exception()
                if not _is_pool_fault(error):
                    break
            self._pool, self._future = self._schedule()
        return self._future.result()

    def _is_done(self, deadline: float | None) -> bool:
        """Wait for the work; return False if its pool broke and has lost it."""
        while not wait([self._future], timeout=_wait_s(deadline)).done:
            check_not_ending()
            if is_past(deadline):
                self._future.cancel()
                raise OverdueError
            if not self._pool.active:
                return bool(self._future.done())
        check_not_ending()
        return True


def is_past(deadline: float | None) -> bool:
    """Return whether a time, in seconds since the epoch, has passed; None never does."""
    return deadline is not None and time.time() >= deadline


def _wait_s(deadline: float | None) -> float:
    return _LOOK_S if deadline is None else min(_LOOK_S, max(0.0, deadline - time.time()))


def _no_pool() -> MachineError:
    return MachineError(
        f"the processes that work on pages were ended {_RESTARTS} times in a row, or cannot "
        "start; look in the system's log for what ends them, free memory or use fewer --workers, "
        "and run again"
    )


def _is_pool_fault(error: BaseException | None) -> bool:
    """Return whether an error of an item is one of its pool."""
    if isinstance(error, ProcessExpired):
        return bool(error.exitcode == _SERVER_GONE)
    return isinstance(error, BrokenProcessPool)


def _start_process() -> None:
    """Bound the memory of a process, where the system can, and make it quiet."""
    # The pool ends a process by SIGTERM, which the server has blocked.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    # Linux counts private memory alone, so that libraries and files that are mapped are free.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, resource.RLIM_INFINITY))
    _be_quiet()


def _bounded(work: Callable[[Any], Any], item: object) -> Any:
    """Do the work; a process without memory for it ends, since what it holds may be in pieces."""
    try:
        return work(item)
    except Exception as error:
        if is_out_of_memory(error):
            os._exit(_OVER_LIMIT if _gives_memory() else _NO_MEMORY)
        raise


def _gives_memory() -> bool:
    """Return whether the system gives this process what its limit allows.

    If so, the work needs more than that; if not, the machine has less, for any item.
    """
    try:
        # Shared memory, which the limit does not count; it is not written, so none is used.
        mmap.mmap(-1, MEMORY_BYTES).close()
    except OSError:
        return False
    return True


def _be_quiet() -> None:
    """Leave logging to the main process: warnings and errors of an item come back in its result."""
    logging.getLogger().setLevel(logging.ERROR)


def result_or_error(
    result: Callable[[], Out], error_type: type[NewsbeamError], timeout_s: float
) -> Out | NewsbeamError:
    """Return the result, or the error in its place: the stage's own, or an `error_type` for an item
    that timed out, killed its process, or met a bug. Raise `OverdueError` of an item that the
    deadline cut off.

    A bug in one input must not stop the run for all others, so it is logged and returned as other
    errors are. Raise `MachineError` for a fault of this machine, which no input is to blame for.
    """
    stage = error_type.stage.upper()
    try:
        return result()
    except (MachineError, OverdueError):
        raise
    except NewsbeamError as error:
        return error
    except PoolTimeoutError:
        return error_type(
            f"took over {timeout_s:.0f} s", reason=f"E_{stage}_TIMEOUT", retryable=True
        )
    except ProcessExpired as error:
        return _error_of_exit(error, error_type)
    except BrokenProcessPool as error:
        raise _no_pool() from error
    except Exception as error:
        if is_out_of_memory(error):
            # Processes of the pool end by themselves; what is left is a process without a limit.
            raise _no_memory() from error
        if fault := machine_fault(error):
            raise fault from error
        _log.exception("a bug in stage %s", error_type.stage)
        return error_type(
            f"{type(error).__name__}: {error}", reason=f"E_{stage}_BUG", retryable=True
        )


def _error_of_exit(error: ProcessExpired, error_type: type[NewsbeamError]) -> NewsbeamError:
    """Return the error of an item whose process ended; raise MachineError if it had no memory."""
    stage = error_type.stage.upper()
    if error.exitcode == _NO_MEMORY:
        raise _no_memory() from error
    if error.exitcode == _OVER_LIMIT:
        return error_type(f"took over {_MEMORY_MB} MB of memory", reason=f"E_{stage}_MEMORY")
    return error_type(
        f"the process that worked on it died ({error})", reason=f"E_{stage}_CRASH", retryable=True
    )


def _no_memory() -> MachineError:
    return MachineError(
        f"this machine has no memory left for a page, which may take {_MEMORY_MB} MB; "
        "free memory, lift the limit (ulimit -v), or use fewer --workers, and run again"
    )


def ordered_map(
    work: Callable[[In], Out],
    items: Iterable[In],
    error_type: type[NewsbeamError],
    *,
    size: int,
    timeout_s: float = TIMEOUT_S,
    preloaded: Sequence[str] = _PRELOADED,
) -> Iterator[tuple[In, Out | NewsbeamError]]:
    """Yield each item with its result or error, in order; at most `BACKLOG` items per process are
    open.

    `size` is the number of processes (0: work in this process). `preloaded` are the modules that
    the work needs, imported once for all processes.
    """
    if not size:
        for item in items:
            yield item, result_or_error(partial(work, item), error_type, timeout_s)
        return
    pool = Processes(size, preloaded)
    waiting: deque[tuple[In, Task]] = deque()
    for item in items:
        waiting.append((item, pool.submit(work, item, timeout_s)))
        if len(waiting) > BACKLOG * size:
            first, future = waiting.popleft()
            yield first, result_or_error(future.result, error_type, timeout_s)
    for first, future in waiting:
        yield first, result_or_error(future.result, error_type, timeout_s)
