"""Check the files of a lake: which are in their places, which do not belong there, and which a
killed writer left.
"""

import hashlib
import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, BinaryIO

from transforms.core.lake.checks.findings import Ledger
from transforms.core.lake.log.commit_file import parse_commit
from transforms.core.lake.log.history import consistent_number
from transforms.core.lake.log.manifest import MANIFEST, missing_files, read_manifest
from transforms.core.lake.log.paths import COMMITS, STAGING, is_commit_path, is_table_file
from transforms.core.lake.log.preflight import ABOUT, SCHEMA_VERSION
from transforms.core.lake.log.store import ReadableStore
from transforms.core.lake.merge.overlay import PART
from transforms.core.lake.merge.raw_parts import RAW
from transforms.core.lake.schema.schema import Table
from transforms.core.lake.schema.tables import TABLES
from transforms.core.lake.schema.views import VIEWS_PATH, views_sql
from transforms.errors import LakeError

_META = re.compile(
    r"_meta/(lock|turn|polling|published|files\.txt|views\.sql|(lake|demo)\.json"
    r"|commits/\d{12}\.json|backfills/[^/]+\.json)"
)
# Bytes read at a time to hash a file, so that a large one does not have to fit in memory.
_CHUNK_BYTES = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeFile:
    """One file of a table: its path within the lake, and its folder's name."""

    table: Table
    path: str
    folder: str


@dataclass
class Snapshot:
    """The lake as of its last commit: files that it has not published yet are read from staging."""

    store: ReadableStore
    files: dict[str, list[LakeFile]]
    """The files of each table, in order of their paths."""
    places: dict[str, str] = field(default_factory=dict)
    """The staged path of each file that is not published yet."""
    warnings: list[str] = field(default_factory=list)

    def open(self, path: str) -> BinaryIO | None:
        """Return a file opened for reading; None if there is no file."""
        return self.store.open(self.places.get(path, path))


def take_snapshot(store: ReadableStore, ledger: Ledger) -> Snapshot:
    """Return the lake's files; files that do not belong there go to the ledger."""
    commits = _commits(store, ledger)
    places, gone, warnings = _unpublished(store, commits)
    _check_top(store, ledger)
    _check_meta(store, ledger)
    files = {t.name: _files_of(store, t, places, gone, ledger) for t in TABLES.values()}
    snapshot = Snapshot(store, files, places, warnings)
    committed = _check_unchanged(snapshot, commits, ledger)
    # While a commit is being published, the manifest may name files that are still staged.
    if not places:
        _check_manifest(snapshot, committed, ledger)
    return snapshot


def _check_top(store: ReadableStore, ledger: Ledger) -> None:
    own = {"_meta", STAGING, RAW}
    stray = [name for name in store.names() if name not in TABLES and name not in own]
    stray += [path for path in store.list("_meta") if not _META.fullmatch(path)]
    for path in stray:
        message = f"{path} is not part of a lake; move it elsewhere"
        ledger.add("C_FILE_STRAY", message, path=path)


def _check_meta(store: ReadableStore, ledger: Ledger) -> None:
    about = store.get(ABOUT)
    version = _json_of(about[0]).get("schema_version") if about else None
    if version != SCHEMA_VERSION:
        message = f"gives schema version {version}; this newsbeam knows {SCHEMA_VERSION}"
        ledger.add("C_LAKE_ABOUT", message, path=ABOUT)
    views = store.get(VIEWS_PATH)
    if views is None:
        ledger.add("C_VIEWS", "is missing; the next run writes it", path=VIEWS_PATH)
    elif views[0] != views_sql().encode():
        message = "is not that of this schema; the next run writes it again"
        ledger.add("C_VIEWS", message, path=VIEWS_PATH)


def _check_manifest(snapshot: Snapshot, committed: Collection[str], ledger: Ledger) -> None:
    """Check that the files of the manifest exist, other than those that the commits name."""
    try:
        listed = read_manifest(snapshot.store)
    except LakeError as error:
        ledger.add("C_LAKE_ABOUT", str(error), path=MANIFEST)
        return
    if listed is None:
        message = "the manifest, which lists the lake's files, is missing; restore it"
        ledger.add("C_LAKE_ABOUT", message, path=MANIFEST)
        return
    for path in missing_files(snapshot.store, listed.difference(committed)):
        message = "is in the manifest, but missing; restore it"
        ledger.add("C_FILE_CHANGED", message, table=path.split("/")[0], path=path)


def _files_of(
    store: ReadableStore, table: Table, places: dict[str, str], gone: frozenset[str], ledger: Ledger
) -> list[LakeFile]:
    """Return the files of a table; those in wrong places are reported, and not read."""
    staged = {path for path in places if path.startswith(f"{table.name}/")}
    files = []
    for path in sorted({*store.list(table.name), *staged} - gone):
        folder, _, name = path.removeprefix(f"{table.name}/").rpartition("/")
        if not name.endswith(".parquet"):
            message = "is not a file of a table; move it elsewhere"
            ledger.add("C_FILE_STRAY", message, table=table.name, path=path)
        elif name != PART or not _is_in_place(table, path):
            # A glob finds it, so queries read its rows.
            message = f"is not a path of {table.name}, but queries read it; move it elsewhere"
            ledger.add("C_FILE_PLACE", message, table=table.name, path=path)
        else:
            files.append(LakeFile(table=table, path=path, folder=folder))
    if not files:
        message = f"{table.name} has no file; the next run makes one"
        ledger.add("C_TABLE_MISSING", message, table=table.name)
    return files


def _is_in_place(table: Table, path: str) -> bool:
    return is_table_file(path) and path.startswith(f"{table.name}/{table.folder.kind}=")


def _commits(store: ReadableStore, ledger: Ledger) -> list[dict[str, Any]]:
    """Return the content of the commit files, in order; each damaged one goes to the ledger."""
    commits = []
    for path in store.list(COMMITS):
        found = store.get(path)
        data = found[0] if found else b""
        try:
            if is_commit_path(path):
                parse_commit(path, data)
                commits.append(_json_of(data))
        except LakeError as error:
            ledger.add("C_FILE_OPEN", str(error), path=path)
    return commits


def _json_of(data: bytes) -> dict[str, Any]:
    """Return the object that a JSON file holds; empty if it holds none."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _unpublished(
    store: ReadableStore, commits: list[dict[str, Any]]
) -> tuple[dict[str, str], frozenset[str], list[str]]:
    """Return the staged paths of the last commit's files that are not in place, the paths that it
    still deletes, and warnings.
    """
    staged = set(store.list(STAGING))
    last = commits[-1] if commits else None
    if last is not None and consistent_number(store) is None:
        places = {f["path"]: f["staged"] for f in last["files"] if f["staged"] in staged}
        warning = (
            f"commit {last.get('number')} is not published whole: its writer died, and the "
            "next run finishes it"
        )
        return places, frozenset(last["deletes"]), [warning]
    if staged:
        warning = (
            f"{len(staged)} files in {STAGING} belong to no commit: a writer is at work or "
            "died; the next run deletes them"
        )
        return {}, frozenset(), [warning]
    return {}, frozenset(), []


def _check_unchanged(
    snapshot: Snapshot, commits: list[dict[str, Any]], ledger: Ledger
) -> Collection[str]:
    """Compare each file with the last commit that wrote it, as far back as commits are kept.

    Return the paths that commits wrote or deleted.
    """
    expected = _expected_hashes(commits)
    present = {file.path for file in chain.from_iterable(snapshot.files.values())}
    for path, sha256 in sorted(expected.items()):
        table = path.split("/")[0]
        if sha256 is None or table not in TABLES:
            continue
        if path not in present:
            message = "was written by a commit and is missing; restore it"
            ledger.add("C_FILE_CHANGED", message, table=table, path=path)
        elif _hash_of(snapshot, path) != sha256:
            message = "is not the file that its commit wrote; restore it"
            ledger.add("C_FILE_CHANGED", message, table=table, path=path)
    return expected.keys()


def _expected_hashes(commits: list[dict[str, Any]]) -> dict[str, str | None]:
    """Return the SHA-256 of each file that the commits wrote, None if one deleted it."""
    expected: dict[str, str | None] = {}
    for commit in commits:
        for file in commit["files"]:
            expected[file["path"]] = file["sha256"]
        expected |= dict.fromkeys(commit["deletes"])
    return expected


def _hash_of(snapshot: Snapshot, path: str) -> str | None:
    digest = hashlib.sha256()
    try:
        file = snapshot.open(path)
        if file is None:
            return None
        with file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
    except (LakeError, OSError):
        return None
    return digest.hexdigest()
