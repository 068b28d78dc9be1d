"""A lake in a bucket, and why a writer that lost its lease can do no harm.

An object store has neither a lock that dies with its holder nor a rename. Writers take turns by a
lease (`transforms.cloud.lease`). A file is published by a copy on the server, after which the
staged file is deleted.

A writer may be paused at any point, for any time, and go on as if it still held the lease, which
another writer has taken over and may have lost again. A server may carry out requests late. What
follows relies on no clock.

1. *It cannot commit.* A commit is the creation of `_meta/commits/<n>.json`, with the precondition
   that the object is absent. A turn begins by reading the last number, and the turn may write only
   the number after it, even if later commits are found. A writer that takes over from one that did
   not release the lease as done first writes that next number as a fence: a copy of the last
   commit, or an empty commit. If the fence comes first, the old writer's commit is refused. If the
   commit comes first, the new writer finds it, sets the fence after it, and finishes it. Staged
   files are deleted only after the fence, so a commit never lacks its files.
2. *It cannot delete what others have staged.* Names in the staging folder are never used twice. The
   lease is verified after that folder was listed: the listed files were staged before the writer
   lost the lease, and can be deleted at any time.
3. *It cannot publish over newer files.* A commit's staged files are deleted before the next commit
   is written, since each writer first finishes the last commit. A copy needs the staged file, and
   has the precondition that the target is as it was when the copy was requested: a late copy finds
   the source absent or the target changed. (AWS and Google compare the target. On a server that
   does not, a copy must take less time than the lease's duration.)
4. *It cannot delete newer files.* A delete has the object's token as its precondition, and the
   lease is verified after the token was read.

In all these cases the writer gets a LostRaceError, as one that lost a race does, and merges again
into the lake as it is then.
"""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from transforms.cloud.bucket import Bucket, RetryingBucket
from transforms.cloud.client_checked_bucket import ClientCheckedBucket, checks_preconditions
from transforms.cloud.lease import FREE, NONE, Lease
from transforms.cloud.object_file import open_object
from transforms.core.lake.log.commit_file import Commit, commit_path
from transforms.core.lake.log.history import last_number
from transforms.core.lake.log.paths import COMMITS, STAGING, checked, checked_to_write
from transforms.core.lake.log.store import LostRaceError
from transforms.errors import LakeError

# A judgement: how long the next writer waits after a writer died, against how long a holder may be
# paused or without network before it loses the lease.
LEASE_S = 30.0
# Long enough for the commits of several other writers.
LOCK_TIMEOUT_S = 600.0
# Tries of a copy whose target others replace meanwhile; under the lease only a late request of an
# earlier holder can do that.
_COPIES = 5


@dataclass
class _Turn:
    """A thread's turn as the writer."""

    lease: Lease
    number: int
    """The only commit that it may write next."""


class BucketStore:
    """A lake in a bucket, for any number of threads.

    An emulator may ignore preconditions; a server that does is refused.
    """

    def __init__(
        self,
        bucket: Bucket,
        *,
        emulator: bool = False,
        lease_s: float = LEASE_S,
        lock_timeout_s: float = LOCK_TIMEOUT_S,
    ) -> None:
        self._raw, self._reader = bucket, RetryingBucket(bucket)
        self._emulator, self._lease_s, self._lock_timeout_s = emulator, lease_s, lock_timeout_s
        # Each thread has its own turn: another thread's lease must not permit its writes.
        self._local = threading.local()
        self._writer: RetryingBucket | None = None

    def get(self, path: str) -> tuple[bytes, str] | None:
        """Return an object's bytes and their token."""
        return self._reader.get(checked(path))

    def open(self, path: str) -> BinaryIO | None:
        """Return an object opened for reading.

        Reading it raises LostRaceError once it was replaced.
        """
        return open_object(self._reader, checked(path))

    def put(self, path: str, data: bytes, token: str | None) -> None:
        """Write an object if its token is unchanged, which the server checks.

        In a turn, of commits only the turn's own.
        """
        checked_to_write(path)
        turn = self._turn()
        if turn is not None:
            turn.lease.check()
        if turn is None or not path.startswith(f"{COMMITS}/"):
            self._bucket.put(path, data, token)
            return
        if path != commit_path(turn.number):
            raise LostRaceError(
                f"{path} is not the commit of this turn, {turn.number}: another writer took over"
            )
        self._bucket.put(path, data, token)
        turn.number += 1

    def rename(self, source: str, target: str) -> bool:
        """Copy an object on the server, then delete it.

        Repeating it, after any part of it, has the same result.
        """
        checked_to_write(source)
        checked_to_write(target)
        turn = self._turn()
        if turn is not None:
            turn.lease.check()
        for _ in range(_COPIES):
            try:
                is_copied = self._copy(source, target)
            except LostRaceError:
                # The target was replaced: by a late request, or by the writer that took over.
                _verify(turn)
                continue
            if is_copied:
                # Without a precondition: names in the staging folder are never used twice.
                self._bucket.delete(source, None)
            else:
                # The source is gone. A writer that took over may have published it.
                _verify(turn)
            return is_copied
        raise LostRaceError(f"{target} is being written by others; read it again and retry")

    def _copy(self, source: str, target: str) -> bool:
        head = self._bucket.head(target)
        return self._bucket.copy(source, target, head.token if head else None)

    def names(self) -> tuple[str, ...]:
        """Return the names at the top of the lake."""
        return tuple(sorted(self._reader.top()))

    def delete(self, path: str) -> None:
        """Delete an object, if it is there.

        In a turn, an object outside the staging folder only if it is as it was in the turn.
        """
        checked_to_write(path)
        turn = self._turn()
        if turn is None or path.startswith(f"{STAGING}/"):
            self._bucket.delete(path, None)
            return
        head = self._bucket.head(path)
        # After the token was read: else the token may be that of a newer file.
        turn.lease.verify()
        if head is not None:
            self._bucket.delete(path, head.token)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lake's lease; raise LakeError when another writer holds it for too long."""
        lease = Lease(self._bucket.raw, seconds=self._lease_s, timeout_s=self._lock_timeout_s)
        before, done = lease.acquire(), False
        try:
            self._local.turn = _Turn(lease, self._next_number(before))
            yield
            done = True
        except LakeError as error:
            # A writer that lost the lease sees the files of another's commit change, which looks
            # like damage: then it is a lost race.
            if error.reason == "E_LAKE_DAMAGED":
                lease.verify()
            raise
        finally:
            self._local.turn = None
            lease.release(done=done)

    def lease(self, path: str, note: str, holder: str | None = None) -> Lease:
        """Return a lease beside the writers' lock, not taken yet; `holder` names that of a job."""
        return Lease(
            self._bucket.raw,
            seconds=self._lease_s,
            timeout_s=0,
            path=checked_to_write(path),
            note=note,
            holder=holder,
        )

    @contextlib.contextmanager
    def shared(self) -> Iterator[bool]:
        """Keep nobody out: a lease would have to be written."""
        yield False

    def _next_number(self, before: str) -> int:
        """Return the number that the turn may commit, from the lease's state before it.

        Where the last writer may still be at work, set a fence.
        """
        while True:
            last = last_number(self)
            if before == FREE or (before == NONE and not last):
                return last + 1
            # Where the number exists, the last writer has committed meanwhile: set the fence after
            # its commit.
            with contextlib.suppress(LostRaceError):
                self._bucket.put(commit_path(last + 1), self._fence(last), None)
                return last + 2

    def _fence(self, last: int) -> bytes:
        """Return the bytes of the fence after a commit.

        A copy of that commit, since recovery finishes the last commit only: what the commit left
        unpublished is published with the copy.
        """
        found = self._reader.get(commit_path(last)) if last else None
        empty = Commit(number=last + 1, attempt=f"fence-{last + 1}", files=(), deletes=(), run={})
        return found[0] if found else empty.to_json()

    def _turn(self) -> _Turn | None:
        return getattr(self._local, "turn", None)

    @property
    def _bucket(self) -> RetryingBucket:
        """The bucket for writes.

        Whether its server checks preconditions is found out before the first write, not when the
        store is opened: a reader may not have the permission to write.
        """
        if self._writer is None:
            self._writer = self._bucket_for_writes()
        return self._writer

    def _bucket_for_writes(self) -> RetryingBucket:
        if checks_preconditions(self._reader):
            return self._reader
        if self._emulator:
            return RetryingBucket(ClientCheckedBucket(self._raw))
        raise LakeError(
            f"{self._raw.address}: the server ignores the conditions of writes (If-Match, "
            "If-None-Match), so that two writers would lose each other's rows; use a server that "
            "supports them",
            reason="E_LAKE_ADDRESS",
        )

    def list(self, prefix: str) -> list[str]:
        """Return the paths of the objects below a folder, sorted.

        In a turn, staged files only while the lease is held.
        """
        found = sorted(self._reader.list(f"{checked(prefix)}/"))
        # Staged files are listed to be deleted. Verified after the listing: a writer that took the
        # lease over before it may have staged some of them.
        if prefix == STAGING or prefix.startswith(f"{STAGING}/"):
            _verify(self._turn())
        return found


def _verify(turn: _Turn | None) -> None:
    if turn is not None:
        turn.lease.verify()
