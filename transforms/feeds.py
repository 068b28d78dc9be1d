"""Poll the feeds that are due: entries of changed documents, pages owed from before, and each feed's next state."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection, TaggedOutput
from apache_beam.transforms.util import ReshufflePerKey
from apache_beam.utils.windowed_value import WindowedValue

from transforms.core.feeds.poll import (
    Polled,
    PollRequest,
    PollResponse,
    poll,
    poll_request,
    put_off,
    take_owed,
    without_pending,
)
from transforms.core.ids import stable_id
from transforms.core.urls import registrable_domain
from transforms.records import FeedEntry, FeedState, Fetch, Reject
from transforms.web import Backlog, Response, Ticket, WebError, WebOptions, Wish, shared_client


class PolledFeeds(NamedTuple):
    """Entries of changed documents, not yet filtered by what was seen; pages owed from before, to be taken first
    whatever was seen; the next state of each feed that was touched; a row for each request; and rejects."""

    entries: PCollection[FeedEntry]
    owed: PCollection[FeedEntry]
    states: PCollection[FeedState]
    fetches: PCollection[Fetch]
    rejects: PCollection[Reject]


@dataclass
class PollFeeds(beam.PTransform[PCollection[FeedState], PolledFeeds]):
    """Poll each feed that is due at `now`, and take the pages due again out of every feed's state.

    A feed that is not due and owes nothing yields nothing. What the run's deadline cuts off stays as it was; what
    a site keeps waiting too long is due at the end of that wait.
    """

    web: WebOptions
    now: datetime
    run_id: str

    def expand(self, pcoll: PCollection[FeedState]) -> PolledFeeds:
        """Keep a domain's feeds together, so that its pace holds whatever the workers."""
        outputs = (
            pcoll
            | "Key by domain" >> beam.Map(_by_domain).with_output_types(tuple[str, FeedState])
            | "Gather domains" >> ReshufflePerKey()
            | "Drop key" >> beam.Values()
            | "Poll"
            >> beam.ParDo(_Poll(self.web, self.now, self.run_id)).with_outputs(
                "owed", "states", "fetches", "rejects", main="entries"
            )
        )
        return PolledFeeds(outputs.entries, outputs.owed, outputs.states, outputs.fetches, outputs.rejects)


@dataclass(frozen=True, slots=True)
class _Result:
    """A feed with its answer, the error instead of one, or None where it was not asked."""

    state: FeedState
    answer: Response | WebError | None
    fetched_at: datetime
    timestamp: Any
    window: Any


class _Poll(beam.DoFn):
    """Starts a request for each due feed as it comes, and decides on the answers as they complete."""

    def __init__(self, web: WebOptions, now: datetime, run_id: str) -> None:
        self._web = web
        self._now = now
        self._run_id = run_id
        self._backlog: Backlog[_Result] | None = None

    def start_bundle(self) -> None:
        """Begin with nothing open; a failed bundle may have left some."""
        if self._backlog is not None:
            self._backlog.cancel()
        self._client = shared_client(self._web)
        self._backlog = Backlog(self._client, held=2 * self._web.concurrency)

    def process(
        self, state: FeedState, timestamp: Any = beam.DoFn.TimestampParam, window: Any = beam.DoFn.WindowParam
    ) -> Iterator[Any]:
        """Start the request, or give out what an undue feed owes."""
        assert self._backlog is not None  # noqa: S101 - start_bundle made it
        request = poll_request(state, self._now)
        if request is not None:
            self._backlog.add(partial(self._get, state, request, timestamp, window))
            return
        yield from self._emit(_Result(state, None, self._now, timestamp, window))

    def finish_bundle(self) -> Iterator[Any]:
        """Give out all results of the bundle."""
        assert self._backlog is not None  # noqa: S101 - start_bundle made it
        for result in self._backlog.drain():
            yield from self._emit(result, windowed=True)

    async def _get(
        self, state: FeedState, request: PollRequest, timestamp: Any, window: Any, ticket: Ticket
    ) -> _Result:
        answer: Response | WebError
        try:
            wish = Wish(headers=request.headers, deadline=self._web.deadline, ticket=ticket)
            answer = await self._client.fetch(request.url, wish)
        except WebError as error:
            answer = error
        return _Result(state, answer, datetime.now(UTC), timestamp, window)

    def _emit(self, result: _Result, *, windowed: bool = False) -> Iterator[Any]:
        for tag, value in self._outputs(result):
            item = WindowedValue(value, result.timestamp, (result.window,)) if windowed else value
            yield item if tag == "entries" else TaggedOutput(tag, item)

    def _outputs(self, result: _Result) -> Iterable[tuple[str, object]]:
        """Return the outputs of one feed: what is owed first."""
        before = result.state
        polled = self._decide(before, result.answer)
        state, owed = take_owed(polled.state, self._now, polled.entries)
        yield from (("owed", entry) for entry in owed)
        yield from (("entries", entry) for entry in without_pending(before, polled.entries))
        if state != before:
            yield "states", state
        if polled.reject is not None:
            yield "rejects", polled.reject
        if result.answer is not None:
            Metrics.counter("feeds", polled.status).inc()
            yield "fetches", fetch_row(polled, result.answer, self._run_id, result.fetched_at)

    def _decide(self, state: FeedState, answer: Response | WebError | None) -> Polled:
        """Return what the answer means; without one, or cut off by the deadline, the feed stays as it was."""
        if answer is None:
            return Polled(state=state, status="skipped")
        if isinstance(answer, WebError) and answer.status == "skipped":
            return Polled(state=put_off(state, self._now, answer.retry_after_s), status="skipped")
        return poll(state, self._now, poll_response(answer))


def poll_response(answer: Response | WebError) -> PollResponse:
    """Return what the network brought, in the terms of the decision."""
    if isinstance(answer, WebError):
        return PollResponse(
            status=answer.http_status, final_url=answer.final_url, retry_after_s=answer.retry_after_s, error=answer
        )
    return PollResponse(
        status=answer.status,
        final_url=answer.final_url,
        moved_to=answer.moved_to,
        content=answer.content,
        content_type=answer.headers.get("content-type"),
        etag=answer.headers.get("etag"),
        last_modified=answer.headers.get("last-modified"),
    )


def fetch_row(polled: Polled, answer: Response | WebError, run_id: str, fetched_at: datetime) -> Fetch:
    """Return the request as a row of `fetches`."""
    source = polled.state.source
    row = Fetch(
        fetch_id=stable_id(run_id, "feed", source.feed_url, 0, 0),
        kind="feed",
        fetched_at=fetched_at,
        feed_id=source.feed_id,
        url=source.feed_url,
        final_url=answer.final_url,
        host=urlsplit(source.feed_url).hostname or "",
        status=polled.status,
        duration_ms=answer.duration_ms,
    )
    if polled.reject is not None:
        row = replace(row, error_class=polled.reject.reason, error_message=polled.reject.message)
    if isinstance(answer, WebError):
        return replace(row, http_status=answer.http_status, content_type=answer.content_type)
    return replace(
        row,
        http_status=answer.status,
        bytes=len(answer.content),
        content_type=answer.headers.get("content-type"),
        etag=answer.headers.get("etag"),
        last_modified=answer.headers.get("last-modified"),
        body_sha256=polled.state.body_sha256 if polled.reject is None else None,
        items_seen=len(polled.feed.entries) + polled.feed.tossed if polled.feed else None,
    )


def _by_domain(state: FeedState) -> tuple[str, FeedState]:
    return registrable_domain(state.source.feed_url), state
