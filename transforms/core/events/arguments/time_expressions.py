"""Find the time expressions of a sentence: dates, weekdays, "two days ago", "last week"."""

import re
from dataclasses import dataclass

_MONTH = (
    r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?P<weekday>Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_DAY_WORD = (
    r"(?P<word>[Yy]esterday|[Tt]oday|[Tt]onight|[Tt]omorrow|[Oo]vernight"
    r"|[Tt]his (?:morning|afternoon)|[Ll]ast night)"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d{2})"
_MONTH_LEAD = r"(?P<lead>[Ii]n|[Ll]ast|[Ss]ince|[Dd]uring|[Bb]y|[Uu]ntil)"
_YEAR_LEAD = r"(?P<lead>[Ii]n|[Ss]ince|[Dd]uring|of|[Ee]arly|[Ll]ate|[Bb]y)"
_PART = r"(?: early| late| mid)?"
_PAST_TENSE = r"(?= (?:ruled|led|fought|backed|supported))"

_PATTERNS = {
    "date": (
        rf"\b{_DAY}(?: of)? {_MONTH}(?:,? (?P<year>\d{{4}}))?\b",
        rf"\b{_MONTH} {_DAY}(?!\d)(?:,? {_YEAR})?\b",
    ),
    "month_and_year": (rf"\b{_MONTH},? {_YEAR}\b",),
    "month": (
        rf"\b{_MONTH_LEAD}{_PART}[ -]{_MONTH}(?!\w)",
        rf"\b(?P<lead>[Ee]arly|[Ll]ate|[Mm]id)[ -]{_MONTH}(?!\w)",
    ),
    "decade": (r"\b(?:the )?(?:(?:early|late|mid)[ -])?(?P<year>(?:19|20)\d0)s\b",),
    "year": (rf"\b{_YEAR_LEAD}{_PART}(?: the)?[ -]{_YEAR}\b(?!s)",),
    "ago": (
        r"\b(?P<n>[Aa]n?|\d{1,3}|[a-z]+) (?P<unit>day|week|month|year|decade)s? "
        r"(?:ago|earlier)\b(?! than)",
    ),
    "long_ago": (
        r"\b(?:years|months|decades|centuries) (?:ago|earlier|before)\b"
        rf"|\blong ago\b|\blast century\b|\bonce\b{_PAST_TENSE}",
    ),
    "recently": (
        r"\b(?:in|over|during) (?:the )?(?:recent|past|last)"
        r"(?: (?:few|couple of|several|\w+))? (?P<unit>day|week|month|year)s\b",
    ),
    "weekend": (r"\b(?:at|over|on|during|last) (?:the |last )?weekend\b|\blast weekend\b",),
    "season": (r"\b(?P<which>[Ll]ast|[Tt]his) (?P<season>spring|summer|autumn|fall|winter)\b",),
    "anaphoric": (
        r"\b(?:the (?:previous|same|following|next) (?:day|week|month|year)"
        r"|the day (?:before|after)|on the eve"
        r"|(?:a|one|two|three) (?:days?|weeks?) (?:before|after|later)"
        r"|that (?:day|week|month|year|night))\b",
    ),
    "weekday": (rf"\b(?:(?P<which>[Ll]ast|[Nn]ext|[Tt]his|[Cc]oming) )?{_WEEKDAY}\b",),
    "day_word": (rf"\b{_DAY_WORD}\b",),
    "period": (
        r"\b(?:(?P<early>[Ee]arlier|late) )?(?P<which>[Ll]ast|[Tt]his|[Nn]ext|[Pp]ast) "
        r"(?P<unit>week|month|year)\b",
    ),
}
"""The patterns of each kind of expression. If two matches overlap, the earlier kind wins."""

_COMPILED = tuple((kind, tuple(map(re.compile, patterns))) for kind, patterns in _PATTERNS.items())


@dataclass(frozen=True, slots=True)
class TimeExpression:
    """A time expression at characters [start, end) of the sentence."""

    start: int
    end: int
    kind: str
    match: re.Match[str]


def find_time_expressions(text: str) -> tuple[TimeExpression, ...]:
    """Return the time expressions of a sentence in reading order; none overlap."""
    found: list[TimeExpression] = []
    for kind, patterns in _COMPILED:
        for pattern in patterns:
            for match in pattern.finditer(text):
                expression = TimeExpression(match.start(), match.end(), kind, match)
                if not any(_overlap(expression, other) for other in found):
                    found.append(expression)
    return tuple(sorted(found, key=lambda expression: expression.start))


def _overlap(a: TimeExpression, b: TimeExpression) -> bool:
    return a.start < b.end and b.start < a.end
