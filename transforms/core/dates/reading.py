"""Read the dates of a text: a field that states one, or a line that prints some."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from transforms.core.dates.clocks import Clock, clock_after, read_clock, zone_after
from transforms.core.dates.days import DayFound, find_day
from transforms.core.dates.names import date_words
from transforms.core.dates.orders import is_sure
from transforms.core.dates.parsed_time import IMPOSSIBLE, NOWHERE, ParsedTime, Place
from transforms.core.dates.tokens import Token, text_at, tokenize
from transforms.core.dates.zones import is_zone

# The longest are those of JavaScript, with the zone's name in brackets: about 60 characters; in
# Indian languages with the weekday 80.
MAX_STATED_CHARS = 100
MAX_LINE_CHARS = 200
"""A printed date is near the start of its line; bounds the time on long ones."""
# Nine or ten digits of seconds (1973 to 2286), with three more of milliseconds.
_UNIX_TIME = re.compile(r"([1-9]\d{8,9})(?:\.\d{1,9}|(\d{3}))?", re.ASCII)
# A day, or a day and a time, of digits only, as in 20240430140509.
_STAMP = re.compile(
    r"((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
    r"(?:[T ]?([01]\d|2[0-3])([0-5]\d)([0-5]\d)?)?(Z|[+-]\d{4})?",
    re.ASCII,
)
# "14:30, 2 December": a time before its day is at most this many tokens away.
_MAX_TOKENS_BEFORE = 12


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time in a line, and the tokens that it takes: from `start` to before `end`."""

    time: ParsedTime
    start: int
    end: int


def read_stated(text: str | None, place: Place = NOWHERE) -> ParsedTime | None:
    """Return the time that a field states: ISO 8601, RFC 5322, Unix time, or as people write it.

    None if it states none. For a date that no calendar has, as "2024-13-45", the time is
    IMPOSSIBLE, never plausible.
    """
    text = (text or "").strip()[:MAX_STATED_CHARS]
    if not text:
        return None
    if stamp := _STAMP.fullmatch(text):
        year, month, day, hour, minute, second, zone = stamp.groups()
        clock = f"T{hour}:{minute}:{second or '00'}{zone or ''}" if hour else ""
        text = f"{year}-{month}-{day}{clock}"
    elif unix := _UNIX_TIME.fullmatch(text):
        return _unix_time(text, is_milliseconds=unix[2] is not None)
    tokens = tokenize(text)
    stamp_found = next(_stamps(tokens, place), None)
    return stamp_found.time if stamp_found else None


def read_iso(text: str | None) -> ParsedTime | None:
    """Return the time of a text that begins with a year; None for others and impossible ones."""
    if not text or not text.strip()[:4].isdecimal():
        return None
    parsed = read_stated(text)
    return None if parsed is None or parsed.at == IMPOSSIBLE else parsed


def read_line(tokens: Sequence[Token], place: Place = NOWHERE) -> list[Stamp]:
    """Return the times that a line prints, in its order; impossible ones are no times."""
    return [found for found in _stamps(tokens, place) if found.time.at != IMPOSSIBLE]


def read_printed(text: str, place: Place = NOWHERE) -> ParsedTime | None:
    """Return the first time that a line prints."""
    stamps = read_line(tokenize(text[:MAX_LINE_CHARS]), place)
    return stamps[0].time if stamps else None


def _unix_time(text: str, *, is_milliseconds: bool) -> ParsedTime:
    seconds = int(text[:-3]) if is_milliseconds else int(text.partition(".")[0])
    return ParsedTime(datetime.fromtimestamp(seconds, UTC), "second")


def _stamps(tokens: Sequence[Token], place: Place) -> Iterator[Stamp]:
    at = last_end = 0
    while at < len(tokens):
        found = find_day(tokens, at, place)
        if found is None:
            at += 1
            continue
        stamp = _stamp(tokens, found, last_end, place)
        yield stamp
        at = last_end = stamp.end


def _stamp(tokens: Sequence[Token], found: DayFound, earliest: int, place: Place) -> Stamp:
    """Return a day with the time of day that belongs to it."""
    clock = found.clock or clock_after(tokens, found.end, place)
    before = None if clock else _clock_before(tokens, found.start, earliest, place)
    start = before.start if before else found.start
    clock = clock or before
    if clock is None:
        return Stamp(_day_time(found, place), start, found.end)
    return _with_clock(tokens, found, clock, start, place)


def _with_clock(
    tokens: Sequence[Token], found: DayFound, clock: Clock, start: int, place: Place
) -> Stamp:
    since = clock.since_midnight
    if found.day is None or since is None:
        return Stamp(ParsedTime(IMPOSSIBLE, "day"), start, max(clock.end, found.end))
    try:
        local = datetime.combine(found.day, time(), UTC) + since
        offset, end = zone_after(tokens, clock.end, local, place)
        ahead = offset.ahead if offset else timedelta()
        parsed = ParsedTime(
            local - ahead,
            "second" if clock.has_seconds else "minute",
            zone_assumed=offset is None or not offset.sure,
            swapped=_midnight(found.swapped) + since - ahead if found.swapped else None,
            zone_unsure=offset is not None and not offset.sure,
            order_unsure=found.swapped is not None and not is_sure(place),
        )
    except (ValueError, OverflowError):
        return Stamp(ParsedTime(IMPOSSIBLE, "day"), start, max(clock.end, found.end))
    return Stamp(parsed, start, max(end, found.end))


def _day_time(found: DayFound, place: Place) -> ParsedTime:
    if found.day is None:
        return ParsedTime(IMPOSSIBLE, "day")
    if found.swapped is None:
        return ParsedTime(_midnight(found.day), "day")
    swapped = _midnight(found.swapped)
    return ParsedTime(_midnight(found.day), "day", swapped=swapped, order_unsure=not is_sure(place))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _clock_before(
    tokens: Sequence[Token], day_at: int, earliest: int, place: Place
) -> Clock | None:
    """Return the time of day just before a day, as in "14:30, 2 December"."""
    for at in range(max(earliest, day_at - _MAX_TOKENS_BEFORE), day_at - 2):
        clock = read_clock(tokens, at, place)
        if clock is not None and clock.end <= day_at and _is_beside(tokens, clock.end, day_at):
            return clock
    return None


def _is_beside(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Return whether only signs, weekdays and zones are between a time and its day."""
    words = date_words()
    between = (text_at(tokens, at) for at in range(start, end))
    return all(not text[0].isalnum() or text in words.weekdays or is_zone(text) for text in between)
