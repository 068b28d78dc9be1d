"""Requests as rows of `fetches`: each request with its result, and its sub-requests."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from transforms.core.ids import stable_id
from transforms.records import Fetch
from transforms.web.responses import FetchResult, SubRequest, WebError


def with_result(row: Fetch, result: FetchResult) -> Fetch:
    """Return a request's row completed from its response or error."""
    row = replace(row, final_url=result.final_url, duration_ms=result.duration_ms)
    if isinstance(result, WebError):
        return replace(row, http_status=result.http_status, content_type=result.content_type)
    return replace(
        row,
        http_status=result.status,
        bytes=len(result.content),
        content_type=result.headers.get("content-type"),
        etag=result.headers.get("etag"),
        last_modified=result.headers.get("last-modified"),
    )


def sub_request_rows(
    sub_requests: Iterable[SubRequest],
    run_id: str,
    kind: str,
    feed_id: str | None = None,
    attempt: int = 0,
) -> Iterator[Fetch]:
    """Yield a row for each redirect and each fetch of robots.txt; the caller has the request's own.

    A redirect has status ok and an HTTP status of 3xx: `url` is the URL that was requested,
    `final_url` the one it leads to. A robots.txt belongs to no feed and counts its own attempts.
    """
    for request in sub_requests:
        row_kind = "robots" if request.robots else kind
        row_attempt = request.attempt if request.robots else attempt
        yield Fetch(
            fetch_id=stable_id(run_id, row_kind, request.requested_url, row_attempt, request.hop),
            kind=row_kind,
            fetched_at=request.fetched_at,
            feed_id=None if request.robots else feed_id,
            url=request.url,
            final_url=request.final_url,
            host=_host(request.url),
            status=request.status,
            http_status=request.http_status,
            attempt=row_attempt,
            duration_ms=request.duration_ms,
            bytes=request.bytes,
            content_type=request.content_type,
            error_class=request.reason,
            error_message=request.message,
        )


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
