"""One run at a time asks publishers for a lake: a lease that a run holds from before its first
request until its last commit.

Two runs on one lake would poll the same feeds and fetch the same pages: neither sees what the other
has not committed yet. The lake itself needs no such lease, since writers merge in turns
(`LakeStore.locked`); a run that loses its lease does no harm but to ask again.

In a folder the lease is a locked file, which is free again when its process ends, however it ends.
In a bucket it is `transforms.cloud.lease`, which a run takes over from one that was killed half a
minute after its last sign of life.
"""

import contextlib
import os
import platform
import time
from collections.abc import Callable, Iterator
from typing import Protocol

from transforms.cloud.bucket_store import BucketStore
from transforms.cloud.lease import Lease
from transforms.errors import LakeError
from transforms.stores import LocalStore, open_store

POLLING = "_meta/polling"
WAIT_S = 3600.0
"""How long a run waits for another. A judgement: longer than a run of a few thousand feeds takes,
and short enough that runs of a schedule do not pile up behind one that hangs."""
_LOOK_S = 0.5
"""Between two looks at the lease. A judgement: how long a free lease stays unused, against
requests to a bucket."""
_NOTE_BYTES = 300
"""Of the holder's note; those of newsbeam have under 200."""


class RunningError(LakeError):
    """Another run has the lease."""

    reason = "E_LAKE_BUSY"


class RunLease(Protocol):
    """A lease that is held by at most one run."""

    def try_take(self) -> bool:
        """Take the lease if it is free, and return whether this run has it."""

    @property
    def is_other_alive(self) -> bool:
        """Whether its holder was seen at work since the first `try_take`."""

    @property
    def other(self) -> str:
        """The note of the holder, as of the last `try_take`."""

    def release(self) -> None:
        """Free the lease."""

    def leave_to_job(self, seconds: float) -> None:
        """Leave the lease to a job that outlives this process, for some time at most."""


class _FileLease:
    """The lease of a lake in a folder."""

    is_other_alive = True
    """The operating system frees the lock of a process that ends."""

    def __init__(self, store: LocalStore, note: str) -> None:
        self._store, self._note, self.other = store, note, ""
        self._held: int | None = None

    def try_take(self) -> bool:
        self._held = self._store.try_lock(POLLING)
        if self._held is None:
            found = self._store.get(POLLING)
            self.other = found[0][:_NOTE_BYTES].decode(errors="replace") if found else ""
            return False
        os.ftruncate(self._held, 0)
        os.write(self._held, self._note.encode())
        return True

    def release(self) -> None:
        if self._held is not None:
            # A lake at rest has the same bytes, whichever run was the last.
            os.ftruncate(self._held, 0)
            os.close(self._held)
            self._held = None

    def leave_to_job(self, seconds: float) -> None:
        # A local engine has ended the job by now.
        self.release()


class _BucketLease:
    """The lease of a lake in a bucket."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease

    def try_take(self) -> bool:
        return self._lease.attempt() is not None

    @property
    def is_other_alive(self) -> bool:
        return self._lease.is_other_alive

    @property
    def other(self) -> str:
        return self._lease.other_note[:_NOTE_BYTES]

    def release(self) -> None:
        self._lease.release(done=True)

    def leave_to_job(self, seconds: float) -> None:
        self._lease.leave_to_job(seconds)


def open_lease(lake: str, note: str, holder: str | None = None) -> RunLease:
    """Return the lease of the runs on a lake, not taken yet.

    A `holder` names a job whose workers extend and end the lease; else it is this process.
    """
    store = open_store(lake)
    if isinstance(store, LocalStore):
        return _FileLease(store, note)
    if isinstance(store, BucketStore):
        return _BucketLease(store.lease(POLLING, note, holder))
    raise TypeError(f"{type(store)} has no leases")


def note_of(run_id: str) -> str:
    """Return the note of a run of this process."""
    return f"run {run_id[:100]}, process {os.getpid()} on {platform.node()[:60]}"


@contextlib.contextmanager
def only_run(
    lease: RunLease,
    *,
    wait_s: float = WAIT_S,
    skip: bool = False,
    waiting: Callable[[str], None] = lambda other: None,
) -> Iterator[None]:
    """Hold the lease of a lake's runs; wait for the run that has it.

    `waiting` is called once, with the note of that run. Raise RunningError after `wait_s` seconds,
    or with `skip` as soon as that run is seen to be alive.
    """
    _take(lease, wait_s, skip, waiting)
    try:
        yield
    finally:
        lease.release()


@contextlib.contextmanager
def only_job(
    lake: str,
    run_id: str,
    seconds: float,
    *,
    skip: bool = False,
    waiting: Callable[[str], None] = lambda other: None,
) -> Iterator[None]:
    """Hold the lease of a lake's runs while a job is submitted, then leave it to the job.

    It expires after some seconds, unless the job extends or ends it before. Otherwise as `only_run`
    does.
    """
    lease = open_lease(lake, f"run {run_id[:100]}, a job", _job(run_id))
    _take(lease, WAIT_S, skip, waiting)
    try:
        yield
    except BaseException:
        lease.release()
        raise
    lease.leave_to_job(seconds)


def extend_job(lake: str, run_id: str, seconds: float) -> None:
    """Extend the lease that was left to a job, if it was."""
    store = open_store(lake)
    if isinstance(store, BucketStore):
        store.lease(POLLING, f"run {run_id[:100]}, a job", _job(run_id)).extend(seconds)


def end_job(lake: str, run_id: str) -> None:
    """End the lease that was left to a job, if it was."""
    store = open_store(lake)
    if isinstance(store, BucketStore):
        store.lease(POLLING, "", _job(run_id)).end()


def _job(run_id: str) -> str:
    return f"job {run_id}"


def _take(lease: RunLease, wait_s: float, skip: bool, waiting: Callable[[str], None]) -> None:
    started, is_told = time.monotonic(), False
    while not lease.try_take():
        if skip and lease.is_other_alive:
            raise RunningError(f"another run is at work on this lake ({lease.other})")
        if time.monotonic() - started >= wait_s:
            raise RunningError(
                f"another run has been at work on this lake for over {wait_s:.0f} s "
                f"({lease.other}); wait for it to end, or stop it, and run again"
            )
        if not (is_told or skip):
            waiting(lease.other)
            is_told = True
        time.sleep(_LOOK_S)
