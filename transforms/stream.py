"""The stages that a stream has beside those of a run: feeds polled on ticks, links taken once, windows merged."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import apache_beam as beam
from apache_beam.coders import BooleanCoder, BytesCoder
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection, TaggedOutput
from apache_beam.transforms.timeutil import TimeDomain
from apache_beam.transforms.userstate import ReadModifyWriteStateSpec, TimerSpec, on_timer
from apache_beam.utils.timestamp import Duration

from transforms.clock import RunClock
from transforms.core.feeds.parse import PARSE_TIMEOUT_S
from transforms.core.feeds.shards import dump_shard, load_shard, shard_of
from transforms.core.feeds.states import current_states
from transforms.core.lake.batch import fill_batch
from transforms.core.lake.lake import Lake
from transforms.core.windows import is_stale
from transforms.errors import FeedError, NewsbeamError
from transforms.feeds import (
    FeedResponse,
    FetchFeeds,
    PolledFeeds,
    give_out,
    read_document,
    refuse_document,
)
from transforms.pool import PoolOptions
from transforms.processes import result_or_error
from transforms.records import Batch, FeedSource, FeedState, Revisit, RunContext
from transforms.stores import open_store
from transforms.web import WebOptions

T = TypeVar("T")
REMEMBERED = Duration(seconds=86_400)
"""For so long a link that was taken is not taken again; by then the lake knows it."""
REVISIT_EVERY_S = 900
MAX_REVISITS = 2_000

Listed = tuple[str, tuple[FeedState, ...]]


@dataclass
class PollOnTicks(beam.PTransform[PCollection[Any], PolledFeeds]):
    """Poll, at each tick, the feeds of a list that are due then, and take the pages that the lake says are owed.

    Feeds are asked in shards of whole domains, all feeds of a shard at once. What a shard's polls have left behind is
    in the engine's state: it goes into checkpoints and savepoints with all else. A tick that comes late is passed over
    where the next is there by then.
    """

    sources: Sequence[FeedSource]
    lake: str
    web: WebOptions
    clock: RunClock
    every_s: float
    pool: PoolOptions

    def expand(self, ticks: PCollection[Any]) -> PolledFeeds:
        """List the feeds with their states, and poll them by shard."""
        listing = _List(self.sources, self.lake, self.clock, self.every_s)
        listed = ticks | "List feeds" >> beam.ParDo(listing).with_output_types(Listed)
        polling = _PollShard(self.web, self.clock, self.every_s, self.pool)
        tags = ("retries", "states", "fetches", "rejects")
        out = listed | "Poll" >> beam.ParDo(polling).with_outputs(*tags, main="entries")
        return PolledFeeds(out.entries, out.retries, out.states, out.fetches, out.rejects)


class _List(beam.DoFn):
    """Reads what the lake says of the feeds; nothing where the tick is stale."""

    def __init__(
        self, sources: Sequence[FeedSource], lake: str, clock: RunClock, every_s: float
    ) -> None:
        self._sources = sources
        self._lake = lake
        self._clock = clock
        self._every_s = every_s

    def process(self, _: Any, timestamp: Any = beam.DoFn.TimestampParam) -> Iterator[Listed]:
        """Yield each shard's feeds."""
        now = self._clock.at(timestamp).now
        if _is_missed(now, self._every_s):
            return
        shards = defaultdict[str, list[FeedState]](list)
        for state in current_states(Lake(open_store(self._lake)).feed_states(), self._sources, now):
            shards[shard_of(state)].append(state)
        yield from ((name, tuple(states)) for name, states in sorted(shards.items()))


def _is_missed(tick: datetime, every_s: float) -> bool:
    missed = is_stale(tick, every_s, datetime.now(UTC))
    Metrics.counter("stream", "ticks_missed").inc(int(missed))
    return missed


class _PollShard(FetchFeeds):
    """Polls a shard's feeds that are due, and waits for all of them."""

    SHARD = beam.DoFn.StateParam(ReadModifyWriteStateSpec("shard", BytesCoder()))

    def __init__(self, web: WebOptions, clock: RunClock, every_s: float, pool: PoolOptions) -> None:
        super().__init__(web, clock)
        self._every_s = every_s
        self._options = pool
        self._timeout_s = min(pool.timeout_s, PARSE_TIMEOUT_S)

    def setup(self) -> None:
        """Join the worker's pool, or start it."""
        self._pool = self._options.join()

    def process(  # type: ignore[override]
        self,
        listed: Listed,
        timestamp: Any = beam.DoFn.TimestampParam,
        window: Any = beam.DoFn.WindowParam,
        stored: Any = SHARD,
    ) -> Iterator[Any]:
        """Yield what the polls bring, and keep what they leave behind."""
        now = self._clock.at(timestamp).now
        if _is_missed(now, self._every_s):
            return
        shard = load_shard(stored.read())
        outputs = list(self._polled(shard.current(listed[1], now), timestamp, window))
        states = [
            out.value for out in outputs if isinstance(out, TaggedOutput) and out.tag == "states"
        ]
        after = shard.after(listed[1], states, now)
        if after != shard:
            stored.write(dump_shard(after))
        yield from outputs

    def _polled(self, states: Iterable[FeedState], timestamp: Any, window: Any) -> Iterator[Any]:
        undue = [self.start(state, timestamp, window) for state in states]
        for answered in filter(None, undue):
            yield from give_out(answered)
        for placed in self.answers():
            for tag, value in self.outputs(placed.asked):
                if isinstance(value, FeedResponse):
                    yield from give_out(self._read(value) if tag == "documents" else value)
                else:
                    yield TaggedOutput(tag, value)

    def _read(self, answered: FeedResponse) -> FeedResponse:
        if self._pool is None:
            return read_document(answered)
        future = self._pool.submit(read_document, answered, self._timeout_s)
        done = result_or_error(future.result, FeedError, self._timeout_s)
        return refuse_document(answered, done) if isinstance(done, NewsbeamError) else done


@dataclass
class DropDuplicates(beam.PTransform[PCollection[T], PCollection[T]], Generic[T]):
    """Give the first of the elements that have one key, and none again for a day."""

    key_of: Callable[[T], str]

    def expand(self, pcoll: PCollection[T]) -> PCollection[T]:
        """Remember keys in the engine's state."""
        first: PCollection[T] = (
            pcoll
            | "Key" >> beam.Map(_keyed, self.key_of).with_output_types(tuple[str, Any])
            | "First" >> beam.ParDo(_First())  # type: ignore[no-untyped-call]
        )
        return first


def _keyed(item: T, key_of: Callable[[T], str]) -> tuple[str, T]:
    return key_of(item), item


class _First(beam.DoFn):
    """Gives an element whose key it does not remember."""

    SEEN = beam.DoFn.StateParam(ReadModifyWriteStateSpec("seen", BooleanCoder()))
    FORGET = TimerSpec("forget", TimeDomain.WATERMARK)
    FORGETTING = beam.DoFn.TimerParam(FORGET)

    def process(
        self,
        keyed: tuple[str, Any],
        timestamp: Any = beam.DoFn.TimestampParam,
        seen: Any = SEEN,
        forget: Any = FORGETTING,
    ) -> Iterator[Any]:
        """Yield the element where its key is new."""
        if not seen.read():
            seen.write(True)
            forget.set(timestamp + REMEMBERED)
            yield keyed[1]

    @on_timer(FORGET)
    def expire(self, seen: Any = SEEN) -> None:
        """Forget the key."""
        seen.clear()


@dataclass
class RevisitOnTicks(beam.PTransform[PCollection[Any], PCollection[Revisit]]):
    """Give the articles that are due to be looked at again, every quarter of an hour, each look once."""

    lake: str
    clock: RunClock
    every_s: float

    def expand(self, ticks: PCollection[Any]) -> PCollection[Revisit]:
        """Ask the lake; it still lists those whose window is not merged yet, so that they are taken once."""
        finding = _FindRevisits(self.lake, self.clock, self.every_s)
        due: PCollection[Revisit] = ticks | "Find" >> beam.ParDo(finding).with_output_types(Revisit)
        once: PCollection[Revisit] = due | "Drop duplicates" >> DropDuplicates(revisit_key)
        return once


def revisit_key(look: Revisit) -> str:
    """Return what names one look at an article: a later one has another time of its last fetch."""
    return f"{look.article_id} {look.seen_at.isoformat()}"


class _FindRevisits(beam.DoFn):
    """Reads the articles that are due from the lake."""

    def __init__(self, lake: str, clock: RunClock, every_s: float) -> None:
        self._lake = lake
        self._clock = clock
        self._every_s = every_s

    def process(self, _: Any, timestamp: Any = beam.DoFn.TimestampParam) -> Iterator[Revisit]:
        """Yield the looks that are due, at the first tick of each quarter."""
        now = self._clock.at(timestamp).now
        passed = int(now.timestamp()) % REVISIT_EVERY_S
        if passed < self._every_s and not is_stale(now, self._every_s, datetime.now(UTC)):
            yield from Lake(open_store(self._lake)).due_revisits(now, MAX_REVISITS)


@dataclass
class MergeWindows(beam.PTransform[tuple[PCollection[Any], ...], PCollection[str]]):
    """Merge all that arrives within a window into the lake, in one commit; gives the name of the run that the window is.

    What arrives late makes another commit of the same run. A window that is merged twice leaves the lake as one merged
    once does.
    """

    lake: str
    run: RunContext
    clock: RunClock

    def expand(self, arrivals: tuple[PCollection[Any], ...]) -> PCollection[str]:
        """Bring all of a window to one place: a commit is one piece of work."""
        merged: PCollection[str] = (
            arrivals
            | "Join" >> beam.Flatten()
            | "Key" >> beam.Map(lambda arrived: ("", arrived)).with_output_types(tuple[str, Any])
            | "Gather" >> beam.GroupByKey()
            | "Merge"
            >> beam.Map(_merge_window, self.lake, self.run, self.clock).with_output_types(str)
        )
        return merged


def _merge_window(
    group: tuple[str, Iterable[Any]],
    lake: str,
    run: RunContext,
    clock: RunClock,
    window: Any = beam.DoFn.WindowParam,
) -> str:
    run_window = clock.window_at(window.start.to_utc_datetime(has_tz=True))
    own = replace(run, run_id=run_window.run_id, now=run_window.end)
    Lake(open_store(lake)).merge(
        replace(fill_batch(Batch(run=own), group[1]), ended_at=datetime.now(UTC))
    )
    return run_window.run_id
