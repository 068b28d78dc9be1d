"""Parquet, one page a row; columns as `row_pages` names them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq

from transforms.core.archives.formats.base import (
    ArchiveFormat,
    PageRead,
    beginning,
    page_or_error,
)
from transforms.core.archives.page_defaults import PageDefaults
from transforms.core.archives.page_refs import Damage, PageRef, Place
from transforms.core.archives.row_pages import COLUMNS, page_of_row
from transforms.errors import ArchiveError
from transforms.records import ArchivePart, Page

# Rows decoded at once. A page is about 200 KB and may be 10 MB: larger batches would cost memory,
# smaller ones more calls.
_BATCH_ROWS = 64
_START = Place(0)
Row = Mapping[str, Any]


def list_rows(file: BinaryIO, name: str, start: Place | None) -> Iterator[PageRef | Damage]:
    """Yield the place of each row from one on: number of the row group, number of the row in it."""
    first = start or _START
    try:
        metadata = pq.ParquetFile(file).metadata
    except (pa.ArrowException, OSError) as error:
        yield Damage("E_ARCHIVE_FORMAT", f"{name} cannot be read as Parquet ({error})")
        return
    for group in range(first.offset, metadata.num_row_groups):
        rows = metadata.row_group(group)
        row_bytes = rows.total_byte_size // max(1, rows.num_rows)
        skipped = first.skip if group == first.offset else 0
        for number in range(skipped, rows.num_rows):
            yield PageRef(Place(group, number), "", None, row_bytes)


def read_rows(file: BinaryIO, places: Sequence[Place]) -> Iterator[tuple[Place, Row | Exception]]:
    """Yield the rows at these places, in order of row groups; the error if one is damaged."""
    by_group: dict[int, dict[int, Place]] = {}
    for at in places:
        by_group.setdefault(at.offset, {})[at.skip] = at
    parquet = pq.ParquetFile(file)
    columns = [name for name in parquet.schema_arrow.names if name.lower() in COLUMNS]
    for group, unread in by_group.items():
        try:
            batches = parquet.iter_batches(_BATCH_ROWS, row_groups=[group], columns=columns)
            yield from _rows_of_group(batches, unread)
        except (pa.ArrowException, OSError) as error:
            for at in unread.values():
                yield at, ArchiveError(f"its row group is damaged: {error}")


def _rows_of_group(
    batches: Iterable[pa.RecordBatch], unread: dict[int, Place]
) -> Iterator[tuple[Place, Row | Exception]]:
    """Yield the rows of a group with the numbers in `unread`, and remove them from it."""
    start = 0
    for batch in batches:
        end = start + batch.num_rows
        for number in sorted(n for n in unread if n < end):
            yield unread.pop(number), _row(batch, number - start)
        start = end
        if not unread:
            return


def _row(batch: pa.RecordBatch, number: int) -> Row | Exception:
    try:
        return cast(Row, batch.slice(number, 1).to_pylist()[0])
    # Text that is not UTF-8; a date or a time out of range; a time zone that is not known.
    except (ValueError, OverflowError, LookupError) as error:
        return ArchiveError(f"a row cannot be read: {error}", reason="E_ARCHIVE_ROW")


def _read_pages(file: BinaryIO, part: ArchivePart, defaults: PageDefaults) -> Iterator[PageRead]:
    places = [Place(*place) for place in part.places]
    for at, row in read_rows(file, places):
        yield at, page_or_error(partial(_page, row, defaults))


def _page(row: Row | Exception, defaults: PageDefaults) -> Page:
    if isinstance(row, Exception):
        raise row
    return page_of_row(row, defaults)


def _is_parquet(head: bytes) -> bool:
    return beginning(head).startswith(b"par1")


PARQUET = ArchiveFormat(
    name="parquet",
    endings=(".parquet",),
    sniff=_is_parquet,
    list_pages=list_rows,
    read_pages=_read_pages,
)
