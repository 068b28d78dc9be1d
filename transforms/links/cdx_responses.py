"""The captures that a CDX index lists, in a file or in the responses of a server."""

from collections.abc import Iterator

from transforms.core.archives.link_lists.cdx import Capture, CdxFault, ResumeKey, read_cdx
from transforms.core.archives.link_lists.cdx_server import columns_of, replay_base, resumed_query
from transforms.core.archives.link_lists.documents import Document, Kind
from transforms.core.urls import url_key
from transforms.links.document_reader import DocumentReader
from transforms.links.rejects import cut_rejects, limit_rejects, reject_of
from transforms.records import FeedEntry, Reject

# To one query. With the recommended 100,000 rows a response they exceed `MAX_LINKS`; the limit ends
# the queries to servers that always give another key.
MAX_CDX_RESPONSES = 10_000


def cdx_entries(document: Document, reader: DocumentReader) -> Iterator[FeedEntry | Reject]:
    """Yield the captures of an index, and those that its server has more of."""
    query = document.name
    base = replay_base(query)
    if base is None:
        message = (
            "an index of files, not of pages that can be fetched one by one; "
            "give the WARC files themselves"
        )
        yield reject_of("E_ARCHIVE_CDX", message, query, document.url)
        return
    for _ in range(MAX_CDX_RESPONSES):
        yield from cut_rejects(document, Kind.CDX)
        resume_key: str | None = None
        for found in limit_rejects(_captures(document, base), document):
            if isinstance(found, ResumeKey):
                resume_key = found.key
            else:
                yield found
        following = _next_response(document, query, resume_key, reader)
        if isinstance(following, Reject):
            yield following
        if not isinstance(following, Document):
            return
        document = following
    message = f"more than {MAX_CDX_RESPONSES} responses to one query, the rest are left out"
    yield reject_of("E_ARCHIVE_LIMIT", message, query, document.url)


def _next_response(
    document: Document, query: str, resume_key: str | None, reader: DocumentReader
) -> Document | Reject | None:
    """Return the response with the rows behind a key; None if there are none, or for a file."""
    if resume_key is None or document.url is None:
        return None
    # A web page is an error of the server; rows, or none, may look like any other kind.
    return reader.fetch_next(resumed_query(query, resume_key), lambda kind: kind is not Kind.HTML)


def _captures(document: Document, base: str) -> Iterator[FeedEntry | Reject | ResumeKey]:
    for found in read_cdx(document.text(), columns_of(document.name)):
        if isinstance(found, Capture):
            yield _capture_entry(found, base)
        elif isinstance(found, CdxFault):
            yield reject_of(
                "E_ARCHIVE_CDX", found.message, document.name, document.url, item=found.message
            )
        else:
            yield found


def _capture_entry(capture: Capture, base: str) -> FeedEntry:
    return FeedEntry(
        url=capture.url,
        url_key=url_key(capture.url),
        first_seen_at=capture.at,
        capture_url=capture.replay_url(base),
    )
