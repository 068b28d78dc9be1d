"""The interface of archive formats, and what the formats share."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import dropwhile
from typing import BinaryIO

from transforms.core.archives.page_defaults import PageDefaults
from transforms.core.archives.page_refs import Damage, PageRef, Place
from transforms.errors import ArchiveError
from transforms.records import ArchivePart, Page

# Bytes by which a format is recognised; of a list of URLs they hold about fifty lines.
HEAD_BYTES = 4096
# Longer than every mark that a format begins with.
_BEGINNING_BYTES = 200
_BLANK = b"\xef\xbb\xbf \t\r\n"
_START = Place(0)

PageRead = tuple[Place, Page | ArchiveError | None]
"""The result of reading at a place: a page, the error of reading it, or None for no page."""


def never(head: bytes) -> bool:
    """Return False: the sniffing of a kind that is recognised by its ending only."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceKind:
    """A kind of file that a backfill takes.

    `endings` are of file names, in lower case. `sniff` recognises a file without a known ending by
    its first `HEAD_BYTES` bytes, which are gunzipped if they were packed.
    """

    name: str
    endings: tuple[str, ...]
    sniff: Callable[[bytes], bool] = never


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveFormat(SourceKind):
    """A kind of file that holds pages.

    `list_pages(file, name, start)` yields where the pages of a file are, from a place on (None:
    from the beginning), and its damage; `name` is for messages.
    `read_pages(file, part, defaults)` yields the pages at the places of a part, in their order.
    """

    list_pages: Callable[[BinaryIO, str, Place | None], Iterator[PageRef | Damage]]
    read_pages: Callable[[BinaryIO, ArchivePart, PageDefaults], Iterator[PageRead]]
    is_seekable: bool = False
    """Offsets of places are bytes, and reading can begin at any: several workers share a file."""
    packed_endings: tuple[str, ...] = ()
    """Files with these endings are gunzipped as a whole before they are listed or read."""

    def is_packed(self, path: str) -> bool:
        """Return whether a file is to be gunzipped as a whole."""
        return path.lower().endswith(self.packed_endings)


def beginning(head: bytes) -> bytes:
    """Return the beginning of a file in lower case, without a byte order mark and white space."""
    return head.lstrip(_BLANK)[:_BEGINNING_BYTES].lower()


def page_or_error(read: Callable[[], Page | None]) -> Page | ArchiveError | None:
    """Return the page that a call reads, or the error, so that other pages are still read."""
    try:
        return read()
    except ArchiveError as error:
        return error
    except (OSError, EOFError, ValueError) as error:
        return ArchiveError(str(error))


def from_place(
    found: Iterator[PageRef | Damage], start: Place | None
) -> Iterator[PageRef | Damage]:
    """Yield the items of a listing from a place on; the listing may have begun before it.

    Damage before that place was reported by the earlier listing.
    """
    first = start or _START

    def is_before(item: PageRef | Damage) -> bool:
        if isinstance(item, Damage):
            return True
        return (item.at.offset, item.at.skip) < (first.offset, first.skip)

    return dropwhile(is_before, found)
