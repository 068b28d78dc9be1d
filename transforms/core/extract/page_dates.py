"""Choose the publication time of an article among those that its page and feed state."""

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from transforms.core.dates.parsed_time import AHEAD, MAX_UTC_OFFSET_S, ParsedTime, Place, settled
from transforms.core.dates.reading import read_iso, read_stated
from transforms.core.extract.metadata import PageMetadata
from transforms.core.extract.printed_dates import PageTime, PageTimes
from transforms.records import Page

# Before the web: such dates are defaults of a content system, as 1970-01-01 is.
OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
# A day is up to 14 hours from UTC at either end: a displayed day this much earlier than a declared
# time is another one.
_EARLIER = timedelta(hours=36)
# The date of an article has a byline and a reading time beside it; other words tell of an event.
_MAX_WORDS_BESIDE = 8
# A line below the headline with nothing but a date is the article's.
_MAX_WORDS_OF_DATE = 1
# Offsets of time zones are whole quarters of an hour; a minute allows for rounding.
_QUARTER_S = 900
_ROUNDING_S = 60
_DAY_S = 86_400
_URL_DAY = re.compile(
    r"/(?P<y>(?:19|20)\d\d)[/-]?(?P<m>0[1-9]|1[0-2]|[a-z]{3,9})[/-]?"
    r"(?P<d>0[1-9]|[12]\d|3[01])(?=[/_.-]|$)"
)
# Only where the first number cannot be a month.
_URL_DAY_LAST = re.compile(
    r"/(?P<d>1[3-9]|2\d|3[01])([.-])(?P<m>0[1-9]|1[0-2])\2(?P<y>(?:19|20)\d\d)(?=[/_.-]|$)"
)


@dataclass(frozen=True, slots=True)
class PublicationTime:
    """The publication time of an article, its basis, and the flags that choosing it raised."""

    at: datetime | None = None
    precision: str = "none"
    basis: str = "first_seen"
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ArticleTimes:
    """When an article was published, and when it was last changed, as far as its page says."""

    published: PublicationTime = PublicationTime()
    modified_at: datetime | None = None


class Candidate(NamedTuple):
    """The basis of a time, the time, and whether nothing says that it is of the publication."""

    basis: str
    time: ParsedTime | None
    guessed: bool = False


def article_times(
    page: Page, metadata: PageMetadata, displayed: PageTimes, place: Place, now: datetime
) -> ArticleTimes:
    """Return when an article was published and changed: as declared, else as displayed.

    If a page displays nothing but a change, that is the best guess: the day on which it was first
    seen is later still. A declared change is none: of 500 pages, where nothing else was stated, it
    was that of a system, years later.
    """
    changed = read_stated(metadata.modified, place)
    shown = displayed.updated()
    candidates = _with_days_settled([*_candidates(page, metadata, displayed, place)])
    times = _displayed_first(candidates, displayed.published(), changed, now)
    times.append(Candidate("modified", shown.time if shown else None, guessed=True))
    return ArticleTimes(
        published=publication_time(times, now),
        modified_at=plausible(changed, now) or plausible(shown.time if shown else None, now),
    )


def publication_time(candidates: Iterable[Candidate], now: datetime) -> PublicationTime:
    """Return the first candidate that is plausible, with its flags.

    A day, or a time without a zone, is replaced by a later candidate that states the same moment in
    full.
    """
    chosen: Candidate | None = None
    refused = False
    for candidate in candidates:
        time = settled(candidate.time, now) if candidate.time else None
        if time is None or (chosen is not None and candidate.guessed):
            continue
        if not _is_plausible(time.at, now):
            refused = refused or chosen is None
        elif chosen is None or _completes(time, chosen.time):
            chosen = candidate._replace(time=time)
    return _flagged(chosen, refused=refused)


def plausible(time: ParsedTime | None, now: datetime) -> datetime | None:
    """Return the time if it is not before 1990 and at most 48 hours ahead of now, else None."""
    time = settled(time, now) if time else None
    return time.at if time and _is_plausible(time.at, now) else None


def url_date(url: str) -> ParsedTime | None:
    """Return the day in the path of a link, as in /2022/10/11/, /2022/oct/11/ or /21-10-2022."""
    found = _URL_DAY.search(url) or _URL_DAY_LAST.search(url)
    return read_iso("-".join(found.group("y", "m", "d"))) if found else None


def _candidates(
    page: Page, metadata: PageMetadata, displayed: PageTimes, place: Place
) -> Iterator[Candidate]:
    """Yield the candidates for the publication time, surest first."""
    for basis, text in metadata.published:
        yield Candidate(basis, read_stated(text, place))
    if page.entry.published_at is not None:
        yield Candidate("feed", ParsedTime(page.entry.published_at, "second"))
    shown = displayed.published()
    if shown is not None and shown.is_labelled:
        yield _shown(shown)
    yield Candidate("url", url_date(page.final_url) or url_date(page.entry.url), guessed=True)
    if shown is not None and not shown.is_labelled:
        yield _shown(shown)


def _shown(shown: PageTime) -> Candidate:
    return Candidate(shown.basis, shown.time, guessed=not shown.is_labelled)


def _displayed_first(
    candidates: list[Candidate],
    shown: PageTime | None,
    changed: ParsedTime | None,
    now: datetime,
) -> list[Candidate]:
    """Return the candidates with a displayed time before a declared one that is of a change.

    Some systems declare the last publication of a page as its first: then no later change is
    declared, and readers see an earlier date.
    """
    declared = _declared(candidates, now)
    if shown is None or declared is None or _confirms(candidates, declared):
        return candidates
    is_earlier = shown.is_below and shown.time.at <= declared.at - _EARLIER
    return (
        [_shown(shown), *candidates]
        if is_earlier and _is_meant(shown, declared, changed)
        else candidates
    )


def _declared(candidates: Iterable[Candidate], now: datetime) -> ParsedTime | None:
    """Return the first plausible time that is no guess."""
    times = (one.time for one in candidates if one.time and not one.guessed)
    return next((time for time in times if _is_plausible(time.at, now)), None)


def _is_meant(shown: PageTime, declared: ParsedTime, changed: ParsedTime | None) -> bool:
    """Return whether a displayed time is the publication, and the declared one that of a change."""
    if shown.is_labelled or shown.words <= _MAX_WORDS_OF_DATE:
        return True
    is_changed_later = changed is not None and changed.at > declared.at + _EARLIER
    return not is_changed_later and shown.words <= _MAX_WORDS_BESIDE


def _confirms(candidates: Iterable[Candidate], declared: ParsedTime) -> bool:
    """Return whether the feed or the URL has about the declared time."""
    others = (one.time for one in candidates if one.basis in {"feed", "url"})
    return any(abs(time.at - declared.at) < _EARLIER for time in others if time)


def _with_days_settled(candidates: list[Candidate]) -> list[Candidate]:
    """Return candidates with day and month swapped in those that others contradict only so."""
    times = (one.time for one in candidates)
    sure = {time.at.date() for time in times if time and time.swapped is None}
    return [one._replace(time=_agreeing(one.time, sure)) for one in candidates]


def _agreeing(time: ParsedTime | None, days: Set[date]) -> ParsedTime | None:
    if time is None or time.swapped is None or time.at.date() in days:
        return time
    if time.swapped.date() not in days:
        return time
    return replace(time, at=time.swapped, swapped=None, order_unsure=False)


def _is_plausible(at: datetime, now: datetime) -> bool:
    return OLDEST <= at <= now + AHEAD


def _is_complete(time: ParsedTime) -> bool:
    return time.precision != "day" and not time.zone_assumed


def _completes(time: ParsedTime, first: ParsedTime | None) -> bool:
    """Return whether a complete time is the first in its zone, or on its day somewhere on earth."""
    if first is None or _is_complete(first) or not _is_complete(time):
        return False
    apart = (time.at - first.at).total_seconds()
    if first.precision == "day":
        return -MAX_UTC_OFFSET_S <= apart <= _DAY_S + MAX_UTC_OFFSET_S
    from_quarter = min(apart % _QUARTER_S, -apart % _QUARTER_S)
    return abs(apart) <= MAX_UTC_OFFSET_S and from_quarter < _ROUNDING_S


def _flagged(chosen: Candidate | None, *, refused: bool) -> PublicationTime:
    flags = ["date_refused"] if refused else []
    if chosen is None or chosen.time is None:
        return PublicationTime(flags=tuple(flags))
    basis, time = chosen.basis, chosen.time
    if chosen.guessed or time.order_unsure:
        flags.append("date_guessed")
    if time.zone_assumed:
        flags.append("date_zone_assumed")
    return PublicationTime(time.at, time.precision, basis, tuple(sorted(flags)))
