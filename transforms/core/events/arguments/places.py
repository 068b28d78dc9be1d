"""Where did it happen?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from spacy.tokens import Token

from transforms.core.events.entities.phrase_spans import span_of
from transforms.core.events.parse.sentence_context import SentenceContext
from transforms.core.events.parse.syntax import children
from transforms.core.events.rules.gazetteer import find_city, find_state
from transforms.core.events.rules.rule_files import word_set

_PREPS = (
    "in",
    "at",
    "near",
    "into",
    "on",
    "outside",
    "across",
    "along",
    "around",
    "inside",
    "throughout",
    "through",
    "off",
    "from",
    "to",
)
_INNER = ("in", "at", "near", "outside", "across")
_AROUND = frozenset(("near", "outside", "along", "around"))
_GROUND = word_set(
    "border frontier territory soil city town village province region capital coast sea strait airport base"
)

_SITES = word_set(
    "mine refinery square embassy factory plant station university bridge airport port camp prison stadium"
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
    words: list[Token], sentence: SentenceContext, parties: Sequence[Token] = ()
) -> Place:
    """Return the place among the phrases that hang on a clause's words, else within those of its parties."""
    found = _hanging(words, _PREPS, sentence) or _hanging(_inner(words), _INNER, sentence)
    return found or _hanging(parties, _INNER, sentence) or Place()


def pin(place: Place, sentence: SentenceContext) -> Place:
    """Return the place with the position of the city that it names, or its state, where the gazetteer knows it."""
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
    if state is not None:
        return replace(place, country=state[1], precision="admin1", admin1=state[0])
    return place


def _inner(words: Sequence[Token]) -> list[Token]:
    """The nouns after the prepositions: "at the site of a mine in Chile"."""
    return [t for w in words for p in children(w, "prep") for t in children(p, "pobj")]


def _hanging(
    words: Sequence[Token], preps: Sequence[str], sentence: SentenceContext
) -> Place | None:
    unknown = None
    for name in preps:
        for word in words:
            for prep in children(word, "prep"):
                for pobj in children(prep, "pobj") if prep.lower_ == name else ():
                    place = _place(prep, pobj, sentence)
                    if place is not None and place.country:
                        return place
                    unknown = unknown or place
    return unknown


def acted_upon(tokens: Sequence[Token], sentence: SentenceContext) -> Place | None:
    """Return the place that an act is aimed at: "shelled the town of Kismayo"."""
    for token in tokens:
        match = sentence.match_at.get(token.i)
        if (
            match and match.entry.kind in ("country", "seat", "place")
        ) or token.lemma_.lower() in _GROUND:
            start, end = span_of(token, with_place=True)
            entry = _country_in(start, end, sentence)
            if entry:
                return Place(sentence.doc[start:end].text, entry, "country")
    return None


def _country_in(start: int, end: int, sentence: SentenceContext) -> str | None:
    """Return the country of the last place that a span names."""
    return next(
        (
            sentence.match_at[i].entry.country
            for i in range(end - 1, start - 1, -1)
            if i in sentence.match_at and sentence.match_at[i].entry.country not in (None, "IGO")
        ),
        None,
    )


def _place(prep: Token, head: Token, sentence: SentenceContext) -> Place | None:
    other = head.ent_type_ in ("DATE", "TIME", "PERSON", "MONEY", "CARDINAL", "EVENT")
    if (other or prep.lower_ in ("to", "from", "on")) and not _ground(head, sentence):
        return None
    start, end = span_of(head, with_place=True)
    country = _country_in(start, end, sentence)
    if not _ground(head, sentence) and head.ent_type_ not in ("GPE", "LOC", "FAC"):
        return None
    text = sentence.doc[start:end].text
    text = f"{sentence.doc[prep.i : end].text}" if prep.lower_ in _AROUND else text
    return Place(text, country, "country" if country else "none")


def _ground(head: Token, sentence: SentenceContext) -> bool:
    match = sentence.match_at.get(head.i)
    named = match is not None and match.entry.kind in ("country", "seat", "place")
    site = head.lemma_.lower() in _SITES and any(
        t.pos_ == "PROPN" for t in children(head, "compound", "nmod", "amod")
    )
    return (
        named
        or site
        or (
            head.lemma_.lower() in _GROUND
            and any(i in sentence.match_at for i in range(*span_of(head, with_place=True)))
        )
    )
