"""Find the span of a noun phrase, and give an actor the text of a span."""

from dataclasses import replace

from spacy.tokens import Token

from transforms.core.events.parse.sentence_context import SentenceContext
from transforms.core.events.parse.syntax import children
from transforms.records import Actor

_MAX_PREP_PHRASE = 12
"""Tokens up to which a prepositional phrase is part of the span."""
# Longer phrases hold clauses, and the span becomes the text of an actor. Of 1,955 coded mentions 6
# changes 26, no limit 7.

_NOT_IN_PHRASE = ("punct", "cc", "advcl", "relcl", "appos", "conj")
_POSTMODIFIERS = ("case", "nummod", "nmod", "poss", "compound", "amod")
_POSSESSIVE_ENDS = ("'s", "’s", "'", "’", ",")

Span = tuple[int, int]
"""Tokens [start, end) of a sentence."""


def span_of(head: Token, *, with_place: bool = False) -> Span:
    """Return the span of a noun phrase without clauses and appositions.

    Phrases with "of" and "for" right after the head are part of it; `with_place` those with "in".
    """
    preps = ("of", "in", "for") if with_place else ("of", "for")
    left = [t.left_edge.i for t in head.lefts if t.dep_ not in _NOT_IN_PHRASE]
    end = head.i + 1
    for child in head.rights:
        if child.i < end:
            continue
        if child.i > end:
            break
        if _is_short_prep_phrase(child, preps):
            end = max(end, _prep_end(child, with_place=with_place))
        elif child.dep_ in _POSTMODIFIERS:
            end += 1
        else:
            break
    return min([head.i, *left]), end


def _is_short_prep_phrase(token: Token, preps: tuple[str, ...]) -> bool:
    if token.dep_ != "prep" or token.lower_ not in preps:
        return False
    return bool(token.right_edge.i - token.i < _MAX_PREP_PHRASE)


def _prep_end(prep: Token, *, with_place: bool) -> int:
    for noun in children(prep, "pobj"):
        return span_of(noun, with_place=with_place)[1]
    return prep.i


def with_span(actor: Actor, sentence: SentenceContext, span: Span) -> Actor:
    """Return the actor with the text and offsets of a span, without a possessive ending."""
    start, end = span
    while end - start > 1 and sentence.doc[end - 1].lower_ in _POSSESSIVE_ENDS:
        end -= 1
    tokens = sentence.doc[start:end]
    return replace(
        actor,
        text=tokens.text,
        start=sentence.start + tokens.start_char,
        end=sentence.start + tokens.end_char,
    )
