"""Check the columns of a lake's files, and read their rows in batches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from transforms.core.lake.checks.arrays import Numbers, mask_of
from transforms.core.lake.checks.file_tree import LakeFile, Snapshot
from transforms.core.lake.checks.findings import Finding, Ledger
from transforms.core.lake.encoding.arrow_rows import Key, key_of
from transforms.core.lake.schema.schema import Table
from transforms.errors import LakeError

# Rows in memory at a time. A judgement: enough for array operations to pay, few enough that their
# texts, some kilobytes each, take tens of megabytes.
BATCH = 4_000
_UNREADABLE = (pa.ArrowException, OSError, UnicodeDecodeError, LakeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowBatch:
    """Rows of a file, with some of their columns, and their positions in the file."""

    file: LakeFile
    rows: Numbers
    data: pa.Table

    @property
    def table(self) -> Table:
        """The table of the rows."""
        return self.file.table

    def finding(self, check: str, message: str, row: int) -> Finding:
        """Return a finding about one of the rows."""
        keys = [str(self.data[c][row].as_py()) for c in self.table.key]
        return Finding(
            check=check,
            table=self.table.name,
            path=self.file.path,
            key="/".join(keys),
            message=message,
        )


def readable(snapshot: Snapshot, ledger: Ledger) -> dict[str, int]:
    """Return the number of rows of each file that can be read as one of its table, by path.

    The others are reported.
    """
    sizes = {}
    for file in chain.from_iterable(snapshot.files.values()):
        rows = _row_count(snapshot, file, ledger)
        if rows is not None:
            sizes[file.path] = rows
        if rows == 0 and file.folder != file.table.folder.placeholder:
            _report(ledger, "C_FILE_EMPTY", file, "has no rows; delete it")
    return sizes


def _row_count(snapshot: Snapshot, file: LakeFile, ledger: Ledger) -> int | None:
    try:
        opened = snapshot.open(file.path)
        if opened is None:
            raise FileNotFoundError("it is missing")
        with opened:
            parquet = pq.ParquetFile(opened)
            differences = _differences(file.table, parquet.schema_arrow)
            for message in differences:
                _report(ledger, "C_SCHEMA", file, message)
            if differences and not _is_castable(file.table, parquet.schema_arrow):
                return None
            return int(parquet.metadata.num_rows)
    except _UNREADABLE as error:
        _report_unreadable(ledger, file, error)
        return None


def _report_unreadable(ledger: Ledger, file: LakeFile, error: Exception) -> None:
    message = f"cannot be read ({error}); restore it, or rebuild the lake"
    _report(ledger, "C_FILE_OPEN", file, message)


def _report(ledger: Ledger, check: str, file: LakeFile, message: str) -> None:
    ledger.add(check, message, table=file.table.name, path=file.path)


def _differences(table: Table, found: pa.Schema) -> list[str]:
    """Return how a file's columns differ from the schema.

    Nullable columns may be absent at the end.
    """
    differences = [
        f"lacks the column {field.name}"
        for field in table.schema
        if field.name not in found.names and not field.nullable
    ]
    for field in found:
        if field.name in table.schema.names:
            differences += _field_differences(table.schema.field(field.name), field)
        else:
            differences.append(f"has a column that {table.name} does not have: {field.name}")
    if not differences and found.names != table.schema.names[: len(found.names)]:
        differences.append("the columns are not in the order of the schema")
    return differences


def _field_differences(expected: pa.Field, found: pa.Field) -> list[str]:
    name, differences = expected.name, []
    if found.type != expected.type:
        differences.append(f"{name} is {found.type}, not {expected.type}")
    if found.nullable != expected.nullable:
        differences.append(f"{name} may be null: {found.nullable}, not {expected.nullable}")
    return differences


def _is_castable(table: Table, found: pa.Schema) -> bool:
    """Return whether the rows can be checked despite differences: each required column exists, and
    types can be cast.
    """
    try:
        _conformed(table, found.empty_table(), table.schema.names)
    except (pa.ArrowException, KeyError):
        return False
    return True


def _conformed(table: Table, data: pa.Table, names: Sequence[str]) -> pa.Table:
    """Return columns in the types of the schema, all nullable; raise KeyError if a required one
    is missing.
    """
    columns = []
    for field in (table.schema.field(n) for n in names):
        if field.name in data.schema.names:
            found = data[field.name]
            columns.append(found if found.type == field.type else found.cast(field.type))
        elif field.nullable:
            columns.append(pa.chunked_array([pa.nulls(data.num_rows, field.type)]))
        else:
            raise KeyError(field.name)
    return pa.table(columns, names=list(names))


def batches(
    snapshot: Snapshot, file: LakeFile, ledger: Ledger, columns: Sequence[str] | None = None
) -> Iterator[RowBatch]:
    """Yield the rows of a readable file, without those that have a null in a required column.

    Nulls and damage are reported when all columns are read, so that no other read repeats it.
    """
    names = list(columns or file.table.schema.names)
    opened = snapshot.open(file.path)
    if opened is None:
        return
    with opened:
        try:
            parquet = pq.ParquetFile(opened)
            available = set(parquet.schema_arrow.names)
            present = [n for n in names if n in available]
            first = 0
            for part in parquet.iter_batches(batch_size=BATCH, columns=present, use_threads=False):
                # Arrow does not check on reading that texts are UTF-8 and offsets are in range.
                part.validate(full=True)
                data = _conformed(file.table, pa.Table.from_batches([part]), names).combine_chunks()
                rows = np.arange(first, first + part.num_rows)
                first += part.num_rows
                if data.num_rows:
                    batch = RowBatch(file=file, rows=rows, data=data)
                    yield _complete_rows(batch, ledger, is_reporting=columns is None)
        except _UNREADABLE as error:
            if columns is None:
                _report_unreadable(ledger, file, error)


def _complete_rows(batch: RowBatch, ledger: Ledger, *, is_reporting: bool) -> RowBatch:
    """Return the rows without nulls in required columns."""
    required = [n for n in batch.data.schema.names if not batch.table.schema.field(n).nullable]
    lacking = [n for n in required if batch.data[n].null_count]
    if not lacking:
        return batch
    is_complete = pa.array([True] * batch.data.num_rows)
    for name in lacking:
        has_null = batch.data[name].is_null()
        is_complete = pc.and_(is_complete, pc.invert(has_null))
        if is_reporting:
            rows = np.flatnonzero(mask_of(has_null))
            ledger.add_all("C_NULL", rows, partial(batch.finding, "C_NULL", f"{name} is null"))
    return RowBatch(
        file=batch.file,
        rows=batch.rows[mask_of(is_complete)],
        data=batch.data.filter(is_complete).combine_chunks(),
    )


def key_at(snapshot: Snapshot, file: LakeFile, rows: Sequence[int]) -> dict[int, Key]:
    """Return the keys of some rows of a file."""
    opened = snapshot.open(file.path)
    if opened is None:
        return {}
    with opened:
        data = pq.ParquetFile(opened).read(columns=list(file.table.key))
    found = data.take([r for r in rows if r < data.num_rows]).to_pylist()
    return {position: key_of(file.table, row) for position, row in zip(rows, found, strict=False)}
