"""Find where an event happened."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from spacy.tokens import Token

from transforms.core.events.entities.phrase_spans import span_of
from transforms.core.events.parse.sentence_context import SentenceContext
from transforms.core.events.parse.syntax import children
from transforms.core.events.parse.words import all_children
from transforms.core.events.rules.gazetteer import find_city, find_state
from transforms.core.events.rules.rule_files import word_set

HAPPEN_WITH_PARTIES = frozenset(
    ("PROTEST", "ASSAULT", "COERCE", "MOBILIZE", "AID", "RETREAT", "CONSULT", "SANCTION")
)
"""Types of events that happen where their actors or recipients are."""

_CLAUSE_PREPOSITIONS = (
    *("in", "at", "near", "into", "on", "outside", "across", "along", "around", "inside"),
    *("throughout", "through", "off", "from", "to"),
)
_PHRASE_PREPOSITIONS = ("in", "at", "near", "outside", "across")
_DIRECTIONAL = frozenset(("to", "from", "on"))
_AROUND = frozenset(("near", "outside", "along", "around"))
"""The preposition is part of the location as written: "near the border"."""

_PLACE_KINDS = frozenset(("country", "seat", "place"))
_PLACE_ENTITIES = frozenset(("GPE", "LOC", "FAC"))
_TERRITORY_NOUNS = word_set(
    "border frontier territory soil city town village province region capital coast sea strait "
    "airport base"
)
_SITE_NOUNS = word_set(
    "mine refinery square embassy factory plant station university bridge airport port camp prison "
    "stadium"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A location as written, its country, and how precisely that is known."""

    text: str | None = None
    country: str | None = None
    precision: str = "none"
    admin1: str | None = None
    lat: float | None = None
    lon: float | None = None


def read_place(
    words: Sequence[Token], sentence: SentenceContext, parties: Sequence[Token] = ()
) -> Place:
    """Return the place after a preposition of the clause's words, else of its parties."""
    # "at the site of a mine in Chile"
    nested = all_children(all_children(words, "prep"), "pobj")
    return (
        _place_at(words, _CLAUSE_PREPOSITIONS, sentence)
        or _place_at(nested, _PHRASE_PREPOSITIONS, sentence)
        or _place_at(parties, _PHRASE_PREPOSITIONS, sentence)
        or Place()
    )


def read_target_place(tokens: Sequence[Token], sentence: SentenceContext) -> Place | None:
    """Return the place that an act is aimed at: "shelled the town of Kismayo"."""
    for token in tokens:
        if not _is_territory(token) and not _names_place(token, sentence):
            continue
        start, end = span_of(token, with_place=True)
        country = _last_country(start, end, sentence)
        if country:
            return Place(sentence.doc[start:end].text, country, "country")
    return None


def geocode(place: Place, sentence: SentenceContext) -> Place:
    """Return the place with the position of its city, or its state, if the gazetteer has them."""
    if place.text is None:
        return place
    city = find_city(place.text, place.country, sentence.entities.dominant_country)
    if city is not None and city.country:
        return replace(
            place,
            country=city.country,
            precision="city",
            admin1=city.admin1,
            lat=city.lat,
            lon=city.lon,
        )
    state = find_state(place.text) if place.country in (None, "USA") else None
    if state is None:
        return place
    admin1, country = state
    return replace(place, country=country, precision="admin1", admin1=admin1)


def _place_at(
    words: Sequence[Token], prepositions: Sequence[str], sentence: SentenceContext
) -> Place | None:
    """Return the first place with a country after a preposition, else the first one."""
    first = None
    for preposition, head in _prepositional_phrases(words, prepositions):
        place = _place_of(preposition, head, sentence)
        if place is not None and place.country:
            return place
        first = first or place
    return first


def _prepositional_phrases(
    words: Sequence[Token], prepositions: Sequence[str]
) -> Iterator[tuple[Token, Token]]:
    """Yield prepositions with their objects, in the order of the prepositions' names."""
    found = all_children(words, "prep")
    for name in prepositions:
        for preposition in found:
            if preposition.lower_ == name:
                yield from ((preposition, head) for head in children(preposition, "pobj"))


def _place_of(preposition: Token, head: Token, sentence: SentenceContext) -> Place | None:
    may_be_place = head.ent_type_ in _PLACE_ENTITIES and preposition.lower_ not in _DIRECTIONAL
    if not may_be_place and not _is_certain_place(head, sentence):
        return None
    start, end = span_of(head, with_place=True)
    country = _last_country(start, end, sentence)
    if preposition.lower_ in _AROUND:
        start = preposition.i
    text = sentence.doc[start:end].text
    return Place(text, country, "country" if country else "none")


def _is_certain_place(head: Token, sentence: SentenceContext) -> bool:
    """Return whether a noun is a place by the lexicon or its words, not only by the model."""
    if _names_place(head, sentence) or _is_named_site(head):
        return True
    return _is_territory(head) and _has_entity_inside(head, sentence)


def _names_place(token: Token, sentence: SentenceContext) -> bool:
    entity = sentence.match_at.get(token.i)
    return entity is not None and entity.entry.kind in _PLACE_KINDS


def _is_territory(token: Token) -> bool:
    return token.lemma_.lower() in _TERRITORY_NOUNS


def _is_named_site(head: Token) -> bool:
    if head.lemma_.lower() not in _SITE_NOUNS:
        return False
    return any(t.pos_ == "PROPN" for t in children(head, "compound", "nmod", "amod"))


def _has_entity_inside(head: Token, sentence: SentenceContext) -> bool:
    start, end = span_of(head, with_place=True)
    return any(i in sentence.match_at for i in range(start, end))


def _last_country(start: int, end: int, sentence: SentenceContext) -> str | None:
    """Return the country of the last place that a span names; a body of states has none."""
    for i in range(end - 1, start - 1, -1):
        entity = sentence.match_at.get(i)
        if entity is not None and entity.entry.country not in (None, "IGO"):
            return entity.entry.country
    return None
