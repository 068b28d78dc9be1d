"""A local web server that misbehaves as real ones do, and records each request."""

import gzip
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import brotli
import zstandard

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Seen:
    """One request as it came in; `at` is on the monotonic clock."""

    at: float
    host: str
    path: str
    headers: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://{self.host}{self.path}"


@dataclass
class Site:
    """Answers by `host/path`, else by `/path`, with the query and without, else 404.

    `address` is for `connect_to`.
    """

    routes: dict[str, Answer] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    spans: list[tuple[float, float, str]] = field(default_factory=list)
    """When each request began and ended, and its URL."""
    address: str = ""
    stopped: threading.Event = field(default_factory=threading.Event)

    def requests_for(self, part: str) -> list[Seen]:
        """Return the requests whose URL contains the text, in order."""
        return [one for one in self.seen if part in one.url]


@contextmanager
def serve(
    routes: dict[str, Answer] | None = None, *, tls: ssl.SSLContext | None = None
) -> Iterator[Site]:
    """Run a site while the block lasts."""
    site = Site(routes=dict(routes or {}))

    class Handler(_Handler):
        """Knows its site."""

        the_site = site

    server = _Server(("127.0.0.1", 0), Handler)
    server.tls = tls
    site.address = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    tls: ssl.SSLContext | None = None

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Shake hands in the connection's own thread."""
        if self.tls is not None:
            request.settimeout(10)
            request = self.tls.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients hang up in the middle here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    the_site: Site

    def do_GET(self) -> None:
        host = self.headers.get("Host", "")
        begun = time.monotonic()
        self.the_site.seen.append(Seen(begun, host, self.path, dict(self.headers.items())))
        bare = self.path.split("?", 1)[0]
        names = (host + self.path, self.path, host + bare, bare)
        answer = next(
            (self.the_site.routes[name] for name in names if name in self.the_site.routes),
            status(404),
        )
        with suppress(OSError):
            answer(self)
        self.the_site.spans.append((begun, time.monotonic(), f"http://{host}{self.path}"))

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def respond(
    body: bytes | str = b"",
    *,
    kind: str = "text/html; charset=utf-8",
    code: int = 200,
    **headers: str,
) -> Answer:
    """Answer with a body; header names are written with underscores."""
    data = body.encode() if isinstance(body, str) else body

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        handler.send_header("Content-Type", kind)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def status(code: int, **headers: str) -> Answer:
    """Answer with a status and a word."""
    return respond(f"status {code}", code=code, **headers)


def redirect(target: str, code: int = 302) -> Answer:
    """Send the client elsewhere."""
    return respond(b"", code=code, Location=target)


def with_etag(body: bytes | str, etag: str, *, kind: str = "application/rss+xml") -> Answer:
    """Answer 304 to who has the body already."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.headers.get("If-None-Match") == etag:
            handler.send_response(304)
            handler.send_header("ETag", etag)
            handler.end_headers()
        else:
            respond(body, kind=kind, ETag=etag)(handler)

    return answer


def in_turn(*answers: Answer) -> Answer:
    """Answer each request as the next one says; the last says it for all that follow."""
    left = list(answers)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return answer


def slow(seconds: float = 60.0, interval: float = 0.2) -> Answer:
    """Send one byte at a time for as long as the client stays."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        _head(handler)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(interval)

    return answer


def endless() -> Answer:
    """Send chunks without end."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        _head(handler, Transfer_Encoding="chunked")
        chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        while True:
            handler.wfile.write(chunk)

    return answer


def huge(size: int, *, declared: bool) -> Answer:
    """Send a long body, its length declared or not."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        _head(handler, **({"Content_Length": str(size)} if declared else {}))
        for _ in range(size // 65536):
            handler.wfile.write(b"x" * 65536)

    return answer


def bomb(size: int, coding: str = "gzip") -> Answer:
    """Send few bytes that unpack to many; two codings, the same twice, are packed twice."""
    first, *again = coding.split(",")
    packed = pack(size, first.strip())
    for name in again:
        packed = PACKERS[name.strip()](packed)
    return respond(packed, Content_Encoding=coding)


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}


@cache
def pack(size: int, coding: str) -> bytes:
    """Return that many NUL bytes packed, without ever holding them all."""
    packers: dict[str, Callable[[], Any]] = {
        "gzip": lambda: zlib.compressobj(wbits=31),
        "deflate": zlib.compressobj,
        "br": lambda: brotli.Compressor(quality=3),
        "zstd": lambda: zstandard.ZstdCompressor().compressobj(),
    }
    packer = packers[coding]()
    step = packer.process if coding == "br" else packer.compress
    block = bytes(1 << 20)
    parts: list[bytes] = [step(block) for _ in range(size >> 20)]
    parts.append(packer.finish() if coding == "br" else packer.flush())
    return b"".join(parts)


def raw(data: bytes, *, hold_s: float = 0.0) -> Answer:
    """Send bytes that may be no HTTP at all, wait, and hang up."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        handler.wfile.write(data)
        handler.wfile.flush()
        time.sleep(hold_s)
        handler.connection.shutdown(socket.SHUT_RDWR)

    return answer


def without_end(
    start: bytes, piece: bytes, *, interval: float = 0.0, seconds: float = 30.0
) -> Answer:
    """Send a start, then one piece again and again for as long as the client stays."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        handler.wfile.write(start)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            handler.wfile.write(piece)
            handler.wfile.flush()
            time.sleep(interval)

    return answer


def late(answer: Answer, seconds: float) -> Answer:
    """Answer after a while."""

    def wait(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(seconds)
        answer(handler)

    return wait


def hang_up(after: bytes = b"") -> Answer:
    """Close the connection, at once or within the body."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if after:
            _head(handler, Content_Length="100000")
            handler.wfile.write(after)
            handler.wfile.flush()
        handler.close_connection = True
        handler.connection.close()

    return answer


def _head(handler: BaseHTTPRequestHandler, **headers: str) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    if "Content_Length" not in headers and "Transfer_Encoding" not in headers:
        handler.send_header("Connection", "close")
        handler.close_connection = True
    handler.end_headers()
