"""Which pages do links lead to? The sources of a backfill that name pages, and do not hold them.

These are sitemaps and their indexes, feeds with their older documents (RFC 5005), indexes of captures of a web archive
(CDX), and plain lists of URLs, local or on the web. The codes of rejects are those of fetching and of reading feeds,
and E_ARCHIVE_ with SITEMAP, CDX (an index or a row of it), LINK (one that cannot be used), CUT (the rest of a document
is lost), KIND (nothing that lists links), EMPTY, DEPTH (indexes in indexes) and LIMIT (the rest is left out).
"""

import io
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import TypeVar

from transforms.core.archives.link_lists import cdx, documents, sitemaps
from transforms.core.archives.link_lists import paged_feeds as paged
from transforms.core.archives.link_lists.documents import Document, Kind
from transforms.core.archives.link_lists.url_lists import read_urls
from transforms.core.feeds.not_a_feed import page_error
from transforms.core.feeds.parse import PARSE_TIMEOUT_S
from transforms.core.fetch.headers import clean_text
from transforms.core.ids import stable_id
from transforms.core.urls import UrlError, normalise_url, url_key
from transforms.errors import FeedError, NewsbeamError
from transforms.processes import Processes, result_or_error
from transforms.records import FeedEntry, Reject
from transforms.web import FetchRequest, WebError, WebOptions, shared_client

MAX_LINKS = 1_000_000
MAX_DEPTH = 3
"""Indexes of sitemaps one in the other."""
MAX_SITEMAPS = 50_000
MAX_PAGES = 1_000
"""Documents of one paged feed."""
MAX_CDX_PAGES = 10_000
MAX_LOCAL_BYTES = 64 * 1024 * 1024
"""Of a local file unpacked."""
MAX_TOLD = 100
"""Links of one document that are refused one by one; the rest are counted."""

_log = logging.getLogger(__name__)
_SITEMAP_TIMEOUT_S = 120.0
_PRELOADED = (sitemaps.__name__, paged.__name__)
_ACCEPT = "application/xml, text/xml, application/atom+xml, application/rss+xml, text/plain, application/json, */*;q=0.5"

Out = TypeVar("Out")
T = TypeVar("T")
Found = Iterator[FeedEntry | Reject]


def _all(_: str) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class LinkOptions:
    """Which links are wanted, and how the web is asked.

    `start` and `end` are days of publication, both included: what is known to be published on another, or was changed
    or captured last before `start`, is left out. `wants_site` is asked with each link.
    """

    web: WebOptions
    now: datetime
    start: date | None = None
    end: date | None = None
    wants_site: Callable[[str], bool] = _all
    max_links: int = MAX_LINKS


def link_entries(source: str, content: bytes | None, options: LinkOptions) -> Found:
    """Yield an entry for each page that a source leads to, as they are found, and a reject for what cannot be had.

    `source` is a link, which is fetched, or the name of a local file, whose bytes are `content`. A link comes once, as
    its first mention has it; captures of one page come all.
    """
    walk = _Walk(options)
    given = 0
    for found in walk.start(source, content):
        if isinstance(found, FeedEntry):
            if not walk.wants(found):
                continue
            if given == options.max_links:
                message = f"more than {given} links, the rest are left out"
                yield _reject(
                    "E_ARCHIVE_LIMIT", message, source, source if content is None else None
                )
                return
            given += 1
        yield found


class _Walk:
    """Goes through the documents of one source, each once."""

    def __init__(self, options: LinkOptions) -> None:
        self._options = options
        self._processes: Processes | None = None
        self._asked: set[str] = set()
        self._met: set[int] = set()
        self._sitemaps = 0
        self._is_over = False

    def start(self, source: str, content: bytes | None) -> Found:
        """Yield what the source's own document and those it leads to name."""
        if content is not None:
            unpacked = documents.unpack(content, MAX_LOCAL_BYTES)
            yield from self._read(
                Document(name=source, content=unpacked.content, fault=unpacked.fault)
            )
            return
        try:
            url = normalise_url(source)
        except UrlError as error:
            yield _reject("E_ARCHIVE_LINK", str(error), source, source)
            return
        yield from self._at(url, self._read)

    def wants(self, entry: FeedEntry) -> bool:
        """Return whether an entry is new here and wanted."""
        if entry.capture_url is None:
            key = int(entry.url_key, 16)
            if key in self._met:
                return False
            self._met.add(key)
        return self._is_of_days(entry) and self._options.wants_site(entry.url)

    def _is_of_days(self, entry: FeedEntry) -> bool:
        start, end = self._options.start, self._options.end
        if (
            entry.capture_url is not None
            and start is not None
            and entry.first_seen_at.date() < start
        ):
            return False
        if entry.published_at is None:
            return True
        day = entry.published_at.date()
        return (start is None or start <= day) and (end is None or day <= end)

    def _is_old(self, link: sitemaps.SitemapLink) -> bool:
        """Return whether nothing at a link can have been published since the first day wanted."""
        start = self._options.start
        return start is not None and link.last_day is not None and link.last_day < start

    def _at(self, url: str, read: Callable[[Document], Found]) -> Found:
        """Yield what is read of the document at a link, nothing where it has been read before."""
        document = self._once(url)
        if isinstance(document, Reject):
            yield document
        elif document is not None:
            yield from read(document)

    def _once(self, url: str) -> Document | Reject | None:
        """Return the document at a link, None where it has been asked for before."""
        if url in self._asked:
            return None
        self._asked.add(url)
        try:
            document = self._ask(url)
        except WebError as error:
            self._is_over = self._is_over or error.reason == "E_FETCH_DEADLINE"
            return _refused(error, url, url)
        final = document.url or url
        was_asked = final != url and final in self._asked
        self._asked.add(final)
        return None if was_asked else document

    def _ask(self, url: str) -> Document:
        web = self._options.web
        # One byte more than is read tells what was cut.
        most = documents.MAX_BYTES + 1
        request = FetchRequest(
            headers={"Accept": _ACCEPT},
            robots=True,
            max_bytes=most,
            truncate=True,
            deadline=web.deadline,
        )
        answer = shared_client(web).get(url, request)
        unpacked = documents.unpack(answer.content)
        return Document(
            name=url,
            url=answer.final_url,
            content=unpacked.content,
            content_type=answer.headers.get("content-type"),
            fault=unpacked.fault,
        )

    def _read(self, document: Document, depth: int = 0) -> Found:
        """Yield what a document of any kind leads to."""
        kind = documents.kind_of(document.content)
        if kind in {Kind.EMPTY, Kind.OTHER, Kind.URLS} and cdx.asks_cdx(document.name):
            kind = Kind.CDX
        if kind is Kind.FEED:
            yield from self._feed(document)
            return
        if kind is Kind.CDX:
            yield from self._cdx(document)
            return
        yield from _cut(document, kind)
        if kind is Kind.INDEX:
            yield from self._index(document, depth)
        elif kind is Kind.SITEMAP:
            yield from _few(self._sitemap(document), document)
        elif kind is Kind.URLS:
            yield from _few(self._urls(document), document)
        else:
            yield _unreadable(document, kind)

    def _sitemap(self, document: Document) -> Found:
        links = self._listed(document)
        count = sum(isinstance(link, sitemaps.SitemapLink) for link in links)
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
            elif not self._is_old(link):
                yield self._sitemap_entry(link)

    def _sitemap_entry(self, link: sitemaps.SitemapLink) -> FeedEntry:
        return FeedEntry(
            url=link.url,
            url_key=url_key(link.url),
            title=link.title,
            published_at=link.published_at,
            language=link.language,
            first_seen_at=self._options.now,
            date_flag=link.date_flag,
        )

    def _index(self, document: Document, depth: int) -> Found:
        if depth >= MAX_DEPTH:
            message = (
                f"an index of sitemaps within {depth} others, at most {MAX_DEPTH} are followed"
            )
            yield _reject("E_ARCHIVE_DEPTH", message, document.name, document.url)
            return
        for link in _few(self._listed(document), document):
            if isinstance(link, Reject):
                yield link
            elif not self._is_old(link) and not self._is_over:
                yield from self._sitemap_at(link.url, depth + 1)

    def _sitemap_at(self, url: str, depth: int) -> Found:
        self._sitemaps += 1
        if self._sitemaps > MAX_SITEMAPS:
            self._is_over = True
            yield _reject(
                "E_ARCHIVE_LIMIT",
                f"more than {MAX_SITEMAPS} sitemaps, the rest are left out",
                url,
                url,
            )
            return
        yield from self._at(url, partial(self._read, depth=depth))

    def _listed(self, document: Document) -> list[sitemaps.SitemapLink | Reject]:
        """Return what a sitemap or an index names, and rejects for what is wrong with it."""
        work = partial(sitemaps.listed, now=self._options.now)
        found = self._processed(work, document, _SITEMAP_TIMEOUT_S)
        if isinstance(found, NewsbeamError):
            return [_refused(found, document.name, document.url)]
        # What was cut is told already.
        told = [one for one in found if not (document.fault and one == sitemaps.BROKEN_OFF)]
        return [
            _sitemap_reject(one, document) if isinstance(one, sitemaps.SitemapFault) else one
            for one in told
        ]

    def _feed(self, document: Document) -> Found:
        """Yield the entries of a feed's document, and then of those before it, the newest first."""
        for _ in range(MAX_PAGES):
            yield from _cut(document, Kind.FEED)
            page = self._processed(
                partial(paged.read_page, now=self._options.now), document, PARSE_TIMEOUT_S
            )
            if isinstance(page, NewsbeamError):
                yield _refused(page, document.name, document.url)
                return
            yield from _of_page(page, document)
            older = self._once(page.links.older) if page.links.older else None
            if (
                isinstance(older, Document)
                and (kind := documents.kind_of(older.content)) is not Kind.FEED
            ):
                older = _unreadable(older, kind)
            if isinstance(older, Reject):
                yield older
            if not isinstance(older, Document):
                return
            document = older
        message = f"more than {MAX_PAGES} documents of one feed, the rest are left out"
        yield _reject("E_ARCHIVE_LIMIT", message, document.name, document.url)

    def _cdx(self, document: Document) -> Found:
        """Yield the captures of an index, and of those that its server has more of."""
        query, base = document.name, cdx.replay_base(document.name)
        if base is None:
            message = "an index of files, not of pages that can be asked for one by one; give the WARC files themselves"
            yield _reject("E_ARCHIVE_CDX", message, query, document.url)
            return
        for _ in range(MAX_CDX_PAGES):
            yield from _cut(document, Kind.CDX)
            key: str | None = None
            for found in _few(self._captures(document, base), document):
                if isinstance(found, cdx.ResumeKey):
                    key = found.key
                else:
                    yield found
            more = self._once(cdx.resumed(query, key)) if key is not None and document.url else None
            if isinstance(more, Document) and documents.kind_of(more.content) is Kind.HTML:
                more = _unreadable(more, Kind.HTML)
            if isinstance(more, Reject):
                yield more
            if not isinstance(more, Document):
                return
            document = more
        message = f"more than {MAX_CDX_PAGES} answers to one query, the rest are left out"
        yield _reject("E_ARCHIVE_LIMIT", message, query, document.url)

    def _captures(
        self, document: Document, base: str
    ) -> Iterator[FeedEntry | Reject | cdx.ResumeKey]:
        for found in cdx.read_cdx(document.text(), cdx.columns_of(document.name)):
            if isinstance(found, cdx.Capture):
                yield _capture_entry(found, base)
            elif isinstance(found, cdx.CdxFault):
                yield _reject(
                    "E_ARCHIVE_CDX", found.message, document.name, document.url, of=found.message
                )
            else:
                yield found

    def _urls(self, document: Document) -> Found:
        for found in read_urls(io.StringIO(document.text())):
            if isinstance(found, UrlError):
                yield _reject(
                    "E_ARCHIVE_LINK", str(found), document.name, document.url, of=str(found)
                )
            else:
                yield FeedEntry(url=found, url_key=url_key(found), first_seen_at=self._options.now)

    def _processed(
        self, work: Callable[[Document], Out], document: Document, timeout_s: float
    ) -> Out | NewsbeamError:
        """Return what a process of its own makes of a document: what hangs or kills a parser costs that one only."""
        if self._processes is None:
            self._processes = Processes(1, _PRELOADED)
        return result_or_error(
            self._processes.submit(work, document, timeout_s).result, FeedError, timeout_s
        )


def _few(found: Iterable[T], document: Document) -> Iterator[T | Reject]:
    """Yield what was found, but of its rejects only the first; the others are counted in one."""
    told = 0
    for one in found:
        if not isinstance(one, Reject):
            yield one
            continue
        told += 1
        if told <= MAX_TOLD:
            yield one
    if told > MAX_TOLD:
        message = f"{told - MAX_TOLD} more links or rows cannot be used, the first {MAX_TOLD} are told one by one"
        yield _reject("E_ARCHIVE_LINK", message, document.name, document.url)


def _cut(document: Document, kind: Kind) -> Iterator[Reject]:
    """Yield the reject of a document of which not all could be had."""
    if document.fault:
        advice = (
            "; ask for less at a time, with limit=100000&showResumeKey=true"
            if kind is Kind.CDX
            else ""
        )
        message = f"{kind.value}: {document.fault}{advice}"
        yield _reject("E_ARCHIVE_CUT", message, document.name, document.url)


def _of_page(page: paged.FeedPage, document: Document) -> Found:
    for reject in page.rejects:
        yield replace(reject, key=_key(document.name), url=document.url)
    if page.fault is not None and not document.fault:
        yield _reject(*page.fault, document.name, document.url)
    yield from page.entries


def _capture_entry(capture: cdx.Capture, base: str) -> FeedEntry:
    return FeedEntry(
        url=capture.url,
        url_key=url_key(capture.url),
        first_seen_at=capture.at,
        capture_url=capture.replay_url(base),
    )


def _sitemap_reject(fault: sitemaps.SitemapFault, document: Document) -> Reject:
    if fault.url is None:
        return _reject("E_ARCHIVE_SITEMAP", fault.message, document.name, document.url)
    return _reject("E_ARCHIVE_LINK", fault.message, document.name, document.url, of=fault.url)


def _unreadable(document: Document, kind: Kind) -> Reject:
    """Return the reject of a document that lists no links."""
    if kind is Kind.HTML:
        return _refused(page_error(document.content, document.url), document.name, document.url)
    reason = "E_ARCHIVE_EMPTY" if kind is Kind.EMPTY else "E_ARCHIVE_KIND"
    wanted = "a sitemap, a feed, an index of captures (CDX) or a list of URLs is expected"
    return _reject(reason, f"{kind.value}: {wanted}", document.name, document.url)


def _refused(error: NewsbeamError, name: str, url: str | None) -> Reject:
    reject = _reject(error.reason, str(error), name, url, stage=error.stage)
    return replace(reject, error_class=type(error).__name__, retryable=error.retryable)


def _reject(
    reason: str,
    message: str,
    name: str,
    url: str | None,
    *,
    of: str = "",
    stage: str = FeedError.stage,
) -> Reject:
    """Return the reject of a document, or `of` something in it; a local file is told by its name."""
    said = message if url else f"{name}: {message}"
    key = stable_id(name, of) if of else _key(name)
    return Reject(stage=stage, reason=reason, key=key, message=clean_text(said, 500), url=url)


def _key(name: str) -> str:
    """Return the id of a link, or of a thing that has none."""
    try:
        return url_key(name)
    except UrlError:
        return stable_id(name)
