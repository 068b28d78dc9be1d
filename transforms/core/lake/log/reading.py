"""A lake as its readers see it: as of its last commit, and without a way to write to it."""

from collections.abc import Callable
from typing import BinaryIO, TypeVar

from transforms.core.lake.log.history import pending_commit
from transforms.core.lake.log.paths import STAGING
from transforms.core.lake.log.store import ReadableStore

T = TypeVar("T")


class ReadOnlyStore:
    """The files of a lake as of its last commit, also when that is not published whole.

    A writer that was killed may have left files of its commit in the staging folder: they are read
    there. The next writer puts them in place, not a reader. Raises LakeError for a damaged commit
    file.
    """

    def __init__(self, store: ReadableStore) -> None:
        self._store = store
        commit = pending_commit(store)
        files, deletes = (commit.files, commit.deletes) if commit else ((), ())
        waiting = set(store.list(STAGING)) if commit else set()
        self._staged = {file.path: file.staged for file in files if file.staged in waiting}
        self._gone = frozenset(deletes)
        self.is_pending = commit is not None
        """Whether the last commit is not published whole: its writer is at work, or died."""

    def place(self, path: str) -> str:
        """Return where the file of a path is: there, or in the staging folder."""
        return self._staged.get(path, path)

    def get(self, path: str) -> tuple[bytes, str] | None:
        """Return a file's bytes and a token that changes with them; None if it is absent."""
        return self._found(self._store.get, path)

    def open(self, path: str) -> BinaryIO | None:
        """Return a file opened for random access; None if it is absent."""
        return self._found(self._store.open, path)

    def _found(self, read: Callable[[str], T | None], path: str) -> T | None:
        if path in self._gone:
            return None
        found = read(self.place(path))
        # A writer may have put a staged file in its place meanwhile.
        return read(path) if found is None and path in self._staged else found

    def list(self, prefix: str) -> list[str]:
        """Return the paths of the files below a folder, sorted."""
        staged = {path for path in self._staged if path.startswith(f"{prefix}/")}
        return sorted(staged.union(self._store.list(prefix)) - self._gone)

    def names(self) -> tuple[str, ...]:
        """Return the names at the top of the lake, of files and folders."""
        return self._store.names()
