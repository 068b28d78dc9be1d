"""Is a document small and flat enough to hand to a parser? Asked of the bytes, before any tree is built."""

import re

from transforms.errors import FeedError

MAX_FEED_BYTES = 10 * 1024 * 1024
MAX_ITEMS = 10_000
MAX_DEPTH = 256
MAX_TAGS = 600_000
MAX_ATTRIBUTES = 1_000

_ITEM = re.compile(rb"<(?:[A-Za-z0-9_.-]+:)?(?:item|entry)(?=[\s>/])", re.IGNORECASE)
_ITEM_END = re.compile(rb"</(?:[A-Za-z0-9_.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_NOTHING = b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"
_NOT_TAGS = ((b"<![CDATA[", b"]]>"), (b"<!--", b"-->"))
_TAG = re.compile(rb"<(/?)([A-Za-z_:][^<>\s/]*)[^<>]*?(/?)>")
_ITEM_NAME = re.compile(rb"(?:[A-Za-z0-9_.-]+:)?(?:item|entry)", re.IGNORECASE)
_HTML_HEAD = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_ZEROS = {
    (False, True, True, True): "utf-32-le",
    (True, True, True, False): "utf-32-be",
    (False, True): "utf-16-le",
    (True, False): "utf-16-be",
}
_DECLARED = re.compile(
    r"\A(\s*<\?xml[^>]{0,100}?)\s+encoding\s*=\s*(?:\"[^\"]{0,60}\"|'[^']{0,60}')"
)
_FEED_END = re.compile(rb"</(?:[A-Za-z0-9_.-]{1,40}:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)
_FEED_ROOT = re.compile(rb"<(?:[A-Za-z0-9_.-]+:)?(?:rss|feed|rdf|channel)[\s>]", re.IGNORECASE)


def as_utf8(data: bytes) -> tuple[bytes, bool]:
    """Return UTF-16 and UTF-32, with a mark or without, as UTF-8, so that tags can be counted; and whether it was."""
    coding = next((name for mark, name in _MARKS if data.startswith(mark)), None) or _unmarked(
        data[:4]
    )
    if coding is None:
        return data, False
    text = _DECLARED.sub(r"\1", data.decode(coding, "replace").removeprefix("\ufeff"), count=1)
    return text.encode("utf-8", "replace"), True


def check_bytes(data: bytes) -> None:
    """Raise FeedError for a document with nothing in it or too much."""
    if not data.strip(_NOTHING):
        raise FeedError("the feed's document is empty", reason="E_FEED_EMPTY")
    if len(data) > MAX_FEED_BYTES:
        raise FeedError(
            f"feed of {len(data)} bytes, at most {MAX_FEED_BYTES} are read",
            reason="E_FEED_TOO_LARGE",
        )


def check_tags(data: bytes) -> None:
    """Raise FeedError where tags are deeper, more, or more loaded than any feed's.

    Parsers pay 25 microseconds a tag, and for depth and attributes with the square of them.
    """
    bare = data
    for start, end in _NOT_TAGS:
        bare = _without(bare, start, end)
    items = depth = 0
    for number, tag in enumerate(_TAG.finditer(bare)):
        closes, name, empty = tag.groups()
        step = 0 if empty else -1 if closes else 1
        if _ITEM_NAME.fullmatch(name):
            # What an item leaves open does not add up from item to item.
            items, depth = max(items + step, 0), 0
        else:
            depth = max(depth + step, 0)
        if items + depth > MAX_DEPTH:
            raise FeedError(f"tags nested over {MAX_DEPTH} deep", reason="E_FEED_TOO_DEEP")
        if number > MAX_TAGS or _attributes(bare, *tag.span()) > MAX_ATTRIBUTES:
            raise FeedError(
                f"over {MAX_TAGS} tags, or {MAX_ATTRIBUTES} attributes in one",
                reason="E_FEED_TOO_COMPLEX",
            )


def cut_items(data: bytes) -> tuple[bytes, int]:
    """Return the document with its first 10,000 items, and how many were left out."""
    count = first = last = 0
    for start in _ITEM.finditer(data):
        count, last = count + 1, start.start()
        first = last if count == MAX_ITEMS + 1 else first
    if count <= MAX_ITEMS:
        return data, 0
    end = 0
    for closing in _ITEM_END.finditer(data, last):
        end = closing.end()
    return data[:first] + (data[end:] if end else b""), count - MAX_ITEMS


def looks_like_html(data: bytes) -> bool:
    """Return whether a page stands where a feed should."""
    head = data[:4096]
    return bool(_HTML_HEAD.search(head)) and not _FEED_ROOT.search(head)


def _attributes(data: bytes, start: int, end: int) -> int:
    """Return how many attributes a tag may have."""
    return data.count(b"=", start, end) if end - start > MAX_ATTRIBUTES else 0


def is_closed(data: bytes) -> bool:
    """Return whether a feed's document has its end."""
    return bool(_FEED_END.search(data[-4096:]))


def _without(data: bytes, start: bytes, end: bytes) -> bytes:
    """Return the bytes without the spans between two marks, in linear time."""
    kept: list[bytes] = []
    at = 0
    while (opening := data.find(start, at)) >= 0 and (closing := data.find(end, opening)) >= 0:
        kept.append(data[at:opening])
        at = closing + len(end)
    return b"".join((*kept, data[at:]))


def _unmarked(head: bytes) -> str | None:
    """Return the coding that the place of the zeros in the first character shows."""
    zeros = tuple(not byte for byte in head)
    return _ZEROS.get(zeros) or _ZEROS.get(zeros[:2])
