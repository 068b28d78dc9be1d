"""Read a response body as it arrives, decompressed, up to a limit."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from transforms.core.fetch.codings import BROKEN, Decoder, decoders, encoding_error
from transforms.errors import FetchError


@dataclass
class BodyReader:
    """Collects one response body.

    `truncate` keeps the first `max_bytes` of a longer one instead of refusing it. The limit
    applies to the bytes on the wire, to the body, and to the data between nested codings.
    """

    content_encoding: str | None
    max_bytes: int
    truncate: bool = False
    _chunks: list[bytes] = field(default_factory=list)
    _size: int = 0
    _received: int = 0
    _decoders: list[Decoder] = field(default_factory=list)
    _between: int = 0

    def __post_init__(self) -> None:
        self._decoders = decoders(self.content_encoding)

    @property
    def is_full(self) -> bool:
        """Return whether a truncating reader needs no more."""
        return self.truncate and max(self._size, self._received, self._between) >= self.max_bytes

    def expect(self, length: int) -> None:
        """Raise FetchError for a body whose declared length on the wire is over the limit."""
        if length > self.max_bytes and not self.truncate:
            raise self._too_large()

    def feed(self, data: bytes) -> None:
        """Take the next bytes from the wire.

        Raises FetchError when they make the body too large or cannot be decoded.
        """
        if not data:
            return
        self._received += len(data)
        if self._received > self.max_bytes and not self.truncate:
            raise self._too_large()
        try:
            for chunk in self._decoded(data, 0):
                self._keep(chunk)
                if self._size >= self.max_bytes and self.truncate:
                    return
        except BROKEN as error:
            raise encoding_error(f"compressed body is broken: {error}", retryable=False) from error

    def content(self) -> bytes:
        """Return the whole body; raises FetchError when its compression is incomplete."""
        is_complete = all(decoder.is_complete for decoder in self._decoders)
        if self._received and not self.is_full and not is_complete:
            raise encoding_error("compressed body is incomplete", retryable=True)
        return b"".join(self._chunks)

    def _decoded(self, data: bytes, depth: int) -> Iterator[bytes]:
        """Yield the data with the codings from `depth` on undone."""
        if depth == len(self._decoders):
            yield data
            return
        for chunk in self._decoders[depth].feed(data):
            if depth + 1 < len(self._decoders):
                self._count_between(chunk)
            if chunk:
                yield from self._decoded(chunk, depth + 1)

    def _count_between(self, chunk: bytes) -> None:
        self._between += len(chunk)
        if self._between > self.max_bytes and not self.truncate:
            raise self._too_large()

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
        return FetchError(
            f"body is over {self.max_bytes} bytes", reason="E_FETCH_TOO_LARGE", status="too_large"
        )
