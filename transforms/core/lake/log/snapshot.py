"""Read all tables as of one commit."""

import contextlib
from collections.abc import Callable
from typing import TypeVar

from transforms.core.lake.log.history import consistent_number, pending_commit
from transforms.core.lake.log.paths import STAGING, is_table_file
from transforms.core.lake.log.preflight import table_files
from transforms.core.lake.log.store import LakeStore
from transforms.errors import LakeError

T = TypeVar("T")
_TRIES = 5
"""Reads without the lock, before one under it. A judgement: each costs a full read, and a reader
that five commits have overtaken will hardly be faster than the sixth."""


def read_snapshot(store: LakeStore, read: Callable[[], T]) -> T:
    """Return what `read` returns when no file changes meanwhile; it may be called several times.

    If commits come faster than it reads, it reads under the lock. Raises LakeError if a killed
    writer left a commit half published: `pending_files` says where its files are.
    """
    for _ in range(_TRIES):
        before = consistent_number(store)
        if before is None:
            break
        with contextlib.suppress(_Changed):
            return _read_unchanged(store, read, before)
    with store.locked():
        if consistent_number(store) is None:
            raise LakeError(
                "a commit of this lake was cut short while it was read; run this again",
                reason="E_LAKE_RACE",
            )
        return read()


def pending_files(store: LakeStore) -> dict[str, str] | None:
    """Return where each file of the tables is, by path, as of a commit that is not published whole.

    None if the last commit is in place. Nothing is written. Raises LakeError for a damaged commit
    file.
    """
    commit = pending_commit(store)
    if commit is None:
        return None
    staged = set(store.list(STAGING))
    files = {path: path for path in table_files(store)}
    files |= {f.path: f.staged for f in commit.files if f.staged in staged}
    gone = frozenset(commit.deletes)
    return {path: at for path, at in files.items() if is_table_file(path) and path not in gone}


class _Changed(Exception):  # noqa: N818 - not an error: read again
    """A file was replaced while it was read."""


def _read_unchanged(store: LakeStore, read: Callable[[], T], before: int) -> T:
    """Return what `read` returns, or raise what it raises; _Changed if a commit came between."""
    try:
        result = read()
    # Any error: a file replaced while it was read may fail in Parquet, Arrow or the caller.
    except Exception:
        if consistent_number(store) == before:
            raise
        raise _Changed from None
    if consistent_number(store) != before:
        raise _Changed
    return result
