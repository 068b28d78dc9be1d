"""What every parser of a feed gets, and what makes a feed format."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from transforms.core.feeds.parsed import ParsedFeed


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDocument:
    """A feed's document: its bytes, recoded to UTF-8 where a mark said UTF-16 or UTF-32, and where
    it came from.

    Dates over 48 hours after `now` are not believed.
    """

    data: bytes
    is_utf8: bool
    content_type: str | None = None
    url: str | None = None
    now: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFormat:
    """A format of feeds.

    `sniff` tells a document by its first bytes, without a byte order mark and blanks. `parse`
    returns the feed and raises FeedError where it is none after all.
    """

    name: str
    sniff: Callable[[bytes], bool]
    parse: Callable[[FeedDocument], ParsedFeed]
