"""The flex template: submits its parameters as the graph of one Dataflow job, without waiting.

`python -m pipelines.cli.template` prints deploy/flex-template/metadata.json from the table of
options.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import apache_beam as beam

from pipelines.cli.commands import OptionValues
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
from pipelines.cli.progress import PrintingReporter
from pipelines.cli.run_plan import run_options
from pipelines.jobs.ingest import IngestPlan
from pipelines.jobs.revisit import RevisitPlan
from pipelines.jobs.run_options import RunOptions, split_beam_args
from pipelines.jobs.stream import StreamPlan, stream_pipeline
from pipelines.jobs.unattended import only_submission, unattended_pipeline
from pipelines.terminal import say
from transforms.core.feeds.lists import read_feed_lists
from transforms.core.iso_times import parse_time
from transforms.errors import ConfigError
from transforms.run_lease import RunningError

WORKERS = 1
"""Default number of processes of a Dataflow worker, whose default machine type has one core."""
_ALL = sys.maxsize
"""A template starts one graph, so all feeds, or all revisits, are one batch."""


def start(parameters: Parameters) -> None:
    """Submit the graph of a task to its engine, without waiting for its end.

    Raises ConfigError for tasks that take several jobs.
    """
    make = GRAPHS.get(parameters.task)
    if make is None:
        raise ConfigError(
            f"task={parameters.task} takes several jobs, one after the other, and a template "
            f"starts only one: use {' or '.join(GRAPHS)}, or run newsbeam with "
            "--runner DataflowRunner, which waits for each job"
        )
    values = values_of(parameters)
    options = template_run_options(values)
    try:
        with only_submission(options, PrintingReporter()):
            make(values, options).run()
    except RunningError as error:
        if not options.skip_if_running:
            raise
        say(f"newsbeam: skipped: {error}")


def values_of(parameters: Parameters) -> OptionValues:
    """Return the values of a task, defaults included.

    Raises ConfigError for parameters that the task does not have.
    """
    options = {option.name: option for option in template_options(parameters.task)}
    unknown = sorted({name for name, _ in parameters.own} - options.keys())
    if unknown:
        raise ConfigError(f"task={parameters.task} of the template has no parameter {unknown[0]}")
    by_name: dict[str, Any] = {
        name: None if option.default is REQUIRED else option.default
        for name, option in options.items()
    }
    by_name |= parameters.values()
    if by_name["lake"] is None:
        raise ConfigError("the parameter lake is missing, e.g. lake=gs://BUCKET/FOLDER")
    return OptionValues(by_name, parameters.beam)


def template_run_options(values: OptionValues) -> RunOptions:
    """Return the options of the job's run."""
    beam_args = list(known_to_beam(values.beam_args))
    runners = [arg.partition("=")[2] for arg in beam_args if arg.startswith("--runner=")]
    workers = values.maybe_integer("workers")
    options, _ = run_options(
        values,
        beam_args,
        runner=runners[0] if runners else "DataflowRunner",
        workers=WORKERS if workers is None else workers,
    )
    return options


def known_to_beam(args: Iterable[str]) -> Iterator[str]:
    """Yield the options that the installed Beam knows; report and drop the others.

    The launcher of a template may be newer than this Beam and add options of its own.
    """
    for arg in args:
        try:
            split_beam_args([arg])
        except ConfigError:
            say(f"newsbeam: dropped {arg.partition('=')[0]}, which this Beam does not know")
        else:
            yield arg


def ingest_graph(values: OptionValues, options: RunOptions) -> beam.Pipeline:
    """Return the graph that polls due feeds and fetches their new pages, in one commit."""
    feeds = read_feed_lists(values.items("feeds"))
    plan = IngestPlan.of_list(feeds, batch_feeds=_ALL, revisit=False)
    return unattended_pipeline(plan, options, PrintingReporter())


def revisit_graph(values: OptionValues, options: RunOptions) -> beam.Pipeline:
    """Return the graph that revisits the articles that are due, in one commit."""
    return unattended_pipeline(RevisitPlan(batch_revisits=_ALL), options, PrintingReporter())


def stream_graph(values: OptionValues, options: RunOptions) -> beam.Pipeline:
    """Return the graph that polls feeds as they fall due, without end."""
    return stream_pipeline(stream_plan(values), options, PrintingReporter())


def stream_plan(values: OptionValues, more_feeds: Sequence[str] = ()) -> StreamPlan:
    """Return the plan of a stream, for the command and the template."""
    feeds = read_feed_lists([*values.items("feeds"), *more_feeds])
    return StreamPlan(
        feeds=feeds.feeds,
        skipped_inputs=feeds.invalid,
        every_s=values.number("every"),
        until=parse_time(values.maybe_text("until")),
        revisit=values.flag("revisit"),
    )


GRAPHS: dict[str, Callable[[OptionValues, RunOptions], beam.Pipeline]] = {
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
        "revisit: fetch the articles again that are due for it. stream: do both without end.",
        "isOptional": True,
        "regexes": [f"^({'|'.join(GRAPHS)})$"],
    }
    threads = {
        "name": "number_of_worker_harness_threads",
        "label": "Threads per worker",
        "helpText": "Bundles that one worker process handles at a time; an option of Beam.",
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
        # Only the lake is required by every task: `revisit` takes no feeds.
        "isOptional": option.name != "lake",
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
        yield "Separated by spaces."
    if set(option.template) < set(GRAPHS):
        yield f"Only for task={' and '.join(option.template)}."


def main() -> None:
    """Print the template's metadata."""
    sys.stdout.write(json.dumps(metadata(), indent=2) + "\n")


if __name__ == "__main__":
    main()
