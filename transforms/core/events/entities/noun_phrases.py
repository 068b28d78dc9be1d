"""Read noun phrases as actors: name, country and sector."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from spacy.tokens import Token

from transforms.core.events.entities.person_mentions import Person
from transforms.core.events.entities.phrase_country import (
    country_after_head,
    country_before_head,
    country_in_apposition,
    country_of_location,
    country_of_minority,
    country_of_owner,
    entries_in,
    place_before_head,
)
from transforms.core.events.entities.phrase_spans import Span, span_of, with_span
from transforms.core.events.entities.pronouns import PronounResolver
from transforms.core.events.parse.sentence_context import SentenceContext
from transforms.core.events.parse.syntax import children, prep_objects
from transforms.core.events.rules.lexicon import Entry
from transforms.core.events.rules.rule_files import word_set
from transforms.records import Actor

_MAX_PHRASES = 12
"""Coordinated phrases read as actors of one event; longer lists are participants of summits."""

_MAX_NESTING = 3
"""Levels of phrases inside phrases that are searched for an actor."""
# A bound: of 1,955 coded mentions 0 changes 42, 1 changes 8, and 2 and 100 none.

_MAX_PREP_OBJECTS = 6
"""Coordinated phrases after a preposition that are searched for an actor."""
# A bound above what occurs: of 1,955 coded mentions 3 cuts one list, 100 changes none.

_REFLEXIVE = frozenset(("himself", "herself", "itself", "themselves", "ourselves"))
_PRONOUNS = word_set("he she him they them it i we us me who himself itself themselves")
_DEFINITE = frozenset(("the", "his", "their", "its"))
_INDEFINITE = frozenset(("a", "an"))
_MODIFIERS = ("amod", "compound", "nmod")
_NAMED_KINDS = ("body", "country", "seat")
_SIDES = frozenset(("REB", "OPP", "PTY", "COP"))
"""Sectors by which an adjective names an actor without a country: "a rebel attack"."""
_OTHER_PARTIES = word_set(
    "neighbour neighbor ally rival enemy opponent partner counterpart critic creditor victim foe "
    "adversary backer sponsor supporter"
)
"""Nouns of parties other than their possessor: "Chad's neighbours" are not Chad."""
_OWN_PREPS = ("of", "by", "from", "between")
_ANY_PREPS = ("of", "by", "from", "between", "in", "with", "for", "against", "to", "on")


def is_political(actors: Sequence[Actor]) -> bool:
    """Return whether any of the actors has a country or a sector."""
    return any(a.country or a.sector for a in actors)


def antecedent(token: Token, sentence: SentenceContext) -> Actor | None:
    """Return the actor that a pronoun refers to; None if it may be one of several."""
    return _RESOLVER.antecedent(token, sentence)


def resolve_actors(
    tokens: Iterable[Token], sentence: SentenceContext, *, any_prep: bool = True
) -> tuple[Actor, ...]:
    """Return the actors that noun phrases name, each once.

    A phrase that is not an actor itself yields those inside it: after any preposition, or only
    after those of possession and origin. A phrase without actors is omitted.
    """
    preps = _ANY_PREPS if any_prep else _OWN_PREPS
    found: dict[tuple[object, ...], Actor] = {}
    for token in list(tokens)[:_MAX_PHRASES]:
        for actor in _resolve(token, sentence, preps):
            found.setdefault((actor.start, actor.end, actor.country), actor)
    return tuple(found.values())


def _resolve(head: Token, sentence: SentenceContext, preps: Sequence[str]) -> tuple[Actor, ...]:
    if _is_never_actor(head, sentence):
        return ()
    if _is_pronoun(head) and head.i not in sentence.match_at:
        found = antecedent(head, sentence)
        if found is None:
            return ()
        return (found if found.text else with_span(found, sentence, (head.i, head.i + 1)),)
    actor = read_phrase(head, sentence)
    if actor is None:
        return _actors_inside(head, sentence, preps, 0)
    return (*_conjoined_nationalities(head, actor, sentence), actor)


def _is_never_actor(head: Token, sentence: SentenceContext) -> bool:
    """Return whether a phrase is a date, a reflexive pronoun or the reader's ("your")."""
    if head.ent_type_ in ("DATE", "TIME") and head.i not in sentence.match_at:
        return True
    return head.lower_ in _REFLEXIVE or any(t.lower_ == "your" for t in children(head, "poss"))


def _is_pronoun(head: Token) -> bool:
    return head.pos_ == "PRON" or head.lower_ in _PRONOUNS


def read_phrase(head: Token, sentence: SentenceContext) -> Actor | None:
    """Return the actor that the phrase itself is; None if its head does not name one."""
    span = span_of(head)
    match = sentence.match_at.get(head.i)
    if match is not None:
        entry: Entry | None = match.entry
    else:
        person = _person(head, sentence)
        if person is not None:
            return _person_actor(head, sentence, person, span)
        entry = _entry_in_apposition(head, sentence)
    if entry is None:
        return None
    if entry.kind == "role":
        return _role_actor(head, sentence, entry, span)
    country = entry.country
    if entry.kind == "people":
        country = country_of_minority(head, sentence) or country
    sector = _sector_of_role(head, sentence, span) or entry.sector
    actor = Actor(text="", name=_name_of(entry), country=country, sector=sector)
    return with_span(actor, sentence, span)


def _name_of(entry: Entry) -> str | None:
    return entry.name if entry.kind in _NAMED_KINDS else None


def _person_actor(head: Token, sentence: SentenceContext, person: Person, span: Span) -> Actor:
    country = person.country or _country(head, sentence, span)
    sector = person.sector or _sector_of_role(head, sentence, span)
    actor = Actor(text="", name=person.name, country=country, sector=sector)
    return with_span(actor, sentence, span)


def _role_actor(head: Token, sentence: SentenceContext, entry: Entry, span: Span) -> Actor:
    country, sector, name = _country(head, sentence, span), entry.sector, None
    if entry.weak:
        sector = _sector_led(head, sentence, span) or sector
    holder = _office_holder(head, sentence, country, span)
    if holder is not None:
        name, country, sector = holder.name, country or holder.country, sector or holder.sector
    body = _first_body(head, sentence, span)
    if entry.weak and body is not None and body.sector:
        sector, country = body.sector, country or body.country
    actor = Actor(text="", name=name, country=country, sector=sector)
    return with_span(actor, sentence, span)


def _office_holder(
    head: Token, sentence: SentenceContext, country: str | None, span: Span
) -> Person | None:
    """Return the person that "the president" or "Kenya's president" denotes."""
    match = sentence.match_at.get(head.i)
    if match is None or head.tag_ == "NNS" or sentence.doc[span[0]].lower_ in _INDEFINITE:
        return None
    if country is None and not any(t.lower_ in _DEFINITE for t in head.lefts):
        return None
    role = sentence.doc[match.start : match.end].text.lower()
    return sentence.entities.office_holder(role, country)


def _first_body(head: Token, sentence: SentenceContext, span: Span) -> Entry | None:
    entries = entries_in(sentence, span[0], head.i)
    return next((entry for entry in entries if entry.kind == "body"), None)


def _person(head: Token, sentence: SentenceContext) -> Person | None:
    """Return the person of a surname that the article describes or that has a role beside it."""
    if head.pos_ not in ("PROPN", "NOUN", "ADJ") or not head.text[:1].isupper():
        return None
    known = sentence.entities.find_person([head.text])
    if known is not None:
        return known
    role = _first_role(
        [*children(head, "compound", "nmod", "amod"), *children(head, "appos")], sentence
    )
    if role is None:
        return None
    name = [t.text for t in [*children(head, "compound"), head] if t.i not in sentence.match_at]
    return Person(" ".join(name), sector=role.sector)


def _entry_in_apposition(head: Token, sentence: SentenceContext) -> Entry | None:
    """Return the role of an unknown name: "Mwai, a Kenyan minister"."""
    return _first_role(children(head, "appos"), sentence) if head.pos_ == "PROPN" else None


def _first_role(tokens: Iterable[Token], sentence: SentenceContext) -> Entry | None:
    for token in tokens:
        match = sentence.match_at.get(token.i)
        if match is not None and match.entry.kind == "role":
            return match.entry
    return None


def _sector_of_role(head: Token, sentence: SentenceContext, span: Span) -> str | None:
    """Return the sector of the role nearest to the head of a phrase."""
    for entry in _entries_by_distance(head, sentence, span):
        if entry.kind == "role":
            return entry.sector
    return None


def _sector_led(head: Token, sentence: SentenceContext, span: Span) -> str | None:
    """Return the sector that a weak role leads: of another role ("rebel leaders") or of a body."""
    entries = _entries_by_distance(head, sentence, span)
    for entry in entries:
        if entry.kind == "role" and not entry.weak:
            return entry.sector
    for entry in entries:
        if entry.kind == "body" and entry.sector:
            return entry.sector
    return None


def _entries_by_distance(head: Token, sentence: SentenceContext, span: Span) -> list[Entry]:
    others = [i for i in range(*span) if i in sentence.match_at and i != head.i]
    return [sentence.match_at[i].entry for i in sorted(others, key=lambda i: abs(i - head.i))]


def _country(head: Token, sentence: SentenceContext, span: Span) -> str | None:
    """Return the country by the phrase's own words, those before its head first."""
    return (
        country_before_head(head, sentence, span)
        or _RESOLVER.possessor_country(head, sentence)
        or country_after_head(head, sentence, span)
        or place_before_head(head, sentence, span)
        or country_in_apposition(head, sentence)
        or country_of_owner(head, sentence)
        or country_of_location(head, sentence)
    )


def _conjoined_nationalities(
    head: Token, actor: Actor, sentence: SentenceContext
) -> tuple[Actor, ...]:
    """Return the other actor of "French and Egyptian warships"."""
    found: dict[str, Actor] = {}
    for word in _coordinated_modifiers(head):
        match = sentence.match_at.get(word.i)
        country = match.entry.country if match else None
        if match is not None and country is not None and country != actor.country:
            other = replace(actor, country=country, name=None)
            found[country] = with_span(other, sentence, (match.start, match.end))
    return tuple(found.values())


def _coordinated_modifiers(head: Token) -> Iterator[Token]:
    for word in children(head, *_MODIFIERS):
        for other in word.conjuncts:
            yield word
            yield other


def _actors_inside(
    head: Token, sentence: SentenceContext, preps: Sequence[str], depth: int
) -> tuple[Actor, ...]:
    """Return the actors inside a phrase: "Haiti's efforts", "an Indian proposal"."""
    if depth > _MAX_NESTING:
        return ()
    if head.lemma_.lower() in _OTHER_PARTIES:
        return _modifying_actor(head, sentence)
    owners = children(head, "poss")
    for owner in owners:
        if owner.pos_ != "PRON":
            found = _owning_actor(owner, sentence)
            if found:
                return found
    found = _modifying_actor(head, sentence) or _actors_after(head, sentence, preps, depth)
    if found:
        return found
    return tuple(chain.from_iterable(_owning_actor(owner, sentence) for owner in owners))


def _actors_after(
    head: Token, sentence: SentenceContext, preps: Sequence[str], depth: int
) -> tuple[Actor, ...]:
    """Return the actors after the first of the prepositions that has any."""
    for prep in preps:
        found: list[Actor] = []
        for noun in prep_objects(head, prep)[:_MAX_PREP_OBJECTS]:
            found += _owning_actor(noun, sentence) or _actors_inside(
                noun, sentence, preps, depth + 1
            )
        if found:
            return tuple(found)
    return ()


def _owning_actor(token: Token, sentence: SentenceContext) -> tuple[Actor, ...]:
    if token.pos_ != "PRON":
        actor = read_phrase(token, sentence)
    else:
        found = antecedent(token, sentence)
        actor = with_span(found, sentence, (token.i, token.i + 1)) if found else None
    return (actor,) if actor else ()


def _modifying_actor(head: Token, sentence: SentenceContext) -> tuple[Actor, ...]:
    """Return the actor of an adjective or compound: "an Indian proposal", "a rebel attack"."""
    for word in children(head, *_MODIFIERS):
        match = sentence.match_at.get(word.i)
        if match is None:
            continue
        entry = match.entry
        if entry.country or entry.sector in _SIDES:
            actor = Actor(text="", name=_name_of(entry), country=entry.country, sector=entry.sector)
            return (with_span(actor, sentence, (match.start, match.end)),)
    return ()


def _read_members(head: Token, sentence: SentenceContext) -> Actor | None:
    """Return the party of several unnamed persons: "Syrian opposition members"."""
    if head.tag_ != "NNS":
        return None
    found = resolve_actors([head], sentence, any_prep=False)
    return found[0] if len(found) == 1 else None


_RESOLVER = PronounResolver(read_phrase, _read_members)
