"""JSON lines, one page a line, plain or gzipped; columns as `row_pages` names them."""

import json
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from transforms.core.archives.formats.base import (
    ArchiveFormat,
    PageRead,
    beginning,
    from_place,
    page_or_error,
)
from transforms.core.archives.formats.lines import list_lines, read_lines
from transforms.core.archives.page_defaults import PageDefaults
from transforms.core.archives.page_refs import Damage, PageRef, Place
from transforms.core.archives.row_pages import page_of_row
from transforms.errors import ArchiveError
from transforms.records import ArchivePart, Page

_START = Place(0)


def _is_object(head: bytes) -> bool:
    return beginning(head).startswith(b"{")


def _list_plain(file: BinaryIO, name: str, start: Place | None) -> Iterator[PageRef | Damage]:
    return list_lines(file, name, start or _START, is_seekable=True)


def _list_packed(file: BinaryIO, name: str, start: Place | None) -> Iterator[PageRef | Damage]:
    found = list_lines(file, name, _START, is_seekable=False)
    return found if start is None else from_place(found, start)


def _read_pages(file: BinaryIO, part: ArchivePart, defaults: PageDefaults) -> Iterator[PageRead]:
    places = [Place(*place) for place in part.places]
    for at, line in read_lines(file, places):
        yield at, page_or_error(partial(_page_of_line, line, defaults))


def _page_of_line(line: bytes, defaults: PageDefaults) -> Page:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ArchiveError(f"a line is not JSON: {error}", reason="E_ARCHIVE_ROW") from error
    if not isinstance(row, dict):
        raise ArchiveError("a line is not a JSON object", reason="E_ARCHIVE_ROW")
    return page_of_row(row, defaults)


JSON_LINES = ArchiveFormat(
    name="jsonl",
    endings=(".jsonl", ".ndjson"),
    sniff=_is_object,
    list_pages=_list_plain,
    read_pages=_read_pages,
    is_seekable=True,
)
PACKED_JSON_LINES = ArchiveFormat(
    name="jsonl.gz",
    endings=(".jsonl.gz", ".ndjson.gz"),
    list_pages=_list_packed,
    read_pages=_read_pages,
    packed_endings=(".gz",),
)
