"""When was an article published and changed, how exactly do we know, and from what?"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz

from htmldate import find_date
from lxml import html

AHEAD = timedelta(hours=48)
MAX_ZONE = 14 * 3600
GUESSES = frozenset({"url", "text"})
OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
MAX_DATE_TREE_CHARS = 600_000
NEVER = datetime.min.replace(tzinfo=UTC)
"""Stands for a date that is stated and that no calendar has."""
_ISO = re.compile(
    r"(?:(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)|(\d{4})(\d\d)(\d\d)(?!\d))"
    r"(?:(?:T|\s{1,2})\s?(\d{1,2}):?(\d\d)(?::?(\d\d)(?:[.,]\d{1,9})?)?(?:\s?([AP])\.?M\b\.?)?)?"
    r"\s?((?:GMT|UTC)?[+-]\d\d:?\d\d|(?:GMT|UTC)?[+-]\d{1,2}(?!\d)|[A-Z]{1,4}\b)?",
    re.IGNORECASE,
)
_STAMP = re.compile(
    r"((?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))((?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?)"
)
_EPOCH = re.compile(r"([1-9]\d{8,9})(?:\.\d{1,6}|\d{3})?")
_RFC_TIME = re.compile(
    r"\d{1,2}:\d\d(?::\d\d)? ?(?:UTC?|GMT|Z|[ECMP][SD]T|[+-]\d{4})", re.IGNORECASE
)
# As JavaScript prints a time, "GMT+0200": the mail parser reads it as GMT.
_NAMED_OFFSET = re.compile(r"\b(?:GMT|UTC)(?=[+-]\d{4})")
# Names of time zones that stand for one offset wherever they are used; IST, BST and the like do not.
_ZONES = {
    **{
        "Z": 0,
        "UT": 0,
        "UTC": 0,
        "GMT": 0,
        "WET": 0,
        "WEST": 1,
        "CET": 1,
        "CEST": 2,
        "EET": 2,
        "EEST": 3,
        "MSK": 3,
    },
    **{
        "EST": -5,
        "EDT": -4,
        "CDT": -5,
        "MST": -7,
        "MDT": -6,
        "PST": -8,
        "PDT": -7,
        "JST": 9,
        "KST": 9,
        "AEST": 10,
    },
}
_URL_DAY = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)")
# How the months begin in English, German, French, Spanish, Italian, Portuguese, Dutch and Russian.
_MONTHS = (
    *(
        "jan|gen|ene|янв",
        "feb|fév|fev|фев",
        "mar|mär|mrz|maa|мар",
        "apr|avr|abr|апр",
        "may|mai|mag|mei|май|мая",
    ),
    *(
        "juin|jun|giu|июн",
        "juil|jul|lug|июл",
        "aug|aoû|aou|ago|авг",
        "sep|set|сен",
        "oct|okt|ott|out|окт",
    ),
    *("nov|ноя", "dec|dez|déc|dic|дек"),
)
_MONTH_OF = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split("|")}
_MONTH = rf"({'|'.join(_MONTHS)})[^\W\d_]{{0,7}}\.?"
_DAY_MONTH = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th|er|º|\.)? (?:de )?{_MONTH},? (?:de |del )?((?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"\b{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?,? ((?:19|20)\d\d)\b", re.IGNORECASE
)
_DOTTED = re.compile(r"\b(\d{1,2})\.(\d{1,2})\.((?:19|20)\d\d)\b")
_SLASHED = re.compile(r"\b(\d{1,2})([/-])(\d{1,2})\2((?:19|20)\d\d)\b")
_EAST_ASIAN = re.compile(r"((?:19|20)\d\d)\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")


@dataclass(frozen=True, slots=True)
class Dated:
    """A time, how exactly it is known (second, minute, day), and whether its zone was only assumed to be UTC."""

    at: datetime
    precision: str
    zone_assumed: bool = False


@dataclass(frozen=True, slots=True)
class Published:
    """The publication time of an article, and the flags that finding it raised."""

    at: datetime | None = None
    precision: str = "none"
    basis: str = "first_seen"
    flags: tuple[str, ...] = ()


def parse_time(text: str | None) -> Dated | None:
    """Return the time an ISO 8601 text names (or what is near it), UTC where it names no zone; else None."""
    dated = _iso(text.strip()[:60]) if text else None
    return None if dated is None or dated.at == NEVER else dated


def _iso(text: str) -> Dated | None:
    found = _ISO.match(text)
    if found is None:
        return None
    year, _, month, day, *packed, hour, minute, second, half, zone = found.groups()
    year, month, day = packed if year is None else (year, month, day)
    try:
        at = datetime(int(year), int(month), int(day), tzinfo=UTC) + _clock(
            hour, minute, second, half
        )
        if hour is None:
            return Dated(at, "day")
        offset = _offset(zone)
        return Dated(
            at - (offset or timedelta()),
            "second" if second else "minute",
            zone_assumed=offset is None,
        )
    except (ValueError, OverflowError):
        return Dated(NEVER, "day")


def _clock(hour: str | None, minute: str | None, second: str | None, half: str | None) -> timedelta:
    """Return the time since midnight: 24:00 ends a day, and a minute may have a leap second. Raises ValueError."""
    hours, minutes, seconds = int(hour or 0), int(minute or 0), int(second or 0)
    if half and 1 <= hours <= 12:
        hours = hours % 12 + (12 if half.upper() == "P" else 0)
    if minutes > 59 or seconds > 60 or hours * 3600 + minutes * 60 > 86_400:
        raise ValueError(f"no clock shows {hour}:{minute}:{second}")
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def parse_printed(text: str) -> Dated | None:
    """Return the day a line prints, as in "10 October 2022", "Oct 10, 2022", "10. Oktober 2022" or "10.10.2022".

    Of "17/5/2024" and "5/17/2024" the number over 12 is the day; where neither is, it may be two days, so None.
    """
    if found := _DAY_MONTH.search(text[:200]):
        day, month, year = found.groups()
    elif found := _MONTH_DAY.search(text[:200]):
        month, day, year = found.groups()
    elif found := _DOTTED.search(text[:200]):
        day, month, year = found.groups()
    elif found := _EAST_ASIAN.search(text[:200]):
        year, month, day = found.groups()
    elif (found := _SLASHED.search(text[:200])) and (int(found[1]) > 12) != (int(found[3]) > 12):
        day, month = (found[1], found[3]) if int(found[1]) > 12 else (found[3], found[1])
        year = found[4]
    else:
        return parse_time(text[:30])
    try:
        number = int(month) if month.isdigit() else _MONTH_OF[month.lower()]
        return Dated(datetime(int(year), number, int(day), tzinfo=UTC), "day")
    except ValueError:
        return None


def parse_stated(text: str | None) -> Dated | None:
    """Return the time a metadata field states: ISO 8601, seconds since 1970, an RFC 2822 date, or a printed day.

    A date that no calendar has, as in "2024-13-45", is NEVER: stated, and to be refused.
    """
    text = (text or "").strip()[:60]
    if not text:
        return None
    if stamp := _STAMP.fullmatch(text):
        return _iso("T".join(stamp.groups()))
    if found := _EPOCH.fullmatch(text):
        return Dated(datetime.fromtimestamp(int(found.group(1)), UTC), "second")
    return _iso(text) or _mail_time(_NAMED_OFFSET.sub("", text)) or parse_printed(text)


def _mail_time(text: str) -> Dated | None:
    try:
        parts = parsedate_tz(text)
        if parts and parts[9] is not None and _RFC_TIME.search(text):
            at = datetime(*parts[:6], tzinfo=UTC) - timedelta(seconds=parts[9])
            return Dated(at, "minute" if parts[5] == 0 else "second")
    except (ValueError, TypeError, OverflowError, IndexError):
        pass
    return None


def url_date(url: str) -> Dated | None:
    """Return the day in the path of a link, as in /2022/10/11/."""
    found = _URL_DAY.search(url)
    return parse_time("-".join(found.groups())) if found else None


def text_date(tree: html.HtmlElement, url: str, now: datetime) -> Dated | None:
    """Return the day htmldate reads from what a page prints."""
    if sum(len(text) for text in tree.itertext()) > MAX_DATE_TREE_CHARS:
        return None
    try:
        day = find_date(
            tree,
            original_date=True,
            extensive_search=False,
            url=url,
            min_date=OLDEST,
            max_date=now + AHEAD,
        )
    except (
        ValueError,
        TypeError,
        AttributeError,
        OverflowError,
        RecursionError,
        IndexError,
        KeyError,
    ):
        return None
    return parse_time(day)


def published(candidates: Iterable[tuple[str, Dated | None]], now: datetime) -> Published:
    """Return the first candidate (basis, time) that can be: not before 1990, at most 48 hours ahead of now.

    A day, or a time without a zone, gives way to a later candidate that says the same moment in full.
    """
    flags: set[str] = set()
    chosen: tuple[str, Dated] | None = None
    for basis, dated in candidates:
        if chosen is not None and basis in GUESSES:
            break
        if dated is None:
            continue
        if not OLDEST <= dated.at <= now + AHEAD:
            flags |= {"date_refused"} if chosen is None else set()
            continue
        if chosen is None or _says_in_full(dated, chosen[1]):
            chosen = basis, dated
        if chosen[1].precision != "day" and not chosen[1].zone_assumed:
            break
    if chosen is None:
        return Published(flags=tuple(sorted(flags)))
    basis, dated = chosen
    flags |= {"date_guessed"} if basis in GUESSES else set()
    flags |= {"date_zone_assumed"} if dated.zone_assumed else set()
    return Published(dated.at, dated.precision, basis, tuple(sorted(flags)))


def _says_in_full(dated: Dated, first: Dated) -> bool:
    """Return whether a time is the first one with its zone, or lies on its day somewhere on earth."""
    if dated.zone_assumed or dated.precision == "day":
        return False
    apart = (dated.at - first.at).total_seconds()
    if first.precision == "day":
        return -MAX_ZONE <= apart <= 86_400 + MAX_ZONE
    # Offsets of zones are whole quarters of an hour.
    return abs(apart) <= MAX_ZONE and min(apart % 900, -apart % 900) < 60


def plausible(dated: Dated | None, now: datetime) -> datetime | None:
    """Return the time where it can be, else None."""
    return dated.at if dated and OLDEST <= dated.at <= now + AHEAD else None


def _offset(zone: str | None) -> timedelta | None:
    """Return how far a zone is ahead of UTC, None where it is not known. Raises ValueError where none is so far."""
    if zone is None:
        return None
    name = zone.upper().removeprefix("GMT").removeprefix("UTC") or "Z"
    if name[0] not in "+-":
        return timedelta(hours=_ZONES[name]) if name in _ZONES else None
    digits = name[1:].replace(":", "")
    digits = digits if len(digits) == 4 else digits.zfill(2) + "00"
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if ahead.total_seconds() > MAX_ZONE:
        raise ValueError(f"no time zone is {zone!r} from UTC")
    return ahead if name[0] == "+" else -ahead
