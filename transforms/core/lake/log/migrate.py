"""A lake that an older newsbeam made gets the columns that have come since, null in every row that was there."""

import io
import uuid
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from transforms.core.lake.encoding.parquet import to_parquet
from transforms.core.lake.log.commit import NewFile, abandon_unfinished, recover, write_commit
from transforms.core.lake.log.manifest import files_gone
from transforms.core.lake.log.preflight import (
    check_version,
    columns_missing,
    ensure_files,
    in_order,
    table_files,
    unreadable,
)
from transforms.core.lake.log.store import LakeStore
from transforms.core.lake.schema.schema import Table
from transforms.core.lake.schema.tables import TABLES

FILES = 100
"""Files of one commit, at most."""
BYTES = 64 * 2**20
"""Bytes of one commit, but for the last of its files."""


def upgrade(store: LakeStore, *, force: bool = False) -> int:
    """Rewrite every file that lacks columns, and return how many did; each is opened. Nothing changes where none does.

    Commits are small, and the file that a table starts with comes last: readers see the new columns when all files have
    them, and an upgrade that was killed goes on where it was when it is run again. `as_found` takes the lake as it is
    where files are gone: their rows are lost, and what a dead writer left half done stays so. Raises LakeError for a
    file that cannot be read or is of a newer schema. No older newsbeam may write to the lake meanwhile.
    """
    with store.locked():
        check_version(store, force=force)
        if force:
            abandon_unfinished(store)
        recover(store)
        ensure_files(store, force=force)
    done, waiting = 0, in_order(table_files(store))
    while waiting:
        with store.locked():
            recover(store)
            waiting, files = _next(store, waiting)
            if files:
                write_commit(store, files, (), attempt=uuid.uuid4().hex, run={"kind": "upgrade"})
        done += len(files)
    return done


def _next(store: LakeStore, waiting: list[str]) -> tuple[list[str], list[NewFile]]:
    """Return the paths that are left, and the new files of one commit."""
    files: list[NewFile] = []
    for at, path in enumerate(waiting):
        if len(files) == FILES or sum(len(f.data) for f in files) >= BYTES:
            return waiting[at:], files
        files += _upgraded(store, path)
    return [], files


def _upgraded(store: LakeStore, path: str) -> Iterator[NewFile]:
    table = TABLES[path.split("/", 1)[0]]
    if columns_missing(store, path, table):
        data = _read(store, path)
        yield NewFile(path, to_parquet(_filled(table, data)), data.num_rows)


def _read(store: LakeStore, path: str) -> pa.Table:
    found = store.get(path)
    if found is None:
        raise files_gone([path])
    try:
        return pq.ParquetFile(io.BytesIO(found[0])).read()
    except (pa.ArrowException, OSError) as error:
        raise unreadable(path, error) from error


def _filled(table: Table, data: pa.Table) -> pa.Table:
    columns = [_column(data, field) for field in table.schema]
    return pa.Table.from_arrays(columns, schema=table.schema).combine_chunks()


def _column(data: pa.Table, field: pa.Field) -> pa.ChunkedArray | pa.Array:
    return (
        data[field.name] if field.name in data.schema.names else pa.nulls(data.num_rows, field.type)
    )
