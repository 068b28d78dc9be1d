"""The pages that one source leads to: its own document, and those that this one names."""

import io
import logging
from collections.abc import Callable, Iterator
from functools import partial

from transforms.core.archives.link_lists import sitemaps
from transforms.core.archives.link_lists.cdx_server import is_cdx_query
from transforms.core.archives.link_lists.documents import Document, Kind, kind_of, unpack
from transforms.core.archives.link_lists.sitemaps import SitemapFault, SitemapLink
from transforms.core.archives.link_lists.url_lists import read_urls
from transforms.core.urls import UrlError, normalise_url, url_key
from transforms.errors import NewsbeamError
from transforms.links.cdx_responses import cdx_entries
from transforms.links.document_reader import DocumentReader
from transforms.links.feed_documents import feed_entries
from transforms.links.link_options import LinkOptions
from transforms.links.rejects import (
    cut_rejects,
    error_reject,
    kind_reject,
    limit_rejects,
    reject_of,
)
from transforms.records import FeedEntry, Reject

# Indexes of sitemaps within each other. The protocol allows one level; some sites have two.
MAX_DEPTH = 3
# Of one source: as many as one index may name by the protocol.
MAX_SITEMAPS = 50_000
# Of a local file, unpacked, in memory as a whole: as much as other local files may have.
MAX_LOCAL_BYTES = 64 * 1024 * 1024
# A sitemap of 50 MB, with 1.2 million links, takes 13 s; this leaves room for a busy machine.
_SITEMAP_TIMEOUT_S = 120.0

_log = logging.getLogger(__name__)

Entries = Iterator[FeedEntry | Reject]


def link_entries(source: str, content: bytes | None, options: LinkOptions) -> Entries:
    """Yield an entry for each page that a source leads to, and a reject for what cannot be read.

    `source` is a link, which is fetched, or the name of a local file, whose bytes are `content`.
    A link is yielded once, as its first mention has it; of captures of one page all are yielded.
    """
    crawl = _Crawl(options)
    count = 0
    for found in crawl.start(source, content):
        if isinstance(found, FeedEntry):
            if not crawl.is_new(found) or not options.includes(found):
                continue
            if count == options.max_links:
                message = f"more than {count} links, the rest are left out"
                url = source if content is None else None
                yield reject_of("E_ARCHIVE_LIMIT", message, source, url)
                return
            count += 1
        yield found


class _Crawl:
    """Follows the documents of one source, each once."""

    def __init__(self, options: LinkOptions) -> None:
        self._options = options
        self._reader = DocumentReader(options.web)
        self._seen_keys: set[int] = set()
        self._sitemaps = 0
        self._is_over = False

    def start(self, source: str, content: bytes | None) -> Entries:
        """Yield what the source's own document and those it leads to name."""
        if content is not None:
            unpacked = unpack(content, MAX_LOCAL_BYTES)
            document = Document(name=source, content=unpacked.content, fault=unpacked.fault)
            yield from self._read(document)
            return
        try:
            url = normalise_url(source)
        except UrlError as error:
            yield reject_of("E_ARCHIVE_LINK", str(error), source, source)
            return
        yield from self._fetch_and_read(url, depth=0)

    def is_new(self, entry: FeedEntry) -> bool:
        """Return whether a link is seen for the first time; each capture is new."""
        if entry.capture_url is not None:
            return True
        key = int(entry.url_key, 16)
        if key in self._seen_keys:
            return False
        self._seen_keys.add(key)
        return True

    def _fetch_and_read(self, url: str, depth: int) -> Entries:
        """Yield what the document at a URL leads to, nothing if it has been read before."""
        document = self._reader.fetch_once(url)
        if isinstance(document, Reject):
            yield document
        elif document is not None:
            yield from self._read(document, depth)

    def _read(self, document: Document, depth: int = 0) -> Entries:
        """Yield what a document of any kind leads to. `depth` counts the indexes above it."""
        kind = _kind_of(document)
        if kind is Kind.FEED:
            yield from feed_entries(document, self._reader, self._options.now)
            return
        if kind is Kind.CDX:
            yield from cdx_entries(document, self._reader)
            return
        yield from cut_rejects(document, kind)
        if kind is Kind.INDEX:
            yield from self._index_entries(document, depth)
        elif kind is Kind.SITEMAP:
            yield from limit_rejects(self._sitemap_entries(document), document)
        elif kind is Kind.URLS:
            yield from limit_rejects(self._listed_entries(document), document)
        else:
            yield kind_reject(document, kind)

    def _sitemap_entries(self, document: Document) -> Entries:
        links = self._sitemap_links(document)
        count = sum(isinstance(link, SitemapLink) for link in links)
        if count > sitemaps.MAX_LISTED:
            _log.warning(
                "%s names %d links, the protocol allows %d",
                document.name,
                count,
                sitemaps.MAX_LISTED,
            )
        for link in links:
            if isinstance(link, Reject):
                yield link
            elif not self._options.is_too_old(link):
                yield self._sitemap_entry(link)

    def _sitemap_entry(self, link: SitemapLink) -> FeedEntry:
        return FeedEntry(
            url=link.url,
            url_key=url_key(link.url),
            title=link.title,
            published_at=link.published_at,
            language=link.language,
            first_seen_at=self._options.now,
            date_flag=link.date_flag,
        )

    def _index_entries(self, document: Document, depth: int) -> Entries:
        """Yield what the sitemaps of an index name."""
        if depth >= MAX_DEPTH:
            message = (
                f"an index of sitemaps within {depth} others, at most {MAX_DEPTH} are followed"
            )
            yield reject_of("E_ARCHIVE_DEPTH", message, document.name, document.url)
            return
        for link in limit_rejects(self._sitemap_links(document), document):
            if isinstance(link, Reject):
                yield link
            elif not self._options.is_too_old(link) and not self._is_at_end():
                yield from self._sitemap_at(link.url, depth + 1)

    def _is_at_end(self) -> bool:
        return self._is_over or self._reader.is_over

    def _sitemap_at(self, url: str, depth: int) -> Entries:
        self._sitemaps += 1
        if self._sitemaps > MAX_SITEMAPS:
            self._is_over = True
            message = f"more than {MAX_SITEMAPS} sitemaps, the rest are left out"
            yield reject_of("E_ARCHIVE_LIMIT", message, url, url)
            return
        yield from self._fetch_and_read(url, depth)

    def _sitemap_links(self, document: Document) -> list[SitemapLink | Reject]:
        """Return what a sitemap or an index names, and rejects for what is wrong with it."""
        work: Callable[[Document], tuple[SitemapLink | SitemapFault, ...]]
        work = partial(sitemaps.read_document, now=self._options.now)
        found = self._reader.parse(work, document, _SITEMAP_TIMEOUT_S)
        if isinstance(found, NewsbeamError):
            return [error_reject(found, document.name, document.url)]
        # A document that was cut has its reject already.
        is_reported = bool(document.fault)
        return [
            _fault_reject(item, document) if isinstance(item, SitemapFault) else item
            for item in found
            if not (is_reported and item == sitemaps.BROKEN_OFF)
        ]

    def _listed_entries(self, document: Document) -> Entries:
        """Yield the links of a plain list."""
        for found in read_urls(io.StringIO(document.text())):
            if isinstance(found, UrlError):
                message = str(found)
                yield reject_of(
                    "E_ARCHIVE_LINK", message, document.name, document.url, item=message
                )
            else:
                yield FeedEntry(url=found, url_key=url_key(found), first_seen_at=self._options.now)


def _kind_of(document: Document) -> Kind:
    """Return a document's kind; a response of a CDX server of no clear kind is its rows."""
    kind = kind_of(document.content)
    is_unclear = kind in {Kind.EMPTY, Kind.OTHER, Kind.URLS}
    return Kind.CDX if is_unclear and is_cdx_query(document.name) else kind


def _fault_reject(fault: SitemapFault, document: Document) -> Reject:
    if fault.url is None:
        return reject_of("E_ARCHIVE_SITEMAP", fault.message, document.name, document.url)
    return reject_of("E_ARCHIVE_LINK", fault.message, document.name, document.url, item=fault.url)
