"""Random access to an object: a small one is read whole, a large one in the requested ranges."""

import io
from typing import BinaryIO

from transforms.cloud.bucket import Bucket
from transforms.core.lake.log.store import LostRaceError

SMALL = 4 * 2**20
"""Bytes up to which an object is read with one request. A judgement: Parquet needs several ranges
of a file, and each costs a request's latency.
"""
# Bytes read ahead. A judgement: a request takes about as long as the transfer of a megabyte.
_BUFFER = 2**20


class ObjectFile(io.RawIOBase):
    """An object as it was when it was opened.

    Reading raises LostRaceError once it was replaced.
    """

    def __init__(self, bucket: Bucket, path: str, token: str, size: int) -> None:
        self._bucket, self._path, self._token, self._size = bucket, path, token, size
        self._at = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position of the next byte to read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Set and return the position of the next byte to read."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError(f"{self._path}: position {start + offset} is before the first byte")
        self._at = start + offset
        return self._at

    def readall(self) -> bytes:
        """Return the remaining bytes, with one request."""
        rest = bytearray(max(0, self._size - self._at))
        self.readinto(memoryview(rest))
        return bytes(rest)

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read into a buffer, with one request; return the number of bytes read."""
        length = min(len(buffer), self._size - self._at)
        if length <= 0:
            return 0
        data = self._bucket.read(self._path, self._at, length, self._token)
        if len(data) != length:
            raise LostRaceError(f"{self._path} was replaced while it was read; read it again")
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def open_object(bucket: Bucket, path: str) -> BinaryIO | None:
    """Return an object opened for reading at random; None where there is no object."""
    head = bucket.head(path)
    if head is None:
        return None
    if head.size <= SMALL:
        found = bucket.get(path)
        return io.BytesIO(found[0]) if found else None
    return io.BufferedReader(ObjectFile(bucket, path, head.token, head.size), _BUFFER)
