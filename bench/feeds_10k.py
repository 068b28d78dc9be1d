"""A run over ten thousand feeds, one in twenty of them dead: feeds per second, memory, outcomes.

    python -m bench.feeds_10k [--feeds 10000] [--deadline 900] [--json]

A server on loopback, in its own process, serves each feed under its own domain. Dead feeds fail in
five ways: unknown host name, connection refused, untrusted certificate, 404, and no response. Names
are resolved by a stub, so no packet leaves the machine. The memory is that of the run's process,
without its pool's.
"""

import argparse
import asyncio
import json
import multiprocessing
import resource
import socket
import ssl
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from pipelines.jobs.ingest import IngestPlan
from pipelines.jobs.plan import Progress, Reporter
from pipelines.jobs.run_options import RunOptions
from pipelines.jobs.runner import run_job
from tests.helpers.certificates import Authority
from transforms.core.feeds.lists import feed_source
from transforms.lake_views import connect
from transforms.pool import PoolOptions
from transforms.records import FeedSource
from transforms.web import WebOptions

NOW = datetime(2024, 5, 6, 12, tzinfo=UTC)
DEAD = ("dns", "refused", "tls", "404", "hang")
ONE_DEAD_IN = 20
PAPERS = 60
"""Sites that the feeds link to: few, so that the run measures feeds rather than pages."""
ITEMS = 3
TIMEOUT_S = 5.0
"""Below the client's default, since a feed that never responds occupies a connection this long."""
HANG_S = 600
"""How long a hanging feed keeps its connection open: far longer than the client waits."""
STORY = (
    (
        "The foreign minister of Kenya met the envoy of France in Nairobi on Monday to speak "
        "of port number {n}."
    ),
    (
        "The talks went on into the night, and both sides said that they would meet again in "
        "Paris within a week."
    ),
    (
        "Fishermen said that they had heard of such talks before, and that the harbour wall "
        "had not been mended since."
    ),
)


def kind_of(number: int) -> str:
    """Return "live", or the way in which a feed is dead."""
    return DEAD[number // ONE_DEAD_IN % len(DEAD)] if number % ONE_DEAD_IN == 0 else "live"


def sources(count: int, ports: dict[str, int]) -> list[FeedSource]:
    """Return `count` feeds on the server's ports, which are given by kind."""
    return [feed_source(_url(number, ports)) for number in range(count)]


def _url(number: int, ports: dict[str, int]) -> str:
    kind = kind_of(number)
    port = ports.get(kind, ports["http"])
    return f"{'https' if kind == 'tls' else 'http'}://{kind}{number}.test:{port}/feed"


def stub_resolver() -> None:
    """Resolve names under .test to loopback, except those of feeds without a host name."""
    real = socket.getaddrinfo

    def resolve(host: Any, *args: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host)
        if name.startswith("dns"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real("127.0.0.1" if name.endswith(".test") else host, *args, **options)

    socket.getaddrinfo = resolve


def serve(parent: Connection, folder: str) -> None:
    """Send the ports to the parent, then serve feeds and pages until the process is terminated."""
    # Each feed has its own connection; the usual soft limit is 1,024 open files.
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    context = Authority(Path(folder)).context("nobody.test", own=True)

    async def main() -> None:
        http = await asyncio.start_server(_answer, "127.0.0.1", 0, backlog=1024)
        tls = await asyncio.start_server(_answer, "127.0.0.1", 0, ssl=context, backlog=1024)
        # A port that was free a moment ago and is closed again refuses connections.
        with socket.create_server(("127.0.0.1", 0)) as closed:
            refused = closed.getsockname()[1]
        ports = [server.sockets[0].getsockname()[1] for server in (http, tls)]
        parent.send({"http": ports[0], "tls": ports[1], "refused": refused})
        await http.serve_forever()

    asyncio.run(main())


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            lines = head.decode("latin-1").split("\r\n")
            path = lines[0].split(" ")[1]
            host = next(line[6:] for line in lines if line.lower().startswith("host: "))
            if host.startswith("hang"):
                await asyncio.sleep(HANG_S)
            body = _body(host, path)
            status = "404 Not Found" if body is None else "200 OK"
            kind = "application/rss+xml" if path == "/feed" else "text/html"
            data = body or b"nothing here"
            writer.write(
                (
                    f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: "
                    f"{len(data)}\r\n\r\n"
                ).encode()
            )
            writer.write(data)
            await writer.drain()
    except (asyncio.IncompleteReadError, OSError, ssl.SSLError):
        pass
    finally:
        writer.close()


def _body(host: str, path: str) -> bytes | None:
    """Return the feed or the story of a host, or None for 404."""
    name, _, port = host.partition(":")
    if path == "/feed" and name.startswith("live"):
        number = int(name.removeprefix("live").removesuffix(".test"))
        # Neighbouring feeds link to different papers, and each paper is linked from many feeds.
        papers = sorted({(number * 7 + k * 11) % PAPERS for k in range(ITEMS)})
        items = "".join(
            f"<item><title>Talks {p}</title><link>http://paper{p}.test:{port}/story</link></item>"
            for p in papers
        )
        return (
            f"<rss version='2.0'><channel><title>Feed {number}</title>{items}</channel></rss>"
        ).encode()
    if path == "/story":
        number = int(name.removeprefix("paper").removesuffix(".test"))
        text = "".join(f"<p>{part.format(n=number)}</p>" for part in STORY)
        return (
            "<html><head><title>Talks "
            f"{number}</title></head><body><article>{text}</article></body></html>"
        ).encode()
    return None


def measure(count: int, deadline_s: float, report: Callable[[str], None]) -> dict[str, Any]:
    """Poll `count` feeds and return the figures; `report` receives progress messages."""
    spawn = multiprocessing.get_context("spawn")
    receiver, sender = spawn.Pipe(duplex=False)
    with tempfile.TemporaryDirectory() as folder:
        server = spawn.Process(target=serve, args=(sender, folder), daemon=True)
        server.start()
        try:
            return _measure(sources(count, receiver.recv()), Path(folder), deadline_s, report)
        finally:
            server.terminate()
            server.join(10)


class _ProgressPrinter(Reporter):
    """Passes the progress of the job to a function as text."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    def progress(self, progress: Progress) -> None:
        """Write the label of the batch."""
        self._write(progress.label)


def _measure(
    feeds: Sequence[FeedSource], folder: Path, deadline_s: float, report: Callable[[str], None]
) -> dict[str, Any]:
    stub_resolver()
    web = WebOptions(
        allow_net=("127.0.0.1/32",),
        pace_dir=str(folder / "pace"),
        timeout_s=TIMEOUT_S,
        deadline=time.time() + deadline_s,
    )
    options = RunOptions(
        lake=str(folder / "lake"), now=NOW, run_id="bench", web=web, pool=PoolOptions(size=1)
    )
    started = time.monotonic()
    done = run_job(IngestPlan(feeds=feeds), options, _ProgressPrinter(report))
    seconds = time.monotonic() - started
    with connect(options.lake) as lake:
        polls = lake.execute(
            "SELECT regexp_extract(host, '^[a-z]+|^404') AS kind, status, error_class, "
            "count(*) FROM fetches "
            "WHERE kind = 'feed' GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        succeeded = lake.execute(
            "SELECT count(*) FROM feeds WHERE last_success_at IS NOT NULL"
        ).fetchall()[0][0]
    kinds = Counter(map(kind_of, range(len(feeds))))
    return {
        "feeds": len(feeds),
        "live": kinds["live"],
        "live_complete": succeeded,
        "outcomes": [[kind, status, reason, n] for kind, status, reason, n in polls],
        "articles": done.articles_new,
        "status": done.status,
        "left": done.feeds_left,
        "seconds": round(seconds, 1),
        "feeds_a_second": round(len(feeds) / seconds, 1),
        "within_deadline": seconds <= deadline_s,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    """Print the figures; exit with 1 if the run was late or missed a live feed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=10_000, help="number of feeds")
    parser.add_argument(
        "--deadline", type=float, default=900.0, metavar="SECONDS", help="of the run"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    options = parser.parse_args()
    found = measure(options.feeds, options.deadline, partial(print, file=sys.stderr))
    if options.json:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        for name, value in found.items():
            rows = value if name == "outcomes" else [[value]]
            sys.stdout.writelines(f"{name:24} {' '.join(map(str, row))}\n" for row in rows)
    sys.exit(0 if found["within_deadline"] and found["live"] == found["live_complete"] else 1)


if __name__ == "__main__":
    main()
