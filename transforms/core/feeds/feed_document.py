"""The input of every feed parser, and the interface of a feed format."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from transforms.core.feeds.parsed import ParsedFeed


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDocument:
    """A feed's document and where it came from; UTF-16 and UTF-32 are recoded to UTF-8.

    `is_utf8` is set for a recoded document. Dates over 48 hours after `now` are not credible.
    """

    data: bytes
    is_utf8: bool
    content_type: str | None = None
    url: str | None = None
    now: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFormat:
    """A format of feeds.

    `sniff` recognises a document by its first bytes, without a byte order mark and white space.
    `parse` returns the feed; it raises FeedError if the document is not a feed after all.
    """

    name: str
    sniff: Callable[[bytes], bool]
    parse: Callable[[FeedDocument], ParsedFeed]
