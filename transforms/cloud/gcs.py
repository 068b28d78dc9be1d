"""A bucket on Google Cloud Storage, or on an emulator.

Credentials and emulator come from the environment, as the client library defines it:
GOOGLE_APPLICATION_CREDENTIALS, STORAGE_EMULATOR_HOST.
"""

import contextlib
import functools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests
from google.api_core import exceptions as api
from google.auth import exceptions as auth
from google.cloud import storage  # type: ignore[attr-defined, unused-ignore]
from google.cloud.storage.exceptions import DataCorruption

from transforms.cloud.bucket import BusyError, Head
from transforms.core.lake.log.paths import check_size
from transforms.core.lake.log.store import LostRaceError
from transforms.errors import LakeError

_BUSY = (
    api.TooManyRequests,
    api.ServerError,
    api.Conflict,
    auth.TransportError,
    requests.RequestException,
)
# For the connection, and between bytes of a response. A judgement: a connection takes well under a
# second, the server's part of a large copy some tens.
_TIMEOUT_S = (10, 60)
# Tries to read an object that is replaced between the requests for its generation and its bytes. A
# judgement: no object of a lake changes that often.
_READS = 10
_ONCE: dict[str, Any] = {"retry": None, "timeout": _TIMEOUT_S}
"""One try a request: RetryingBucket retries it. If the library did, a lost response would go
unnoticed, and a write that succeeded would look like one that lost the race.
"""


@dataclass(frozen=True)
class GcsBucket:
    """A folder of a bucket. A token is a generation."""

    client: Any
    name: str
    prefix: str
    """Empty, or ends with a slash."""
    no_token = "1"  # noqa: S105 - a generation
    settle_s = 0.0

    @property
    def address(self) -> str:
        """For messages."""
        return f"gs://{self.name}/{self.prefix}".rstrip("/")

    def head(self, path: str) -> Head | None:
        """Return an object's generation and size."""
        with self._translated_errors(path):
            found = self._bucket.get_blob(self.prefix + path, **_ONCE)
            return Head(str(found.generation), int(found.size)) if found else None

    def get(self, path: str) -> tuple[bytes, str] | None:
        """Return an object's bytes and their generation."""
        for _ in range(_READS):
            head = self.head(path)
            if head is None:
                return None
            check_size(path, head.size)
            with contextlib.suppress(LostRaceError), self._translated_errors(path):
                blob = self._blob(path, head.token)
                return bytes(blob.download_as_bytes(raw_download=True, **_ONCE)), head.token
        raise BusyError(f"{path} was replaced {_READS} times while it was read")

    def read(self, path: str, start: int, length: int, token: str) -> bytes:
        """Return a part of an object."""
        with self._translated_errors(path):
            blob = self._blob(path, token)
            # The server's checksum is that of the whole object.
            part = {"start": start, "end": start + length - 1, "checksum": None}
            return bytes(blob.download_as_bytes(raw_download=True, **part, **_ONCE))

    def put(self, path: str, data: bytes, token: str | None) -> str:
        """Write an object."""
        with self._translated_errors(path):
            blob = self._blob(path)
            # Generation 0 is the precondition that the object is absent.
            blob.upload_from_string(
                data, "application/octet-stream", if_generation_match=int(token or 0), **_ONCE
            )
            return str(blob.generation)

    def copy(self, source: str, target: str, token: str | None) -> bool:
        """Copy an object on the server, in as many requests as the server needs."""
        step = None
        with self._translated_errors(target, absent_is_lost=False):
            while True:
                step, _, _ = self._blob(target).rewrite(
                    self._blob(source),
                    token=step,
                    if_generation_match=int(token or 0),
                    **_ONCE,
                )
                if step is None:
                    return True
        return False

    def delete(self, path: str, token: str | None) -> None:
        """Delete an object."""
        with self._translated_errors(path, absent_is_lost=False):
            self._blob(path).delete(if_generation_match=int(token) if token else None, **_ONCE)

    def top(self) -> set[str]:
        """Return the first parts of all paths."""
        with self._translated_bucket_errors():
            found = self.client.list_blobs(self.name, prefix=self.prefix, delimiter="/", **_ONCE)
            names = {b.name for b in found} | found.prefixes
        return {n.removeprefix(self.prefix).rstrip("/") for n in names - {self.prefix}}

    @property
    def _bucket(self) -> Any:
        return self.client.bucket(self.name)

    def _blob(self, path: str, generation: str | None = None) -> Any:
        return self._bucket.blob(
            self.prefix + path, generation=int(generation) if generation else None
        )

    @contextlib.contextmanager
    def _translated_errors(self, path: str, *, absent_is_lost: bool = True) -> Iterator[None]:
        """Translate the library's errors to those of `Bucket`.

        Without `absent_is_lost`, an absent object raises nothing.
        """
        try:
            yield
        except api.NotFound as error:
            if absent_is_lost:
                raise self._lost(path) from error
        except api.PreconditionFailed as error:
            raise self._lost(path) from error
        except _BUSY as error:
            raise BusyError(str(error)) from error
        except DataCorruption as error:
            raise BusyError(f"{path} was received with a wrong checksum: {error}") from error
        except (api.GoogleAPICallError, auth.GoogleAuthError) as error:
            message = (
                f"{self.address}/{path} is refused by the server ({error}); see what these "
                "credentials may do there"
            )
            raise LakeError(message, reason="E_LAKE_ACCESS") from error

    @contextlib.contextmanager
    def _translated_bucket_errors(self) -> Iterator[None]:
        try:
            with self._translated_errors(""):
                yield
        except LostRaceError as error:
            message = f"{self.address}: there is no bucket {self.name}; make it first"
            raise LakeError(message, reason="E_LAKE_ADDRESS") from error

    def _lost(self, path: str) -> LostRaceError:
        return LostRaceError(
            f"{self.address}/{path} was written by another process; read it again and retry"
        )

    def list(self, prefix: str) -> list[str]:
        """Return the paths that begin with a prefix."""
        fields = "items(name),nextPageToken"
        with self._translated_bucket_errors():
            blobs = self.client.list_blobs(
                self.name, prefix=self.prefix + prefix, fields=fields, **_ONCE
            )
            return [b.name.removeprefix(self.prefix) for b in blobs if not b.name.endswith("/")]


def gcs_bucket(name: str, prefix: str) -> GcsBucket:
    """Return a folder of a bucket; raise LakeError where the environment's credentials cannot be
    used.
    """
    try:
        return GcsBucket(_client(emulator_host(), os.getpid()), name, prefix)
    except (auth.GoogleAuthError, ValueError, OSError) as error:
        raise LakeError(
            f"gs://{name} cannot be opened: {error}", reason="E_LAKE_ADDRESS"
        ) from error


def emulator_host() -> str | None:
    """Return the address of the emulator that the environment names; None where it names none."""
    return os.environ.get("STORAGE_EMULATOR_HOST")


@functools.lru_cache(maxsize=8)
def _client(host: str | None, process: int) -> Any:
    """Return a process's client for a server, safe for threads.

    `host` and `process` are in the key of the cache alone: the library reads the emulator's address
    from the environment, and connections must not be shared after a fork.
    """
    return storage.Client()
