"""Undo content codings (RFC 9110 section 8.4) in chunks, so that no call makes much output.

gzip and deflate: RFC 1952, 1950, 1951; brotli: RFC 7932; zstd: RFC 8878.
"""

import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

import brotli
import zstandard

from transforms.errors import FetchError

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
# Codings one over the other. Two occur, where a server compresses a compressed file; more would
# multiply what a small body can grow to.
MAX_CODINGS = 2

# Largest output of one call: small against the limit of a body.
_CHUNK = 1 << 16
# The largest window that an encoder may use in HTTP (RFC 9659).
_ZSTD_WINDOW = 8 << 20
# Four bytes of zstd can become 128 KB, and its decompressor has no output limit: so it gets little
# at a time.
_ZSTD_STEP = 256
# Gzip members or zstd frames of one body. Each costs 10 µs however little it holds, and a body has
# room for a million. Parallel compressors write one for every 64 KB or more: 160 for 10 MB.
MAX_FRAMES = 1000
# Names in a message, and the header's value that is parsed, in characters.
_MAX_QUOTED, _MAX_HEADER = 60, 1000


class Decoder(Protocol):
    """Undoes one coding of a stream; the errors it raises for broken data are in `BROKEN`."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what the next bytes decode to, in chunks of bounded size."""

    @property
    def is_complete(self) -> bool:
        """Return whether the coded data has come to its end."""


class Gzip:
    """gzip, members one after the other; other data after the last one is ignored."""

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(wbits=31)
        self._members = 1

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the inflated bytes."""
        while data:
            if self._inflater.eof:
                if not data.startswith(b"\x1f"):
                    return
                self._members = _one_more_frame(self._members)
                self._inflater = zlib.decompressobj(wbits=31)
            yield from _inflated(self._inflater, data)
            data = self._inflater.unused_data

    @property
    def is_complete(self) -> bool:
        """Return whether the last member has ended."""
        return self._inflater.eof


class Deflate:
    """deflate, with the zlib header that RFC 9110 requires or, as some servers send it, without."""

    def __init__(self) -> None:
        self._inflater: zlib._Decompress | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the inflated bytes."""
        if self._inflater is None:
            self._inflater = zlib.decompressobj(wbits=15 if _is_zlib(data) else -15)
        if not self._inflater.eof:
            yield from _inflated(self._inflater, data)

    @property
    def is_complete(self) -> bool:
        """Return whether the stream has ended."""
        return self._inflater is not None and self._inflater.eof


class Brotli:
    """br; the library raises an error for anything after its end."""

    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the decompressed bytes."""
        yield self._decompressor.process(data, output_buffer_limit=_CHUNK)
        while not (self._decompressor.is_finished() or self._decompressor.can_accept_more_data()):
            yield self._decompressor.process(b"", output_buffer_limit=_CHUNK)

    @property
    def is_complete(self) -> bool:
        """Return whether the stream has ended."""
        return bool(self._decompressor.is_finished())


class Zstd:
    """zstd, frames one after the other; other data after the last one is ignored."""

    def __init__(self) -> None:
        self._frame = _zstd_frame()
        self._frames = 1

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the decompressed bytes."""
        for start in range(0, len(data), _ZSTD_STEP):
            yield from self._step(data[start : start + _ZSTD_STEP])

    def _step(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._frame.eof:
                if not _ZSTD_MAGIC.startswith(data[:4]):
                    return
                self._frames = _one_more_frame(self._frames)
                self._frame = _zstd_frame()
            yield self._frame.decompress(data)
            data = self._frame.unused_data

    @property
    def is_complete(self) -> bool:
        """Return whether the last frame has ended."""
        return bool(self._frame.eof)


BROKEN = (zlib.error, brotli.error, zstandard.ZstdError)
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_DECODERS: dict[str, Callable[[], Decoder]] = {
    "gzip": Gzip,
    "x-gzip": Gzip,
    "deflate": Deflate,
    "br": Brotli,
    "zstd": Zstd,
}
_PLAIN = frozenset({"", "identity", "none"})


def decoders(content_encoding: str | None) -> list[Decoder]:
    """Return the decoders of a Content-Encoding, outermost coding first.

    Raises FetchError for a coding that was not accepted, or too many.
    """
    codings = [
        coding.strip().lower() for coding in (content_encoding or "")[:_MAX_HEADER].split(",")
    ]
    named = [coding for coding in codings if coding not in _PLAIN]
    if len(named) > MAX_CODINGS or any(coding not in _DECODERS for coding in named):
        raise encoding_error(
            f"content coding {', '.join(named)[:_MAX_QUOTED]!r}, accepted are {ACCEPT_ENCODING}",
            retryable=False,
        )
    return [_DECODERS[coding]() for coding in reversed(named)]


def encoding_error(message: str, *, retryable: bool) -> FetchError:
    """Return the error for a coded body that cannot be read."""
    return FetchError(message, reason="E_FETCH_ENCODING", retryable=retryable)


def _one_more_frame(count: int) -> int:
    """Return the number of frames with the next one; raises FetchError for too many."""
    if count >= MAX_FRAMES:
        raise FetchError(
            f"compressed body has over {MAX_FRAMES} frames",
            reason="E_FETCH_TOO_LARGE",
            status="too_large",
        )
    return count + 1


def _inflated(inflater: "zlib._Decompress", data: bytes) -> Iterator[bytes]:
    """Yield what the data inflates to, with what the inflater has buffered."""
    while data and not inflater.eof:
        yield inflater.decompress(data, _CHUNK)
        data = inflater.unconsumed_tail
    while not inflater.eof:
        buffered = inflater.decompress(b"", _CHUNK)
        if not buffered:
            return
        yield buffered


def _is_zlib(head: bytes) -> bool:
    """Return whether data begins with a zlib header (RFC 1950 section 2.2)."""
    return head[0] & 0x0F == 8 and (len(head) < 2 or int.from_bytes(head[:2]) % 31 == 0)


def _zstd_frame() -> "zstandard.ZstdDecompressionObj":
    return zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
