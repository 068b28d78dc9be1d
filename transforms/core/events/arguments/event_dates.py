"""When did it happen, as the sentence says it or the day of publication tells?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from spacy.tokens import Doc, Token

from transforms.core.events.parse.syntax import (
    ancestors,
    children,
    coordinated_verbs,
    is_reported_clause,
)

_MONTHS = {
    m: i + 1
    for i, m in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    )
}
_DAYS = {
    d: i
    for i, d in enumerate(
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    )
}
_NUMBERS = {
    w: i
    for i, w in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ]
    )
} | {"a": 1, "an": 1}
_MONTH = (
    r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?P<wd>Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_NEAR = r"(?P<word>[Yy]esterday|[Tt]oday|[Tt]onight|[Tt]omorrow|[Oo]vernight|[Tt]his (?:morning|afternoon)|[Ll]ast night)"
_UNIT = {"day": 1, "week": 7}
_PAST_TENSE = r"(?= (?:ruled|led|fought|backed|supported))"
_PART = r"(?: early| late| mid)?"
_PATTERNS = [
    ("dmy", re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}(?:,? (?P<year>\d{{4}}))?\b")),
    ("dmy", re.compile(rf"\b{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,? (?P<year>(?:19|20)\d{{2}}))?\b")),
    ("my", re.compile(rf"\b{_MONTH},? (?P<year>(?:19|20)\d{{2}})\b")),
    ("m", re.compile(rf"\b(?P<lead>[Ii]n|[Ll]ast|[Ss]ince|[Dd]uring|[Bb]y|[Uu]ntil){_PART}[ -]{_MONTH}(?!\w)")),
    ("m", re.compile(rf"\b(?P<lead>[Ee]arly|[Ll]ate|[Mm]id)[ -]{_MONTH}(?!\w)")),
    ("decade", re.compile(r"\b(?:the )?(?:(?:early|late|mid)[ -])?(?P<year>(?:19|20)\d0)s\b")),
    ("y", re.compile(
        rf"\b(?P<lead>[Ii]n|[Ss]ince|[Dd]uring|of|[Ee]arly|[Ll]ate|[Bb]y){_PART}(?: the)?[ -]"
        r"(?P<year>(?:19|20)\d{2})\b(?!s)"
    )),
    ("ago", re.compile(
        r"\b(?P<n>[Aa]n?|\d{1,3}|[a-z]+) (?P<unit>day|week|month|year|decade)s? (?:ago|earlier)\b(?! than)"
    )),
    ("long", re.compile(
        r"\b(?:years|months|decades|centuries) (?:ago|earlier|before)\b|\blong ago\b|\blast century\b"
        rf"|\bonce\b{_PAST_TENSE}"
    )),
    ("recent", re.compile(
        r"\b(?:in|over|during) (?:the )?(?:recent|past|last)(?: (?:few|couple of|several|\w+))? "
        r"(?P<unit>day|week|month|year)s\b"
    )),
    ("weekend", re.compile(r"\b(?:at|over|on|during|last) (?:the |last )?weekend\b|\blast weekend\b")),
    ("season", re.compile(r"\b(?P<which>[Ll]ast|[Tt]his) (?P<season>spring|summer|autumn|fall|winter)\b")),
    ("then", re.compile(
        r"\b(?:the (?:previous|same|following|next) (?:day|week|month|year)|the day (?:before|after)|on the eve"
        r"|(?:a|one|two|three) (?:days?|weeks?) (?:before|after|later)|that (?:day|week|month|year|night))\b"
    )),
    ("weekday", re.compile(rf"\b(?:(?P<which>[Ll]ast|[Nn]ext|[Tt]his|[Cc]oming) )?{_WEEKDAY}\b")),
    ("word", re.compile(rf"\b{_NEAR}\b")),
    ("period", re.compile(
        r"\b(?:(?P<early>[Ee]arlier|late) )?(?P<which>[Ll]ast|[Tt]his|[Nn]ext|[Pp]ast) (?P<unit>week|month|year)\b"
    )),
]  # fmt: skip


_FOUR = re.compile(r"(?:19|20)\d{2}")
_AFTER = re.compile(r"\b(?P<n>\w+) (?P<unit>day|week|month|year)s? ago")


@dataclass(frozen=True, slots=True)
class When:
    """A time, how well it is known, and by what; `open` lasts until publication, `past` is long before it."""

    day: date | None
    precision: str
    basis: str
    open: bool = False
    past: bool = False


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


def read_date(
    clause: Token, doc: Doc, published: datetime | None, *, ahead: bool, said: bool = True
) -> When:
    """Return the time that the clause's own words give, or (`said`) those of the speech that reports it."""
    expressions = time_words(doc.text)
    before = _offset(clause, published)
    if before is not None:
        return before
    own = [clause, *coordinated_verbs(clause), *own_verbs(clause)]
    for verb, looks_ahead in [
        *((v, ahead) for v in own),
        *((v, False) for v in _levels(clause) if said),
    ]:
        for words in expressions:
            if _belongs(words, verb, doc):
                found = resolve_time(words, published, ahead=looks_ahead)
                if found is not None and not (
                    verb == clause and _is_now(clause) and _is_over(found, published)
                ):
                    return found
    return _of_noun(clause)


def _is_now(verb: Token) -> bool:
    """Tell whether a verb is in the present, so that a past date in its clause belongs to something else."""
    helpers = children(verb, "aux", "auxpass")
    if verb.tag_ in ("VBZ", "VBP"):
        return not helpers
    return verb.tag_ == "VBG" and any(
        t.tag_ in ("VBZ", "VBP") and t.lemma_ == "be" for t in helpers
    )


def _is_over(when: When, published: datetime | None) -> bool:
    last = end_of(when)
    if last is None or published is None or when.open or when.basis != "explicit":
        return False
    return last < published.date()


def _of_noun(noun: Token) -> When:
    """The year right before an event's noun: "the 2016 attack"."""
    for word in noun.lefts:
        if noun.pos_ == "NOUN" and _FOUR.fullmatch(word.text):
            return When(date(int(word.text), 1, 1), "year", "explicit")
    return NOTHING


def is_news(clause: Token) -> bool:
    """Tell whether a clause is told as news of the day: the main one or what is said in it, and no pluperfect."""
    if any(t.lower_ == "had" for t in children(clause, "aux")):
        return False
    below = clause
    for head in ancestors(clause):
        if below.dep_ in ("relcl", "acl", "advcl", "pobj", "pcomp") and not is_reported_clause(
            below
        ):
            return below.dep_ == "advcl" and below.tag_ == "VBG"
        below = head
    return True


def _offset(clause: Token, published: datetime | None) -> When | None:
    """The time of "five months after a patrol seized their boats", counted from publication."""
    if clause.dep_ not in ("advcl", "pcomp") or published is None:
        return None
    if not any(
        t.lower_ == "after"
        for t in (*children(clause, "mark"), clause.head)
        if t.pos_ in ("SCONJ", "ADP")
    ):
        return None
    for span in (t for w in (clause, clause.head) for t in children(w, "npadvmod", "nmod")):
        found = _AFTER.search(span.doc[span.left_edge.i : span.i + 1].text + " ago")
        if found:
            return _ago(published.date(), found)
    return None


def is_coming(clause: Token, published: datetime | None) -> bool:
    """Tell whether a present tense with the name of another day looks ahead: "travels to Jakarta on Thursday"."""
    if (
        published is None
        or clause.tag_ not in ("VBZ", "VBP", "VBG")
        or clause.lemma_ in ("say", "be")
    ):
        return False
    helpers = children(clause, "aux", "auxpass")
    if any(t.tag_ in ("VBD", "VBN") or t.lemma_ != "be" for t in helpers) or (
        clause.tag_ == "VBG" and not helpers
    ):
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
        inside = below.dep_ in (
            "xcomp",
            "conj",
            "dobj",
            "prep",
            "pobj",
            "aux",
            "nsubj",
            "nsubjpass",
            "pcomp",
            "advcl",
        )
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
        if (
            below.dep_ in ("relcl", "advcl")
            and head.pos_ != "VERB"
            and not is_reported_clause(below)
        ):
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
    return (
        below.dep_ == "conj" and head.pos_ == "VERB" and bool(children(below, "nsubj", "nsubjpass"))
    )


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
        return _explicit(m, published.date() if published else None, ahead=ahead)
    if words.kind in ("decade", "long"):
        return When(None, "none", "none", past=True)
    if words.kind == "then":
        return When(None, "none", "none")
    if published is None:
        return None
    return _relative(words.kind, m, published.date(), ahead=ahead)


def _relative(kind: str, m: re.Match[str], today: date, *, ahead: bool) -> When | None:
    simple = {"recent": _recent, "weekend": _weekend, "season": _season, "ago": _ago}
    if kind in simple:
        return simple[kind](today, m)
    words = TimeWords(m.start(), m.end(), kind, m)
    if words.kind == "weekday":
        return When(
            _weekday(today, _DAYS[m["wd"].lower()], (m["which"] or "").lower(), ahead),
            "day",
            "relative",
        )
    if words.kind == "word":
        return When(today + timedelta(days=_shift(m["word"].lower())), "day", "relative")
    found = _period(today, m["which"].lower(), m["unit"])
    return replace(found, open=m["which"].lower() in ("this", "past") and not m["early"])


def _recent(today: date, m: re.Match[str]) -> When:
    if m["unit"] in ("day", "week"):
        return When(today - timedelta(days=6), "week", "relative", open=True)
    return When(
        today.replace(day=1, month=1 if m["unit"] == "year" else today.month),
        m["unit"],
        "relative",
        open=True,
    )


def _weekend(today: date, m: re.Match[str]) -> When:
    """The week of the weekend that is over or on: by its Monday."""
    saturday = today - timedelta(days=(today.weekday() - 5) % 7)
    return When(saturday - timedelta(days=5), "week", "relative", open=(today - saturday).days <= 8)


def _season(today: date, m: re.Match[str]) -> When:
    ends = {"spring": 5, "summer": 8, "autumn": 11, "fall": 11, "winter": 2}[m["season"]]
    over = today.month > ends or m["which"].lower() == "this"
    return When(
        date(today.year if over else today.year - 1, 1, 1),
        "year",
        "relative",
        past=m["which"].lower() == "last",
    )


def _shift(word: str) -> int:
    return {"yesterday": -1, "last night": -1, "tomorrow": 1}.get(word, 0)


def _explicit(m: re.Match[str], today: date | None, *, ahead: bool) -> When | None:
    got = m.groupdict()
    lead = (got.get("lead") or "").lower()
    month = _MONTHS[got["month"][:3].lower()] if got.get("month") else None
    day = int(got["day"]) if got.get("day") else None
    year = int(got["year"]) if got.get("year") else _year(today, month, day, ahead=ahead)
    if year is None:
        return None
    if lead == "last" and today is not None and (year, month) == (today.year, today.month):
        year -= 1
    precision = "day" if day else "month" if month else "year"
    try:
        return When(date(year, month or 1, day or 1), precision, "explicit", open=lead == "since")
    except ValueError:
        return None


def _year(today: date | None, month: int | None, day: int | None, *, ahead: bool) -> int | None:
    """The year of a date printed without one: the nearest that has begun, or to come where the event is `ahead`."""
    if today is None or month is None:
        return None
    begun = (month, day or 1) <= (today.month, today.day)
    if ahead:
        return today.year if not begun or month == today.month else today.year + 1
    return today.year if begun else today.year - 1


def _weekday(today: date, weekday: int, which: str, ahead: bool) -> date:
    if which in ("next", "coming") or (ahead and which != "last"):
        return today + timedelta(days=(weekday - today.weekday()) % 7 or 7)
    back = (today.weekday() - weekday) % 7
    return today - timedelta(days=7 if which == "last" and back == 0 else back)


def _ago(today: date, m: re.Match[str]) -> When | None:
    word = m["n"].lower()
    n = int(word) if word.isdigit() and len(word) < 4 else _NUMBERS.get(word)
    if n is None:
        return When(None, "none", "none", past=m["unit"] in ("month", "year", "decade"))
    if m["unit"] == "decade":
        return When(date(max(1, today.year - 10 * n), 1, 1), "year", "relative")
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
        return When(
            today - timedelta(days=today.weekday()) + timedelta(days=7 * step), "week", "relative"
        )
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
