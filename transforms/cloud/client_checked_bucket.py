"""Preconditions of writes checked by the client, for emulators that ignore them."""

from dataclasses import dataclass

from transforms.cloud.bucket import Bucket, Head
from transforms.core.lake.log.store import LostRaceError

_PROBE = "_staging/probe"


def checks_preconditions(bucket: Bucket) -> bool:
    """Return whether the server refuses a write whose precondition does not hold.

    The probe is a write with a token that no object has: a server that checks leaves nothing
    behind.
    """
    try:
        bucket.put(_PROBE, b"", bucket.no_token)
    except LostRaceError:
        return True
    bucket.delete(_PROBE, None)
    return False


@dataclass(frozen=True)
class ClientCheckedBucket:
    """A bucket whose tokens are compared by the client, just before each write.

    Another writer may write between the comparison and the write. The lake's lease is safe
    nevertheless as long as a request takes less than `settle_s`: a writer that wrote it waits that
    long and reads it again (Fischer's algorithm, in L. Lamport, "A fast mutual exclusion
    algorithm", 1987), and all other writes need the lease. That is good enough for emulators, and
    used for them only.
    """

    raw: Bucket
    settle_s: float = 0.25
    """A judgement: a request to an emulator on the same machine takes some milliseconds."""

    @property
    def address(self) -> str:
        """For messages."""
        return self.raw.address

    @property
    def no_token(self) -> str:
        """A token that no object has."""
        return self.raw.no_token

    def head(self, path: str) -> Head | None:
        """Return an object's token and size."""
        return self.raw.head(path)

    def get(self, path: str) -> tuple[bytes, str] | None:
        """Return an object's bytes and their token."""
        return self.raw.get(path)

    def read(self, path: str, start: int, length: int, token: str) -> bytes:
        """Return a part of an object."""
        self._compare(path, token)
        return self.raw.read(path, start, length, token)

    def put(self, path: str, data: bytes, token: str | None) -> str:
        """Compare, then write."""
        self._compare(path, token)
        return self.raw.put(path, data, token)

    def copy(self, source: str, target: str, token: str | None) -> bool:
        """Compare, then copy."""
        self._compare(target, token)
        return self.raw.copy(source, target, token)

    def delete(self, path: str, token: str | None) -> None:
        """Compare, then delete."""
        # An absent object counts as deleted, whatever its token was.
        if token is not None and self.raw.head(path) is not None:
            self._compare(path, token)
        self.raw.delete(path, token)

    def top(self) -> set[str]:
        """Return the first parts of all paths."""
        return self.raw.top()

    def list(self, prefix: str) -> list[str]:
        """Return the paths that begin with a prefix."""
        return self.raw.list(prefix)

    def _compare(self, path: str, token: str | None) -> None:
        head = self.raw.head(path)
        if (head.token if head else None) != token:
            raise LostRaceError(f"{path} was written by another process; read it again and retry")
