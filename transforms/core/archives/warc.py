"""Which pages does a WARC file hold, and where; what can still be read of a damaged one?

Formats: ISO 28500 (WARC 1.0, 1.1), plain or compressed, each record a member of its own, as the standard wants it, or
all in one.
"""

import gzip
import re
import zlib
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import BinaryIO, cast

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from transforms.core.archives.places import Damage, PageRef, Place

_PAGES = (WarcRecordType.response, WarcRecordType.resource)
_GZIP, _PLAIN = b"\x1f\x8b\x08", b"WARC/1."
_PACKED = (b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18", b"\x5d\x2a\x4d\x18", b"\x04\x22\x4d\x18")
"""First bytes of zstd, with and without a dictionary before it, and of lz4."""
_ARC = b"filedesc:"
_BLOCK = 1 << 20
_MAX_HEAD = 1 << 16
_MAX_LINE = 512
_BEGIN = re.compile(rb"WARC/1\.\d+[ \t]*\r?\n[\w-]+[ \t]*:")
END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_LEAD = gzip.compress(
    b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n", mtime=0
)
_BROKEN = (OSError, ValueError, zlib.error)


@dataclass(frozen=True, slots=True)
class _Last:
    """The last record that was met: where it begins, how long it says it is, and what it is of use for."""

    at: int
    skip: int
    length: int
    found: PageRef | None


def list_records(file: BinaryIO, name: str, start: int = 0) -> Iterator[PageRef | Damage]:
    """Yield the pages of a WARC file from the member at an offset on, and what is damaged, in the order of the file.

    A record that breaks off is damage. The search goes on behind it for something that begins like a record.
    """
    head = _read_at(file, 0, _MAX_HEAD)
    is_packed = head.startswith(_GZIP)
    unpacked = _inflated(head) if is_packed else head
    if head.startswith(_PACKED):
        yield from _in_one_piece(file, name)
    elif unpacked.startswith(b"WARC/"):
        yield from _by_member(file, name, start, _GZIP if is_packed else _PLAIN)
    elif unpacked.startswith(_ARC):
        yield Damage(
            "E_ARCHIVE_ARC",
            f"{name} is an ARC file, the form before WARC; convert it, as `warcio recompress` does",
        )
    else:
        yield from _behind_strange(file, name, start, head)


def read_record(file: BinaryIO, at: Place) -> WarcRecord:
    """Return the record at a place, its HTTP header yet to be parsed. Raises OSError or ValueError where it is none."""
    records = iter(_iterate(file, file, at.offset))
    for _ in range(at.skip):
        next(records, None)
    record = next(records, None)
    if record is None:
        raise OSError(f"no record at byte {at.offset}")
    return record


def read_records(
    file: BinaryIO, places: Sequence[Place]
) -> Iterator[tuple[Place, WarcRecord | Exception]]:
    """Yield the records at these places, in their order; those that lie in one member are read in one go.

    A record is to be used before the next one is asked for. Where none is, the error stands in its place.
    """
    for offset, group in groupby(places, key=lambda at: at.offset):
        yield from _skimmed(file, offset, {at.skip: at for at in group})


def _skimmed(
    file: BinaryIO, offset: int, wanted: dict[int, Place]
) -> Iterator[tuple[Place, WarcRecord | Exception]]:
    error: Exception = OSError("the file ends before it")
    try:
        for number, record in enumerate(_iterate(file, file, offset)):
            if number in wanted:
                yield wanted.pop(number), record
            if not wanted:
                return
    except _BROKEN as broken:
        error = broken
    for at in wanted.values():
        yield at, error


def capture_time(record: WarcRecord) -> datetime | None:
    """Return when a record was captured, None where its header does not say."""
    try:
        found = datetime.fromisoformat(record.headers.get("WARC-Date") or "")
    except ValueError:
        return None
    return found if found.tzinfo else None


def target_url(record: WarcRecord) -> str:
    """Return the URL of a record; wget puts it in angle brackets."""
    return (record.headers.get("WARC-Target-URI") or "").strip().strip("<>")


def _by_member(file: BinaryIO, name: str, start: int, mark: bytes) -> Iterator[PageRef | Damage]:
    """Yield the pages of a file whose members can be reached one by one."""
    at: int | None = start
    told = -1
    while at is not None:
        last, error = yield from _run(file, at, mark)
        end = at if last is None else _end_of(file, last, mark)
        if (
            last is not None
            and last.found is not None
            and (end is not None or _is_whole(file, last, mark))
        ):
            yield last.found
        if end is not None and error is None and _is_blank(file, end):
            return
        where = last.at if last is not None and end is None else end or at
        if where != told:
            yield _damaged(name, where, error)
        told = where
        at = _next_record(file, where if where > at else at + 1, mark)


def _behind_strange(
    file: BinaryIO, name: str, start: int, head: bytes
) -> Iterator[PageRef | Damage]:
    """Yield the pages of a file that does not begin like a WARC file, but may be one whose first record is damaged."""
    found = [
        (at, mark)
        for mark in (_GZIP, _PLAIN)
        if (at := _next_record(file, start, mark)) is not None
    ]
    if not found:
        yield Damage(
            "E_ARCHIVE_FORMAT", f"{name} is no WARC file" + ("" if head else ": it is empty")
        )
        return
    if start == 0 < min(found)[0]:
        yield _damaged(name, 0, None)
    yield from _by_member(file, name, *min(found))


def _run(
    file: BinaryIO, start: int, mark: bytes
) -> Generator[PageRef, None, tuple[_Last | None, Exception | None]]:
    """Yield the pages from an offset on, but for the last record; return that, and why reading broke off if it did."""
    last: _Last | None = None
    source = _Led(file, start, _LEAD if mark == _GZIP else b"")
    try:
        for record in _iterate(file, cast(BinaryIO, source), start):
            at = source.place(record.stream_pos)
            if at < start:
                continue
            if last is not None and last.found is not None:
                yield last.found
            skip = last.skip + 1 if last is not None and last.at == at else 0
            last = _Last(at, skip, record.content_length, _page(record, Place(at, skip)))
    except _BROKEN as error:
        return last, error
    return last, None


def _iterate(file: BinaryIO, source: BinaryIO, start: int) -> ArchiveIterator:
    """Return the records of a source, which is the file from an offset on; lines of headers may end in a bare LF."""
    head = _read_at(file, start, _MAX_LINE)
    line, end, _ = (_inflated(head) if head.startswith(_GZIP) else head).partition(b"\n")
    file.seek(start)
    is_bare = bool(end) and line.startswith(b"WARC/") and not line.endswith(b"\r")
    return ArchiveIterator(source, parse_http=False, quirks_mode=is_bare)


class _Led:
    """A file from an offset on, with a small member before it.

    FastWARC says of all records of a member where that begins, but for those of the first member of what it reads.
    """

    def __init__(self, file: BinaryIO, start: int, lead: bytes) -> None:
        self._file, self._lead, self._read = file, lead, 0
        self._shift = start - len(lead)

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, of the lead first."""
        data, self._lead = self._lead or self._file.read(size), b""
        self._read += len(data)
        return data

    def tell(self) -> int:
        """Return how many bytes have been read."""
        return self._read

    def place(self, told: int) -> int:
        """Return the offset in the file of what is said to be at an offset here."""
        return self._shift + told


def _in_one_piece(file: BinaryIO, name: str) -> Iterator[PageRef | Damage]:
    """Yield the pages of a file whose records can only be had one after the other."""
    try:
        for number, record in enumerate(_iterate(file, file, 0)):
            page = _page(record, Place(0, number))
            if page is not None:
                yield page
    except _BROKEN as error:
        yield _damaged(name, file.tell(), error)


def _page(record: WarcRecord, at: Place) -> PageRef | None:
    if record.record_type not in _PAGES:
        return None
    return PageRef(at, target_url(record), capture_time(record), record.content_length)


def _end_of(file: BinaryIO, last: _Last, mark: bytes) -> int | None:
    """Return where a record's member ends, None where the file ends before it or it is damaged."""
    return _end_of_member(file, last.at) if mark == _GZIP else _end_of_plain(file, last)


def _is_whole(file: BinaryIO, last: _Last, mark: bytes) -> bool:
    """Return whether a record can be read to its end although its member breaks off behind it."""
    if mark != _GZIP or last.skip == 0 or last.length <= 0:
        return False
    left = last.length
    try:
        record = read_record(file, Place(last.at, last.skip))
        while left > 0 and (block := record.reader.read(min(left, _BLOCK))):
            left -= len(block)
    except _BROKEN:
        return False
    return left <= 0


def _end_of_member(file: BinaryIO, start: int) -> int | None:
    """Return the offset behind a gzip member."""
    inflater = zlib.decompressobj(wbits=31)
    file.seek(start)
    read = start
    while block := file.read(_BLOCK):
        read += len(block)
        try:
            while block and not inflater.eof:
                inflater.decompress(block, _BLOCK)
                block = inflater.unconsumed_tail
        except zlib.error:
            return None
        if inflater.eof:
            return read - len(inflater.unused_data)
    return None


def _end_of_plain(file: BinaryIO, last: _Last) -> int | None:
    """Return the offset behind a record that is not compressed."""
    head = _read_at(file, last.at, _MAX_HEAD)
    header = END_OF_HEADER.search(head)
    end = last.at + header.end() + last.length if header else None
    if end is None or end > file.seek(0, 2):
        return None
    tail = _read_at(file, end, 4)
    return end + len(tail) - len(tail.lstrip(b"\r\n"))


def _is_blank(file: BinaryIO, start: int) -> bool:
    """Return whether nothing but line ends follows."""
    file.seek(start)
    while block := file.read(_BLOCK):
        if block.strip(b"\r\n"):
            return False
    return True


def _next_record(file: BinaryIO, start: int, mark: bytes) -> int | None:
    """Return the offset of the next thing from there on that begins like a record, None where there is none."""
    at, kept = start, b""
    file.seek(start)
    while block := file.read(_BLOCK):
        data = kept + block
        found = data.find(mark)
        while found >= 0:
            place = at - len(kept) + found
            if _begins_record(file, place, mark):
                return place
            found = data.find(mark, found + 1)
        at += len(block)
        kept = data[-len(mark) + 1 :]
        file.seek(at)
    return None


def _begins_record(file: BinaryIO, place: int, mark: bytes) -> bool:
    head = _read_at(file, place, _MAX_LINE)
    return _BEGIN.match(_inflated(head) if mark == _GZIP else head) is not None


def _inflated(data: bytes) -> bytes:
    """Return the first bytes of what is compressed; nothing where it is not."""
    try:
        return zlib.decompressobj(wbits=31).decompress(data, _MAX_HEAD)
    except zlib.error:
        return b""


def _read_at(file: BinaryIO, place: int, size: int) -> bytes:
    file.seek(place)
    return file.read(size)


def _damaged(name: str, where: int, error: Exception | None) -> Damage:
    why = f" ({error})" if error else ""
    return Damage(
        "E_ARCHIVE_DAMAGED",
        f"{name}: no whole record at byte {where}{why}; what is whole around it is read",
    )
