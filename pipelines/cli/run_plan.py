"""Running a plan as a command: the run's options from the command's, and the exit code."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import typer

from pipelines.cli.commands import OptionValues
from pipelines.cli.progress import reporter
from pipelines.cli.reports import show_summary, summary_row
from pipelines.cli.run_log import RunLog, log_as_json
from pipelines.cli.values import clock_of, fields_of, workers_of
from pipelines.interruption import interruption
from pipelines.jobs.metrics import write_metrics, write_metrics_of_failure
from pipelines.jobs.plan import Plan
from pipelines.jobs.run_options import RunOptions, new_run_id, split_beam_args
from pipelines.jobs.runner import run_job
from pipelines.terminal import FAILED, OK, PARTIAL, USAGE, say
from transforms.core.feeds.states import next_due
from transforms.errors import ConfigError
from transforms.lake import open_lake
from transforms.pool import PoolOptions
from transforms.records import FeedSource
from transforms.run_lease import RunningError
from transforms.web import WebOptions

REQUESTS_SHARE, WORK_SHARE = 0.6, 0.9
"""Shares of a run's time until requests end, and until reading and coding do. A judgement: reading
and coding a page take half as long as fetching it from a site with the usual pause, so that what is
fetched is coded, and no run owes all its pages; the merge of a batch takes a tenth."""


def run_options(
    values: OptionValues, beam_args: Sequence[str], *, workers: int | None = None, **fields: Any
) -> tuple[RunOptions, tuple[str, ...]]:
    """Return the options of a run, and the arguments that are not options of Beam.

    Options that name a field in `sets` are passed on to it; fields of unset options keep their
    defaults. `fields` override the user's values.
    """
    own_beam_args, words = split_beam_args(beam_args, values.words())
    run, web = fields_of(values, "run"), fields_of(values, "web")
    deadline = None
    if values.has("deadline"):
        web["deadline"], deadline = deadlines(time.time(), values.number("deadline"))
    now = clock_of(values.maybe_text("now"))
    size = workers if workers is not None else values.maybe_integer("workers")
    run_fields: dict[str, Any] = {
        "now": now,
        "run_id": values.maybe_text("run_id") or new_run_id(now),
        "web": WebOptions(**web),
        "pool": PoolOptions(size=workers_of(size), deadline=deadline),
        "beam_args": own_beam_args,
    }
    return RunOptions(**run | run_fields | fields), words


def deadlines(start: float, seconds: float) -> tuple[float, float]:
    """Return when requests end, and when reading and coding do, of a run with a time limit.

    Times are in seconds since the epoch. What is left then is for the merge.
    """
    return start + REQUESTS_SHARE * seconds, start + WORK_SHARE * seconds


def no_more_words(words: Sequence[str], command: str) -> None:
    """Raise ConfigError if any arguments are left over."""
    if words:
        raise ConfigError(f"{words[0]!r}: {command} does not take this argument")


@contextmanager
def unless_running(options: RunOptions, log: RunLog | None = None) -> Iterator[None]:
    """End the command if another run has the lake and the options are not to wait for it."""
    try:
        yield
    except RunningError as error:
        if not options.skip_if_running:
            raise
        say(f"newsbeam: skipped: {error}")
        if log is not None:
            log.skipped_run(options.run_id, options.lake)
        raise typer.Exit(OK) from None


@contextmanager
def _failure_told(values: OptionValues, options: RunOptions, log: RunLog) -> Iterator[None]:
    """Write the metrics and the log's last line of a failed run if the block raises.

    A run that only waited for another has no metrics, and one that is to be skipped has not failed.
    """
    try:
        yield
    except BaseException as error:
        has_waited = isinstance(error, RunningError)
        if has_waited and options.skip_if_running:
            raise
        if values.has("metrics_file") and not has_waited:
            # The error of the run is the useful one.
            with suppress(ConfigError, OSError):
                write_metrics_of_failure(options.lake, values.text("metrics_file"))
        log.failed(error)
        if log.is_on(sys.stderr):
            # The log has said all, and its end of the run is its last line.
            raise typer.Exit(USAGE if isinstance(error, ConfigError) else FAILED) from error
        raise


def _run_log(*, as_json: bool, log_format: str) -> RunLog:
    """Return the log of the run: on standard output, on standard error, on both or on none.

    A signal that ends the run is told there too.
    """
    files = [sys.stdout] if as_json else []
    if log_format == "json":
        log_as_json()
        files.append(sys.stderr)
    log = RunLog(files)
    interruption.aftermath = "; its commits are in the lake, the next run does the rest"

    def tell() -> None:
        log.failed(KeyboardInterrupt())
        if not log.is_on(sys.stderr):
            say(interruption.sentence)

    interruption.tell = tell
    return log


def run_plan(
    values: OptionValues,
    plan: Plan,
    options: RunOptions,
    *,
    feeds: Sequence[FeedSource] | None = None,
) -> None:
    """Run a plan, report its progress, write metrics, print a summary, and exit with its code.

    `feeds` are those of the lists, for jobs that poll feeds.
    """
    as_json = values.flag("json")
    log = _run_log(as_json=as_json, log_format=values.text("log_format"))
    with (
        unless_running(options, log),
        _failure_told(values, options, log),
        reporter(log) as reports,
    ):
        summary = run_job(plan, options, reports, named=values.has("run_id"))
    if values.has("metrics_file"):
        write_metrics(summary, options.lake, values.text("metrics_file"))
    known = {} if feeds is None else open_lake(options.lake).feed_states()
    due_at = next_due(known, feeds or (), options.now)
    log.ended(summary_row(summary, options.lake, due_at))
    if not as_json:
        show_summary(summary, options.lake, None if feeds is None else len(feeds), due_at)
    is_partial = summary.status == "partial" or summary.feeds_left or summary.pages_left
    raise typer.Exit(PARTIAL if is_partial else OK)
