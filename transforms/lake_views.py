"""A lake's views in DuckDB, and queries over them.

A lake may come from somebody else: DuckDB reads nothing but the lake's files and runs none of its
scripts.
"""

import contextlib
import secrets
import shutil
import tempfile
import weakref
from glob import escape
from pathlib import Path
from typing import Any

import duckdb

from transforms.core.lake.log.preflight import ABOUT, table_files
from transforms.core.lake.log.reading import ReadOnlyStore
from transforms.core.lake.schema.views import CHANGES_SINCE, sql_literal, views_alone_sql
from transforms.errors import ConfigError, LakeError
from transforms.lake_to_read import has_pending_commit
from transforms.stores import check_is_utf8, open_store

_CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "allow_community_extensions": False,
    "allow_persistent_secrets": False,
    "python_enable_replacements": False,  # a query must not see newsbeam's own variables
}
_SETTABLE = ("timezone", "threads", "memory_limit")
"""Settings that a query may change: none of them reaches a file."""


def no_lake(lake: str) -> ConfigError:
    """Return the error for an address to read that has no lake."""
    return ConfigError(
        f"{lake}: there is no lake here; give the folder that --lake named when it was filled"
    )


def require_folder(lake: str) -> None:
    """Raise ConfigError for a lake in a bucket, which DuckDB as it is used here does not read."""
    if "://" in lake:
        raise ConfigError(
            f"{lake}: sql, explain and replay need the lake in a folder of this machine; copy it "
            "to one, or query it with an engine that reads buckets: see newsbeam ddl"
        )
    if "\\" in str(Path(lake).resolve()):
        raise ConfigError(
            f"{lake}: DuckDB takes a backslash in a path for a slash; rename the folder to query it"
        )


def require_lake(lake: str) -> None:
    """Raise ConfigError if nothing is at a lake's address, which a reader may have mistyped."""
    if not open_store(lake).names():
        raise no_lake(lake)


def restricted(
    *roots: Path, writes: Path | None = None, extension: str | None = None
) -> duckdb.DuckDBPyConnection:
    """Return a connection that can read the files of a lake's folders and no others.

    `writes` is the one other file it can reach, which newsbeam writes a result to. DuckDB's
    settings close it, and its configuration is locked, so a query cannot open it again. No
    extension but `extension` is loaded, and none installed. DuckDB has no setting that forbids
    writing below `allowed_directories`: for queries that newsbeam did not write, `check_statement`
    does.
    """
    connection = duckdb.connect(config=_CLOSED)
    if extension is not None:
        _load(connection, extension)
    # DuckDB may write temporary files wherever this points; by default to the working folder.
    spill = Path(tempfile.gettempdir()) / f"newsbeam-duckdb-{secrets.token_hex(8)}"
    connection.execute(f"SET temp_directory = {sql_literal(str(spill))}")
    # Paths are compared as they are written in a query: a glob of a folder whose name has
    # brackets has them escaped.
    paths = [str(root.resolve()) for root in roots]
    folders = ", ".join(sql_literal(path) for path in sorted({*paths, *map(escape, paths)}))
    connection.execute(f"SET allowed_directories = [{folders}]")
    if writes is not None:
        connection.execute(f"SET allowed_paths = [{sql_literal(str(writes))}]")
    connection.execute(f"SET allowed_configs = [{', '.join(map(sql_literal, _SETTABLE))}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _load(connection: duckdb.DuckDBPyConnection, extension: str) -> None:
    try:
        connection.load_extension(extension)
    except duckdb.Error as error:
        raise ConfigError(
            f"DuckDB writes such files with its extension {extension}, which is not installed here "
            f"or cannot be loaded. With network access, this installs it once: python -c "
            f"\"import duckdb; duckdb.install_extension('{extension}')\""
        ) from error


def connect(
    lake: str,
    *,
    allow_files: bool = False,
    writes: Path | None = None,
    extension: str | None = None,
) -> duckdb.DuckDBPyConnection:
    """Return a connection with the lake's views, which reads no files but the lake's.

    It can also write the file `writes`, and loads an extension of DuckDB. With `allow_files`,
    DuckDB may read and write all files, for queries of the user's own. Raise ConfigError if there
    is no lake, or not all of its tables, or no such extension.
    """
    check_is_utf8(lake)
    require_folder(lake)
    root = _root_to_read(lake)
    connection = _open((root, Path(lake)), allow_files, writes, extension)
    if root != Path(lake):
        weakref.finalize(connection, shutil.rmtree, root, ignore_errors=True)
    try:
        names = [path.name for path in root.iterdir()]
        connection.execute(views_alone_sql(str(root.resolve()), names))
        # The columns that it names are not in a lake of an older newsbeam.
        with contextlib.suppress(duckdb.BinderException):
            connection.execute(CHANGES_SINCE)
    except duckdb.Error as error:
        raise ConfigError(
            f"{lake}: not all tables can be read ({error}); see newsbeam check --lake {lake}"
        ) from error
    return connection


def _open(
    roots: tuple[Path, ...], allow_files: bool, writes: Path | None, extension: str | None
) -> duckdb.DuckDBPyConnection:
    if not allow_files:
        return restricted(*roots, writes=writes, extension=extension)
    connection = duckdb.connect()
    if extension is not None:
        _load(connection, extension)
    return connection


def _root_to_read(lake: str) -> Path:
    """Return the folder of a lake's tables; raise ConfigError if there is no lake.

    With a commit that is half published, a new folder of links to the files as of that commit:
    those in place and those still staged. The next writer finishes the commit, not a reader.
    """
    store = open_store(lake)
    if store.get(ABOUT) is None:
        raise no_lake(lake)
    # Links, pipes and devices are refused as the files are listed.
    table_files(store)
    if not has_pending_commit(lake):
        return Path(lake)
    reading = ReadOnlyStore(store)
    root = Path(tempfile.mkdtemp(prefix="newsbeam-lake-"))
    for path in table_files(reading):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).symlink_to(Path(lake).resolve() / reading.place(path))
    return root


def rows_of(
    connection: duckdb.DuckDBPyConnection, query: str, *values: object
) -> list[dict[str, Any]]:
    """Return the rows of a query of newsbeam's own, each by column name.

    Raises LakeError if a file of the lake cannot be read.
    """
    try:
        result = connection.execute(query, list(values))
        rows = result.fetchall()
    except duckdb.Error as error:
        raise LakeError(
            f"the lake cannot be read ({error}); see newsbeam check", reason="E_LAKE_READ"
        ) from error
    names = [d[0] for d in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in rows]
