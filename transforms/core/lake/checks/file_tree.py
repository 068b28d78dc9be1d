"""Which files make up a lake: what lies where it should, what is strange, and what a dead writer
left.
"""

import hashlib
import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any, BinaryIO

from transforms.core.lake.checks.findings import Ledger
from transforms.core.lake.log.commit_file import COMMITS, STAGING, StagedFile
from transforms.core.lake.log.history import consistent_number
from transforms.core.lake.log.manifest import MANIFEST, missing_files, read_manifest
from transforms.core.lake.log.preflight import ABOUT, SCHEMA_VERSION
from transforms.core.lake.log.store import LakeStore
from transforms.core.lake.merge.overlay import PART
from transforms.core.lake.merge.raw_parts import RAW
from transforms.core.lake.schema.schema import Table
from transforms.core.lake.schema.tables import TABLES
from transforms.core.lake.schema.views import VIEWS_PATH, views_sql
from transforms.errors import LakeError

_META = re.compile(
    r"_meta/(lock|turn|published|files\.txt|views\.sql|(lake|demo)\.json|commits/\d{12}\.json|backfills/[^/]+\.json)"
)
_FOLDERS = {"day": r"day=\d{4}-\d\d-\d\d", "bucket": r"bucket=[0-9a-f]", "all": r"all=0"}
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeFile:
    """One file of a table: its path within the lake, and its folder's name."""

    table: Table
    path: str
    folder: str


@dataclass
class Snapshot:
    """A lake as its last commit says it is: what that one has not published yet is read from the
    staging folder.
    """

    store: LakeStore
    files: dict[str, list[LakeFile]]
    """By table, in order of their paths."""
    places: dict[str, str] = field(default_factory=dict)
    """Where a file that is not published yet is found."""
    warnings: list[str] = field(default_factory=list)

    def open(self, path: str) -> BinaryIO | None:
        """Return a file opened for reading; None where there is no file."""
        return self.store.open(self.places.get(path, path))


def take_snapshot(store: LakeStore, ledger: Ledger) -> Snapshot:
    """Return the lake's files; what is strange among all that lies in it goes to the ledger."""
    commits = _commits(store, ledger)
    places, gone, warnings = _unpublished(store, commits)
    _check_top(store, ledger)
    _check_meta(store, ledger)
    files = {t.name: _files_of(store, t, places, gone, ledger) for t in TABLES.values()}
    snapshot = Snapshot(store, files, places, warnings)
    told = _check_unchanged(snapshot, commits, ledger)
    if not places:
        _check_inventory(snapshot, told, ledger)
    return snapshot


def _check_top(store: LakeStore, ledger: Ledger) -> None:
    for name in store.names():
        if name not in TABLES and name not in {"_meta", STAGING, RAW}:
            ledger.add("C_FILE_STRAY", f"{name} is no part of a lake; move it elsewhere", path=name)
    for path in store.list("_meta"):
        if not _META.fullmatch(path):
            ledger.add("C_FILE_STRAY", f"{path} is no part of a lake; move it elsewhere", path=path)


def _check_meta(store: LakeStore, ledger: Ledger) -> None:
    about = store.get(ABOUT)
    version = _json_of(about[0]).get("schema_version") if about else None
    if version != SCHEMA_VERSION:
        message = f"says schema version {version}; this newsbeam knows {SCHEMA_VERSION}"
        ledger.add("C_LAKE_ABOUT", message, path=ABOUT)
    views = store.get(VIEWS_PATH)
    if views is None or views[0] != views_sql().encode():
        message = (
            "is not there"
            if views is None
            else "is not that of this schema; the next run writes it anew"
        )
        ledger.add("C_VIEWS", message, path=VIEWS_PATH)


def _check_inventory(snapshot: Snapshot, told: Collection[str], ledger: Ledger) -> None:
    """Look for the files that the lake's own list names, but for those that commits have told
    of."""
    try:
        listed = read_manifest(snapshot.store)
    except LakeError as error:
        ledger.add("C_LAKE_ABOUT", str(error), path=MANIFEST)
        return
    if listed is None:
        ledger.add(
            "C_LAKE_ABOUT", "is gone: the list of the lake's files; restore it", path=MANIFEST
        )
    for path in missing_files(snapshot.store, (listed or frozenset()).difference(told)):
        message = "is in the list of the lake's files, and is gone; restore it"
        ledger.add("C_FILE_CHANGED", message, table=path.split("/")[0], path=path)


def _files_of(
    store: LakeStore, table: Table, places: dict[str, str], gone: frozenset[str], ledger: Ledger
) -> list[LakeFile]:
    """Return the files of a table.

    Those that lie where none should are findings, and are not looked into.
    """
    mine = {p for p in places if p.startswith(f"{table.name}/")}
    files = []
    for path in sorted({*store.list(table.name), *mine} - gone):
        folder, _, name = path.removeprefix(f"{table.name}/").rpartition("/")
        if not name.endswith(".parquet"):
            ledger.add(
                "C_FILE_STRAY", "is no table's file; move it elsewhere", table=table.name, path=path
            )
        elif name != PART or not _can_have(table, folder):
            message = (
                f"lies where {table.name} has no file, and is read as a part of it; move it "
                "elsewhere"
            )
            ledger.add("C_FILE_PLACE", message, table=table.name, path=path)
        else:
            files.append(LakeFile(table=table, path=path, folder=folder))
    if not files:
        ledger.add(
            "C_TABLE_MISSING", f"{table.name} has no file; the next run makes one", table=table.name
        )
    return files


def _can_have(table: Table, folder: str) -> bool:
    if not re.fullmatch(_FOLDERS[table.folder.kind], folder):
        return False
    try:
        return table.folder.kind != "day" or bool(date.fromisoformat(folder.removeprefix("day=")))
    except ValueError:
        return False


def _commits(store: LakeStore, ledger: Ledger) -> list[dict[str, Any]]:
    """Return what the commit files say, in order."""
    commits = []
    for path in store.list(COMMITS):
        found = store.get(path)
        said = _json_of(found[0]) if found else {}
        if _is_commit(said):
            commits.append(said)
        elif path.endswith(".json"):
            ledger.add("C_FILE_OPEN", "is no commit file; restore it", path=path)
    return commits


def _is_commit(said: dict[str, Any]) -> bool:
    try:
        files = [StagedFile(**f) for f in said["files"]]
        words = [
            said["attempt"],
            *said["deletes"],
            *(word for f in files for word in (f.staged, f.path, f.sha256)),
        ]
        return all(isinstance(word, str) and word for word in words)
    except (KeyError, TypeError):
        return False


def _json_of(data: bytes) -> dict[str, Any]:
    try:
        said = json.loads(data)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _unpublished(
    store: LakeStore, commits: list[dict[str, Any]]
) -> tuple[dict[str, str], frozenset[str], list[str]]:
    """Return where the last commit's files are that are not in place, what it still deletes, and
    what to say of it.
    """
    staged = set(store.list(STAGING))
    last = commits[-1] if commits else None
    if last is not None and consistent_number(store) is None:
        places = {f["path"]: f["staged"] for f in last["files"] if f["staged"] in staged}
        said = (
            f"commit {last.get('number')} is not published whole: its writer died, and the "
            "next run finishes it"
        )
        return places, frozenset(last["deletes"]), [said]
    if staged:
        said = (
            f"{len(staged)} files in {STAGING} belong to no commit: a writer is at work or "
            "died; the next sweeps them"
        )
        return {}, frozenset(), [said]
    return {}, frozenset(), []


def _check_unchanged(
    snapshot: Snapshot, commits: list[dict[str, Any]], ledger: Ledger
) -> Collection[str]:
    """Compare each file with the last commit that wrote it, as far back as commits are kept.

    Return their paths.
    """
    expected: dict[str, str | None] = {}
    for commit in commits:
        expected |= {f["path"]: f["sha256"] for f in commit["files"]} | dict.fromkeys(
            commit["deletes"]
        )
    there = {f.path: f.table.name for files in snapshot.files.values() for f in files}
    for path, sha256 in sorted(expected.items()):
        table = path.split("/")[0]
        if table not in TABLES:
            continue
        if sha256 is not None and path not in there:
            ledger.add(
                "C_FILE_CHANGED",
                "was written by a commit and is gone; restore it",
                table=table,
                path=path,
            )
        elif sha256 is not None and _hash_of(snapshot, path) != sha256:
            ledger.add(
                "C_FILE_CHANGED",
                "is not the file that its commit wrote; restore it",
                table=table,
                path=path,
            )
    return expected.keys()


def _hash_of(snapshot: Snapshot, path: str) -> str | None:
    digest = hashlib.sha256()
    try:
        file = snapshot.open(path)
        if file is None:
            return None
        with file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except (LakeError, OSError):
        return None
    return digest.hexdigest()
