"""The commit files that a lake keeps: the last one, and those that expire with their tombstones."""

from collections.abc import Set

from transforms.core.lake.log.commit_file import (
    Commit,
    commit_number,
    commit_path,
    parse_commit,
)
from transforms.core.lake.log.marker import read_marker
from transforms.core.lake.log.paths import COMMITS, is_commit_path
from transforms.core.lake.log.store import LakeStore, ReadableStore
from transforms.errors import LakeError

KEPT = 200
"""Commit files that stay as history, and for how many commits a tombstone stays for readers.

A judgement: with a commit a minute a query may take over three hours, and a listing of the files,
of which every merge makes several, is one request of a bucket (1000 names).
"""


def commit_files(store: ReadableStore) -> list[str]:
    """Return the paths of the lake's commit files, oldest first."""
    return [path for path in store.list(COMMITS) if is_commit_path(path)]


def read_commit(store: ReadableStore, path: str) -> Commit:
    """Return a commit of the history; raise LakeError if its file is lost or damaged."""
    found = store.get(path)
    return parse_commit(path, found[0] if found else b"")


def last_number(store: ReadableStore) -> int:
    """Return the number of the last commit, 0 if there is none."""
    # The marker too: if commit files were deleted, a number must not be given again.
    return max(_last_in_history(store), read_marker(store).number)


def pending_commit(store: ReadableStore) -> Commit | None:
    """Return the last commit unless all its files are known to be in place."""
    last = _last_in_history(store)
    return read_commit(store, commit_path(last)) if last > read_marker(store).number else None


def consistent_number(store: ReadableStore) -> int | None:
    """Return the number of the last commit, None while its files are being put in place.

    0 if there is no commit.
    """
    # A commit between the two requests goes unnoticed here; a reader asks again after it has read,
    # and gets another number or None.
    last, published = _last_in_history(store), read_marker(store).number
    return published if last <= published else None


def _last_in_history(store: ReadableStore) -> int:
    files = commit_files(store)
    return commit_number(files[-1]) if files else 0


def expire_commits(store: LakeStore) -> None:
    """Delete the commit files that have left the history."""
    for path in commit_files(store)[:-KEPT]:
        store.delete(path)


def expiring_tombstones(store: ReadableStore, written: Set[str]) -> list[str]:
    """Return the tombstones of the commits that leave the history with the next commit.

    Not those that are `written` now or were written since. If the history cannot be read, none
    expires: a file without rows does no harm.
    """
    files = commit_files(store)
    # One less than `KEPT`: the next commit has a file too.
    leaving, staying = files[: 1 - KEPT], files[1 - KEPT :]
    try:
        expiring = _tombstones(store, leaving) - written
        if expiring:
            # Each of up to 199 files is a request, and most commits have no tombstones.
            expiring -= _paths_written(store, staying)
    except LakeError:
        return []
    return sorted(expiring)


def _tombstones(store: ReadableStore, commits: list[str]) -> set[str]:
    found: set[str] = set()
    for path in commits:
        found.update(read_commit(store, path).tombstones)
    return found


def _paths_written(store: ReadableStore, commits: list[str]) -> set[str]:
    found: set[str] = set()
    for path in commits:
        found.update(file.path for file in read_commit(store, path).files)
    return found
