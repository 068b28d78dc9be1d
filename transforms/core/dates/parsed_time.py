"""A time that was read, and what is known of the place it was read at."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

# The zones farthest from UTC are +14:00 (Kiribati) and -12:00.
MAX_UTC_OFFSET_S = 14 * 3600
AHEAD = timedelta(hours=48)
"""How far ahead of the fetch a date may be. Later ones are of events, or placeholders.

A judgement: a missing zone accounts for 14 hours at most, and papers give articles the date of the
next day's issue; the rest allows for wrong clocks.
"""
IMPOSSIBLE = datetime.min.replace(tzinfo=UTC)
"""The value of a stated date that no calendar has."""


@dataclass(frozen=True, slots=True)
class ParsedTime:
    """A time in UTC and its precision: "second", "minute" or "day".

    `zone_assumed` is set if no known zone was stated and UTC was assumed; `zone_unsure` too if a
    name with several meanings was stated. `swapped` is the time if day and month are the other way
    round, None where they cannot be; `order_unsure` is set if nothing tells but that English is
    mostly from the United States.
    """

    at: datetime
    precision: str
    zone_assumed: bool = False
    swapped: datetime | None = None
    zone_unsure: bool = False
    order_unsure: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of where a date was written.

    `language` is a code of ISO 639, `country` one of ISO 3166 (upper case). `day_first` is what the
    site's own unambiguous dates tell of their order.
    """

    language: str | None = None
    country: str | None = None
    day_first: bool | None = None


NOWHERE = Place()


def settled(time: ParsedTime, now: datetime | None) -> ParsedTime:
    """Return a time with day and month swapped if only so it is not in the future."""
    if now is None or time.swapped is None:
        return time
    if time.at > now + AHEAD >= time.swapped:
        return replace(time, at=time.swapped, swapped=time.at, order_unsure=False)
    is_either = time.swapped <= now + AHEAD
    return replace(time, order_unsure=time.order_unsure and is_either)
