"""Recognise unintended harm: a crash, an earthquake, a storm."""

from collections.abc import Iterable

from spacy.tokens import Token

from transforms.core.events.matching.match import RuleMatch
from transforms.core.events.parse.syntax import children, is_passive, subjects
from transforms.core.events.parse.words import all_children, has_folded_lemma, has_form
from transforms.core.events.rules.rule_files import word_set

_HARM_VERBS = word_set("kill injure wound hurt maim destroy damage hit strike burn")
_MISHAPS = word_set(
    "crash accident earthquake quake flood flooding storm cyclone hurricane typhoon tornado "
    "landslide mudslide avalanche collision wildfire collapse derailment eruption heatwave tsunami "
    "stampede drought sinking capsizing blizzard lightning rain outbreak epidemic virus disease "
    "pandemic cholera wreck mishap disaster aftershock tremor fall pile-up"
)
_AMBIGUOUS_MISHAPS = word_set("fall rain collapse wreck")
"""Also said of governments and prices, so they count only as the cause of the harm."""

_BLAZES = word_set("fire blaze explosion blast")
_WEAPONS = word_set("bomb car grenade mine suicide rifle mortar enemy sniper roadside")
_ACCIDENTAL = word_set("gas forest house factory accidental pipeline mine")
_CAUSE_PREPOSITIONS = frozenset(("in", "by", "from", "during", "after", "when", "of", "as"))
_CAUSE_CONJUNCTIONS = frozenset(("when", "after", "as"))
_FAILING_VERBS = word_set("crash collide collapse capsize overturn derail sink explode fall")


def is_accident(match: RuleMatch) -> bool:
    """Return whether a mishap caused the harm, without anyone intending it."""
    verb = match.clause
    if match.rule.type != "ASSAULT" or verb.lemma_.lower() not in _HARM_VERBS:
        return False
    agents = subjects(verb)
    if agents:
        return _has_mishap(agents)
    if has_folded_lemma(verb.sent, _MISHAPS - _AMBIGUOUS_MISHAPS):
        return True
    return is_passive(verb) and _has_accidental_cause(verb)


def _has_accidental_cause(verb: Token) -> bool:
    """Return whether a passive harm came "in a crash", or "when their truck overturned"."""
    prepositions = children(verb, "prep", "agent")
    causes = [p for p in prepositions if p.lower_ in _CAUSE_PREPOSITIONS]
    if _has_mishap(all_children(causes, "pobj")):
        return True
    return any(_is_failure(clause) for clause in children(verb, "advcl"))


def _is_failure(clause: Token) -> bool:
    is_cause = has_form(clause.children, _CAUSE_CONJUNCTIONS)
    return is_cause and clause.lemma_ in _FAILING_VERBS


def _has_mishap(nouns: Iterable[Token]) -> bool:
    return any(_is_mishap(noun) for noun in nouns)


def _is_mishap(noun: Token) -> bool:
    lemma = noun.lemma_.lower()
    if lemma in _BLAZES:
        return _is_accidental_blaze(noun)
    return lemma in _MISHAPS or has_folded_lemma(children(noun, "compound"), _MISHAPS)


def _is_accidental_blaze(noun: Token) -> bool:
    """Return whether a blaze is an accident: "a gas explosion", but not "a bomb explosion"."""
    modifiers = {t.lemma_.lower() for t in children(noun, "compound", "amod")}
    if modifiers & _WEAPONS:
        return False
    return noun.lemma_.lower() == "blaze" or bool(modifiers & _ACCIDENTAL)
