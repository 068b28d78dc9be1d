"""The pages of a file of an archive, whatever its kind: where they are, and what they are."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import dropwhile
from typing import BinaryIO

from fastwarc.warc import WarcRecord

from transforms.core.archives.file_pages import PageDefaults, page_of_file, page_of_row
from transforms.core.archives.places import Damage, PageRef, Place
from transforms.core.archives.rows import Row, list_lines, list_rows, read_lines, read_rows
from transforms.core.archives.warc import list_records, read_records
from transforms.core.archives.warc_to_page import page_of_record
from transforms.errors import ArchiveError
from transforms.records import ArchivePart, Page

WARC, LINES, PACKED_LINES, ROWS, FILE = "warc", "jsonl", "jsonl.gz", "parquet", "page"
MAX_FILE_BYTES = 64 * 2**20
_START = Place(0)
Read = tuple[Place, Page | ArchiveError | None]


def list_places(
    kind: str, file: BinaryIO, name: str, start: Place | None
) -> Iterator[PageRef | Damage]:
    """Yield where the pages of a file are, from a place on or (None) all, and what of the file is damaged."""
    first = start or _START
    if kind == WARC:
        found = list_records(file, name, first.offset)
        yield from _behind(found, first) if first.skip else found
    elif kind == ROWS:
        yield from list_rows(file, name, first)
    elif kind == FILE:
        yield PageRef(_START, "", None, 0)
    else:
        found = list_lines(file, name, first, is_seekable=kind == LINES)
        yield from found if kind == LINES or start is None else _behind(found, start)


def read_part(part: ArchivePart, file: BinaryIO, defaults: PageDefaults) -> Iterator[Read]:
    """Yield the pages of a part by their places; None where there is none, and the error where it cannot be read."""
    places = [Place(*place) for place in part.places]
    if part.kind == FILE:
        yield _START, _settled(lambda: _file(file, part.inside, defaults))
    elif part.kind == WARC:
        for at, record in read_records(file, places):
            yield at, _settled(partial(_of_record, record, defaults))
    else:
        for at, row in (read_rows if part.kind == ROWS else read_lines)(file, places):
            yield at, _settled(partial(_of_row, row, defaults))


def _file(file: BinaryIO, inside: str, defaults: PageDefaults) -> Page:
    content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise ArchiveError(
            f"{inside} has over {MAX_FILE_BYTES} bytes", reason="E_ARCHIVE_TOO_LARGE"
        )
    return page_of_file(content, inside, defaults)


def _of_record(record: WarcRecord | Exception, defaults: PageDefaults) -> Page | None:
    if isinstance(record, Exception):
        raise record
    return page_of_record(record, now=defaults.now)


def _of_row(row: Row | Exception, defaults: PageDefaults) -> Page:
    if isinstance(row, Exception):
        raise row
    return page_of_row(row, defaults)


def _settled(read: Callable[[], Page | None]) -> Page | ArchiveError | None:
    try:
        return read()
    except ArchiveError as error:
        return error
    except (OSError, EOFError, ValueError) as error:
        return ArchiveError(str(error))


def _behind(found: Iterator[PageRef | Damage], start: Place) -> Iterator[PageRef | Damage]:
    """Yield what comes from a place on, of a file that can only be read from before it."""
    return dropwhile(lambda one: isinstance(one, Damage) or _is_before(one.at, start), found)


def _is_before(at: Place, start: Place) -> bool:
    return (at.offset, at.skip) < (start.offset, start.skip)
