"""A plan run as a command: the run's options from what the user said, and the exit code at the
end."""

import time
from collections.abc import Sequence
from typing import Any

import typer

from pipelines.cli.commands import Given
from pipelines.cli.option_table import OPTIONS
from pipelines.cli.reports import reporter, show_summary
from pipelines.cli.values import clock_of, workers_of
from pipelines.jobs.metrics import write_metrics
from pipelines.jobs.plan import Plan
from pipelines.jobs.run_options import RunOptions, new_run_id, split_beam_args
from pipelines.jobs.runner import run_job
from pipelines.terminal import OK, PARTIAL
from transforms.errors import ConfigError
from transforms.pool import PoolOptions
from transforms.web import WebOptions


def run_options(
    given: Given, beam_args: Sequence[str], *, workers: int | None = None, **fields: Any
) -> tuple[RunOptions, tuple[str, ...]]:
    """Return the options of a run and the words that are not Beam's options; `fields` go before the
    user's.

    Options of the table that name a field in `sets` are passed on to it; what is unset keeps its
    default.
    """
    own_beam_args, words = split_beam_args(beam_args)
    run, web = _fields(given, "run"), _fields(given, "web")
    if given.has("deadline"):
        web["deadline"] = time.time() + given.number("deadline")
    now = clock_of(given.maybe_text("now"))
    size = workers if workers is not None else given.maybe_integer("workers")
    values: dict[str, Any] = {
        "now": now,
        "run_id": given.maybe_text("run_id") or new_run_id(now),
        "web": WebOptions(**web),
        "pool": PoolOptions(size=workers_of(size)),
        "beam_args": own_beam_args,
    }
    return RunOptions(**run | values | fields), words


def _fields(given: Given, group: str) -> dict[str, Any]:
    """Return the values that go into RunOptions or WebOptions, by field."""
    found = {}
    for option in OPTIONS:
        owner, _, name = (option.sets or "").partition(".")
        if owner == group and given.has(option.name):
            value = given.value(option.name)
            found[name] = tuple(value) if isinstance(value, list | tuple) else value
    return found


def no_more_words(words: Sequence[str], command: str) -> None:
    """Raise ConfigError where words are left over."""
    if words:
        raise ConfigError(f"{words[0]!r}: {command} does not take this argument")


def run_plan(given: Given, plan: Plan, options: RunOptions, *, listed: int | None = None) -> None:
    """Run a plan as a command: report, print what it did, write metrics, and exit with its code.

    `listed` is the number of feeds that were listed, for jobs that poll feeds.
    """
    with reporter() as reports:
        summary = run_job(plan, options, reports, named=given.has("run_id"))
    if given.has("metrics_file"):
        write_metrics(summary, given.text("metrics_file"))
    show_summary(summary, options.lake, listed, as_json=given.flag("json"))
    raise typer.Exit(PARTIAL if summary.status == "partial" or summary.feeds_left else OK)
