"""What a lake needs of a bucket, whoever serves it, and patience with a server that is busy."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

from transforms.core.lake.log.store import LostRaceError
from transforms.errors import LakeError

T = TypeVar("T")
# Waits double from 0.2 s over eight tries: 25 s of waiting at most.
_FIRST_WAIT_S = 0.2
_TRIES = 8


class BusyError(Exception):
    """The server did not answer, or asked to come again.

    What was asked for may have been done, or be done later.
    """


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of an object without reading it."""

    token: str
    """Changes with the object."""
    size: int
    """Bytes."""


class Bucket(Protocol):
    """Part of a bucket.

    Paths are relative to it. Methods raise BusyError, or LakeError where patience is no help.
    """

    @property
    def address(self) -> str:
        """Return scheme, bucket and folder, for messages."""

    @property
    def no_token(self) -> str:
        """Return a token that no object has."""

    @property
    def settle_s(self) -> float:
        """Return the seconds after which a `put` has won that was not refused: 0 where the server
        compares tokens.
        """

    def head(self, path: str) -> Head | None:
        """Return an object's token and size; None where there is no object."""

    def get(self, path: str) -> tuple[bytes, str] | None:
        """Return an object's bytes and their token; None where there is no object."""

    def read(self, path: str, start: int, length: int, token: str) -> bytes:
        """Return a part of an object; raise LostRaceError where it has another token by now."""

    def put(self, path: str, data: bytes, token: str | None) -> str:
        """Write an object if its token is unchanged (None: if it is absent) and return the new one.

        Raise LostRaceError else.
        """

    def copy(self, source: str, target: str, token: str | None) -> bool:
        """Copy an object on the server if the target's token is unchanged, as in `put`.

        False where none is to copy.
        """

    def delete(self, path: str, token: str | None) -> None:
        """Delete an object, if it is there.

        Raise LostRaceError if its token has changed (None: whatever it is).
        """

    def top(self) -> set[str]:
        """Return the first parts of all paths."""

    def list(self, prefix: str) -> list[str]:
        """Return the paths that begin with a prefix."""


@dataclass(frozen=True)
class PatientBucket:
    """A bucket that asks again while its server is busy, for half a minute.

    Then it raises LakeError.
    """

    raw: Bucket

    @property
    def address(self) -> str:
        """For messages."""
        return self.raw.address

    @property
    def no_token(self) -> str:
        """A token that no object has."""
        return self.raw.no_token

    @property
    def settle_s(self) -> float:
        """Seconds after which a `put` has won."""
        return self.raw.settle_s

    def head(self, path: str) -> Head | None:
        """Return an object's token and size."""
        return self._patiently(lambda: self.raw.head(path))

    def get(self, path: str) -> tuple[bytes, str] | None:
        """Return an object's bytes and their token."""
        return self._patiently(lambda: self.raw.get(path))

    def read(self, path: str, start: int, length: int, token: str) -> bytes:
        """Return a part of an object."""
        return self._patiently(lambda: self.raw.read(path, start, length, token))

    def put(self, path: str, data: bytes, token: str | None) -> str:
        """Write an object. One that a lost answer left in doubt is ours where it holds our
        bytes."""
        doubts: list[BusyError] = []
        try:
            return self._patiently(lambda: self.raw.put(path, data, token), doubts)
        except LostRaceError:
            found = self.get(path) if doubts else None
            if found is None or found[0] != data:
                raise
            return found[1]

    def copy(self, source: str, target: str, token: str | None) -> bool:
        """Copy an object on the server."""
        return self._patiently(lambda: self.raw.copy(source, target, token))

    def delete(self, path: str, token: str | None) -> None:
        """Delete an object."""
        self._patiently(lambda: self.raw.delete(path, token))

    def top(self) -> set[str]:
        """Return the first parts of all paths."""
        return self._patiently(self.raw.top)

    def _patiently(self, ask: Callable[[], T], doubts: list[BusyError] | None = None) -> T:
        failed: list[BusyError] = [] if doubts is None else doubts
        for wait in _waits():
            try:
                return ask()
            except BusyError as error:
                failed.append(error)
                time.sleep(wait)
        raise LakeError(
            (
                f"{self.address} did not answer {_TRIES} times ({failed[-1]}); run again when "
                "the server is well"
            ),
            reason="E_LAKE_STORE",
            retryable=True,
        ) from failed[-1]

    def list(self, prefix: str) -> list[str]:
        """Return the paths that begin with a prefix."""
        return self._patiently(lambda: self.raw.list(prefix))


def _waits() -> Iterator[float]:
    """Yield seconds to wait after each try; random, so that writers do not come again together."""
    for n in range(_TRIES):
        yield _FIRST_WAIT_S * 2**n * random.uniform(0.5, 1) if n < _TRIES - 1 else 0
