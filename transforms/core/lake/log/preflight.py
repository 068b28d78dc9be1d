"""Is a folder a lake that is whole, and of the schema that this newsbeam writes? Asked before a run writes to it.

Only what costs little is asked: names of files, and the columns of the file that each table starts with. `upgrade`
rewrites that file last, and every reader of a glob takes the table's columns from it; so where it has all columns, all
files have. A run refuses a lake that lacks columns rather than fill them in as it goes: files with and without a
column, side by side, are an error in DuckDB.
"""

import json
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from transforms.core.lake.encoding.parquet import to_parquet
from transforms.core.lake.log.commit import STAGING, last_number
from transforms.core.lake.log.manifest import (
    MANIFEST,
    files_gone,
    is_table_file,
    missing_files,
    read_manifest,
    to_manifest,
)
from transforms.core.lake.log.store import LakeStore, is_there
from transforms.core.lake.merge.overlay import path_of
from transforms.core.lake.schema.schema import Table
from transforms.core.lake.schema.tables import TABLES
from transforms.errors import LakeError

SCHEMA_VERSION = 1
ABOUT = "_meta/lake.json"
_NEW = {"format": "newsbeam lake", "schema_version": SCHEMA_VERSION, "inventory": MANIFEST}
FIRST_FILES = {path_of(t, t.folder.placeholder): t for t in TABLES.values()}
"""The file that each table starts with, by path, and its table."""
_NEVER_ROWS = {path for path, t in FIRST_FILES.items() if t.folder.kind == "day"}


_OWN = {"_meta", STAGING, "_raw"}


def check_is_ours(store: LakeStore) -> None:
    """Refuse a folder that holds something else, before anything is written to it."""
    strange = sorted(set(store.names()) - _OWN - TABLES.keys())
    if strange and store.get(ABOUT) is None:
        raise LakeError(
            f"the folder is not empty and no lake of newsbeam: it holds {strange[0]!r}; name a folder of its own",
            reason="E_LAKE_FOREIGN",
        )


def check_version(store: LakeStore, *, force: bool = False) -> None:
    """Raise LakeError for a lake of another schema version, or one that does not say; write it where all is new."""
    found = store.get(ABOUT)
    if found is None:
        if not force and (last_number(store) or TABLES.keys() & set(store.names())):
            raise LakeError(
                f"there are tables of a lake, but {ABOUT} is gone; restore it, or take the lake as it is: "
                "newsbeam upgrade --force",
                reason="E_LAKE_DAMAGED",
            )
        store.put(ABOUT, _about(_NEW), None)
        return
    version = _said(found[0])["schema_version"]
    if version != SCHEMA_VERSION:
        raise LakeError(
            f"the lake has schema version {version}, this newsbeam writes {SCHEMA_VERSION}; "
            f"use the newsbeam that made it, or {'a newer one' if version > SCHEMA_VERSION else 'rebuild the lake'}",
            reason="E_LAKE_VERSION",
        )


def _about(said: dict[str, Any]) -> bytes:
    return f"{json.dumps(said)}\n".encode()


def _said(about: bytes) -> dict[str, Any]:
    try:
        said = json.loads(about)
        if isinstance(said, dict) and type(said["schema_version"]) is int:
            return said
    except (ValueError, KeyError):
        pass
    raise LakeError(
        f"{ABOUT} does not say which schema the lake has; restore it, or delete it and take the lake as it is: "
        "newsbeam upgrade --force",
        reason="E_LAKE_DAMAGED",
    )


def ensure_files(store: LakeStore, *, force: bool = False) -> None:
    """Make the files that tables start with, and the inventory; raise LakeError where files with rows are missing.

    A lake that never had an inventory gets that of its files; so does one that is taken as it is found.
    """
    known = None if force else _inventory(store)
    lost = [p for p in missing_files(store, known or ()) if p not in _NEVER_ROWS]
    if lost:
        raise files_gone(lost)
    for path, table in FIRST_FILES.items():
        if not is_there(store, path):
            store.put(path, to_parquet(table.schema.empty_table()), None)
    write_if_changed(
        store, MANIFEST, to_manifest(known | FIRST_FILES.keys() if known else table_files(store))
    )
    _say_inventory_is_kept(store)


def _inventory(store: LakeStore) -> frozenset[str] | None:
    known = read_manifest(store)
    if known is None and last_number(store) and _keeps_inventory(store):
        raise LakeError(
            f"{MANIFEST} is gone, so nobody can tell whether other files are; restore it, or take the lake as it is: "
            "newsbeam upgrade --force",
            reason="E_LAKE_DAMAGED",
        )
    return known


def _keeps_inventory(store: LakeStore) -> bool:
    found = store.get(ABOUT)
    return found is not None and "inventory" in _said(found[0])


def _say_inventory_is_kept(store: LakeStore) -> None:
    found = store.get(ABOUT)
    if found is not None and "inventory" not in (said := _said(found[0])):
        store.put(ABOUT, _about(said | {"inventory": MANIFEST}), found[1])


def table_files(store: LakeStore) -> list[str]:
    """Return the paths of all files of tables, table by table, sorted."""
    return [p for table in TABLES for p in store.list(table) if is_table_file(p)]


def check_columns(store: LakeStore) -> None:
    """Raise LakeError where the lake has fewer columns than this newsbeam writes, or others."""
    for path, table in FIRST_FILES.items():
        missing = columns_missing(store, path, table)
        if missing:
            raise LakeError(
                f"an older newsbeam made this lake: {table.name} has no column {missing[0]}; "
                "run `newsbeam upgrade --lake` on it once, then run again",
                reason="E_LAKE_OLD",
            )


def columns_missing(store: LakeStore, path: str, table: Table) -> list[str]:
    """Return the columns that a file lacks; raise LakeError where nulls cannot fill them, or others are there."""
    there = _columns(store, path)
    other = [
        n
        for n, kind in there.items()
        if n not in table.schema.names or table.schema.field(n).type != kind
    ]
    missing = [f for f in table.schema if f.name not in there]
    wrong = [*other, *(f.name for f in missing if not f.nullable)]
    if wrong:
        raise LakeError(
            f"the column {wrong[0]} of {path} is not as this newsbeam writes it; use the newsbeam that wrote the file",
            reason="E_LAKE_VERSION",
        )
    return [f.name for f in missing]


def _columns(store: LakeStore, path: str) -> dict[str, pa.DataType]:
    file = store.open(path)
    if file is None:
        raise files_gone([path])
    with file:
        try:
            schema = pq.read_schema(file)
        except (pa.ArrowException, OSError) as error:
            raise unreadable(path, error) from error
    return {f.name: f.type for f in schema}


def unreadable(path: str, error: Exception) -> LakeError:
    """Return the error that says which file is no Parquet file, and what to do."""
    said = str(error).split("\n")[0]
    return LakeError(
        f"{path} cannot be read as a table of this lake ({said}); restore it, or rebuild the lake",
        reason="E_LAKE_DAMAGED",
    )


def write_if_changed(store: LakeStore, path: str, data: bytes) -> None:
    """Write a file unless it has these bytes already."""
    found = store.get(path)
    if found is None or found[0] != data:
        store.put(path, data, found[1] if found else None)


def lost_since(store: LakeStore, path: str) -> bool:
    """Return whether a file that could not be opened should be in the lake, and is not there now either."""
    return path in (read_manifest(store) or ()) and not is_there(store, path)


def in_order(paths: Iterable[str]) -> list[str]:
    """Return paths sorted, with the files that tables start with at the end."""
    return sorted(paths, key=lambda p: (p in FIRST_FILES, p))
