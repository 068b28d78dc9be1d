"""Stream: poll feeds continuously, with the stages of `ingest`, and commit once a window.

Windows are five minutes or longer, since each commit rewrites the files of the days it changes.
Everything a tick of the clock starts is in the tick's window, so that one commit has the new state
of a feed and the pages it led to. An engine that restarts from a checkpoint repeats part of its
work, and merges the same rows again.
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

from pipelines.jobs.ingest import entry_contents, fetch_entries
from pipelines.jobs.plan import Reporter
from pipelines.jobs.requirements import require_coder
from pipelines.jobs.run_options import LOCAL_RUNNERS, RunOptions
from pipelines.jobs.runner import only_polling
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
"""Elements up to a week late make another commit of their window; Beam drops later ones. An engine
that was down for longer has to be restarted and polls its feeds again."""
_FINAL_STATES = frozenset(
    {PipelineState.DONE, PipelineState.FAILED, PipelineState.CANCELLED, PipelineState.DRAINED}
)


@dataclass(frozen=True, kw_only=True)
class StreamPlan:
    """The feeds of a stream, the seconds between two ticks, and when polling ends (None: never)."""

    feeds: Sequence[FeedSource]
    skipped_inputs: tuple[str, ...] = ()
    every_s: float = 60.0
    until: datetime | None = None
    revisit: bool = True

    @property
    def config(self) -> object:
        """Return the feeds' URLs, as hashed into `runs.config_sha256`."""
        return sorted(source.feed_url for source in self.feeds)


def build_stream(
    pipeline: beam.Pipeline,
    plan: StreamPlan,
    options: RunOptions,
    orphans: frozenset[str] = frozenset(),
) -> PCollection[str]:
    """Add the stream's graph to a pipeline; returns the id of each window's run once merged."""
    stop = MAX_TIMESTAMP if plan.until is None else Timestamp.of(plan.until.timestamp())
    start = Timestamp.of(options.now.timestamp())
    ticks = pipeline | "Ticks" >> PeriodicImpulse(start, stop, plan.every_s)
    return follow(ticks, plan, options, orphans)


def follow(
    ticks: PCollection[Any],
    plan: StreamPlan,
    options: RunOptions,
    orphans: frozenset[str] = frozenset(),
) -> PCollection[str]:
    """Poll and revisit what is due at each tick; returns the id of each merged window's run."""
    polling = PollOnTicks(
        plan.feeds, options.lake, options.web, options.clock, plan.every_s, options.pool
    )
    polled = ticks | "PollFeeds" >> polling
    first: PCollection[FeedEntry] = polled.entries | "Drop duplicates" >> DropDuplicates(_link)
    unseen = first | "DropSeen" >> DropSeen(options.lake, orphans)
    revisits = None
    if plan.revisit:
        revisits = ticks | "Revisit" >> RevisitOnTicks(options.lake, options.clock, plan.every_s)
    fetched = fetch_entries(polled, unseen, options, revisits)
    windows = in_windows(options.window_s)
    polled = PolledFeeds(
        *(p | f"Windows of polled {name}" >> windows for name, p in polled._asdict().items())
    )
    fetched = Fetched(
        *(p | f"Windows of fetched {name}" >> windows for name, p in fetched._asdict().items())
    )
    revisited = None if revisits is None else revisits | "Windows of revisits" >> windows
    contents = entry_contents(polled, fetched, options, revisited)
    context = options.context("stream", plan.config)
    merged: PCollection[str] = contents | "MergeWindows" >> MergeWindows(
        options.lake, context, options.clock
    )
    return merged


def _link(entry: FeedEntry) -> str:
    return entry.url_key


def in_windows(window_s: int) -> beam.WindowInto:
    """Return the step that assigns elements to the windows of their ticks, up to a week late."""
    return beam.WindowInto(
        FixedWindows(window_s),
        trigger=AfterWatermark(late=AfterCount(1)),
        accumulation_mode=AccumulationMode.DISCARDING,
        allowed_lateness=Duration(LATENESS_S),
    )


def stream_pipeline(
    plan: StreamPlan, options: RunOptions, reporter: Reporter | None = None
) -> beam.Pipeline:
    """Return the pipeline of a stream; its lake is created or recovered if necessary."""
    require_coder()
    (reporter or Reporter()).skipped_inputs(plan.skipped_inputs)
    orphans = orphaned(open_lake(options.lake).feed_states(), plan.feeds)
    pipeline = options.pipeline()
    build_stream(pipeline, plan, options, orphans)
    return pipeline


def run_stream(plan: StreamPlan, options: RunOptions, reporter: Reporter | None = None) -> str:
    """Run a stream until it ends or SIGINT or SIGTERM cancels it; return the job's last state.

    Raises ConfigError for an engine that only runs bounded jobs.
    """
    if options.runner in LOCAL_RUNNERS:
        raise ConfigError(
            "the local runner cannot run a stream: name an engine, e.g. --runner PrismRunner or "
            "FlinkRunner; on one machine, let a timer start `newsbeam ingest`"
        )
    reporter = reporter or Reporter()
    pipeline = stream_pipeline(plan, options, reporter)
    with only_polling(True, options, reporter):
        return _run_until_end(pipeline)


def _run_until_end(pipeline: beam.Pipeline) -> str:
    result = pipeline.run()
    with _cancelled_by_signals(result) as signals:
        try:
            return str(result.wait_until_finish())
        except (RuntimeError, RpcError):
            if not signals:
                raise
            return PipelineState.CANCELLED


@contextmanager
def _cancelled_by_signals(result: PipelineResult) -> Iterator[list[int]]:
    """Cancel the job at a signal; yields the list of received signals.

    The caller needs it because Beam raises for a cancelled job.
    """
    received: list[int] = []

    def cancel(number: int, _: FrameType | None) -> None:
        received.append(number)
        # A terminal sends Ctrl-C to its whole process group, so an engine started from it may have
        # ended already.
        with suppress(RpcError):
            if result.state not in _FINAL_STATES:
                result.cancel()

    before = {number: signal.signal(number, cancel) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
