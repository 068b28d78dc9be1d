"""The pages that a sitemap names, or the sitemaps that an index of sitemaps names.

Formats: https://www.sitemaps.org/protocol.html, and Google's news extension of it. Namespaces,
entities and closing tags of real files may be wrong or missing; what can be read is read.
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
from transforms.core.charsets import UnreadableError
from transforms.core.dates.parsed_time import IMPOSSIBLE, ParsedTime
from transforms.core.dates.reading import read_stated
from transforms.core.feeds import bounds, parsed
from transforms.core.feeds.feed_dates import credible
from transforms.core.urls import UrlError

MAX_LISTED = 50_000
"""Links that the protocol allows in one sitemap; more are read all the same."""

SAFE: Mapping[str, Any] = MappingProxyType(
    {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
)
"""Parser options for untrusted documents: nothing is expanded or fetched, at most 256 levels deep.
"""
# Longest text of a field, in characters: longer than any URL or title that is used.
_MAX_TEXT = 16 * 1024
# The root's end tag is near the end of a file, but comments of caches come after it; an empty root
# is near its beginning.
_EDGE = 4096
# Longest invalid link and longest parser message in a reject, in characters.
_MAX_BAD_LINK = 2048
_MAX_MESSAGE = 300
# RFC 5646, section 4.4.1: no registered combination of subtags is longer.
_MAX_LANGUAGE = 35
_ITEMS = frozenset({"url", "sitemap"})
# XML 1.0 has no other control characters, and its parsers end at one.
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r"))
_CDATA, _CDATA_END = b"<![CDATA[", b"]]>"
_AMPERSAND = re.compile(rb"&(?:#[0-9]{1,7};|#[xX][0-9A-Fa-f]{1,6};|([A-Za-z][A-Za-z0-9]{0,31});)?")
_XML_NAMES = frozenset({b"amp", b"lt", b"gt", b"quot", b"apos"})
# Prefixes of namespaces are of at most 40 characters here, so that no search goes far.
_CLOSING = re.compile(rb"</(?:[A-Za-z0-9_.-]{1,40}:)?(?:url|sitemap)\s*>", re.IGNORECASE)
_ROOT_END = re.compile(rb"</(?:[A-Za-z0-9_.-]{1,40}:)?(?:urlset|sitemapindex)\s*>", re.IGNORECASE)
_EMPTY_ROOT = re.compile(
    rb"<(?:[A-Za-z0-9_.-]{1,40}:)?(?:urlset|sitemapindex)\b[^<>]*/>", re.IGNORECASE
)
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}\?>")
_PARTIAL = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapLink:
    """A page, or in an index a sitemap. `last_day` is the last day that its `lastmod` can mean."""

    url: str
    last_day: date | None = None
    title: str | None = None
    published_at: datetime | None = None
    language: str | None = None
    date_flag: str | None = None


@dataclass(frozen=True, slots=True)
class SitemapFault:
    """What is wrong with a sitemap, or with one of its links: then `url` is that link."""

    message: str
    url: str | None = None


BROKEN_OFF = SitemapFault("it breaks off, what is whole before is read")


def read_document(document: Document, now: datetime) -> tuple[SitemapLink | SitemapFault, ...]:
    """Return all that a sitemap or an index names, and what is wrong with it.

    To be called in a process of its own: parsers can hang or crash.
    """
    return tuple(read_sitemap(document.content, url=document.url, now=now))


def read_sitemap(
    data: bytes, *, url: str | None, now: datetime | None
) -> Iterator[SitemapLink | SitemapFault]:
    """Yield what a sitemap or an index names, in its order, and what is wrong with it.

    `url` is where it came from. Entities and document types are not resolved.
    """
    is_whole = _has_end(data)
    if not is_whole:
        data = _up_to_last_item(data)
    parser = etree.iterparse(
        io.BytesIO(_repaired(data)),
        events=("end",),
        remove_comments=True,
        remove_pis=True,
        recover=True,
        **SAFE,
    )
    yield from _links(parser, url, now)
    fault = _parser_fault(parser) if is_whole else BROKEN_OFF
    if fault is not None:
        yield fault


def _has_end(data: bytes) -> bool:
    """Return whether the end tag of the root is there, or the root is empty."""
    if _ROOT_END.search(data[-_EDGE:]) is not None:
        return True
    return _EMPTY_ROOT.search(data[:_EDGE]) is not None


def _up_to_last_item(data: bytes) -> bytes:
    """Return a document that breaks off without the item that is cut."""
    end = 0
    for closing in _CLOSING.finditer(data):
        end = closing.end()
    return data[:end]


def published(text: str | None, now: datetime | None) -> tuple[datetime | None, str | None]:
    """Return the time of a W3C datetime (https://www.w3.org/TR/NOTE-datetime), None for none.

    Beside it the flag of a time that was changed. A month or a year alone is not a time.
    """
    return credible(_time(text), now)


def last_day(text: str | None) -> date | None:
    """Return the last day that a date, perhaps without day or month, can mean; None for none."""
    when = _time(text)
    if when is not None:
        return when.at.date()
    partial = _PARTIAL.match((text or "").strip())
    if partial is None:
        return None
    try:
        year, month = int(partial[1]), int(partial[2] or 12)
        return date(year, month, int(partial[3] or calendar.monthrange(year, month)[1]))
    except ValueError:
        return None


def _time(text: str | None) -> ParsedTime | None:
    """Return the time that a text states; None for none, and for one that no calendar has."""
    time = read_stated(text)
    return None if time is None or time.at == IMPOSSIBLE else time


def _links(
    parser: Any, base: str | None, now: datetime | None
) -> Iterator[SitemapLink | SitemapFault]:
    try:
        for _, element in parser:
            if _name(element) in _ITEMS:
                found = _link(element, base, now)
                if found is not None:
                    yield found
                _free(element)
    except etree.XMLSyntaxError as error:
        yield SitemapFault(f"not readable as XML: {error}"[:_MAX_MESSAGE])


def _link(
    element: Any, base: str | None, now: datetime | None
) -> SitemapLink | SitemapFault | None:
    """Return what an item names; None for another element that has the same name."""
    texts = _texts(element)
    if "loc" not in texts:
        return None
    try:
        url = absolute("".join(texts["loc"].split()), base)
    except UrlError as error:
        return SitemapFault(str(error), texts["loc"][:_MAX_BAD_LINK])
    link = SitemapLink(url=url, last_day=last_day(texts.get("lastmod")))
    news = next((child for child in element if _name(child) == "news"), None)
    return link if news is None else _with_news(link, news, now)


def _with_news(link: SitemapLink, news: Any, now: datetime | None) -> SitemapLink:
    """Return a link with the title, date and language of the news extension."""
    texts = _texts(news)
    publication = next((_texts(child) for child in news if _name(child) == "publication"), {})
    published_at, flag = published(texts.get("publication_date"), now)
    language = publication.get("language") or texts.get("language")
    return replace(
        link,
        title=parsed.line(texts.get("title"), html=True),
        published_at=published_at,
        language=parsed.line(language, limit=_MAX_LANGUAGE),
        date_flag=flag,
    )


def _texts(element: Any) -> dict[str, str]:
    """Return the texts of an element's children by name, the first of each that has one."""
    texts: dict[str, str] = {}
    for child in element:
        # A link that was not closed holds the elements after it, which are not part of it.
        pieces = [child.text or ""] if _name(child) == "loc" else child.itertext()
        text = "".join(pieces)[:_MAX_TEXT].strip()
        if text:
            texts.setdefault(_name(child), text)
    return texts


def _name(element: Any) -> str:
    """Return an element's name in lower case, without a namespace or an undeclared prefix."""
    tag = element.tag
    return _local(tag) if isinstance(tag, str) else ""


# A sitemap has a handful of names, and up to a million elements.
@lru_cache(maxsize=256)
def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1].rsplit(":", 1)[-1].lower()


def _free(element: Any) -> None:
    """Free the memory of an item and of the elements before it."""
    element.clear()
    parent = element.getparent()
    # An item within another, which was not closed, is left: the outer one is still to be read.
    while parent is not None and _name(parent) not in _ITEMS and parent[0] is not element:
        del parent[0]


def _parser_fault(parser: Any) -> SitemapFault | None:
    """Return the first thing that the parser had to skip; undeclared namespaces do not count."""
    for entry in parser.error_log:
        if entry.domain_name != "NAMESPACE" and entry.level_name in {"ERROR", "FATAL"}:
            return SitemapFault(f"line {entry.line}: {entry.message}"[:_MAX_MESSAGE])
    return None


def _repaired(data: bytes) -> bytes:
    """Return a document that an XML parser reads: in valid UTF-8, with valid characters only."""
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip().translate(None, _CONTROLS)
    first, *others = _as_utf8(data).split(_CDATA)
    kept = [_with_xml_references(first)]
    for other in others:
        cdata, end, after = other.partition(_CDATA_END)
        kept += [_CDATA, cdata, end, _with_xml_references(after)]
    return b"".join(kept)


def _as_utf8(data: bytes) -> bytes:
    """Return a document in valid UTF-8, without a declaration."""
    try:
        data, _ = bounds.as_utf8(data)
    except UnreadableError:
        data = data.decode("utf-8", "replace").encode()
    declaration = _DECLARED.match(data)
    return data[declaration.end() :] if declaration else data


def _with_xml_references(data: bytes) -> bytes:
    """Return text with the references of HTML as numbers, and other ampersands escaped."""
    return _AMPERSAND.sub(_xml_reference, data)


def _xml_reference(found: re.Match[bytes]) -> bytes:
    name = found[1]
    is_reference = len(found[0]) > 1
    if is_reference and (name is None or name in _XML_NAMES):
        return found[0]
    characters = html5.get(name.decode("ascii") + ";") if name else None
    if characters is None:
        return b"&amp;" + found[0][1:]
    return b"".join(b"&#%d;" % ord(character) for character in characters)
