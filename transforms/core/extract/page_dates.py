"""Choose the publication time of an article among those that its page and feed state."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from htmldate import find_date
from lxml import html

from transforms.core.dates.parsed_time import AHEAD, MAX_UTC_OFFSET_S, ParsedTime
from transforms.core.dates.reading import read_iso

# Before the web: such dates are defaults of a content system, as 1970-01-01 is.
OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
GUESSES = frozenset({"url", "text"})
"""Bases of a date that the page does not declare as its publication time."""
# htmldate searches the whole tree with many patterns; of 1,500 pages, 1% has over a million
# characters of text and scripts.
MAX_DATE_TREE_CHARS = 600_000
# Offsets of time zones are whole quarters of an hour; a minute allows for rounding.
_QUARTER_S = 900
_ROUNDING_S = 60
_DAY_S = 86_400
_URL_DAY = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)")


@dataclass(frozen=True, slots=True)
class PublicationTime:
    """The publication time of an article, its basis, and the flags that choosing it raised."""

    at: datetime | None = None
    precision: str = "none"
    basis: str = "first_seen"
    flags: tuple[str, ...] = ()


def publication_time(
    candidates: Iterable[tuple[str, ParsedTime | None]], now: datetime
) -> PublicationTime:
    """Return the first candidate (basis, time) that is plausible, with its flags.

    A day, or a time without a zone, is replaced by a later candidate that states the same moment in
    full. Candidates are only read as far as needed.
    """
    chosen: tuple[str, ParsedTime] | None = None
    refused = False
    for basis, time in candidates:
        if chosen is not None and basis in GUESSES:
            break
        if time is None:
            continue
        if not _is_plausible(time.at, now):
            refused = refused or chosen is None
            continue
        if chosen is None or _completes(time, chosen[1]):
            chosen = basis, time
        if _is_complete(chosen[1]):
            break
    return _flagged(chosen, refused=refused)


def plausible(time: ParsedTime | None, now: datetime) -> datetime | None:
    """Return the time if it is not before 1990 and at most 48 hours ahead of now, else None."""
    return time.at if time and _is_plausible(time.at, now) else None


def url_date(url: str) -> ParsedTime | None:
    """Return the day in the path of a link, as in /2022/10/11/."""
    found = _URL_DAY.search(url)
    return read_iso("-".join(found.groups())) if found else None


def text_date(tree: html.HtmlElement, url: str, now: datetime) -> ParsedTime | None:
    """Return the day htmldate reads from the text of a page."""
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
    # htmldate raises any of these on invalid dates and unusual trees; the article must not be lost.
    except (
        *(ValueError, TypeError, AttributeError, OverflowError),
        *(RecursionError, IndexError, KeyError),
    ):
        return None
    return read_iso(day)


def _is_plausible(at: datetime, now: datetime) -> bool:
    return OLDEST <= at <= now + AHEAD


def _is_complete(time: ParsedTime) -> bool:
    return time.precision != "day" and not time.zone_assumed


def _completes(time: ParsedTime, first: ParsedTime) -> bool:
    """Return whether a complete time is the first in its zone, or on its day somewhere on earth."""
    if not _is_complete(time):
        return False
    apart = (time.at - first.at).total_seconds()
    if first.precision == "day":
        return -MAX_UTC_OFFSET_S <= apart <= _DAY_S + MAX_UTC_OFFSET_S
    from_quarter = min(apart % _QUARTER_S, -apart % _QUARTER_S)
    return abs(apart) <= MAX_UTC_OFFSET_S and from_quarter < _ROUNDING_S


def _flagged(chosen: tuple[str, ParsedTime] | None, *, refused: bool) -> PublicationTime:
    flags = ["date_refused"] if refused else []
    if chosen is None:
        return PublicationTime(flags=tuple(flags))
    basis, time = chosen
    if basis in GUESSES:
        flags.append("date_guessed")
    if time.zone_assumed:
        flags.append("date_zone_assumed")
    return PublicationTime(time.at, time.precision, basis, tuple(sorted(flags)))
