"""The operations of a bucket that a lake needs, from any provider, and retries while its server is
busy."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

from transforms.core.lake.log.store import LostRaceError
from transforms.errors import LakeError

T = TypeVar("T")
# Waits double from 0.2 s over eight tries: 25 s at most, besides the requests themselves.
# A judgement: a longer outage fails the run, which can be run again.
_FIRST_WAIT_S = 0.2
_TRIES = 8


class BusyError(Exception):
    """The server did not respond, or is overloaded.

    The request may have been carried out, or be carried out later.
    """


@dataclass(frozen=True, slots=True)
class Head:
    """An object's metadata."""

    token: str
    """The object's version: an ETag or a generation."""
    size: int
    """Bytes."""


class Bucket(Protocol):
    """A folder of a bucket.

    Paths are relative to it. Methods raise BusyError, or LakeError where a retry does not help.
    """

    @property
    def address(self) -> str:
        """Return scheme, bucket and folder, for messages."""

    @property
    def no_token(self) -> str:
        """Return a token that no object has."""

    @property
    def settle_s(self) -> float:
        """Return the seconds after which a `put` must be read again to know whether it won: 0 where
        the server checks preconditions.
        """

    def head(self, path: str) -> Head | None:
        """Return an object's token and size; None where there is no object."""

    def get(self, path: str) -> tuple[bytes, str] | None:
        """Return an object's bytes and their token; None where there is no object."""

    def read(self, path: str, start: int, length: int, token: str) -> bytes:
        """Return a part of an object; raise LostRaceError where its token has changed."""

    def put(self, path: str, data: bytes, token: str | None) -> str:
        """Write an object if its token is unchanged (None: if it is absent); return the new token.

        Otherwise raise LostRaceError.
        """

    def copy(self, source: str, target: str, token: str | None) -> bool:
        """Copy an object on the server if the target's token is unchanged, as in `put`.

        Return False where the source is absent.
        """

    def delete(self, path: str, token: str | None) -> None:
        """Delete an object; do nothing where it is absent.

        Raise LostRaceError if its token has changed (None: any token).
        """

    def top(self) -> set[str]:
        """Return the first segments of all paths."""

    def list(self, prefix: str) -> list[str]:
        """Return the paths that begin with a prefix."""


@dataclass(frozen=True)
class RetryingBucket:
    """A bucket that retries while its server is busy, for half a minute, then raises LakeError."""

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
        return self._with_retries(lambda: self.raw.head(path))

    def get(self, path: str) -> tuple[bytes, str] | None:
        """Return an object's bytes and their token."""
        return self._with_retries(lambda: self.raw.get(path))

    def read(self, path: str, start: int, length: int, token: str) -> bytes:
        """Return a part of an object."""
        return self._with_retries(lambda: self.raw.read(path, start, length, token))

    def put(self, path: str, data: bytes, token: str | None) -> str:
        """Write an object."""
        failures: list[BusyError] = []
        try:
            return self._with_retries(lambda: self.raw.put(path, data, token), failures)
        except LostRaceError:
            # A try whose response was lost may have written the object, so that the next one was
            # refused: with these bytes, the object is this writer's.
            found = self.get(path) if failures else None
            if found is None or found[0] != data:
                raise
            return found[1]

    def copy(self, source: str, target: str, token: str | None) -> bool:
        """Copy an object on the server."""
        return self._with_retries(lambda: self.raw.copy(source, target, token))

    def delete(self, path: str, token: str | None) -> None:
        """Delete an object."""
        self._with_retries(lambda: self.raw.delete(path, token))

    def top(self) -> set[str]:
        """Return the first parts of all paths."""
        return self._with_retries(self.raw.top)

    def _with_retries(self, request: Callable[[], T], failures: list[BusyError] | None = None) -> T:
        """Return the result of a request; add the errors of failed tries to `failures`."""
        errors: list[BusyError] = [] if failures is None else failures
        for wait_s in _waits():
            try:
                return request()
            except BusyError as error:
                errors.append(error)
                time.sleep(wait_s)
        raise LakeError(
            f"{self.address} did not answer {_TRIES} times ({errors[-1]}); run again when the "
            "server responds",
            reason="E_LAKE_STORE",
            retryable=True,
        ) from errors[-1]

    def list(self, prefix: str) -> list[str]:
        """Return the paths that begin with a prefix."""
        return self._with_retries(lambda: self.raw.list(prefix))


def _waits() -> Iterator[float]:
    """Yield the seconds to wait after each try: none after the last."""
    for n in range(_TRIES - 1):
        # Random, so that writers that failed together do not retry together.
        yield _FIRST_WAIT_S * 2**n * random.uniform(0.5, 1)
    yield 0
