"""Commands on a terminal, over a site that tries to steer it: in titles, links, feeds, reason
phrases and headers. The terminal gets newsbeam's own sequences and no others.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers import web_site as web
from tests.helpers.lakes import rows
from tests.helpers.newspapers import LEDE, REST
from tests.helpers.terminals import on_a_terminal

pytestmark = pytest.mark.slow

MARKUP = ":100: [red]x[/red]"
C1 = "\x9d0;pwn\x9c\x9b31m\x85"
ORDER = "\u202e\u2066\u2069\u200f\u2028\ufeff"
HOSTILE = f"{MARKUP} {C1}{ORDER} \x1b]0;pwn\x07\x1b[2J\x1b]8;;http://x.test\x1b\\ \x08\x7f"
IN_XML = f"{MARKUP} {C1}{ORDER}"  # XML has no ESC
IN_HEADER = f"{MARKUP} \x1b]0;pwn\x07 \x9b31m".encode("latin-1")
STEERING = {*map(chr, range(32)), *map(chr, range(127, 160)), *ORDER} - {"\n", "\r", "\t"}
OWN = re.compile(r"\x1b\[[0-9;]*[mKJA]|\x1b\[\?25[lh]|\r")
"""What rich writes: colours, and the lines of progress."""


def inert(text: str) -> str:
    """Return what a terminal shows, after a check that nothing steers it but newsbeam's own."""
    shown = OWN.sub("", text)
    assert not set(shown) & STEERING
    assert "💯" not in shown
    assert "Traceback" not in shown
    return shown


def answer(line: bytes, *headers: bytes, body: bytes = b"") -> web.Answer:
    head = b"\r\n".join([b"HTTP/1.1 " + line, *headers, b"Content-Length: %d" % len(body)])
    return web.raw(head + b"\r\n\r\n" + body)


def article(title: str) -> str:
    paragraphs = "".join(f"<p>{text}</p>" for text in (f"{LEDE} {HOSTILE}", *REST))
    return (
        f"<html lang=en><head><title>{title}</title><meta name=author content='{HOSTILE}'>"
        "<meta property='article:published_time' content='2024-05-06T08:00:00Z'>"
        "<link rel=alternate type='application/rss+xml' href='/feed' "
        f"title='{HOSTILE}'></head><body><article><h1>{title}</h1>{paragraphs}</article></body></html>"
    )


PATHS = ("good", "reason", "type", "coding", "location", "header", f"path/{IN_XML}")


def routes() -> dict[str, web.Answer]:
    items = "".join(
        f"<item><title>{IN_XML}</title><link>http://h.test/{path}</link><author>{IN_XML}</author></item>"
        for path in PATHS
    )
    feed = f"<rss version='2.0'><channel><title>{IN_XML}</title>{items}</channel></rss>"
    entry = {"id": HOSTILE, "url": "http://h.test/good", "title": HOSTILE, "content_text": HOSTILE}
    json_feed = {"version": "https://jsonfeed.org/version/1.1", "title": HOSTILE, "items": [entry]}
    return {
        "h.test/": web.respond(article(HOSTILE)),
        "h.test/feed": web.respond(feed, kind="application/rss+xml; charset=utf-8"),
        "h.test/json": web.respond(json.dumps(json_feed), kind="application/feed+json"),
        "h.test/broken": web.respond(f"<rss><channel><title>{HOSTILE}</ti", kind="text/xml"),
        "h.test/away": answer(b"503 " + IN_HEADER, b"Retry-After: " + IN_HEADER),
        "h.test/good": web.respond(article(f"Good {HOSTILE}")),
        "h.test/reason": answer(b"404 " + IN_HEADER),
        "h.test/type": answer(b"200 OK", b"Content-Type: " + IN_HEADER, body=b"x"),
        "h.test/coding": answer(b"200 OK", b"Content-Encoding: " + IN_HEADER, body=b"x"),
        "h.test/location": answer(b"302 Found", b"Location: http://h.test/" + IN_HEADER),
        "h.test/header": answer(b"200 OK", b"X-" + IN_HEADER + b": a", body=b"x"),
        "/robots.txt": web.status(404),
    }


@pytest.fixture(scope="module")
def site() -> Iterator[web.Site]:
    with web.serve(routes()) as site:
        yield site


FEEDS = ("feed", "json", "broken", "away")


def ingest(site: web.Site, lake: Path, *more: str) -> list[str]:
    feeds = [word for name in FEEDS for word in ("--feeds", f"http://h.test/{name}")]
    web_options = ["--connect-to", site.address, "--spacing", "0", "--workers", "1"]
    return [*("ingest", "--lake", str(lake), "--keep-raw"), *feeds, *web_options, *more]


@pytest.fixture(scope="module")
def ingested(site: web.Site, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a lake after a run on a terminal with all log messages, and what the run printed."""
    lake = tmp_path_factory.mktemp("hostile") / "lake"
    return lake, on_a_terminal(["-v", *ingest(site, lake)])


def test_a_run_is_inert(ingested: tuple[Path, str]) -> None:
    lake, text = ingested
    assert "rejected" in inert(text)
    stored = rows(lake, "articles")
    assert any(":100:" in str(row["title"]) for row in stored)
    assert rows(lake, "rejects")


def test_a_run_s_events_and_json_are_inert(site: web.Site, tmp_path: Path) -> None:
    words = ingest(site, tmp_path / "lake", "--log-format", "json", "--json")
    command = [sys.executable, "-m", "pipelines.cli", "-v", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    for text in (done.stdout, done.stderr):
        assert not set(text) & STEERING
        assert "Traceback" not in text
    assert json.loads(done.stdout.splitlines()[-1])["rejects"]


COMMANDS = {
    "sql": ["sql", "SELECT title, url FROM articles", "--lake", "LAKE"],
    "sql-all": ["sql", "FROM articles", "--all", "--lake", "LAKE"],
    "sql-csv": ["sql", "FROM articles", "--csv", "--lake", "LAKE"],
    "sql-json": ["sql", "FROM articles", "--json", "--lake", "LAKE"],
    "sql-rejects": ["sql", "SELECT url, message FROM rejects", "--csv", "--lake", "LAKE"],
    "sql-fetches": ["sql", "FROM fetches", "--csv", "--lake", "LAKE"],
    "explain": ["explain", "http://h.test/good", "--lake", "LAKE"],
    "check": ["check", "--lake", "LAKE"],
    "feeds-check": ["feeds", "check", "--lake", "LAKE"],
    "feeds-export": ["feeds", "export", "--lake", "LAKE"],
    "feeds-find": ["feeds", "find", "http://h.test/", "--connect-to", "SITE", "--spacing", "0"],
    "feeds-parse": ["feeds", "parse", "FILES/feed.json", "FILES/feed.xml"],
    "extract": ["extract", "FILES/page.html"],
    "events": ["events", "FILES/page.html"],
    "stories": ["stories", "FILES/rows.jsonl"],
    "rebuild": ["rebuild", "--dry-run", "--lake", "LAKE"],
    "no-query": ["sql", f"SELECT error('{HOSTILE}')", "--lake", "LAKE"],
    "no-file": ["extract", f"FILES/{HOSTILE}".replace("http://", "")],
    "no-command": [HOSTILE],
    "no-option": ["sql", f"--{HOSTILE}"],
    "no-own-option": [f"--{HOSTILE}"],
    "no-number": ["ingest", "--feeds", "f", "--lake", "l", "--spacing", HOSTILE],
    "no-choice": ["ddl", "--dialect", HOSTILE],
    "no-feed-command": ["feeds", HOSTILE],
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    sent = {"feed.json": "h.test/json", "feed.xml": "h.test/feed"}
    with web.serve(routes()) as site:
        for name, route in sent.items():
            (folder / name).write_bytes(body_of(site, route))
    (folder / "page.html").write_text(article(HOSTILE), "utf8")
    (folder / "rows.jsonl").write_text(json.dumps({"id": HOSTILE, "text": LEDE}) + "\nx\n")
    return folder


def body_of(site: web.Site, route: str) -> bytes:
    host, path = route.split("/")
    command = ["curl", "-s", "-H", f"Host: {host}", f"http://{site.address}/{path}"]
    return subprocess.run(command, capture_output=True, check=True).stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_inert_on_a_terminal(
    ingested: tuple[Path, str], site: web.Site, files: Path, name: str
) -> None:
    places = {"LAKE": str(ingested[0]), "FILES": str(files), "SITE": site.address}
    words = COMMANDS[name]
    for place, value in places.items():
        words = [word.replace(place, value) for word in words]
    shown = inert(on_a_terminal(words))
    assert shown.strip()
    if name in {"sql", "sql-csv", "sql-json", "explain", "feeds-find", "feeds-parse", "extract"}:
        assert MARKUP in shown


def test_data_in_a_pipe_is_whole(ingested: tuple[Path, str]) -> None:
    lake = ingested[0]
    command = [sys.executable, "-m", "pipelines.cli", "sql", "SELECT title FROM articles"]
    done = subprocess.run(
        [*command, "--lake", str(lake), "--csv"], capture_output=True, text=True, check=True
    )
    titles = [str(row["title"]) for row in rows(lake, "articles")]
    assert any(set(title) & STEERING for title in titles)
    assert all(title in done.stdout for title in titles)
