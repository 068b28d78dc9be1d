"""Find the recipients of a match: who is acted upon."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from spacy.tokens import Token

from transforms.core.events.arguments.actor import unnamed_parties
from transforms.core.events.arguments.recipient_slots import slot_tokens
from transforms.core.events.entities.noun_phrases import is_political, resolve_actors
from transforms.core.events.matching.match import RuleMatch
from transforms.core.events.parse.sentence_context import SentenceContext
from transforms.core.events.rules.lexicon import Match
from transforms.records import Actor

Actors = tuple[Actor, ...]

_POSSESSIVES = ("its ", "their ", "his ", "her ", "our ", "my ")
_OBJECT_PRONOUNS = frozenset(("him", "them", "it"))
_MODIFIER_RELATIONS = ("amod", "compound", "nmod", "poss")
_VENUE_SLOTS = frozenset(("in", "at", "near", "into"))
"""Slots of a venue: an act that already has a target is not aimed at the place where it happens."""

_LOCATIVE_SLOTS = frozenset(("in", "into", "across", "near", "at", "outside", "from"))
_PROMISE_SLOTS = frozenset(("cobj", "cprep", "object", "on", "for", "in"))
_PROMISING_TYPES = frozenset(("AGREE", "REQUEST", "REJECT"))
_PROMISED_SECTORS = frozenset(("MED", "EDU", "AGR", "LAB", "BUS", "MIL", "CVL", "SOC", "JRN"))
_GIVING_TYPES = frozenset(("AID", "COOPERATE"))
_AIMED_TYPES = frozenset(("ACCUSE", "ASSAULT", "COERCE", "SUPPORT", "SANCTION", "PROTEST"))
"""Types whose object is reported even if it is not a party: "condemned the law"."""


def find_recipients(match: RuleMatch, sentence: SentenceContext, actor: Actors) -> Actors:
    """Return who is acted upon: of the rule's slots, in order, the first that has a country.

    Without one: the first slot with a sector, else a country after the trigger, else the first
    party without either.
    """
    with_sector: Actors = ()
    unknown: Actors = ()
    for slot in match.rule.recipient:
        if slot in _VENUE_SLOTS and _has_target(match, with_sector, unknown):
            break
        tokens = slot_tokens(slot, match)
        found = _candidates(slot, tokens, match, sentence, actor)
        if _has_country(found):
            return _place_as_country(found) if slot in _LOCATIVE_SLOTS else found
        with_sector = with_sector or _if_political(found)
        unknown = unknown or _unknown_parties(slot, tokens, match, sentence, actor)
    return with_sector or _country_after_trigger(match, sentence, actor) or unknown


def _has_target(match: RuleMatch, with_sector: Actors, unknown: Actors) -> bool:
    """Return whether the earlier slots already hold a target, so that a venue is not one."""
    return bool(with_sector) or (bool(unknown) and match.rule.type in _AIMED_TYPES)


def _if_political(parties: Actors) -> Actors:
    return parties if is_political(parties) else ()


def _has_country(parties: Actors) -> bool:
    return any(p.country for p in parties)


def _candidates(
    slot: str, tokens: Sequence[Token], match: RuleMatch, sentence: SentenceContext, actor: Actors
) -> Actors:
    """Return the known parties of a slot that are neither actors nor belong to one."""
    found = []
    for party in _without(actor, resolve_actors(tokens, sentence)):
        if _belongs_to(party, actor):
            continue
        if slot in _PROMISE_SLOTS and _is_promised(party, match):
            continue
        found.append(_with_owner_named(party, sentence))
    return tuple(found)


def _unknown_parties(
    slot: str, tokens: Sequence[Token], match: RuleMatch, sentence: SentenceContext, actor: Actors
) -> Actors:
    """Return the parties of a slot that have neither country nor sector."""
    rule = match.rule
    takes_any_object = not rule.objects or "*" in rule.objects
    common_nouns = slot == "object" and rule.type in _AIMED_TYPES and takes_any_object
    return _without(actor, unnamed_parties(tokens, sentence, common_nouns=common_nouns))


def _without(actor: Actors, parties: Actors) -> Actors:
    taken = {(a.start, a.end) for a in actor}
    return tuple(p for p in parties if (p.start, p.end) not in taken)


def _belongs_to(party: Actor, actor: Actors) -> bool:
    """Return whether a party belongs to an actor or to an unknown owner: "withdraw its troops"."""
    text = party.text.lower()
    is_pronoun = text + " " in _POSSESSIVES or text in _OBJECT_PRONOUNS
    if is_pronoun and any(_is_same(party, a) for a in actor):
        return True
    if not text.startswith(_POSSESSIVES):
        return False
    return party.country is None or any(party.country == a.country for a in actor)


def _is_same(party: Actor, actor: Actor) -> bool:
    same_name = (party.name or party.text) == (actor.name or actor.text)
    return same_name and party.country == actor.country


def _is_promised(party: Actor, match: RuleMatch) -> bool:
    """Return whether a party is only what is promised: "offered to send doctors"."""
    is_promise = match.rule.type in _PROMISING_TYPES
    return is_promise and party.country is None and party.sector in _PROMISED_SECTORS


def _with_owner_named(party: Actor, sentence: SentenceContext) -> Actor:
    """Return "its ambassador" with the name of the ambassador's country."""
    is_owned = party.text.lower().startswith(_POSSESSIVES)
    if party.name or party.country is None or not is_owned:
        return party
    return replace(party, name=sentence.lexicon.country_names.get(party.country))


def _place_as_country(found: Actors) -> Actors:
    """Return the parties of a place: a capital there means the country, not its government."""
    return tuple(_without_government(a) for a in found)


def _without_government(party: Actor) -> Actor:
    return replace(party, sector=None) if party.name and party.sector == "GOV" else party


def _country_after_trigger(match: RuleMatch, sentence: SentenceContext, actor: Actors) -> Actors:
    """Return the first country after the trigger that is not an actor's, for aid and cooperation.

    Other types are reported without a recipient, so no country is guessed for them.
    """
    if match.rule.type not in _GIVING_TYPES or match.rule.mutual:
        return ()
    actor_countries = {a.country for a in actor}
    for entity in _entities_after_trigger(match, sentence):
        country = entity.entry.country
        if country is None or country in actor_countries:
            continue
        found = resolve_actors([_phrase_head(entity, sentence)], sentence)
        if any(a.country == country for a in found):
            return _place_as_country(found[:1])
    return ()


def _entities_after_trigger(match: RuleMatch, sentence: SentenceContext) -> Iterator[Match]:
    for token in match.clause.subtree:
        entity = sentence.match_at.get(token.i)
        is_first_word = entity is not None and entity.start == token.i
        if entity is not None and is_first_word and token.i > match.trigger.i:
            yield entity


def _phrase_head(entity: Match, sentence: SentenceContext) -> Token:
    """Return the noun that a name modifies, else the last word of the name."""
    word = sentence.doc[entity.end - 1]
    return word.head if word.dep_ in _MODIFIER_RELATIONS else word
