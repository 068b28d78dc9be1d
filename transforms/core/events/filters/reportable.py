"""Decide whether the event of a match is reported.

Accidents, idioms, sport and events without political parties are not.
"""

from transforms.core.events.arguments.event_arguments import EventArguments
from transforms.core.events.filters.accidents import is_accident
from transforms.core.events.filters.guards import GUARDS, Parties, is_solid
from transforms.core.events.filters.noise import is_idiom, is_impossible, is_opinion
from transforms.core.events.matching.match import RuleMatch
from transforms.core.events.parse.sentence_context import SentenceContext
from transforms.core.events.rules.event_rules import Rules, Words
from transforms.core.events.rules.lexicon import POLITICAL_SECTORS


def is_reportable(
    match: RuleMatch, arguments: EventArguments, sentence: SentenceContext, rules: Rules
) -> bool:
    """Return whether the event of a match is reported."""
    if is_accident(match) or is_opinion(match) or is_idiom(match):
        return False
    if _lacks_parties(match, arguments, rules) or _is_of_other_field(arguments, sentence, rules):
        return False
    participants = arguments.participants
    parties = Parties(
        actor=participants.actor,
        recipient=participants.recipient,
        place=arguments.place.country,
        kind=arguments.classification.type,
    )
    return GUARDS[match.rule.guard](parties, sentence)


def _lacks_parties(match: RuleMatch, arguments: EventArguments, rules: Rules) -> bool:
    """Return whether the parties cannot do this, or one that the type needs is unknown."""
    actor, recipient = arguments.participants.actor, arguments.participants.recipient
    event_type = arguments.classification.type
    if is_impossible(match.rule.type, actor):
        return True
    if event_type == "CONSULT" and any(a.sector == "JRN" for a in (*actor, *recipient)):
        return True  # an interview
    has_counterpart = bool(recipient) or match.rule.mutual or len(actor) > 1
    return rules.types[event_type].needs_recipient and not has_counterpart


def _is_of_other_field(arguments: EventArguments, sentence: SentenceContext, rules: Rules) -> bool:
    """Return whether a sentence is about sport or business, in words that politics uses too."""
    actor, recipient = arguments.participants.actor, arguments.participants.recipient
    is_political = any(a.sector in POLITICAL_SECTORS for a in (*actor, *recipient))
    if not is_political and _mentions(sentence, rules.word_class("sport")):
        return True
    return not is_solid(actor) and _mentions(sentence, rules.word_class("business"))


def _mentions(sentence: SentenceContext, words: Words) -> bool:
    return any(t.lower_ in words or t.lemma_.lower() in words for t in sentence.doc)
