"""Date an event: find the time expression of the sentence that belongs to its clause.

The clause's own time expressions come first, then, on request, those of the speech that reports it.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from spacy.tokens import Doc, Token

from transforms.core.events.arguments.time_expressions import (
    TimeExpression,
    find_time_expressions,
)
from transforms.core.events.arguments.time_resolution import (
    EventDate,
    last_day,
    resolve_time,
    time_ago,
    weekday_number,
)
from transforms.core.events.parse.syntax import (
    ancestors,
    children,
    coordinated_verbs,
    is_reported_clause,
)
from transforms.core.events.parse.words import all_children, has_form, has_subject, is_verbal

_YEAR = re.compile(r"(?:19|20)\d{2}")
_COUNT = re.compile(r"\b(?P<n>\w+) (?P<unit>day|week|month|year)s?(?= ago|\Z)")
_SUBORDINATE = frozenset(("relcl", "acl", "advcl", "pobj", "pcomp"))
_CLAUSE_RELATIONS = frozenset(
    ("xcomp", "conj", "dobj", "prep", "pobj", "aux", "nsubj", "nsubjpass", "pcomp")
)
"""Relations through which a word shares the time of its head."""

_OWN_CLAUSE = _CLAUSE_RELATIONS | {"advcl"}
_REPORTED_CLAUSE = _CLAUSE_RELATIONS | {"ccomp"}


def read_date(
    clause: Token, doc: Doc, published: datetime | None, *, ahead: bool, reported: bool = True
) -> EventDate | None:
    """Return the date of a clause; None if no time expression belongs to it.

    With `ahead` the event is still to come. With `reported` the time of the speech that reports
    the clause may date it.
    """
    counted = _counted_from_publication(clause, published)
    if counted is not None:
        return counted
    expressions = [(e, _top_token(e, doc)) for e in find_time_expressions(doc.text)]
    for verb, is_ahead in _dating_verbs(clause, ahead=ahead, reported=reported):
        for expression, top in expressions:
            if not _is_governed_by(top, verb):
                continue
            found = resolve_time(expression, published, ahead=is_ahead)
            if found is None or (verb == clause and _is_background(found, clause, published)):
                continue
            return found
    return _year_before_noun(clause)


def is_news(clause: Token) -> bool:
    """Return whether a clause is news of the day: the main clause or one that it reports.

    Pluperfect and subordinate clauses are background, except results such as "..., killing 12".
    """
    if has_form(children(clause, "aux"), ("had",)):
        return False
    below = clause
    for head in ancestors(clause):
        if below.dep_ in _SUBORDINATE and not is_reported_clause(below):
            return below.dep_ == "advcl" and below.tag_ == "VBG"
        below = head
    return True


def is_scheduled(clause: Token, published: datetime | None) -> bool:
    """Return whether a present tense with another weekday is future: "travels on Thursday"."""
    if published is None or not _is_present(clause):
        return False
    doc, today = clause.doc, published.weekday()
    for expression in find_time_expressions(doc.text):
        if expression.kind != "weekday" or expression.match["which"]:
            continue
        is_other_day = weekday_number(expression.match) != today
        if is_other_day and _is_governed_by(_top_token(expression, doc), clause):
            return True
    return False


def _is_present(verb: Token) -> bool:
    if verb.tag_ not in ("VBZ", "VBP", "VBG") or verb.lemma_ in ("say", "be"):
        return False
    helpers = children(verb, "aux", "auxpass")
    if any(t.tag_ in ("VBD", "VBN") or t.lemma_ != "be" for t in helpers):
        return False
    return verb.tag_ != "VBG" or bool(helpers)


def _counted_from_publication(clause: Token, published: datetime | None) -> EventDate | None:
    """Return the date of "five months after a patrol seized their boats"."""
    if clause.dep_ not in ("advcl", "pcomp") or published is None or not _follows_after(clause):
        return None
    for span in all_children((clause, clause.head), "npadvmod", "nmod"):
        count = _COUNT.search(span.doc[span.left_edge.i : span.i + 1].text)
        if count is not None:
            return time_ago(count, published.date())
    return None


def _follows_after(clause: Token) -> bool:
    words = (*children(clause, "mark"), clause.head)
    return any(t.lower_ == "after" and t.pos_ in ("SCONJ", "ADP") for t in words)


def _dating_verbs(clause: Token, *, ahead: bool, reported: bool) -> Iterator[tuple[Token, bool]]:
    """Yield the verbs whose time may be the clause's, each with whether it looks ahead."""
    yield clause, ahead
    for verb in coordinated_verbs(clause):
        yield verb, ahead
    for verb in _verbs_of_clause(clause):
        yield verb, ahead
    if reported:
        for verb in _reporting_verbs(clause):
            yield verb, False


def _verbs_of_clause(clause: Token) -> Iterator[Token]:
    """Yield the verbs that the clause completes or is coordinated with, except reporting ones."""
    below = clause
    for head in ancestors(clause):
        if below.dep_ not in _OWN_CLAUSE or _is_separate(below, head):
            return
        if is_verbal(head):
            yield head
        below = head


def _reporting_verbs(clause: Token) -> Iterator[Token]:
    """Yield the clause and the verbs above it up to the one that reports it."""
    yield clause
    below = clause
    for head in ancestors(clause):
        if _is_separate(below, head) or _describes_noun(below, head):
            return
        if is_verbal(head):
            yield head
            if below.dep_ not in _REPORTED_CLAUSE:
                return
        below = head


def _describes_noun(below: Token, head: Token) -> bool:
    is_clause_of_noun = below.dep_ in ("relcl", "advcl") and head.pos_ != "VERB"
    return is_clause_of_noun and not is_reported_clause(below)


def _is_separate(below: Token, head: Token) -> bool:
    """Return whether a semicolon separates two clauses, or the second has a subject of its own."""
    first, last = sorted((below.i, head.i))
    if any(t.text == ";" for t in below.doc[first:last]):
        return True
    return below.dep_ == "conj" and head.pos_ == "VERB" and has_subject(below)


def _top_token(expression: TimeExpression, doc: Doc) -> Token | None:
    """Return the token of an expression whose head is outside of it."""
    words = _tokens_of(expression, doc)
    if not words:
        return None
    inside = {t.i for t in words}
    return next((t for t in words if t.head.i not in inside), words[0])


def _tokens_of(expression: TimeExpression, doc: Doc) -> Sequence[Token]:
    return [t for t in doc if t.idx + len(t) > expression.start and t.idx < expression.end]


def _is_governed_by(top: Token | None, verb: Token) -> bool:
    """Return whether a word depends on a verb without another verb between them."""
    if top is None:
        return False
    if top == verb:
        return True
    for head in ancestors(top):
        if head == verb:
            return True
        if is_verbal(head):
            return False
    return False


def _is_background(when: EventDate, clause: Token, published: datetime | None) -> bool:
    """Return whether a past date in a present clause dates something else.

    An example is "seeks aid over the war of 2010".
    """
    return _is_present_form(clause) and _is_over(when, published)


def _is_present_form(verb: Token) -> bool:
    helpers = children(verb, "aux", "auxpass")
    if verb.tag_ in ("VBZ", "VBP"):
        return not helpers
    return verb.tag_ == "VBG" and any(_is_present_be(t) for t in helpers)


def _is_present_be(token: Token) -> bool:
    return token.tag_ in ("VBZ", "VBP") and token.lemma_ == "be"


def _is_over(when: EventDate, published: datetime | None) -> bool:
    end = last_day(when)
    if end is None or published is None or when.is_open or when.basis != "explicit":
        return False
    return end < published.date()


def _year_before_noun(noun: Token) -> EventDate | None:
    """Return the year right before an event's noun: "the 2016 attack"."""
    if noun.pos_ != "NOUN":
        return None
    for word in noun.lefts:
        if _YEAR.fullmatch(word.text):
            return EventDate(date(int(word.text), 1, 1), "year", "explicit")
    return None
