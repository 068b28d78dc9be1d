"""What a job reports to its user: skipped input, progress, and a summary of the run."""

import shlex
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from pipelines.jobs.plan import Progress, Reporter
from pipelines.jobs.runner import RunSummary
from pipelines.terminal import console, json_line, safe_line, say_skipped
from transforms.core.feeds.health import NEEDS_HUMAN
from transforms.core.reject_codes import advice
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
    summary: RunSummary,
    lake: str,
    listed: int | None = None,
    next_due_at: datetime | None = None,
    *,
    as_json: bool,
) -> None:
    """Print a summary of a run.

    `listed` is the number of feeds in the lists, and `next_due_at` is when the next of them is due,
    for a run that polled feeds.
    """
    if as_json:
        due = None if next_due_at is None else next_due_at.isoformat().replace("+00:00", "Z")
        row = asdict(summary) | {"reject_samples": _samples(summary), "next_due_at": due}
        sys.stdout.write(json_line(row | {"lake": lake}))
        return
    out = console(soft_wrap=True, highlight=True)
    feeds = "" if listed is None else _feeds(summary, listed, next_due_at)
    out.print(
        f"run {summary.run_id}: {summary.status}{feeds}, {summary.articles_new} "
        f"new articles, {summary.mentions_coded} event mentions coded, {summary.events_new} new "
        f"events, {sum(summary.rejects.values())} rejects, {summary.seconds} s"
    )
    for sample in _samples(summary):
        for line in _reject_lines(sample):
            out.print(safe_line(line), highlight=False)
    if needing := _feeds_in_need(summary):
        check = f"newsbeam feeds check --lake {shlex.quote(lake)}"
        out.print(f"{needing} of the lake need attention: {check}")
    query = '"SELECT type, count(*) FROM events GROUP BY 1 ORDER BY 2 DESC"'
    out.print(f"try: newsbeam sql {query} --lake {shlex.quote(lake)}")


def _samples(summary: RunSummary) -> list[dict[str, Any]]:
    """Return each reason with its count, one of its rejects, and what to do; frequent ones first.

    Reasons without a stored reject, such as those of rejects of earlier runs, have no sample.
    """
    by_reason = {sample["reason"]: sample for sample in summary.reject_samples}
    reasons = sorted(summary.rejects.items(), key=lambda item: (-item[1], item[0]))
    return [
        {
            "reason": reason,
            "count": count,
            "stage": by_reason.get(reason, {}).get("stage"),
            "url": by_reason.get(reason, {}).get("url"),
            "message": by_reason.get(reason, {}).get("error_message"),
            "retryable": by_reason.get(reason, {}).get("retryable"),
            "what_to_do": advice(reason),
        }
        for reason, count in reasons
    ]


def _reject_lines(sample: Mapping[str, Any]) -> Iterator[str]:
    yield f"  rejected {sample['count']} x {sample['reason']}: {sample['what_to_do']}"
    words = [str(sample[name]) for name in ("url", "message") if sample[name]]
    if words:
        yield f"    e.g. {': '.join(words)}"


def _feeds_in_need(summary: RunSummary) -> str:
    counts = summary.feeds_by_health
    parts = [f"{n} {health}" for health, n in counts.items() if n and health in NEEDS_HUMAN]
    return f"feeds ({', '.join(parts)})" if parts else ""


def _feeds(summary: RunSummary, listed: int, next_due_at: datetime | None) -> str:
    text = f", {summary.feeds} feeds polled"
    not_due = listed - summary.feeds - summary.feeds_left
    if not_due > 0:
        text += f", {not_due} not due yet"
        if next_due_at is not None:
            text += f" (the next at {next_due_at:%Y-%m-%d %H:%M} UTC; --poll-now polls them now)"
    if summary.feeds_left:
        text += f", {summary.feeds_left} left to the next run"
    return text
