"""When did it happen, as the sentence says it or the day of publication tells?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from spacy.tokens import Doc, Token

from transforms.core.events.syntax import ancestors, coordinated, is_told, kids

_MONTHS = {
    m: i + 1 for i, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
}
_DAYS = {d: i for i, d in enumerate(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])}
_NUMBERS = {
    w: i
    for i, w in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    )
} | {"a": 1, "an": 1}
_MONTH = (
    r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?P<wd>Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_NEAR = (
    r"(?P<word>[Yy]esterday|[Tt]oday|[Tt]onight|[Tt]omorrow|[Oo]vernight|[Tt]his (?:morning|afternoon)|[Ll]ast night)"
)
_UNIT = {"day": 1, "week": 7}
_PATTERNS = [
    ("dmy", re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}(?:,? (?P<year>\d{{4}}))?\b")),
    ("dmy", re.compile(rf"\b{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,? (?P<year>(?:19|20)\d{{2}}))?\b")),
    ("my", re.compile(rf"\b{_MONTH},? (?P<year>(?:19|20)\d{{2}})\b")),
    ("m", re.compile(rf"\b(?:[Ii]n|[Ll]ast|[Ss]ince|[Dd]uring|[Ee]arly|[Ll]ate) {_MONTH}(?!\w)")),
    ("y", re.compile(r"\b(?:[Ii]n|[Ss]ince|[Dd]uring|of|[Ee]arly|[Ll]ate) (?P<year>(?:19|20)\d{2})\b")),
    ("ago", re.compile(r"\b(?P<n>\w+) (?P<unit>day|week|month|year)s? (?:ago|earlier)\b(?! than)")),
    ("weekday", re.compile(rf"\b(?:(?P<which>[Ll]ast|[Nn]ext|[Tt]his|[Cc]oming) )?{_WEEKDAY}\b")),
    ("word", re.compile(rf"\b{_NEAR}\b")),
    ("period", re.compile(r"\b(?P<which>[Ll]ast|[Tt]his|[Nn]ext|[Pp]ast) (?P<unit>week|month|year)\b")),
]  # fmt: skip


_AFTER = re.compile(r"\b(?P<n>\w+) (?P<unit>day|week|month|year)s? ago")


@dataclass(frozen=True, slots=True)
class When:
    """A time, how well it is known, and by what."""

    day: date | None
    precision: str
    basis: str


@dataclass(frozen=True, slots=True)
class TimeWords:
    """A time expression at characters [start, end) of the sentence."""

    start: int
    end: int
    kind: str
    found: re.Match[str]


NOTHING = When(None, "none", "none")


def time_words(text: str) -> tuple[TimeWords, ...]:
    """Return the time expressions of a sentence, none overlapping another."""
    out: list[TimeWords] = []
    for kind, pattern in _PATTERNS:
        for m in pattern.finditer(text):
            if not any(m.start() < o.end and o.start < m.end() for o in out):
                out.append(TimeWords(m.start(), m.end(), kind, m))
    return tuple(sorted(out, key=lambda t: t.start))


def read_date(clause: Token, doc: Doc, published: datetime | None, *, ahead: bool, said: bool = True) -> When:
    """Return the time that the clause's own words give, or (`said`) those of the speech that reports it."""
    expressions = time_words(doc.text)
    before = _offset(clause, published)
    if before is not None:
        return before
    own = [clause, *coordinated(clause), *own_verbs(clause)]
    for verb, looks_ahead in [*((v, ahead) for v in own), *((v, False) for v in _levels(clause) if said)]:
        for words in expressions:
            if _belongs(words, verb, doc):
                found = resolve_time(words, published, ahead=looks_ahead)
                if found is not None:
                    return found
    return NOTHING


def _offset(clause: Token, published: datetime | None) -> When | None:
    """The time of "five months after a patrol seized their boats", counted from publication."""
    if clause.dep_ not in ("advcl", "pcomp") or published is None:
        return None
    if not any(t.lower_ == "after" for t in (*kids(clause, "mark"), clause.head) if t.pos_ in ("SCONJ", "ADP")):
        return None
    for span in (t for w in (clause, clause.head) for t in kids(w, "npadvmod", "nmod")):
        found = _AFTER.search(span.doc[span.left_edge.i : span.i + 1].text + " ago")
        if found:
            return _ago(published.date(), found)
    return None


def is_coming(clause: Token, published: datetime | None) -> bool:
    """Tell whether a present tense with the name of another day looks ahead: "travels to Jakarta on Thursday"."""
    if published is None or clause.tag_ not in ("VBZ", "VBP", "VBG") or clause.lemma_ in ("say", "be"):
        return False
    helpers = kids(clause, "aux", "auxpass")
    if any(t.tag_ in ("VBD", "VBN") or t.lemma_ != "be" for t in helpers) or (clause.tag_ == "VBG" and not helpers):
        return False
    today = published.weekday()
    return any(
        w.kind == "weekday" and not w.found["which"] and _DAYS[w.found["wd"].lower()] != today
        for w in time_words(clause.doc.text)
        if _belongs(w, clause, clause.doc)
    )


def own_verbs(clause: Token) -> Iterator[Token]:
    """Yield the clause's word and the verbs it completes or is coordinated with, but none that reports it."""
    yield clause
    below = clause
    for head in ancestors(clause):
        inside = below.dep_ in ("xcomp", "conj", "dobj", "prep", "pobj", "aux", "nsubj", "nsubjpass", "pcomp", "advcl")
        if not inside or _apart(below, head):
            return
        if head.pos_ in ("VERB", "AUX"):
            yield head
        below = head


def _levels(clause: Token) -> Iterator[Token]:
    yield clause
    below = clause
    for head in ancestors(clause):
        if _apart(below, head):
            return
        if below.dep_ in ("relcl", "advcl") and head.pos_ != "VERB" and not is_told(below):
            return
        if head.pos_ in ("VERB", "AUX"):
            yield head
            if below.dep_ not in (
                "ccomp",
                "xcomp",
                "conj",
                "dobj",
                "prep",
                "pobj",
                "aux",
                "nsubj",
                "nsubjpass",
                "pcomp",
            ):
                return
        below = head


def _apart(below: Token, head: Token) -> bool:
    """Tell whether a semicolon parts two clauses, or a subject of its own the second of two."""
    first, last = sorted((below.i, head.i))
    if any(t.text == ";" for t in below.doc[first:last]):
        return True
    return below.dep_ == "conj" and head.pos_ == "VERB" and bool(kids(below, "nsubj", "nsubjpass"))


def _belongs(words: TimeWords, verb: Token, doc: Doc) -> bool:
    token = next((t for t in doc if t.idx + len(t) > words.start), None)
    end = next((t for t in reversed(doc) if t.idx < words.end), None)
    if token is None or end is None:
        return False
    inside = {t.i for t in doc[token.i : end.i + 1]}
    top = next((t for t in doc[token.i : end.i + 1] if t.head.i not in inside), token)
    if top == verb:
        return True
    for head in ancestors(top):
        if head == verb:
            return True
        if head.pos_ in ("VERB", "AUX"):
            return False
    return False


def resolve_time(words: TimeWords, published: datetime | None, *, ahead: bool) -> When | None:
    """Return the time an expression means; None for one that needs a day of publication that is not known."""
    m = words.found
    if words.kind in ("dmy", "my", "y", "m"):
        return _explicit(m, published.date() if published else None)
    if published is None:
        return None
    today = published.date()
    if words.kind == "weekday":
        return When(_weekday(today, _DAYS[m["wd"].lower()], (m["which"] or "").lower(), ahead), "day", "relative")
    if words.kind == "word":
        return When(today + timedelta(days=_shift(m["word"].lower())), "day", "relative")
    if words.kind == "ago":
        return _ago(today, m)
    return _period(today, m["which"].lower(), m["unit"])


def _shift(word: str) -> int:
    return {"yesterday": -1, "last night": -1, "tomorrow": 1}.get(word, 0)


def _explicit(m: re.Match[str], today: date | None) -> When | None:
    got = m.groupdict()
    month = _MONTHS[got["month"][:3].lower()] if got.get("month") else None
    day = int(got["day"]) if got.get("day") else None
    year = int(got["year"]) if got.get("year") else _year(today, month, day)
    if year is None:
        return None
    try:
        return When(date(year, month or 1, day or 1), "day" if day else "month" if month else "year", "explicit")
    except ValueError:
        return None


def _year(today: date | None, month: int | None, day: int | None) -> int | None:
    """The year of a date printed without one: the nearest that is not far ahead of publication."""
    if today is None or month is None:
        return None
    return (
        today.year - 1
        if (month, day or 1) > ((today + timedelta(days=60)).month, 31) and month > today.month + 2
        else today.year
    )


def _weekday(today: date, weekday: int, which: str, ahead: bool) -> date:
    if which in ("next", "coming") or (ahead and which != "last"):
        return today + timedelta(days=(weekday - today.weekday()) % 7 or 7)
    back = (today.weekday() - weekday) % 7
    return today - timedelta(days=7 if which == "last" and back == 0 else back)


def _ago(today: date, m: re.Match[str]) -> When | None:
    word = m["n"].lower()
    n = int(word) if word.isdigit() and len(word) < 4 else _NUMBERS.get(word)
    if n is None:
        return None
    if m["unit"] in _UNIT:
        day = today - timedelta(days=n * _UNIT[m["unit"]])
        return When(day, "day" if m["unit"] == "day" else "week", "relative")
    months = today.year * 12 + today.month - 1 - (n if m["unit"] == "month" else 12 * n)
    if months < 12:
        return None
    if m["unit"] == "month":
        return When(date(months // 12, months % 12 + 1, 1), "month", "relative")
    return When(date(months // 12, 1, 1), "year", "relative")


def _period(today: date, which: str, unit: str) -> When:
    step = {"last": -1, "past": -1, "next": 1}.get(which, 0)
    if unit == "week":
        return When(today - timedelta(days=today.weekday()) + timedelta(days=7 * step), "week", "relative")
    if unit == "month":
        months = today.year * 12 + today.month - 1 + step
        return When(date(months // 12, months % 12 + 1, 1), "month", "relative")
    return When(date(today.year + step, 1, 1), "year", "relative")


def end_of(when: When) -> date | None:
    """Return the last day of the period."""
    if when.day is None:
        return None
    span = {"day": 0, "week": 6, "month": 30, "year": 364}.get(when.precision, 0)
    return when.day + timedelta(days=min(span, (date.max - when.day).days))
