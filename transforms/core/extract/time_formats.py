"""Parse the times and days that pages state: ISO 8601, RFC 2822, Unix time, printed dates."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz

# The zones farthest from UTC are +14:00 (Kiribati) and -12:00.
MAX_UTC_OFFSET_S = 14 * 3600
# The longest are those of JavaScript, with the zone's name in brackets: about 60 characters.
MAX_STATED_CHARS = 60
# A printed date is near the start of its line; bounds the time on long ones.
MAX_PRINTED_CHARS = 200
MAX_PRINTED_ISO_CHARS = 30
IMPOSSIBLE = datetime.min.replace(tzinfo=UTC)
"""The value of a stated date that no calendar has."""
_ISO = re.compile(
    r"(?:(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)|(\d{4})(\d\d)(\d\d)(?!\d))"
    r"(?:(?:T|\s{1,2})\s?(\d{1,2}):?(\d\d)(?::?(\d\d)(?:[.,]\d{1,9})?)?(?:\s?([AP])\.?M\b\.?)?)?"
    r"\s?((?:GMT|UTC)?[+-]\d\d:?\d\d|(?:GMT|UTC)?[+-]\d{1,2}(?!\d)|[A-Z]{1,4}\b)?",
    re.IGNORECASE,
)
# A day and a time of digits only, as in 20240430140509.
_STAMP = re.compile(
    r"((?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))((?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?)"
)
# Nine or ten digits of seconds (1973 to 2286), with three more of milliseconds.
_UNIX_TIME = re.compile(r"([1-9]\d{8,9})(?:\.\d{1,6}|\d{3})?")
_RFC_TIME = re.compile(
    r"\d{1,2}:\d\d(?::\d\d)? ?(?:UTC?|GMT|Z|[ECMP][SD]T|[+-]\d{4})", re.IGNORECASE
)
# As JavaScript prints a time, "GMT+0200": the mail parser reads it as GMT.
_NAMED_OFFSET = re.compile(r"\b(?:GMT|UTC)(?=[+-]\d{4})")
# Hours ahead of UTC of zones that mean one offset wherever they are used; IST, BST and the like,
# which mean several, are left out.
_ZONES = {
    **{"Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1},
    **{"CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3},
    **{"EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7},
    **{"JST": 9, "KST": 9, "AEST": 10},
}
# How the months begin in English, German, French, Spanish, Italian, Portuguese, Dutch and Russian.
_MONTHS = (
    *("jan|gen|ene|янв", "feb|fév|fev|фев", "mar|mär|mrz|maa|мар", "apr|avr|abr|апр"),
    *("may|mai|mag|mei|май|мая", "juin|jun|giu|июн", "juil|jul|lug|июл"),
    *(
        "aug|aoû|aou|ago|авг",
        "sep|set|сен",
        "oct|okt|ott|out|окт",
        "nov|ноя",
        "dec|dez|déc|dic|дек",
    ),
)
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[^\W\d_]{{0,7}}\.?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_PRINTED = (
    # 10 October 2022, 10. Oktober 2022, 10 de octubre de 2022
    re.compile(
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|º|\.)? (?:de )?{_MONTH},? (?:de |del )?{_YEAR}\b",
        re.IGNORECASE,
    ),
    # Oct 10, 2022
    re.compile(rf"\b{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? {_YEAR}\b", re.IGNORECASE),
    # 10.10.2022
    re.compile(rf"\b(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.{_YEAR}\b"),
    # 2022年10月10日, 2022년 10월 10일
    re.compile(rf"{_YEAR}\s?[年년]\s?(?P<month>\d{{1,2}})\s?[月월]\s?(?P<day>\d{{1,2}})\s?[日일]"),
)
_SLASHED = re.compile(r"\b(\d{1,2})([/-])(\d{1,2})\2((?:19|20)\d\d)\b")


@dataclass(frozen=True, slots=True)
class ParsedTime:
    """A time in UTC and its precision: "second", "minute" or "day".

    `zone_assumed` is set if no known zone was stated and UTC was assumed.
    """

    at: datetime
    precision: str
    zone_assumed: bool = False


def parse_stated(text: str | None) -> ParsedTime | None:
    """Return the time that a metadata field states; None if it states none.

    For a date that no calendar has, as "2024-13-45", the time is IMPOSSIBLE, never plausible.
    """
    text = (text or "").strip()[:MAX_STATED_CHARS]
    if not text:
        return None
    if stamp := _STAMP.fullmatch(text):
        return _parse_iso("T".join(stamp.groups()))
    if found := _UNIX_TIME.fullmatch(text):
        return ParsedTime(datetime.fromtimestamp(int(found.group(1)), UTC), "second")
    return _parse_iso(text) or _parse_rfc_2822(_NAMED_OFFSET.sub("", text)) or parse_printed(text)


def parse_time(text: str | None) -> ParsedTime | None:
    """Return the time an ISO 8601 text states (or one close to it); None for any other text."""
    parsed = _parse_iso(text.strip()[:MAX_STATED_CHARS]) if text else None
    return None if parsed is None or parsed.at == IMPOSSIBLE else parsed


def parse_printed(text: str) -> ParsedTime | None:
    """Return the day a line prints, e.g. "10 October 2022", "Oct 10, 2022" or "10.10.2022".

    In "17/5/2024" and "5/17/2024" the number over 12 is the day; if neither is over 12, the date is
    ambiguous, and None is returned.
    """
    parts = _printed_day(text[:MAX_PRINTED_CHARS])
    if parts is None:
        return parse_time(text[:MAX_PRINTED_ISO_CHARS])
    year, month, day = parts
    try:
        return ParsedTime(datetime(int(year), _month_number(month), int(day), tzinfo=UTC), "day")
    except ValueError:
        return None


def _parse_iso(text: str) -> ParsedTime | None:
    found = _ISO.match(text)
    if found is None:
        return None
    year, _, month, day, *packed, hour, minute, second, half, zone = found.groups()
    if year is None:
        year, month, day = packed
    try:
        midnight = datetime(int(year), int(month), int(day), tzinfo=UTC)
        local = midnight + _since_midnight(hour, minute, second, half)
        if hour is None:
            return ParsedTime(local, "day")
        offset = _utc_offset(zone)
        at = local - (offset or timedelta())
    except (ValueError, OverflowError):
        return ParsedTime(IMPOSSIBLE, "day")
    return ParsedTime(at, "second" if second else "minute", zone_assumed=offset is None)


def _since_midnight(
    hour: str | None, minute: str | None, second: str | None, half: str | None
) -> timedelta:
    """Return the time since midnight; `half` is "A" or "P" of a 12-hour clock.

    24:00 is the end of the day, and a minute may have a leap second. Raises ValueError for other
    values out of range.
    """
    hours, minutes, seconds = int(hour or 0), int(minute or 0), int(second or 0)
    if half and 1 <= hours <= 12:
        hours = hours % 12 + (12 if half.upper() == "P" else 0)
    if minutes > 59 or seconds > 60 or hours * 3600 + minutes * 60 > 86_400:
        raise ValueError(f"{hour}:{minute}:{second} is not a time of day")
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _utc_offset(zone: str | None) -> timedelta | None:
    """Return how far a zone is ahead of UTC; None for an unknown zone.

    Raises ValueError for an offset that no zone has.
    """
    if zone is None:
        return None
    name = zone.upper().removeprefix("GMT").removeprefix("UTC") or "Z"
    if name[0] not in "+-":
        return timedelta(hours=_ZONES[name]) if name in _ZONES else None
    digits = name[1:].replace(":", "")
    if len(digits) < 4:
        digits = digits.zfill(2) + "00"
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if offset.total_seconds() > MAX_UTC_OFFSET_S:
        raise ValueError(f"{zone!r} is not the offset of a time zone")
    return offset if name[0] == "+" else -offset


def _parse_rfc_2822(text: str) -> ParsedTime | None:
    try:
        parts = parsedate_tz(text)
        # Without a time and zone, the parser makes dates of almost any text.
        if parts is None or parts[9] is None or not _RFC_TIME.search(text):
            return None
        at = datetime(*parts[:6], tzinfo=UTC) - timedelta(seconds=parts[9])
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return ParsedTime(at, "minute" if at.second == 0 else "second")


def _printed_day(line: str) -> tuple[str, str, str] | None:
    """Return the year, month and day that a line prints, as it spells them."""
    for pattern in _PRINTED:
        found = pattern.search(line)
        if found:
            return found["year"], found["month"], found["day"]
    slashed = _SLASHED.search(line)
    if slashed is None:
        return None
    first, _, second, year = slashed.groups()
    if int(first) > 12 >= int(second):
        return year, second, first
    if int(second) > 12 >= int(first):
        return year, first, second
    return None


def _month_number(month: str) -> int:
    """Return the number of a month. Raises ValueError for any other name."""
    if month.isdigit():
        return int(month)
    # Ignoring case, the pattern also matches letters such as the long s, which no name has.
    for number, names in enumerate(_MONTHS, 1):
        if month.lower() in names.split("|"):
            return number
    raise ValueError(f"{month!r} is not the name of a month")
