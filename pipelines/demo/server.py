"""A server on loopback for a folder of sites, one folder a host, which the demo reads instead of
the web.
"""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/feed+json",
    ".rdf": "application/rdf+xml",
    ".txt": "text/plain; charset=utf-8",
    ".xml": "application/xml",
}


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve the folder within the block; yields the HOST:PORT for `WebOptions.connect_to`."""

    class Handler(_Handler):
        """Serves the pages of this folder."""

        # All files are read beforehand and looked up by name: no request can reach another path.
        pages = _read_files(folder)

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)


def _read_files(folder: Path) -> dict[str, tuple[str, bytes]]:
    """Return content type and bytes of each file, by the host and path of its URL."""
    found = {}
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix in _TYPES:
            found[_address(file.relative_to(folder))] = (_TYPES[file.suffix], file.read_bytes())
    return found


def _address(file: Path) -> str:
    """Return host and path of a file's URL: without `index.html`, and without `.html` of a page."""
    suffix = "index.html" if file.name == "index.html" else ".html"
    return file.as_posix().removesuffix(suffix)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Do not log clients that disconnect."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    pages: dict[str, tuple[str, bytes]]

    def do_GET(self) -> None:
        """Respond with 200, 304 to a matching validator, or 404."""
        host = self.headers.get("Host", "").partition(":")[0].lower()
        page = self.pages.get(host + unquote(urlsplit(self.path).path))
        if page is None:
            self._answer(HTTPStatus.NOT_FOUND, b"not found", {"Content-Type": "text/plain"})
            return
        kind, data = page
        etag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == etag:
            self._answer(HTTPStatus.NOT_MODIFIED, b"", {"ETag": etag})
        else:
            self._answer(HTTPStatus.OK, data, {"ETag": etag, "Content-Type": kind})

    def _answer(self, status: HTTPStatus, data: bytes, headers: dict[str, str]) -> None:
        with suppress(OSError):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status is not HTTPStatus.NOT_MODIFIED:
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Do not log requests."""
