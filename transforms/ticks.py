"""What a stream does at each tick: poll the feeds and list the revisits that are due."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import apache_beam as beam
from apache_beam.coders import BytesCoder
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection, TaggedOutput
from apache_beam.transforms.userstate import ReadModifyWriteStateSpec

from transforms.clock import RunClock
from transforms.core.feeds.parse import PARSE_TIMEOUT_S
from transforms.core.feeds.shards import dump_shard, load_shard, shard_of
from transforms.core.feeds.states import current_states
from transforms.core.revisits import MAX_REVISITS
from transforms.core.windows import is_stale
from transforms.errors import FeedError, NewsbeamError
from transforms.feeds import (
    FeedResponse,
    FetchFeeds,
    PolledFeeds,
    decide,
    emit_outputs,
    reject_document,
)
from transforms.lake_to_read import queries_on
from transforms.outcome import Stage
from transforms.pool import PoolOptions
from transforms.processes import result_or_error
from transforms.records import FeedSource, FeedState, Revisit
from transforms.run_lease import extend_job
from transforms.stream import DropDuplicates
from transforms.web import WebOptions

# Each query reads the lake's articles of a week. A revisit is due hours after its article, so a
# delay of a quarter of an hour does not matter.
REVISIT_EVERY_S = 900

STREAM_LEASE_S = 1800.0
"""Seconds for which a stream without a process that waits for it has the lease of a lake's runs
after each tick. A judgement: an engine restarts a job within minutes, and ticks are a minute
apart."""

ShardFeeds = tuple[str, tuple[FeedState, ...]]


@dataclass
class PollOnTicks(Stage[PCollection[Any], PolledFeeds]):
    """Poll the due feeds of a list at each tick, and dequeue their due pending pages.

    Feeds are polled in shards of whole domains, all feeds of a shard at once. The states that a
    shard's polls produce are in the engine's state, so checkpoints and savepoints have them. A
    tick is skipped once the next one is due.
    """

    sources: Sequence[FeedSource]
    lake: str
    web: WebOptions
    clock: RunClock
    every_s: float
    pool: PoolOptions

    def expand(self, ticks: PCollection[Any]) -> PolledFeeds:
        """List the feeds with their states, and poll them by shard."""
        listing = _ListFeeds(self.sources, self.lake, self.clock, self.every_s)
        listed = ticks | "List feeds" >> beam.ParDo(listing).with_output_types(ShardFeeds)
        polling = _PollShard(self.web, self.clock, self.every_s, self.pool)
        tags = ("retries", "states", "fetches", "rejects")
        out = listed | "Poll" >> beam.ParDo(polling).with_outputs(*tags, main="entries")
        return PolledFeeds(out.entries, out.retries, out.states, out.fetches, out.rejects)


class _ListFeeds(beam.DoFn):
    """Reads the feeds' states from the lake."""

    def __init__(
        self, sources: Sequence[FeedSource], lake: str, clock: RunClock, every_s: float
    ) -> None:
        self._sources = sources
        self._lake = lake
        self._clock = clock
        self._every_s = every_s

    def process(self, _: Any, timestamp: Any = beam.DoFn.TimestampParam) -> Iterator[ShardFeeds]:
        """Yield each shard's feeds."""
        now = self._clock.at(timestamp).now
        if _is_missed(now, self._every_s):
            return
        extend_job(self._lake, self._clock.run_id, max(STREAM_LEASE_S, 3 * self._every_s))
        known = queries_on(self._lake).feed_states()
        shards = defaultdict[str, list[FeedState]](list)
        for state in current_states(known, self._sources, now):
            shards[shard_of(state)].append(state)
        for name, states in sorted(shards.items()):
            yield name, tuple(states)


def _is_missed(tick: datetime, every_s: float) -> bool:
    """Return whether a tick is to be skipped, and count it if so."""
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
        listed: ShardFeeds,
        timestamp: Any = beam.DoFn.TimestampParam,
        window: Any = beam.DoFn.WindowParam,
        stored: Any = SHARD,
    ) -> Iterator[Any]:
        """Yield the outputs of the shard's polls, and store their states."""
        now = self._clock.at(timestamp).now
        if _is_missed(now, self._every_s):
            return
        _, feeds = listed
        shard = load_shard(stored.read())
        outputs = list(self._poll_all(shard.current(feeds, now), timestamp, window))
        after = shard.after(feeds, _states_in(outputs), now)
        if after != shard:
            stored.write(dump_shard(after))
        yield from outputs

    def _poll_all(self, states: Iterable[FeedState], timestamp: Any, window: Any) -> Iterator[Any]:
        # All requests are started before the first output, so that they run at the same time.
        started = [self.start(state, timestamp, window) for state in states]
        for undue in started:
            if undue is not None:
                yield from emit_outputs(undue)
        for windowed in self.completed():
            for tag, value in self.outputs(windowed.exchange):
                if not isinstance(value, FeedResponse):
                    yield TaggedOutput(tag, value)
                elif tag == "documents":
                    yield from emit_outputs(self._parsed(value))
                else:
                    yield from emit_outputs(value)

    def _parsed(self, undecided: FeedResponse) -> FeedResponse:
        if self._pool is None:
            return decide(undecided)
        future = self._pool.submit(decide, undecided, self._timeout_s)
        decided: FeedResponse | NewsbeamError = result_or_error(
            future.result, FeedError, self._timeout_s
        )
        if isinstance(decided, FeedResponse):
            return decided
        return reject_document(undecided, decided)


def _states_in(outputs: Iterable[Any]) -> list[FeedState]:
    tagged = (output for output in outputs if isinstance(output, TaggedOutput))
    return [output.value for output in tagged if output.tag == "states"]


@dataclass
class RevisitOnTicks(beam.PTransform[PCollection[Any], PCollection[Revisit]]):
    """Yield every quarter of an hour the articles whose revisit is due, each revisit once."""

    lake: str
    clock: RunClock
    every_s: float

    def expand(self, ticks: PCollection[Any]) -> PCollection[Revisit]:
        """Query the lake, and drop what it still lists because its window is not merged yet."""
        finding = _FindRevisits(self.lake, self.clock, self.every_s)
        due: PCollection[Revisit] = ticks | "Find" >> beam.ParDo(finding).with_output_types(Revisit)
        new: PCollection[Revisit] = due | "Drop duplicates" >> DropDuplicates(revisit_key)
        return new


def revisit_key(revisit: Revisit) -> str:
    """Return the key of one revisit of an article; the next has another time of its last fetch."""
    return f"{revisit.article_id} {revisit.seen_at.isoformat()}"


class _FindRevisits(beam.DoFn):
    """Reads the due revisits from the lake."""

    def __init__(self, lake: str, clock: RunClock, every_s: float) -> None:
        self._lake = lake
        self._clock = clock
        self._every_s = every_s

    def process(self, _: Any, timestamp: Any = beam.DoFn.TimestampParam) -> Iterator[Revisit]:
        """Yield the due revisits at the first tick of each quarter of an hour."""
        now = self._clock.at(timestamp).now
        is_first = int(now.timestamp()) % REVISIT_EVERY_S < self._every_s
        if is_first and not is_stale(now, self._every_s, datetime.now(UTC)):
            yield from queries_on(self._lake).due_revisits(now, MAX_REVISITS)
