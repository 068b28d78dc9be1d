"""The unbounded job: poll feeds as they fall due, get and read the new pages, and write one commit a window.

A window is a span of time, five minutes or more: each rewrites the day's files that it adds to. All that a tick of the
clock has set off is in the tick's window, so that a commit has a feed's new state together with the pages that came of
it. An engine that starts again from a checkpoint, and so does part of its work twice, merges the same rows once more.
"""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from types import FrameType
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import PCollection
from apache_beam.runners.runner import PipelineResult, PipelineState
from apache_beam.transforms.periodicsequence import PeriodicImpulse
from apache_beam.transforms.trigger import AccumulationMode, AfterCount, AfterWatermark
from apache_beam.transforms.window import FixedWindows
from apache_beam.utils.timestamp import MAX_TIMESTAMP, Duration, Timestamp
from grpc import RpcError

from pipelines.jobs.ingest import fetch_wanted, take_in
from pipelines.jobs.run_options import LOCAL_RUNNERS, RunOptions
from transforms.core.feeds.states import orphaned
from transforms.errors import ConfigError
from transforms.feeds import PolledFeeds
from transforms.fetch import Fetched
from transforms.lake import open_lake
from transforms.records import FeedEntry, FeedSource
from transforms.seen import DropSeen
from transforms.stream import DropDuplicates, MergeWindows
from transforms.ticks import PollOnTicks, RevisitOnTicks

LATENESS_S = 7 * 86_400
"""What comes later than its window, by up to a week, makes another commit of it."""
_OVER = frozenset(
    {PipelineState.DONE, PipelineState.FAILED, PipelineState.CANCELLED, PipelineState.DRAINED}
)


@dataclass(frozen=True, kw_only=True)
class StreamOptions:
    """How often the clock ticks, in seconds, and when it stops; None: never."""

    every_s: float = 60.0
    until: datetime | None = None


def build_stream(
    pipeline: beam.Pipeline,
    sources: Sequence[FeedSource],
    options: RunOptions,
    clock: StreamOptions,
    orphans: frozenset[str] = frozenset(),
) -> PCollection[str]:
    """Add the graph to a pipeline; gives the name of each window's run once it is merged."""
    stop = MAX_TIMESTAMP if clock.until is None else Timestamp.of(clock.until.timestamp())
    start = Timestamp.of(options.now.timestamp())
    ticks = pipeline | "Ticks" >> PeriodicImpulse(start, stop, clock.every_s)
    return follow(ticks, sources, options, clock, orphans)


def follow(
    ticks: PCollection[Any],
    sources: Sequence[FeedSource],
    options: RunOptions,
    clock: StreamOptions,
    orphans: frozenset[str] = frozenset(),
) -> PCollection[str]:
    """Do at each tick what is due then; gives the name of each window's run once it is merged."""
    polling = PollOnTicks(
        sources, options.lake, options.web, options.clock, clock.every_s, options.pool
    )
    polled = ticks | "PollFeeds" >> polling
    first: PCollection[FeedEntry] = polled.entries | "Drop duplicates" >> DropDuplicates(_link)
    unseen = first | "DropSeen" >> DropSeen(options.lake, orphans)
    revisits = None
    if options.revisit:
        revisits = ticks | "Revisit" >> RevisitOnTicks(options.lake, options.clock, clock.every_s)
    fetched = fetch_wanted(polled, unseen, options, revisits)
    windows = in_windows(options.window_s)
    polled = PolledFeeds(
        *(p | f"Windows of polled {name}" >> windows for name, p in polled._asdict().items())
    )
    fetched = Fetched(
        *(p | f"Windows of fetched {name}" >> windows for name, p in fetched._asdict().items())
    )
    revisited = None if revisits is None else revisits | "Windows of revisits" >> windows
    arrivals = take_in(polled, fetched, options, revisited)
    run = options.context("stream", sorted(s.feed_url for s in sources))
    merged: PCollection[str] = arrivals.all() | "MergeWindows" >> MergeWindows(
        options.lake, run, options.clock
    )
    return merged


def _link(entry: FeedEntry) -> str:
    return entry.url_key


def in_windows(window_s: int) -> beam.WindowInto:
    """Return the step that puts elements into the windows of their ticks; what is late by up to a week is not dropped."""
    return beam.WindowInto(
        FixedWindows(window_s),
        trigger=AfterWatermark(late=AfterCount(1)),
        accumulation_mode=AccumulationMode.DISCARDING,
        allowed_lateness=Duration(LATENESS_S),
    )


def stream_pipeline(
    sources: Sequence[FeedSource], options: RunOptions, clock: StreamOptions
) -> beam.Pipeline:
    """Return the pipeline of a stream into a lake, which is made or mended where that is needed."""
    orphans = orphaned(open_lake(options.lake).feed_states(), sources)
    pipeline = options.pipeline()
    build_stream(pipeline, sources, options, clock, orphans)
    return pipeline


def stream(sources: Sequence[FeedSource], options: RunOptions, clock: StreamOptions) -> str:
    """Run the stream until it ends or is told to stop (SIGINT, SIGTERM: the job is cancelled); return its last state.

    Raise ConfigError for an engine that runs bounded jobs alone.
    """
    if options.runner in LOCAL_RUNNERS:
        raise ConfigError(
            "a stream runs without end, which the local runner cannot: name an engine, e.g. --runner PrismRunner or "
            "FlinkRunner; on one machine let a timer start `newsbeam ingest`"
        )
    result = stream_pipeline(sources, options, clock).run()
    with _cancelled_by_signals(result) as cancelled:
        try:
            return str(result.wait_until_finish())
        except (RuntimeError, RpcError):
            if not cancelled:
                raise
            return PipelineState.CANCELLED


@contextmanager
def _cancelled_by_signals(result: PipelineResult) -> Iterator[list[int]]:
    """Cancel the job at a signal; gives the signals that came. Beam raises for a job that was cancelled.

    A terminal sends Ctrl-C to all processes of its group: an engine that is one of them may be gone by then.
    """
    came: list[int] = []

    def cancel(number: int, _: FrameType | None) -> None:
        came.append(number)
        with suppress(RpcError):
            if result.state not in _OVER:
                result.cancel()

    before = {number: signal.signal(number, cancel) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
