"""Where a lake is kept: the local file system behind the port of
`transforms.core.lake.log.store`."""

import contextlib
import errno
import fcntl
import hashlib
import os
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from transforms.core.lake.log.paths import STAGING, check_size, checked, checked_to_write
from transforms.core.lake.log.store import LakeStore, LostRaceError, NoRoomError
from transforms.errors import ConfigError, LakeError

# A judgement: `flock` cannot wait with a timeout. Commits take tens of milliseconds, and a try
# costs one system call.
_POLL_S = 0.01
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
# Opening a pipe would wait for a writer, and a link may have come after the check.
_PLAIN = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_LOCK, _TURN = "_meta/lock", "_meta/turn"


class LocalStore:
    """A lake in a folder of this machine.

    The lock is `flock`, which is free again when its process ends. Below the folder, which may be a
    link itself, there are folders and regular files only: links, pipes and devices are refused.
    """

    def __init__(self, root: str | os.PathLike[str], *, lock_timeout_s: float = 600) -> None:
        self._root = Path(root)
        self._lock_timeout_s = lock_timeout_s
        self._held: int | None = None
        self._unsynced: set[Path] = set()

    @property
    def root(self) -> Path:
        """The lake's folder."""
        return self._root

    def get(self, path: str) -> tuple[bytes, str] | None:
        """Return a file's bytes and their hash."""
        file = self.open(path)
        if file is None:
            return None
        with file:
            check_size(path, os.fstat(file.fileno()).st_size)
            data = file.read()
        return data, hashlib.sha256(data).hexdigest()

    def open(self, path: str) -> BinaryIO | None:
        """Return a file opened for reading."""
        place = self._place(checked(path))
        try:
            return open(place, "rb", opener=_open_plain)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise LakeError(
                f"{place} cannot be read: {error.strerror}", reason="E_LAKE_READ"
            ) from error

    def put(self, path: str, data: bytes, token: str | None) -> None:
        """Write a file in the staging folder, then move it to its place, so that no reader sees a
        part of it.
        """
        self._place(checked_to_write(path))
        if token is not None:
            current = self.get(path)
            if current is None or current[1] != token:
                raise _lost(path)
        self._check_lock()
        with _translated_errors(self._root / path, len(data)):
            self._write(path, data, new=token is None)

    def _write(self, path: str, data: bytes, *, new: bool) -> None:
        target = self._root / path
        self._sync_renamed()
        _make_folder(target.parent)
        beside = self._place(f"{STAGING}/put-{os.getpid()}-{threading.get_ident()}")
        beside.parent.mkdir(exist_ok=True)
        try:
            with beside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            _place_new(beside, target, path) if new else os.replace(beside, target)
        finally:
            beside.unlink(missing_ok=True)
        _sync_folder(target.parent)

    def rename(self, source: str, target: str) -> bool:
        """Put a file in another's place at once.

        The next `put` makes it last. An empty folder goes.
        """
        self._check_lock()
        origin = self._place(checked_to_write(source))
        to = self._place(checked_to_write(target))
        with _translated_errors(to, 0):
            to.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.replace(origin, to)
            except FileNotFoundError:
                return False
        with contextlib.suppress(OSError):
            origin.parent.rmdir()
        self._unsynced |= {to.parent, to.parent.parent}
        return True

    def list(self, prefix: str) -> list[str]:
        """Return the paths of the files below a folder, sorted."""
        self._place(checked(prefix))
        return sorted(self._below(prefix))

    def _below(self, folder: str) -> Iterator[str]:
        """Yield the paths of the files below a folder; raise LakeError for what is neither a file
        nor a folder.
        """
        # No recursion: folders may be nested deeper than Python's stack.
        waiting = [folder]
        while waiting:
            at = waiting.pop()
            for entry in self._entries(at):
                path = f"{at}/{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(path)
                elif entry.is_file(follow_symlinks=False):
                    yield path
                else:
                    raise _foreign(self._root / path)

    def _entries(self, folder: str) -> tuple[os.DirEntry[str], ...]:
        """Return what is in a folder, nothing if it is absent."""
        try:
            with os.scandir(self._root / folder) as found:
                return tuple(found)
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise LakeError(
                f"{self._root / folder} cannot be listed: {error.strerror}", reason="E_LAKE_READ"
            ) from error

    def _place(self, path: str) -> Path:
        """Return where a path of the lake is; raise LakeError if a link, a pipe or a device is at
        it, or a link on the way to it.
        """
        at = self._root
        for name in path.split("/"):
            at /= name
            try:
                mode = at.lstat().st_mode
            except OSError:
                # What is absent is no link; what cannot be looked at fails when it is opened.
                continue
            if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
                raise _foreign(at)
        return at

    def names(self) -> tuple[str, ...]:
        """Return the names at the top of the lake."""
        try:
            return tuple(sorted(os.listdir(self._root)))
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise LakeError(
                f"{self._root} cannot be a lake: {error.strerror}", reason="E_LAKE_ADDRESS"
            ) from error

    def check_writable(self) -> None:
        """Raise LakeError unless this user may write to the lake; nothing is written for that."""
        tops = [name for name in self.names() if (self._root / name).is_dir()]
        folders = {self._root, *(self._place(name) for name in [*tops, "_meta", STAGING])}
        for place in [*sorted(folders), self._place(_LOCK)]:
            is_right = place.is_dir() == (place in folders) and os.access(place, os.W_OK)
            if os.path.lexists(place) and not is_right:
                raise LakeError(
                    f"{place} cannot be written; let this user write there, or name another lake",
                    reason="E_LAKE_READONLY",
                )

    def delete(self, path: str) -> None:
        """Delete a file, and its folder if that is empty now."""
        target = self._place(checked_to_write(path))
        with _translated_errors(target, 0):
            target.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            target.parent.rmdir()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lake's lock; raise LakeError when another writer keeps it for too long.

        A waiting writer holds a second lock, the turn, so that a writer of many commits lets others
        in between.
        """
        deadline = time.monotonic() + self._lock_timeout_s
        turn = self._acquire(_TURN, deadline)
        try:
            held = self._acquire(_LOCK, deadline)
        finally:
            os.close(turn)
        self._held = held
        try:
            yield
            with _translated_errors(self._root, 0):
                self._sync_renamed()
        finally:
            self._held = None
            os.close(held)

    def try_lock(self, path: str) -> int | None:
        """Return the descriptor of a file that is locked now; None if another process has it.

        Closing the descriptor, or the end of this process, unlocks the file.
        """
        descriptor = self._open_lock(self._place(checked_to_write(path)))
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_locked = self._is_there(descriptor, path)
        except BlockingIOError:
            is_locked = False
        if not is_locked:
            os.close(descriptor)
            return None
        return descriptor

    @contextlib.contextmanager
    def shared(self) -> Iterator[bool]:
        """Share the lake's lock with other readers, and wait for a writer as `locked` does.

        Yields False, and shares nothing, where there is no lock file that this user may read.
        """
        deadline = time.monotonic() + self._lock_timeout_s
        with contextlib.ExitStack() as held:
            # The turn too: else readers that come one after the other keep a writer out.
            with contextlib.ExitStack() as turn:
                self._share(_TURN, deadline, turn)
                is_held = self._share(_LOCK, deadline, held)
            yield is_held

    def _share(self, path: str, deadline: float, held: contextlib.ExitStack) -> bool:
        place = self._place(path)
        try:
            descriptor = os.open(place, os.O_RDONLY | _PLAIN)
        except OSError:
            return False
        held.callback(os.close, descriptor)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return False
        self._wait_for(descriptor, deadline, fcntl.LOCK_SH)
        return True

    def _acquire(self, path: str, deadline: float) -> int:
        """Return the descriptor of a lock file that is locked, and is still the one that others
        find there.
        """
        while True:
            descriptor = self._open_lock(self._place(path))
            try:
                self._wait_for(descriptor, deadline, fcntl.LOCK_EX)
                if self._is_there(descriptor, path):
                    return descriptor
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)

    def _open_lock(self, path: Path) -> int:
        with _translated_errors(path, 0):
            path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(path, os.O_RDWR | os.O_CREAT | _PLAIN, 0o666)

    def _is_there(self, descriptor: int, path: str) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), os.stat(self._root / path))
        except FileNotFoundError:
            return False

    def _check_lock(self) -> None:
        """Raise LostRaceError when the lock file was deleted: another writer may hold a new one."""
        if self._held is not None and not self._is_there(self._held, _LOCK):
            raise LostRaceError(
                f"{self._root / _LOCK} was deleted while a writer held it; run again"
            )

    def _wait_for(self, descriptor: int, deadline: float, kind: int) -> None:
        while True:
            try:
                return fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise LakeError(
                        f"{self._root} is locked by another writer for over "
                        f"{self._lock_timeout_s:.0f} s; "
                        "wait for it to end, or stop it, and run again",
                        reason="E_LAKE_LOCKED",
                    ) from None
                time.sleep(_POLL_S)

    def _sync_renamed(self) -> None:
        """Make what was renamed outlive a loss of power.

        Done once for all of a commit: its files change together.
        """
        while self._unsynced:
            _sync_folder(self._unsynced.pop())


def _open_plain(path: str, flags: int) -> int:
    return os.open(path, flags | _PLAIN)


def _foreign(path: Path) -> LakeError:
    """Return the error of a link, a pipe or a device in a lake."""
    kind = "a symbolic link" if path.is_symlink() else "a pipe, a socket or a device"
    return LakeError(
        f"{path} is {kind}, which a lake never has; put the file or the folder itself there, or "
        "delete it",
        reason="E_LAKE_DAMAGED",
    )


def _lost(path: str) -> LostRaceError:
    return LostRaceError(f"{path} was written by another process; read it again and retry")


def _place_new(beside: Path, target: Path, path: str) -> None:
    """Put a new file in its place, unless another process has written one there.

    On a file system without links, only the lock keeps others away.
    """
    try:
        os.link(beside, target)
    except FileExistsError:
        raise _lost(path) from None
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if target.exists():
            raise _lost(path) from None
        os.replace(beside, target)


@contextlib.contextmanager
def _translated_errors(target: Path, size: int) -> Iterator[None]:
    """Translate errors of the file system: to one with the path, the reason, and what to do."""
    try:
        yield
    except OSError as error:
        failure = f"{target} cannot be written ({error.strerror or error})"
        if error.errno in _FULL:
            needed_kb = max(1, -(-size // 1024))
            raise NoRoomError(
                f"{failure}; make room for at least {needed_kb} kB there, and run again"
            ) from error
        if error.errno in _REFUSED:
            advice = "let this user write there, or name another lake, and run again"
            raise LakeError(f"{failure}; {advice}", reason="E_LAKE_READONLY") from error
        raise LakeError(
            f"{failure}; fix the disk or the folder, and run again", reason="E_LAKE_DISK"
        ) from error


def _make_folder(folder: Path) -> None:
    """Make a folder so that it is there after a loss of power too."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def existing_folder(path: str) -> Path:
    """Return a folder, or the next one above it that exists."""
    folder = Path(path).absolute()
    return next(found for found in (folder, *folder.parents) if found.exists())


def check_is_utf8(lake: str) -> None:
    """Raise ConfigError for a lake's name that is not UTF-8."""
    try:
        lake.encode()
    except UnicodeEncodeError:
        raise ConfigError(f"the lake's name {lake!r} is not UTF-8; rename the folder") from None


def open_store(lake: str) -> LakeStore:
    """Return the store of a lake's address: a local folder, or a bucket's, `gs://BUCKET/FOLDER` or
    `s3://BUCKET/FOLDER`.

    Raises ConfigError for a name that is not UTF-8, which not all readers of Parquet can open.
    """
    check_is_utf8(lake)
    if "://" in lake:
        from transforms.cloud.bucket_addresses import open_bucket_store

        return open_bucket_store(lake)
    return LocalStore(lake)
