"""Write feed lists: OPML 2.0 with folders, and TOML. `lists` reads them as the same feeds."""

import json
from collections.abc import Iterable, Sequence

from lxml import etree

from transforms.records import FeedSource

_TEXTS = ("title", "site_url", "country", "language", "folder")


def to_toml(feeds: Iterable[FeedSource]) -> str:
    """Return feeds as a TOML list, one [[feed]] table each, in order."""
    return "\n".join(_table(feed) for feed in feeds)


def to_opml(feeds: Iterable[FeedSource], title: str = "newsbeam") -> str:
    """Return feeds as an OPML list (http://opml.org/spec2.opml), in order.

    A folder whose feeds are not together is written several times. The attributes `country` and
    `enabled` are not OPML's; other readers ignore them.
    """
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    # The folders that are open, and the elements of body and these.
    path: list[str] = []
    elements = [body]
    for feed in feeds:
        folders = feed.folder.split("/") if feed.folder else []
        shared = _common_length(path, folders)
        elements = elements[: shared + 1]
        for name in folders[shared:]:
            elements.append(etree.SubElement(elements[-1], "outline", text=name))
        path = folders
        etree.SubElement(elements[-1], "outline", _attributes(feed))
    written: bytes = etree.tostring(root, pretty_print=True, xml_declaration=True, encoding="UTF-8")
    return written.decode()


def _common_length(path: Sequence[str], other: Sequence[str]) -> int:
    """Return the length of the common start of two paths."""
    length = 0
    for name, other_name in zip(path, other, strict=False):
        if name != other_name:
            break
        length += 1
    return length


def _table(feed: FeedSource) -> str:
    lines = ["[[feed]]", f"url = {_quoted(feed.feed_url)}"]
    for name in _TEXTS:
        value = getattr(feed, name)
        if value:
            lines.append(f"{name} = {_quoted(value)}")
    if feed.tags:
        lines.append(f"tags = [{', '.join(map(_quoted, feed.tags))}]")
    if not feed.enabled:
        lines.append("enabled = false")
    return "\n".join((*lines, ""))


def _quoted(text: str) -> str:
    """Return a text as a TOML basic string: the form of JSON's strings, except for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _attributes(feed: FeedSource) -> dict[str, str]:
    values = {
        "type": "rss",
        "text": feed.title or feed.feed_url,
        "title": feed.title,
        "xmlUrl": feed.feed_url,
        "htmlUrl": feed.site_url,
        "language": feed.language,
        "country": feed.country,
        "category": ",".join(feed.tags),
        "enabled": None if feed.enabled else "false",
    }
    return {name: value for name, value in values.items() if value}
