"""Where a lake is kept: the local file system behind the port of `transforms.core.lake.store`."""

import contextlib
import fcntl
import hashlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from transforms.core.lake.store import LakeStore, LostRaceError
from transforms.errors import LakeError

_POLL_S = 0.05


class LocalStore:
    """A lake in a folder of this machine. The lock is `flock`, which is free again when its process ends."""

    def __init__(self, root: str | os.PathLike[str], *, lock_timeout_s: float = 600) -> None:
        self._root = Path(root)
        self._lock_timeout_s = lock_timeout_s

    @property
    def root(self) -> Path:
        """The lake's folder."""
        return self._root

    def get(self, path: str) -> tuple[bytes, str] | None:
        """Return a file's bytes and their hash."""
        try:
            data = (self._root / path).read_bytes()
        except FileNotFoundError:
            return None
        return data, hashlib.sha256(data).hexdigest()

    def open(self, path: str) -> BinaryIO | None:
        """Return a file opened for reading."""
        try:
            return (self._root / path).open("rb")
        except FileNotFoundError:
            return None

    def put(self, path: str, data: bytes, token: str | None) -> None:
        """Write a file in the staging folder, then move it to its place, so that no reader sees a part of it."""
        current = self.get(path)
        if (current[1] if current else None) != token:
            raise LostRaceError(f"{path} was written by another process; read it again and retry")
        target = self._root / path
        with _telling(target, len(data)):
            self._write(target, data)

    def _write(self, target: Path, data: bytes) -> None:
        _make_folder(target.parent)
        beside = self._root / "_staging" / f"put-{os.getpid()}-{threading.get_ident()}"
        beside.parent.mkdir(exist_ok=True)
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, target)
        _sync_folder(target.parent)

    def rename(self, source: str, target: str) -> bool:
        """Put a file in another's place at once."""
        to = self._root / target
        with _telling(to, 0):
            _make_folder(to.parent)
            try:
                os.replace(self._root / source, to)
            except FileNotFoundError:
                return False
            _sync_folder(to.parent)
        return True

    def list(self, prefix: str) -> list[str]:
        """Return the paths of the files below a folder, sorted."""
        found = (self._root / prefix).rglob("*")
        return sorted(p.relative_to(self._root).as_posix() for p in found if p.is_file())

    def names(self) -> tuple[str, ...]:
        """Return the names at the top of the lake."""
        try:
            return tuple(sorted(os.listdir(self._root)))
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise LakeError(f"{self._root} cannot be a lake: {error.strerror}", reason="E_LAKE_ADDRESS") from error

    def delete(self, path: str) -> None:
        """Delete a file, and its folder where that is empty now."""
        target = self._root / path
        target.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            _sync_folder(target.parent)
            target.parent.rmdir()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lake's lock; raise LakeError when another writer keeps it for too long."""
        path = self._root / "_meta" / "lock"
        with _telling(path, 0):
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("a")
        with file:
            self._wait_for(file.fileno())
            yield

    def _wait_for(self, descriptor: int) -> None:
        deadline = time.monotonic() + self._lock_timeout_s
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise LakeError(
                        f"{self._root} is locked by another writer for over {self._lock_timeout_s:.0f} s; "
                        "wait for it to end, or stop it, and run again",
                        reason="E_LAKE_LOCKED",
                    ) from None
                time.sleep(_POLL_S)
            else:
                return


@contextlib.contextmanager
def _telling(target: Path, size: int) -> Iterator[None]:
    """Turn the system's refusal to write into an error that says where, and how much room was wanted."""
    try:
        yield
    except OSError as error:
        raise LakeError(
            f"{target} cannot be written ({error.strerror or error}); make room for {max(1, size // 2**20)} MB or more "
            "there, or see who may write there, and run again",
            reason="E_LAKE_DISK",
        ) from error


def _make_folder(folder: Path) -> None:
    """Make a folder so that it is there after a loss of power too."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_store(lake: str) -> LakeStore:
    """Return the store of a lake's address."""
    if "://" in lake:
        raise LakeError(f"{lake}: only lakes in a local folder can be written yet", reason="E_LAKE_ADDRESS")
    return LocalStore(lake)
