"""Find days in tokens: a day, a month and a year beside each other, in the order of the place."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from transforms.core.dates.calendars import gregorian_day
from transforms.core.dates.clocks import Clock, read_clock, skip_zone
from transforms.core.dates.names import FIRST_YEAR, Month, date_words
from transforms.core.dates.orders import day_is_first, year_is_first
from transforms.core.dates.parsed_time import Place
from transforms.core.dates.tokens import Token, is_number, longest_name, text_at

# "le 2. d'octobre de l'an": more signs and words than these are never between two parts.
_MAX_GAP = 4
_SIGNS = frozenset("./-–—',’()")
# Years of two digits, as POSIX has them: 69 to 99 are of the last century.
_CENTURY_FROM = 69
# Years that are read wherever they stand; others only at the start of a date as ISO 8601 has it.
_YEARS = range(1340, 3000)
# After the year or the day: "г.", "г. в", "日", "هـ".
_MAX_TAIL = 2


@dataclass(frozen=True, slots=True)
class DayFound:
    """A day and the tokens that it takes: from `start` to before `end`.

    `day` is None if the calendar has no such day; `swapped` is the day if month and day are the
    other way round, None if the order is certain. `clock` is a time within the day, as in
    "Dec 2 14:05 2025".
    """

    day: date | None
    start: int
    end: int
    swapped: date | None = None
    clock: Clock | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """A number or a month, the tokens it takes, and what is between it and the next part."""

    kind: str  # "n" for one or two digits, "y" for a year, "m" for the name of a month
    value: int
    end: int
    month: Month | None = None
    digits: int = 0


@dataclass(frozen=True, slots=True)
class _Gap:
    """What is between two parts: its signs, whether it has words, and where the next part is."""

    signs: str
    words: tuple[str, ...]
    end: int
    spaced: bool = False


def find_day(tokens: Sequence[Token], at: int, place: Place) -> DayFound | None:
    """Return the day whose first part is at an index, None if none is."""
    first = _part(tokens, at, place)
    if first is None or _continues(tokens, at):
        return None
    gap = _gap(tokens, first.end)
    second = _part(tokens, gap.end, place)
    if second is None:
        return None
    between = _gap(tokens, second.end)
    third = _part(tokens, between.end, place)
    found = _assembled(tokens, at, (first, second, third), (gap, between), place)
    found = found or _unix_day(tokens, at, first, second, place)
    return found and replace(found, end=_tail(tokens, found.end))


def _assembled(
    tokens: Sequence[Token],
    at: int,
    parts: tuple[_Part, _Part, _Part | None],
    gaps: tuple[_Gap, _Gap],
    place: Place,
) -> DayFound | None:
    first, second, third = parts
    if third is None:
        return None
    shape = first.kind + second.kind + third.kind
    if shape == "nmn" or shape == "mnn":
        return _short_year(tokens, at, (first, second, third), gaps[1])
    if "m" in shape:
        return _with_name(at, (first, second, third), shape)
    is_year_in = shape in {"ynn", "nny", "nnn"}
    if not is_year_in or not _is_one_number(tokens, gaps, third):
        return None
    return _of_numbers(at, (first, second, third), shape, gaps[0], place)


def _with_name(at: int, parts: tuple[_Part, _Part, _Part], shape: str) -> DayFound | None:
    """Return a day with the name of its month and a year of four digits."""
    if sorted(shape) != ["m", "n", "y"] or shape[1] == "y":
        return None
    by_kind = dict(zip(shape, parts, strict=True))
    return DayFound(_day(by_kind["y"].value, by_kind["m"], by_kind["n"].value), at, parts[2].end)


def _short_year(
    tokens: Sequence[Token], at: int, parts: tuple[_Part, _Part, _Part], gap: _Gap
) -> DayFound | None:
    """Return a day with the name of its month and a year of two digits, as in 2 Dec '25."""
    third = parts[2]
    # "Dec 2, 14:30" is no year.
    if third.digits != 2 or text_at(tokens, third.end) in {":", "h"} or "," in gap.signs:
        return None
    month, day = (parts[1], parts[0]) if parts[1].kind == "m" else (parts[0], parts[1])
    return DayFound(_day(_century(third.value), month, day.value), at, third.end)


def _of_numbers(
    at: int,
    parts: tuple[_Part, _Part, _Part],
    shape: str,
    gap: _Gap,
    place: Place,
) -> DayFound | None:
    """Return the day of three numbers; `gap` is between the first two."""
    first, second, third = (part.value for part in parts)
    blank = DayFound(None, at, parts[2].end)
    if shape == "ynn":
        return replace(blank, day=_date(first, second, third))
    if shape == "nny":
        return _year_last(third, first, second, gap, place, blank)
    if year_is_first(place):
        is_year = parts[0].digits == parts[1].digits == 2
        return replace(blank, day=_date(_century(first), second, third)) if is_year else None
    if parts[2].digits != 2:
        return None
    return _year_last(_century(third), first, second, gap, place, blank)


def _year_last(
    year: int, first: int, second: int, gap: _Gap, place: Place, blank: DayFound
) -> DayFound | None:
    """Return the day of two numbers that a year follows."""
    is_marked = any(word in date_words().month_markers for word in gap.words)
    day_first = day_is_first(place)
    # Where the day may be first, it is before a full stop.
    if is_marked or (gap.signs == "." and day_first is not False):
        return replace(blank, day=_date(year, second, first))
    found = _of_two(year, first, second, day_first, blank)
    return replace(found, swapped=None) if found and place.day_first is not None else found


def _of_two(
    year: int, first: int, second: int, day_first: bool | None, blank: DayFound
) -> DayFound | None:
    """Return the day of two numbers, one of which is the day; None if either may be."""
    as_day, as_month = _date(year, second, first), _date(year, first, second)
    if as_day is None or as_month is None or as_day == as_month:
        return replace(blank, day=as_day or as_month)
    if day_first is None:
        return None
    chosen, other = (as_day, as_month) if day_first else (as_month, as_day)
    return replace(blank, day=chosen, swapped=other)


def _unix_day(
    tokens: Sequence[Token], at: int, first: _Part, second: _Part, place: Place
) -> DayFound | None:
    """Return a day as Unix prints it: Dec 2 14:05:09 CET 2025."""
    if first.kind + second.kind != "mn":
        return None
    clock = read_clock(tokens, second.end, place)
    if clock is None:
        return None
    year = _part(tokens, skip_zone(tokens, clock.end), place)
    if year is None or year.kind != "y":
        return None
    return DayFound(_day(year.value, first, second.value), at, year.end, clock=clock)


def _part(tokens: Sequence[Token], at: int, place: Place) -> _Part | None:
    if at >= len(tokens):
        return None
    text = tokens[at].text
    if text.isdigit():
        return _number(tokens, at)
    words = date_words()
    era = longest_name(tokens, at, words.eras.get)
    if era is not None:
        return _era_year(tokens, era)
    found = longest_name(tokens, at, lambda name: _month(name, place))
    if found is None:
        return None
    month, end = found
    return _Part("m", month.number, _after_other_name(tokens, end, month, place), month)


def _number(tokens: Sequence[Token], at: int) -> _Part | None:
    text = tokens[at].text
    if len(text) <= 2:
        return _Part("n", int(text), at + 1, digits=len(text))
    if len(text) == 4 and (int(text) in _YEARS or text_at(tokens, at + 1) == "-"):
        return _Part("y", int(text), at + 1, digits=4)
    return None


def _era_year(tokens: Sequence[Token], era: tuple[int, int]) -> _Part | None:
    before, at = era
    if tokens[at - 1].text.endswith(FIRST_YEAR):
        return _Part("y", before + 1, at)
    at += text_at(tokens, at) == "."
    if is_number(tokens, at) and len(tokens[at].text) <= 4:
        return _Part("y", before + int(tokens[at].text), at + 1)
    return None


def _month(name: str, place: Place) -> Month | None:
    words = date_words()
    month = words.month(name, place.language)
    # Hebrew writes "in" and the month as one word.
    return month or (words.month(name[1:], "he") if name[0] == "ב" else None)


def _after_other_name(tokens: Sequence[Token], end: int, month: Month, place: Place) -> int:
    """Return the index after a second name of the same month: "كانون الأول/ديسمبر"."""
    if text_at(tokens, end) not in {"/", "("}:
        return end
    other = longest_name(tokens, end + 1, lambda name: _month(name, place))
    if other is None or other[0].number != month.number:
        return end
    return other[1] + (text_at(tokens, other[1]) == ")")


def _gap(tokens: Sequence[Token], at: int) -> _Gap:
    """Return what is between a part and the next one."""
    signs, words = "", []
    start = at
    spaced = False
    between = date_words().between
    while at < len(tokens) and at - start < _MAX_GAP:
        text = tokens[at].text
        spaced = spaced or tokens[at].spaced
        if text in _SIGNS:
            signs += text
        elif text in between:
            words.append(text)
        else:
            break
        at += 1
    spaced = spaced or (at < len(tokens) and tokens[at].spaced)
    return _Gap(signs, tuple(words), at, spaced)


def _tail(tokens: Sequence[Token], at: int) -> int:
    """Return the index after the words that end a day."""
    between = date_words().between
    end = at
    while text_at(tokens, end) in between and end - at < _MAX_TAIL:
        end += 1
        end += text_at(tokens, end) == "."
    return end


def _is_one_number(tokens: Sequence[Token], gaps: tuple[_Gap, _Gap], last: _Part) -> bool:
    """Return whether numbers belong together: by one sign, or by the words of a date."""
    first, second = gaps
    if first.words and second.words:
        return True
    if first.signs != second.signs or first.signs not in {".", "/", "-", "–"}:
        return False
    if first.signs in {"-", "–"} and (first.spaced or second.spaced):
        return False
    # An address or a number of parts goes on: 10.1.20.14.
    goes_on = text_at(tokens, last.end) == first.signs and is_number(tokens, last.end + 1)
    return not (goes_on and not tokens[last.end + 1].spaced)


def _continues(tokens: Sequence[Token], at: int) -> bool:
    """Return whether a number is the continuation of another one, as 11 in 10.11.2025."""
    if not tokens[at].text.isdigit() or tokens[at].spaced:
        return False
    return text_at(tokens, at - 1) in {".", "/", "-", ":"} and is_number(tokens, at - 2)


def _century(year: int) -> int:
    return year + (1900 if year >= _CENTURY_FROM else 2000)


def _day(year: int, month: _Part, day: int) -> date | None:
    calendar = month.month.calendar if month.month else "gregorian"
    try:
        return gregorian_day(year, month.value, day, calendar)
    except (ValueError, OverflowError):
        return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return gregorian_day(year, month, day)
    except (ValueError, OverflowError):
        return None
