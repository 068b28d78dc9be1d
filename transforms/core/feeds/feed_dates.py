"""When was an item published? In UTC, or not at all where the feed's word cannot be true."""

import calendar
import re
import time
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from importlib.resources import files

FUTURE_TOLERANCE = timedelta(hours=48)
CLAMPED_UP_TO = timedelta(days=366)
"""A date further ahead than this says nothing at all of when an item was published."""
CLAMPED, REFUSED = "date_clamped", "date_refused"

# A date before the day after the epoch is a zero that was printed as a date.
_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
_MAX_TEXT = 80
_EPOCH = re.compile(r"[0-9]{9,10}|[0-9]{13}|[0-9]{9,10}\.[0-9]{1,9}")
_CLOCK = r"(?P<hour>\d{1,2})[:.h](?P<minute>\d\d)(?:[:.](?P<second>\d\d))?(?:\.\d+)?\s*(?P<half>[ap]\.?m\b\.?)?"
_ZONE = r"(?P<zone>[+-]\d\d:?\d\d|[a-z]{1,5})?"
_WORD = r"[^\W\d_]{3,14}"
_DAY_FIRST = rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|er)?\.?[\s-]+(?:de\s+)?(?P<month>{_WORD})\.?,?[\s-]+(?:de\s+)?"
_MONTH_FIRST = rf"(?P<month>{_WORD})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+"
_FORMS = tuple(
    re.compile(
        rf"(?:[^\W\d_]{{2,14}}\.?,?\s+)?{date}(?P<year>\d{{4}})(?:[\s,T-]+(?:(?:at|a|um|kl)\s+)?{_CLOCK})?\s*{_ZONE}"
    )
    for date in (_DAY_FIRST, _MONTH_FIRST)
)


def from_struct(value: time.struct_time | Sequence[int] | None) -> datetime | None:
    """Return feedparser's UTC tuple as a time; None where it is none or impossible."""
    if value is None:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(tuple(value)), tz=UTC)
    except (ValueError, OverflowError, TypeError, OSError, IndexError):
        return None


def from_iso(value: object) -> datetime | None:
    """Return an RFC 3339 text as a time in UTC; one without a zone is taken as UTC."""
    if not isinstance(value, str) or not 10 <= len(value.strip()) <= 64:
        return None
    try:
        when = datetime.fromisoformat(value.strip())
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def from_epoch(value: object) -> datetime | None:
    """Return seconds or, where they have 13 digits, milliseconds since 1970 as a time; None for anything else."""
    text = (
        str(value).strip()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
        else ""
    )
    if not _EPOCH.fullmatch(text):
        return None
    return datetime.fromtimestamp(
        float(text) / (1000 if len(text) == 13 and "." not in text else 1), tz=UTC
    )


def from_words(value: object) -> datetime | None:
    """Return a date with its month written out, in one of the languages and zones of `rules/months.toml`.

    Without a zone it is taken as UTC, without a clock time as midnight. None where a word is unknown.
    """
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        return None
    text = _folded(value)
    found = next((match for form in _FORMS if (match := form.fullmatch(text))), None)
    months, zones = _names()
    month = months.get(found["month"]) if found else None
    zone = _zone(found["zone"], zones) if found else None
    if found is None or month is None or zone is None:
        return None
    try:
        local = datetime(
            int(found["year"]), month, int(found["day"]), *_clock(found), tzinfo=timezone(zone)
        )
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def knows_better(value: object) -> bool:
    """Return whether a text has what feedparser passes over: a half of the day, or a zone outside America."""
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        return False
    last = _folded(value).rsplit(maxsplit=1)[-1:]
    known = bool(last) and last[0] in _names()[1] and last[0] not in {"gmt", "utc", "ut", "z"}
    return known or bool(re.search(r"\d\s*[ap]\.?m\b", value, re.IGNORECASE))


def settled(when: datetime | None, now: datetime | None) -> tuple[datetime | None, str | None]:
    """Return the time that can be believed, and the flag for one that was changed.

    More than 48 hours ahead of `now` it becomes `now` (date_clamped); at or before the epoch, or over a year ahead, it
    is unknown (date_refused).
    """
    if when is None:
        return None, None
    if when < _EARLIEST or (now is not None and when > now + CLAMPED_UP_TO):
        return None, REFUSED
    if now is not None and when > now + FUTURE_TOLERANCE:
        return now, CLAMPED
    return when, None


@lru_cache(maxsize=1)
def _names() -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Return the months and the zones by name."""
    text = files("transforms").joinpath("rules", "months.toml").read_text(encoding="utf-8")
    rules = tomllib.loads(text)
    return {name: int(number) for number, names in rules["month"].items() for name in names}, rules[
        "zone"
    ]


def _folded(text: str) -> str:
    """Return a text in lower case and without accents."""
    apart = unicodedata.normalize("NFKD", text.strip().lower().replace("ı", "i").replace("ł", "l"))
    return unicodedata.normalize(
        "NFC", "".join(c for c in apart if not unicodedata.combining(c) or c == "\u0306")
    )


def _zone(name: str | None, zones: Mapping[str, int]) -> timedelta | None:
    if not name:
        return timedelta(0)
    if name[0] in "+-":
        digits = name[1:].replace(":", "")
        size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        return (-size if name[0] == "-" else size) if size < timedelta(days=1) else None
    return timedelta(minutes=zones[name]) if name in zones else None


def _clock(found: re.Match[str]) -> tuple[int, int, int]:
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    half = found["half"]
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    return hour, minute, second
