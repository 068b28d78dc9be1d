"""How a commit becomes visible: stage its files, write the commit file, publish; and roll forward what was cut short.

The commit file, `_meta/commits/<number>.json`, is the commit: before it the lake is as it was, after it the next writer
finishes what a killed one left undone. Numbers are handed out by writing a file that must not be there yet.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from transforms.core.lake.store import LakeStore
from transforms.errors import LakeError

COMMITS = "_meta/commits"
STAGING = "_staging"
KEPT = 200
"""Commit files that stay as history."""
_OPEN = "open"


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that a commit puts in place."""

    path: str
    data: bytes
    rows: int


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file as the commit file names it."""

    staged: str
    path: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What a commit file says."""

    number: int
    attempt: str
    files: tuple[StagedFile, ...]
    deletes: tuple[str, ...]
    run: dict[str, Any]

    def to_json(self) -> bytes:
        """Return the commit file's bytes."""
        return json.dumps(asdict(self), indent=1, sort_keys=True, default=str).encode()


def write_commit(
    store: LakeStore, files: Sequence[NewFile], deletes: Sequence[str], *, attempt: str, run: dict[str, Any]
) -> Commit:
    """Stage, commit and publish; raise LostRaceError when another writer committed first. Call `recover` before."""
    store.put(f"{STAGING}/{attempt}/{_OPEN}", b"", None)
    staged = tuple(_stage(store, attempt, n, f) for n, f in enumerate(files))
    number = last_number(store) + 1
    commit = Commit(number=number, attempt=attempt, files=staged, deletes=tuple(deletes), run=run)
    store.put(_commit_path(number), commit.to_json(), None)
    publish(store, commit)
    return commit


def _stage(store: LakeStore, attempt: str, n: int, file: NewFile) -> StagedFile:
    path = f"{STAGING}/{attempt}/{n:06d}.parquet"
    store.put(path, file.data, None)
    return StagedFile(path, file.path, hashlib.sha256(file.data).hexdigest(), file.rows)


def publish(store: LakeStore, commit: Commit) -> None:
    """Put a commit's files in place. Doing it again, after any part of it, ends in the same lake."""
    for file in commit.files:
        if not store.rename(file.staged, file.path):
            _must_be_there(store, file, commit)
    for path in commit.deletes:
        store.delete(path)
    store.delete(f"{STAGING}/{commit.attempt}/{_OPEN}")


def _must_be_there(store: LakeStore, file: StagedFile, commit: Commit) -> None:
    found = store.get(file.path)
    if found is None or hashlib.sha256(found[0]).hexdigest() != file.sha256:
        raise LakeError(
            f"{file.path} is not the file that commit {commit.number} wrote, and {file.staged} is gone: "
            "somebody changed the lake by hand; restore that file, or rebuild the lake",
            reason="E_LAKE_DAMAGED",
        )


def recover(store: LakeStore) -> None:
    """Finish the last commit if it was cut short, then sweep what belongs to no commit. Call it under the lock."""
    number = last_number(store)
    if number:
        commit = _read_commit(store, number)
        if store.get(f"{STAGING}/{commit.attempt}/{_OPEN}") is not None:
            publish(store, commit)
    for path in store.list(STAGING):
        store.delete(path)
    for path in _commit_files(store)[:-KEPT]:
        store.delete(path)


def last_number(store: LakeStore) -> int:
    """Return the number of the last commit, 0 where there is none."""
    files = _commit_files(store)
    return int(files[-1].rsplit("/", 1)[1].removesuffix(".json")) if files else 0


def _commit_files(store: LakeStore) -> list[str]:
    return [p for p in store.list(COMMITS) if p.endswith(".json")]


def _commit_path(number: int) -> str:
    return f"{COMMITS}/{number:012d}.json"


def _read_commit(store: LakeStore, number: int) -> Commit:
    path = _commit_path(number)
    found = store.get(path)
    try:
        said = json.loads(found[0]) if found else {}
        files = tuple(StagedFile(**f) for f in said["files"])
        return Commit(
            number=number, attempt=said["attempt"], files=files, deletes=tuple(said["deletes"]), run=said["run"]
        )
    except (ValueError, KeyError, TypeError) as error:
        raise LakeError(
            f"{path} is no commit file ({error}); restore it, or delete it if its run may be repeated",
            reason="E_LAKE_DAMAGED",
        ) from error
