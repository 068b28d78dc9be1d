"""Get the pages that entries link to, politely, and say which are still owed."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import apache_beam as beam
from apache_beam.pvalue import PCollection

from transforms.clock import RunClock
from transforms.core.archives.cdx import captured_url
from transforms.core.fetch.backoff import MAX_ATTEMPTS, backoff
from transforms.core.fetch.headers import HTML_TYPES, charset_of, conditional_headers
from transforms.core.ids import stable_id
from transforms.core.replay import entry_payload
from transforms.core.urls import url_key
from transforms.errors import FetchError
from transforms.records import FeedEntry, Fetch, Page, PendingPage, Reject
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

_ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"


class Fetched(NamedTuple):
    """The pages, a row for each request, the pages still owed, and the entries whose page could not be had.

    An entry with a validator whose page has not changed gives its row alone, of status not_modified.
    """

    pages: PCollection[Page]
    fetches: PCollection[Fetch]
    queued: PCollection[PendingPage]
    rejects: PCollection[Reject]


@dataclass
class FetchPages(beam.PTransform[PCollection[FeedEntry], Fetched]):
    """Fetch each entry's page: robots, pace per domain, deadlines, size caps, no private networks.

    Pages carry the run's clock, so that a run can be repeated. Failures worth another try are owed again
    after a wait, five times in all; what the run's deadline cut off is owed at once, what a site keeps waiting too long
    at the end of that wait, and both keep their attempt.
    """

    web: WebOptions
    clock: RunClock

    def expand(self, pcoll: PCollection[FeedEntry]) -> Fetched:
        """Keep a domain's entries together, so that its pace holds whatever the workers."""
        outputs = (
            pcoll
            | "Gather domains" >> GatherDomains(request_url)
            | "Fetch"
            >> beam.ParDo(_Fetch(self.web, self.clock)).with_outputs(
                "fetches", "queued", "rejects", main="pages"
            )
        )
        return Fetched(outputs.pages, outputs.fetches, outputs.queued, outputs.rejects)


class _Fetch(AsyncFetchDoFn[FeedEntry]):
    """Asks for each entry's page, and gives out what came of it."""

    main = "pages"
    kind = "article"
    counted = "fetch"

    def process(
        self,
        entry: FeedEntry,
        timestamp: Any = beam.DoFn.TimestampParam,
        window: Any = beam.DoFn.WindowParam,
    ) -> None:
        """Start the request."""
        self.ask(entry, request_url(entry), page_request(entry), timestamp, window)

    def outputs(self, asked: Exchange[FeedEntry]) -> Iterable[tuple[str, object]]:
        """Return the page, or the reject and what is owed, and the request's row."""
        entry, answer = asked.item, _usable(asked)
        row = fetch_row(entry, answer, asked.moment.run_id, asked.fetched_at)
        yield from self.log(asked, row)
        if isinstance(answer, Response):
            if answer.status != 304:
                yield "pages", page_of(entry, answer, asked.moment.now, row.fetch_id)
            return
        owed = pending_page(entry, answer, asked.moment.now)
        if owed is not None:
            yield "queued", owed
        of_no_feed = entry.feed_id is None and answer.retryable
        yield "rejects", reject_of(entry, answer, retryable=owed is not None or of_no_feed)


def request_url(entry: FeedEntry) -> str:
    """Return the link that is asked for an entry's page: where an archive keeps it, else its own."""
    return entry.capture_url or entry.url


def page_request(entry: FeedEntry) -> FetchRequest:
    """Return how an entry's page is asked for."""
    headers = {"Accept": _ACCEPT} | conditional_headers(entry.etag, entry.last_modified)
    return FetchRequest(headers=headers, kinds=HTML_TYPES, robots=True)


def page_of(entry: FeedEntry, answer: Response, now: datetime, fetch_id: str) -> Page:
    """Return the page that an answer brought; a capture's has the link and the time of what was captured."""
    content_type = answer.headers.get("content-type")
    is_capture = entry.capture_url is not None
    return Page(
        entry=entry,
        final_url=(_captured(entry, answer) if is_capture else None) or answer.final_url,
        content_type=content_type,
        charset=charset_of(content_type),
        content=answer.content,
        fetched_at=entry.first_seen_at if is_capture else now,
        fetch_id=fetch_id,
    )


def pending_page(entry: FeedEntry, error: WebError, now: datetime) -> PendingPage | None:
    """Return the page as owed to a later run, or None where trying again is useless or has been done enough."""
    if not error.retryable or entry.feed_id is None:
        return None
    asked = timedelta(seconds=error.retry_after_s or 0)
    if error.status == "skipped":
        return PendingPage(
            feed_id=entry.feed_id, url=entry.url, attempt=entry.attempt, not_before=now + asked
        )
    attempt = entry.attempt + 1
    if attempt >= MAX_ATTEMPTS:
        return None
    wait = max(backoff(attempt), asked)
    return PendingPage(feed_id=entry.feed_id, url=entry.url, attempt=attempt, not_before=now + wait)


def reject_of(entry: FeedEntry, error: FetchError, *, retryable: bool) -> Reject:
    """Return the reject for an entry whose page could not be had."""
    payload, cut = entry_payload(entry)
    return Reject(
        stage=error.stage,
        reason=error.reason,
        key=entry.url_key,
        message=str(error)[:500],
        error_class="FetchError",
        feed_id=entry.feed_id,
        url=entry.url,
        retryable=retryable,
        attempt=entry.attempt,
        payload=payload,
        payload_truncated=cut,
    )


def fetch_row(
    entry: FeedEntry, answer: Response | WebError, run_id: str, fetched_at: datetime
) -> Fetch:
    """Return the request as a row of `fetches`."""
    url = request_url(entry)
    row = Fetch(
        fetch_id=stable_id(run_id, "article", url, entry.attempt, 0),
        kind="article",
        fetched_at=fetched_at,
        feed_id=entry.feed_id,
        url=url,
        host=urlsplit(url).hostname or "",
        status="ok",
        attempt=entry.attempt,
    )
    row = with_result(row, answer)
    if isinstance(answer, WebError):
        return replace(
            row, status=answer.status, error_class=answer.reason, error_message=str(answer)[:500]
        )
    if answer.status == 304:
        return replace(row, status="not_modified")
    return replace(row, body_sha256=hashlib.sha256(answer.content).hexdigest())


def _usable(asked: Exchange[FeedEntry]) -> Response | WebError:
    """Return the answer, or the error that it is: a 304 which nobody asked for, or what an archive sent us to."""
    entry, answer = asked.item, asked.answer
    if isinstance(answer, WebError):
        return answer
    is_unasked = answer.status == 304 and not conditional_headers(entry.etag, entry.last_modified)
    if not is_unasked and (entry.capture_url is None or _captured(entry, answer) is not None):
        return answer
    error = WebError.http(304, answer.final_url) if is_unasked else _not_captured(answer)
    error.final_url, error.duration_ms, error.trail = (
        answer.final_url,
        answer.duration_ms,
        answer.trail,
    )
    return error


def _captured(entry: FeedEntry, answer: Response) -> str | None:
    """Return the link whose capture an answer is: the entry's, or another's that it leads to; None for no capture."""
    if answer.final_url == entry.capture_url:
        return entry.url
    url = captured_url(answer.final_url)
    return entry.url if url is not None and url_key(url) == entry.url_key else url


def _not_captured(answer: Response) -> WebError:
    message = f"the archive leads to {answer.final_url[:300]}, which is no capture"
    return WebError(message, reason="E_FETCH_NOT_CAPTURED", status="refused")
