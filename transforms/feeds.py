"""Poll the feeds that are due: entries of changed documents, pages to retry, next states."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection, TaggedOutput

from transforms.activity import Part, activity
from transforms.clock import RunClock
from transforms.core.feeds.bounds import MAX_FEED_BYTES
from transforms.core.feeds.hints import fresh_s
from transforms.core.feeds.moves import polled_url
from transforms.core.feeds.parse import PARSE_TIMEOUT_S
from transforms.core.feeds.poll import needs_parsing, poll, poll_request
from transforms.core.feeds.poll_types import Counts, Polled, PollResponse
from transforms.core.feeds.retry_queue import dequeue_due, drop_queued
from transforms.core.feeds.states import defer, mark_disabled
from transforms.core.ids import stable_id
from transforms.errors import FeedError, NewsbeamError
from transforms.outcome import Stage
from transforms.pool import PooledDoFn, PoolOptions
from transforms.records import FeedEntry, FeedState, Fetch, Reject
from transforms.web import (
    AsyncFetchDoFn,
    Exchange,
    FetchRequest,
    FetchResult,
    GatherDomains,
    Response,
    WebError,
    WebOptions,
    with_result,
)


class PolledFeeds(NamedTuple):
    """The outputs of polls.

    `entries` are those of changed documents, seen before or not. `retries` are the entries of
    pending pages that are due, to be fetched although they were seen. `states` are those that
    changed. `fetches` has a row for each request.
    """

    entries: PCollection[FeedEntry]
    retries: PCollection[FeedEntry]
    states: PCollection[FeedState]
    fetches: PCollection[Fetch]
    rejects: PCollection[Reject]


@dataclass(frozen=True, slots=True)
class FeedResponse:
    """A feed's state before its poll, the response, and the outcome once it is decided."""

    before: FeedState
    now: datetime
    response: PollResponse
    row: Fetch | None = None
    polled: Polled | None = None


@dataclass
class PollFeeds(Stage[PCollection[FeedState], PolledFeeds]):
    """Poll each feed that is due by the run's clock, and dequeue the pending pages that are due.

    A feed that is not due and has no page that is due yields nothing. One that the run's deadline
    cut off is unchanged; one whose site asks for too long a wait is due at the end of it.
    Documents are parsed in the pool, where one that takes over 30 seconds is rejected and delays no
    other.
    """

    web: WebOptions
    clock: RunClock
    pool: PoolOptions = field(default_factory=lambda: PoolOptions(size=0))

    def expand(self, pcoll: PCollection[FeedState]) -> PolledFeeds:
        """Keep a domain's feeds on one worker, so that its pace holds."""
        pool = replace(self.pool, timeout_s=min(self.pool.timeout_s, PARSE_TIMEOUT_S))
        responses = (
            pcoll
            | "Gather domains" >> GatherDomains(polled_url)
            | "Fetch"
            >> beam.ParDo(FetchFeeds(self.web, self.clock)).with_outputs(
                "documents", "fetches", main="decided"
            )
        )
        parsing = PooledDoFn(decide, reject_document, FeedError, pool)
        parsed = responses.documents | "Parse" >> beam.ParDo(parsing).with_outputs(
            "rejects", main="good"
        )
        outputs = (
            (responses.decided, parsed.good, parsed.rejects)
            | "Decided" >> beam.Flatten()
            | "Emit"
            >> beam.FlatMap(emit_outputs).with_outputs(
                "retries", "states", "fetches", "rejects", main="entries"
            )
        )
        fetches = (responses.fetches, outputs.fetches) | "Fetches" >> beam.Flatten()
        return PolledFeeds(
            outputs.entries, outputs.retries, outputs.states, fetches, outputs.rejects
        )


class FetchFeeds(AsyncFetchDoFn[FeedState]):
    """Requests each feed that is due, and decides at once if there is no document to parse."""

    main = "decided"
    kind = "feed"
    namespace = "feeds"
    part = None

    def process(
        self,
        state: FeedState,
        timestamp: Any = beam.DoFn.TimestampParam,
        window: Any = beam.DoFn.WindowParam,
    ) -> Iterator[Any]:
        """Start the request; yield a feed that is not due for its pending pages."""
        undue = self.start(state, timestamp, window)
        if undue is not None:
            yield undue

    def start(self, state: FeedState, timestamp: Any, window: Any) -> FeedResponse | None:
        """Start the request for a feed; return one that is not due as decided."""
        now = self._clock.at(timestamp).now
        due = poll_request(state, now)
        if due is None:
            polled = Polled(state=mark_disabled(state, now), status="skipped")
            return FeedResponse(state, now, PollResponse(), polled=polled)
        request = FetchRequest(headers=due.headers, max_bytes=MAX_FEED_BYTES, truncate=True)
        activity.begin(Part.POLLING)
        self.start_request(state, due.url, request, timestamp, window)
        return None

    def outputs(self, exchange: Exchange[FeedState]) -> Iterable[tuple[str, object]]:
        """Return the outcome of one feed's response, or its document, which is still to parse."""
        state, result, moment = exchange.item, exchange.result, exchange.moment
        response = poll_response(result)
        undecided = FeedResponse(state, moment.now, response)
        row = fetch_row(state, result, moment.run_id, exchange.fetched_at)
        if isinstance(result, Response) and needs_parsing(state, response):
            # The request's own row waits for the outcome of parsing; `emit_outputs` yields it.
            self.count_request(exchange, row)
            yield from self.log_sub_requests(exchange, row)
            yield "documents", replace(undecided, row=row)
            return
        if isinstance(result, WebError) and result.status == "skipped":
            deferred = defer(state, moment.now, result.retry_after_s)
            polled = Polled(state=deferred, status="skipped")
        else:
            polled = poll(state, moment.now, response)
        activity.finish(Part.POLLING)
        yield from self.log(exchange, finished_row(row, polled))
        yield self.main, replace(undecided, response=PollResponse(), polled=polled)


def emit_outputs(decided: FeedResponse) -> Iterator[Any]:
    """Yield each part of an outcome to its output, and count the items of a document."""
    polled = decided.polled
    assert polled is not None  # noqa: S101 - only decided responses come here
    state, retries = dequeue_due(polled.state, decided.now, polled.entries)
    yield from (TaggedOutput("retries", entry) for entry in retries)
    yield from drop_queued(decided.before, polled.entries)
    if state != decided.before:
        yield TaggedOutput("states", state)
    yield from (TaggedOutput("rejects", reject) for reject in polled.rejects)
    if decided.row is not None:
        activity.finish(Part.POLLING)
        row = finished_row(decided.row, polled)
        _count(row, polled.counts)
        yield TaggedOutput("fetches", row)


def decide(undecided: FeedResponse) -> FeedResponse:
    """Parse a document and decide on it; the result no longer holds the document."""
    polled = poll(undecided.before, undecided.now, undecided.response)
    return replace(undecided, polled=polled, response=PollResponse())


def reject_document(undecided: FeedResponse, error: NewsbeamError) -> FeedResponse:
    """Decide on a response whose document took too long to parse, or killed its process."""
    response = replace(undecided.response, content=b"", error=error)
    return decide(replace(undecided, response=response))


def _count(row: Fetch, counts: Counts | None) -> None:
    if row.error_class is not None:
        Metrics.counter("feeds", row.error_class).inc()
    if counts is not None:
        Metrics.counter("feeds", "items").inc(counts.seen)
        Metrics.counter("feeds", "items_dropped").inc(counts.dropped)
        Metrics.counter("feeds", "items_without_link").inc(counts.unlinked)
        Metrics.counter("feeds", "item_dates_flagged").inc(counts.dates_flagged)


def poll_response(result: FetchResult) -> PollResponse:
    """Return a result as the response that `poll` decides on."""
    if isinstance(result, WebError):
        return PollResponse(
            status=result.http_status,
            final_url=result.final_url,
            retry_after_s=result.retry_after_s,
            error=result,
        )
    return PollResponse(
        status=result.status,
        final_url=result.final_url,
        moved_to=result.moved_to,
        content=result.content,
        content_type=result.headers.get("content-type"),
        etag=result.headers.get("etag"),
        last_modified=result.headers.get("last-modified"),
        fresh_s=fresh_s(result.headers),
        duration_ms=result.duration_ms,
    )


def fetch_row(state: FeedState, result: FetchResult, run_id: str, fetched_at: datetime) -> Fetch:
    """Return the request as a row of `fetches`; `finished_row` sets its status."""
    source, url = state.source, polled_url(state)
    row = Fetch(
        fetch_id=stable_id(run_id, "feed", source.feed_url, 0, 0),
        kind="feed",
        fetched_at=fetched_at,
        feed_id=source.feed_id,
        url=url,
        host=urlsplit(url).hostname or "",
        status="ok",
    )
    return with_result(row, result)


def finished_row(row: Fetch, polled: Polled) -> Fetch:
    """Return the row of a request with the outcome of its poll."""
    row = replace(row, status=polled.status)
    succeeded = polled.state.last_success_at == polled.state.last_fetch_at
    if succeeded and polled.status in {"ok", "not_modified"}:
        row = replace(row, body_sha256=polled.state.body_sha256)
    if polled.counts is not None:
        row = replace(row, items_seen=polled.counts.seen)
    if polled.fault is not None:
        code, message = polled.fault
        return replace(row, error_class=code, error_message=message)
    if polled.rejects:
        reject = polled.rejects[0]
        return replace(row, error_class=reject.reason, error_message=reject.message)
    return row
