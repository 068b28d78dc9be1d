"""A task as the graph of one job, for engines that are given a graph and waited for by nobody: a flex template.

`newsbeam ingest` is several jobs, one a commit, with a last word at the end. Here all feeds are one commit, and the
last word is a step behind it. Beam's counters are not in the row of the run: nobody is there to read them.
"""

import dataclasses
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

import apache_beam as beam
from apache_beam.pvalue import PCollection

from pipelines.cli.parameters import Parameters
from pipelines.cli.shared import run_options, web_options
from pipelines.cli.terminal import say
from pipelines.cli.values import parse_time
from pipelines.jobs.ingest import build
from pipelines.jobs.revisit import build_revisits, due_revisits
from pipelines.jobs.run_options import RunOptions, split_beam_args
from pipelines.jobs.stream import StreamOptions, stream_pipeline
from transforms.core.feeds.lists import read_feed_lists
from transforms.core.feeds.states import current_states, orphaned
from transforms.errors import ConfigError
from transforms.lake import open_lake
from transforms.records import Batch, RunContext

_KNOWN = frozenset(
    {
        "feeds",
        "lake",
        "now",
        "run_id",
        "spacing",
        "deadline",
        "user_agent",
        "contact",
        "allow_net",
        "workers",
        "keep_raw",
    }
)
_OF_STREAM = _KNOWN - {"now", "deadline"} | {"every", "window", "until", "revisit"}


def start(given: Parameters) -> None:
    """Hand the graph of a task to its engine, and do not wait; raise ConfigError where a task is more than one job."""
    make = GRAPHS.get(given.task)
    if make is None:
        raise ConfigError(
            f"task={given.task} is several jobs, one after the other, and a template starts one: "
            f"{' or '.join(GRAPHS)}; for others run newsbeam with --runner DataflowRunner, which waits"
        )
    make(given, options_of(given)).run()


def options_of(given: Parameters) -> RunOptions:
    """Return the options of a run; raise ConfigError for those that a job of its own does not have."""
    is_stream = given.task == "stream"
    strange = sorted({name for name, _ in given.own} - (_OF_STREAM if is_stream else _KNOWN))
    lake = given.one("lake")
    if strange or lake is None:
        raise ConfigError(
            f"task={given.task} of a template has no parameter {strange[0]}"
            if strange
            else "lake is missing: gs://BUCKET/FOLDER"
        )
    web = web_options(
        None,
        _number(given, "spacing", 1.0),
        given.one("user_agent"),
        given.one("contact"),
        list(given.all("allow_net")),
    )
    if given.one("deadline"):
        web["deadline"] = time.time() + _number(given, "deadline", 0.0)
    beam_args = list(known_to_beam(given.beam))
    runner = next(
        (o.partition("=")[2] for o in beam_args if o.startswith("--runner=")), "DataflowRunner"
    )
    options, _ = run_options(
        beam_args,
        web,
        lake=lake,
        now=given.one("now"),
        run_id=given.one("run_id"),
        workers=int(_number(given, "workers", 1)),
        runner=runner,
        keep_raw=given.flag("keep_raw", False),
        revisit=given.flag("revisit", True),
        window_s=int(_number(given, "window", 300.0)) if is_stream else 0,
    )
    return options


def known_to_beam(args: Iterable[str]) -> Iterator[str]:
    """Yield the options that this Beam has; a template's launcher may be newer, so others are said and left out."""
    for arg in args:
        try:
            split_beam_args([arg])
        except ConfigError:
            say(f"newsbeam: left out {arg.partition('=')[0]}, which is no option of Beam's")
        else:
            yield arg


def _number(given: Parameters, name: str, default: float) -> float:
    value = given.one(name)
    try:
        number = default if value is None else float(value)
    except ValueError as error:
        raise ConfigError(f"{name}={value}: write a number") from error
    if number < 0:
        raise ConfigError(f"{name}={value}: write a number that is not negative")
    return number


def ingest_graph(given: Parameters, options: RunOptions) -> beam.Pipeline:
    """Return the graph that polls the feeds that are due and gets their new pages, all in one commit."""
    sources = sorted(read_feed_lists(given.all("feeds")).feeds, key=lambda s: s.feed_id)
    lake = open_lake(options.lake)
    run = options.context("scheduled", [s.feed_url for s in sources])
    known = lake.feed_states()
    pipeline = options.pipeline()
    merged = build(
        pipeline,
        current_states(known, sources, options.now),
        options,
        run,
        orphaned(known, sources),
    )
    return closed(merged, options, run)


def revisits_graph(given: Parameters, options: RunOptions) -> beam.Pipeline:
    """Return the graph that looks again at the articles that are due."""
    lake = open_lake(options.lake)
    run = options.context("scheduled", "revisit")
    pipeline = options.pipeline()
    revisits = due_revisits(lake, dataclasses.replace(options, revisit=True))
    return closed(build_revisits(pipeline, revisits, options, run), options, run)


def stream_graph(given: Parameters, options: RunOptions) -> beam.Pipeline:
    """Return the graph that polls feeds as they fall due, without end; each window has its last word by itself."""
    sources = read_feed_lists(given.all("feeds")).feeds
    clock = StreamOptions(
        every_s=_number(given, "every", 60.0), until=parse_time(given.one("until"))
    )
    return stream_pipeline(sources, options, clock)


GRAPHS: dict[str, Callable[[Parameters, RunOptions], beam.Pipeline]] = {
    "ingest": ingest_graph,
    "revisit": revisits_graph,
    "stream": stream_graph,
}
"""The tasks that are one job."""


def closed(merged: PCollection[str], options: RunOptions, run: RunContext) -> beam.Pipeline:
    """Return the pipeline with the last word of its run, said once all is merged."""
    merged | "Close" >> beam.Map(_close, lake=options.lake, run=run, started=options.started)
    return merged.pipeline


def _close(_: str, *, lake: str, run: RunContext, started: float) -> None:
    ended = run.now + timedelta(seconds=time.time() - started)
    open_lake(lake).merge(Batch(run=run, ended_at=ended))
