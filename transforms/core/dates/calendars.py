"""Gregorian days of dates in other calendars.

Years of the 25th to 27th century are Buddhist (Thailand: 2568 is 2025). Of 33 Persian years eight
are leap years, which is right from 1178 to 1633. Hijri months are those of the arithmetic
calendar: where the moon is watched, a month may begin a day earlier or later.
"""

from datetime import date, timedelta

from transforms.core.dates.names import GREGORIAN, HIJRI, PERSIAN

# Years that a text can mean by themselves: Persian ones of 1961 to 2031, Hijri ones of 1990 to
# 2048. They do not overlap, nor touch Gregorian ones.
PERSIAN_YEARS = range(1340, 1411)
HIJRI_YEARS = range(1411, 1472)
_BUDDHIST_YEARS, _BUDDHIST_AHEAD = range(2400, 2700), 543
# 1 Farvardin 1340.
_PERSIAN_START = date(1961, 3, 21)
# 1 Muharram 1411 of the arithmetic calendar (type II, civil epoch).
_HIJRI_START = date(1990, 7, 24)


def gregorian_day(year: int, month: int, day: int, calendar: str = GREGORIAN) -> date:
    """Return the day; Raises ValueError for one that the calendar does not have.

    A year tells its calendar where the names of months do not.
    """
    calendar = calendar if calendar != GREGORIAN else _calendar_of(year)
    if calendar == PERSIAN:
        return _persian_day(year, month, day)
    if calendar == HIJRI:
        return _hijri_day(year, month, day)
    return date(year - _BUDDHIST_AHEAD if year in _BUDDHIST_YEARS else year, month, day)


def _calendar_of(year: int) -> str:
    if year in PERSIAN_YEARS:
        return PERSIAN
    return HIJRI if year in HIJRI_YEARS else GREGORIAN


def _persian_day(year: int, month: int, day: int) -> date:
    last = _check(year in PERSIAN_YEARS, month) and (31 if month <= 6 else 30)
    if month == 12 and not _is_persian_leap(year):
        last = 29
    _check(1 <= day <= last, month)
    days = sum(366 if _is_persian_leap(y) else 365 for y in range(PERSIAN_YEARS[0], year))
    before = (month - 1) * 31 if month <= 7 else 186 + (month - 7) * 30
    return _PERSIAN_START + timedelta(days + before + day - 1)


def _is_persian_leap(year: int) -> bool:
    return (8 * year + 29) % 33 < 8


def _hijri_day(year: int, month: int, day: int) -> date:
    last = _check(year in HIJRI_YEARS, month) and (30 if month % 2 else 29)
    if month == 12 and _is_hijri_leap(year):
        last = 30
    _check(1 <= day <= last, month)
    days = sum(355 if _is_hijri_leap(y) else 354 for y in range(HIJRI_YEARS[0], year))
    return _HIJRI_START + timedelta(days + (59 * (month - 1) + 1) // 2 + day - 1)


def _is_hijri_leap(year: int) -> bool:
    return (11 * year + 14) % 30 < 11


def _check(valid: bool, month: int) -> bool:
    if not (valid and 1 <= month <= 12):
        raise ValueError("not a day of this calendar")
    return True
