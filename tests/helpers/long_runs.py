"""Runs that are long enough to be looked at and interrupted: feeds, pages and archives."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.helpers import web_site as web
from tests.helpers.newspapers import feed
from tests.helpers.warc_files import page_html, paragraphs, plain, response


def long_text(title: str, parts: int) -> list[str]:
    """Return the text of an article that takes a while to code."""
    return [text for n in range(parts) for text in paragraphs(f"{title} {n}")]


def long_page(title: str, parts: int) -> str:
    """Return a page with such a text."""
    return page_html(title, *long_text(title, parts))


@contextmanager
def papers(
    feeds: int, pages: int, *, late_s: float = 0.0, parts: int = 1
) -> Iterator[tuple[web.Site, list[str]]]:
    """Serve newspapers whose pages are late; yield the site and the addresses of the feeds."""
    routes: dict[str, web.Answer] = {"/robots.txt": web.status(404)}
    for paper in range(feeds):
        host = f"paper{paper}.test"
        links = [f"http://{host}/{n}" for n in range(pages)]
        routes[f"{host}/feed"] = web.late(feed(*links), late_s)
        for n, link in enumerate(links):
            html = long_page(f"Port {paper} {n}", parts)
            routes[link.removeprefix("http://")] = web.late(web.respond(html), late_s)
    with web.serve(routes) as site:
        yield site, [f"http://paper{paper}.test/feed" for paper in range(feeds)]


def archive(path: Path, pages: int, *, parts: int = 1) -> Path:
    """Write a WARC file of pages."""
    records = [response(f"http://w.test/{n}", long_page(f"Port {n}", parts)) for n in range(pages)]
    path.write_bytes(plain(records))
    return path


def start(
    words: Sequence[object], *, stderr: int = subprocess.PIPE, stdout: int = subprocess.PIPE
) -> "subprocess.Popen[bytes]":
    """Start the command in a process group of its own, with all signals at their defaults."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "pipelines.cli", *(str(word) for word in words)],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
        preexec_fn=_default_signals,
    )


def _default_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def ingest_words(lake: Path, address: str, feeds: Sequence[str]) -> list[object]:
    """Return the arguments of an ingest of these feeds."""
    lists = [word for url in feeds for word in ("--feeds", url)]
    return ["ingest", *lists, "--lake", lake, "--connect-to", address, "--spacing", 0]
