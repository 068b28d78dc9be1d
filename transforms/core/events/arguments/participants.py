"""Find the actors and recipients of a match: who acts, and who is acted upon."""

from dataclasses import dataclass, replace

from spacy.tokens import Token

from transforms.core.events.arguments.actor import find_actors, unnamed_parties
from transforms.core.events.arguments.recipient import find_recipients
from transforms.core.events.arguments.recipient_slots import trigger_and_verb
from transforms.core.events.entities.noun_phrases import resolve_actors
from transforms.core.events.matching.match import RuleMatch
from transforms.core.events.parse.sentence_context import SentenceContext
from transforms.core.events.parse.syntax import objects, passive_subjects, subjects
from transforms.core.events.parse.words import all_prep_objects
from transforms.records import Actor

_LOCAL_SECTORS = frozenset(("CVL", "LAB", "EDU", "AGR", "MED", "OPP", "SOC", "REL"))


@dataclass(frozen=True, slots=True)
class Participants:
    """Actors and recipients of one event."""

    actor: tuple[Actor, ...]
    recipient: tuple[Actor, ...]


def read_participants(match: RuleMatch, sentence: SentenceContext) -> Participants:
    """Return who acts and who is acted upon; of a mutual rule all are actors."""
    if match.rule.undergone:
        return _participants_of_undergone(match, sentence)
    actor = find_actors(match, sentence)
    recipient = find_recipients(match, sentence, actor)
    if match.rule.mutual:
        taken = {(a.start, a.end) for a in actor}
        others = [a for a in recipient if (a.start, a.end) not in taken]
        return Participants((*actor, *others), ())
    if match.rule.type == "AGREE" and _is_between_countries(actor):
        return Participants(actor, ())
    return Participants(actor, recipient)


def as_local(actor: Actor, country: str) -> Actor:
    """Return a protester without a country as one of the country of the protest."""
    if actor.country is None and actor.sector in _LOCAL_SECTORS:
        return replace(actor, country=country)
    return actor


def _is_between_countries(actor: tuple[Actor, ...]) -> bool:
    return len({a.country for a in actor if a.country}) > 1


def _participants_of_undergone(match: RuleMatch, sentence: SentenceContext) -> Participants:
    """Read a match whose subject is acted upon: "received aid from", "came under fire by"."""
    verb = match.clause
    affected = subjects(verb) or passive_subjects(verb)
    recipient = resolve_actors(affected, sentence, any_prep=False)
    return Participants(
        resolve_actors(_sources_of_undergone(match), sentence),
        recipient or unnamed_parties(affected, sentence, common_nouns=True),
    )


def _sources_of_undergone(match: RuleMatch) -> list[Token]:
    """Return what follows "from" or "by" in the clause, else "of" after its object."""
    clause_objects = objects(match.clause)
    words = trigger_and_verb(match)
    heads = [*words, *clause_objects, *all_prep_objects(words, "in", "under", "on")]
    return all_prep_objects(heads, "from", "by") or all_prep_objects(clause_objects, "of")
