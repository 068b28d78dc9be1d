"""Get the pages that entries link to, politely, and say which are still owed."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import Message
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import apache_beam as beam
from apache_beam.pvalue import PCollection

from transforms.core.fetch.backoff import MAX_ATTEMPTS, backoff
from transforms.core.fetch.headers import conditional_headers
from transforms.core.ids import stable_id
from transforms.core.replay import entry_payload
from transforms.errors import FetchError
from transforms.records import FeedEntry, Fetch, OwedPage, Page, Reject
from transforms.web import Asked, AskingDoFn, GatherDomains, Response, WebError, WebOptions, Wish, answered_row

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"})
_ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"


class Fetched(NamedTuple):
    """The pages, a row for each request, the pages still owed, and the entries whose page could not be had.

    An entry with a validator whose page has not changed gives its row alone, of status not_modified.
    """

    pages: PCollection[Page]
    fetches: PCollection[Fetch]
    owed: PCollection[OwedPage]
    rejects: PCollection[Reject]


@dataclass
class FetchPages(beam.PTransform[PCollection[FeedEntry], Fetched]):
    """Fetch each entry's page: robots, pace per domain, deadlines, size caps, no private networks.

    `now` is the run's clock: pages carry it, so that a run can be repeated. Failures worth another try are owed again
    after a wait, five times in all; what the run's deadline cut off is owed at once, what a site keeps waiting too long
    at the end of that wait, and both keep their attempt.
    """

    web: WebOptions
    now: datetime
    run_id: str

    def expand(self, pcoll: PCollection[FeedEntry]) -> Fetched:
        """Keep a domain's entries together, so that its pace holds whatever the workers."""
        outputs = (
            pcoll
            | "Gather domains" >> GatherDomains(lambda entry: entry.url)
            | "Fetch"
            >> beam.ParDo(_Fetch(self.web, self.now, self.run_id)).with_outputs(
                "fetches", "owed", "rejects", main="pages"
            )
        )
        return Fetched(outputs.pages, outputs.fetches, outputs.owed, outputs.rejects)


class _Fetch(AskingDoFn[FeedEntry]):
    """Asks for each entry's page, and gives out what came of it."""

    main = "pages"
    kind = "article"
    counted = "fetch"

    def __init__(self, web: WebOptions, now: datetime, run_id: str) -> None:
        super().__init__(web, run_id)
        self._now = now

    def process(
        self, entry: FeedEntry, timestamp: Any = beam.DoFn.TimestampParam, window: Any = beam.DoFn.WindowParam
    ) -> None:
        """Start the request."""
        self.ask(entry, entry.url, wish_for(entry), timestamp, window)

    def outputs(self, asked: Asked[FeedEntry]) -> Iterable[tuple[str, object]]:
        """Return the page, or the reject and what is owed, and the request's row."""
        entry, answer = asked.item, _unasked(asked)
        row = fetch_row(entry, answer, self._run_id, asked.fetched_at)
        yield from self.log(asked, row)
        if isinstance(answer, Response):
            if answer.status != 304:
                yield "pages", page_of(entry, answer, self._now, row.fetch_id)
            return
        owed = owed_page(entry, answer, self._now)
        if owed is not None:
            yield "owed", owed
        of_no_feed = entry.feed_id is None and answer.retryable
        yield "rejects", reject_of(entry, answer, retryable=owed is not None or of_no_feed)


def wish_for(entry: FeedEntry) -> Wish:
    """Return how an entry's page is asked for."""
    headers = {"Accept": _ACCEPT} | conditional_headers(entry.etag, entry.last_modified)
    return Wish(headers=headers, kinds=HTML_TYPES, robots=True)


def page_of(entry: FeedEntry, answer: Response, now: datetime, fetch_id: str) -> Page:
    """Return the page that an answer brought."""
    content_type = answer.headers.get("content-type")
    return Page(
        entry=entry,
        final_url=answer.final_url,
        content_type=content_type,
        charset=_charset(content_type),
        content=answer.content,
        fetched_at=now,
        fetch_id=fetch_id,
    )


def owed_page(entry: FeedEntry, error: WebError, now: datetime) -> OwedPage | None:
    """Return the page as owed to a later run, or None where trying again is useless or has been done enough."""
    if not error.retryable or entry.feed_id is None:
        return None
    asked = timedelta(seconds=error.retry_after_s or 0)
    if error.status == "skipped":
        return OwedPage(feed_id=entry.feed_id, url=entry.url, attempt=entry.attempt, not_before=now + asked)
    attempt = entry.attempt + 1
    if attempt >= MAX_ATTEMPTS:
        return None
    wait = max(backoff(attempt), asked)
    return OwedPage(feed_id=entry.feed_id, url=entry.url, attempt=attempt, not_before=now + wait)


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


def fetch_row(entry: FeedEntry, answer: Response | WebError, run_id: str, fetched_at: datetime) -> Fetch:
    """Return the request as a row of `fetches`."""
    row = Fetch(
        fetch_id=stable_id(run_id, "article", entry.url, entry.attempt, 0),
        kind="article",
        fetched_at=fetched_at,
        feed_id=entry.feed_id,
        url=entry.url,
        host=urlsplit(entry.url).hostname or "",
        status="ok",
        attempt=entry.attempt,
    )
    row = answered_row(row, answer)
    if isinstance(answer, WebError):
        return replace(row, status=answer.status, error_class=answer.reason, error_message=str(answer)[:500])
    if answer.status == 304:
        return replace(row, status="not_modified")
    return replace(row, body_sha256=hashlib.sha256(answer.content).hexdigest())


def _unasked(asked: Asked[FeedEntry]) -> Response | WebError:
    """Return the answer, or the error that a 304 is which nobody asked for."""
    entry, answer = asked.item, asked.answer
    if isinstance(answer, WebError) or answer.status != 304 or conditional_headers(entry.etag, entry.last_modified):
        return answer
    error = WebError.http(304, answer.final_url)
    error.final_url, error.duration_ms, error.trail = answer.final_url, answer.duration_ms, answer.trail
    return error


def _charset(content_type: str | None) -> str | None:
    message = Message()
    message["content-type"] = (content_type or "").replace("\r", "").replace("\n", "")
    return message.get_content_charset()
