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
    # Not a list of chunks: in a body sent byte by byte their objects would be larger than the body.
    _kept: bytearray = field(default_factory=bytearray)
    _received: int = 0
    _decoders: list[Decoder] = field(default_factory=list)
    _between: int = 0

    def __post_init__(self) -> None:
        self._decoders = decoders(self.content_encoding)

    @property
    def is_full(self) -> bool:
        """Return whether a truncating reader needs no more."""
        return (
            self.truncate and max(len(self._kept), self._received, self._between) >= self.max_bytes
        )

    def expect(self, length: int) -> None:
        """Raise FetchError for a body whose declared length on the wire is over the limit."""
        if length > self.max_bytes and not self.truncate:
            raise self._too_large()

    def feed(self, data: bytes) -> None:
        """Take the next bytes from the wire.

        Raises FetchError when they make the body too large or cannot be decoded.
        """
        for _ in self.steps(data):
            pass

    def steps(self, data: bytes) -> Iterator[None]:
        """Take the next bytes from the wire in steps that are short whatever the data is.

        Raises what `feed` raises.
        """
        if not data:
            return
        self._received += len(data)
        if self._received > self.max_bytes and not self.truncate:
            raise self._too_large()
        try:
            for chunk in self._decoded(data, 0):
                self._keep(chunk)
                if len(self._kept) >= self.max_bytes and self.truncate:
                    return
                yield
        except BROKEN as error:
            raise encoding_error(f"compressed body is broken: {error}", retryable=False) from error

    def content(self) -> bytes:
        """Return the whole body; raises FetchError when its compression is incomplete."""
        is_complete = all(decoder.is_complete for decoder in self._decoders)
        if self._received and not self.is_full and not is_complete:
            raise encoding_error("compressed body is incomplete", retryable=True)
        return bytes(self._kept)

    def _decoded(self, data: bytes, depth: int) -> Iterator[bytes]:
        """Yield the data with the codings from `depth` on undone."""
        if depth == len(self._decoders):
            yield data
            return
        for chunk in self._decoders[depth].feed(data):
            if depth + 1 < len(self._decoders):
                self._count_between(chunk)
            # A chunk without data is a step too.
            yield from self._decoded(chunk, depth + 1) if chunk else (chunk,)

    def _count_between(self, chunk: bytes) -> None:
        self._between += len(chunk)
        if self._between > self.max_bytes and not self.truncate:
            raise self._too_large()

    def _keep(self, data: bytes) -> None:
        room = self.max_bytes - len(self._kept)
        if len(data) > room:
            if not self.truncate:
                raise self._too_large()
            data = data[:room]
        self._kept += data

    def _too_large(self) -> FetchError:
        self._kept.clear()
        return FetchError(
            f"body is over {self.max_bytes} bytes", reason="E_FETCH_TOO_LARGE", status="too_large"
        )
