"""Checks before a run writes: is the folder a lake, whole, and of this newsbeam's schema?

Only what costs little is checked: names of files, and the columns of the file that each table
starts with. `migrate` rewrites that file last, and every reader of a glob takes the table's columns
from it; so if it has all columns, all files have. A run refuses a lake that lacks columns and
does not add them on the way: files with and without a column, side by side, are an error in DuckDB.
"""

import json
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.parquet as pq

from transforms.core.lake.encoding.arrow_rows import to_parquet
from transforms.core.lake.log.damage import damaged, files_gone, unreadable
from transforms.core.lake.log.history import last_number
from transforms.core.lake.log.manifest import (
    MANIFEST,
    missing_files,
    read_manifest,
    to_manifest,
)
from transforms.core.lake.log.paths import STAGING, is_table_file
from transforms.core.lake.log.store import LakeStore, ReadableStore, is_there
from transforms.core.lake.merge.overlay import path_of
from transforms.core.lake.schema.schema import Table
from transforms.core.lake.schema.tables import TABLES
from transforms.errors import LakeError

SCHEMA_VERSION = 2
"""Goes up when a column is renamed or changes its type; an added column leaves it as it is.

Version 1 was never released.
"""
ABOUT = "_meta/lake.json"
_NEW = {"format": "newsbeam lake", "schema_version": SCHEMA_VERSION, "manifest": MANIFEST}
FIRST_FILES = {path_of(t, t.folder.placeholder): t for t in TABLES.values()}
"""The file that each table starts with, by path, and its table."""
# Folders by day start with a file of 1970 that no row goes to: losing it loses nothing, and it is
# written again.
_NEVER_ROWS = {path for path, t in FIRST_FILES.items() if t.folder.kind == "day"}
_OWN = {"_meta", STAGING, "_raw"}


def check_is_ours(store: ReadableStore) -> None:
    """Raise LakeError for a folder that holds something else, before anything is written to it."""
    unknown = sorted(set(store.names()) - _OWN - TABLES.keys())
    if unknown and store.get(ABOUT) is None:
        raise LakeError(
            f"the folder is not empty and not a lake of newsbeam: it holds {unknown[0]!r}; "
            "name a folder of its own",
            reason="E_LAKE_FOREIGN",
        )


def check_version(store: LakeStore, *, force: bool = False) -> None:
    """Raise LakeError for a lake of another schema version, or of an unknown one.

    A new lake gets this version; with `force`, so does one that has lost the file that holds it.
    """
    if has_version(store):
        return
    if not force and _has_tables(store):
        raise damaged(f"there are tables of a lake, but {ABOUT} is gone; restore it")
    store.put(ABOUT, f"{json.dumps(_NEW)}\n".encode(), None)


def has_version(store: ReadableStore) -> bool:
    """Return whether a lake has a schema version; raise LakeError if it is not this newsbeam's."""
    found = store.get(ABOUT)
    if found is None:
        return False
    version = _version_of(found[0])
    if version < SCHEMA_VERSION:
        raise LakeError(
            f"the lake has schema version {version}: a newsbeam from before the first release made "
            "it; fill a new lake with `newsbeam ingest` or `newsbeam backfill`",
            reason="E_LAKE_VERSION",
        )
    if version > SCHEMA_VERSION:
        raise LakeError(
            f"the lake has schema version {version}, this newsbeam writes {SCHEMA_VERSION}; "
            "use the newsbeam that made it, or a newer one",
            reason="E_LAKE_VERSION",
        )
    return True


def check_is_a_lake(store: LakeStore) -> None:
    """Raise LakeError for a lake that lost the file that makes it one; costs one request."""
    if not is_there(store, ABOUT):
        raise _gone(ABOUT)


def check_is_there(store: LakeStore) -> None:
    """Raise LakeError for a lake that lost its own files or a table since it was prepared.

    A commit into the rest would make something that is neither a lake nor a new one.
    """
    check_is_a_lake(store)
    lost = [] if is_there(store, MANIFEST) else [MANIFEST]
    lost += sorted(TABLES.keys() - set(store.names()))
    if lost:
        raise _gone(lost[0])


def _gone(lost: str) -> LakeError:
    return LakeError(
        f"the lake was deleted or moved while newsbeam was at work: {lost} is gone; restore it, or "
        "name a new lake, and run again",
        reason="E_LAKE_GONE",
    )


def _has_tables(store: ReadableStore) -> bool:
    return last_number(store) > 0 or not TABLES.keys().isdisjoint(store.names())


def _version_of(about: bytes) -> int:
    """Return the schema version that a lake's file about itself gives."""
    try:
        version = json.loads(about)["schema_version"]
    except (ValueError, KeyError, TypeError, RecursionError):
        version = None
    if type(version) is not int:
        raise LakeError(
            f"{ABOUT} does not say which schema the lake has; restore it, or delete it and accept "
            "the loss: newsbeam upgrade --force",
            reason="E_LAKE_DAMAGED",
        )
    return version


def ensure_files(store: LakeStore, *, force: bool = False) -> None:
    """Write the files that tables start with, and the manifest, if they are missing.

    Raises LakeError if files with rows are missing; with `force`, the manifest becomes the list
    of the files that exist.
    """
    known = None if force else _manifest(store)
    lost = [path for path in missing_files(store, known or ()) if path not in _NEVER_ROWS]
    if lost:
        raise files_gone(lost)
    for path, table in FIRST_FILES.items():
        if not is_there(store, path):
            store.put(path, to_parquet(table.schema.empty_table()), None)
    paths = known | FIRST_FILES.keys() if known else table_files(store)
    write_if_changed(store, MANIFEST, to_manifest(paths))


def _manifest(store: ReadableStore) -> frozenset[str] | None:
    """Return the manifest, None in a new lake; raise LakeError if it is lost."""
    known = read_manifest(store)
    if known is None and last_number(store) > 0:
        raise damaged(
            f"{MANIFEST} is gone, so that the loss of other files would not be seen; restore it"
        )
    return known


def table_files(store: ReadableStore) -> list[str]:
    """Return the paths of all files of tables, table by table, sorted."""
    paths = list[str]()
    for table in TABLES:
        paths += [path for path in store.list(table) if is_table_file(path)]
    return paths


def check_columns(store: ReadableStore) -> None:
    """Raise LakeError if the lake has other columns than this newsbeam writes."""
    for path, table in FIRST_FILES.items():
        missing = columns_missing(store, path, table)
        if missing:
            raise LakeError(
                f"an older newsbeam made this lake: {table.name} has no column {missing[0]}; "
                "run `newsbeam upgrade --lake` on it once, then run again",
                reason="E_LAKE_OLD",
            )


def columns_missing(store: ReadableStore, path: str, table: Table) -> list[str]:
    """Return the columns that a file lacks; raises LakeError as `columns_lacking` does."""
    return columns_lacking(path, table, _columns(store, path))


def columns_lacking(path: str, table: Table, present: Iterable[pa.Field]) -> list[str]:
    """Return the columns of a table that are not among those of its file.

    Raises LakeError if the file has others, or lacks some that are never null.
    """
    fields = list(present)
    unknown = [field.name for field in fields if not _is_column(table, field)]
    names = {field.name for field in fields}
    missing = [field for field in table.schema if field.name not in names]
    never_null = [field.name for field in missing if not field.nullable]
    wrong = [*unknown, *never_null]
    if wrong:
        raise LakeError(
            f"the column {wrong[0]!r} of {path} is not as this newsbeam writes it; use the "
            "newsbeam that wrote the file",
            reason="E_LAKE_VERSION",
        )
    return [field.name for field in missing]


def _is_column(table: Table, field: pa.Field) -> bool:
    """Return whether a table has a column with this name and type, and nulls only where it may."""
    if field.name not in table.schema.names:
        return False
    column = table.schema.field(field.name)
    return column.type == field.type and (column.nullable or not field.nullable)


def _columns(store: ReadableStore, path: str) -> pa.Schema:
    file = store.open(path)
    if file is None:
        raise files_gone([path])
    with file:
        try:
            return pq.read_schema(file)
        except (pa.ArrowException, OSError) as error:
            raise unreadable(path, error) from error


def write_if_changed(store: LakeStore, path: str, data: bytes) -> None:
    """Write a file unless it has these bytes already."""
    found = store.get(path)
    # An unchanged file keeps its token, so that runs that begin at once do not lose a race on it.
    if found is None or found[0] != data:
        store.put(path, data, found[1] if found else None)


def is_lost(store: ReadableStore, path: str) -> bool:
    """Return whether a file that could not be opened is in the manifest, and still missing."""
    return path in (read_manifest(store) or ()) and not is_there(store, path)


def in_order(paths: Iterable[str]) -> list[str]:
    """Return paths sorted, with the files that tables start with at the end."""
    return sorted(paths, key=lambda path: (path in FIRST_FILES, path))
