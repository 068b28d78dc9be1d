"""What a document says of its charset and language, and what the Encoding Standard makes of it."""

import re
from collections.abc import Iterator

import webencodings

# HTML requires the charset in the first 1,024 bytes; some pages have long scripts before it.
# https://html.spec.whatwg.org/#charset
HEAD_BYTES = 16_384
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
# A document begins with "<" or white space: of that character only one byte is not zero.
_ZERO_BYTES = {
    (False, True, True, True): "utf-32-le",
    (True, True, True, False): "utf-32-be",
    (False, True): "utf-16-le",
    (True, False): "utf-16-be",
}
_COMMENT = (b"<!--", b"-->")
_META = re.compile(
    rb"<meta[^<>]{0,300}?\bcharset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w:.-]{2,40})", re.IGNORECASE
)
_XML = re.compile(rb"\A\s{0,999}<\?xml[^<>]{0,100}?\sencoding\s{0,9}=\s{0,9}[\"']([\w:.-]{2,40})")
_FEED = re.compile(rb"<(?:rss|feed|rdf:RDF|opml|urlset)[\s>]", re.IGNORECASE)
# The attribute of the root, or RSS's element.
_LANGUAGE = re.compile(
    rb"<(?:html|rss|feed|rdf:RDF)\s[^<>]{0,500}?\blang\s{0,9}=\s{0,9}[\"']?([A-Za-z]{2,3})\b"
    rb"|<(?:dc:)?language>\s{0,99}([A-Za-z]{2,3})\b",
    re.IGNORECASE,
)
# These have zero bytes or a mark; a document without is in none of them, whatever it says.
# https://html.spec.whatwg.org/#prescan-a-byte-stream-to-determine-its-encoding
_NOT_SO = {"utf-16be": None, "utf-16le": None, "x-user-defined": "windows-1252"}
# Browsers refuse these, lest scripts are hidden in them; text that is only read does no harm.
_REFUSED = {
    "hz-gb-2312": "hz",
    "iso-2022-kr": "iso2022_kr",
    "csiso2022kr": "iso2022_kr",
}


def charset_named(label: str | None) -> str | None:
    """Return the name of the charset that a label means on the web; None for an unknown label.

    https://encoding.spec.whatwg.org/#names-and-labels
    """
    bare = (label or "").strip(" \t\r\n\f\"'").lower()
    if not bare.isascii():
        return None
    encoding = webencodings.lookup(bare)
    if encoding is None:
        return None
    if encoding.name == "replacement":
        return _REFUSED.get(bare)
    return _NOT_SO.get(encoding.name, encoding.name)


def charset_by_mark(content: bytes) -> tuple[str | None, int]:
    """Return the charset of the byte order mark, and the mark's length."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return name, len(mark)
    return None, 0


def charset_by_zeros(content: bytes) -> str | None:
    """Return the charset that the zero bytes of the first character show."""
    zeros = tuple(not byte for byte in content[:4])
    return _ZERO_BYTES.get(zeros) or _ZERO_BYTES.get(zeros[:2])


def declared_charset(content: bytes) -> str | None:
    """Return the charset that markup declares in its head: in XML's declaration or a meta."""
    head = _without_comments(content[:HEAD_BYTES])
    for pattern in (_XML, _META):
        found = pattern.search(head)
        # Articles within a feed may have heads of their own.
        if found and _FEED.search(head, 0, found.start()):
            return None
        name = charset_named(found[1].decode("ascii", "replace")) if found else None
        if name:
            return name
    return None


def declared_language(content: bytes) -> str | None:
    """Return the language (ISO 639) that markup declares in its head."""
    found = _LANGUAGE.search(content[:HEAD_BYTES])
    return (found[1] or found[2]).decode("ascii").lower() if found else None


def _without_comments(head: bytes) -> bytes:
    return b" ".join(_outside(head, *_COMMENT))


def _outside(head: bytes, start: bytes, end: bytes) -> Iterator[bytes]:
    """Return the spans outside of two delimiters, in linear time; one that stays open hides none.

    The last comment may be cut by the end of the head.
    """
    at = 0
    while True:
        opening = head.find(start, at)
        closing = head.find(end, opening) if opening >= 0 else -1
        if closing < 0:
            break
        yield head[at:opening]
        at = closing + len(end)
    yield head[at:]
