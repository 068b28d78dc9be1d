"""Add the columns that have come since to the files of an older lake, null in all their rows."""

import io
import uuid

import pyarrow as pa
import pyarrow.parquet as pq

from transforms.core.lake.encoding.arrow_rows import to_parquet
from transforms.core.lake.log.commit import write_commit
from transforms.core.lake.log.commit_file import NewFile
from transforms.core.lake.log.damage import files_gone, unreadable
from transforms.core.lake.log.preflight import (
    check_version,
    columns_missing,
    ensure_files,
    in_order,
    table_files,
)
from transforms.core.lake.log.recovery import abandon_unfinished, recover
from transforms.core.lake.log.store import LakeStore
from transforms.core.lake.schema.schema import Table
from transforms.core.lake.schema.tables import TABLES

FILES = 100
"""Files of one commit. A judgement: small commits let other writers in between, and lose little
work when killed; each costs a few requests more than its files."""
BYTES = 64 * 2**20
"""Bytes of one commit, which is held in memory; the last file may exceed it."""


def upgrade(store: LakeStore, *, force: bool = False) -> int:
    """Rewrite every file that lacks columns, and return how many did; each file is opened.

    Commits are small, and the file that a table starts with comes last: readers see the new columns
    when all files have them, and an upgrade that was killed continues when it is run again. With
    `force`, files that are gone are given up with their rows, and so is a commit that cannot be
    finished. Raises LakeError for a file that cannot be read, or a lake of another schema version.
    No older newsbeam may write to the lake meanwhile.
    """
    with store.locked():
        check_version(store, force=force)
        if force:
            abandon_unfinished(store)
        recover(store)
        ensure_files(store, force=force)
    upgraded, waiting = 0, in_order(table_files(store))
    while waiting:
        # The lock is released after each commit: other writers may have committed since.
        with store.locked():
            recover(store)
            waiting, files = _next_commit(store, waiting)
            if files:
                write_commit(store, files, (), attempt=uuid.uuid4().hex, run={"kind": "upgrade"})
        upgraded += len(files)
    return upgraded


def _next_commit(store: LakeStore, waiting: list[str]) -> tuple[list[str], list[NewFile]]:
    """Return the paths that are left, and the new files of one commit."""
    files, size = list[NewFile](), 0
    for position, path in enumerate(waiting):
        if len(files) == FILES or size >= BYTES:
            return waiting[position:], files
        file = _upgraded(store, path)
        if file is not None:
            files.append(file)
            size += len(file.data)
    return [], files


def _upgraded(store: LakeStore, path: str) -> NewFile | None:
    """Return the file with all columns, None if it has them."""
    table = TABLES[path.split("/", 1)[0]]
    if not columns_missing(store, path, table):
        return None
    data = _read(store, path)
    return NewFile(path, to_parquet(_with_all_columns(table, data)), data.num_rows)


def _read(store: LakeStore, path: str) -> pa.Table:
    found = store.get(path)
    if found is None:
        raise files_gone([path])
    try:
        return pq.ParquetFile(io.BytesIO(found[0])).read()
    except (pa.ArrowException, OSError) as error:
        raise unreadable(path, error) from error


def _with_all_columns(table: Table, data: pa.Table) -> pa.Table:
    columns = [_column(data, field) for field in table.schema]
    return pa.Table.from_arrays(columns, schema=table.schema).combine_chunks()


def _column(data: pa.Table, field: pa.Field) -> pa.ChunkedArray | pa.Array:
    if field.name in data.schema.names:
        return data[field.name]
    return pa.nulls(data.num_rows, field.type)
