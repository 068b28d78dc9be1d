"""Read the event mentions of a sentence: matches, their arguments, and the record of each."""

from collections.abc import Iterator
from typing import Any

from transforms.core.events.arguments.attribution import Attribution
from transforms.core.events.arguments.event_arguments import EventArguments, read_arguments
from transforms.core.events.confidence import calibrate
from transforms.core.events.filters.reportable import is_reportable
from transforms.core.events.matching.competition import find_matches
from transforms.core.events.matching.match import RuleMatch
from transforms.core.events.parse.sentence_context import SentenceContext
from transforms.core.events.rules.event_rules import Rules
from transforms.core.events.rules.rule_files import rules_version
from transforms.records import Actor, EventMention

# Raw scores are judgements of which only the order matters: the curve that `calibrate` applies was
# fitted to them and turns them into shares. Whoever changes one must fit the curve again.
_PER_CONDITION = 0.03
_MAX_CONDITIONS = 3
_ACTOR_WITH_COUNTRY = 0.05
_ACTOR_WITHOUT_COUNTRY = -0.15
_RECIPIENT_WITH_COUNTRY = 0.05
_BARE_NOUN = -0.1
_UNREAL = -0.05
_LOWEST, _HIGHEST = 0.1, 0.95


def read_mentions(sentence: SentenceContext, rules: Rules) -> Iterator[EventMention]:
    """Yield the mentions of one sentence; a rule may add a second type to its event."""
    for match in find_matches(sentence, rules):
        arguments = read_arguments(match, sentence, rules)
        if not is_reportable(match, arguments, sentence, rules):
            continue
        own = (arguments.classification.type, arguments.classification.mode)
        for event_type, mode in (own, *match.rule.adds):
            yield _mention(match, arguments, sentence, rules, event_type, mode)


def _mention(
    match: RuleMatch,
    arguments: EventArguments,
    sentence: SentenceContext,
    rules: Rules,
    event_type: str,
    mode: str | None,
) -> EventMention:
    ontology = rules.types[event_type]
    place, date, quantities = arguments.place, arguments.date, arguments.quantities
    return EventMention(
        event=0,
        type=event_type,
        mode=mode if mode in ontology.modes else None,
        quad=ontology.quad,
        score=ontology.score_of(mode),
        contexts=match.rule.contexts,
        actor=arguments.participants.actor,
        recipient=arguments.participants.recipient,
        location=place.text,
        country=place.country,
        admin1=place.admin1,
        lat=place.lat,
        lon=place.lon,
        geo_precision=place.precision,
        date=date.day,
        date_precision=date.precision,
        date_basis=date.basis,
        modality=arguments.classification.modality,
        dead=quantities.dead,
        injured=quantities.injured,
        size=quantities.size,
        confidence=_confidence(match, arguments, rules),
        rule=match.rule.name,
        coder_version=rules_version(rules.language),
        in_lede=sentence.lede,
        **_attribution_fields(arguments.attribution, sentence),
        **_evidence_fields(match, arguments, sentence),
    )


def _attribution_fields(attribution: Attribution, sentence: SentenceContext) -> dict[str, Any]:
    source, cue = attribution.source, attribution.cue
    if source is None:
        return {}
    fields: dict[str, Any] = {
        "claimant": source.name,
        "claimant_country": source.country,
        "claimant_sector": source.sector,
        "via": source.relay,
    }
    if cue is not None:
        start = sentence.start + cue.idx
        fields |= {"cue": cue.text, "cue_start": start, "cue_end": start + len(cue.text)}
    return fields


def _evidence_fields(
    match: RuleMatch, arguments: EventArguments, sentence: SentenceContext
) -> dict[str, Any]:
    first, end = arguments.evidence
    span, trigger = sentence.doc[first:end], match.trigger
    evidence_start = sentence.start + span.start_char
    trigger_start = sentence.start + trigger.idx
    return {
        "evidence": span.text,
        "evidence_field": sentence.field,
        "evidence_start": evidence_start,
        "evidence_end": evidence_start + len(span.text),
        "trigger": trigger.text,
        "trigger_start": trigger_start,
        "trigger_end": trigger_start + len(trigger.text),
    }


def _confidence(match: RuleMatch, arguments: EventArguments, rules: Rules) -> float:
    """Return the calibrated share of similar events that are correct."""
    rule, participants = match.rule, arguments.participants
    score = rule.weight + _PER_CONDITION * min(rule.specificity, _MAX_CONDITIONS)
    score += _ACTOR_WITH_COUNTRY if _has_country(participants.actor) else _ACTOR_WITHOUT_COUNTRY
    if _has_country(participants.recipient):
        score += _RECIPIENT_WITH_COUNTRY
    if match.is_bare_noun:
        score += _BARE_NOUN
    if arguments.classification.modality in ("hypothetical", "negated"):
        score += _UNREAL
    return round(calibrate(min(_HIGHEST, max(_LOWEST, score)), rules.curve), 3)


def _has_country(actors: tuple[Actor, ...]) -> bool:
    return any(a.country for a in actors)
