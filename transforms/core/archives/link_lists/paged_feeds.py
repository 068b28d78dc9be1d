"""Where does a feed go on? Paged and archived feeds of RFC 5005, and `next_url` of JSON Feed.

An archived feed leads from its current document back to ever older ones; a paged one on to its next page.
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
from transforms.core.feeds import bounds
from transforms.core.feeds.poll import poll
from transforms.core.feeds.poll_types import PollResponse
from transforms.core.feeds.states import new_state
from transforms.core.urls import UrlError
from transforms.records import FeedEntry, FeedSource, Reject

HISTORY = "http://purl.org/syndication/history/1.0"

_RELATIONS = "http://www.iana.org/assignments/relation/"
_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_ROOTS = frozenset({"rss", "feed", "rdf"})
_ITEMS = frozenset({"item", "entry"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLinks:
    """What a document of a feed says of the feed's others."""

    prev_archive: str | None = None
    next: str | None = None
    is_archive: bool = False
    is_complete: bool = False

    @property
    def older(self) -> str | None:
        """Return the document to read after this one: an archive's, else a page's; None where this is all."""
        return None if self.is_complete else self.prev_archive or self.next


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """One document of a feed: its entries as a poll would give them, but of no feed, what was refused, and its links.

    `fault` is the code and the message of what was wrong with a document whose entries could be kept.
    """

    entries: tuple[FeedEntry, ...]
    rejects: tuple[Reject, ...]
    fault: tuple[str, str] | None
    links: PageLinks


def read_page(document: Document, now: datetime) -> FeedPage:
    """Return what a document of a feed says: work for a process of its own. What cannot be read is in its rejects."""
    source = FeedSource(feed_id=document.name, feed_url=document.url or document.name)
    content = document.content[: bounds.MAX_FEED_BYTES]
    answer = PollResponse(
        status=200, final_url=document.url, content=content, content_type=document.content_type
    )
    polled = poll(new_state(source, now), now, answer)
    # A document that the feed's reader refused is not safe to read for its links either.
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
    """Return what a feed's document, which was found at `url`, says; nothing where it cannot be read or is too deep."""
    data, _ = bounds.as_utf8(data)
    bare = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    return _json_links(bare, url) if bare[:1] == b"{" else _xml_links(bare, url)


def _json_links(data: bytes, url: str | None) -> PageLinks:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return PageLinks()
    said = document.get("next_url") if isinstance(document, dict) else None
    return PageLinks(next=_link(said, url) if isinstance(said, str) else None)


def _xml_links(data: bytes, url: str | None) -> PageLinks:
    parser = etree.iterparse(io.BytesIO(data), events=("start", "end"), recover=True, **SAFE)
    found: dict[str, str | None] = {}
    base = url
    try:
        for event, element in parser:
            base = _take(event, element, found, base)
    except etree.XMLSyntaxError:
        # What was found before it breaks off counts; the feed's own reader says what is wrong.
        pass
    return PageLinks(
        prev_archive=found.get("prev-archive"),
        next=found.get("next"),
        is_archive="archive" in found,
        is_complete="complete" in found,
    )


def _take(event: str, element: Any, found: dict[str, str | None], base: str | None) -> str | None:
    """Note what an element says of other documents, and return the base of relative links from here on."""
    name = etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""
    if event == "start":
        outer = name in _ROOTS or name == "channel"
        return _joined(base, element.get(_XML_BASE)) if outer and element.get(_XML_BASE) else base
    if name in _ITEMS:
        element.clear()
    elif _is_of_feed(element):
        if name == "link":
            _take_link(element, found, base)
        elif name in {"archive", "complete"} and etree.QName(element).namespace == HISTORY:
            found.setdefault(name, None)
    return base


def _take_link(element: Any, found: dict[str, str | None], base: str | None) -> None:
    href = element.get("href")
    for relation in (element.get("rel") or "").lower().split():
        name = relation.removeprefix(_RELATIONS)
        link = (
            _link(href, _joined(base, element.get(_XML_BASE)))
            if href and name in {"prev-archive", "next"}
            else None
        )
        if link is not None:
            found.setdefault(name, link)


def _is_of_feed(element: Any) -> bool:
    """Return whether an element is the feed's own, not of one of its items."""
    parent = element.getparent()
    name = (
        etree.QName(parent).localname.lower()
        if parent is not None and isinstance(parent.tag, str)
        else ""
    )
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
