"""Read all tables as of one commit."""

import contextlib
from collections.abc import Callable
from typing import TypeVar

from transforms.core.lake.log.history import consistent_number
from transforms.core.lake.log.store import LakeStore, ReadableStore
from transforms.errors import LakeError

T = TypeVar("T")
_TRIES = 5
"""Reads without the lock, before one under it. A judgement: each costs a full read, and a reader
that five commits have overtaken will hardly be faster than the sixth."""


def read_snapshot(store: LakeStore, read: Callable[[], T]) -> T:
    """Return what `read` returns when no file changes meanwhile; it may be called several times.

    If commits come faster than it reads, writers wait for it, where the store can make them wait.
    Raises LakeError if they cannot, and if a killed writer left a commit half published, which is
    read through a `ReadOnlyStore`.
    """
    for _ in range(_TRIES):
        before = consistent_number(store)
        if before is None:
            break
        with contextlib.suppress(_Changed):
            return _read_unchanged(store, read, before)
    with store.shared() as is_unchanging:
        if consistent_number(store) is None:
            raise LakeError(
                "a commit of this lake was cut short while it was read; run this again",
                reason="E_LAKE_RACE",
            )
        if not is_unchanging:
            raise LakeError(
                f"{_TRIES} commits came while this lake was read; run this again when fewer "
                "write to it",
                reason="E_LAKE_RACE",
            )
        return read()


class _Changed(Exception):  # noqa: N818 - not an error: read again
    """A file was replaced while it was read."""


def _read_unchanged(store: ReadableStore, read: Callable[[], T], before: int) -> T:
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
