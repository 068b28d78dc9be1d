"""Resolve a time expression to a date, relative ones against the day of publication."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from transforms.core.events.arguments.time_expressions import TimeExpression

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS = {
    **{"a": 1, "an": 1, "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5},
    **{"six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12},
}
_DAYS_IN_UNIT = {"day": 1, "week": 7}
_DAY_SHIFTS = {"yesterday": -1, "last night": -1, "tomorrow": 1}
_PERIOD_SHIFTS = {"last": -1, "past": -1, "next": 1}
_LAST_MONTH_OF_SEASON = {"spring": 5, "summer": 8, "autumn": 11, "fall": 11, "winter": 2}

_RECENT_DAYS = 6
"""Days before today to which "in recent days" reaches: a week, with today."""

_MAX_DIGITS = 3
"""Digits of a count of days, weeks or years; longer ones are years or identifiers."""
# The text decides how long a number is, and a longer one could overflow `timedelta`.

_LAST_DAYS = {"day": 0, "week": 6, "month": 30, "year": 364}
"""Days from the first to the last day of a period, at most."""


@dataclass(frozen=True, slots=True)
class EventDate:
    """A date, its precision (day, week, month, year, none) and its basis.

    The basis is `explicit`, `relative`, `publication` or `none`. An open period lasts until
    publication; what is `is_long_past` is history even if no date is known.
    """

    day: date | None
    precision: str
    basis: str
    is_open: bool = False
    is_long_past: bool = False


UNKNOWN_DATE = EventDate(None, "none", "none")


def resolve_time(
    expression: TimeExpression, published: datetime | None, *, ahead: bool
) -> EventDate | None:
    """Return the date of an expression; None for an impossible one or an unknown publication day.

    With `ahead` the event is still to come, so "on Friday" is the next one.
    """
    today = published.date() if published is not None else None
    if expression.kind in ("date", "month_and_year", "month", "year"):
        return _explicit(expression.match, today, ahead=ahead)
    if expression.kind in ("decade", "long_ago"):
        return replace(UNKNOWN_DATE, is_long_past=True)
    if expression.kind == "anaphoric":
        return UNKNOWN_DATE  # counted from another event, not from publication
    if today is None:
        return None
    if expression.kind == "weekday":
        return _weekday(expression.match, today, ahead=ahead)
    return _RELATIVE[expression.kind](expression.match, today)


def time_ago(match: re.Match[str], today: date) -> EventDate | None:
    """Return the date of "two days ago"; None if it is before year 1.

    The match has the groups `n` (digits or a word) and `unit`.
    """
    unit = match["unit"]
    number = _number(match["n"].lower())
    if number is None:
        # "several years ago" gives no date, but makes the event history.
        return replace(UNKNOWN_DATE, is_long_past=unit in ("month", "year", "decade"))
    if unit == "decade":
        return EventDate(date(max(1, today.year - 10 * number), 1, 1), "year", "relative")
    if unit in _DAYS_IN_UNIT:
        day = today - timedelta(days=number * _DAYS_IN_UNIT[unit])
        return EventDate(day, unit, "relative")
    months = number if unit == "month" else 12 * number
    return _months_away(today, -months, unit)


def weekday_number(match: re.Match[str]) -> int:
    """Return the number of a matched weekday, Monday 0."""
    return _WEEKDAYS.index(match["weekday"].lower())


def last_day(when: EventDate) -> date | None:
    """Return the last day of the period; None if no date is known."""
    if when.day is None:
        return None
    length = _LAST_DAYS.get(when.precision, 0)
    return when.day + timedelta(days=min(length, (date.max - when.day).days))


def _explicit(match: re.Match[str], today: date | None, *, ahead: bool) -> EventDate | None:
    """Return the date of "14 October 2019", "in March" or "since 2012"."""
    groups = match.groupdict(default="")
    lead = groups.get("lead", "").lower()
    month = _month_number(groups.get("month"))
    day = _as_int(groups.get("day"))
    year = _as_int(groups.get("year"))
    if year is None:
        year = _nearest_year(today, month, day, ahead=ahead)
    if year is None:
        return None
    if lead == "last" and _is_this_month(year, month, today):
        year -= 1  # "last March", written in March
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:  # 31 February
        return None
    return EventDate(first, _precision(month, day), "explicit", is_open=lead == "since")


def _as_int(digits: str | None) -> int | None:
    return int(digits) if digits else None


def _is_this_month(year: int, month: int | None, today: date | None) -> bool:
    return today is not None and (year, month) == (today.year, today.month)


def _month_number(name: str | None) -> int | None:
    return _MONTHS.index(name[:3].lower()) + 1 if name else None


def _precision(month: int | None, day: int | None) -> str:
    if day:
        return "day"
    return "month" if month else "year"


def _nearest_year(
    today: date | None, month: int | None, day: int | None, *, ahead: bool
) -> int | None:
    """Return the year of a date written without one: the last that has begun, or the next."""
    if today is None or month is None:
        return None
    has_begun = (month, day or 1) <= (today.month, today.day)
    if not ahead:
        return today.year if has_begun else today.year - 1
    is_this_year = not has_begun or month == today.month
    return today.year if is_this_year else today.year + 1


def _weekday(match: re.Match[str], today: date, *, ahead: bool) -> EventDate:
    weekday = weekday_number(match)
    which = (match["which"] or "").lower()
    if which in ("next", "coming") or (ahead and which != "last"):
        days = (weekday - today.weekday()) % 7 or 7
    else:
        days = -((today.weekday() - weekday) % 7)
        if which == "last" and days == 0:
            days = -7
    return EventDate(today + timedelta(days=days), "day", "relative")


def _day_word(match: re.Match[str], today: date) -> EventDate:
    shift = _DAY_SHIFTS.get(match["word"].lower(), 0)
    return EventDate(today + timedelta(days=shift), "day", "relative")


def _recently(match: re.Match[str], today: date) -> EventDate:
    unit = match["unit"]
    if unit in ("day", "week"):
        first = today - timedelta(days=_RECENT_DAYS)
        return EventDate(first, "week", "relative", is_open=True)
    first = today.replace(day=1, month=1) if unit == "year" else today.replace(day=1)
    return EventDate(first, unit, "relative", is_open=True)


def _weekend(match: re.Match[str], today: date) -> EventDate:
    """Return the week of the last weekend, or of the one that is on, by its Monday."""
    saturday = today - timedelta(days=(today.weekday() - 5) % 7)
    return EventDate(saturday - timedelta(days=5), "week", "relative", is_open=True)


def _season(match: re.Match[str], today: date) -> EventDate:
    """Return the year of a season, since there is no precision between month and year."""
    which = match["which"].lower()
    is_over = today.month > _LAST_MONTH_OF_SEASON[match["season"]]
    year = today.year if is_over or which == "this" else today.year - 1
    return EventDate(date(year, 1, 1), "year", "relative", is_long_past=which == "last")


def _period(match: re.Match[str], today: date) -> EventDate:
    which, unit = match["which"].lower(), match["unit"]
    period = _shifted_period(today, _PERIOD_SHIFTS.get(which, 0), unit)
    return replace(period, is_open=which in ("this", "past") and not match["early"])


def _shifted_period(today: date, shift: int, unit: str) -> EventDate:
    if unit == "week":
        monday = today - timedelta(days=today.weekday())
        return EventDate(monday + timedelta(days=7 * shift), "week", "relative")
    if unit == "year":
        return EventDate(date(today.year + shift, 1, 1), "year", "relative")
    months = today.year * 12 + today.month - 1 + shift
    return EventDate(date(months // 12, months % 12 + 1, 1), "month", "relative")


def _months_away(today: date, shift: int, unit: str) -> EventDate | None:
    """Return the month or year some months from today; None before year 1."""
    months = today.year * 12 + today.month - 1 + shift
    if months < 12:  # months are counted from year 0
        return None
    month = months % 12 + 1 if unit == "month" else 1
    return EventDate(date(months // 12, month, 1), unit, "relative")


def _number(word: str) -> int | None:
    if word.isdecimal() and len(word) <= _MAX_DIGITS:
        return int(word)
    return _NUMBERS.get(word)


_RELATIVE: Mapping[str, Callable[[re.Match[str], date], EventDate | None]] = {
    "ago": time_ago,
    "recently": _recently,
    "weekend": _weekend,
    "season": _season,
    "day_word": _day_word,
    "period": _period,
}
