"""Which pages, or which further sitemaps, does a sitemap name? https://www.sitemaps.org/protocol.html

With what Google's news extension says of an article. Files in the wild are sloppy: namespaces, entities and closing
tags may be wrong or missing, and what can be read of them is.
"""

import calendar
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from html.entities import html5
from types import MappingProxyType
from typing import Any

from lxml import etree

from transforms.core.archives.link_lists.documents import Document
from transforms.core.archives.link_lists.url_lists import absolute
from transforms.core.feeds import feed_dates as dates
from transforms.core.feeds import parsed
from transforms.core.urls import UrlError

MAX_LISTED = 50_000
"""Links that the protocol allows in one sitemap; more are read all the same."""

SAFE: Mapping[str, Any] = MappingProxyType(
    {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
)
"""How documents of strangers are parsed: nothing is expanded or fetched, at most 256 elements deep."""
_MAX_TEXT = 16 * 1024
_ITEMS = frozenset({"url", "sitemap"})
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r"))
_CDATA, _CDATA_END = b"<![CDATA[", b"]]>"
_AMPERSAND = re.compile(rb"&(?:#[0-9]{1,7};|#[xX][0-9A-Fa-f]{1,6};|([A-Za-z][A-Za-z0-9]{0,31});)?")
_OF_XML = frozenset({b"amp", b"lt", b"gt", b"quot", b"apos"})
_CLOSING = re.compile(rb"</(?:[A-Za-z0-9_.-]{1,40}:)?(?:url|sitemap)\s*>", re.IGNORECASE)
_ROOT_END = re.compile(rb"</(?:[A-Za-z0-9_.-]{1,40}:)?(?:urlset|sitemapindex)\s*>", re.IGNORECASE)
_EMPTY_ROOT = re.compile(
    rb"<(?:[A-Za-z0-9_.-]{1,40}:)?(?:urlset|sitemapindex)\b[^<>]*/>", re.IGNORECASE
)
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}\?>")
_CODING = re.compile(rb"encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{1,40})")
_PARTIAL = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?(?!\d)")
_BEFORE_ZONE = re.compile(r"(?<=\d)\s+(?=[+-]\d\d:?\d\d$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapLink:
    """A page, or in an index a sitemap. `last_day` is the last on which it may have been changed, as it says."""

    url: str
    last_day: date | None = None
    title: str | None = None
    published_at: datetime | None = None
    language: str | None = None
    date_flag: str | None = None


@dataclass(frozen=True, slots=True)
class SitemapFault:
    """What is wrong with a sitemap or with one of its links, which `url` then is."""

    message: str
    url: str | None = None


BROKEN_OFF = SitemapFault("it breaks off, what is whole before is read")


def read_sitemap(
    data: bytes, *, url: str | None, now: datetime | None
) -> Iterator[SitemapLink | SitemapFault]:
    """Yield what a sitemap or an index names, in its order, and what is wrong with it.

    `url` is where it came from. Entities and document types are not looked at, nothing is fetched.
    """
    whole = (
        _ROOT_END.search(data[-4096:]) is not None or _EMPTY_ROOT.search(data[:4096]) is not None
    )
    last = 0
    for closing in () if whole else _CLOSING.finditer(data):
        last = closing.end()
    document = io.BytesIO(_mended(data if whole else data[:last]))
    parser = etree.iterparse(
        document, events=("end",), remove_comments=True, remove_pis=True, recover=True, **SAFE
    )
    yield from _links(parser, url, now)
    fault = _fault(parser) if whole else BROKEN_OFF
    if fault is not None:
        yield fault


def listed(document: Document, now: datetime) -> tuple[SitemapLink | SitemapFault, ...]:
    """Return all that a sitemap or an index says: work for a process of its own."""
    return tuple(read_sitemap(document.content, url=document.url, now=now))


def published(text: str | None, now: datetime | None) -> tuple[datetime | None, str | None]:
    """Return the time of a W3C datetime (https://www.w3.org/TR/NOTE-datetime), and the flag of one that was changed.

    A month or a year alone is no time.
    """
    said = _BEFORE_ZONE.sub("", (text or "").strip())
    return dates.settled(dates.from_iso(said) or dates.from_words(said), now)


def last_day(text: str | None) -> date | None:
    """Return the last day that a date, of which days or months may be missing, can mean; None for what is none."""
    said = _BEFORE_ZONE.sub("", (text or "").strip())
    if not said:
        return None
    when = dates.from_iso(said) or dates.from_words(said)
    if when is not None:
        return when.date()
    found = _PARTIAL.match(said)
    if found is None:
        return None
    try:
        year, month = int(found[1]), int(found[2] or 12)
        return date(year, month, int(found[3] or calendar.monthrange(year, month)[1]))
    except ValueError:
        return None


def _links(
    parser: Any, base: str | None, now: datetime | None
) -> Iterator[SitemapLink | SitemapFault]:
    try:
        for _, element in parser:
            if _name(element) in _ITEMS:
                found = _link(element, base, now)
                if found is not None:
                    yield found
                _let_go(element)
    except etree.XMLSyntaxError as error:
        yield SitemapFault(f"not readable as XML: {error}"[:300])


def _link(
    element: Any, base: str | None, now: datetime | None
) -> SitemapLink | SitemapFault | None:
    """Return what an element names; None for one of another kind that has the same name."""
    said = _texts(element)
    if "loc" not in said:
        return None
    try:
        url = absolute("".join(said["loc"].split()), base)
    except UrlError as error:
        return SitemapFault(str(error), said["loc"][:2048])
    link = SitemapLink(url=url, last_day=last_day(said.get("lastmod")))
    news = next((child for child in element if _name(child) == "news"), None)
    return link if news is None else _with_news(link, news, now)


def _with_news(link: SitemapLink, news: Any, now: datetime | None) -> SitemapLink:
    """Return a link with what the news extension says of it."""
    said = _texts(news)
    about = next((_texts(child) for child in news if _name(child) == "publication"), {})
    published_at, flag = published(said.get("publication_date"), now)
    return replace(
        link,
        title=parsed.line(said.get("title"), html=True),
        published_at=published_at,
        language=parsed.line(about.get("language") or said.get("language"), limit=35),
        date_flag=flag,
    )


def _texts(element: Any) -> dict[str, str]:
    """Return the texts of an element's children by name, the first of each that has one."""
    texts: dict[str, str] = {}
    for child in element:
        # What a link that was not closed swallows is not part of it.
        pieces = [child.text or ""] if _name(child) == "loc" else child.itertext()
        text = "".join(pieces)[:_MAX_TEXT].strip()
        if text:
            texts.setdefault(_name(child), text)
    return texts


def _name(element: Any) -> str:
    """Return an element's name without its namespace, or a prefix that none was declared for, in lower case."""
    tag = element.tag
    return _local(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=256)
def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1].rsplit(":", 1)[-1].lower()


def _let_go(element: Any) -> None:
    """Free the memory of an element, and of those before it; one within another, which was not closed, is not alone."""
    element.clear()
    parent = element.getparent()
    while parent is not None and _name(parent) not in _ITEMS and parent[0] is not element:
        del parent[0]


def _fault(parser: Any) -> SitemapFault | None:
    """Return the first thing that the parser had to pass over, if any; a missing namespace is none."""
    for entry in parser.error_log:
        if entry.domain_name != "NAMESPACE" and entry.level_name in {"ERROR", "FATAL"}:
            return SitemapFault(f"line {entry.line}: {entry.message}"[:300])
    return None


def _mended(data: bytes) -> bytes:
    """Return a document that a parser of XML can take in: without stray controls and ampersands, UTF-8 made whole."""
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip().translate(None, _CONTROLS)
    declared = _DECLARED.match(data)
    coding = _CODING.search(declared[0]) if declared else None
    if coding is None or coding[1].lower() in {b"utf-8", b"utf8"}:
        data = data[declared.end() if declared else 0 :].decode("utf-8", "replace").encode()
    first, *others = data.split(_CDATA)
    kept = [_without_entities(first)]
    for other in others:
        inside, end, after = other.partition(_CDATA_END)
        kept += [_CDATA, inside, end, _without_entities(after)]
    return b"".join(kept)


def _without_entities(data: bytes) -> bytes:
    return _AMPERSAND.sub(_reference, data)


def _reference(found: re.Match[bytes]) -> bytes:
    """Return an ampersand as XML has it: names of HTML as numbers, what is no reference escaped."""
    name = found[1]
    if len(found[0]) > 1 and (name is None or name in _OF_XML):
        return found[0]
    known = html5.get(name.decode("ascii") + ";") if name else None
    return b"".join(b"&#%d;" % ord(c) for c in known) if known else b"&amp;" + found[0][1:]
