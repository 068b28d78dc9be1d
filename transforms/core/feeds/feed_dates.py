"""When an item was published: read the dates of feeds, and judge which are credible.

All results are in UTC.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from transforms.core.dates.parsed_time import AHEAD, NOWHERE, ParsedTime, Place, settled
from transforms.core.dates.reading import read_stated

CLAMPED, REFUSED = "date_clamped", "date_refused"
GUESSED, ZONE_ASSUMED = "date_guessed", "date_zone_assumed"

# A date further ahead than this does not show when an item was published: its year is wrong.
CLAMPED_UP_TO = timedelta(days=366)

# A date before this is a zero that was formatted as a date, in any time zone.
_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)


def first_stated(
    values: Iterable[object], now: datetime | None, place: Place = NOWHERE
) -> ParsedTime | None:
    """Return the first of an item's dates that can be read; a number is Unix time."""
    for value in values:
        # bool is a kind of int in Python.
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            found = read_stated(str(value), place)
            if found is not None:
                return settled(found, now)
    return None


def credible(time: ParsedTime | None, now: datetime | None) -> tuple[datetime | None, str | None]:
    """Return the time if it is credible, else its correction, and the flag of what was done.

    More than 48 hours ahead of `now` it becomes `now` (date_clamped); at or before the epoch, or
    over a year ahead, it is unknown (date_refused). A flag also tells of a day whose place in the
    date was guessed (date_guessed), and of a zone whose name has several meanings
    (date_zone_assumed).
    """
    if time is None:
        return None, None
    if time.at < _EARLIEST:
        return None, REFUSED
    if now is None or time.at <= now + AHEAD:
        return time.at, _doubt(time)
    if time.at > now + CLAMPED_UP_TO:
        return None, REFUSED
    return now, CLAMPED


def _doubt(time: ParsedTime) -> str | None:
    if time.order_unsure:
        return GUESSED
    return ZONE_ASSUMED if time.zone_unsure else None
