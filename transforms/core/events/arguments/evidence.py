"""Find the evidence of an event: the words of the text that prove it."""

from collections.abc import Iterator, Sequence

from spacy.tokens import Doc, Token

from transforms.core.events.matching.match import RuleMatch
from transforms.core.events.parse.syntax import (
    children,
    is_inverted_command,
    phrase_head,
    subjects,
)
from transforms.core.events.parse.words import has_subject, is_verbal

MAX_WORDS = 60
"""Words to which evidence is cut: it is read at a glance beside the event."""
# Of 1,955 coded mentions one is longer; 45 words would cut 36.

_MAX_WITH_CUE = 45
"""Words up to which evidence includes the words that report it."""
# Less than `MAX_WORDS`, so that a long introduction does not push the clause out.

_SUBJECT_REACH = 25
"""Words before its clause in which a shared subject becomes part of the evidence."""
# A trade-off: 12 drops the subject from 82 of 1,955 mentions, no limit pads 8 with whole sentences.

_EDGES = frozenset(
    (
        *(",", ";", ":", ".", "-", "–", "—"),
        *("and", "but", "or", "that", "while", "as", "because", "after", "before"),
    )
)
"""Punctuation and conjunctions that evidence neither begins nor ends with."""


def evidence_span(match: RuleMatch, cue: Token | None) -> tuple[int, int]:
    """Return the tokens [start, end) of the clause that reports the event.

    The words that attribute it are included if the evidence stays short.
    """
    start, end = _clause_span(_top_of_clause(match), match)
    if cue is not None and is_verbal(cue):
        reported_from = _start_of_report(cue)
        if reported_from < start and end - reported_from <= _MAX_WITH_CUE:
            start = reported_from
    if end - start > MAX_WORDS:
        start = max(start, match.trigger.i - MAX_WORDS // 2)
        end = min(end, start + MAX_WORDS)
    return _trim(match.trigger.doc, start, end, match.trigger.i)


def _start_of_report(cue: Token) -> int:
    parts = children(cue, "nsubj", "npadvmod", "prep", "dobj")
    return min([cue.i, *(t.left_edge.i for t in parts)])


def _top_of_clause(match: RuleMatch) -> Token:
    """Return the head of the whole clause: the verb above infinitives and auxiliaries."""
    if match.is_bare_noun:
        return _top_of_noun(match.trigger)
    top = match.clause
    if is_inverted_command(top):
        return top.head
    while _completes_head(top):
        top = top.head
    return top


def _top_of_noun(trigger: Token) -> Token:
    noun = phrase_head(trigger)
    is_in_clause = noun.dep_ in ("nsubj", "nsubjpass", "attr") and is_verbal(noun.head)
    return noun.head if is_in_clause else noun


def _completes_head(verb: Token) -> bool:
    if verb.dep_ not in ("xcomp", "auxpass") or verb.head == verb:
        return False
    return verb.head.pos_ in ("VERB", "AUX", "ADJ")


def _clause_span(top: Token, match: RuleMatch) -> tuple[int, int]:
    trigger = match.trigger
    inside = {t.i for t in _clause_tokens(top, trigger)}
    inside |= {trigger.i, *(t.i for t in trigger.lefts)}
    if not match.is_bare_noun and not has_subject(top):
        inside |= _inherited_subject(top, match.clause, first=min(inside))
    return min(inside), max(inside) + 1


def _inherited_subject(top: Token, verb: Token, *, first: int) -> set[int]:
    """Return the words of a subject that a clause shares with one before it, if it is near."""
    near = [t for t in subjects(verb) if 0 < first - t.i < _SUBJECT_REACH]
    if not near or near[0].head == top:
        return set()
    subject = near[0]
    return set(range(subject.left_edge.i, subject.i + 1))


def _clause_tokens(head: Token, trigger: Token) -> Iterator[Token]:
    """Yield the tokens of a clause, without coordinated clauses that do not hold the trigger."""
    yield head
    for child in head.children:
        if not _is_other_clause(child) or child == trigger or trigger in child.subtree:
            yield from _clause_tokens(child, trigger)


def _is_other_clause(token: Token) -> bool:
    return token.dep_ == "parataxis" or (token.dep_ == "conj" and is_verbal(token))


def _trim(doc: Doc, start: int, end: int, keep: int) -> tuple[int, int]:
    tokens: Sequence[Token] = list(doc)
    while end - 1 > keep and _is_edge(tokens[end - 1]):
        end -= 1
    while start < keep and _is_edge(tokens[start]):
        start += 1
    return start, end


def _is_edge(token: Token) -> bool:
    return token.lower_ in _EDGES or token.is_space
