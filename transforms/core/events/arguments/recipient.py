"""Find who is acted upon in a match."""

from collections.abc import Sequence
from dataclasses import replace

from spacy.tokens import Token

from transforms.core.events.arguments.actor import unnamed_parties
from transforms.core.events.arguments.recipient_slots import slot_tokens
from transforms.core.events.entities.noun_phrases import is_political, resolve_actors
from transforms.core.events.matching.match import RuleMatch
from transforms.core.events.parse.sentence_context import SentenceContext
from transforms.records import Actor

Actors = tuple[Actor, ...]

_POSSESSIVES = ("its ", "their ", "his ", "her ", "our ", "my ")
_OBJECT_PRONOUNS = frozenset(("him", "them", "it"))
_VENUE_SLOTS = frozenset(("in", "at", "near", "into"))
"""Where an act against somebody happens, it is not aimed at the place."""

_LOCATIVE_SLOTS = frozenset(("in", "into", "across", "near", "at", "outside", "from"))
_PROMISE_SLOTS = frozenset(("cobj", "cprep", "object", "on", "for", "in"))
_PROMISING_TYPES = frozenset(("AGREE", "REQUEST", "REJECT"))
_PROMISED_SECTORS = frozenset(("MED", "EDU", "AGR", "LAB", "BUS", "MIL", "CVL", "SOC", "JRN"))
_GIVING_TYPES = frozenset(("AID", "COOPERATE"))
_AIMED_TYPES = frozenset(("ACCUSE", "ASSAULT", "COERCE", "SUPPORT", "SANCTION", "PROTEST"))
"""What these do has an object that is worth a name even where it is nobody: "condemned the law"."""


def find_recipients(match: RuleMatch, sentence: SentenceContext, actor: Actors) -> Actors:
    """Return who is acted upon: of the rule's slots, in order, the first that has a country.

    Else the first with somebody political, a country named later, or the first name at all.
    """
    political: Actors = ()
    unnamed: Actors = ()
    for slot in match.rule.recipient:
        if slot in _VENUE_SLOTS and _has_target(match, political, unnamed):
            break
        tokens = slot_tokens(slot, match)
        found = _candidates(slot, tokens, match, sentence, actor)
        if _has_country(found):
            return _place_as_country(found) if slot in _LOCATIVE_SLOTS else found
        if not political and is_political(found):
            political = found
        if not unnamed:
            unnamed = _unnamed(slot, tokens, match, sentence, actor)
    return political or _country_after_trigger(match, sentence, actor) or unnamed


def _has_target(match: RuleMatch, political: Actors, unnamed: Actors) -> bool:
    """Tell whether what was found so far rules out that a venue is acted upon."""
    return bool(political) or (bool(unnamed) and match.rule.type in _AIMED_TYPES)


def _has_country(parties: Actors) -> bool:
    return any(p.country for p in parties)


def _candidates(
    slot: str, tokens: Sequence[Token], match: RuleMatch, sentence: SentenceContext, actor: Actors
) -> Actors:
    """Return the known parties of a slot that are neither actors nor what belongs to them."""
    found = []
    for party in _without(actor, resolve_actors(tokens, sentence)):
        if _belongs_to(party, actor):
            continue
        if slot in _PROMISE_SLOTS and _is_promised(party, match):
            continue
        found.append(_with_owner_named(party, sentence))
    return tuple(found)


def _unnamed(
    slot: str, tokens: Sequence[Token], match: RuleMatch, sentence: SentenceContext, actor: Actors
) -> Actors:
    rule = match.rule
    takes_any_object = not rule.objects or "*" in rule.objects
    common_nouns = slot == "object" and rule.type in _AIMED_TYPES and takes_any_object
    return _without(actor, unnamed_parties(tokens, sentence, common_nouns=common_nouns))


def _without(actor: Actors, parties: Actors) -> Actors:
    taken = {(a.start, a.end) for a in actor}
    return tuple(p for p in parties if (p.start, p.end) not in taken)


def _belongs_to(party: Actor, actor: Actors) -> bool:
    """Tell whether a party is the actor's own, or nobody's known: "withdraw its troops from"."""
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
    """Tell whether a party is only what is promised: "offered to send doctors"."""
    is_promise = match.rule.type in _PROMISING_TYPES
    return is_promise and party.country is None and party.sector in _PROMISED_SECTORS


def _with_owner_named(party: Actor, sentence: SentenceContext) -> Actor:
    """Name the country that "its ambassador" is of."""
    is_owned = party.text.lower().startswith(_POSSESSIVES)
    if party.name or party.country is None or not is_owned:
        return party
    return replace(party, name=sentence.lexicon.country_names.get(party.country))


def _place_as_country(found: Actors) -> Actors:
    """Let a place that is acted upon stand for its country, not for its government."""
    return tuple(replace(a, sector=None) if a.name and a.sector == "GOV" else a for a in found)


def _country_after_trigger(match: RuleMatch, sentence: SentenceContext, actor: Actors) -> Actors:
    """Return the first other country after the trigger, for types that are nothing without one."""
    if match.rule.type not in _GIVING_TYPES or match.rule.mutual:
        return ()
    excluded = {None, *(a.country for a in actor)}
    for token in match.clause.subtree:
        entity = sentence.match_at.get(token.i)
        if entity is None or token.i <= match.trigger.i or entity.start != token.i:
            continue
        country = entity.entry.country
        if country in excluded:
            continue
        found = resolve_actors([_modified_noun(sentence.doc[entity.end - 1])], sentence)
        if any(a.country == country for a in found):
            return _place_as_country(found[:1])
    return ()


def _modified_noun(word: Token) -> Token:
    """Return the noun that the last word of a name modifies, else that word."""
    return word.head if word.dep_ in ("amod", "compound", "nmod", "poss") else word
