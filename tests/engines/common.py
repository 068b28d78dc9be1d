"""What the engine scripts share: pages to take in, newsbeam as a process, and lakes compared byte
for byte.

An engine is right where a run on it leaves the same files as the same run on this machine alone.
"""

import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from bench.archive import records
from pipelines.terminal import OK, PARTIAL
from tests.helpers.warc_files import gz_each, http, record
from tests.helpers.web_site import Answer, Site, respond, serve, status

ROOT = Path(__file__).parents[2]
NOW = "2026-01-02T00:00:00Z"
"""The clock of a run: behind all pages."""
TASKS = ("ingest", "backfill")
SAME, DIFFERENT, NOT_TO_BE_HAD = 0, 1, 77
"""Exit codes of a script; the last one as automake has it for a test that cannot be run here."""
OF_THE_RUNNING = ("_meta", "_staging", "fetches", "runs")
"""Folders of a lake that tell of the running, not of the input."""
FEED = "/feed.xml"
GONE = "/gone-since"
"""A page that each generated site's feed still lists."""


class NotToBeHadError(Exception):
    """The engine, or what it needs, cannot be had on this machine; says why."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a site: http only, so that a server without certificates can serve it."""

    url: str
    title: str
    body: bytes
    kind: str = "text/html; charset=utf-8"

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def feed(self) -> str:
        """The URL of the feed that lists the page."""
        return f"http://{self.host}{FEED}"


def generated_pages(articles: int = 240, sites: int = 12, seed: int = 7) -> list[Page]:
    """Return the pages of made-up sites, each as its first capture has it: some are a wire's story
    on several sites.
    """
    pages: dict[str, Page] = {}
    for capture, site, printed in records(articles, seed=seed, sites=sites):
        url = printed.url.replace("https://", "http://")
        html = printed.html.replace("https://", "http://")
        if capture.kind == "article":
            body = html.encode(site.charset)
            pages[url] = Page(url, printed.title, body, f"text/html; charset={site.charset}")
    return list(pages.values())


def real_pages() -> list[Page]:
    """Return the real pages of the folder that NEWSBEAM_DATA names, under their own hosts.

    None without it.
    """
    folder = Path(os.environ.get("NEWSBEAM_DATA") or "/nonexistent", "data", "extraction")
    table = folder / "gold.jsonl"
    rows = map(json.loads, table.read_text(encoding="utf8").splitlines()) if table.exists() else ()
    return [_real_page(folder, row["id"], row["url"]) for row in rows]


def _real_page(folder: Path, name: str, link: str) -> Page:
    url = urlsplit(link)._replace(scheme="http", fragment="")
    bare = url._replace(netloc=url.netloc.lower(), path=url.path or "/").geturl()
    return Page(bare, "", gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes()))


def all_pages() -> list[Page]:
    """Return the generated pages and, where they are at hand, the real ones."""
    return [*generated_pages(), *real_pages()]


@contextmanager
def served(pages: Iterable[Page]) -> Iterator[Site]:
    """Serve pages under their own hosts, each host with a feed of its pages.

    Newsbeam gets there by `connect_to`.
    """
    with serve(routes(pages)) as site:
        yield site


def routes(pages: Iterable[Page]) -> dict[str, Answer]:
    """Return how a server answers for pages and for the feeds that list them."""
    hosts: dict[str, list[Page]] = defaultdict(list)
    answers: dict[str, Answer] = {GONE: status(404)}
    for page in pages:
        hosts[page.host].append(page)
        answers[page.url.removeprefix("http://")] = respond(page.body, kind=page.kind)
    return answers | {
        host + FEED: respond(feed(of), kind="application/rss+xml") for host, of in hosts.items()
    }


def feed(pages: Sequence[Page]) -> str:
    """Return the RSS of a host, one page that is gone among its items."""
    links = [(f"http://{pages[0].host}{GONE}", "Gone since"), *((p.url, p.title) for p in pages)]
    items = "".join(
        f"<item><title>{escape(title)}</title><link>{escape(url)}</link><guid>{escape(url)}</guid></item>"
        for url, title in links
    )
    return f"<rss version='2.0'><channel><title>{pages[0].host}</title>{items}</channel></rss>"


def feeds_of(pages: Iterable[Page]) -> list[str]:
    """Return the feeds that list pages, each once."""
    return sorted({page.feed for page in pages})


def write_feed_list(pages: Iterable[Page], path: Path) -> Path:
    """Write the feeds that list pages to a file for `--feeds`, a link a line, and return its
    path."""
    path.write_text("".join(f"{one}\n" for one in feeds_of(pages)), encoding="utf8")
    return path


def write_warc(pages: Iterable[Page], path: Path) -> Path:
    """Write pages as a WARC of one capture each, and return its path."""
    path.write_bytes(
        gz_each([record(page.url, http(page.body, kind=page.kind), date=NOW) for page in pages])
    )
    return path


def start_newsbeam(*args: str | Path, err: IO[str] | None = None) -> subprocess.Popen[str]:
    """Start a command in a session of its own; its words for machines are on its stdout."""
    command = [sys.executable, "-m", "pipelines.cli", *map(str, args)]
    return subprocess.Popen(
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=err, stdin=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip


def finish(running: subprocess.Popen[str], timeout_s: float = 1800.0) -> dict[str, Any]:
    """Return what a command printed with `--json`.

    Raise ChildProcessError where it failed, and TimeoutError if it hung.
    """
    try:
        output, _ = running.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(f"newsbeam did not end within {timeout_s:.0f} s") from error
    finally:
        kill(running)
    if running.returncode not in {OK, PARTIAL}:
        raise ChildProcessError(
            f"newsbeam ended with exit code {running.returncode}; see its words above"
        )
    done: dict[str, Any] = json.loads(output.splitlines()[-1])
    return done


def kill(running: subprocess.Popen[str]) -> None:
    """Kill what is left of a command and its children."""
    with suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)


def newsbeam(
    *args: str | Path, timeout_s: float = 1800.0, err: IO[str] | None = None
) -> dict[str, Any]:
    """Run a command to its end and return its output."""
    return finish(start_newsbeam(*args, "--json", err=err), timeout_s)


def ingest_args(feeds: Path, lake: Path, connect_to: str, *more: str) -> list[str | Path]:
    """Return the words of an ingest whose clock and name are fixed."""
    fixed = (
        "--now",
        NOW,
        "--run-id",
        "ingested",
        "--connect-to",
        connect_to,
        "--spacing",
        "0",
        "--workers",
        "1",
    )
    return ["ingest", "--feeds", feeds, "--lake", lake, *fixed, *more]


def backfill_args(archive: Path, lake: Path, *more: str) -> list[str | Path]:
    """Return the words of a backfill whose clock and name are fixed."""
    return [
        "backfill",
        archive,
        "--lake",
        lake,
        "--now",
        NOW,
        "--run-id",
        "backfilled",
        "--workers",
        "1",
        *more,
    ]


@dataclass(frozen=True)
class Material:
    """What runs take in: a list of feeds whose site is at `connect_to`, and an archive of the same
    pages.
    """

    feeds: Path
    archive: Path
    connect_to: str

    def words(self, task: str, lake: Path, *engine: str) -> list[str | Path]:
        """Return the words of a task that takes it into a lake on an engine."""
        if task == "ingest":
            return ingest_args(self.feeds, lake, self.connect_to, *engine)
        return backfill_args(self.archive, lake, *engine)


@contextmanager
def material(folder: Path, pages: Sequence[Page]) -> Iterator[Material]:
    """Write what tells of pages to a folder, and serve them while the block lasts."""
    with served(pages) as site:
        feeds, archive = (
            write_feed_list(pages, folder / "feeds.txt"),
            write_warc(pages, folder / "pages.warc.gz"),
        )
        yield Material(feeds, archive, site.address)


def hashes(lake: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a lake by its path in it, but of those that tell of the
    running.
    """
    paths = sorted(path for path in lake.rglob("*") if path.is_file())
    names = ((path.relative_to(lake), path) for path in paths)
    return {
        name.as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in names
        if name.parts[0] not in OF_THE_RUNNING
    }


def differences(expected: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """Return a line for each file that is missing, more, or another."""
    lines = [f"missing: {name}" for name in expected.keys() - found.keys()]
    lines += [f"more:    {name}" for name in found.keys() - expected.keys()]
    lines += [
        f"differs: {name}"
        for name in expected.keys() & found.keys()
        if expected[name] != found[name]
    ]
    return sorted(lines)


def compare(what: str, expected: Path, found: Path) -> bool:
    """Print how two lakes differ, and return whether they are the same and hold anything at all."""
    left, right = hashes(expected), hashes(found)
    lines = differences(left, right)
    lines += (
        [] if any(name.startswith("articles/") for name in left) else [f"no articles in {expected}"]
    )
    output = (
        f"{len(left)} files are the same"
        if not lines
        else f"{len(lines)} of {len(left)} files differ"
    )
    sys.stdout.write(
        "".join(f"{line}\n" for line in (f"{what}: {output}", *(f"  {one}" for one in lines[:20])))
    )
    sys.stdout.flush()
    return not lines


def in_own_network(module: str, *args: str) -> int:
    """Run a script in a network of its own, where there is loopback and nothing else, and return
    its exit code.

    Prism, and Beam's workers with LOOPBACK, listen on all addresses of the machine. Raise
    NotToBeHadError where there is no unshare(1), or it is not allowed.
    """
    command = [
        "unshare",
        "--map-root-user",
        "--net",
        "sh",
        "-c",
        'ip link set lo up && exec "$@"',
        "sh",
    ]
    try:
        subprocess.run([*command, "true"], check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise NotToBeHadError("no unshare(1), which keeps the engine off the network") from error
    except subprocess.CalledProcessError as error:
        raise NotToBeHadError(
            f"no network of its own for the engine: {error.stderr.strip()}"
        ) from error
    return subprocess.run([*command, sys.executable, "-m", module, *args], cwd=ROOT).returncode


def say(words: str) -> None:
    """Print what a script does, with the time of day."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {words}\n")
    sys.stdout.flush()
