"""From a pattern that was met to the record: who, whom, where, when, how sure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from spacy.tokens import Token

from transforms.core.events.arguments.attribution import claimant_of
from transforms.core.events.arguments.event_dates import (
    NOTHING,
    When,
    end_of,
    is_coming,
    is_news,
    read_date,
)
from transforms.core.events.arguments.evidence import evidence_span
from transforms.core.events.arguments.modality import read_modality
from transforms.core.events.arguments.participants import Participants, as_local, read_participants
from transforms.core.events.arguments.places import Place, acted_upon, pin, read_place
from transforms.core.events.arguments.quantities import Sizes, read_sizes
from transforms.core.events.arguments.speech_acts import Reading, read
from transforms.core.events.confidence import calibrate
from transforms.core.events.filters.accidents import is_accident
from transforms.core.events.filters.guards import GUARDS, LOCAL, Parties, is_solid
from transforms.core.events.filters.noise import cannot, is_idiom, is_opinion
from transforms.core.events.matching.competition import find_matches
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
from transforms.core.events.rules.event_rules import Rules, Words
from transforms.core.events.rules.lexicon import POLITICAL_SECTORS
from transforms.core.events.rules.rule_files import rules_version
from transforms.records import Actor, EventMention

_OFFICIAL = frozenset(("GOV", "MIL", "COP"))
_SAID_AND_DONE = frozenset(("actual", "historical"))
_GROUNDED = frozenset(("ASSAULT", "MOBILIZE", "COERCE", "CONSULT"))
_BACKGROUND = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Facts:
    reading: Reading
    roles: Participants
    when: When
    place: Place
    speaker: Speaker | None
    cue: Token | None
    span: tuple[int, int]
    sizes: Sizes


def read_mentions(sentence: SentenceContext, rules: Rules) -> Iterator[EventMention]:
    """Yield the mentions of one sentence."""
    sport, business = (
        _is_about(sentence, rules.word_class("sport")),
        _is_about(sentence, rules.word_class("business")),
    )
    for match in find_matches(sentence, rules):
        facts = _facts(match, sentence, rules)
        if not _allowed(match, facts, sentence, rules, sport=sport) or (
            business and not is_solid(facts.roles.actor)
        ):
            continue
        yield _mention(match, facts, sentence, rules, facts.reading.type, facts.reading.mode)
        for kind, mode in match.rule.adds:
            yield _mention(match, facts, sentence, rules, kind, mode)


def _is_about(sentence: SentenceContext, words: Words) -> bool:
    """Tell whether a word of the sentence is among those of a field that borrows the words of politics."""
    return any(t.lower_ in words or t.lemma_.lower() in words for t in sentence.doc)


def _facts(match: RuleMatch, sentence: SentenceContext, rules: Rules) -> _Facts:
    roles = read_participants(match, sentence)
    speaker, said = claimant_of(match.clause, sentence, rules.word_class("say"))
    if (
        not roles.actor
        and speaker is not None
        and (
            match.rule.type in ("MOBILIZE", "COERCE")
            or (match.rule.type == "THREATEN" and match.clause.tag_ == "VB")
        )
        and (is_passive(match.clause) or not subjects(match.clause))
        and speaker.sector in _OFFICIAL
    ):
        roles = Participants(_as_actor(speaker, sentence), roles.recipient)
    modality = read_modality(match)
    coming = modality == "actual" and is_coming(match.clause, sentence.published_at)
    reading = read(match, "future" if coming else modality, speaker, roles.actor)
    ahead = "future" in (modality, reading.modality) or coming
    when = read_date(
        match.clause,
        sentence.doc,
        sentence.published_at,
        ahead=ahead,
        said=reading.modality in _SAID_AND_DONE,
    )
    if (
        when is NOTHING
        and reading.modality == "actual"
        and sentence.published_at is not None
        and (is_news(match.clause) or sentence.field == "title")
    ):
        when = When(sentence.published_at.date(), "day", "publication")
    reading = _aged(reading, when, sentence)
    words = [
        match.clause,
        match.trigger,
        *complements(match.trigger),
        *(objects(match.clause) if match.clause.pos_ == "VERB" else []),
        *coordinated_verbs(match.clause),
    ]
    place = read_place(words, sentence, _parties(match))
    if place.country is None and match.rule.type in _GROUNDED:
        place = (
            acted_upon(objects(match.clause) if match.verb is not None else [], sentence) or place
        )
    place = pin(place, sentence)
    if reading.type == "AID" and place.country and not roles.recipient:
        roles = Participants(roles.actor, (Actor(text=place.text or "", country=place.country),))
    if match.rule.type == "PROTEST" and place.country:
        roles = Participants(
            tuple(as_local(a, place.country) for a in roles.actor), roles.recipient
        )
    span, sizes = evidence_span(match, said), read_sizes(match, match.rule.type)
    return _Facts(reading, roles, when, place, speaker, said if speaker else None, span, sizes)


def _parties(match: RuleMatch) -> list[Token]:
    """Subjects and objects of the clause, whose phrases may say where: "police in Lima fired tear gas"."""
    if match.verb is None or not (match.rule.mutual or match.rule.type in LOCAL):
        return []
    return [*subjects(match.verb), *passive_subjects(match.verb), *objects(match.clause)]


def _as_actor(speaker: Speaker, sentence: SentenceContext) -> tuple[Actor, ...]:
    """Officials who announce a measure that nobody else is said to take have taken it."""
    at = sentence.doc.text.find(speaker.name)
    start = sentence.start + at if at >= 0 else None
    end = None if start is None else start + len(speaker.name)
    return (
        Actor(
            text=speaker.name,
            name=speaker.name,
            country=speaker.country,
            sector=speaker.sector,
            start=start,
            end=end,
        ),
    )


def _aged(reading: Reading, when: When, sentence: SentenceContext) -> Reading:
    last = end_of(when)
    if reading.modality == "actual" and when.past:
        return Reading(reading.type, reading.mode, "historical")
    if when.open:
        return reading
    if (
        reading.modality != "actual"
        or last is None
        or sentence.published_at is None
        or when.basis == "publication"
    ):
        return reading
    old = (
        sentence.published_at.date()
        - (last if when.precision in ("day", "week") else when.day or last)
        > _BACKGROUND
    )
    return Reading(reading.type, reading.mode, "historical") if old else reading


def _allowed(
    match: RuleMatch, facts: _Facts, sentence: SentenceContext, rules: Rules, *, sport: bool
) -> bool:
    rule = match.rule
    actor, recipient = facts.roles.actor, facts.roles.recipient
    if is_accident(match) or is_opinion(match) or is_idiom(match) or cannot(match.rule.type, actor):
        return False
    if rules.types[facts.reading.type].needs_recipient and not (
        recipient or rule.mutual or len(actor) > 1
    ):
        return False
    if facts.reading.type == "CONSULT" and any(a.sector == "JRN" for a in (*actor, *recipient)):
        return False
    if sport and not any(a.sector in POLITICAL_SECTORS for a in (*actor, *recipient)):
        return False
    parties = Parties(actor, recipient, facts.place.country, facts.reading.type)
    return GUARDS[rule.guard](parties, sentence)


def _confidence(match: RuleMatch, facts: _Facts, rules: Rules) -> float:
    value = match.rule.weight + 0.03 * min(match.rule.specificity, 3)
    value += 0.05 if any(a.country for a in facts.roles.actor) else -0.15
    value += 0.05 if any(a.country for a in facts.roles.recipient) else 0.0
    value -= 0.1 if match.verb is None else 0.0
    value -= 0.05 if facts.reading.modality in ("hypothetical", "negated") else 0.0
    return round(calibrate(min(0.95, max(0.1, value)), rules.curve), 3)


def _mention(
    match: RuleMatch,
    facts: _Facts,
    sentence: SentenceContext,
    rules: Rules,
    kind: str,
    mode: str | None,
) -> EventMention:
    about = rules.types[kind]
    span = sentence.doc[facts.span[0] : facts.span[1]]
    trigger = match.trigger
    start = sentence.start + span.start_char
    speaker, cue = facts.speaker, facts.cue
    return EventMention(
        event=0,
        type=kind,
        mode=mode if mode in about.modes else None,
        quad=about.quad,
        score=about.score_of(mode),
        contexts=match.rule.contexts,
        actor=facts.roles.actor,
        recipient=facts.roles.recipient,
        location=facts.place.text,
        country=facts.place.country,
        admin1=facts.place.admin1,
        lat=facts.place.lat,
        lon=facts.place.lon,
        geo_precision=facts.place.precision,
        date=facts.when.day,
        date_precision=facts.when.precision,
        date_basis=facts.when.basis,
        modality=facts.reading.modality,
        claimant=speaker.name if speaker else None,
        claimant_country=speaker.country if speaker else None,
        claimant_sector=speaker.sector if speaker else None,
        via=speaker.via if speaker else None,
        dead=facts.sizes.dead,
        injured=facts.sizes.injured,
        size=facts.sizes.size,
        confidence=_confidence(match, facts, rules),
        rule=match.rule.name,
        coder_version=rules_version(rules.language),
        in_lede=sentence.lede,
        evidence=span.text,
        evidence_field=sentence.field,
        evidence_start=start,
        evidence_end=start + len(span.text),
        trigger=trigger.text,
        trigger_start=sentence.start + trigger.idx,
        trigger_end=sentence.start + trigger.idx + len(trigger.text),
        cue=cue.text if cue is not None else None,
        cue_start=sentence.start + cue.idx if cue is not None else None,
        cue_end=sentence.start + cue.idx + len(cue.text) if cue is not None else None,
    )
