"""What a job reports to its user: skipped input, progress, and a summary of the run."""

import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta

from pipelines.jobs.plan import Progress, Reporter
from pipelines.jobs.runner import RunSummary
from pipelines.terminal import console, json_line, safe_line, say_skipped
from transforms.web import completed_requests

_LOG_EVERY_S = 60.0
"""A judgement: often enough to show that a job is alive, rarely enough for a log that is kept."""


class PrintingReporter(Reporter):
    """Prints unusable lines of feed lists to standard error."""

    def skipped_inputs(self, lines: Sequence[str]) -> None:
        """Print the first of the lines."""
        say_skipped(lines)


class _Log(PrintingReporter):
    """Prints progress as a line a minute, for logs and pipes."""

    def __init__(self) -> None:
        self._started = self._last = time.monotonic()

    def progress(self, progress: Progress) -> None:
        """Print a line if a minute has passed since the previous one."""
        now = time.monotonic()
        if now - self._last >= _LOG_EVERY_S:
            self._last = now
            line = safe_line(describe(progress, now - self._started))
            sys.stderr.write(f"newsbeam: {line}\n")


class _Bar(PrintingReporter):
    """Shows progress as a line at the bottom of a terminal."""

    def __init__(self, update: Callable[..., None]) -> None:
        self._started = time.monotonic()
        self._update = update

    def progress(self, progress: Progress) -> None:
        """Redraw the line."""
        self._update(
            description=safe_line(describe(progress, time.monotonic() - self._started)),
            total=progress.total_bytes or None,
            completed=progress.read_bytes,
        )


@contextmanager
def reporter() -> Iterator[Reporter]:
    """Yield a reporter: a bar with the number of requests on a terminal, else a line a minute."""
    out = console(stderr=True)
    if not out.is_terminal:
        yield _Log()
        return
    from rich.progress import (
        BarColumn,
        RenderableColumn,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )
    from rich.progress import Progress as Display

    class Requests(RenderableColumn):
        """Reads the number of requests whenever the line is drawn, since a batch takes minutes."""

        def render(self, task: object) -> str:
            return f"{completed_requests()} requests" if completed_requests() else ""

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        Requests(),
    )
    with Display(*columns, TimeElapsedColumn(), console=out, transient=True) as display:
        task = display.add_task("starting", total=None)
        yield _Bar(lambda **values: display.update(task, **values))


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


def show_summary(
    summary: RunSummary, lake: str, listed: int | None = None, *, as_json: bool
) -> None:
    """Print a summary of a run.

    `listed` is the number of feeds in the lists, for a run that polled feeds.
    """
    if as_json:
        sys.stdout.write(json_line(asdict(summary) | {"lake": lake}))
        return
    out = console(soft_wrap=True, highlight=True)
    feeds = "" if listed is None else _feeds(summary, listed)
    out.print(
        f"run {summary.run_id}: {summary.status}{feeds}, {summary.articles_new} "
        f"new articles, {summary.events_new} new events, {sum(summary.rejects.values())} rejects, "
        f"{summary.seconds} s"
    )
    for reason, count in summary.rejects.items():
        out.print(f"  rejected {count} x {reason}")
    query = '"SELECT type, count(*) FROM events GROUP BY 1 ORDER BY 2 DESC"'
    out.print(f"try: newsbeam sql {query} --lake {shlex.quote(lake)}")


def _feeds(summary: RunSummary, listed: int) -> str:
    text = f", {summary.feeds} feeds polled"
    not_due = listed - summary.feeds - summary.feeds_left
    if not_due > 0:
        text += f", {not_due} not due yet"
    if summary.feeds_left:
        text += f", {summary.feeds_left} left to the next run"
    return text
