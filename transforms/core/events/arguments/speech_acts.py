"""What does the ontology call a thing that is promised, refused or threatened, not done?"""

from collections.abc import Sequence
from dataclasses import dataclass

from transforms.core.events.matching.match import RuleMatch
from transforms.core.events.parse.sentence_context import Speaker
from transforms.core.events.parse.syntax import ancestors, children
from transforms.records import Actor

_TO_AGREE = frozenset(("CONSULT", "SUPPORT", "COOPERATE", "AID"))
_YIELDING = frozenset(("RETREAT", "CONCEDE"))
_TO_THREATEN = frozenset(("SANCTION", "COERCE", "ASSAULT", "PROTEST"))
_HELPING = frozenset(("peacekeeping", "peacekeeper", "relief"))
_SELF = frozenset(("he", "she", "it", "they", "we", "i"))
_WILL = frozenset(("will", "would", "wo", "shall", "'ll", "’ll"))


@dataclass(frozen=True, slots=True)
class Reading:
    """Type, mode and modality of an event as PLOVER reads the sentence."""

    type: str
    mode: str | None
    modality: str


def read(
    match: RuleMatch, modality: str, speaker: Speaker | None, actor: Sequence[Actor]
) -> Reading:
    """Turn one's own promise into AGREE, one's own threat into THREATEN, one's own refusal into REJECT."""
    kind, mode = match.rule.type, match.rule.mode
    if kind == "MOBILIZE" and any(t.lemma_.lower() in _HELPING for t in match.clause.subtree):
        kind, mode = "AID", None
    own = _own(speaker, actor)
    will = any(t.lower_ in _WILL for t in children(match.clause, "aux"))
    unless = any(
        t.lower_ == "unless" for c in children(match.clause, "advcl") for t in children(c, "mark")
    )
    if modality == "future" and unless and will and (own or speaker is None):
        return Reading("THREATEN", None, "actual")
    if modality == "future" and kind in _TO_AGREE and (own or speaker is None or kind == "CONSULT"):
        return Reading("AGREE", None, "actual")
    if modality == "future" and kind in _YIELDING and (own or speaker is None):
        announced = any(
            t.lemma_ in ("announce", "declare", "order") for t in list(ancestors(match.clause))[:2]
        )
        return Reading("CONCEDE" if announced else "AGREE", None, "actual")
    if modality == "future" and kind in _TO_THREATEN and own and will:
        return Reading("THREATEN", None, "actual")
    if (
        modality == "negated"
        and kind in _TO_AGREE | _YIELDING | {"AGREE"}
        and will
        and (own or speaker is None)
    ):
        return Reading("REJECT", None, "actual")
    return Reading(kind, mode, modality)


def _own(speaker: Speaker | None, actor: Sequence[Actor]) -> bool:
    if speaker is None or not actor:
        return False
    office = speaker.sector == "GOV" and speaker.country is None
    same = any(office and (a.sector == "GOV" or (a.country and a.sector is None)) for a in actor)
    same = same or any(
        (a.country and a.country == speaker.country) or (a.name and a.name == speaker.name)
        for a in actor
    )
    said = speaker.name.lower()
    return same or any(
        a.text.lower() in _SELF or a.text.lower().removeprefix("the ") in said for a in actor
    )
