"""The input of every feed parser, and the interface of a feed format."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from transforms.core.feeds.parsed import ParsedFeed


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDocument:
    """A feed's document in UTF-8, and where it came from.

    Dates over 48 hours after `now` are not credible.
    """

    data: bytes
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
