"""Documents that may list links: unpack them, and recognise their kind by their bytes alone.

Names and content types are not used: servers send sitemaps as text, HTML as XML, and gzip as any
type.
"""

import re
import zlib
from dataclasses import dataclass
from enum import Enum

from transforms.core.archives.link_lists.cdx import is_cdx
from transforms.core.archives.link_lists.url_lists import is_url_list
from transforms.core.feeds import bounds
from transforms.core.feeds.parse import has_own_format
from transforms.core.fetch.codings import Gzip

MAX_BYTES = 50 * 1024 * 1024
"""Of a document unpacked: what https://www.sitemaps.org/protocol.html allows a sitemap."""

# Enough for the comments and style sheets that come before the first element of a document.
_MAX_HEAD = 64 * 1024
# Servers that gzip all responses also gzip files that are gzipped already.
_MAX_LAYERS = 2
_GZIP = b"\x1f\x8b"
_BLANK = " \t\r\n\ufeff"
_ROOT = re.compile(
    r"<(?:[A-Za-z0-9_.-]{1,40}:)?(urlset|sitemapindex|rss|feed|rdf|channel)(?=[\s/>])",
    re.IGNORECASE,
)
_HTML = re.compile(r"<(?:html|head|body)\b", re.IGNORECASE)


class Kind(Enum):
    """What a document is, by how it is read; the value is its name in messages."""

    SITEMAP = "sitemap"
    INDEX = "sitemap index"
    FEED = "feed"
    CDX = "CDX"
    URLS = "list of URLs"
    HTML = "web page"
    EMPTY = "empty document"
    OTHER = "unknown document"


_KIND_OF_ROOT = {"urlset": Kind.SITEMAP, "sitemapindex": Kind.INDEX}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document that lists links, unpacked: its name, the URL it was fetched from, and its bytes.

    `fault` describes its packing or size if not all of it could be read.
    """

    name: str
    url: str | None = None
    content: bytes
    content_type: str | None = None
    fault: str | None = None

    def text(self) -> str:
        """Return it as text; a last line that was cut is left out."""
        content = self.content[: self.content.rfind(b"\n") + 1] if self.fault else self.content
        return content.decode("utf-8", "replace").removeprefix("\ufeff")


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A document's bytes, and what was wrong with their packing if not all could be read."""

    content: bytes
    fault: str | None = None


def unpack(data: bytes, limit: int = MAX_BYTES) -> Unpacked:
    """Return a document without gzip, twice over at most, and at most `limit` bytes of it."""
    fault: str | None = None
    for _ in range(_MAX_LAYERS):
        if not data.startswith(_GZIP):
            break
        data, gzip_fault = _inflated(data, limit)
        fault = gzip_fault or fault
    if len(data) > limit:
        data, fault = data[:limit], _too_large(limit)
    return Unpacked(bounds.wide_as_utf8(data), fault)


def kind_of(content: bytes) -> Kind:
    """Return what an unpacked document is."""
    head = content[:_MAX_HEAD].decode("utf-8", "replace").lstrip(_BLANK)
    if not head:
        return Kind.EMPTY
    if head.startswith("<"):
        return _kind_of_markup(content, head)
    if is_cdx(head):
        return Kind.CDX
    # Feeds in JSON are objects; a list that is not CDX is unknown.
    if has_own_format(content) and not head.startswith("["):
        return Kind.FEED
    return Kind.URLS if is_url_list(head) else _kind_of_markup(content, head)


def _kind_of_markup(content: bytes, head: str) -> Kind:
    """Return the kind of the first element, else of the first known one if this is not HTML."""
    start = _without_prolog(head)
    is_html = bounds.looks_like_html(content) or bool(_HTML.match(start))
    root = _ROOT.match(start)
    if root is None and not is_html:
        root = _ROOT.search(head)
    if root is None:
        return Kind.HTML if is_html else Kind.OTHER
    return _KIND_OF_ROOT.get(root[1].lower(), Kind.FEED)


def _without_prolog(head: str) -> str:
    """Return the text from the first element on."""
    while head.startswith(("<?", "<!")):
        end = "-->" if head.startswith("<!--") else ">"
        head = head.partition(end)[2].lstrip(_BLANK + "]>")
    return head


def _inflated(data: bytes, limit: int) -> tuple[bytes, str | None]:
    """Return what gzip data unpacks to, as far as it can be read, and what was wrong."""
    decoder = Gzip()
    kept = list[bytes]()
    size = 0
    try:
        for piece in decoder.feed(data):
            kept.append(piece)
            size += len(piece)
            if size > limit:
                return b"".join(kept)[:limit], _too_large(limit)
    except zlib.error as error:
        return b"".join(kept), f"its gzip is broken: {error}"
    return b"".join(kept), None if decoder.is_complete else "its gzip broke off"


def _too_large(limit: int) -> str:
    return f"only its first {limit} bytes are read"
