"""Poll the feeds that are due: entries of changed documents, pages owed from before, and each feed's next state."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection, TaggedOutput

from transforms.clock import RunClock
from transforms.core.feeds.bounds import MAX_FEED_BYTES
from transforms.core.feeds.hints import fresh_s
from transforms.core.feeds.parse import PARSE_TIMEOUT_S
from transforms.core.feeds.poll import (
    Counts,
    Polled,
    PollResponse,
    defer,
    dequeue_due,
    drop_queued,
    needs_parsing,
    poll,
    poll_request,
    polled_url,
    switched,
)
from transforms.core.ids import stable_id
from transforms.errors import FeedError, NewsbeamError
from transforms.pool import PooledDoFn, PoolOptions
from transforms.records import FeedEntry, FeedState, Fetch, Reject
from transforms.web import (
    AsyncFetchDoFn,
    Exchange,
    FetchRequest,
    GatherDomains,
    Response,
    WebError,
    WebOptions,
    with_result,
)


class PolledFeeds(NamedTuple):
    """Entries of changed documents, not yet filtered by what was seen; pages owed from before, to be taken first
    whatever was seen; the next state of each feed that was touched; a row for each request; and rejects."""

    entries: PCollection[FeedEntry]
    retries: PCollection[FeedEntry]
    states: PCollection[FeedState]
    fetches: PCollection[Fetch]
    rejects: PCollection[Reject]


@dataclass(frozen=True, slots=True)
class FeedResponse:
    """A feed as it was, what came back, and what that means once it is decided."""

    before: FeedState
    now: datetime
    response: PollResponse
    row: Fetch | None = None
    polled: Polled | None = None


@dataclass
class PollFeeds(beam.PTransform[PCollection[FeedState], PolledFeeds]):
    """Poll each feed that is due by the run's clock, and take the pages due again out of every feed's state.

    A feed that is not due and owes nothing yields nothing. What the run's deadline cuts off stays as it was; what
    a site keeps waiting too long is due at the end of that wait. Documents are read in the pool, where one that takes
    over 30 seconds is refused and keeps no other waiting.
    """

    web: WebOptions
    clock: RunClock
    pool: PoolOptions = field(default_factory=lambda: PoolOptions(size=0))

    def expand(self, pcoll: PCollection[FeedState]) -> PolledFeeds:
        """Keep a domain's feeds together, so that its pace holds whatever the workers."""
        pool = replace(self.pool, timeout_s=min(self.pool.timeout_s, PARSE_TIMEOUT_S))
        asked = (
            pcoll
            | "Gather domains" >> GatherDomains(polled_url)
            | "Ask"
            >> beam.ParDo(FetchFeeds(self.web, self.clock)).with_outputs(
                "documents", "fetches", main="decided"
            )
        )
        reading = PooledDoFn(read_document, refuse_document, FeedError, pool)
        read = asked.documents | "Read" >> beam.ParDo(reading).with_outputs("rejects", main="good")
        outputs = (
            (asked.decided, read.good, read.rejects)
            | "Decided" >> beam.Flatten()
            | "Give out"
            >> beam.FlatMap(give_out).with_outputs(
                "retries", "states", "fetches", "rejects", main="entries"
            )
        )
        fetches = (asked.fetches, outputs.fetches) | "Fetches" >> beam.Flatten()
        return PolledFeeds(
            outputs.entries, outputs.retries, outputs.states, fetches, outputs.rejects
        )


class FetchFeeds(AsyncFetchDoFn[FeedState]):
    """Asks for each due feed, and decides at once where there is no document to read."""

    main = "decided"
    kind = "feed"
    counted = "feeds"

    def process(
        self,
        state: FeedState,
        timestamp: Any = beam.DoFn.TimestampParam,
        window: Any = beam.DoFn.WindowParam,
    ) -> Iterator[Any]:
        """Start the request, or give out an undue feed for what it owes."""
        undue = self.start(state, timestamp, window)
        if undue is not None:
            yield undue

    def start(self, state: FeedState, timestamp: Any, window: Any) -> FeedResponse | None:
        """Start the request for a feed; return one that is not due as it is."""
        now = self._clock.at(timestamp).now
        request = poll_request(state, now)
        if request is None:
            polled = Polled(state=switched(state, now), status="skipped")
            return FeedResponse(state, now, PollResponse(), polled=polled)
        wish = FetchRequest(headers=request.headers, max_bytes=MAX_FEED_BYTES, truncate=True)
        self.ask(state, request.url, wish, timestamp, window)
        return None

    def outputs(self, asked: Exchange[FeedState]) -> Iterable[tuple[str, object]]:
        """Return what one feed's answer means, or its document, which is still to be read."""
        state, answer, now = asked.item, asked.answer, asked.moment.now
        response = poll_response(answer)
        answered = FeedResponse(state, now, response)
        row = fetch_row(
            Polled(state=state, status="ok"), answer, asked.moment.run_id, asked.fetched_at
        )
        if isinstance(answer, Response) and needs_parsing(state, response):
            yield from (logged for logged in self.log(asked, row) if logged[1] is not row)
            yield "documents", replace(answered, row=row)
            return
        if isinstance(answer, WebError) and answer.status == "skipped":
            # Put off, or cut off by the deadline: the feed stays as it was.
            polled = Polled(state=defer(state, now, answer.retry_after_s), status="skipped")
        else:
            polled = poll(state, now, response)
        yield from self.log(asked, finished_row(row, polled))
        yield self.main, replace(answered, response=PollResponse(), polled=polled)


def give_out(answered: FeedResponse) -> Iterator[Any]:
    """Give each part of a decision to its output, what is owed first, and count what came of a document."""
    polled = answered.polled
    assert polled is not None  # noqa: S101 - decided by now
    state, owed = dequeue_due(polled.state, answered.now, polled.entries)
    yield from (TaggedOutput("retries", entry) for entry in owed)
    yield from drop_queued(answered.before, polled.entries)
    if state != answered.before:
        yield TaggedOutput("states", state)
    yield from (TaggedOutput("rejects", reject) for reject in polled.rejects)
    if answered.row is not None:
        yield TaggedOutput("fetches", _counted(finished_row(answered.row, polled), polled.counts))


def read_document(answered: FeedResponse) -> FeedResponse:
    """Decide on a document, and let go of it."""
    polled = poll(answered.before, answered.now, answered.response)
    return replace(answered, polled=polled, response=PollResponse())


def refuse_document(answered: FeedResponse, error: NewsbeamError) -> FeedResponse:
    """Decide on an answer whose document could not be read in time, or killed its process."""
    return read_document(
        replace(answered, response=replace(answered.response, content=b"", error=error))
    )


def _counted(row: Fetch, counts: Counts | None) -> Fetch:
    if row.error_class is not None:
        Metrics.counter("feeds", row.error_class).inc()
    if counts is not None:
        Metrics.counter("feeds", "items").inc(counts.seen)
        Metrics.counter("feeds", "items_tossed").inc(counts.tossed)
        Metrics.counter("feeds", "items_without_link").inc(counts.unlinked)
        Metrics.counter("feeds", "item_dates_mended").inc(counts.dates_mended)
    return row


def poll_response(answer: Response | WebError) -> PollResponse:
    """Return what the network brought, in the terms of the decision."""
    if isinstance(answer, WebError):
        return PollResponse(
            status=answer.http_status,
            final_url=answer.final_url,
            retry_after_s=answer.retry_after_s,
            error=answer,
        )
    return PollResponse(
        status=answer.status,
        final_url=answer.final_url,
        moved_to=answer.moved_to,
        content=answer.content,
        content_type=answer.headers.get("content-type"),
        etag=answer.headers.get("etag"),
        last_modified=answer.headers.get("last-modified"),
        fresh_s=fresh_s(answer.headers),
        duration_ms=answer.duration_ms,
    )


def fetch_row(
    polled: Polled, answer: Response | WebError, run_id: str, fetched_at: datetime
) -> Fetch:
    """Return the request as a row of `fetches`."""
    source, url = polled.state.source, polled_url(polled.state)
    row = Fetch(
        fetch_id=stable_id(run_id, "feed", source.feed_url, 0, 0),
        kind="feed",
        fetched_at=fetched_at,
        feed_id=source.feed_id,
        url=url,
        host=urlsplit(url).hostname or "",
        status=polled.status,
    )
    return with_result(row, answer)


def finished_row(row: Fetch, polled: Polled) -> Fetch:
    """Return the row of a request with what its answer turned out to be."""
    row = replace(row, status=polled.status)
    if polled.state.last_success_at == polled.state.last_fetch_at and polled.status in {
        "ok",
        "not_modified",
    }:
        row = replace(row, body_sha256=polled.state.body_sha256)
    if polled.counts is not None:
        row = replace(row, items_seen=polled.counts.seen)
    if polled.fault is not None:
        return replace(row, error_class=polled.fault[0], error_message=polled.fault[1])
    if polled.rejects:
        return replace(
            row, error_class=polled.rejects[0].reason, error_message=polled.rejects[0].message
        )
    return row
