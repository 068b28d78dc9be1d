"""Read the time of day and the zone that stand beside a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from transforms.core.dates.names import date_words
from transforms.core.dates.parsed_time import MAX_UTC_OFFSET_S, Place
from transforms.core.dates.tokens import Token, is_number, longest_name, text_at
from transforms.core.dates.zones import Offset, is_zone, zone_offset

# "2 December 2025, Tuesday, at 14:30": more signs and words than these are another sentence.
_MAX_BEFORE = 6
_SIGNS = frozenset(",-–—|•·/(t.;")
_UTC = frozenset({"gmt", "utc", "ut", "z"})
# Lower-case words that are zones all the same; "et", "pet" and "art" are words of a sentence.
_PLAIN_ZONES = frozenset({*_UTC, "cet", "cest", "est", "edt"})


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day, None if no clock shows it; whether it has seconds; the tokens it takes."""

    since_midnight: timedelta | None
    has_seconds: bool
    start: int
    end: int


def clock_after(tokens: Sequence[Token], at: int, place: Place) -> Clock | None:
    """Return the time of day that follows a day, over signs, weekdays and words such as "at"."""
    words = date_words()
    limit = min(len(tokens), at + _MAX_BEFORE)
    while at < limit:
        clock = read_clock(tokens, at, place)
        if clock is not None:
            return clock
        weekday = longest_name(tokens, at, lambda name: name in words.weekdays or None)
        if weekday is not None:
            at = weekday[1]
        elif text_at(tokens, at) in _SIGNS or text_at(tokens, at) in words.before_time | {")"}:
            at += 1
        else:
            return None
    return None


def read_clock(tokens: Sequence[Token], at: int, place: Place) -> Clock | None:
    """Return the time of day at an index: 14:30, 14:30:05, 14h30, 2.30 pm, 午後3時15分, 14 Uhr."""
    start = at
    half = _half(tokens, at)
    at = half[1] if half else at
    if not is_number(tokens, at) or len(tokens[at].text) > 2:
        return None
    hour, at = int(tokens[at].text), at + 1
    minute, second, end = _minutes(tokens, at)
    after = _half(tokens, end)
    unit = longest_name(tokens, end, lambda name: name in date_words().hour_units or None)
    # A half of the day, or "Uhr" and the like, makes an hour of a bare number.
    if (minute, after, unit) == (None, None, None):
        return None
    name, _ = half or after or ("", 0)
    since = _since_midnight(hour, minute or 0, second or 0, name)
    return Clock(since, second is not None, start, max(end, _end(after), _end(unit)))


def _end(name: tuple[str | bool, int] | None) -> int:
    return name[1] if name else 0


def zone_after(
    tokens: Sequence[Token], at: int, local: datetime, place: Place
) -> tuple[Offset | None, int]:
    """Return the offset that follows a time of day, and the index after it; None for none.

    Raises ValueError for an offset that no zone has.
    """
    bracket = text_at(tokens, at) == "("
    start, at = at, at + bracket
    text = text_at(tokens, at)
    if text in {"+", "-"}:
        return _signed(tokens, at, start)
    if text in _UTC:
        offset, end = _signed(tokens, at + 1, at + 1, after_name=True)
        return offset or Offset(timedelta()), end
    if text and is_zone(text) and _is_meant(tokens, at):
        end = at + 1
        return zone_offset(text, local, place.country), end + (text_at(tokens, end) == ")")
    return None, start


def skip_zone(tokens: Sequence[Token], at: int) -> int:
    """Return the index after the name of a zone, or after an offset as in +0200."""
    if text_at(tokens, at) in _UTC or is_zone(text_at(tokens, at)):
        at += 1
    if text_at(tokens, at) in {"+", "-"} and is_number(tokens, at + 1):
        at += 2
    return at


def _minutes(tokens: Sequence[Token], at: int) -> tuple[int | None, int | None, int]:
    """Return the minutes and seconds after an hour, None for each that is not there."""
    words = date_words()
    # Of "14h" and "3時" the unit is all; a caller sees it as such.
    if not _are_minutes(tokens, at):
        return None, None, at
    minute, end = int(tokens[at + 1].text), at + 2
    if text_at(tokens, end) in words.minute_units:
        return minute, None, end + 1
    if text_at(tokens, end) != ":" or not is_number(tokens, end + 1):
        return minute, None, end
    second, end = int(tokens[end + 1].text), end + 2
    if text_at(tokens, end) in {".", ","} and is_number(tokens, end + 1):
        end += 2
    return minute, second, end


def _are_minutes(tokens: Sequence[Token], at: int) -> bool:
    """Return whether a sign or unit and two digits follow an hour."""
    sign = text_at(tokens, at)
    if sign not in {":", ".", "h"} and sign not in date_words().hour_units:
        return False
    if not is_number(tokens, at + 1) or len(tokens[at + 1].text) != 2:
        return False
    return sign != "." or not tokens[at + 1].spaced


def _half(tokens: Sequence[Token], at: int) -> tuple[str, int] | None:
    """Return "am" or "pm" and the index after it."""
    words = date_words()

    def look_up(name: str) -> str | None:
        if name in words.am:
            return "am"
        return "pm" if name in words.pm else None

    found = longest_name(tokens, at, look_up)
    return found and (found[0], found[1] + (text_at(tokens, found[1]) == "."))


def _since_midnight(hour: int, minute: int, second: int, half: str) -> timedelta | None:
    """Return the time since midnight, None for one that no clock shows.

    24:00 is the end of the day, and a minute may have a leap second.
    """
    if half and 1 <= hour <= 12:
        hour = hour % 12 + 12 * (half == "pm")
    if minute > 59 or second > 60 or hour * 3600 + minute * 60 > 86_400:
        return None
    return timedelta(hours=hour, minutes=minute, seconds=second)


def _signed(
    tokens: Sequence[Token], at: int, start: int, *, after_name: bool = False
) -> tuple[Offset | None, int]:
    """Return an offset as +0200, +02:00 or +2, and the index after it; after UTC, one of hours."""
    sign = text_at(tokens, at)
    if sign not in {"+", "-"} or not is_number(tokens, at + 1) or tokens[at + 1].spaced:
        return None, start
    digits, end = _offset_digits(tokens, at + 1, after_name or not tokens[at].spaced)
    if len(digits) != 4:
        return None, start
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if ahead.total_seconds() > MAX_UTC_OFFSET_S:
        raise ValueError(f"{sign}{digits} is not the offset of a time zone")
    return Offset(ahead if sign == "+" else -ahead), end


def _offset_digits(tokens: Sequence[Token], at: int, hours_alone: bool) -> tuple[str, int]:
    """Return the digits of an offset, four if it is one, and the index after it."""
    digits, end = tokens[at].text, at + 1
    if len(digits) > 2:
        return digits, end
    if text_at(tokens, end) == ":" and is_number(tokens, end + 1):
        return digits.zfill(2) + tokens[end + 1].text, end + 2
    return (digits.zfill(2) + "00" if hours_alone else digits), end


def _is_meant(tokens: Sequence[Token], at: int) -> bool:
    """Return whether a word is a zone: it is in capitals, or nothing else is left."""
    token = tokens[at]
    return token.capitals or token.text in _PLAIN_ZONES or at == len(tokens) - 1
