"""Requests as rows of `fetches`: what an answer says of itself, and the requests on the way to it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from transforms.core.ids import stable_id
from transforms.records import Fetch
from transforms.web.web_options import Response, SubRequest, WebError


def with_result(row: Fetch, answer: Response | WebError) -> Fetch:
    """Return a request's row with what its answer, or the error instead of one, says of itself."""
    row = replace(row, final_url=answer.final_url, duration_ms=answer.duration_ms)
    if isinstance(answer, WebError):
        return replace(row, http_status=answer.http_status, content_type=answer.content_type)
    return replace(
        row,
        http_status=answer.status,
        bytes=len(answer.content),
        content_type=answer.headers.get("content-type"),
        etag=answer.headers.get("etag"),
        last_modified=answer.headers.get("last-modified"),
    )


def sub_request_rows(
    trail: Iterable[SubRequest],
    run_id: str,
    kind: str,
    feed_id: str | None = None,
    attempt: int = 0,
) -> Iterator[Fetch]:
    """Yield a row for each redirect and each look at robots.txt; the whole request's own row, hop 0, is the caller's.

    A redirect is a request that went well (ok) with a status of 3xx: `url` is the link that was asked, `final_url` the
    one it names. A robots.txt belongs to no feed, and has attempts of its own.
    """
    for one in trail:
        attempt_of = one.attempt if one.robots else attempt
        kind_of = "robots" if one.robots else kind
        yield Fetch(
            fetch_id=stable_id(run_id, kind_of, one.asked, attempt_of, one.hop),
            kind=kind_of,
            fetched_at=one.fetched_at,
            feed_id=None if one.robots else feed_id,
            url=one.url,
            final_url=one.final_url,
            host=_host(one.url),
            status=one.status,
            http_status=one.http_status,
            attempt=attempt_of,
            duration_ms=one.duration_ms,
            bytes=one.bytes,
            content_type=one.content_type,
            error_class=one.reason,
            error_message=one.message,
        )


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
