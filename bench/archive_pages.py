"""The fictional sites of the generated archive: their pages and their servers' responses.

`archive_layouts.toml` has the layouts and the sites' stock phrases.
"""

import gzip
import json
import re
import tomllib
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from bench.archive_text import Scene, Story, load_book

RELATED = 5
"""Links to other articles on a page: the last ones that the site printed before it."""
_FIELD = re.compile(r"\$([a-z]+)")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_PAPERS = (
    "Courier",
    "Herald",
    "Post",
    "Gazette",
    "Chronicle",
    "Observer",
    "Tribune",
    "Echo",
    "Standard",
    "Mail",
)
# UTC offsets and encodings are drawn from these; a common value is listed several times.
_OFFSETS = (-8, -5, -5, 0, 0, 0, 1, 1, 2, 3, 5.5, 9, 11)
_CODINGS = ("none", "none", "none", "none", "none", "none", "gzip", "chunked")
_MORE_HEADERS = (
    ("Cache-Control", "max-age=60, public"),
    ("Vary", "Accept-Encoding"),
    ("X-Cache", "HIT"),
    ("Set-Cookie", "session=0; Path=/; HttpOnly"),
    ("Strict-Transport-Security", "max-age=31536000"),
    ("Connection", "keep-alive"),
)


@dataclass(frozen=True, slots=True)
class Form:
    """A page template, split at its fields: the texts around them, and their names."""

    texts: tuple[str, ...]
    names: tuple[str, ...]

    def fill(self, fields: Mapping[str, str]) -> str:
        """Return the text with the fields filled in; raise KeyError if one is missing."""
        parts = [self.texts[0]]
        for name, text in zip(self.names, self.texts[1:], strict=True):
            parts += (fields[name], text)
        return "".join(parts)


@dataclass(frozen=True, slots=True)
class Site:
    """A fictional newspaper and its server."""

    number: int
    name: str
    base: str
    layout: Mapping[str, Form]
    linked: bool
    authors: tuple[str, ...]
    zone: timezone
    charset: str
    coding: str
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Printed:
    """An article as a site publishes it, with its page."""

    url: str
    title: str
    author: str
    published: datetime
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Press:
    """Prints articles in the order of their capture, with links to the ones before."""

    recent: dict[int, deque[tuple[str, str]]] = field(default_factory=dict)

    def print(
        self, site: Site, number: int, stories: Sequence[Story], at: datetime, changed_at: datetime
    ) -> Printed:
        """Return the page of the last version in `stories`.

        The URL is that of the first version: sites keep it when they change a title.
        """
        story, published = stories[-1], at.astimezone(site.zone)
        fields = _fields(site, number, stories, published) | {
            "modified": _iso(changed_at.astimezone(site.zone))
        }
        fields["url"] = site.base + site.layout["path"].fill(fields)
        recent = self.recent.setdefault(site.number, deque(maxlen=RELATED))
        fields["related"] = "".join(
            site.layout["teaser"].fill({"link": url, "name": title}) for url, title in recent
        )
        fields["linked"] = _json_ld(site, fields) if site.linked else ""
        fields["text"] = _body(site, story.paragraphs, story.wire)
        # A changed article is in the list already.
        if len(stories) == 1:
            recent.append((fields["url"], story.title))
        text = "\n\n".join(story.paragraphs)
        return Printed(
            fields["url"],
            story.title,
            fields["author"],
            published,
            text,
            site.layout["page"].fill(fields),
        )


@cache
def make_site(seed: int, number: int) -> Site:
    """Return the site with a number: the same in all archives of a seed."""
    rng, stock = Random(f"{seed}/site/{number}"), _stock()
    scene = Scene(load_book(), rng)
    name = f"{scene.new('town')} {rng.choice(_PAPERS)}"
    host = f"{_slug(name).replace('-', '')}{number}.test"
    base = rng.choice(("https://", "https://", "http://")) + rng.choice(("www.", "")) + host
    table = stock["layout"][number % len(stock["layout"])]
    charset = rng.choice(("utf-8", "utf-8", "utf-8", "windows-1252"))
    return Site(
        number=number,
        name=name,
        base=base,
        layout=_layout(table, _site_fields(stock, rng, name, base, charset, table["item"])),
        linked=table.get("jsonld", False),
        authors=tuple(scene.new("person") for _ in range(8)),
        zone=timezone(timedelta(hours=rng.choice(_OFFSETS))),
        charset=charset,
        coding=rng.choice(_CODINGS),
        headers=_headers(stock, rng, charset),
    )


def answer(site: Site, html: str, at: datetime) -> bytes:
    """Return the server's response with a page: status line, headers and the encoded body."""
    body = html.encode(site.charset)
    headers = [("Date", http_date(at)), *site.headers]
    if site.coding == "gzip":
        # Without a time of modification, which would differ from run to run.
        body = gzip.compress(body, 6, mtime=0)
        headers.append(("Content-Encoding", "gzip"))
    if site.coding == "chunked":
        headers.append(("Transfer-Encoding", "chunked"))
        return head("200 OK", headers) + _chunked(body)
    return head("200 OK", [*headers, ("Content-Length", str(len(body)))]) + body


def head(status: str, headers: Iterable[tuple[str, str]]) -> bytes:
    """Return the head of an HTTP response, with the empty line that ends it."""
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def http_date(at: datetime) -> str:
    """Return a time in UTC in the format of HTTP headers (RFC 9110, 5.6.7)."""
    return f"{at:%a, %d %b %Y %H:%M:%S} GMT"


@cache
def _stock() -> dict[str, Any]:
    return tomllib.loads(
        Path(__file__).with_name("archive_layouts.toml").read_text(encoding="utf-8")
    )


def _form(text: str, known: Mapping[str, str]) -> Form:
    """Return a template with the known fields filled in; the others are left to `Form.fill`."""
    parts = _FIELD.split(_FIELD.sub(lambda found: known.get(found[1], found[0]), text))
    return Form(tuple(parts[::2]), tuple(parts[1::2]))


def _layout(table: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Form]:
    forms = {name: _form(table[name], known) for name in ("page", "path", "paragraph", "teaser")}
    return forms | {"insert": _form(table.get("insert", ""), known)}


def _site_fields(
    stock: Mapping[str, Any], rng: Random, name: str, base: str, charset: str, item: str
) -> dict[str, str]:
    """Return the fields that are the same on all pages of a site."""
    sections = rng.sample(stock["sections"], 7)
    form = _form(item, {})
    return {
        "site": name,
        "base": base,
        "charset": charset,
        "k": "".join(word[0] for word in name.lower().split()) + str(rng.randrange(100)),
        "tagline": rng.choice(stock["taglines"]),
        "consent": rng.choice(stock["consents"]),
        "signup": rng.choice(stock["signups"]).replace("$site", name),
        "menu": "".join(form.fill({"key": name.lower(), "name": name}) for name in sections),
    }


def _headers(stock: Mapping[str, Any], rng: Random, charset: str) -> tuple[tuple[str, str], ...]:
    headers = [("Server", rng.choice(stock["servers"]))]
    # Some sites declare the encoding in the header, the others in the page only.
    declared = charset == "utf-8" and rng.random() < 0.5
    headers.append(("Content-Type", "text/html; charset=UTF-8" if declared else "text/html"))
    return (*headers, *(header for header in _MORE_HEADERS if rng.random() < 0.5))


def _fields(site: Site, number: int, stories: Sequence[Story], at: datetime) -> dict[str, str]:
    """Return the fields of an article other than its text."""
    story = stories[-1]
    author = site.authors[number % len(site.authors)]
    american = site.number % 3 == 0
    return {
        "id": str(100_000 + number),
        "slug": _slug(stories[0].title)[:80].strip("-"),
        "title": story.title,
        "dek": story.dek,
        "section": story.section,
        "key": story.section.lower(),
        "author": story.wire or author,
        "who": _slug(author),
        "published": _iso(at),
        "day": f"{at:%B} {at.day}, {at.year}" if american else f"{at.day} {at:%B} {at.year}",
        "clock": f"{at:%H:%M}",
        "y": f"{at.year}",
        "m": f"{at:%m}",
        "d": f"{at:%d}",
        "caption": f"{story.place} in {at:%B}. Photo: {author}/{site.name}",
    }


def _json_ld(site: Site, fields: Mapping[str, str]) -> str:
    article = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": fields["title"],
        "mainEntityOfPage": fields["url"],
        "datePublished": fields["published"],
        "dateModified": fields["modified"],
        "articleSection": fields["section"],
        "author": [{"@type": "Person", "name": fields["author"]}],
        "publisher": {"@type": "Organization", "name": site.name, "url": site.base},
    }
    return f'<script type="application/ld+json">{json.dumps(article)}</script>'


def _body(site: Site, paragraphs: Sequence[str], wire: str | None) -> str:
    """Return the HTML of the paragraphs.

    The site's box, if it has one, follows the second; an agency is credited at the end.
    """
    form, box = site.layout["paragraph"], site.layout["insert"].fill({})
    printed = [form.fill({"p": paragraph}) for paragraph in paragraphs]
    if wire:
        printed.append(form.fill({"p": f"Source: {wire}"}))
    return "\n".join([*printed[:2], *([box] if box else []), *printed[2:]])


def _chunked(body: bytes) -> bytes:
    chunks = (body[at : at + 4096] for at in range(0, len(body), 4096))
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


def _slug(text: str) -> str:
    return _NOT_SLUG.sub("-", text.lower()).strip("-")


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
