"""The batches of a backfill, each merged in one commit: a deterministic function of its sources."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, islice
from operator import itemgetter

from transforms.archives import open_source, reject_of
from transforms.core.archives.formats.base import ArchiveFormat
from transforms.core.archives.formats.page_file import MAX_FILE_BYTES
from transforms.core.archives.formats.registry import FORMATS_BY_NAME
from transforms.core.archives.page_refs import Damage, PageRef, Place
from transforms.core.archives.selection import Selection
from transforms.core.ids import stable_id
from transforms.links import LinkOptions, link_entries
from transforms.records import ArchivePart, Cursor, FeedEntry, Reject
from transforms.sources import Source

# A killed run loses at most one batch; a commit rereads the days it merges into. At 50 ms a page,
# 4,000 pages are some minutes of work of one process.
BATCH_PAGES = 4_000
# Uncompressed: 250 KB a page, so that only unusually large pages make a batch smaller than
# BATCH_PAGES.
BATCH_BYTES = 2**30
# Fetched pages take longer than archived ones: by default a second each from one host.
BATCH_LINKS = 2_000
BEFORE = (-1, -1)
"""The position of a cursor before the first page of its source."""
# About 5 s of work: small enough to spread a file over the workers, large enough that opening it
# again for each part costs little.
_PART_PLACES = 100

CursorPlace = tuple[int, int]
"""For a file, offset and skip of a page; for a list of links, number and hash of a link."""
Item = PageRef | FeedEntry | Reject


@dataclass(frozen=True, slots=True)
class ArchiveBatch:
    """The pages or links of one commit, the damaged pages, and the cursor after it."""

    cursor: Cursor
    parts: tuple[ArchivePart, ...] = ()
    entries: tuple[FeedEntry, ...] = ()
    rejects: tuple[Reject, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a batch: pages of files, their uncompressed bytes, and links."""

    pages: int
    size: int
    links: int


def limits_of(pages: int | None = None) -> Limits:
    """Return the limits for batches of `pages` pages (None: default), the others in proportion."""
    pages = BATCH_PAGES if pages is None else pages
    return Limits(
        pages,
        max(1, BATCH_BYTES * pages // BATCH_PAGES),
        max(1, BATCH_LINKS * pages // BATCH_PAGES),
    )


def batches(
    sources: Sequence[Source],
    cursor: Cursor,
    selection: Selection,
    links: LinkOptions,
    pages: int | None = None,
) -> Iterator[ArchiveBatch]:
    """Yield the batches of the sources after a cursor, in order; the last may have rejects only.

    `pages` is the number of pages of files in a batch. A batch has pages of files or links, not
    both, since only links need fetching.
    """
    builder = _BatchBuilder(cursor, sources, limits_of(pages))
    for number, source in enumerate(sources[cursor.source :], cursor.source):
        if source.is_links != builder.is_of_links:
            yield from builder.flush()
        builder.is_of_links = source.is_links
        is_resumed = number == cursor.source and cursor.place != BEFORE
        last = cursor.place if is_resumed else None
        items = _links(source, last, links) if source.is_links else _pages(source, last, selection)
        for place, item in items:
            builder.add(number, source, place, item)
            if builder.is_full:
                yield builder.build()
        builder.finish_source(number)
    yield from builder.flush()


class _BatchBuilder:
    """Collects the items of a batch, and moves the cursor."""

    def __init__(self, cursor: Cursor, sources: Sequence[Source], limits: Limits) -> None:
        self.is_of_links = False
        self._limits = limits
        self._cursor = cursor
        self._bytes_before = [0, *accumulate(source.size for source in sources)]
        self._clear()

    @property
    def is_full(self) -> bool:
        """Return whether the batch has reached one of its limits."""
        return (
            len(self._pages) >= self._limits.pages
            or self._size >= self._limits.size
            or len(self._entries) >= self._limits.links
        )

    def add(self, number: int, source: Source, place: CursorPlace, item: Item) -> None:
        """Add an item of a source; a page or a link moves the cursor, a reject does not."""
        if isinstance(item, Reject):
            self._rejects.append(item)
            return
        if isinstance(item, PageRef):
            self._pages.append((source, item))
            self._size += item.length
        else:
            self._entries.append(item)
        bytes_of_source = place[0] if _is_seekable(source) else 0
        self._cursor = replace(
            self._cursor,
            source=number,
            place=place,
            pages=self._cursor.pages + 1,
            read_bytes=self._bytes_before[number] + bytes_of_source,
        )

    def finish_source(self, number: int) -> None:
        """Move the cursor to the next source."""
        read_bytes = self._bytes_before[number + 1]
        self._cursor = replace(self._cursor, source=number + 1, place=BEFORE, read_bytes=read_bytes)

    def build(self) -> ArchiveBatch:
        """Return the batch, and start the next."""
        batch = ArchiveBatch(
            self._cursor, tuple(_parts(self._pages)), tuple(self._entries), tuple(self._rejects)
        )
        self._clear()
        return batch

    def flush(self) -> Iterator[ArchiveBatch]:
        """Yield the incomplete batch; nothing if it is empty."""
        if self._pages or self._entries or self._rejects:
            yield self.build()

    def _clear(self) -> None:
        self._pages: list[tuple[Source, PageRef]] = []
        self._entries: list[FeedEntry] = []
        self._rejects: list[Reject] = []
        self._size = 0


def _pages(
    source: Source, last: CursorPlace | None, selection: Selection
) -> Iterator[tuple[CursorPlace, PageRef | Reject]]:
    """Yield the pages of a file after the position `last`, and its damaged parts."""
    archive_format = FORMATS_BY_NAME.get(source.kind)
    if archive_format is None:
        message = f"{source.path} is not an archive, a page or a list of links"
        yield (0, 0), reject_of(Damage("E_ARCHIVE_FORMAT", message))
        return
    start = Place(*last) if last else None
    try:
        for found in _listed(source, archive_format, start):
            if isinstance(found, Damage):
                yield (0, 0), reject_of(found)
            elif found.at != start and _may_be_selected(found, selection):
                yield (found.at.offset, found.at.skip), found
    except (OSError, EOFError) as error:
        yield (0, 0), _unreadable(source, error)


def _listed(
    source: Source, archive_format: ArchiveFormat, start: Place | None
) -> Iterator[PageRef | Damage]:
    with open_source(source.path, unpack=archive_format.is_packed(source.path)) as file:
        yield from archive_format.list_pages(file, source.path, start)


def _may_be_selected(page: PageRef, selection: Selection) -> bool:
    """Return whether a page may be selected, judging by its URL and date in the index."""
    if not selection.may_include_capture(page.date.date() if page.date else None):
        return False
    return not page.url or selection.includes_url(page.url)


def _links(
    source: Source, last: CursorPlace | None, links: LinkOptions
) -> Iterator[tuple[CursorPlace, FeedEntry | Reject]]:
    """Yield the links of a list after the position `last`.

    If the list has changed before that link, it is read from the beginning: links that the lake has
    are not fetched again.
    """
    try:
        content = _content(source)
    except OSError as error:
        yield (0, 0), _unreadable(source, error)
        return
    number = -1
    found = link_entries(source.path, content, links)
    if last is not None:
        if _skip_to(found, last):
            number = last[0]
        else:
            found = link_entries(source.path, content, links)
    for item in found:
        if isinstance(item, Reject):
            yield (0, 0), item
        else:
            number += 1
            yield (number, _link_hash(item)), item


def _skip_to(found: Iterator[FeedEntry | Reject], last: CursorPlace) -> bool:
    """Consume links up to the position `last`; return whether that link is still there."""
    number, link_hash = last
    entries = (item for item in found if isinstance(item, FeedEntry))
    entry = next(islice(entries, number, None), None)
    return entry is not None and _link_hash(entry) == link_hash


def _content(source: Source) -> bytes | None:
    """Return the bytes of a local list of links, None for a remote one."""
    if source.path.lower().startswith(("http://", "https://")):
        return None
    # One byte more than is parsed, so that the parser can tell a list that is too long.
    with open_source(source.path) as file:
        return file.read(MAX_FILE_BYTES + 1)


def _unreadable(source: Source, error: Exception) -> Reject:
    return reject_of(Damage("E_ARCHIVE_DAMAGED", f"{source.path} cannot be read: {error}"))


def _link_hash(entry: FeedEntry) -> int:
    return int(stable_id(entry.url_key, entry.capture_url)[:12], 16)


def _is_seekable(source: Source) -> bool:
    archive_format = FORMATS_BY_NAME.get(source.kind)
    return archive_format is not None and archive_format.is_seekable


def _parts(pages: Sequence[tuple[Source, PageRef]]) -> Iterator[ArchivePart]:
    """Yield one part per file, several for a seekable file, which workers can then share."""
    for source, group in groupby(pages, key=itemgetter(0)):
        places = [(page.at.offset, page.at.skip) for _, page in group]
        for shared in _split_places(places) if _is_seekable(source) else [places]:
            yield ArchivePart(
                path=source.path, kind=source.kind, inside=source.inside, places=tuple(shared)
            )


def _split_places(places: Sequence[CursorPlace]) -> Iterator[list[CursorPlace]]:
    """Yield the places in chunks of `_PART_PLACES`; places with the same offset stay together."""
    chunk: list[CursorPlace] = []
    for place in places:
        is_full = len(chunk) >= _PART_PLACES
        # Records of one gzip member have one offset. Every part with one of them reads the member
        # from its beginning.
        if is_full and place[0] != chunk[-1][0]:
            yield chunk
            chunk = []
        chunk.append(place)
    yield chunk
