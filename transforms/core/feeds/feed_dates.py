"""When an item was published: parse the forms of dates in feeds, and judge which are credible.

All results are in UTC.
"""

import calendar
import re
import time
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from importlib.resources import files

CLAMPED, REFUSED = "date_clamped", "date_refused"

# A date up to this far ahead is accepted. A judgement: a missing zone accounts for 14 hours at
# most, and papers give articles the date of the next day's issue.
FUTURE_TOLERANCE = timedelta(hours=48)

# A date further ahead than this does not show when an item was published: its year is wrong.
CLAMPED_UP_TO = timedelta(days=366)

# A date before this is a zero that was formatted as a date, in any time zone.
_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
# The longest dates that are parsed have about 50 characters; if a date element holds a whole
# text instead, the patterns are not run over it.
_MAX_TEXT = 80
# An RFC 3339 text has 10 (a date) to 35 characters; fractions may be longer.
_MIN_ISO, _MAX_ISO = 10, 64

_EPOCH = re.compile(r"[0-9]{9,10}|[0-9]{13}|[0-9]{9,10}\.[0-9]{1,9}")
# Seconds since 1970 will have 10 digits until 2286.
_MILLISECOND_DIGITS = 13

_WORD = r"[^\W\d_]{3,14}"
_WEEKDAY = r"(?:[^\W\d_]{2,14}\.?,?\s+)?"
_YEAR = r"(?P<year>\d{4})"
_CLOCK = (
    r"(?P<hour>\d{1,2})[:.h](?P<minute>\d\d)(?:[:.](?P<second>\d\d))?(?:\.\d+)?"
    r"\s*(?P<half>[ap]\.?m\b\.?)?"
)
_TIME = rf"(?:[\s,T-]+(?:(?:at|a|um|kl)\s+)?{_CLOCK})?"
_ZONE = r"\s*(?P<zone>[+-]\d\d:?\d\d|[a-z]{1,5})?"
_DAY_FIRST = (
    r"(?P<day>\d{1,2})(?:st|nd|rd|th|er)?\.?[\s-]+(?:de\s+)?"
    rf"(?P<month>{_WORD})\.?,?[\s-]+(?:de\s+)?"
)
_MONTH_FIRST = rf"(?P<month>{_WORD})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+"
_PATTERNS = tuple(
    re.compile(_WEEKDAY + date + _YEAR + _TIME + _ZONE) for date in (_DAY_FIRST, _MONTH_FIRST)
)
_HALF_OF_DAY = re.compile(r"\d\s*[ap]\.?m\b", re.IGNORECASE)
# Zones that feedparser reads correctly.
_UTC_NAMES = frozenset({"gmt", "utc", "ut", "z"})


def from_struct(value: time.struct_time | Sequence[int] | None) -> datetime | None:
    """Return feedparser's UTC tuple as a time; None if it is not a possible one."""
    if value is None:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(tuple(value)), tz=UTC)
    except (ValueError, OverflowError, TypeError, OSError, IndexError):
        return None


def from_iso(value: object) -> datetime | None:
    """Return an RFC 3339 text as a time in UTC; one without a zone is taken as UTC."""
    if not isinstance(value, str) or not _MIN_ISO <= len(value.strip()) <= _MAX_ISO:
        return None
    try:
        when = datetime.fromisoformat(value.strip())
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def from_epoch(value: object) -> datetime | None:
    """Return seconds since 1970 as a time; 13 digits are milliseconds. None for anything else."""
    # bool is a kind of int in Python.
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value).strip()
    if not _EPOCH.fullmatch(text):
        return None
    is_milliseconds = len(text) == _MILLISECOND_DIGITS and "." not in text
    return datetime.fromtimestamp(float(text) / (1000 if is_milliseconds else 1), tz=UTC)


def from_words(value: object) -> datetime | None:
    """Return a date with its month as a word, in a language and zone of `rules/months.toml`.

    Without a zone it is taken as UTC, without a time as midnight. None if a word is unknown.
    """
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        return None
    match = _match_words(_folded(value))
    if match is None:
        return None
    months, zones = _names()
    month = months.get(match["month"])
    offset = _offset(match["zone"], zones)
    if month is None or offset is None:
        return None
    year, day = int(match["year"]), int(match["day"])
    try:
        local = datetime(year, month, day, *_clock(match), tzinfo=timezone(offset))
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def feedparser_misreads(value: object) -> bool:
    """Return whether a date has what feedparser ignores: am or pm, or a zone outside America."""
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        return False
    if _HALF_OF_DAY.search(value):
        return True
    words = _folded(value).split()
    if not words:
        return False
    _, zones = _names()
    return words[-1] in zones and words[-1] not in _UTC_NAMES


def credible(when: datetime | None, now: datetime | None) -> tuple[datetime | None, str | None]:
    """Return the time if it is credible, else its correction, and the flag of that correction.

    More than 48 hours ahead of `now` it becomes `now` (date_clamped); at or before the epoch, or
    over a year ahead, it is unknown (date_refused).
    """
    if when is None:
        return None, None
    if when < _EARLIEST:
        return None, REFUSED
    if now is None or when <= now + FUTURE_TOLERANCE:
        return when, None
    if when > now + CLAMPED_UP_TO:
        return None, REFUSED
    return now, CLAMPED


@lru_cache(maxsize=1)
def _names() -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Return the numbers of months by name, and the offsets of zones in minutes by name."""
    text = files("transforms").joinpath("rules", "months.toml").read_text(encoding="utf-8")
    rules = tomllib.loads(text)
    months: dict[str, int] = {}
    for number, names in rules["month"].items():
        months.update(dict.fromkeys(names, int(number)))
    return months, rules["zone"]


def _match_words(text: str) -> re.Match[str] | None:
    for pattern in _PATTERNS:
        match = pattern.fullmatch(text)
        if match is not None:
            return match
    return None


def _folded(text: str) -> str:
    """Return a text in lower case and without accents."""
    # The Turkish dotless i and the Polish l do not decompose.
    lower = text.strip().lower().replace("ı", "i").replace("ł", "l")
    decomposed = unicodedata.normalize("NFKD", lower)
    # The breve stays: without it the Cyrillic й would become another letter.
    kept = (c for c in decomposed if not unicodedata.combining(c) or c == "\u0306")
    return unicodedata.normalize("NFC", "".join(kept))


def _offset(zone: str | None, zones: Mapping[str, int]) -> timedelta | None:
    """Return a zone's offset from UTC; None for an unknown or impossible one."""
    if not zone:
        return timedelta(0)
    if zone[0] not in "+-":
        return timedelta(minutes=zones[zone]) if zone in zones else None
    digits = zone[1:].replace(":", "")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if size >= timedelta(days=1):
        return None
    return -size if zone[0] == "-" else size


def _clock(match: re.Match[str]) -> tuple[int, int, int]:
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    half = match["half"]
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    return hour, minute, second
