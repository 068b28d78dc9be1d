"""Classify what is promised, refused or threatened by the act of saying so, as PLOVER does.

"We will sign the treaty" is an agreement made today, not a signature in the future.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from transforms.core.events.matching.match import RuleMatch
from transforms.core.events.parse.sentence_context import Speaker
from transforms.core.events.parse.syntax import ancestors, children
from transforms.core.events.parse.words import (
    all_children,
    has_folded_lemma,
    has_form,
    has_lemma,
)
from transforms.records import Actor

_PROMISED_AS_AGREE = frozenset(("CONSULT", "SUPPORT", "COOPERATE", "AID"))
_PROMISED_AS_CONCEDE = frozenset(("RETREAT", "CONCEDE"))
_REFUSABLE = _PROMISED_AS_AGREE | _PROMISED_AS_CONCEDE | {"AGREE"}
_THREATENED = frozenset(("SANCTION", "COERCE", "ASSAULT", "PROTEST"))
_HUMANITARIAN = frozenset(("peacekeeping", "peacekeeper", "relief"))
_ANNOUNCING_VERBS = frozenset(("announce", "declare", "order"))
_PRONOUNS = frozenset(("he", "she", "it", "they", "we", "i"))
_WILL = frozenset(("will", "would", "wo", "shall", "'ll", "’ll"))

_ANNOUNCEMENT_REACH = 2
"""How many words above its clause an announcement may stand: "announced a plan to withdraw"."""


@dataclass(frozen=True, slots=True)
class Classification:
    """Type, mode and modality of an event."""

    type: str
    mode: str | None
    modality: str


def classify(
    match: RuleMatch, modality: str, source: Speaker | None, actor: Sequence[Actor]
) -> Classification:
    """Return the class of an event, told with a modality by a source.

    One's own promise is AGREE, one's own threat THREATEN, one's own refusal REJECT.
    """
    is_own = _speaks_of_itself(source, actor)
    speech_act = None
    if modality == "future":
        speech_act = _promise_or_threat(match, source, is_own=is_own)
    elif modality == "negated" and _is_refusal(match, source, is_own=is_own):
        speech_act = "REJECT"
    if speech_act is not None:
        return Classification(speech_act, None, "actual")
    if _is_humanitarian(match):
        return Classification("AID", None, modality)
    return Classification(match.rule.type, match.rule.mode, modality)


def _promise_or_threat(match: RuleMatch, source: Speaker | None, *, is_own: bool) -> str | None:
    """Return the type of an act that is announced for the future.

    None where it is only expected.
    """
    kind = _type_of(match)
    may_promise = is_own or source is None
    will = _has_will(match)
    if may_promise and will and _has_unless(match):
        return "THREATEN"
    if kind in _PROMISED_AS_AGREE and (may_promise or kind == "CONSULT"):
        return "AGREE"
    if kind in _PROMISED_AS_CONCEDE and may_promise:
        return "CONCEDE" if _is_announced(match) else "AGREE"
    if kind in _THREATENED and is_own and will:
        return "THREATEN"
    return None


def _is_refusal(match: RuleMatch, source: Speaker | None, *, is_own: bool) -> bool:
    may_refuse = is_own or source is None
    return may_refuse and _type_of(match) in _REFUSABLE and _has_will(match)


def _type_of(match: RuleMatch) -> str:
    return "AID" if _is_humanitarian(match) else match.rule.type


def _is_humanitarian(match: RuleMatch) -> bool:
    """Tell whether troops are sent to help: peacekeepers, relief."""
    is_mobilised = match.rule.type == "MOBILIZE"
    return is_mobilised and has_folded_lemma(match.clause.subtree, _HUMANITARIAN)


def _has_will(match: RuleMatch) -> bool:
    return has_form(children(match.clause, "aux"), _WILL)


def _has_unless(match: RuleMatch) -> bool:
    return has_form(all_children(children(match.clause, "advcl"), "mark"), ("unless",))


def _is_announced(match: RuleMatch) -> bool:
    above = list(ancestors(match.clause))[:_ANNOUNCEMENT_REACH]
    return has_lemma(above, _ANNOUNCING_VERBS)


def _speaks_of_itself(source: Speaker | None, actor: Sequence[Actor]) -> bool:
    """Tell whether the source is one of the actors, or speaks for its country."""
    if source is None:
        return False
    return any(_is_same_party(source, a) or _is_named_in(source, a) for a in actor)


def _is_same_party(source: Speaker, actor: Actor) -> bool:
    if actor.country and actor.country == source.country:
        return True
    if actor.name and actor.name == source.name:
        return True
    return _may_govern(source, actor)


def _may_govern(source: Speaker, actor: Actor) -> bool:
    """Tell whether an official of no known country may speak for a government or a country."""
    if source.sector != "GOV" or source.country is not None:
        return False
    return actor.sector == "GOV" or (bool(actor.country) and actor.sector is None)


def _is_named_in(source: Speaker, actor: Actor) -> bool:
    text = actor.text.lower()
    return text in _PRONOUNS or text.removeprefix("the ") in source.name.lower()
