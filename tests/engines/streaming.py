"""Does a stream bring each page into the lake once, whatever stops it? For any engine that runs
unbounded jobs.

A site publishes while the stream runs; the stream is terminated, interrupted and killed, and
started again each time. Then the lake must hold each page that was published, once, and keep its
promises (`newsbeam check`).
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq

from pipelines.terminal import OK
from tests.engines.common import (
    ROOT,
    Page,
    feeds_of,
    generated_pages,
    kill,
    newsbeam,
    routes,
    say,
    served,
    start_newsbeam,
    write_feed_list,
)
from tests.helpers.web_site import Site, late
from transforms.core.feeds.intervals import DEFAULT_INTERVAL_S
from transforms.core.urls import url_key

EVERY_S, WINDOW_S = 2, 10
WAITS_S = 240.0
GROUPS = 3
"""The number of groups in which feeds fall due, one after the other."""
_PREPARING_S, _BETWEEN_S = 75.0, 30.0
_RUNS_S = 30.0
_SLOW_S = 15.0
"""A page that takes longer than a window."""


@dataclass(frozen=True)
class Streaming:
    """A lake, the feeds that are streamed into it, and the engine's options."""

    lake: Path
    feeds: Path
    connect_to: str
    engine: Sequence[str]

    def start(self, name: str, *more: str) -> subprocess.Popen[str]:
        """Start a stream."""
        return start_newsbeam(
            "stream", "--feeds", self.feeds, "--lake", self.lake, "--run-id", name, "--connect-to", self.connect_to,
            "--spacing", "0", "--workers", "1", "--every", str(EVERY_S), "--window", str(WINDOW_S), *self.engine, *more,
        )  # fmt: skip

    def links(self) -> Counter[str]:
        """Return how often the lake holds each link as an article."""
        files = sorted(self.lake.glob("articles/day=*/*.parquet"))
        tables = (pq.ParquetFile(file).read(columns=["url"]) for file in files)
        return Counter(url_key(url) for table in tables for url in table["url"].to_pylist())

    def wait_for(self, articles: int, running: subprocess.Popen[str]) -> None:
        """Wait until the lake holds a number of articles."""
        wait_until(lambda: self.links().total() >= articles, running, f"{articles} articles")
        say(f"the lake holds {self.links().total()} articles")


def wait_until(true: Callable[[], bool], running: subprocess.Popen[str], what: str) -> None:
    """Wait for what a stream brings.

    Raise ChildProcessError where it ends before, TimeoutError where it hangs.
    """
    end = time.monotonic() + WAITS_S
    while not true():
        if running.poll() is not None:
            raise ChildProcessError(
                f"the stream ended with exit code {running.returncode} before there were {what}"
            )
        if time.monotonic() > end:
            raise TimeoutError(f"the stream did not bring {what} within {WAITS_S:.0f} s")
        time.sleep(0.5)


@contextmanager
def ended(running: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """Leave nothing of a stream behind."""
    try:
        yield running
    finally:
        kill(running)
        running.wait()


def terminate(running: subprocess.Popen[str]) -> None:
    """Tell a stream to stop as a service manager does.

    Raise ChildProcessError where it does not end well.
    """
    os.kill(running.pid, signal.SIGTERM)
    _ends_well(running)


def interrupt(running: subprocess.Popen[str]) -> None:
    """Tell a stream to stop as a terminal does, an engine among its children too."""
    os.killpg(running.pid, signal.SIGINT)
    _ends_well(running)


def _ends_well(running: subprocess.Popen[str]) -> None:
    code = running.wait(WAITS_S)
    if code != OK:
        raise ChildProcessError(f"the stream ended with exit code {code}")


def prepare(pages: Sequence[Page], folder: Path, lake: Path, site: Site) -> None:
    """Take in what is published so far, with clocks that make the feeds fall due group by group
    while streams run.
    """
    first = datetime.now(UTC) + timedelta(seconds=_PREPARING_S - DEFAULT_INTERVAL_S)
    for number in range(GROUPS):
        hosts = set(feeds_of(pages)[number::GROUPS])
        feeds = write_feed_list(
            [p for p in pages if p.feed in hosts], folder / f"feeds-{number}.txt"
        )
        clock = first + timedelta(seconds=number * _BETWEEN_S)
        newsbeam(
            "ingest", "--feeds", feeds, "--lake", lake, "--now", clock.isoformat(), "--run-id", f"before-{number}",
            "--connect-to", site.address, "--spacing", "0", "--workers", "1",
        )  # fmt: skip


def check_stream(folder: Path, engine: Sequence[str]) -> bool:
    """Stream a site into a lake, with all that may stop a stream, and tell whether the lake is
    whole.
    """
    pages = generated_pages(120, 12)
    old, new = pages[::2], pages[1::2]
    lake = folder / "stream"
    with served(old) as site:
        prepare(old, folder, lake, site)
        site.routes.update(routes(pages))
        slow = new[0].url.removeprefix("http://")
        site.routes[slow] = late(site.routes[slow], _SLOW_S)
        streaming = Streaming(
            lake, write_feed_list(pages, folder / "feeds.txt"), site.address, engine
        )
        with ended(streaming.start("stopped")) as running:
            streaming.wait_for(len(old) + 1, running)
            terminate(running)
            say("terminated")
        with ended(streaming.start("interrupted")) as running:
            time.sleep(_RUNS_S)
            interrupt(running)
            say("interrupted")
        with ended(streaming.start("killed")) as running:
            streaming.wait_for(min(streaming.links().total() + 1, len(pages)), running)
            say("killed")
        until = datetime.now(UTC) + timedelta(seconds=GROUPS * _BETWEEN_S)
        with ended(streaming.start("ending", "--until", until.isoformat())) as running:
            _ends_well(running)
        return is_whole(streaming, pages)


def is_whole(streaming: Streaming, pages: Sequence[Page]) -> bool:
    """Tell whether a lake holds each page once, and keeps its promises."""
    links, published = streaming.links(), {url_key(page.url) for page in pages}
    missing, more = published - links.keys(), links.keys() - published
    twice = [link for link, count in links.items() if count > 1]
    say(
        f"stream: {len(published)} published, {len(missing)} missing, {len(more)} more, "
        f"{len(twice)} twice"
    )
    checked = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "check", "--lake", streaming.lake], cwd=ROOT
    )
    return not missing and not more and not twice and checked.returncode == OK
