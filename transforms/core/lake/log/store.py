"""The port through which a lake is read and written, to a file system or an object store."""

import contextlib
from typing import BinaryIO, Protocol

from transforms.errors import LakeError


class LostRaceError(LakeError):
    """Another writer was faster: read again and merge again."""

    reason = "E_LAKE_RACE"


class NoRoomError(LakeError):
    """The disk, or the user's quota, is full: nothing of the lake has changed."""

    reason = "E_LAKE_DISK"


class ReadableStore(Protocol):
    """What readers of a lake need of a file system or an object store.

    Paths are relative, with forward slashes.
    """

    def get(self, path: str) -> tuple[bytes, str] | None:
        """Return a file's bytes and a token that changes with them; None if it is absent."""

    def open(self, path: str) -> BinaryIO | None:
        """Return a file opened for random access; None if it is absent."""

    def list(self, prefix: str) -> list[str]:
        """Return the paths of the files below a folder, sorted."""

    def names(self) -> tuple[str, ...]:
        """Return the names at the top of the lake, of files and folders."""


class LakeStore(ReadableStore, Protocol):
    """What a lake needs of a file system or an object store."""

    def put(self, path: str, data: bytes, token: str | None) -> None:
        """Write a file whole if its token is unchanged (None: if it is absent).

        Else raise LostRaceError. A store that is full raises NoRoomError, and leaves no part of the
        file.
        """

    def rename(self, source: str, target: str) -> bool:
        """Put a file in another's place atomically; False if there is no such file.

        What was renamed before a `put` outlives a loss of power that the `put` outlives.
        """

    def delete(self, path: str) -> None:
        """Delete a file; do nothing if it is absent."""

    def locked(self) -> contextlib.AbstractContextManager[None]:
        """Keep other writers out for as long as the block runs; the lock dies with the process.

        A store that can only lease a lock for a time must refuse `put` and `rename` to a writer
        that has lost it: a writer deletes what it finds in the staging folder, since under the lock
        nobody else can be using it.
        """

    def shared(self) -> contextlib.AbstractContextManager[bool]:
        """Keep writers out for as long as the block runs, and write nothing, not even a lock.

        Yields whether it could: an object store has no such lock, and a lake that nobody has
        written here may lack its file.
        """


def is_there(store: ReadableStore, path: str) -> bool:
    """Return whether a store has a file."""
    file = store.open(path)
    if file is None:
        return False
    file.close()
    return True
