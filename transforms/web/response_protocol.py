"""Read responses from a connection in small steps, and within limits that aiohttp does not have.

aiohttp parses all bytes that have arrived at once, at about 5 µs for each informational response or
chunk of a body. A server that sends many small ones would hold the event loop, and with it all
other requests. So the bytes are parsed in pieces, one in each turn of the loop.

The head of a response is a piece of its own, so that what follows the declared length of a body
cannot spoil the response: it is dropped, as browsers do, and the connection is closed.
"""

import asyncio
import re
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

# Parsed in one turn of the loop: 4 KB in chunks of one byte take 2 ms.
_PIECE = 4096
# Responses with status 1xx before the one that counts. Twice what Go's client allows (five).
MAX_INFORMATIONAL = 10
# Bytes of a response's head, as in Chromium, with those of informational responses before it.
MAX_HEAD = 256 * 1024
# Bytes that chunks add to a body. 340 KB, the longest of 1,012 news pages, in chunks of two bytes
# would have 850 KB.
MAX_FRAMING = 1024 * 1024
# An empty line, with the end of the line before it; the parser takes LF for CRLF.
_END_OF_HEAD = re.compile(rb"\n\r?\n")
# Other bytes at the end of a chunked body that is complete belong to no response.
_END_OF_CHUNKS = (b"\n\r\n", b"\n\n")
# As many bytes of a head as may be the start of its end.
_OVERLAP = 2


class ResponseLimitError(aiohttp.ClientError):
    """A response that exceeds a limit of this module."""


class ResponseProtocol(ResponseHandler):
    """Parses what a connection receives piece by piece; one for each connection."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._unparsed = bytearray()
        self._is_scheduled = False
        self._start_response()

    def _start_response(self) -> None:
        self._in_head = True
        self._head_end = b""
        self._informational = 0
        self._head_size = 0
        self._body_size = 0
        self._body_length: int | None = None

    def set_response_params(self, **params: Any) -> None:
        """Expect the response to a new request."""
        self._start_response()
        super().set_response_params(**params)

    @property
    def should_close(self) -> bool:
        """Return whether the connection cannot be used for another request."""
        return bool(self._unparsed) or super().should_close

    def feed_data(self, data: Any, size: int = 0) -> None:
        """Pass on the response to the request, and no other."""
        message = data[0]
        if not self._in_head:
            self._abort()
        elif 100 <= message.code < 200 and message.code != 101:
            self._informational += 1
        else:
            self._in_head = False
            self._body_length = _declared_length(message)
            super().feed_data(data, size)

    def data_received(self, data: bytes) -> None:
        """Parse a first piece, and the others in the next turns."""
        if not data:
            # How aiohttp goes on after a pause.
            super().data_received(data)
        self._unparsed += data
        if not self._is_scheduled:
            self._parse_next()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Parse what has arrived before the end."""
        while self._unparsed and self.transport is not None:
            self._parse_piece()
        self._unparsed.clear()
        super().connection_lost(exc)

    def _parse_next(self) -> None:
        """Parse a piece, and schedule the next; nothing more is received in the meantime."""
        self._is_scheduled = False
        if self.transport is None:
            self._unparsed.clear()
        if self._unparsed and not self._reading_paused:
            self._parse_piece()
        if self._unparsed:
            self._pause_reading_for_buffer()
            self._schedule()
        elif self._buffer_paused and not self._tail:
            self._resume_reading_for_buffer()

    def _schedule(self) -> None:
        # `resume_reading` schedules the next piece if the reader of the body has paused.
        if not self._reading_paused:
            self._is_scheduled = True
            self._loop.call_soon(self._parse_next)

    def _parse_piece(self) -> None:
        """Parse the next bytes of a response; drop those that belong to none."""
        if self._is_complete():
            self._abort()
            return
        was_in_head = self._in_head
        piece = self._take_piece()
        super().data_received(piece)
        if was_in_head:
            self._count_head(len(piece))
            return
        self._count_body(len(piece))
        is_chunked = self._body_length is None
        if is_chunked and self._is_complete() and not piece.endswith(_END_OF_CHUNKS):
            self._abort()

    def _is_complete(self) -> bool:
        """Return whether the response has been received, with all of its body."""
        is_upgraded = self._upgraded or self._parser is None
        payload = self._payload
        return not (self._in_head or is_upgraded) and (payload is None or payload.is_eof())

    def _take_piece(self) -> bytes:
        """Take the next bytes, at most to the end of the head or the body."""
        size = _PIECE
        if self._in_head:
            size = self._head_piece()
        elif self._body_length is not None:
            size = min(_PIECE, max(1, self._body_length - self._body_size))
        piece = bytes(self._unparsed[:size])
        del self._unparsed[:size]
        return piece

    def _head_piece(self) -> int:
        """Return how many of the next bytes belong to the head; the first may be known before."""
        window = self._head_end + bytes(self._unparsed[:_PIECE])
        end = _END_OF_HEAD.search(window)
        size = end.end() - len(self._head_end) if end else _PIECE
        self._head_end = b"" if end else window[-_OVERLAP:]
        return size

    def _count_head(self, size: int) -> None:
        self._head_size += size
        if self._informational > MAX_INFORMATIONAL:
            self._refuse(f"over {MAX_INFORMATIONAL} informational responses")
        elif self._head_size > MAX_HEAD:
            self._refuse(f"head is over {MAX_HEAD} bytes")

    def _count_body(self, size: int) -> None:
        self._body_size += size
        payload = self._payload
        if payload is not None and self._body_size - payload.total_bytes > MAX_FRAMING:
            self._refuse(f"chunks add over {MAX_FRAMING} bytes to the body")

    def _refuse(self, message: str) -> None:
        error = ResponseLimitError(message)
        if self._payload is not None:
            self._payload.set_exception(error)
        self.set_exception(error)
        self._abort()

    def _abort(self) -> None:
        """End the connection; what was received of a response stays."""
        self._unparsed.clear()
        self.force_close()
        if self.transport is not None:
            self.transport.abort()


def _declared_length(message: Any) -> int | None:
    """Return the length of a body by its header, None if it has to be found by other means."""
    length = message.headers.get("Content-Length", "")
    return int(length) if length.isdigit() and not message.chunked else None
