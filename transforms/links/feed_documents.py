"""The entries of a feed, from its newest document back to the oldest (RFC 5005)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial

from transforms.core.archives.link_lists.documents import Document, Kind
from transforms.core.archives.link_lists.paged_feeds import FeedPage, read_page
from transforms.core.feeds.parse import PARSE_TIMEOUT_S
from transforms.errors import NewsbeamError
from transforms.links.document_reader import DocumentReader
from transforms.links.rejects import cut_rejects, document_key, error_reject, reject_of
from transforms.records import FeedEntry, Reject

# Of one feed. A feed with a document a week has this many after 19 years; the `next` links of some
# servers never end.
MAX_FEED_DOCUMENTS = 1_000


def feed_entries(
    document: Document, reader: DocumentReader, now: datetime
) -> Iterator[FeedEntry | Reject]:
    """Yield the entries of a feed's document, then those of the documents before it."""
    for _ in range(MAX_FEED_DOCUMENTS):
        yield from cut_rejects(document, Kind.FEED)
        page = reader.parse(partial(read_page, now=now), document, PARSE_TIMEOUT_S)
        if isinstance(page, NewsbeamError):
            yield error_reject(page, document.name, document.url)
            return
        yield from _page_entries(page, document)
        older = reader.fetch_next(page.links.older, lambda kind: kind is Kind.FEED)
        if isinstance(older, Reject):
            yield older
        if not isinstance(older, Document):
            return
        document = older
    message = f"more than {MAX_FEED_DOCUMENTS} documents of one feed, the rest are left out"
    yield reject_of("E_ARCHIVE_LIMIT", message, document.name, document.url)


def _page_entries(page: FeedPage, document: Document) -> Iterator[FeedEntry | Reject]:
    for reject in page.rejects:
        yield replace(reject, key=document_key(document.name), url=document.url)
    # A document that was cut has its reject already.
    if page.fault is not None and not document.fault:
        reason, message = page.fault
        yield reject_of(reason, message, document.name, document.url)
    yield from page.entries
