"""Which pages do files of rows hold, JSON lines and Parquet, one page a row?"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq

from transforms.core.archives.file_pages import COLUMNS
from transforms.core.archives.places import Damage, PageRef, Place
from transforms.errors import ArchiveError

MAX_LINE_BYTES = 32 * 2**20
_BATCH = 64
Row = Mapping[str, Any]


def list_lines(
    file: BinaryIO, name: str, start: Place, *, is_seekable: bool
) -> Iterator[PageRef | Damage]:
    """Yield the place of each line of a file of JSON lines from one on; lines that are too long are damage."""
    if is_seekable:
        file.seek(start.offset)
    offset, number = (start.offset if is_seekable else 0), 0
    try:
        for length, line in _lines(file):
            place = Place(offset) if is_seekable else Place(0, number)
            if line is None:
                yield Damage(
                    "E_ARCHIVE_TOO_LARGE",
                    f"{name}: a line of over {MAX_LINE_BYTES} bytes, at byte {offset}",
                )
            elif line.strip():
                yield PageRef(place, "", None, length)
            offset, number = offset + length, number + 1
    except (OSError, EOFError, ValueError) as error:
        yield Damage(
            "E_ARCHIVE_DAMAGED", f"{name}: reading broke off in line {number + 1} ({error})"
        )


def read_lines(file: BinaryIO, places: Sequence[Place]) -> Iterator[tuple[Place, Row | Exception]]:
    """Yield the objects on the lines at these places, in order; for a line that is none, ArchiveError in its place."""
    number = 0
    for at in places:
        if not at.skip:
            file.seek(at.offset)
            number = 0
        for _ in zip(range(number, at.skip), _lines(file), strict=False):
            pass
        number = at.skip + 1
        yield at, _object(file.readline(MAX_LINE_BYTES))


def list_rows(file: BinaryIO, name: str, start: Place) -> Iterator[PageRef | Damage]:
    """Yield the place of each row of a Parquet file from one on: number of the row group, number of the row in it."""
    try:
        groups = pq.ParquetFile(file).metadata
    except (pa.ArrowException, OSError) as error:
        yield Damage("E_ARCHIVE_FORMAT", f"{name} cannot be read as Parquet ({error})")
        return
    for group in range(start.offset, groups.num_row_groups):
        rows = groups.row_group(group)
        for number in range(start.skip if group == start.offset else 0, rows.num_rows):
            yield PageRef(
                Place(group, number), "", None, rows.total_byte_size // max(1, rows.num_rows)
            )


def read_rows(file: BinaryIO, places: Sequence[Place]) -> Iterator[tuple[Place, Row | Exception]]:
    """Yield the rows at these places of a Parquet file, in order of row groups."""
    by_group: dict[int, dict[int, Place]] = {}
    for at in places:
        by_group.setdefault(at.offset, {})[at.skip] = at
    parquet = pq.ParquetFile(file)
    columns = [name for name in parquet.schema_arrow.names if name.lower() in COLUMNS]
    for group, wanted in by_group.items():
        try:
            batches = parquet.iter_batches(_BATCH, row_groups=[group], columns=columns)
            yield from _of_batches(batches, wanted)
        except (pa.ArrowException, OSError) as error:
            yield from (
                (at, ArchiveError(f"its row group is damaged: {error}")) for at in wanted.values()
            )


def _of_batches(
    batches: Iterable[pa.RecordBatch], wanted: dict[int, Place]
) -> Iterator[tuple[Place, Row | Exception]]:
    """Yield the rows that are wanted, by their numbers, and take them out of what is wanted."""
    number = 0
    for batch in batches:
        for at in sorted(n for n in wanted if n < number + batch.num_rows):
            yield wanted.pop(at), _row(batch, at - number)
        number += batch.num_rows
        if not wanted:
            return


def _row(batch: pa.RecordBatch, number: int) -> Row | Exception:
    try:
        return cast(Row, batch.slice(number, 1).to_pylist()[0])
    except (
        ValueError,
        OverflowError,
        LookupError,
    ) as error:  # no UTF-8, no such date, no such zone
        return ArchiveError(f"a row cannot be read: {error}", reason="E_ARCHIVE_ROW")


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Yield the length of each line in bytes, and the line; None where it is too long."""
    while line := file.readline(MAX_LINE_BYTES):
        length, last = len(line), line
        while not last.endswith(b"\n") and (last := file.readline(MAX_LINE_BYTES)):
            length += len(last)
        yield length, line if length < MAX_LINE_BYTES else None


def _object(line: bytes) -> Row | Exception:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        return ArchiveError(f"a line is no JSON: {error}", reason="E_ARCHIVE_ROW")
    if isinstance(found, dict):
        return found
    return ArchiveError("a line is no JSON object", reason="E_ARCHIVE_ROW")
