"""Bucket servers on loopback: moto for S3, two emulators for Google Cloud Storage; and buckets that
fail or pause at a request.
"""

import contextlib
import logging
import os
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from transforms.cloud.bucket import Bucket, BusyError
from transforms.errors import LakeError

BUCKET = "lakes"
WSGI = Callable[[dict[str, Any], Any], Iterable[bytes]]


class OneAtATime:
    """An application that serves one request at a time.

    moto compares a condition and then writes, which S3 does atomically.
    """

    def __init__(self, app: WSGI) -> None:
        self._app, self._busy = app, threading.Lock()

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        with self._busy:
            return list(self._app(environ, start))


@contextlib.contextmanager
def s3() -> Iterator[dict[str, str]]:
    """Run moto's S3; yield the environment that leads there."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server(
        "127.0.0.1", 0, OneAtATime(DomainDispatcherApplication(create_backend_app)), threaded=True
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    environment = {
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{server.server_port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    try:
        with environ(environment):
            s3_at("").client.create_bucket(Bucket=BUCKET)
        yield environment
    finally:
        server.shutdown()
        thread.join()


@contextlib.contextmanager
def gcs() -> Iterator[dict[str, str]]:
    """Run fake-gcs-server, which compares generations on uploads.

    Skip where it is not installed.
    """
    binary = shutil.which("fake-gcs-server")
    if binary is None:
        pytest.skip(
            "fake-gcs-server is not installed: go install github.com/fsouza/fake-gcs-server@latest"
        )
    port = free_port()
    options = [
        "-scheme",
        "http",
        "-host",
        "127.0.0.1",
        "-port",
        str(port),
        "-backend",
        "memory",
        "-log-level",
        "error",
    ]
    process = subprocess.Popen([binary, *options, "-public-host", f"127.0.0.1:{port}"])
    environment = {"STORAGE_EMULATOR_HOST": f"http://127.0.0.1:{port}"}
    try:
        wait_for(f"http://127.0.0.1:{port}/storage/v1/b?project=test")
        with environ(environment):
            gcs_at("").client.create_bucket(BUCKET)
        yield environment
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def gcs_blind() -> Iterator[dict[str, str]]:
    """Run gcp-storage-emulator, which ignores the generation that a write names."""
    from gcp_storage_emulator.server import create_server

    logging.getLogger("gcp_storage_emulator").setLevel(logging.CRITICAL)
    port = free_port()
    server = create_server("127.0.0.1", port, in_memory=True, default_bucket=BUCKET)
    server.start()
    try:
        yield {"STORAGE_EMULATOR_HOST": f"http://127.0.0.1:{port}"}
    finally:
        server.stop()


def moto_put(key: str, data: bytes) -> None:
    """Put an object into moto's memory, past its server, which takes 20 s for a thousand."""
    from moto.s3.models import s3_backends

    s3_backends["123456789012"]["aws"].put_object(BUCKET, key, data)


def s3_at(prefix: str) -> Any:
    """Return part of the bucket on S3."""
    from transforms.cloud.s3 import s3_bucket

    return s3_bucket(BUCKET, prefix)


def gcs_at(prefix: str) -> Any:
    """Return part of the bucket on Google Cloud Storage."""
    from transforms.cloud.gcs import gcs_bucket

    return gcs_bucket(BUCKET, prefix)


@contextlib.contextmanager
def environ(values: dict[str, str]) -> Iterator[None]:
    """Set environment variables for a while."""
    before = {k: os.environ.get(k) for k in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def free_port() -> int:
    """Return a free port of loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str) -> None:
    """Wait until a server answers."""
    for _ in range(200):
        with contextlib.suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310 - loopback
            return
        time.sleep(0.05)
    raise TimeoutError(url)


class Killed(BaseException):
    """The process that uses a bucket is dead."""


class MortalBucket:
    """A bucket whose user dies at its n-th request (0: never) and sends no further request.

    With `late`, the server carries out the n-th request, or refuses it, and its response is lost.
    """

    def __init__(self, raw: Bucket, at: int, *, late: bool = False) -> None:
        self._raw, self._at, self._late, self.dead = raw, at, late, False
        self._user = threading.current_thread()
        self.requests = 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._raw, name)
        return self._counting(found) if callable(found) else found

    def _counting(self, send: Callable[..., Any]) -> Callable[..., Any]:
        def request(*args: Any) -> Any:
            self.requests += not self.dead
            if self.requests != self._at:
                return send(*args)
            if self._late and not self.dead:
                with contextlib.suppress(LakeError):
                    send(*args)
            self.dead = True
            raise Killed if threading.current_thread() is self._user else BusyError("killed")

        return request


class PausedBucket:
    """A bucket whose user is paused at its n-th request, with all its threads, until `go_on`."""

    def __init__(self, raw: Bucket, at: int) -> None:
        self._raw, self._left = raw, at
        self._going, self.is_paused = threading.Event(), threading.Event()
        self._going.set()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._raw, name)
        return self._pausing(found) if callable(found) else found

    def go_on(self) -> None:
        """Send the requests that wait."""
        self._going.set()

    def _pausing(self, send: Callable[..., Any]) -> Callable[..., Any]:
        def request(*args: Any) -> Any:
            self._left -= 1
            if self._left == 0:
                self._going.clear()
                self.is_paused.set()
            self._going.wait()
            return send(*args)

        return request
