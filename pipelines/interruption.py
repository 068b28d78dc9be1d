"""End a command at a signal: Ctrl-C, SIGTERM (a stop of systemd, Kubernetes, Docker), SIGHUP (its
terminal was closed).

It ends in seconds, with one sentence and the code 128 + the signal's number. The handler raises
KeyboardInterrupt in the main thread, so that the run writes its last row. Beam works in other
threads; these are not waited for, since a lake is whole whenever its writer is killed.
"""

import multiprocessing.util
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, ModuleType

from pipelines.ending import end_now
from pipelines.terminal import say

_NAMES = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM", signal.SIGHUP: "SIGHUP"}
GRACE_S = 8.0
"""Seconds until a run that is stuck in something is ended all the same. Docker kills 10 seconds
after SIGTERM, Kubernetes after 30, systemd after 90."""


class Interruption:
    """The signal that ends this process, once one has come."""

    def __init__(self) -> None:
        self.number: int | None = None
        self.aftermath = ""
        """What the sentence adds; a run says there what becomes of its work."""
        self.tell: Callable[[], None] = lambda: say(self.sentence)
        """Prints the sentence; a run with a log for machines writes it there."""

    @property
    def name(self) -> str:
        """The signal, as users call it."""
        return _NAMES[signal.Signals(self.number or 0)]

    @property
    def sentence(self) -> str:
        """What ended the command, and what becomes of its work."""
        return f"newsbeam: ended by {self.name}{self.aftermath}"

    def guard(self, work: Callable[[], int]) -> int:
        """Return the code of the work; a signal meanwhile ends the process."""
        before = {
            number: signal.signal(number, self._receive)
            for number in _NAMES
            # A shell or nohup has ignored it on purpose.
            if signal.getsignal(number) is not signal.SIG_IGN
        }
        try:
            code = work()
        except BaseException:
            # Beam wraps a KeyboardInterrupt in an error of its own.
            if self.number is None:
                raise
            code = 0
        if self.number is not None:
            self._end()
        for number, handler in before.items():
            signal.signal(number, handler)
        return code

    @contextmanager
    def leave_ctrl_c(self) -> Iterator[None]:
        """Let Ctrl-C only raise KeyboardInterrupt, for a command that goes on after it."""
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _receive(self, number: int, _: FrameType | None) -> None:
        """Begin to end at the first signal; a second Ctrl-C ends at once."""
        if self.number is not None:
            if number == signal.SIGINT:
                self._end()
            return
        self.number = number
        _be_silent()
        _processes(lambda module: module.refuse_work())
        timer = threading.Timer(GRACE_S, self._end)
        timer.daemon = True
        timer.start()
        raise KeyboardInterrupt

    def _end(self) -> None:
        """End the pool's processes and this one."""
        self.tell()
        _processes(lambda module: module.end_pools())
        # Unlinks the semaphores of the pools, which are reported as leaked otherwise.
        multiprocessing.util._run_finalizers()  # type: ignore[attr-defined]
        end_now(128 + (self.number or 0))


def _be_silent() -> None:
    """Print no tracebacks of what the signal interrupts in other threads and destructors."""
    threading.excepthook = lambda _: None
    sys.unraisablehook = lambda _: None


def _processes(action: Callable[[ModuleType], None]) -> None:
    """Do something with the module of the pool, if it is loaded at all: that takes a second."""
    module = sys.modules.get("transforms.processes")
    if module is not None:
        action(module)


interruption = Interruption()
"""Signals are sent to a process, so there is one."""
