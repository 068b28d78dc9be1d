"""The flex template: its parameters become the graph of one Dataflow job, which nobody waits for.

`python -m pipelines.cli.template` prints deploy/flex-template/metadata.json, made from the table of
options.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import apache_beam as beam

from pipelines.cli.commands import Given
from pipelines.cli.option_table import (
    FLAG,
    INTEGER,
    LIST,
    NUMBER,
    REQUIRED,
    Option,
    template_options,
)
from pipelines.cli.parameters import Parameters
from pipelines.cli.reports import PrintingReporter
from pipelines.cli.run_plan import run_options
from pipelines.jobs.ingest import IngestPlan
from pipelines.jobs.revisit import RevisitPlan
from pipelines.jobs.run_options import RunOptions, split_beam_args
from pipelines.jobs.stream import StreamPlan, stream_pipeline
from pipelines.jobs.unattended import unattended_pipeline
from pipelines.terminal import say
from transforms.core.feeds.lists import read_feed_lists
from transforms.core.iso_times import parse_time
from transforms.errors import ConfigError

WORKERS = 1
"""Processes of a Dataflow worker where the user does not say: its default machine type has one
core.
"""
_ALL = sys.maxsize
"""A template starts one graph, so all feeds, or all revisits, are one batch."""


def start(parameters: Parameters) -> None:
    """Give the graph of a task to its engine and do not wait.

    Raises ConfigError for tasks of several jobs.
    """
    make = GRAPHS.get(parameters.task)
    if make is None:
        raise ConfigError(
            f"task={parameters.task} is several jobs, one after the other, and a template starts "
            f"one: {' or '.join(GRAPHS)}; for others run newsbeam with --runner DataflowRunner, "
            "which waits"
        )
    given = values_of(parameters)
    make(given, template_run_options(given)).run()


def values_of(parameters: Parameters) -> Given:
    """Return the values of a task, defaults included.

    Raises ConfigError for parameters that it does not have.
    """
    options = {option.name: option for option in template_options(parameters.task)}
    unknown = sorted({name for name, _ in parameters.own} - options.keys())
    if unknown:
        raise ConfigError(f"task={parameters.task} of a template has no parameter {unknown[0]}")
    values: dict[str, Any] = {
        name: None if option.default is REQUIRED else option.default
        for name, option in options.items()
    }
    values |= parameters.values()
    if values["lake"] is None:
        raise ConfigError("lake is missing: gs://BUCKET/FOLDER")
    return Given(values, parameters.beam)


def template_run_options(given: Given) -> RunOptions:
    """Return the options of the job's run."""
    beam_args = list(known_to_beam(given.beam_args))
    runners = [arg.partition("=")[2] for arg in beam_args if arg.startswith("--runner=")]
    workers = given.maybe_integer("workers")
    options, _ = run_options(
        given,
        beam_args,
        runner=runners[0] if runners else "DataflowRunner",
        workers=WORKERS if workers is None else workers,
    )
    return options


def known_to_beam(args: Iterable[str]) -> Iterator[str]:
    """Yield the options that this Beam has.

    A template's launcher may be newer, so others are reported and left out.
    """
    for arg in args:
        try:
            split_beam_args([arg])
        except ConfigError:
            say(f"newsbeam: left out {arg.partition('=')[0]}, which is not an option of Beam's")
        else:
            yield arg


def ingest_graph(given: Given, options: RunOptions) -> beam.Pipeline:
    """Return the graph that polls the feeds that are due and fetches their new pages, in one
    commit.
    """
    feeds = read_feed_lists(given.items("feeds"))
    plan = IngestPlan.of_list(feeds, batch_feeds=_ALL, revisit=False)
    return unattended_pipeline(plan, options, PrintingReporter())


def revisit_graph(given: Given, options: RunOptions) -> beam.Pipeline:
    """Return the graph that revisits the articles that are due, in one commit."""
    return unattended_pipeline(RevisitPlan(batch_revisits=_ALL), options, PrintingReporter())


def stream_graph(given: Given, options: RunOptions) -> beam.Pipeline:
    """Return the graph that polls feeds as they fall due, without end."""
    return stream_pipeline(stream_plan(given), options, PrintingReporter())


def stream_plan(given: Given, more_feeds: Sequence[str] = ()) -> StreamPlan:
    """Return the plan of a stream, for the command and the template."""
    feeds = read_feed_lists([*given.items("feeds"), *more_feeds])
    return StreamPlan(
        feeds=feeds.feeds,
        skipped_inputs=feeds.invalid,
        every_s=given.number("every"),
        until=parse_time(given.maybe_text("until")),
        revisit=given.flag("revisit"),
    )


GRAPHS: dict[str, Callable[[Given, RunOptions], beam.Pipeline]] = {
    "ingest": ingest_graph,
    "revisit": revisit_graph,
    "stream": stream_graph,
}
"""The tasks that are one job."""


def metadata() -> dict[str, Any]:
    """Return the template's metadata, as Dataflow's console and `gcloud` read it."""
    task = {
        "name": "task",
        "label": "Task",
        "helpText": "ingest: poll the feeds that are due and fetch their new pages. "
        "revisit: fetch again the articles that are due for it. stream: do both without end.",
        "isOptional": True,
        "regexes": [f"^({'|'.join(GRAPHS)})$"],
    }
    threads = {
        "name": "number_of_worker_harness_threads",
        "label": "Threads of a worker",
        "helpText": "Bundles that one worker process works on at a time; an option of Beam's own.",
        "isOptional": True,
        "regexes": ["^[1-9][0-9]*$"],
    }
    options = [_metadata_of(option) for option in template_options()]
    return {
        "name": "newsbeam",
        "description": "News feeds in, Parquet out: clean article text, the political events in "
        "it, and the stories sources share.",
        "parameters": [task, *options, threads],
    }


def _metadata_of(option: Option) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": option.name,
        "label": option.name.replace("_", " ").capitalize(),
        "helpText": " ".join([option.help, *_notes(option)]),
        "isOptional": option.name != "lake",  # feeds are of two tasks of three
    }
    pattern = option.template_pattern or _PATTERNS.get(option.kind)
    return found | ({"regexes": [f"^{pattern}$"]} if pattern else {})


_PATTERNS = {
    NUMBER: r"[0-9]+(\.[0-9]+)?",
    INTEGER: "[0-9]+",
    FLAG: "(true|false)",
}


def _notes(option: Option) -> Iterator[str]:
    if option.default not in (None, REQUIRED):
        default = str(option.default).lower() if option.kind is FLAG else f"{option.default:g}"
        yield f"Default: {default}."
    if option.kind is LIST:
        yield "Separated by blanks."
    if set(option.template) < set(GRAPHS):
        yield f"Only for task={' and '.join(option.template)}."


def main() -> None:
    """Print the template's metadata."""
    sys.stdout.write(json.dumps(metadata(), indent=2) + "\n")


if __name__ == "__main__":
    main()
