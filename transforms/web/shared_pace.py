"""One pace a domain for all processes of a machine: what they agree on lies in small files, which hold no secrets.

A domain's file says when it may be asked next and until when it is to be left alone; a place among the `per_domain`
that may ask at once is a lock, which dies with its process. Clocks are the machine's own, so nothing is agreed between
machines: there it is `GatherDomains` that keeps a domain in one place.
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

_FORM = struct.Struct("<dd")
_BUSY_S = 0.05
_LOCK_TRIES = 20
_LOCK_PAUSE_S = 0.005
# No request lasts so long: who still has a place is a process that was stopped, and must not stop us too.
_STALE_S = 600.0
_SWEEP_AFTER_S = 86400.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wait:
    """How long others keep a domain from being asked; `held` says that the domain itself asked for it."""

    seconds: float
    held: bool = False


@dataclass(slots=True)
class Lease:
    """A place among those who may ask a domain at once."""

    _lock: int | None = None

    def release(self) -> None:
        """Give the place to others."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


class UnsharedPace:
    """Nothing is shared with other processes."""

    def enter(self, domain: str, spacing_s: float) -> Lease | Wait:
        """Return a place at once."""
        return Lease()

    def hold(self, domain: str, seconds: float) -> None:
        """Tell nobody."""


@dataclass
class FilePace(UnsharedPace):
    """Agrees with the other processes that use the folder. Where the folder fails, each keeps its own pace."""

    folder: Path
    per_domain: int
    _failed: bool = field(default=False, init=False)

    def enter(self, domain: str, spacing_s: float) -> Lease | Wait:
        """Return a place to ask the domain from now on, or how long to wait before trying again."""
        try:
            return self._enter(self._file(domain), spacing_s)
        except OSError as error:
            self._give_up(error)
            return Lease()

    def hold(self, domain: str, seconds: float) -> None:
        """Let the domain rest in all processes, up to an hour."""
        until = time.time() + min(max(seconds, 0.0), MAX_BACKOFF_S)
        try:
            with _locked(self._file(domain)) as file:
                next_at, backoff_until = _read(file)
                os.pwrite(file, _FORM.pack(next_at, max(backoff_until, until)), 0)
        except OSError as error:
            self._give_up(error)

    def sweep(self) -> None:
        """Delete the files of domains that nobody has asked for a day."""
        with contextlib.suppress(OSError), os.scandir(self.folder) as found:
            for one in found:
                with contextlib.suppress(OSError):
                    if one.stat().st_mtime < time.time() - _SWEEP_AFTER_S:
                        os.unlink(one)

    def _enter(self, path: Path, spacing_s: float) -> Lease | Wait:
        with _locked(path) as file:
            now = time.time()
            next_at, backoff_until = _read(file)
            # A clock that was set back must not make us wait for years.
            if now < backoff_until <= now + MAX_BACKOFF_S:
                return Wait(backoff_until - now, held=True)
            if now < next_at <= now + MAX_BACKOFF_S:
                return Wait(next_at - now)
            lease = self._place(path)
            if lease is None:
                return Wait(_BUSY_S)
            os.pwrite(file, _FORM.pack(now + spacing_s, backoff_until), 0)
            return lease

    def _place(self, path: Path) -> Lease | None:
        for number in range(self.per_domain):
            place = _open(path.with_suffix(f".{number}"))
            try:
                fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if os.fstat(place).st_mtime > time.time() - _STALE_S:
                    os.close(place)
                    continue
            os.utime(place)
            return Lease(place)
        return None

    def _file(self, domain: str) -> Path:
        return self.folder / hashlib.sha256(domain.encode("utf-8", "replace")).hexdigest()[:32]

    def _give_up(self, error: OSError) -> None:
        if not self._failed:
            self._failed = True
            _log.warning("the pace of domains is not shared with other processes: %s", error)


def shared_pace(options: WebOptions) -> UnsharedPace:
    """Return how the processes of this machine agree on their pace."""
    if options.pace_dir == "" or (options.pace_dir is None and options.connect_to is not None):
        return UnsharedPace()
    own = Path(tempfile.gettempdir()) / f"newsbeam-pace-{os.getuid()}"
    pace = FilePace(Path(options.pace_dir) if options.pace_dir else own, options.per_domain)
    try:
        pace.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = pace.folder.lstat()
        if found.st_uid != os.getuid() or not stat.S_ISDIR(found.st_mode):
            raise PermissionError(f"{pace.folder} is not a folder of ours")
    except OSError as error:
        _log.warning("the pace of domains is not shared with other processes: %s", error)
        return UnsharedPace()
    pace.sweep()
    return pace


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """Open a file that is ours alone for a moment; where another process sleeps on it, go on after a tenth of a second.

    Two who write at once may ask once too often; one who waits for ever asks nobody.
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
    data = os.pread(file, _FORM.size, 0)
    next_at, backoff_until = _FORM.unpack(data) if len(data) == _FORM.size else (0.0, 0.0)
    return next_at, backoff_until
