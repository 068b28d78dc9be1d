"""Read WARC records (ISO 28500) at known places, and the values of their headers."""

import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator, WarcRecord

from transforms.core.archives.page_refs import Place

GZIP = b"\x1f\x8b\x08"
BROKEN = (OSError, ValueError, zlib.error)
"""The exceptions that reading a damaged file raises."""
# FastWARC gives up on headers of over 32 KB; newsbeam writes up to 24 KB.
MAX_HEADER = 1 << 16
# Enough to recognise the first lines of a header, which begins with `WARC/1.0` and a field.
HEADER_START = 512


def read_record(file: BinaryIO, at: Place) -> WarcRecord:
    """Return the record at a place, its HTTP header not yet parsed.

    Raises OSError or ValueError if there is no record.
    """
    records = iter(iterate(file, file, at.offset))
    for _ in range(at.skip):
        next(records, None)
    record = next(records, None)
    if record is None:
        raise OSError(f"no record at byte {at.offset}")
    return record


def read_records(
    file: BinaryIO, places: Sequence[Place]
) -> Iterator[tuple[Place, WarcRecord | Exception]]:
    """Yield the records at these places, in their order, or the error if there is none.

    Records of one member are read in one go, so a record must be used before the next is taken.
    """
    for offset, group in groupby(places, key=lambda at: at.offset):
        by_number = {at.skip: at for at in group}
        yield from _read_member(file, offset, by_number)


def _read_member(
    file: BinaryIO, offset: int, unread: dict[int, Place]
) -> Iterator[tuple[Place, WarcRecord | Exception]]:
    error: Exception = OSError("the file ends before it")
    try:
        for number, record in enumerate(iterate(file, file, offset)):
            if number in unread:
                yield unread.pop(number), record
            if not unread:
                return
    except BROKEN as broken:
        error = broken
    for at in unread.values():
        yield at, error


def capture_time(record: WarcRecord) -> datetime | None:
    """Return when a record was captured, None if its header does not state it."""
    try:
        captured = datetime.fromisoformat(record.headers.get("WARC-Date") or "")
    except ValueError:
        return None
    return captured if captured.tzinfo else None


def target_url(record: WarcRecord) -> str:
    """Return the URL of a record; wget puts it in angle brackets."""
    return (record.headers.get("WARC-Target-URI") or "").strip().strip("<>")


def iterate(file: BinaryIO, source: BinaryIO, start: int) -> ArchiveIterator:
    """Return the records of a source, which is the file from an offset on."""
    head = read_at(file, start, HEADER_START)
    text = inflated(head) if head.startswith(GZIP) else head
    line, newline, _ = text.partition(b"\n")
    # Some writers end header lines in a bare LF, which FastWARC accepts in its quirks mode only.
    is_bare = bool(newline) and line.startswith(b"WARC/") and not line.endswith(b"\r")
    file.seek(start)
    return ArchiveIterator(source, parse_http=False, quirks_mode=is_bare)


def inflated(data: bytes) -> bytes:
    """Return the first bytes of gzip data, unpacked; b"" if it is not gzip."""
    try:
        return zlib.decompressobj(wbits=31).decompress(data, MAX_HEADER)
    except zlib.error:
        return b""


def read_at(file: BinaryIO, offset: int, size: int) -> bytes:
    """Return the bytes of a file from an offset on."""
    file.seek(offset)
    return file.read(size)
