"""Undo a content coding (RFC 9110 section 8.4) piece by piece, so that no input makes much output at once.

gzip and deflate: RFC 1952, 1950, 1951; brotli: RFC 7932; zstd: RFC 8878, its window at most 8 MB as RFC 9659 says.
"""

import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

import brotli
import zstandard

from transforms.errors import FetchError

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
MAX_CODINGS = 2
"""Codings one over the other: two occur, where a server packs what was packed already; more is no accident."""

_PIECE = 1 << 16
_ZSTD_WINDOW = 8 << 20
# Four bytes of zstd can become 128 KB, and its decompressor holds nothing back: so it gets little at a time.
_ZSTD_STEP = 256


class Decoder(Protocol):
    """Undoes one coding of a stream; what it raises for broken data is among `BROKEN`."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what the next bytes decode to, in pieces of bounded size."""

    @property
    def is_complete(self) -> bool:
        """Return whether the coded data has come to its end."""


class Gzip:
    """gzip, members one after the other; what follows the last one and is none is ignored."""

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(wbits=31)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the inflated bytes."""
        while data:
            if self._inflater.eof:
                if not data.startswith(b"\x1f"):
                    return
                self._inflater = zlib.decompressobj(wbits=31)
            yield from _inflated(self._inflater, data)
            data = self._inflater.unused_data

    @property
    def is_complete(self) -> bool:
        """Return whether the last member has ended."""
        return self._inflater.eof


class Deflate:
    """deflate, with the zlib header that RFC 9110 asks for or, as some servers send it, without."""

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
    """br; anything after its end is an error, as the library has it."""

    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the decompressed bytes."""
        yield self._decompressor.process(data, output_buffer_limit=_PIECE)
        while not (self._decompressor.is_finished() or self._decompressor.can_accept_more_data()):
            yield self._decompressor.process(b"", output_buffer_limit=_PIECE)

    @property
    def is_complete(self) -> bool:
        """Return whether the stream has ended."""
        return bool(self._decompressor.is_finished())


class Zstd:
    """zstd, frames one after the other; what follows the last one and is none is ignored."""

    def __init__(self) -> None:
        self._frame = _zstd_frame()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the decompressed bytes."""
        for start in range(0, len(data), _ZSTD_STEP):
            yield from self._step(data[start : start + _ZSTD_STEP])

    def _step(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._frame.eof:
                if not _ZSTD_MAGIC.startswith(data[:4]):
                    return
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
    """Return what undoes a Content-Encoding, outermost coding first; FetchError for one that we did not ask for."""
    codings = [coding.strip().lower() for coding in (content_encoding or "")[:1000].split(",")]
    named = [coding for coding in codings if coding not in _PLAIN]
    if len(named) > MAX_CODINGS or any(coding not in _DECODERS for coding in named):
        raise encoding_error(
            f"content coding {', '.join(named)[:60]!r}, asked for {ACCEPT_ENCODING}",
            retryable=False,
        )
    return [_DECODERS[coding]() for coding in reversed(named)]


def encoding_error(message: str, *, retryable: bool) -> FetchError:
    """Return the error for a coded body that cannot be read."""
    return FetchError(message, reason="E_FETCH_ENCODING", retryable=retryable)


def _inflated(inflater: "zlib._Decompress", data: bytes) -> Iterator[bytes]:
    """Yield what the data inflates to, with what the inflater still holds back."""
    while data and not inflater.eof:
        yield inflater.decompress(data, _PIECE)
        data = inflater.unconsumed_tail
    while not inflater.eof and (held := inflater.decompress(b"", _PIECE)):
        yield held


def _is_zlib(head: bytes) -> bool:
    return head[0] & 0x0F == 8 and (len(head) < 2 or int.from_bytes(head[:2]) % 31 == 0)


def _zstd_frame() -> "zstandard.ZstdDecompressionObj":
    return zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
