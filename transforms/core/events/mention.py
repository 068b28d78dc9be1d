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
from transforms.core.events.arguments.places import Place, acted_upon, pin, read_place
from transforms.core.events.arguments.quantities import Sizes, read_sizes
from transforms.core.events.arguments.roles import Cast, at_home, read_roles
from transforms.core.events.arguments.speech_acts import Reading, read
from transforms.core.events.confidence import calibrate
from transforms.core.events.filters.accidents import is_accident
from transforms.core.events.filters.guards import GUARDS, LOCAL, Parties, is_solid
from transforms.core.events.filters.noise import cannot, is_idiom, is_opinion
from transforms.core.events.matching.match import Hit, find_hits
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
    roles: Cast
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
    for hit in find_hits(sentence, rules):
        facts = _facts(hit, sentence, rules)
        if not _allowed(hit, facts, sentence, rules, sport=sport) or (
            business and not is_solid(facts.roles.actor)
        ):
            continue
        yield _mention(hit, facts, sentence, rules, facts.reading.type, facts.reading.mode)
        for kind, mode in hit.rule.adds:
            yield _mention(hit, facts, sentence, rules, kind, mode)


def _is_about(sentence: SentenceContext, words: Words) -> bool:
    """Tell whether a word of the sentence is among those of a field that borrows the words of politics."""
    return any(t.lower_ in words or t.lemma_.lower() in words for t in sentence.doc)


def _facts(hit: Hit, sentence: SentenceContext, rules: Rules) -> _Facts:
    roles = read_roles(hit, sentence)
    speaker, said = claimant_of(hit.clause, sentence, rules.word_class("say"))
    if (
        not roles.actor
        and speaker is not None
        and (
            hit.rule.type in ("MOBILIZE", "COERCE")
            or (hit.rule.type == "THREATEN" and hit.clause.tag_ == "VB")
        )
        and (is_passive(hit.clause) or not subjects(hit.clause))
        and speaker.sector in _OFFICIAL
    ):
        roles = Cast(_as_actor(speaker, sentence), roles.recipient)
    modality = read_modality(hit)
    coming = modality == "actual" and is_coming(hit.clause, sentence.published_at)
    reading = read(hit, "future" if coming else modality, speaker, roles.actor)
    ahead = "future" in (modality, reading.modality) or coming
    when = read_date(
        hit.clause,
        sentence.doc,
        sentence.published_at,
        ahead=ahead,
        said=reading.modality in _SAID_AND_DONE,
    )
    if (
        when is NOTHING
        and reading.modality == "actual"
        and sentence.published_at is not None
        and (is_news(hit.clause) or sentence.field == "title")
    ):
        when = When(sentence.published_at.date(), "day", "publication")
    reading = _aged(reading, when, sentence)
    words = [
        hit.clause,
        hit.trigger,
        *complements(hit.trigger),
        *(objects(hit.clause) if hit.clause.pos_ == "VERB" else []),
        *coordinated_verbs(hit.clause),
    ]
    place = read_place(words, sentence, _parties(hit))
    if place.country is None and hit.rule.type in _GROUNDED:
        place = acted_upon(objects(hit.clause) if hit.verb is not None else [], sentence) or place
    place = pin(place, sentence)
    if reading.type == "AID" and place.country and not roles.recipient:
        roles = Cast(roles.actor, (Actor(text=place.text or "", country=place.country),))
    if hit.rule.type == "PROTEST" and place.country:
        roles = Cast(tuple(at_home(a, place.country) for a in roles.actor), roles.recipient)
    span, sizes = evidence_span(hit, said), read_sizes(hit, hit.rule.type)
    return _Facts(reading, roles, when, place, speaker, said if speaker else None, span, sizes)


def _parties(hit: Hit) -> list[Token]:
    """Subjects and objects of the clause, whose phrases may say where: "police in Lima fired tear gas"."""
    if hit.verb is None or not (hit.rule.mutual or hit.rule.type in LOCAL):
        return []
    return [*subjects(hit.verb), *passive_subjects(hit.verb), *objects(hit.clause)]


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
    hit: Hit, facts: _Facts, sentence: SentenceContext, rules: Rules, *, sport: bool
) -> bool:
    rule = hit.rule
    actor, recipient = facts.roles.actor, facts.roles.recipient
    if is_accident(hit) or is_opinion(hit) or is_idiom(hit) or cannot(hit.rule.type, actor):
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


def _confidence(hit: Hit, facts: _Facts, rules: Rules) -> float:
    value = hit.rule.weight + 0.03 * min(hit.rule.specificity, 3)
    value += 0.05 if any(a.country for a in facts.roles.actor) else -0.15
    value += 0.05 if any(a.country for a in facts.roles.recipient) else 0.0
    value -= 0.1 if hit.verb is None else 0.0
    value -= 0.05 if facts.reading.modality in ("hypothetical", "negated") else 0.0
    return round(calibrate(min(0.95, max(0.1, value)), rules.curve), 3)


def _mention(
    hit: Hit, facts: _Facts, sentence: SentenceContext, rules: Rules, kind: str, mode: str | None
) -> EventMention:
    about = rules.types[kind]
    span = sentence.doc[facts.span[0] : facts.span[1]]
    trigger = hit.trigger
    start = sentence.start + span.start_char
    speaker, cue = facts.speaker, facts.cue
    return EventMention(
        event=0,
        type=kind,
        mode=mode if mode in about.modes else None,
        quad=about.quad,
        score=about.score_of(mode),
        contexts=hit.rule.contexts,
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
        confidence=_confidence(hit, facts, rules),
        rule=hit.rule.name,
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
