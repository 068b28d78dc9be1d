"""What a terminal or a log shows of a run while it goes on."""

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from functools import partial

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Column, Table
from rich.text import Text

from pipelines.cli.run_log import RunLog
from pipelines.interruption import interruption
from pipelines.jobs.plan import Progress, Reporter, Run
from pipelines.terminal import console, messages_above, safe_line, say, say_skipped
from transforms.activity import Part, PartCount, activity
from transforms.web import completed_requests

_LOG_EVERY_S = 60.0
"""A judgement: often enough to show that a job is alive, rarely enough for a log that is kept."""


class PrintingReporter(Reporter):
    """Prints unusable lines of feed lists to standard error."""

    def skipped_inputs(self, lines: Sequence[str]) -> None:
        """Print the first of the lines."""
        say_skipped(lines)

    def waiting(self, other: str) -> None:
        """Print which run the job waits for."""
        say(
            f"newsbeam: waiting for another run on this lake ({other}); with --skip-if-running, "
            "this one would end"
        )


class _Log(PrintingReporter):
    """Prints progress as a line a minute, for logs and pipes."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._progress = Progress(label="starting")

    def progress(self, progress: Progress) -> None:
        """Take note of what the next line says."""
        self._progress = progress

    def print_line(self) -> None:
        """Print how far the run is."""
        seconds = time.monotonic() - self._started
        parts = "; ".join(map(describe_part, activity.counts()))
        line = describe(self._progress, seconds) + (f"; {parts}" if parts else "")
        sys.stderr.write(f"newsbeam: {safe_line(line)}\n")


class _Screen(PrintingReporter):
    """Shows at the bottom of a terminal what a run does, and a bar for each part of the work.

    It fits 80 columns. The counts are read whenever it is drawn, since a batch takes minutes.
    """

    def __init__(self) -> None:
        self._spinner = Spinner("dots")
        self._progress = Progress(label="starting")
        self._started = time.monotonic()

    def progress(self, progress: Progress) -> None:
        """Show this progress from now on."""
        self._progress = progress

    def __rich__(self) -> RenderableType:
        """Return the line of the run, and below it the lines of its parts."""
        seconds = time.monotonic() - self._started
        text = describe(self._progress, seconds)
        if requests := completed_requests():
            text += f", {requests:,} requests"
        head = Table.grid(Column(), Column(ratio=1), Column(), padding=(0, 1), expand=True)
        elapsed = str(timedelta(seconds=int(seconds)))
        head.add_row(
            self._spinner,
            Text(safe_line(text), no_wrap=True, overflow="ellipsis"),
            Text(elapsed, "progress.elapsed"),
        )
        return Group(head, _bars(activity.counts()))


def _bars(counts: Iterable[PartCount]) -> Table:
    """Return a line for each part of the work, which is empty until the part begins."""
    right = partial(Column, justify="right", no_wrap=True)
    columns = (Column(width=10), Column(width=16), right(width=17), right(width=10))
    table = Table.grid(Column(width=1), *columns, right(width=15), padding=(0, 1))
    begun = {count.part: count for count in counts}
    for part in Part:
        count = begun.get(part)
        if count is None:
            table.add_row("", part, ProgressBar(total=1, completed=0))
            continue
        table.add_row(
            "",
            part,
            ProgressBar(total=count.total, completed=count.done),
            f"{count.done:,}/{count.total:,}",
            f"{count.rate:,.1f}/s" if count.done else "",
            _left(count),
        )
    return table


class _Events(PrintingReporter):
    """Passes all that happens on to the log of the run, and to what a user sees."""

    def __init__(self, log: RunLog, shown: Reporter) -> None:
        self._log = log
        self._shown = shown

    def skipped_inputs(self, lines: Sequence[str]) -> None:
        """Log the lines, and show them."""
        self._log.skipped(lines)
        self._shown.skipped_inputs(lines)

    def waiting(self, other: str) -> None:
        """Log what the run waits for, and show it."""
        self._log.write("waiting", "warning", message=other)
        self._shown.waiting(other)

    def begun(self, run: Run) -> None:
        """Log that the run has begun."""
        self._log.begun(run)

    def progress(self, progress: Progress) -> None:
        """Log a batch, and show it."""
        self._log.batch(progress)
        self._shown.progress(progress)

    def log_parts(self) -> None:
        """Log how far the parts of the work are."""
        self._log.parts(activity.counts())


@contextmanager
def reporter(log: RunLog) -> Iterator[Reporter]:
    """Yield a reporter to the log of a run, and to standard error unless that is the log."""
    if log.is_silent:
        with _shown() as shown:
            yield shown
        return
    with nullcontext(Reporter()) if log.is_on(sys.stderr) else _shown() as shown:
        events = _Events(log, shown)
        with _each(_LOG_EVERY_S, events.log_parts):
            yield events


@contextmanager
def _shown() -> Iterator[Reporter]:
    """Yield a reporter to standard error: bars on a terminal, else a line a minute."""
    out = console(stderr=True)
    if out.is_terminal:
        screen = _Screen()
        # A judgement: often enough to look alive, seldom enough to cost nothing.
        # Results and events that go to a pipe stay there: rich would print them above the bars.
        redirect = sys.stdout.isatty()
        live = Live(
            screen, console=out, transient=True, refresh_per_second=4, redirect_stdout=redirect
        )
        with live, messages_above(out):
            yield screen
    else:
        log = _Log()
        with _each(_LOG_EVERY_S, log.print_line):
            yield log


@contextmanager
def _each(seconds: float, action: Callable[[], None]) -> Iterator[None]:
    """Do something at intervals while the block lasts, in a thread; no more after a signal."""
    is_over = threading.Event()

    def repeat() -> None:
        # The sentence on the signal is the last line.
        while not is_over.wait(seconds) and interruption.number is None:
            action()

    thread = threading.Thread(target=repeat, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def describe_part(count: PartCount) -> str:
    """Return the count, the rate and the time left of a part of the work."""
    text = f"{count.part} {count.done:,} of {count.total:,}, {count.rate:,.1f} a second"
    left = _left(count)
    return f"{text}, about {left}" if left else text


def _left(count: PartCount) -> str:
    """Return the time that a part still takes, "" if it is done or its rate is not known."""
    if count.seconds_left is None or count.done >= count.total:
        return ""
    return f"{timedelta(seconds=round(count.seconds_left))} left"


def describe(progress: Progress, seconds: float) -> str:
    """Return a line with the number of pages, the rate, the share read and the time left.

    Rate and time left are of this run alone: pages before a resumed checkpoint took it no time.
    """
    pages = progress.pages - progress.pages_before
    read = progress.read_bytes - progress.bytes_before
    if not progress.pages:
        return progress.label
    text = f"{progress.pages:,} pages, {pages / max(seconds, 0.001):,.1f} a second"
    if not progress.total_bytes or read <= 0:
        return text
    left_bytes = progress.total_bytes - progress.read_bytes
    left = timedelta(seconds=round(seconds * left_bytes / read))
    share = progress.read_bytes / progress.total_bytes
    return f"{text}, {share:.1%} read, about {left} left"
