"""List the pages of a WARC file and its damage; intact records around damage are listed.

Formats: ISO 28500 (WARC 1.0, 1.1), plain or compressed, each record in a member of its own, as the
standard requires, or all in one.
"""

import gzip
import re
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast

from fastwarc.warc import WarcRecord, WarcRecordType

from transforms.core.archives.page_refs import Damage, PageRef, Place
from transforms.core.archives.warc_records import (
    BROKEN,
    GZIP,
    HEADER_START,
    MAX_HEADER,
    capture_time,
    inflated,
    iterate,
    read_at,
    read_record,
    target_url,
)

END_OF_HEADER = re.compile(rb"\r?\n\r?\n")

_PAGE_TYPES = (WarcRecordType.response, WarcRecordType.resource)
_PLAIN = b"WARC/1."
# First bytes of zstd, without and with a dictionary before it (two magic numbers), and of lz4.
_UNSEEKABLE = (b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18", b"\x5d\x2a\x4d\x18", b"\x04\x22\x4d\x18")
# The first record of an ARC file, the format before WARC.
_ARC = b"filedesc:"
_BEGIN = re.compile(rb"WARC/1\.\d+[ \t]*\r?\n[\w-]+[ \t]*:")
# Read at once while searching or inflating: bounds memory, whatever a record's size.
_BLOCK = 1 << 20
# Put before what is read from an offset on: see _WithLead.
_LEAD = gzip.compress(
    b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n", mtime=0
)


@dataclass(frozen=True, slots=True)
class _Record:
    """A record that was read: its place, the length in its header, and its page if it has one."""

    at: int
    skip: int
    length: int
    page: PageRef | None


def list_records(file: BinaryIO, name: str, start: int = 0) -> Iterator[PageRef | Damage]:
    """Yield the pages of a WARC file from the member at an offset on, and its damages, in order.

    A record that breaks off is damage; reading goes on at the next bytes that begin like a record.
    """
    head = read_at(file, 0, MAX_HEADER)
    is_gzip = head.startswith(GZIP)
    text = inflated(head) if is_gzip else head
    if head.startswith(_UNSEEKABLE):
        yield from _list_unseekable(file, name)
    elif text.startswith(b"WARC/"):
        yield from _list_members(file, name, start, GZIP if is_gzip else _PLAIN)
    elif text.startswith(_ARC):
        yield Damage(
            "E_ARCHIVE_ARC",
            f"{name} is an ARC file, the form before WARC; convert it, as `warcio recompress` does",
        )
    else:
        yield from _list_damaged_start(file, name, start, is_empty=not head)


def _list_unseekable(file: BinaryIO, name: str) -> Iterator[PageRef | Damage]:
    """Yield the pages of a file whose records can only be read one after the other."""
    try:
        for number, record in enumerate(iterate(file, file, 0)):
            page = _page_ref(record, Place(0, number))
            if page is not None:
                yield page
    except BROKEN as error:
        yield _damage(name, file.tell(), error)


def _list_members(file: BinaryIO, name: str, start: int, mark: bytes) -> Iterator[PageRef | Damage]:
    """Yield the pages of a file whose members, which begin with `mark`, can be read one by one."""
    at: int | None = start
    reported: int | None = None
    while at is not None:
        last, error = yield from _list_until_broken(file, at, mark)
        end: int | None = at
        damaged_at = at
        if last is not None:
            end = _end_of_record(file, last, mark)
            damaged_at = last.at if end is None else end
            if last.page is not None and _is_readable(file, last, end, mark):
                yield last.page
        if _is_end_of_file(file, end, error):
            return
        # A search may return to a damaged place, which is reported once.
        if damaged_at != reported:
            yield _damage(name, damaged_at, error)
        reported = damaged_at
        at = _next_record(file, max(damaged_at, at + 1), mark)


def _list_damaged_start(
    file: BinaryIO, name: str, start: int, *, is_empty: bool
) -> Iterator[PageRef | Damage]:
    """Yield the pages of a file that may be a WARC file whose first record is damaged."""
    found: list[tuple[int, bytes]] = []
    for mark in (GZIP, _PLAIN):
        at = _next_record(file, start, mark)
        if at is not None:
            found.append((at, mark))
    if not found:
        why = ": it is empty" if is_empty else ""
        yield Damage("E_ARCHIVE_FORMAT", f"{name} is not a WARC file{why}")
        return
    first, mark = min(found)
    if start == 0 and first > 0:
        yield _damage(name, 0, None)
    yield from _list_members(file, name, first, mark)


def _list_until_broken(
    file: BinaryIO, start: int, mark: bytes
) -> Generator[PageRef, None, tuple[_Record | None, Exception | None]]:
    """Yield the pages from an offset on, but for the last record.

    Returns that record, which may break off, and the error that ended reading, if one did.
    """
    last: _Record | None = None
    source = _WithLead(file, start, _LEAD if mark == GZIP else b"")
    try:
        for record in iterate(file, cast(BinaryIO, source), start):
            at = source.offset_in_file(record.stream_pos)
            # The record of the lead.
            if at < start:
                continue
            skip = 0
            if last is not None:
                if last.page is not None:
                    yield last.page
                skip = last.skip + 1 if last.at == at else 0
            page = _page_ref(record, Place(at, skip))
            # Whether a record is whole shows only when the next one is met.
            last = _Record(at, skip, record.content_length, page)
    except BROKEN as error:
        return last, error
    return last, None


class _WithLead:
    """A file from an offset on, with a small member before it.

    FastWARC gives the offset of the member of every record, except for records of the first member
    that it reads.
    """

    def __init__(self, file: BinaryIO, start: int, lead: bytes) -> None:
        self._file = file
        self._lead = lead
        self._bytes_read = 0
        self._shift = start - len(lead)

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, those of the lead first."""
        if self._lead:
            data, self._lead = self._lead, b""
        else:
            data = self._file.read(size)
        self._bytes_read += len(data)
        return data

    def tell(self) -> int:
        """Return how many bytes have been read."""
        return self._bytes_read

    def offset_in_file(self, offset: int) -> int:
        """Return the offset in the file of an offset here."""
        return self._shift + offset


def _page_ref(record: WarcRecord, at: Place) -> PageRef | None:
    if record.record_type not in _PAGE_TYPES:
        return None
    return PageRef(at, target_url(record), capture_time(record), record.content_length)


def _end_of_record(file: BinaryIO, record: _Record, mark: bytes) -> int | None:
    """Return the offset behind a record's member, None if that is cut or damaged."""
    if mark == GZIP:
        return _end_of_member(file, record.at)
    return _end_of_plain(file, record)


def _end_of_member(file: BinaryIO, start: int) -> int | None:
    """Return the offset behind a gzip member."""
    inflater = zlib.decompressobj(wbits=31)
    file.seek(start)
    read = start
    while block := file.read(_BLOCK):
        read += len(block)
        try:
            # In pieces that are discarded: a small member may inflate to any size.
            while block and not inflater.eof:
                inflater.decompress(block, _BLOCK)
                block = inflater.unconsumed_tail
        except zlib.error:
            return None
        if inflater.eof:
            return read - len(inflater.unused_data)
    return None


def _end_of_plain(file: BinaryIO, record: _Record) -> int | None:
    """Return the offset behind a record that is not compressed, and the line ends after it."""
    header = END_OF_HEADER.search(read_at(file, record.at, MAX_HEADER))
    if header is None:
        return None
    end = record.at + header.end() + record.length
    file_size = file.seek(0, 2)
    if end > file_size:
        return None
    tail = read_at(file, end, 4)
    return end + len(tail) - len(tail.lstrip(b"\r\n"))


def _is_readable(file: BinaryIO, record: _Record, end: int | None, mark: bytes) -> bool:
    """Return whether a record can be read to its end, though its member may break off behind it."""
    if end is not None:
        return True
    # A first record may be alone in its member, and is then damaged as that is.
    if mark != GZIP or record.skip == 0 or record.length <= 0:
        return False
    left = record.length
    try:
        body = read_record(file, Place(record.at, record.skip)).reader
        while left > 0 and (block := body.read(min(left, _BLOCK))):
            left -= len(block)
    except BROKEN:
        return False
    return left <= 0


def _is_end_of_file(file: BinaryIO, end: int | None, error: Exception | None) -> bool:
    """Return whether reading ended without an error, and only line ends follow."""
    if end is None or error is not None:
        return False
    file.seek(end)
    while block := file.read(_BLOCK):
        if block.strip(b"\r\n"):
            return False
    return True


def _next_record(file: BinaryIO, start: int, mark: bytes) -> int | None:
    """Return the offset, from `start` on, of the next bytes that begin like a record, or None."""
    at, kept = start, b""
    file.seek(start)
    while block := file.read(_BLOCK):
        data = kept + block
        found = data.find(mark)
        while found >= 0:
            offset = at - len(kept) + found
            if _begins_record(file, offset, mark):
                return offset
            found = data.find(mark, found + 1)
        at += len(block)
        # A mark may lie across two blocks.
        kept = data[-len(mark) + 1 :]
        file.seek(at)
    return None


def _begins_record(file: BinaryIO, offset: int, mark: bytes) -> bool:
    head = read_at(file, offset, HEADER_START)
    text = inflated(head) if mark == GZIP else head
    return _BEGIN.match(text) is not None


def _damage(name: str, offset: int, error: Exception | None) -> Damage:
    why = f" ({error})" if error else ""
    return Damage(
        "E_ARCHIVE_DAMAGED",
        f"{name}: no whole record at byte {offset}{why}; what is whole around it is read",
    )
