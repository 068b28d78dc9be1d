"""Is a document small and flat enough to hand to a parser? Asked of the bytes, before any tree is built."""

import re

from transforms.errors import FeedError

MAX_FEED_BYTES = 10 * 1024 * 1024
MAX_ITEMS = 10_000
MAX_DEPTH = 256

_ITEM = re.compile(rb"<(?:[A-Za-z0-9_.-]+:)?(?:item|entry)(?=[\s>/])", re.IGNORECASE)
_ITEM_END = re.compile(rb"</(?:[A-Za-z0-9_.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_NOT_TAGS = ((b"<![CDATA[", b"]]>"), (b"<!--", b"-->"))
_TAG = re.compile(rb"<(/?)([A-Za-z_:][^<>\s/]*)[^<>]*?(/?)>")
_ITEM_NAME = re.compile(rb"(?:[A-Za-z0-9_.-]+:)?(?:item|entry)", re.IGNORECASE)
_HTML_HEAD = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_FEED_ROOT = re.compile(rb"<(?:[A-Za-z0-9_.-]+:)?(?:rss|feed|rdf|channel)[\s>]", re.IGNORECASE)


def check_bytes(data: bytes) -> None:
    """Raise FeedError for a document with nothing in it or too much."""
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise FeedError("the feed's document is empty", reason="E_FEED_EMPTY")
    if len(data) > MAX_FEED_BYTES:
        raise FeedError(f"feed of {len(data)} bytes, at most {MAX_FEED_BYTES} are read", reason="E_FEED_TOO_LARGE")


def check_depth(data: bytes) -> None:
    """Raise FeedError where tags nest deeper than any feed's do: parsers pay for depth with the square of it."""
    bare = data.replace(b"\x00", b"")
    for start, end in _NOT_TAGS:
        bare = _without(bare, start, end)
    items = depth = 0
    for closes, name, empty in _TAG.findall(bare):
        step = 0 if empty else -1 if closes else 1
        if _ITEM_NAME.fullmatch(name):
            # What an item leaves open does not add up from item to item.
            items, depth = max(items + step, 0), 0
        else:
            depth = max(depth + step, 0)
        if items + depth > MAX_DEPTH:
            raise FeedError(f"tags nested over {MAX_DEPTH} deep", reason="E_FEED_TOO_DEEP")


def cut_items(data: bytes) -> tuple[bytes, int]:
    """Return the document with its first 10,000 items, and how many were left out."""
    starts = [match.start() for match in _ITEM.finditer(data)]
    if len(starts) <= MAX_ITEMS:
        return data, 0
    ends = [match.end() for match in _ITEM_END.finditer(data, starts[-1])]
    tail = data[ends[-1] :] if ends else b""
    return data[: starts[MAX_ITEMS]] + tail, len(starts) - MAX_ITEMS


def looks_like_html(data: bytes) -> bool:
    """Return whether a page stands where a feed should."""
    head = data[:4096].replace(b"\x00", b"")
    return bool(_HTML_HEAD.search(head)) and not _FEED_ROOT.search(head)


def _without(data: bytes, start: bytes, end: bytes) -> bytes:
    """Return the bytes without the spans between two marks, in linear time."""
    kept: list[bytes] = []
    at = 0
    while (opening := data.find(start, at)) >= 0 and (closing := data.find(end, opening)) >= 0:
        kept.append(data[at:opening])
        at = closing + len(end)
    return b"".join((*kept, data[at:]))
