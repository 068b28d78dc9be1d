"""Find the actors of a match: who acts."""

from collections.abc import Sequence

from spacy.tokens import Token

from transforms.core.events.entities.noun_phrases import resolve_actors
from transforms.core.events.entities.phrase_spans import span_of
from transforms.core.events.matching.match import RuleMatch
from transforms.core.events.parse.sentence_context import SentenceContext
from transforms.core.events.parse.syntax import (
    children,
    is_passive,
    noun_agents,
    passive_subjects,
    prep_objects,
    subjects,
)
from transforms.core.events.parse.words import all_prep_objects
from transforms.core.events.rules.lexicon import Entry
from transforms.records import Actor

_NAMED_ENTITIES = frozenset(("ORG", "PERSON", "NORP", "GPE"))
_ARMED_SECTORS = frozenset(("MIL", "COP", "REB", "GOV"))
_KINDS_OF_ATTACK = frozenset(("military", "drone", "missile", "army"))
"""Modifiers that name the means, not the actor: "a drone strike"."""

_PLANNING_VERBS = frozenset(("plan", "plot", "prepare", "discuss"))

_MAX_UNNAMED = 3
"""Parties without country or sector that one role of an event keeps."""
# The fourth name of a list adds little without a country. On 1,955 coded mentions 2 cuts names off
# four, 3 off none.


def find_actors(match: RuleMatch, sentence: SentenceContext) -> tuple[Actor, ...]:
    """Return who acts: the subject of the clause, else the agent of an event noun."""
    verb = match.verb
    if verb is None:
        return _actors_of_noun(match, sentence)
    if match.is_own_verb and match.rule.adjectives and is_passive(verb):
        return resolve_actors(passive_subjects(verb), sentence)
    found = resolve_actors(subjects(verb), sentence, any_prep=False)
    if not found and verb.dep_ == "acl" and verb.tag_ == "VBG":
        found = resolve_actors(noun_agents(verb.head), sentence, any_prep=False)
    if found:
        return found
    if match.is_own_verb:
        return unnamed_parties(subjects(verb), sentence)
    return _actors_of_noun(match, sentence)


def unnamed_parties(
    tokens: Sequence[Token], sentence: SentenceContext, *, common_nouns: bool = False
) -> tuple[Actor, ...]:
    """Return the parties of unknown country and sector, by their names as written.

    With `common_nouns` these include phrases without a name ("the law").
    """
    found = []
    for token in tokens[:_MAX_UNNAMED]:
        if _is_named(token) or (common_nouns and _is_thing(token)):
            start, end = span_of(token)
            span = sentence.doc[start:end]
            offset = sentence.start + span.start_char
            found.append(Actor(text=span.text, start=offset, end=offset + len(span.text)))
    return tuple(found)


def _is_thing(token: Token) -> bool:
    return token.pos_ == "NOUN" and token.ent_type_ not in ("DATE", "TIME")


def _is_named(token: Token) -> bool:
    if token.ent_type_ in ("DATE", "TIME"):
        return False
    if token.pos_ == "PROPN":
        return True
    return token.pos_ == "NOUN" and token.ent_type_ in _NAMED_ENTITIES


def _actors_of_noun(match: RuleMatch, sentence: SentenceContext) -> tuple[Actor, ...]:
    noun = match.trigger
    source = resolve_actors(prep_objects(noun, "from"), sentence)
    if source and match.is_bare_noun and match.rule.type == "THREATEN":
        return source
    owners = [*children(noun, "poss"), *prep_objects(noun, "by")]
    return (
        resolve_actors(owners, sentence, any_prep=match.is_carried)
        or _modifying_actors(noun, sentence)
        or source
        or _country_of_plan(match, sentence)
    )


def _modifying_actors(noun: Token, sentence: SentenceContext) -> tuple[Actor, ...]:
    """Return the actors of "Israeli air strikes", "a Taliban raid"."""
    found = []
    for word in children(noun, "amod", "compound", "nmod"):
        entity = sentence.match_at.get(word.i)
        if entity is None or not _is_acting_modifier(word, entity.entry):
            continue
        span = sentence.doc[entity.start : entity.end]
        start = sentence.start + span.start_char
        found.append(
            Actor(
                text=span.text,
                name=entity.entry.name,
                country=entity.entry.country,
                sector=entity.entry.sector,
                start=start,
                end=start + len(span.text),
            )
        )
    return tuple(found)


def _is_acting_modifier(word: Token, entry: Entry) -> bool:
    follows_hyphen = word.i > 0 and word.nbor(-1).text == "-"
    if follows_hyphen or entry.kind == "place":
        return False
    if entry.country:
        return True
    is_armed = entry.kind == "role" and entry.sector in _ARMED_SECTORS
    return is_armed and word.lower_ not in _KINDS_OF_ATTACK


def _country_of_plan(match: RuleMatch, sentence: SentenceContext) -> tuple[Actor, ...]:
    """Return the country of "strikes are being planned in Ukraine" as the actor."""
    noun = match.trigger
    if not match.is_bare_noun or noun.dep_ != "nsubjpass":
        return ()
    verbs = [v for v in (noun.head, *noun.head.conjuncts) if v.lemma_ in _PLANNING_VERBS]
    found = resolve_actors(all_prep_objects(verbs, "in"), sentence)
    return tuple(a for a in found if a.country)
