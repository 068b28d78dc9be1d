"""Emulators that take a write whatever its condition says: found out, and made do with."""

from dataclasses import dataclass

from transforms.cloud.bucket import Bucket, Head
from transforms.core.lake.log.store import LostRaceError

_PROBE = "_staging/probe"


def compares_tokens(bucket: Bucket) -> bool:
    """Return whether the server refuses a write whose condition does not hold."""
    try:
        bucket.put(_PROBE, b"", bucket.no_token)
    except LostRaceError:
        return True
    bucket.delete(_PROBE, None)
    return False


@dataclass(frozen=True)
class BlindBucket:
    """A bucket whose tokens are compared here, just before each write, since its server does not.

    Between the look and the write another may write. The lake's lock is safe nevertheless as long
    as a request takes less than `settle_s`: who wrote it waits that long and looks whether it still
    says so (M. Fischer's algorithm for mutual exclusion), and all else is written under the lock.
    That will do for emulators; only they are served so.
    """

    raw: Bucket
    settle_s: float = 0.25

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
