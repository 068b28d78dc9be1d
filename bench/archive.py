r"""Generate an archive of news of any size; the same options give the same bytes.

The articles are generated from templates written for this purpose.

    python -m bench.archive --articles 20000 --out FILE.warc.gz [--seed 1] [--sites 200] \
        [--format warc|jsonl]

The articles span one year and are in order of capture. About 3 per cent are copies of agency
stories, printed by several sites within a day; 2 per cent are captured again days later with a
changed text, and 0.3 per cent of the records are not articles. WARC is version 1.1 (ISO
28500:2017), with a gzip member per record. Another version of zlib may compress to other bytes.
"""

import argparse
import base64
import hashlib
import json
import sys
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple
from uuid import UUID

from bench.archive_pages import Press, Printed, Site, answer, head, http_date, make_site
from bench.archive_text import Story, revise, write_story

START, DAYS = datetime(2025, 1, 1, tzinfo=UTC), 365
WIRE_GROUPS, WIRE_SITES = 0.0077, (2, 6)
"""Share of stories from an agency, and the least and most sites that print one.

With four sites on average these make about 3 per cent of the articles.
"""
CHANGED, BROKEN = 0.02, 0.003
"""Shares of articles captured again with a changed text, and followed by a broken record.

Judgements: rare, yet an archive of 20,000 articles has some 400 and 60 of them.
"""
_DAY = 86_400
_LAST = DAYS * _DAY - 1
# A transparent GIF of one pixel.
_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


class Capture(NamedTuple):
    """A planned record: its times of capture and publication (seconds since START) and its content.

    `story` and `day`, the day of its first publication, are shared by all sites that print it.
    `kind` is "article", "changed" (captured again) or that of a broken record.
    """

    captured: int
    published: int
    number: int
    site: int
    story: int
    day: int
    wire: bool = False
    kind: str = "article"


def plan(articles: int, *, seed: int, sites: int) -> list[Capture]:
    """Return all captures in order: `articles` articles, repeated captures and broken records."""
    rng = Random(f"{seed}/plan")
    captures: list[Capture] = []
    number = 0
    while number < articles:
        copies = rng.randint(*WIRE_SITES) if rng.random() < WIRE_GROUPS else 1
        copies = min(copies, sites, articles - number)
        # As in a newsroom's day: most around 14:00, fewest at midnight.
        published = rng.randrange(DAYS) * _DAY + int(rng.triangular(0, _DAY - 1, 14 * 3600))
        story = Capture(0, published, number, 0, number, published // _DAY, copies > 1)
        for site, delay in zip(_sites(rng, sites, copies), _delays(rng, copies), strict=True):
            copy = story._replace(published=published + delay, number=number, site=site)
            captures += _captures(rng, copy, articles)
            number += 1
    return sorted(captures)


def records(articles: int, *, seed: int, sites: int) -> Iterator[tuple[Capture, Site, Printed]]:
    """Yield each capture with its site and the page as it was at that time."""
    press = Press()
    for capture in plan(articles, seed=seed, sites=sites):
        site = make_site(seed, capture.site)
        stories = [_story(capture, seed)]
        if capture.kind == "changed":
            stories.append(revise(stories[0], f"{seed}/{capture.number}/changed"))
        changed_at = _time(
            capture.captured - 120 if capture.kind == "changed" else capture.published
        )
        yield (
            capture,
            site,
            press.print(site, capture.number, stories, _time(capture.published), changed_at),
        )


def warc(articles: int, *, seed: int, sites: int) -> Iterator[bytes]:
    """Yield the records of the archive, each as one gzip member."""
    info = b"software: newsbeam bench/archive.py\r\nformat: WARC File Format 1.1\r\n"
    yield _record(
        "warcinfo", f"{seed}/info", START, info, [("Content-Type", "application/warc-fields")]
    )
    for number, (capture, site, printed) in enumerate(records(articles, seed=seed, sites=sites)):
        at = _time(capture.captured)
        headers = [
            ("WARC-Target-URI", printed.url),
            ("Content-Type", "application/http; msgtype=response"),
        ]
        yield _record(
            "response", f"{seed}/{number}", at, _answer(capture.kind, site, printed, at), headers
        )


def jsonl(articles: int, *, seed: int, sites: int) -> Iterator[bytes]:
    """Yield the articles as lines of JSON, with their clean texts; broken records are left out."""
    for capture, _, printed in records(articles, seed=seed, sites=sites):
        if capture.kind in {"article", "changed"}:
            row = {
                "id": f"{100_000 + capture.number}",
                "url": printed.url,
                "title": printed.title,
                "authors": [printed.author],
                "published_at": printed.published.isoformat(),
                "fetched_at": _time(capture.captured).isoformat(),
                "text": printed.text,
            }
            yield json.dumps(row, ensure_ascii=False).encode() + b"\n"


FORMATS = {"warc": warc, "jsonl": jsonl}


def write_archive(
    out: Path, articles: int, *, seed: int = 1, sites: int = 200, form: str = "warc"
) -> None:
    """Write an archive to a file."""
    with out.open("wb") as file:
        file.writelines(FORMATS[form](articles, seed=seed, sites=sites))


def _sites(rng: Random, sites: int, count: int) -> list[int]:
    """Return `count` different sites."""
    chosen: dict[int, None] = {}
    while len(chosen) < count:
        # The exponent makes sites unequal, as in the press: those with low numbers print more.
        chosen[int(sites * rng.random() ** 1.4)] = None
    return list(chosen)


def _delays(rng: Random, count: int) -> list[int]:
    """Return the seconds after which each copy is published: the first at once, all in 20 hours."""
    return [0, *sorted(rng.randrange(600, 20 * 3600) for _ in range(count - 1))]


def _captures(rng: Random, planned: Capture, articles: int) -> Iterator[Capture]:
    """Yield the capture of an article, sometimes a later one of it, sometimes a broken record."""
    # All is captured within the year, the first time 3 to 55 minutes after publication.
    published = min(planned.published, _LAST - 3600)
    first = planned._replace(published=published, captured=published + rng.randrange(180, 3300))
    yield first
    again = first.captured + rng.randrange(_DAY, 20 * _DAY)
    if rng.random() < CHANGED and again < _LAST:
        yield first._replace(captured=again, kind="changed")
    if rng.random() < BROKEN:
        kind = rng.choice(("missing", "moved", "empty", "image"))
        other = articles + planned.number
        yield first._replace(
            captured=first.captured + 1, number=other, story=other, wire=False, kind=kind
        )


def _story(capture: Capture, seed: int) -> Story:
    return write_story(
        f"{seed}/{capture.story}", _time(capture.day * _DAY).date(), wire=capture.wire
    )


def _time(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


def _answer(kind: str, site: Site, printed: Printed, at: datetime) -> bytes:
    """Return the response of the server: the page, or the broken response of that kind."""
    common = [("Date", http_date(at)), *site.headers[:1]]
    if kind == "missing":
        title = "<html><head><title>Not found</title></head>"
        body = f"{title}<body><h1>404</h1><p>{site.name}</p></body></html>".encode()
        size = ("Content-Length", f"{len(body)}")
        return head("404 Not Found", [*common, ("Content-Type", "text/html"), size]) + body
    if kind == "moved":
        return head(
            "301 Moved Permanently",
            [*common, ("Location", site.base + "/"), ("Content-Length", "0")],
        )
    if kind == "image":
        size = ("Content-Length", f"{len(_PIXEL)}")
        return head("200 OK", [*common, ("Content-Type", "image/gif"), size]) + _PIXEL
    return answer(site, "" if kind == "empty" else printed.html, at)


def _record(
    kind: str, key: str, at: datetime, block: bytes, headers: list[tuple[str, str]]
) -> bytes:
    """Return a WARC record as a gzip member."""
    digest = base64.b32encode(hashlib.sha1(block, usedforsecurity=False).digest()).decode()
    name = UUID(bytes=hashlib.sha256(f"{kind}/{key}".encode()).digest()[:16], version=4)
    lines = [
        "WARC/1.1",
        f"WARC-Type: {kind}",
        f"WARC-Record-ID: <urn:uuid:{name}>",
        f"WARC-Date: {at:%Y-%m-%dT%H:%M:%SZ}",
        *(f"{name}: {value}" for name, value in headers),
        f"WARC-Block-Digest: sha1:{digest}",
        f"Content-Length: {len(block)}",
    ]
    # 31 is the largest window (15) plus 16: zlib then writes a gzip header, without a timestamp.
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return (
        packer.compress(("\r\n".join(lines) + "\r\n\r\n").encode() + block + b"\r\n\r\n")
        + packer.flush()
    )


def main() -> None:
    """Write the archive and print its size."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--articles", type=int, required=True, help="number of articles, each with its own URL"
    )
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    parser.add_argument("--seed", type=int, default=1, help="another seed gives other articles")
    parser.add_argument("--sites", type=int, default=200, help="number of sites")
    parser.add_argument(
        "--format",
        choices=sorted(FORMATS),
        default="warc",
        help="jsonl has clean texts instead of pages",
    )
    options = parser.parse_args()
    if options.articles < 1 or options.sites < 1:
        parser.error("--articles and --sites must be at least 1")
    write_archive(
        options.out, options.articles, seed=options.seed, sites=options.sites, form=options.format
    )
    sys.stdout.write(
        f"{options.out}: {options.articles} articles, {options.out.stat().st_size / 1e6:.1f} MB\n"
    )


if __name__ == "__main__":
    main()
