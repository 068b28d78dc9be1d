"""One pace for each domain in all processes of a machine, kept in small files without secrets.

A domain's file has the time of its next request and the end of its backoff. A slot among the
`per_domain` requests at a time is a file lock, which ends with its process. Clocks are those of the
machine, so nothing is shared between machines: there `GatherDomains` keeps a domain on one worker.
"""

import contextlib
import fcntl
import hashlib
import logging
import os
import stat
import struct
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from transforms.core.fetch.pacer import MAX_BACKOFF_S
from transforms.web.web_options import WebOptions

# Two times in seconds since the epoch: the next request, the end of the backoff.
_FORMAT = struct.Struct("<dd")
# How soon to try again if all slots are taken: short against the spacing of a second.
_RETRY_S = 0.05
# Together a tenth of a second: a lock is held for one read and one write, so a longer one belongs
# to a process that was stopped. The event loop is blocked meanwhile.
_LOCK_TRIES = 20
_LOCK_PAUSE_S = 0.005
# No request lasts this long: a slot that is older belongs to a stopped process, and is ignored.
_STALE_SLOT_S = 600.0
# A domain's file has no effect after an hour (MAX_BACKOFF_S); a day is a safe margin.
_SWEEP_AFTER_S = 86400.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wait:
    """How long a domain must not be requested, and whether the domain itself asked for that."""

    seconds: float
    is_backoff: bool = False


@dataclass(slots=True)
class Lease:
    """A slot among the requests to a domain at a time; `_lock` is the locked file."""

    _lock: int | None = None

    def release(self) -> None:
        """Free the slot."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


class UnsharedPace:
    """Shares nothing with other processes."""

    def enter(self, domain: str, spacing_s: float) -> Lease | Wait:
        """Return a slot at once."""
        return Lease()

    def back_off(self, domain: str, seconds: float) -> None:
        """Do nothing: no other process needs to know."""


@dataclass
class FilePace(UnsharedPace):
    """Shares the pace by files in `folder`. If the folder fails, each process keeps its own."""

    folder: Path
    per_domain: int
    _failed: bool = field(default=False, init=False)

    def enter(self, domain: str, spacing_s: float) -> Lease | Wait:
        """Return a slot to request the domain from now on, or how long to wait before a retry."""
        try:
            return self._enter(self._file(domain), spacing_s)
        except OSError as error:
            self._warn_once(error)
            return Lease()

    def back_off(self, domain: str, seconds: float) -> None:
        """Let no process request the domain for a while, at most an hour."""
        until = time.time() + min(max(seconds, 0.0), MAX_BACKOFF_S)
        try:
            with _locked(self._file(domain)) as file:
                next_at, backoff_until = _read(file)
                os.pwrite(file, _FORMAT.pack(next_at, max(backoff_until, until)), 0)
        except OSError as error:
            self._warn_once(error)

    def sweep(self) -> None:
        """Delete the files of domains that were not requested for a day."""
        with contextlib.suppress(OSError), os.scandir(self.folder) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    if entry.stat().st_mtime < time.time() - _SWEEP_AFTER_S:
                        os.unlink(entry)

    def _enter(self, path: Path, spacing_s: float) -> Lease | Wait:
        with _locked(path) as file:
            now = time.time()
            next_at, backoff_until = _read(file)
            # Times further ahead come from a clock that was set back since; they are ignored.
            latest = now + MAX_BACKOFF_S
            if now < backoff_until <= latest:
                return Wait(backoff_until - now, is_backoff=True)
            if now < next_at <= latest:
                return Wait(next_at - now)
            lease = self._free_slot(path)
            if lease is None:
                return Wait(_RETRY_S)
            os.pwrite(file, _FORMAT.pack(now + spacing_s, backoff_until), 0)
            return lease

    def _free_slot(self, path: Path) -> Lease | None:
        for number in range(self.per_domain):
            slot = _open(path.with_suffix(f".{number}"))
            try:
                fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if os.fstat(slot).st_mtime > time.time() - _STALE_SLOT_S:
                    os.close(slot)
                    continue
            os.utime(slot)
            return Lease(slot)
        return None

    def _file(self, domain: str) -> Path:
        return self.folder / hashlib.sha256(domain.encode("utf-8", "replace")).hexdigest()[:32]

    def _warn_once(self, error: OSError) -> None:
        if not self._failed:
            self._failed = True
            _log.warning("the pace of domains is not shared with other processes: %s", error)


def shared_pace(options: WebOptions) -> UnsharedPace:
    """Return how the processes of this machine share their pace."""
    is_off = options.pace_dir == ""
    is_test = options.pace_dir is None and options.connect_to is not None
    if is_off or is_test:
        return UnsharedPace()
    own = Path(tempfile.gettempdir()) / f"newsbeam-pace-{os.getuid()}"
    pace = FilePace(Path(options.pace_dir) if options.pace_dir else own, options.per_domain)
    try:
        _make_private_folder(pace.folder)
    except OSError as error:
        _log.warning("the pace of domains is not shared with other processes: %s", error)
        return UnsharedPace()
    pace.sweep()
    return pace


def _make_private_folder(folder: Path) -> None:
    """Make a folder; raises PermissionError for one of another user, or for a link to one."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    if status.st_uid != os.getuid() or not stat.S_ISDIR(status.st_mode):
        raise PermissionError(f"{folder} is not a folder of this user")


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """Open and lock a file; without the lock after a tenth of a second.

    Two processes that write at once may make a request too many; one that waits for a stopped
    process would make none.
    """
    file = _open(path)
    try:
        for _ in range(_LOCK_TRIES):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(_LOCK_PAUSE_S)
        yield file
    finally:
        os.close(file)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def _read(file: int) -> tuple[float, float]:
    data = os.pread(file, _FORMAT.size, 0)
    if len(data) != _FORMAT.size:
        return 0.0, 0.0
    next_at, backoff_until = _FORMAT.unpack(data)
    return next_at, backoff_until
