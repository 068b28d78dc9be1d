"""Inputs at addresses, fetched as jobs fetch: politely, within limits, from public networks."""

from dataclasses import replace

from pipelines.files.jsonl import Input
from transforms.core.feeds.bounds import MAX_FEED_BYTES
from transforms.fetch import html_request
from transforms.web import FetchRequest, WebError, WebOptions, shared_client


def fetched_page(source: Input, web: WebOptions) -> Input:
    """Return the page at an address, fetched as `ingest` fetches it; robots.txt is obeyed."""
    return _fetched(source, web, html_request({}))


def fetched_feed(source: Input, web: WebOptions) -> Input:
    """Return the feed at an address, fetched as `ingest` polls it."""
    return _fetched(source, web, FetchRequest(max_bytes=MAX_FEED_BYTES, truncate=True))


def _fetched(source: Input, web: WebOptions, request: FetchRequest) -> Input:
    """Return the input with its content, or with the error that `read` raises."""
    try:
        response = shared_client(web).get(source.name, request)
    except WebError as error:
        return replace(source, error=error)
    return replace(
        source,
        content=response.content,
        final_url=response.final_url,
        content_type=response.headers.get("content-type"),
    )
