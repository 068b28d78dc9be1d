"""Fetch the pages that entries link to, politely, and queue those worth a retry."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import apache_beam as beam
from apache_beam.pvalue import PCollection

from transforms.clock import RunClock
from transforms.core.archives.link_lists.cdx_server import captured_url
from transforms.core.fetch.backoff import MAX_ATTEMPTS, backoff
from transforms.core.fetch.headers import (
    HTML_TYPES,
    MAX_QUOTED_URL,
    charset_of,
    conditional_headers,
)
from transforms.core.ids import stable_id
from transforms.core.replay import entry_payload
from transforms.core.urls import url_key
from transforms.errors import FetchError
from transforms.outcome import Stage
from transforms.records import FeedEntry, Fetch, Page, PendingPage, Reject
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

_ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
# As long as `fetches.error_message` and `rejects.message` are elsewhere.
_MAX_MESSAGE = 500


class Fetched(NamedTuple):
    """Pages, a row for each request, the pages to retry, and rejects for the unfetched entries.

    An entry with a validator whose page has not changed yields its row alone (not_modified).
    """

    pages: PCollection[Page]
    fetches: PCollection[Fetch]
    queued: PCollection[PendingPage]
    rejects: PCollection[Reject]


@dataclass
class FetchPages(Stage[PCollection[FeedEntry], Fetched]):
    """Fetch each entry's page: robots, pace per domain, deadlines, size limits, public addresses.

    Pages carry the run's clock, so that a run can be repeated. A failure worth a retry is queued
    with a growing wait, until the fifth attempt. A request that was not made keeps its attempt: one
    that the run's deadline cut off is due at once, one whose site asks for too long a wait is due
    at the end of it. Such a page is owed, and no reject if it has a feed, whose queue keeps it.
    """

    web: WebOptions
    clock: RunClock

    def expand(self, pcoll: PCollection[FeedEntry]) -> Fetched:
        """Keep a domain's entries on one worker, so that its pace holds."""
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
    """Requests each entry's page."""

    main = "pages"
    kind = "article"
    namespace = "fetch"

    def process(
        self,
        entry: FeedEntry,
        timestamp: Any = beam.DoFn.TimestampParam,
        window: Any = beam.DoFn.WindowParam,
    ) -> None:
        """Start the request."""
        self.start_request(entry, request_url(entry), page_request(entry), timestamp, window)

    def outputs(self, exchange: Exchange[FeedEntry]) -> Iterable[tuple[str, object]]:
        """Return the page, or the reject and the page to retry; and the request's rows."""
        entry, moment = exchange.item, exchange.moment
        result = _checked(entry, exchange.result)
        row = fetch_row(entry, result, moment.run_id, exchange.fetched_at)
        yield from self.log(exchange, row)
        if isinstance(result, Response):
            if result.status != 304:
                yield "pages", page_of(entry, result, moment.now, row.fetch_id)
            return
        queued = pending_page(entry, result, moment.now)
        if queued is not None:
            yield "queued", queued
            if result.status == "skipped":
                # Nobody refused anything: the page is owed, and the next run fetches it.
                self._count("owed")
                return
        # An entry without a feed has no retry queue; a replay of its reject may still fetch it.
        may_be_replayed = entry.feed_id is None and result.retryable
        yield "rejects", reject_of(entry, result, retryable=queued is not None or may_be_replayed)


def request_url(entry: FeedEntry) -> str:
    """Return the URL to request for an entry's page: its capture in an archive, else its own."""
    return entry.capture_url or entry.url


def page_request(entry: FeedEntry) -> FetchRequest:
    """Return the request for an entry's page."""
    return html_request(conditional_headers(entry.etag, entry.last_modified))


def html_request(headers: Mapping[str, str]) -> FetchRequest:
    """Return the request for a page of HTML, as all are made: robots.txt is obeyed."""
    return FetchRequest(
        headers={"Accept": _ACCEPT, **headers}, content_types=HTML_TYPES, robots=True
    )


def page_of(entry: FeedEntry, response: Response, now: datetime, fetch_id: str) -> Page:
    """Return the page of a response; a capture's has the URL and the time of what was captured."""
    content_type = response.headers.get("content-type")
    is_capture = entry.capture_url is not None
    captured = _captured(entry, response) if is_capture else None
    return Page(
        entry=entry,
        final_url=captured or response.final_url,
        content_type=content_type,
        charset=charset_of(content_type),
        content=response.content,
        fetched_at=entry.first_seen_at if is_capture else now,
        fetch_id=fetch_id,
    )


def pending_page(entry: FeedEntry, error: WebError, now: datetime) -> PendingPage | None:
    """Return the page for its feed's retry queue; None if a retry is useless or was the last."""
    if not error.retryable or entry.feed_id is None:
        return None
    retry_after = timedelta(seconds=error.retry_after_s or 0)
    if error.status == "skipped":
        return PendingPage(
            feed_id=entry.feed_id,
            url=entry.url,
            attempt=entry.attempt,
            not_before=now + retry_after,
        )
    attempt = entry.attempt + 1
    if attempt >= MAX_ATTEMPTS:
        return None
    wait = max(backoff(attempt), retry_after)
    return PendingPage(feed_id=entry.feed_id, url=entry.url, attempt=attempt, not_before=now + wait)


def reject_of(entry: FeedEntry, error: FetchError, *, retryable: bool) -> Reject:
    """Return the reject for an entry whose page was not fetched."""
    payload, is_truncated = entry_payload(entry)
    return Reject(
        stage=error.stage,
        reason=error.reason,
        key=entry.url_key,
        message=str(error)[:_MAX_MESSAGE],
        error_class="FetchError",
        feed_id=entry.feed_id,
        url=entry.url,
        retryable=retryable,
        attempt=entry.attempt,
        payload=payload,
        payload_truncated=is_truncated,
    )


def fetch_row(entry: FeedEntry, result: FetchResult, run_id: str, fetched_at: datetime) -> Fetch:
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
    row = with_result(row, result)
    if isinstance(result, WebError):
        message = str(result)[:_MAX_MESSAGE]
        return replace(row, status=result.status, error_class=result.reason, error_message=message)
    if result.status == 304:
        return replace(row, status="not_modified")
    return replace(row, body_sha256=hashlib.sha256(result.content).hexdigest())


def _checked(entry: FeedEntry, result: FetchResult) -> FetchResult:
    """Return the result, or an error for a response that is not the entry's page.

    These are a 304 to a request without validators, and a redirect out of an archive.
    """
    if isinstance(result, WebError):
        return result
    is_conditional = bool(conditional_headers(entry.etag, entry.last_modified))
    if result.status == 304 and not is_conditional:
        error = WebError.http(304, result.final_url)
    elif entry.capture_url is not None and _captured(entry, result) is None:
        error = WebError(
            f"the archive leads to {result.final_url[:MAX_QUOTED_URL]}, which is not a capture",
            reason="E_FETCH_NOT_CAPTURED",
            status="refused",
        )
    else:
        return result
    error.final_url = result.final_url
    error.duration_ms = result.duration_ms
    error.sub_requests = result.sub_requests
    return error


def _captured(entry: FeedEntry, response: Response) -> str | None:
    """Return the URL whose capture a response is, None if it is not a capture.

    It is the entry's own, or that of another page to which the archive redirects.
    """
    if response.final_url == entry.capture_url:
        return entry.url
    url = captured_url(response.final_url)
    is_own = url is not None and url_key(url) == entry.url_key
    return entry.url if is_own else url
