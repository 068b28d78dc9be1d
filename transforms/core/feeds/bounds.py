"""Limits on a feed's document, checked on its bytes before a parser builds a tree."""

import re

from transforms.core.charsets import decode, decode_marked
from transforms.core.markup import xml_attribute_count
from transforms.errors import FeedError

# 20 times the largest of 31 real feeds (470 KB).
MAX_FEED_BYTES = 10 * 1024 * 1024

# 100 times the most of 31 real feeds.
MAX_ITEMS = 10_000

# The time of parsers grows with the square of the depth. Of 31 real feeds none is more than five
# deep, but XHTML in an Atom entry may be.
MAX_DEPTH = 256

# A tag takes 25 microseconds to parse: this many take 17 s, and PARSE_TIMEOUT_S is 30 s. Of 31 real
# feeds the largest has 1,700 tags.
MAX_TAGS = 600_000

# An attribute takes 8 microseconds to parse: this many take 2 s. Of 31 real feeds none has more
# than 1,200.
MAX_ATTRIBUTES = 200_000

# Of one tag: the time of parsers grows with the square of their number. Of 31 real feeds none has a
# tag with more than ten.
MAX_TAG_ATTRIBUTES = 1_000

# What "<" opens and ">" does not close is read again and again by the parser of broken feeds, which
# takes 150 bytes of memory for each byte. Of 31 real feeds none has any.
MAX_UNCLOSED_BYTES = 100_000

# Of one tag. Of 31 real feeds none has a tag of over 500 bytes.
MAX_TAG_BYTES = 100_000

_ITEM = re.compile(rb"<(?:[A-Za-z0-9_.-]+:)?(?:item|entry)(?=[\s>/])", re.IGNORECASE)
_ITEM_END = re.compile(rb"</(?:[A-Za-z0-9_.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_BLANK = b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"
_NOT_TAGS = ((b"<![CDATA[", b"]]>"), (b"<!--", b"-->"))
_OPENED = re.compile(rb"<(?P<name>[A-Za-z_:][^<>\s/]*+)?+[^<>]*+(?P<closing>>)?+")
_TAG = re.compile(rb"<(/?)([A-Za-z_:][^<>\s/]*+)[^<>]*?(/?)>")
_ITEM_NAME = re.compile(rb"(?:[A-Za-z0-9_.-]+:)?(?:item|entry)", re.IGNORECASE)
_HTML_HEAD = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
# Where the root of a feed or page, and the end tag of a feed, are searched for. Of 29 real feeds in
# XML the root begins at byte 118 at most, and at most 357 bytes follow the end tag.
_ENDS_BYTES = 4096
_DECLARED = re.compile(
    r"\A(\s*<\?xml[^>]{0,100}?)\s+encoding\s*=\s*(?:\"[^\"]{0,60}\"|'[^']{0,60}')"
)
_FEED_END = re.compile(rb"</(?:[A-Za-z0-9_.-]{1,40}:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)
_FEED_ROOT = re.compile(rb"<(?:[A-Za-z0-9_.-]+:)?(?:rss|feed|rdf|channel)[\s>]", re.IGNORECASE)


def as_utf8(
    data: bytes, label: str | None = None, language: str | None = None
) -> tuple[bytes, bool]:
    """Return a document of any charset in UTF-8, so that its tags can be counted.

    Also returns whether its charset was guessed. `label` is what its server names, `language` what
    its site writes in. Raises UnreadableError if no charset makes a text of it.
    """
    is_markup = not data[:_ENDS_BYTES].lstrip(_BLANK).startswith((b"{", b"["))
    decoded = decode(data, label=label, language=language, is_markup=is_markup)
    return _encoded(decoded.text), decoded.is_guessed


def wide_as_utf8(data: bytes) -> bytes:
    """Return UTF-16 and UTF-32 in UTF-8, other bytes as they are."""
    decoded = decode_marked(data)
    return data if decoded is None else _encoded(decoded.text)


def _encoded(text: str) -> bytes:
    """Return a document in UTF-8 that does not say that it is in another charset."""
    return _DECLARED.sub(r"\1", text, count=1).encode("utf-8", "replace")


def check_bytes(data: bytes) -> None:
    """Raise FeedError for a document that is empty or too large."""
    if not data.strip(_BLANK):
        raise FeedError("the feed's document is empty", reason="E_FEED_EMPTY")
    if len(data) > MAX_FEED_BYTES:
        raise FeedError(
            f"feed of {len(data)} bytes, at most {MAX_FEED_BYTES} are read",
            reason="E_FEED_TOO_LARGE",
        )


def check_tags(data: bytes) -> None:
    """Raise FeedError for too deep a nesting, and too many or too large tags and attributes."""
    bare = data
    for start, end in _NOT_TAGS:
        bare = _without(bare, start, end)
    _check_sizes(bare)
    _check_depth(bare)


def _check_sizes(bare: bytes) -> None:
    """Raise FeedError for too many tags or attributes, and for too many bytes in tags."""
    attributes = unclosed = 0
    for number, tag in enumerate(_OPENED.finditer(bare)):
        size = tag.end() - tag.start()
        count = xml_attribute_count(bare, tag.end("name")) if tag["name"] else 0
        attributes += count
        unclosed += 0 if tag["closing"] else size
        if number > MAX_TAGS or attributes > MAX_ATTRIBUTES or count > MAX_TAG_ATTRIBUTES:
            raise FeedError(
                f"over {MAX_TAGS} tags, {MAX_ATTRIBUTES} attributes, "
                f"or {MAX_TAG_ATTRIBUTES} attributes in one tag",
                reason="E_FEED_TOO_COMPLEX",
            )
        if size > MAX_TAG_BYTES or unclosed > MAX_UNCLOSED_BYTES:
            raise FeedError(
                f"a tag of over {MAX_TAG_BYTES} bytes, "
                f"or over {MAX_UNCLOSED_BYTES} bytes in tags that are not closed",
                reason="E_FEED_TOO_COMPLEX",
            )


def _check_depth(bare: bytes) -> None:
    items = depth = 0
    for tag in _TAG.finditer(bare):
        step = _depth_step(tag)
        if _ITEM_NAME.fullmatch(tag[2]):
            # What an item leaves open must not add up from item to item.
            items, depth = max(items + step, 0), 0
        else:
            depth = max(depth + step, 0)
        if items + depth > MAX_DEPTH:
            raise FeedError(f"tags nested over {MAX_DEPTH} deep", reason="E_FEED_TOO_DEEP")


def cut_items(data: bytes) -> tuple[bytes, int]:
    """Return the document with its first MAX_ITEMS items, and how many were cut."""
    count = first_cut = last = 0
    for start in _ITEM.finditer(data):
        count, last = count + 1, start.start()
        if count == MAX_ITEMS + 1:
            first_cut = last
    if count <= MAX_ITEMS:
        return data, 0
    end = 0
    for closing in _ITEM_END.finditer(data, last):
        end = closing.end()
    tail = data[end:] if end else b""
    return data[:first_cut] + tail, count - MAX_ITEMS


def looks_like_html(data: bytes) -> bool:
    """Return whether a document is a web page, not a feed."""
    head = data[:_ENDS_BYTES]
    return bool(_HTML_HEAD.search(head)) and not _FEED_ROOT.search(head)


def is_closed(data: bytes) -> bool:
    """Return whether a feed's document has its end tag."""
    return bool(_FEED_END.search(data[-_ENDS_BYTES:]))


def _depth_step(tag: re.Match[bytes]) -> int:
    """Return by how much a tag changes the depth of what follows it."""
    closes, _, is_empty = tag.groups()
    if is_empty:
        return 0
    return -1 if closes else 1


def _without(data: bytes, start: bytes, end: bytes) -> bytes:
    """Return the bytes without the spans between two delimiters, in linear time."""
    kept: list[bytes] = []
    at = 0
    while True:
        opening = data.find(start, at)
        closing = data.find(end, opening) if opening >= 0 else -1
        if closing < 0:
            break
        kept.append(data[at:opening])
        at = closing + len(end)
    return b"".join((*kept, data[at:]))
