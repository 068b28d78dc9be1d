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
_ISO = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ]\s?(\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d{1,9})?)?)?"
    r"\s?(Z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d)?",
    re.IGNORECASE,
)
_RFC_TIME = re.compile(r"\d{1,2}:\d\d(?::\d\d)? ?(?:UTC?|GMT|Z|[+-]\d{4})", re.IGNORECASE)
_URL_DAY = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)? {_MONTH},? ((?:19|20)\d\d)\b", re.IGNORECASE)
_MONTH_DAY = re.compile(rf"\b{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?,? ((?:19|20)\d\d)\b", re.IGNORECASE)


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
    found = _ISO.match(text.strip()[:60]) if text else None
    if found is None:
        return None
    year, month, day, hour, minute, second, zone = found.groups()
    try:
        at = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC)
        if hour is None:
            return Dated(at, "day")
        return Dated(at - _offset(zone), "second" if second else "minute", zone_assumed=zone is None)
    except (ValueError, OverflowError):
        return None


def parse_printed(text: str) -> Dated | None:
    """Return the day an English line prints, as in "10 October 2022" or "Oct 10, 2022"."""
    if found := _DAY_MONTH.search(text[:200]):
        day, month, year = found.groups()
    elif found := _MONTH_DAY.search(text[:200]):
        month, day, year = found.groups()
    else:
        return parse_time(text[:30])
    try:
        return Dated(datetime(int(year), _MONTHS.index(month[:3].lower()) + 1, int(day), tzinfo=UTC), "day")
    except ValueError:
        return None


def parse_stated(text: str | None) -> Dated | None:
    """Return the time a metadata field states: ISO 8601, an RFC 2822 date with its zone, or a printed day."""
    if not text:
        return None
    if dated := parse_time(text):
        return dated
    try:
        parts = parsedate_tz(text[:60])
        if parts and parts[9] is not None and _RFC_TIME.search(text[:60]):
            at = datetime(*parts[:6], tzinfo=UTC) - timedelta(seconds=parts[9])
            return Dated(at, "minute" if parts[5] == 0 else "second")
    except (ValueError, TypeError, OverflowError, IndexError):
        pass
    return parse_printed(text)


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
            tree, original_date=True, extensive_search=False, url=url, min_date=OLDEST, max_date=now + AHEAD
        )
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError, IndexError, KeyError):
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


def _offset(zone: str | None) -> timedelta:
    if zone is None or zone[0] not in "+-":
        return timedelta()
    digits = zone[1:].replace(":", "").ljust(4, "0")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return ahead if zone[0] == "+" else -ahead
