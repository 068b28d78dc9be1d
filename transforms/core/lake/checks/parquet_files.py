"""The rows of a lake's files, a few thousand at a time, once their columns are seen to be the
promised ones.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from transforms.core.lake.checks.arrays import Numbers, mask_of
from transforms.core.lake.checks.file_tree import LakeFile, Snapshot
from transforms.core.lake.checks.findings import Finding, Ledger
from transforms.core.lake.encoding.arrow_rows import Key
from transforms.core.lake.schema.schema import Table
from transforms.errors import LakeError

BATCH = 4_000
_UNREADABLE = (pa.ArrowException, OSError, UnicodeDecodeError, LakeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowBatch:
    """Some rows of a file, in some of their columns, and their numbers in it."""

    file: LakeFile
    rows: Numbers
    data: pa.Table

    @property
    def table(self) -> Table:
        """The table that the rows are of."""
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
    """Return how many rows each file has that can be read as a file of its table.

    What cannot goes to the ledger.
    """
    found = {}
    for file in (f for files in snapshot.files.values() for f in files):
        rows = _rows_in(snapshot, file, ledger)
        if rows is not None:
            found[file.path] = rows
        if rows == 0 and file.folder != file.table.folder.placeholder:
            _say(ledger, "C_FILE_EMPTY", file, "has no rows; delete it")
    return found


def _rows_in(snapshot: Snapshot, file: LakeFile, ledger: Ledger) -> int | None:
    try:
        opened = snapshot.open(file.path)
        if opened is None:
            raise FileNotFoundError("it is gone")
        with opened:
            parquet = pq.ParquetFile(opened)
            wrong = _differences(file.table, parquet.schema_arrow)
            for said in wrong:
                _say(ledger, "C_SCHEMA", file, said)
            return (
                int(parquet.metadata.num_rows)
                if not wrong or _fits(file.table, parquet.schema_arrow)
                else None
            )
    except _UNREADABLE as error:
        _say(
            ledger,
            "C_FILE_OPEN",
            file,
            f"cannot be read ({error}); restore it, or rebuild the lake",
        )
        return None


def _say(ledger: Ledger, check: str, file: LakeFile, message: str) -> None:
    ledger.add(check, message, table=file.table.name, path=file.path)


def _differences(table: Table, found: pa.Schema) -> list[str]:
    """Return what of a file's columns is not as promised.

    Nullable columns may be absent at the end.
    """
    promised = [(f.name, f.type, f.nullable) for f in table.schema]
    there = [(f.name, f.type, f.nullable) for f in found]
    missing = [f for f in table.schema if f.name not in found.names and not f.nullable]
    said = [f"lacks the column {f.name}" for f in missing]
    said += [
        f"has a column that {table.name} does not know: {n}"
        for n in found.names
        if n not in table.schema.names
    ]
    for name, kind, nullable in there:
        if name in table.schema.names:
            field = table.schema.field(name)
            said += [f"{name} is {kind}, not {field.type}"] if kind != field.type else []
            said += (
                [f"{name} may be null: {nullable}, not {field.nullable}"]
                if nullable != field.nullable
                else []
            )
    if not said and there != promised[: len(there)]:
        said.append("the columns are not in their order")
    return said


def _fits(table: Table, found: pa.Schema) -> bool:
    """Return whether the rows can be looked at for all that: each column that must be there is of a
    fitting type.
    """
    try:
        _conformed(table, found.empty_table(), table.schema.names)
    except (pa.ArrowException, KeyError):
        return False
    return True


def _conformed(table: Table, data: pa.Table, names: Sequence[str]) -> pa.Table:
    """Return columns in the promised types, all nullable.

    Raise KeyError where one that must be is not there.
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
    """Yield the rows of a file that `readable` has named, without those that lack what a row must
    have.
    """
    names = list(columns or file.table.schema.names)
    opened = snapshot.open(file.path)
    if opened is None:
        return
    with opened:
        try:
            parquet = pq.ParquetFile(opened)
            known = set(parquet.schema_arrow.names)
            there = [n for n in names if n in known]
            first = 0
            for part in parquet.iter_batches(batch_size=BATCH, columns=there, use_threads=False):
                part.validate(full=True)
                data = _conformed(file.table, pa.Table.from_batches([part]), names).combine_chunks()
                if data.num_rows:
                    yield _complete(
                        RowBatch(
                            file=file, rows=np.arange(first, first + part.num_rows), data=data
                        ),
                        ledger,
                        tell=columns is None,
                    )
                first += part.num_rows
        except _UNREADABLE as error:
            if columns is None:
                _say(
                    ledger,
                    "C_FILE_OPEN",
                    file,
                    f"cannot be read ({error}); restore it, or rebuild the lake",
                )


def _complete(batch: RowBatch, ledger: Ledger, *, tell: bool) -> RowBatch:
    """Return the rows that have all that a row must have."""
    required = [n for n in batch.data.schema.names if not batch.table.schema.field(n).nullable]
    lacking = [n for n in required if batch.data[n].null_count]
    if not lacking:
        return batch
    whole = pa.array([True] * batch.data.num_rows)
    for name in lacking:
        empty = batch.data[name].is_null()
        whole = pc.and_(whole, pc.invert(empty))
        if tell:
            rows = [n for n, lacks in enumerate(empty.to_pylist()) if lacks]
            ledger.add_all("C_NULL", rows, partial(batch.finding, "C_NULL", f"{name} is null"))
    return RowBatch(
        file=batch.file,
        rows=batch.rows[mask_of(whole)],
        data=batch.data.filter(whole).combine_chunks(),
    )


def key_at(snapshot: Snapshot, file: LakeFile, rows: Sequence[int]) -> dict[int, Key]:
    """Return the keys of some rows of a file."""
    keys: dict[int, Key] = {}
    opened = snapshot.open(file.path)
    if opened is not None:
        with opened:
            data = pq.ParquetFile(opened).read(columns=list(file.table.key))
            found = data.take([r for r in rows if r < data.num_rows]).to_pylist()
            keys = {
                row: tuple(one[c] for c in file.table.key)
                for row, one in zip(rows, found, strict=False)
            }
    return keys
