"""Running a plan as a command: the run's options from the command's, and the exit code."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import typer

from pipelines.cli.commands import OptionValues
from pipelines.cli.progress import reporter
from pipelines.cli.reports import show_summary
from pipelines.cli.values import clock_of, fields_of, workers_of
from pipelines.jobs.metrics import write_metrics, write_metrics_of_failure
from pipelines.jobs.plan import Plan
from pipelines.jobs.run_options import RunOptions, new_run_id, split_beam_args
from pipelines.jobs.runner import run_job
from pipelines.terminal import OK, PARTIAL, json_line, say
from transforms.core.feeds.states import next_due
from transforms.errors import ConfigError
from transforms.lake import open_lake
from transforms.pool import PoolOptions
from transforms.records import FeedSource
from transforms.run_lease import RunningError
from transforms.web import WebOptions


def run_options(
    values: OptionValues, beam_args: Sequence[str], *, workers: int | None = None, **fields: Any
) -> tuple[RunOptions, tuple[str, ...]]:
    """Return the options of a run, and the arguments that are not options of Beam.

    Options that name a field in `sets` are passed on to it; fields of unset options keep their
    defaults. `fields` override the user's values.
    """
    own_beam_args, words = split_beam_args(beam_args, values.words())
    run, web = fields_of(values, "run"), fields_of(values, "web")
    if values.has("deadline"):
        web["deadline"] = time.time() + values.number("deadline")
    now = clock_of(values.maybe_text("now"))
    size = workers if workers is not None else values.maybe_integer("workers")
    run_fields: dict[str, Any] = {
        "now": now,
        "run_id": values.maybe_text("run_id") or new_run_id(now),
        "web": WebOptions(**web),
        "pool": PoolOptions(size=workers_of(size)),
        "beam_args": own_beam_args,
    }
    return RunOptions(**run | run_fields | fields), words


def no_more_words(words: Sequence[str], command: str) -> None:
    """Raise ConfigError if any arguments are left over."""
    if words:
        raise ConfigError(f"{words[0]!r}: {command} does not take this argument")


@contextmanager
def unless_running(options: RunOptions, *, as_json: bool = False) -> Iterator[None]:
    """End the command if another run has the lake and the options are not to wait for it."""
    try:
        yield
    except RunningError as error:
        if not options.skip_if_running:
            raise
        say(f"newsbeam: skipped: {error}")
        if as_json:
            row = {"run_id": options.run_id, "status": "skipped", "lake": options.lake}
            sys.stdout.write(json_line(row))
        raise typer.Exit(OK) from None


@contextmanager
def _failure_measured(values: OptionValues, lake: str) -> Iterator[None]:
    """Write the metrics of a failed run if the block raises; a run that only waited was none."""
    try:
        yield
    except RunningError:
        raise
    except BaseException:
        if values.has("metrics_file"):
            # The error of the run is the useful one.
            with suppress(ConfigError, OSError):
                write_metrics_of_failure(lake, values.text("metrics_file"))
        raise


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
    with (
        unless_running(options, as_json=values.flag("json")),
        _failure_measured(values, options.lake),
        reporter() as reports,
    ):
        summary = run_job(plan, options, reports, named=values.has("run_id"))
    if values.has("metrics_file"):
        write_metrics(summary, options.lake, values.text("metrics_file"))
    known = {} if feeds is None else open_lake(options.lake).feed_states()
    due_at = next_due(known, feeds or (), options.now)
    listed = None if feeds is None else len(feeds)
    show_summary(summary, options.lake, listed, due_at, as_json=values.flag("json"))
    raise typer.Exit(PARTIAL if summary.status == "partial" or summary.feeds_left else OK)
