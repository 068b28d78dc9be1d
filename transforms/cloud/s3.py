"""A bucket on S3, or on a server with its protocol.

The server must support the conditional writes that S3 has since 2024 and 2025: If-None-Match and
If-Match of `PutObject`, `CopyObject` and `DeleteObject`. Endpoint and credentials come from the
environment, as boto3 defines it: AWS_ENDPOINT_URL_S3, AWS_PROFILE, AWS_REGION and so on.
"""

import contextlib
import functools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
from botocore import exceptions as aws
from botocore.config import Config

from transforms.cloud.bucket import BusyError, Head
from transforms.core.lake.log.paths import check_size
from transforms.core.lake.log.store import LostRaceError
from transforms.errors import LakeError

# Error codes after which a request is tried again. S3 responds ConditionalRequestConflict (409)
# when another request on the object was under way: unlike a 412, it does not say who won.
_BUSY = {
    "SlowDown",
    "RequestTimeout",
    "RequestTimeTooSkewed",
    "OperationAborted",
    "ConditionalRequestConflict",
    "409",
}
# The response to a HEAD has no body, so boto3 gives the status as the code.
_ABSENT = {"NoSuchKey", "NotFound", "404"}
_CHANGED = {"PreconditionFailed", "412"}


class _AbsentError(Exception):
    """There is no such object."""


@dataclass(frozen=True)
class S3Bucket:
    """A folder of an S3 bucket. A token is an ETag."""

    client: Any
    name: str
    prefix: str
    """Empty, or ends with a slash."""
    no_token = '"00000000000000000000000000000000"'  # noqa: S105 - an ETag
    settle_s = 0.0

    @property
    def address(self) -> str:
        """For messages."""
        return f"s3://{self.name}/{self.prefix}".rstrip("/")

    def head(self, path: str) -> Head | None:
        """Return an object's ETag and size."""
        with contextlib.suppress(_AbsentError), self._translated_errors(path):
            found = self.client.head_object(**self._at(path))
            return Head(found["ETag"], found["ContentLength"])
        return None

    def get(self, path: str) -> tuple[bytes, str] | None:
        """Return an object's bytes and their ETag."""
        with contextlib.suppress(_AbsentError), self._translated_errors(path):
            found = self.client.get_object(**self._at(path))
            check_size(path, found["ContentLength"])
            return found["Body"].read(), found["ETag"]
        return None

    def read(self, path: str, start: int, length: int, token: str) -> bytes:
        """Return a part of an object."""
        try:
            with self._translated_errors(path):
                part = f"bytes={start}-{start + length - 1}"
                found = self.client.get_object(**self._at(path), Range=part, IfMatch=token)
                return bytes(found["Body"].read())
        except _AbsentError:
            raise self._lost(path) from None

    def put(self, path: str, data: bytes, token: str | None) -> str:
        """Write an object in one request, which takes up to 5 GB."""
        try:
            with self._translated_errors(path):
                written = self.client.put_object(
                    **self._at(path), Body=data, **_precondition(token)
                )
                return str(written["ETag"])
        except _AbsentError:
            # If-Match on an object that was deleted is answered with 404, not with 412.
            raise self._lost(path) from None

    def copy(self, source: str, target: str, token: str | None) -> bool:
        """Copy an object on the server."""
        origin = {"Bucket": self.name, "Key": self.prefix + source}
        with contextlib.suppress(_AbsentError), self._translated_errors(target):
            self.client.copy_object(**self._at(target), CopySource=origin, **_precondition(token))
            return True
        return False

    def delete(self, path: str, token: str | None) -> None:
        """Delete an object."""
        with contextlib.suppress(_AbsentError), self._translated_errors(path):
            self.client.delete_object(**self._at(path), **({"IfMatch": token} if token else {}))

    def top(self) -> set[str]:
        """Return the first parts of all paths."""
        names = set[str]()
        for page in self._pages(Prefix=self.prefix, Delimiter="/"):
            names.update(entry["Key"] for entry in page.get("Contents", ()))
            names.update(entry["Prefix"] for entry in page.get("CommonPrefixes", ()))
        # The folder itself is an object where a console or a mount has created it.
        names.discard(self.prefix)
        return {name.removeprefix(self.prefix).rstrip("/") for name in names}

    def _pages(self, **query: str) -> list[dict[str, Any]]:
        try:
            with self._translated_errors(query["Prefix"]):
                return list(
                    self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, **query)
                )
        except _AbsentError as error:
            raise self._no_bucket() from error

    def _at(self, path: str) -> dict[str, str]:
        return {"Bucket": self.name, "Key": self.prefix + path}

    @contextlib.contextmanager
    def _translated_errors(self, path: str) -> Iterator[None]:
        """Translate the library's errors to those of `Bucket`."""
        try:
            yield
        except aws.ClientError as error:
            raise self._translated(path, error) from error
        except (aws.HTTPClientError, aws.ConnectionError) as error:
            raise BusyError(str(error)) from error
        except aws.BotoCoreError as error:
            raise LakeError(
                f"{self.address} cannot be used: {error}", reason="E_LAKE_ADDRESS"
            ) from error

    def _translated(self, path: str, error: aws.ClientError) -> Exception:
        code = error.response.get("Error", {}).get("Code", "")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code in _CHANGED:
            return self._lost(path)
        if code in _ABSENT:
            return _AbsentError(path)
        if code == "NoSuchBucket":
            return self._no_bucket()
        # 501: the server does not implement the request, now or later.
        if code in _BUSY or status == 429 or (status >= 500 and status != 501):
            return BusyError(str(error))
        message = (
            f"{self.address}/{path} is refused by the server ({error}); see what these "
            "credentials may do there"
        )
        return LakeError(message, reason="E_LAKE_ACCESS")

    def _lost(self, path: str) -> LostRaceError:
        return LostRaceError(
            f"{self.address}/{path} was written by another process; read it again and retry"
        )

    def _no_bucket(self) -> LakeError:
        return LakeError(
            f"{self.address}: there is no bucket {self.name}; make it first",
            reason="E_LAKE_ADDRESS",
        )

    def list(self, prefix: str) -> list[str]:
        """Return the paths that begin with a prefix."""
        keys = list[str]()
        for page in self._pages(Prefix=self.prefix + prefix):
            keys += [entry["Key"] for entry in page.get("Contents", ())]
        return [key.removeprefix(self.prefix) for key in keys if not key.endswith("/")]


def _precondition(token: str | None) -> dict[str, str]:
    return {"IfNoneMatch": "*"} if token is None else {"IfMatch": token}


def s3_bucket(name: str, prefix: str) -> S3Bucket:
    """Return a folder of a bucket.

    Raise LakeError where boto3 cannot use the settings in the environment.
    """
    try:
        endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        return S3Bucket(_client(endpoint, os.environ.get("AWS_PROFILE"), os.getpid()), name, prefix)
    except (aws.BotoCoreError, ValueError) as error:
        raise LakeError(
            f"s3://{name} cannot be opened: {error}", reason="E_LAKE_ADDRESS"
        ) from error


@functools.lru_cache(maxsize=8)
def _client(endpoint: str | None, profile: str | None, process: int) -> Any:
    """Return a process's client for a server, safe for threads.

    `process` is in the key of the cache alone: connections must not be shared after a fork.
    """
    # One try, since RetryingBucket retries. If boto3 did, a lost response would go unnoticed, and a
    # write that succeeded would look like one that lost the race. Timeouts are a judgement: a
    # connection takes well under a second, the transfer of a large file some tens.
    retries = {"total_max_attempts": 1, "mode": "standard"}
    config = Config(retries=retries, connect_timeout=10, read_timeout=60, max_pool_connections=32)
    region = None if endpoint is None or os.environ.get("AWS_REGION") else _region()
    return boto3.session.Session(profile_name=profile).client(
        "s3", config=config, region_name=region
    )


def _region() -> str | None:
    """Return a region for a server other than AWS: it needs none, but boto3 signs no request
    without one. None where boto3's settings have a region.
    """
    return None if boto3.session.Session().region_name else "us-east-1"
