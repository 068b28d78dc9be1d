"""Feed lists as people keep them, written: OPML 2.0 with folders, and our TOML. What `lists` reads back is the same."""

import json
from collections.abc import Iterable

from lxml import etree

from transforms.records import FeedSource

_TEXTS = ("title", "site_url", "country", "language", "folder")


def to_toml(feeds: Iterable[FeedSource]) -> str:
    """Return feeds as a TOML list, one [[feed]] table each, in order."""
    return "\n".join(_table(feed) for feed in feeds)


def to_opml(feeds: Iterable[FeedSource], title: str = "newsbeam") -> str:
    """Return feeds as an OPML list (http://opml.org/spec2.opml), in order: a folder that comes again is opened again.

    What OPML has no attribute for is in `country` and `enabled`, which other readers pass over.
    """
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    path: list[str] = []
    opened = [body]
    for feed in feeds:
        wanted = feed.folder.split("/") if feed.folder else []
        shared = next(
            (n for n, (a, b) in enumerate(zip(path, wanted, strict=False)) if a != b),
            min(len(path), len(wanted)),
        )
        opened = opened[: shared + 1]
        for name in wanted[shared:]:
            opened.append(etree.SubElement(opened[-1], "outline", text=name))
        path = wanted
        etree.SubElement(opened[-1], "outline", _attributes(feed))
    written: bytes = etree.tostring(root, pretty_print=True, xml_declaration=True, encoding="UTF-8")
    return written.decode()


def _table(feed: FeedSource) -> str:
    lines = ["[[feed]]", f"url = {_quoted(feed.feed_url)}"]
    lines += [f"{name} = {_quoted(value)}" for name in _TEXTS if (value := getattr(feed, name))]
    if feed.tags:
        lines.append(f"tags = [{', '.join(map(_quoted, feed.tags))}]")
    if not feed.enabled:
        lines.append("enabled = false")
    return "\n".join((*lines, ""))


def _quoted(text: str) -> str:
    """Return a text as a basic string of TOML: JSON's form, which it shares but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _attributes(feed: FeedSource) -> dict[str, str]:
    said = {
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
    return {name: value for name, value in said.items() if value}
