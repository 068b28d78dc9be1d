"""Poll the feeds that are due: entries of changed documents, pages owed from before, and each feed's next state."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection

from transforms.core.feeds.poll import (
    Polled,
    PollResponse,
    poll,
    poll_request,
    put_off,
    take_owed,
    without_pending,
)
from transforms.core.ids import stable_id
from transforms.records import FeedEntry, FeedState, Fetch, Reject
from transforms.web import Asked, AskingDoFn, GatherDomains, Response, WebError, WebOptions, Wish


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
            | "Gather domains" >> GatherDomains(lambda state: state.source.feed_url)
            | "Poll"
            >> beam.ParDo(_Poll(self.web, self.now, self.run_id)).with_outputs(
                "owed", "states", "fetches", "rejects", main="entries"
            )
        )
        return PolledFeeds(outputs.entries, outputs.owed, outputs.states, outputs.fetches, outputs.rejects)


class _Poll(AskingDoFn[FeedState]):
    """Asks for each due feed, and decides on the answers."""

    main = "entries"

    def __init__(self, web: WebOptions, now: datetime, run_id: str) -> None:
        super().__init__(web)
        self._now = now
        self._run_id = run_id

    def process(
        self, state: FeedState, timestamp: Any = beam.DoFn.TimestampParam, window: Any = beam.DoFn.WindowParam
    ) -> Iterator[Any]:
        """Start the request, or give out what an undue feed owes."""
        request = poll_request(state, self._now)
        if request is not None:
            self.ask(state, request.url, Wish(headers=request.headers), timestamp, window)
            return
        for tag, value in self._outputs(state, Polled(state=state, status="skipped")):
            yield self.tagged(tag, value)

    def outputs(self, asked: Asked[FeedState]) -> Iterable[tuple[str, object]]:
        """Return the outputs of one feed's answer, and the request's row."""
        polled = self._decide(asked.item, asked.answer)
        yield from self._outputs(asked.item, polled)
        Metrics.counter("feeds", polled.status).inc()
        yield "fetches", fetch_row(polled, asked.answer, self._run_id, asked.fetched_at)

    def _outputs(self, before: FeedState, polled: Polled) -> Iterable[tuple[str, object]]:
        """Return the outputs of one feed: what is owed first."""
        state, owed = take_owed(polled.state, self._now, polled.entries)
        yield from (("owed", entry) for entry in owed)
        yield from (("entries", entry) for entry in without_pending(before, polled.entries))
        if state != before:
            yield "states", state
        if polled.reject is not None:
            yield "rejects", polled.reject

    def _decide(self, state: FeedState, answer: Response | WebError) -> Polled:
        """Return what the answer means; a feed that was put off or cut off by the deadline stays as it was."""
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
