"""Runs that are long enough to be looked at and interrupted: feeds, pages and archives."""

import os
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.helpers import web_site as web
from tests.helpers.newspapers import feed
from tests.helpers.warc_files import page_html, paragraphs, plain, response

SCRIPT = """
from pipelines.cli import progress
from pipelines.cli.app import main
progress._LOG_EVERY_S = 0.02
main()
"""
"""The command, whose log tells of its progress often enough to see each part of the work."""


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
    words: Sequence[object], *, ignored: Collection[signal.Signals] = ()
) -> "subprocess.Popen[bytes]":
    """Start the command in a process group of its own, with its signals ignored or at their
    defaults, however pytest was started.
    """

    def set_signals() -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)

    root = str(Path(__file__).parents[2])
    return subprocess.Popen(
        [sys.executable, "-P", "-c", SCRIPT, *(str(word) for word in words)],
        env=os.environ | {"PYTHONPATH": root},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=set_signals,
    )


def living(group: int) -> list[str]:
    """Return the command lines of the processes of a group that have not ended."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, of = (folder / "stat").read_text().rpartition(") ")[2].split()[:3]
            if int(of) == group and state != "Z":
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except OSError:  # it has ended meanwhile
            continue
    return found
