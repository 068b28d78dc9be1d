"""The batches of a backfill: a fixed function of its sources, each one commit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, islice

from transforms.archives import open_source, reject_of
from transforms.core.archives.formats import LINES, MAX_FILE_BYTES, PACKED_LINES, WARC, list_places
from transforms.core.archives.places import Damage, PageRef, Place
from transforms.core.archives.selection import Selection
from transforms.core.ids import stable_id
from transforms.links import LinkOptions, link_entries
from transforms.records import ArchivePart, Cursor, FeedEntry, Reject
from transforms.sources import LINKS, UNKNOWN, Source

BATCH_PAGES = 4_000
BATCH_BYTES = 2**30
"""Of records as they are stored, unpacked."""
BATCH_LINKS = 2_000
BEFORE = (-1, -1)
"""The place of a cursor before the first page of its source."""
_PART = 100
"""Places of one part of a file that can be entered at any record; of others, a slice's are one part."""


@dataclass(frozen=True, slots=True)
class PlannedBatch:
    """The pages of one commit, in archives or at links, what was damaged on the way, and how far it brings the work."""

    cursor: Cursor
    parts: tuple[ArchivePart, ...] = ()
    entries: tuple[FeedEntry, ...] = ()
    rejects: tuple[Reject, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How much makes a slice: pages of files, their bytes as they are stored, unpacked, and links."""

    pages: int
    size: int
    links: int


def limits_of(pages: int | None = None) -> Limits:
    """Return the limits of slices of so many pages, bytes and links in proportion; without a number the usual ones."""
    pages = BATCH_PAGES if pages is None else pages
    return Limits(
        pages,
        max(1, BATCH_BYTES * pages // BATCH_PAGES),
        max(1, BATCH_LINKS * pages // BATCH_PAGES),
    )


def batches(
    sources: Sequence[Source],
    cursor: Cursor,
    wanted: Selection,
    links: LinkOptions,
    pages: int | None = None,
) -> Iterator[PlannedBatch]:
    """Yield the slices of the sources behind a cursor, in order; a last one may have nothing but rejects.

    `pages` is how many pages of files make a slice.
    """
    filling = _Filling(cursor, [0, *accumulate(s.size for s in sources)], limits_of(pages))
    for number, source in enumerate(sources[cursor.source :], cursor.source):
        taken = cursor.place if number == cursor.source and cursor.place != BEFORE else None
        if filling.of_links != (source.kind == LINKS):
            yield from filling.rest()
        filling.of_links = source.kind == LINKS
        for place, one in (
            _linked(source, taken, links) if filling.of_links else _placed(source, taken, wanted)
        ):
            if filling.add(number, source, place, one):
                yield filling.take()
        filling.pass_over(number)
    yield from filling.rest()


class _Filling:
    """The slice that is being filled, and how far the work comes with it. `starts` are the bytes before each source."""

    def __init__(self, cursor: Cursor, starts: Sequence[int], limits: Limits) -> None:
        self.of_links = False
        self._limits = limits
        self._cursor = cursor
        self._starts = starts
        self._empty()

    def add(
        self, number: int, source: Source, place: tuple[int, int], one: PageRef | FeedEntry | Reject
    ) -> bool:
        """Take one in, and return whether the slice is full."""
        if isinstance(one, Reject):
            self._rejects.append(one)
            return False
        if isinstance(one, PageRef):
            self._places.append((source, one))
            self._size += one.length
        else:
            self._entries.append(one)
        read = self._starts[number] + (place[0] if source.kind in {WARC, LINES} else 0)
        self._cursor = replace(
            self._cursor, source=number, place=place, pages=self._cursor.pages + 1, read_bytes=read
        )
        most = self._limits
        return (
            len(self._places) >= most.pages
            or self._size >= most.size
            or len(self._entries) >= most.links
        )

    def pass_over(self, number: int) -> None:
        """Leave a source behind: all of it has been taken in."""
        self._cursor = replace(
            self._cursor, source=number + 1, place=BEFORE, read_bytes=self._starts[number + 1]
        )

    def take(self) -> PlannedBatch:
        """Return the slice, and begin anew."""
        batch = PlannedBatch(
            self._cursor, tuple(_parts(self._places)), tuple(self._entries), tuple(self._rejects)
        )
        self._empty()
        return batch

    def rest(self) -> Iterator[PlannedBatch]:
        """Yield what has been taken in and is no full slice."""
        if self._places or self._entries or self._rejects:
            yield self.take()

    def _empty(self) -> None:
        self._places: list[tuple[Source, PageRef]] = []
        self._entries: list[FeedEntry] = []
        self._rejects: list[Reject] = []
        self._size = 0


def _placed(
    source: Source, taken: tuple[int, int] | None, wanted: Selection
) -> Iterator[tuple[tuple[int, int], PageRef | Reject]]:
    """Yield the places of a file's pages behind the last that was taken, and its damages."""
    start = Place(*taken) if taken else None
    if source.kind == UNKNOWN:
        yield (
            (0, 0),
            reject_of(
                Damage(
                    "E_ARCHIVE_FORMAT", f"{source.path} is no archive, no page and no list of links"
                )
            ),
        )
        return
    try:
        with open_source(source.path, unpack=source.kind == PACKED_LINES) as file:
            for found in list_places(source.kind, file, source.path, start):
                if isinstance(found, Damage):
                    yield (0, 0), reject_of(found)
                elif found.at != start:
                    yield from _wanted(found, wanted)
    except (OSError, EOFError) as error:
        yield (
            (0, 0),
            reject_of(Damage("E_ARCHIVE_DAMAGED", f"{source.path} cannot be read: {error}")),
        )


def _wanted(found: PageRef, wanted: Selection) -> Iterator[tuple[tuple[int, int], PageRef]]:
    of_day = wanted.wants_capture(found.date.date() if found.date else None)
    if of_day and (not found.url or wanted.wants_url(found.url)):
        yield (found.at.offset, found.at.skip), found


def _linked(
    source: Source, taken: tuple[int, int] | None, links: LinkOptions
) -> Iterator[tuple[tuple[int, int], FeedEntry | Reject]]:
    """Yield the pages that a list of links names behind the last that was taken, by number and hash of the link.

    A list that has another link at that number by now is taken from its beginning: what the lake has is not fetched.
    """
    number = -1
    try:
        content = _content(source)
    except OSError as error:
        yield (
            (0, 0),
            reject_of(Damage("E_ARCHIVE_DAMAGED", f"{source.path} cannot be read: {error}")),
        )
        return
    found = link_entries(source.path, content, links)
    if taken is not None and not _goes_to(found, taken):
        found = link_entries(source.path, content, links)
    elif taken is not None:
        number = taken[0]
    for one in found:
        number += isinstance(one, FeedEntry)
        yield (number, _link_hash(one) if isinstance(one, FeedEntry) else 0), one


def _goes_to(found: Iterator[FeedEntry | Reject], taken: tuple[int, int]) -> bool:
    """Take links up to the last that was taken, and return whether it is there still, at its number."""
    entries = (one for one in found if isinstance(one, FeedEntry))
    last = next(islice(entries, taken[0], None), None)
    return last is not None and _link_hash(last) == taken[1]


def _content(source: Source) -> bytes | None:
    """Return the bytes of a local list of links, None for one that is to be fetched."""
    if source.path.lower().startswith(("http://", "https://")):
        return None
    with open_source(source.path) as file:
        return file.read(MAX_FILE_BYTES + 1)


def _link_hash(entry: FeedEntry) -> int:
    return int(stable_id(entry.url_key, entry.capture_url)[:12], 16)


def _parts(places: Sequence[tuple[Source, PageRef]]) -> Iterator[ArchivePart]:
    """Yield the places by file; of a file that can be entered anywhere, some at a time, so that workers share it."""
    for source, group in groupby(places, key=lambda p: p[0]):
        some: list[tuple[int, int]] = []
        for at in ((found.at.offset, found.at.skip) for _, found in group):
            if source.kind in {WARC, LINES} and len(some) >= _PART and at[0] != some[-1][0]:
                yield _part(source, some)
                some = []
            some.append(at)
        yield _part(source, some)


def _part(source: Source, places: Sequence[tuple[int, int]]) -> ArchivePart:
    return ArchivePart(
        path=source.path, kind=source.kind, inside=source.inside, places=tuple(places)
    )
