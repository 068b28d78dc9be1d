r"""A generated archive of news: as large as asked, the same bytes for the same options.

Articles are made from templates of our own.

    python -m bench.archive --articles 20000 --out FILE.warc.gz [--seed 1] [--sites 200] \
        [--format warc|jsonl]

The articles lie in one year, in order of capture. About 3 per cent are a wire's story on several
sites within a day; besides, 2 per cent are captured again days later with a changed text, and 0.3
per cent of records are no articles. WARC is version 1.1 (ISO 28500:2017), each record its own gzip
member. zlib's version may change a file, not what is in it.
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
"""Wire stories among all stories, and the sites that print each: so about 3 per cent of articles.
"""
CHANGED, BROKEN = 0.02, 0.003
_DAY = 86_400
_LAST = DAYS * _DAY - 1
_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


class Capture(NamedTuple):
    """One record to be: when it was captured and published (seconds since START), what, and where.

    `story` and `day`, its first, are one for all sites that print it.
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
    """Return all captures, in order: so many articles, some of them twice, and what is none."""
    rng = Random(f"{seed}/plan")
    captures: list[Capture] = []
    number = 0
    while number < articles:
        wanted = rng.randint(*WIRE_SITES) if rng.random() < WIRE_GROUPS else 1
        wanted = min(wanted, sites, articles - number)
        published = rng.randrange(DAYS) * _DAY + int(rng.triangular(0, _DAY - 1, 14 * 3600))
        story = Capture(0, published, number, 0, number, published // _DAY, wanted > 1)
        for site, later in zip(_sites(rng, sites, wanted), _delays(rng, wanted), strict=True):
            copy = story._replace(published=published + later, number=number, site=site)
            captures += _captures(rng, copy, articles)
            number += 1
    return sorted(captures)


def records(articles: int, *, seed: int, sites: int) -> Iterator[tuple[Capture, Site, Printed]]:
    """Yield each capture with its site and the page that was there then."""
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
    """Yield the records of the archive, each a gzip member of its own."""
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
    """Yield the articles as lines of JSON, with their clean texts.

    What is no article is left out.
    """
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


def _sites(rng: Random, sites: int, wanted: int) -> list[int]:
    """Return so many different sites; some print twice what others do."""
    chosen: dict[int, None] = {}
    while len(chosen) < wanted:
        chosen[int(sites * rng.random() ** 1.4)] = None
    return list(chosen)


def _delays(rng: Random, wanted: int) -> list[int]:
    return [0, *sorted(rng.randrange(600, 20 * 3600) for _ in range(wanted - 1))]


def _captures(rng: Random, planned: Capture, articles: int) -> Iterator[Capture]:
    """Yield the capture of an article, perhaps another of it days later, and perhaps one of what is
    no article.
    """
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
    """Return what the server sent: the page, or what stands for it."""
    common = [("Date", http_date(at)), *site.headers[:1]]
    if kind == "missing":
        body = (
            "<html><head><title>Not "
            f"found</title></head><body><h1>404</h1><p>{site.name}</p></body></html>"
        ).encode()
        return (
            head(
                "404 Not Found",
                [*common, ("Content-Type", "text/html"), ("Content-Length", f"{len(body)}")],
            )
            + body
        )
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
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return (
        packer.compress(("\r\n".join(lines) + "\r\n\r\n").encode() + block + b"\r\n\r\n")
        + packer.flush()
    )


def main() -> None:
    """Read the options, write the archive, and say how large it is."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--articles", type=int, required=True, help="how many, each at a URL of its own"
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sites", type=int, default=200)
    parser.add_argument(
        "--format", choices=sorted(FORMATS), default="warc", help="jsonl has clean texts, no pages"
    )
    options = parser.parse_args()
    if options.articles < 1 or options.sites < 1:
        parser.error("--articles and --sites are at least 1")
    write_archive(
        options.out, options.articles, seed=options.seed, sites=options.sites, form=options.format
    )
    sys.stdout.write(
        f"{options.out}: {options.articles} articles, {options.out.stat().st_size / 1e6:.1f} MB\n"
    )


if __name__ == "__main__":
    main()
