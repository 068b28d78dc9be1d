"""A lake in a bucket: what a lake asks of its store, and why a writer that lost its turn can do no
harm.

An object store has neither a lock that dies with its holder nor a rename. Writers take turns by a
lease (`transforms.cloud.lease`); a file is put in place by a copy on the server, then the staged
one is deleted.

A writer may be paused at any point, for any time, and go on as if it still had the lease, which
another has taken over and may have lost again. Requests may be carried out late. No clock is
trusted for what follows.

1. *It cannot commit.* A commit is the writing of `_meta/commits/<n>.json`, refused where there is
one. A turn begins with a look at the last number, and only the next one may be written in it,
though others be found later. Whoever takes over from a writer that did not say that it was done
first writes that next number as a fence: the last commit said again, or an empty one. So either the
fence is there first, and the old writer's commit is refused; or the commit is, and the new writer
finds it, sets the fence behind it, and finishes it. Staged files are swept only after the fence, so
no commit that stands ever lacks its files. 2. *It cannot sweep what others staged.* Names in the
staging folder are never used twice. The lease is asked for after that folder was listed: what the
list names was there in the turn of who listed it, and can be deleted at any time. 3. *It cannot
publish over newer files.* A commit's staged files are gone before the next commit is written, since
each writer first finishes the last one. A copy needs the staged file, and the target as it was when
the copy was asked for: done late, it finds the one gone or the other changed. (AWS and Google
compare the target. On a server that does not, a copy must not take longer than the lease is good
for.) 4. *It cannot delete newer files.* A delete names the object's token, and the lease is asked
for after the token was read.

In all these cases it is told by LostRaceError, as who lost a race; the merge is done again on what
is there now.
"""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from transforms.cloud.blind_bucket import BlindBucket, compares_tokens
from transforms.cloud.bucket import Bucket, PatientBucket
from transforms.cloud.lease import FREE, NONE, Lease
from transforms.cloud.object_file import open_object
from transforms.core.lake.log.commit_file import COMMITS, STAGING, Commit
from transforms.core.lake.log.history import last_number
from transforms.core.lake.log.store import LostRaceError
from transforms.errors import LakeError

# A judgement: how long the next writer waits after a writer died, against how long a holder may be
# paused or without network before it loses the lease. It is renewed every quarter of this.
LEASE_S = 30.0
# Long enough for the commits of several other writers.
LOCK_TIMEOUT_S = 600.0
# Copies of a file that others replace meanwhile; under the lease that is at most a late request.
_COPIES = 5


@dataclass
class _Turn:
    """A turn of this thread's: the lease, and the one commit that it may write next."""

    lease: Lease
    number: int


class BucketStore:
    """A lake in a bucket, for any number of threads.

    An emulator may take conditions for comments; a server may not.
    """

    def __init__(
        self,
        bucket: Bucket,
        *,
        emulator: bool = False,
        lease_s: float = LEASE_S,
        lock_timeout_s: float = LOCK_TIMEOUT_S,
    ) -> None:
        self._raw, self._reader = bucket, PatientBucket(bucket)
        self._emulator, self._lease_s, self._lock_timeout_s = emulator, lease_s, lock_timeout_s
        self._mine = threading.local()
        self._writer: PatientBucket | None = None

    def get(self, path: str) -> tuple[bytes, str] | None:
        """Return an object's bytes and their token."""
        return self._reader.get(path)

    def open(self, path: str) -> BinaryIO | None:
        """Return an object opened for reading.

        LostRaceError meets who reads on after it was replaced.
        """
        return open_object(self._reader, path)

    def put(self, path: str, data: bytes, token: str | None) -> None:
        """Write an object; the server compares the token."""
        turn = self._turn()
        if turn is not None:
            turn.lease.check()
        commit = turn is not None and path.startswith(f"{COMMITS}/")
        if turn is not None and commit and path != _commit_path(turn.number):
            raise LostRaceError(
                f"{path} is not the commit of this turn, {turn.number}: another writer took over"
            )
        self._bucket.put(path, data, token)
        if turn is not None and commit:
            turn.number += 1

    def rename(self, source: str, target: str) -> bool:
        """Copy an object on the server, then delete it.

        Done twice, or after any part of it, it ends the same.
        """
        turn = self._turn()
        if turn is not None:
            turn.lease.check()
        for _ in range(_COPIES):
            try:
                if not self._copy(source, target):
                    _verify(turn)
                    return False
            except LostRaceError:
                _verify(turn)
                continue
            self._bucket.delete(source, None)
            return True
        raise LostRaceError(f"{target} is being written by others; read it again and retry")

    def _copy(self, source: str, target: str) -> bool:
        there = self._bucket.head(target)
        return self._bucket.copy(source, target, there.token if there else None)

    def names(self) -> tuple[str, ...]:
        """Return the names at the top of the lake."""
        return tuple(sorted(self._reader.top()))

    def delete(self, path: str) -> None:
        """Delete an object, if it is there.

        In a turn, what is not staged only as it was in that turn.
        """
        turn = self._turn()
        if turn is None or path.startswith(f"{STAGING}/"):
            self._bucket.delete(path, None)
            return
        there = self._bucket.head(path)
        turn.lease.verify()
        if there is not None:
            self._bucket.delete(path, there.token)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lake's lease; raise LakeError when another writer keeps it for too long."""
        lease = Lease(self._bucket.raw, seconds=self._lease_s, timeout_s=self._lock_timeout_s)
        before, done = lease.acquire(), False
        try:
            self._mine.turn = _Turn(lease, self._shut_out(before))
            yield
            done = True
        except LakeError as error:
            if error.reason == "E_LAKE_DAMAGED":
                lease.verify()
            raise
        finally:
            self._mine.turn = None
            lease.release(done=done)

    def _shut_out(self, before: str) -> int:
        """Return the number that may be committed now.

        Where the last writer may still be at work, fence it off.
        """
        while True:
            last = last_number(self)
            if before == FREE or (before == NONE and not last):
                return last + 1
            with contextlib.suppress(LostRaceError):
                self._bucket.put(_commit_path(last + 1), self._fence(last), None)
                return last + 2

    def _fence(self, last: int) -> bytes:
        found = self._reader.get(_commit_path(last)) if last else None
        nothing = Commit(number=last + 1, attempt=f"fence-{last + 1}", files=(), deletes=(), run={})
        return found[0] if found else nothing.to_json()

    def _turn(self) -> _Turn | None:
        return getattr(self._mine, "turn", None)

    @property
    def _bucket(self) -> PatientBucket:
        """The bucket as it is written to.

        What its server does with conditions is found out before the first write.
        """
        if self._writer is None:
            self._writer = self._honest()
        return self._writer

    def _honest(self) -> PatientBucket:
        if compares_tokens(self._reader):
            return self._reader
        if self._emulator:
            return PatientBucket(BlindBucket(self._raw))
        raise LakeError(
            f"{self._raw.address}: the server ignores the conditions of writes (If-Match, "
            "If-None-Match), so that two "
            "writers would lose each other's rows; use a server that knows them",
            reason="E_LAKE_ADDRESS",
        )

    def list(self, prefix: str) -> list[str]:
        """Return the paths of the objects below a folder, sorted.

        In a turn, what is staged is listed for a sweep.
        """
        found = sorted(self._reader.list(f"{prefix}/"))
        if prefix == STAGING or prefix.startswith(f"{STAGING}/"):
            _verify(self._turn())
        return found


def _verify(turn: _Turn | None) -> None:
    if turn is not None:
        turn.lease.verify()


def _commit_path(number: int) -> str:
    return f"{COMMITS}/{number:012d}.json"
