"""References to the pages of an archive's file, and the parts of it that cannot be read."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins in a file: an offset, and how many records, lines or rows to skip there.

    The offset is in bytes; of Parquet it is the number of a row group, and if a format cannot be
    entered in the middle it is 0.
    """

    offset: int
    skip: int = 0


@dataclass(frozen=True, slots=True)
class PageRef:
    """A place that may hold a page, with what is known of the page before it is read.

    `url` is "" and `date`, the time of capture, is None if the format does not state them there.
    `length` is in bytes, as the page is stored.
    """

    at: Place
    url: str
    date: datetime | None
    length: int


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong with a part of an archive: a stable code, and a message with file and place."""

    reason: str
    message: str
    url: str | None = None
