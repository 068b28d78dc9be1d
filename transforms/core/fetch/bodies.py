"""Read a body as it comes in, decompressed, and never more of it than was agreed."""

import zlib
from dataclasses import dataclass, field

from transforms.errors import FetchError

ACCEPT_ENCODING = "gzip, deflate"
_PLAIN = frozenset({"", "identity", "none"})
_GZIP = frozenset({"gzip", "x-gzip"})
_STEP = 1 << 16


@dataclass
class BodyReader:
    """Collects one response body. `truncate` keeps the first `max_bytes` of a longer one instead of refusing it."""

    content_encoding: str | None
    max_bytes: int
    truncate: bool = False
    _chunks: list[bytes] = field(default_factory=list)
    _size: int = 0
    _received: int = 0
    _inflater: "zlib._Decompress | None" = None
    _deflate: bool = False

    def __post_init__(self) -> None:
        coding = (self.content_encoding or "").strip().lower()
        if coding in _GZIP:
            self._inflater = zlib.decompressobj(wbits=31)
        elif coding == "deflate":
            self._deflate = True
        elif coding not in _PLAIN:
            raise _encoding_error(f"content coding {coding[:60]!r}, asked for {ACCEPT_ENCODING}", retryable=False)

    @property
    def is_full(self) -> bool:
        """Return whether a truncating reader needs no more."""
        return self._size >= self.max_bytes and self.truncate

    def expect(self, length: int) -> None:
        """Refuse at once a body whose declared length on the wire is over the limit."""
        if length > self.max_bytes and not self.truncate:
            raise self._too_large()

    def feed(self, data: bytes) -> None:
        """Take the next bytes from the wire; FetchError when they make the body too large or cannot be decoded."""
        self._received += len(data)
        if self._received > self.max_bytes and not self.truncate:
            raise self._too_large()
        if self._deflate and data:
            self._deflate = False
            self._inflater = zlib.decompressobj(wbits=15 if _is_zlib(data) else -15)
        if self._inflater is None:
            self._keep(data)
        else:
            self._inflate(data)

    def content(self) -> bytes:
        """Return the whole body; FetchError when its compression broke off."""
        if self._inflater is not None and not self._inflater.eof and self._received and not self.is_full:
            raise _encoding_error("compressed body broke off", retryable=True)
        return b"".join(self._chunks)

    def _inflate(self, data: bytes) -> None:
        while data and not self.is_full:
            inflater = self._inflater
            assert inflater is not None  # noqa: S101 - feed() made it
            if inflater.eof:
                if not data.startswith(b"\x1f"):
                    return
                inflater = self._inflater = zlib.decompressobj(wbits=31)
            try:
                self._keep(inflater.decompress(data, _STEP))
            except zlib.error as error:
                raise _encoding_error(f"compressed body is broken: {error}", retryable=False) from error
            data = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
        if not self.is_full:
            self._drain()

    def _drain(self) -> None:
        """Take what the decompressor still holds back."""
        inflater = self._inflater
        while inflater is not None and not inflater.eof and not self.is_full:
            held = inflater.decompress(b"", _STEP)
            if not held:
                return
            self._keep(held)

    def _keep(self, data: bytes) -> None:
        room = self.max_bytes - self._size
        if len(data) > room:
            if not self.truncate:
                raise self._too_large()
            data = data[:room]
        self._chunks.append(data)
        self._size += len(data)

    def _too_large(self) -> FetchError:
        self._chunks.clear()
        return FetchError(f"body is over {self.max_bytes} bytes", reason="E_FETCH_TOO_LARGE", status="too_large")


def _is_zlib(head: bytes) -> bool:
    """Return whether deflate data has the zlib header that RFC 9110 asks for and some servers leave out."""
    return head[0] & 0x0F == 8 and (len(head) < 2 or int.from_bytes(head[:2]) % 31 == 0)


def _encoding_error(message: str, *, retryable: bool) -> FetchError:
    return FetchError(message, reason="E_FETCH_ENCODING", retryable=retryable)
