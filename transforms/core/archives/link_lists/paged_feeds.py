"""Feeds in several documents: paged and archived feeds of RFC 5005, and `next_url` of JSON Feed.

An archived feed leads from its current document back to ever older ones; a paged one to its next
page.
"""

import io
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from transforms.core.archives.link_lists.documents import Document
from transforms.core.archives.link_lists.sitemaps import SAFE
from transforms.core.archives.link_lists.url_lists import absolute
from transforms.core.charsets import UnreadableError
from transforms.core.feeds import bounds
from transforms.core.feeds.poll import poll
from transforms.core.feeds.poll_types import PollResponse
from transforms.core.feeds.states import new_state
from transforms.core.urls import UrlError
from transforms.records import FeedEntry, FeedSource, Reject

HISTORY = "http://purl.org/syndication/history/1.0"

# RFC 4287 allows a registered relation to be written as an IRI.
_RELATIONS = "http://www.iana.org/assignments/relation/"
_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_ROOTS = frozenset({"rss", "feed", "rdf"})
_ITEMS = frozenset({"item", "entry"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLinks:
    """The links of a document of a feed to the feed's other documents."""

    prev_archive: str | None = None
    next: str | None = None
    is_complete: bool = False

    @property
    def older(self) -> str | None:
        """Return the document to read after this one: the archive before it, else the next page."""
        return None if self.is_complete else self.prev_archive or self.next


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """One document of a feed: its entries and rejects as a poll gives them, without a feed_id.

    `fault` is the code and the message of what was wrong with a document whose entries were kept.
    """

    entries: tuple[FeedEntry, ...]
    rejects: tuple[Reject, ...]
    fault: tuple[str, str] | None
    links: PageLinks


def read_page(document: Document, now: datetime) -> FeedPage:
    """Return the page in a document of a feed; its rejects have what cannot be read.

    To be called in a process of its own: parsers can hang or crash.
    """
    source = FeedSource(feed_id=document.name, feed_url=document.url or document.name)
    content = document.content[: bounds.MAX_FEED_BYTES]
    answer = PollResponse(
        status=200, final_url=document.url, content=content, content_type=document.content_type
    )
    polled = poll(new_state(source, now), now, answer)
    # A document that the feed parser rejected is not safe to parse for its links either.
    links = (
        page_links(content, document.url)
        if polled.status == "ok" and polled.counts
        else PageLinks()
    )
    return FeedPage(
        entries=tuple(replace(entry, feed_id=None) for entry in polled.entries),
        rejects=tuple(replace(reject, feed_id=None) for reject in polled.rejects),
        fault=None if polled.rejects else polled.fault,
        links=links,
    )


def page_links(data: bytes, url: str | None) -> PageLinks:
    """Return the links of a feed's document at `url`; none if it cannot be read."""
    try:
        data, _ = bounds.as_utf8(data)
    except UnreadableError:
        return PageLinks()
    bare = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    return _json_links(bare, url) if bare[:1] == b"{" else _xml_links(bare, url)


def _json_links(data: bytes, url: str | None) -> PageLinks:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return PageLinks()
    link = document.get("next_url") if isinstance(document, dict) else None
    return PageLinks(next=_link(link, url) if isinstance(link, str) else None)


def _xml_links(data: bytes, url: str | None) -> PageLinks:
    parser = etree.iterparse(io.BytesIO(data), events=("start", "end"), recover=True, **SAFE)
    found: dict[str, str | None] = {}
    base = url
    try:
        for event, element in parser:
            name = _local_name(element)
            if event == "start":
                base = _base_within(element, name, base)
            elif name in _ITEMS:
                # A feed may be long, and its items have no links to other documents.
                element.clear()
            elif _is_of_feed(element):
                _add_links(element, name, found, base)
    except etree.XMLSyntaxError:
        # What was found before the error counts; the feed's own parser reports the error.
        pass
    return PageLinks(
        prev_archive=found.get("prev-archive"),
        next=found.get("next"),
        is_complete="complete" in found,
    )


def _local_name(element: Any) -> str:
    """Return an element's name without its namespace, in lower case; "" for a comment."""
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""


def _base_within(element: Any, name: str, base: str | None) -> str | None:
    """Return the base of the relative links within an element."""
    xml_base = element.get(_XML_BASE)
    is_outer = name in _ROOTS or name == "channel"
    return _joined(base, xml_base) if is_outer and xml_base else base


def _add_links(element: Any, name: str, found: dict[str, str | None], base: str | None) -> None:
    """Add the links of an element of the feed to `found`, by relation."""
    if name == "link":
        _add_link(element, found, base)
    elif name == "complete" and etree.QName(element).namespace == HISTORY:
        found.setdefault(name, None)


def _add_link(element: Any, found: dict[str, str | None], base: str | None) -> None:
    href = element.get("href")
    if not href:
        return
    for value in (element.get("rel") or "").lower().split():
        relation = value.removeprefix(_RELATIONS)
        if relation not in {"prev-archive", "next"}:
            continue
        link = _link(href, _joined(base, element.get(_XML_BASE)))
        if link is not None:
            found.setdefault(relation, link)


def _is_of_feed(element: Any) -> bool:
    """Return whether an element is the feed's own, not of one of its items."""
    parent = element.getparent()
    if parent is None:
        return False
    name = _local_name(parent)
    return name == "channel" or (name in _ROOTS and parent.getparent() is None)


def _joined(base: str | None, link: str | None) -> str | None:
    try:
        return urljoin(base or "", link.strip()) if link else base
    except ValueError:
        return base


def _link(href: str, base: str | None) -> str | None:
    try:
        return absolute(href, base)
    except UrlError:
        return None
