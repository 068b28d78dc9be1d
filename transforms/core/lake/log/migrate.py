"""Add the columns that have come since to the files of an older lake.

They are null in all rows, but for the columns that tell when a row last changed: these name the run
that wrote the row, and the time it started.
"""

import io
import uuid
from collections.abc import Mapping
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
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
from transforms.core.lake.schema.schema import STRING, TIME
from transforms.core.lake.schema.tables import RUNS, STAMPED, TABLES

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
        starts = _starts_of_runs(store)
    upgraded, waiting = 0, in_order(table_files(store))
    while waiting:
        # The lock is released after each commit: other writers may have committed since.
        with store.locked():
            recover(store)
            waiting, files = _next_commit(store, waiting, starts)
            if files:
                write_commit(store, files, (), attempt=uuid.uuid4().hex, run={"kind": "upgrade"})
        upgraded += len(files)
    return upgraded


def _starts_of_runs(store: LakeStore) -> dict[str, datetime]:
    """Return the time at which each run started, by id."""
    starts = dict[str, datetime]()
    for path in table_files(store):
        if path.startswith(f"{RUNS.name}/"):
            data = _read(store, path)
            ids, times = data["run_id"].to_pylist(), data["started_at"].to_pylist()
            starts |= dict(zip(ids, times, strict=True))
    return starts


def _next_commit(
    store: LakeStore, waiting: list[str], starts: Mapping[str, datetime]
) -> tuple[list[str], list[NewFile]]:
    """Return the paths that are left, and the new files of one commit."""
    files, size = list[NewFile](), 0
    for position, path in enumerate(waiting):
        if len(files) == FILES or size >= BYTES:
            return waiting[position:], files
        file = _upgraded(store, path, starts)
        if file is not None:
            files.append(file)
            size += len(file.data)
    return [], files


def _upgraded(store: LakeStore, path: str, starts: Mapping[str, datetime]) -> NewFile | None:
    """Return the file with all columns, None if it has them."""
    table = TABLES[path.split("/", 1)[0]]
    if not columns_missing(store, path, table):
        return None
    data = _read(store, path)
    known = {name: data[name] for name in data.schema.names}
    if table in STAMPED:
        known = _stamps(data, starts) | known
    columns = [known.get(f.name, pa.nulls(data.num_rows, f.type)) for f in table.schema]
    content = pa.Table.from_arrays(columns, schema=table.schema).combine_chunks()
    return NewFile(path, to_parquet(content), data.num_rows)


def _stamps(data: pa.Table, starts: Mapping[str, datetime]) -> dict[str, pa.ChunkedArray]:
    """Return when and by which run each row was written.

    A run that is not in the lake any more counts as begun when the newest did: later than it was,
    so that no reader misses its rows.
    """
    newest = max(starts.values(), default=None)
    ids = pa.array(starts, STRING)
    times = pa.array([*starts.values(), newest], TIME)
    at = pc.fill_null(pc.index_in(data["run_id"], ids), len(starts))
    return {"updated_at": times.take(at), "updated_run_id": data["run_id"]}


def _read(store: LakeStore, path: str) -> pa.Table:
    found = store.get(path)
    if found is None:
        raise files_gone([path])
    try:
        return pq.ParquetFile(io.BytesIO(found[0])).read()
    except (pa.ArrowException, OSError) as error:
        raise unreadable(path, error) from error
