"""Parse a feed's document; the registry of feed formats."""

from dataclasses import replace
from datetime import datetime

from transforms.core.charsets import UnreadableError
from transforms.core.feeds import bounds
from transforms.core.feeds.feed_document import FeedDocument, FeedFormat
from transforms.core.feeds.json_feed import parse_json_feed
from transforms.core.feeds.parsed import ParsedFeed
from transforms.core.feeds.xml_feed import parse_xml_feed
from transforms.core.fetch.headers import charset_of
from transforms.errors import FeedError

# For one document. The costliest one that `bounds` allows, with 600,000 tags, takes 17 s.
PARSE_TIMEOUT_S = 30.0

JSON_FEED = FeedFormat(
    name="json", sniff=lambda head: head.startswith((b"{", b"[")), parse=parse_json_feed
)
# Publishers put text before the first tag, so whatever no other format sniffs is given to this one.
XML_FEED = FeedFormat(name="xml", sniff=lambda head: True, parse=parse_xml_feed)
FEED_FORMATS = (JSON_FEED, XML_FEED)
"""The formats, in the order in which they are tried."""

# Bytes by which a format is recognised; a web page may begin with a long comment.
_HEAD_BYTES = 4096
_BLANK = b" \t\r\n\xef\xbb\xbf"


def parse_feed(
    data: bytes,
    *,
    content_type: str | None = None,
    url: str | None = None,
    now: datetime | None = None,
    language: str | None = None,
) -> ParsedFeed:
    """Return a document as a feed; `url` is where it came from, `language` what its site writes in.

    Dates over 48 h after `now` are not credible. Raises FeedError when the document is empty, not a
    feed, in an unknown charset, nested too deep, or broken before its first item.
    """
    bounds.check_bytes(data)
    try:
        data, is_guessed = bounds.as_utf8(data, charset_of(content_type), language)
    except UnreadableError as error:
        raise FeedError(f"the feed's document {error}", reason="E_FEED_CHARSET") from error
    feed = _format_of(data).parse(FeedDocument(data=data, url=url, now=now))
    return replace(feed, charset_guessed=is_guessed)


def has_own_format(data: bytes) -> bool:
    """Return whether a document has the first bytes of a feed format other than XML."""
    return _format_of(data) is not XML_FEED


def _format_of(data: bytes) -> FeedFormat:
    head = data[:_HEAD_BYTES].lstrip(_BLANK)
    return next(candidate for candidate in FEED_FORMATS if candidate.sniff(head))
