"""Read the arguments of a match: participants, place, date, quantities and attribution."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from spacy.tokens import Token

from transforms.core.events.arguments.attribution import Attribution, find_attribution
from transforms.core.events.arguments.event_dates import is_news, is_scheduled, read_date
from transforms.core.events.arguments.evidence import evidence_span
from transforms.core.events.arguments.modality import read_modality
from transforms.core.events.arguments.participants import (
    Participants,
    as_local,
    read_participants,
)
from transforms.core.events.arguments.places import (
    HAPPEN_WITH_PARTIES,
    Place,
    geocode,
    read_place,
    read_target_place,
)
from transforms.core.events.arguments.quantities import Quantities, read_quantities
from transforms.core.events.arguments.speech_acts import Classification, classify
from transforms.core.events.arguments.time_resolution import UNKNOWN_DATE, EventDate, last_day
from transforms.core.events.matching.match import RuleMatch
from transforms.core.events.parse.sentence_context import SentenceContext, Speaker
from transforms.core.events.parse.syntax import (
    complements,
    coordinated_verbs,
    is_passive,
    objects,
    passive_subjects,
    subjects,
)
from transforms.core.events.rules.event_rules import Rules
from transforms.records import Actor

_OFFICIAL_SECTORS = frozenset(("GOV", "MIL", "COP"))
_MODALITIES_OF_PAST = frozenset(("actual", "historical"))
_AIMED_AT_PLACES = frozenset(("ASSAULT", "MOBILIZE", "COERCE", "CONSULT"))

_NEWS_AGE = timedelta(days=7)
"""Age beyond which an event is background (`historical`): a weekly paper no longer reports it."""
# 3 days would make 141 of 1,955 coded mentions historical or change their dates, 14 days change 4.


@dataclass(frozen=True, slots=True)
class EventArguments:
    """The arguments of one event; `evidence` is the span of tokens [start, end) that proves it."""

    classification: Classification
    participants: Participants
    date: EventDate
    place: Place
    attribution: Attribution
    quantities: Quantities
    evidence: tuple[int, int]


def read_arguments(match: RuleMatch, sentence: SentenceContext, rules: Rules) -> EventArguments:
    """Return the arguments that a sentence gives for the event of a match."""
    attribution = find_attribution(match.clause, sentence, rules.word_class("say"))
    participants = _participants(match, sentence, attribution.source)
    classification, date = _class_and_date(match, sentence, attribution.source, participants.actor)
    place = _place(match, sentence)
    if place.country is not None:
        participants = _with_country_of_place(match, classification, participants, place)
    return EventArguments(
        classification=classification,
        participants=participants,
        date=date,
        place=place,
        attribution=attribution,
        quantities=read_quantities(match),
        evidence=evidence_span(match, attribution.cue),
    )


def _participants(
    match: RuleMatch, sentence: SentenceContext, source: Speaker | None
) -> Participants:
    participants = read_participants(match, sentence)
    if participants.actor or source is None or not _is_own_measure(match, source):
        return participants
    return replace(participants, actor=(_as_actor(source, sentence),))


def _is_own_measure(match: RuleMatch, source: Speaker) -> bool:
    """Return whether officials announce a measure for which the sentence names no other actor."""
    clause = match.clause
    is_order = match.rule.type == "THREATEN" and clause.tag_ == "VB"
    is_measure = match.rule.type in ("MOBILIZE", "COERCE") or is_order
    is_agentless = is_passive(clause) or not subjects(clause)
    return is_measure and is_agentless and source.sector in _OFFICIAL_SECTORS


def _as_actor(source: Speaker, sentence: SentenceContext) -> Actor:
    actor = Actor(text=source.name, name=source.name, country=source.country, sector=source.sector)
    offset = sentence.doc.text.find(source.name)
    if offset < 0:
        return actor  # named in another sentence
    start = sentence.start + offset
    return replace(actor, start=start, end=start + len(source.name))


def _class_and_date(
    match: RuleMatch,
    sentence: SentenceContext,
    source: Speaker | None,
    actor: tuple[Actor, ...],
) -> tuple[Classification, EventDate]:
    modality = read_modality(match)
    if modality == "actual" and is_scheduled(match.clause, sentence.published_at):
        modality = "future"
    classification = classify(match, modality, source, actor)
    date = read_date(
        match.clause,
        sentence.doc,
        sentence.published_at,
        ahead="future" in (modality, classification.modality),
        reported=classification.modality in _MODALITIES_OF_PAST,
    )
    if classification.modality != "actual":
        return classification, date or UNKNOWN_DATE
    date = date or _publication_date(match, sentence) or UNKNOWN_DATE
    if _is_history(date, sentence.published_at):
        classification = replace(classification, modality="historical")
    return classification, date


def _publication_date(match: RuleMatch, sentence: SentenceContext) -> EventDate | None:
    """Return the day of publication if the clause is reported as news of that day."""
    published = sentence.published_at
    if published is None or not (sentence.field == "title" or is_news(match.clause)):
        return None
    return EventDate(published.date(), "day", "publication")


def _is_history(date: EventDate, published: datetime | None) -> bool:
    if date.is_long_past:
        return True
    if date.day is None or date.is_open or date.basis == "publication" or published is None:
        return False
    # A month or a year counts from its first day: "in March" is rarely about its last days.
    is_short = date.precision in ("day", "week")
    reference = last_day(date) if is_short else date.day
    return reference is not None and published.date() - reference > _NEWS_AGE


def _place(match: RuleMatch, sentence: SentenceContext) -> Place:
    clause = match.clause
    words = [clause, match.trigger, *complements(match.trigger)]
    if clause.pos_ == "VERB":
        words += objects(clause)
    words += coordinated_verbs(clause)
    place = read_place(words, sentence, _parties(match))
    aims_at_place = match.rule.type in _AIMED_AT_PLACES and not match.is_bare_noun
    if place.country is None and aims_at_place:
        place = read_target_place(objects(clause), sentence) or place
    return geocode(place, sentence)


def _parties(match: RuleMatch) -> list[Token]:
    """Return the subjects and objects that may hold the place: "police in Lima fired tear gas"."""
    happens_there = match.rule.mutual or match.rule.type in HAPPEN_WITH_PARTIES
    if match.is_bare_noun or not happens_there:
        return []
    clause = match.clause
    return [*subjects(clause), *passive_subjects(clause), *objects(clause)]


def _with_country_of_place(
    match: RuleMatch,
    classification: Classification,
    participants: Participants,
    place: Place,
) -> Participants:
    """Complete the participants from the place: who receives aid there, who protests there."""
    country = place.country or ""
    if classification.type == "AID" and not participants.recipient:
        recipient = Actor(text=place.text or "", country=country)
        participants = replace(participants, recipient=(recipient,))
    if match.rule.type == "PROTEST":
        protesters = tuple(as_local(a, country) for a in participants.actor)
        participants = replace(participants, actor=protesters)
    return participants
