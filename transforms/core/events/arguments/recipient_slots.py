"""Find the words in the slots of a recipient: the object, or what follows a preposition.

The slots have the names that a rule's key `recipient` uses.
"""

from collections.abc import Callable, Mapping

from spacy.tokens import Token

from transforms.core.events.matching.match import RuleMatch, objects_of_event_noun
from transforms.core.events.parse.syntax import (
    children,
    complements,
    is_passive,
    misattached_prep_objects,
    objects,
    prep_objects,
)
from transforms.core.events.parse.words import all_children, all_objects, all_prep_objects
from transforms.core.events.rules.rule_files import word_set

_PROTESTING_VERBS = word_set("protest demand denounce oppose condemn press urge defy reject call")
_PROTEST_NOUNS = frozenset(("protest", "defiance", "response"))
_PROTEST_PREPOSITIONS = ("against", "of", "at", "over", "from", "to", "by")
_GATHERING_VERBS = word_set(
    "meet talk hold sign convene gather continue resume negotiate host confer discuss visit"
)
"""Verbs after which "in" is only the venue: "agreed to meet in Oslo"."""

_COMPLEMENT_PREPOSITIONS = ("to", "with", "on", "from", "against", "into", "for")


def slot_tokens(slot: str, match: RuleMatch) -> list[Token]:
    """Return the heads of the phrases in one slot of a match; a slot may be a preposition."""
    read = _SLOTS.get(slot)
    if read is not None:
        return read(match)
    if slot == "by" and match.verb is not None and is_passive(match.verb):
        return []  # the agent is the actor
    return _after_preposition(slot, match)


def trigger_and_verb(match: RuleMatch) -> list[Token]:
    """Return the trigger of a match, and the verb that carries it if that is another word."""
    return [match.trigger, match.clause] if match.is_carried else [match.trigger]


def _objects(match: RuleMatch) -> list[Token]:
    if match.is_bare_noun:
        return objects_of_event_noun(match.trigger)
    if match.is_own_verb:
        return objects(match.clause)
    if match.trigger.pos_ == "ADJ":
        return objects(match.clause) or children(match.trigger, "nsubj")
    return []


def _indirect_objects(match: RuleMatch) -> list[Token]:
    return [t for t in all_children(trigger_and_verb(match), "dative") if t.pos_ != "ADP"]


def _complements(match: RuleMatch) -> list[Token]:
    found = complements(match.trigger)
    return [*found, *complements(match.clause)] if match.is_carried else found


def _complement_subjects(match: RuleMatch) -> list[Token]:
    return all_children(_complements(match), "nsubj", "nsubjpass")


def _complement_objects(match: RuleMatch) -> list[Token]:
    return all_objects(_complements(match))


def _complement_prep_objects(match: RuleMatch) -> list[Token]:
    found: list[Token] = []
    for verb in _complements(match):
        for preposition in _COMPLEMENT_PREPOSITIONS:
            found += prep_objects(verb, preposition)
        if verb.lemma_ not in _GATHERING_VERBS:
            found += prep_objects(verb, "in")
    return found


def _aims(match: RuleMatch) -> list[Token]:
    """Return what a protest is about: "a strike, protesting the law", "in protest at the law"."""
    words = trigger_and_verb(match)
    clauses = [
        *all_children(words, "advcl", "acl"),
        *all_children(all_objects(words), "acl", "relcl"),
    ]
    found: list[Token] = []
    for verb in clauses:
        if verb.lemma_ in _PROTESTING_VERBS:
            found += [*objects(verb), *prep_objects(verb, *_PROTEST_PREPOSITIONS)]
    for noun in all_prep_objects(words, "in", "as"):
        if noun.lemma_ in _PROTEST_NOUNS:
            found += prep_objects(noun, *_PROTEST_PREPOSITIONS)
    return found


def _after_preposition(preposition: str, match: RuleMatch) -> list[Token]:
    """Return what follows a preposition of the trigger, of its verb, or of their objects."""
    words = trigger_and_verb(match)
    found = all_prep_objects(words, preposition)
    if match.is_own_verb:
        clause_objects = objects(match.clause)
        found += all_prep_objects(clause_objects, preposition)
        found += all_prep_objects(all_prep_objects(clause_objects, "of"), preposition)
        if not found and preposition in ("to", "with", "against"):
            found = misattached_prep_objects(match.clause, preposition)
    if preposition == "against":
        # "rallied for measures against Chile"
        found += all_prep_objects(all_prep_objects(words, "for"), preposition)
    return found


_SLOTS: Mapping[str, Callable[[RuleMatch], list[Token]]] = {
    "object": _objects,
    "iobj": _indirect_objects,
    "csubj": _complement_subjects,
    "cobj": _complement_objects,
    "cprep": _complement_prep_objects,
    "purpose": _aims,
}
