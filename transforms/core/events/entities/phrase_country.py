"""Find the country of a noun phrase by the words in and around it."""

from collections.abc import Iterable, Iterator

from spacy.tokens import Token

from transforms.core.events.entities.phrase_spans import Span, span_of
from transforms.core.events.parse.sentence_context import SentenceContext
from transforms.core.events.parse.syntax import children, prep_objects
from transforms.core.events.rules.lexicon import Entry

_MAX_PLACES = 3
"""Phrases of place after a noun that are searched for its country: "teachers in Lima"."""
# A bound on long lists: 1 gave the same on 1,955 coded mentions.

_ABROAD = frozenset(("REB", "OPP", "MIL", "JRN", "REF", "UAF"))
"""Sectors that take no country from a capital, where they may be guests."""


def country_before_head(head: Token, sentence: SentenceContext, span: Span) -> str | None:
    """Return the last country or people up to the head: "the former Kenyan minister"."""
    found = None
    for entry in entries_in(sentence, span[0], head.i + 1):
        if entry.country and entry.kind != "place":
            found = entry.country
    return found


def country_after_head(head: Token, sentence: SentenceContext, span: Span) -> str | None:
    """Return the first country after the head: "the president of Kenya"."""
    return _first_country(entries_in(sentence, head.i + 1, span[1]))


def place_before_head(head: Token, sentence: SentenceContext, span: Span) -> str | None:
    """Return the country of the first place up to the head: "Nairobi police"."""
    return _first_country(entries_in(sentence, span[0], head.i + 1))


def country_in_apposition(head: Token, sentence: SentenceContext) -> str | None:
    """Return the country of "Mwai, a Kenyan minister"."""
    for other in children(head, "appos"):
        found = _first_country(entries_in(sentence, *span_of(other)))
        if found:
            return found
    return None


def country_of_owner(head: Token, sentence: SentenceContext) -> str | None:
    """Return the country of the person who owns a role: "Putin's military forces"."""
    for owner in [*children(head, "poss"), *prep_objects(head, "of")]:
        person = sentence.entities.find_person([owner.text])
        if person and person.country:
            return person.country
    return None


def country_of_location(head: Token, sentence: SentenceContext) -> str | None:
    """Return the country in which the holders of a role are: "teachers in Lima"."""
    match = sentence.match_at.get(head.i)
    if match is None or match.entry.kind != "role":
        return None
    for place in prep_objects(head, "in", "at", "near")[:_MAX_PLACES]:
        entry = _last_state(sentence, span_of(place, with_place=True))
        if entry is not None:
            may_be_guest = entry.kind == "seat" and match.entry.sector in _ABROAD
            return None if may_be_guest else entry.country
    return None


def _last_state(sentence: SentenceContext, span: Span) -> Entry | None:
    found = None
    for entry in entries_in(sentence, *span):
        if entry.country not in (None, "IGO"):
            found = entry
    return found


def country_of_minority(head: Token, sentence: SentenceContext) -> str | None:
    """Return the country in which a people lives: "Bosnian Serbs", "the Albanians of Serbia"."""
    for word in [*children(head, "amod", "compound", "nmod"), *prep_objects(head, "of", "in")]:
        match = sentence.match_at.get(word.i)
        if match is None or not match.entry.country:
            continue
        if match.entry.kind in ("country", "place") or match.end <= head.i:
            return match.entry.country
    return None


def entries_in(sentence: SentenceContext, start: int, end: int) -> Iterator[Entry]:
    """Yield the lexicon's entry of each token in [start, end) that has one."""
    for i in range(start, end):
        match = sentence.match_at.get(i)
        if match is not None:
            yield match.entry


def _first_country(entries: Iterable[Entry]) -> str | None:
    return next((entry.country for entry in entries if entry.country), None)
