"""Classify a promise, refusal or threat as the speech act that it is, as PLOVER does.

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
"""Heads above a clause searched for its announcement: "announced a plan to withdraw" needs two."""
# Further up, the announcement is of something else. On 1,955 coded mentions no reach from 1 up
# changed a type, so the limit only keeps long sentences out.


@dataclass(frozen=True, slots=True)
class Classification:
    """Type, mode and modality of an event."""

    type: str
    mode: str | None
    modality: str


def classify(
    match: RuleMatch, modality: str, source: Speaker | None, actor: Sequence[Actor]
) -> Classification:
    """Return the type, mode and modality of an event that a source states of the actors.

    The actors' own promise is AGREE, their own threat THREATEN, their own refusal REJECT: these
    acts happened when they were spoken, so they are actual.
    """
    speech_act = _speech_act(match, modality, source, actor)
    if speech_act is not None:
        return Classification(speech_act, None, "actual")
    if _is_humanitarian(match):
        return Classification("AID", None, modality)
    return Classification(match.rule.type, match.rule.mode, modality)


def _speech_act(
    match: RuleMatch, modality: str, source: Speaker | None, actor: Sequence[Actor]
) -> str | None:
    """Return the type of the speech act; None if an event is only expected or did not happen."""
    is_own = _speaks_of_itself(source, actor)
    # What the article states in its own voice counts as announced by the actors.
    may_commit = is_own or source is None
    if modality == "negated":
        return "REJECT" if may_commit and _is_refusal(match) else None
    if modality != "future":
        return None
    if may_commit and _is_ultimatum(match):
        return "THREATEN"
    return _promise(match, may_commit=may_commit) or _own_threat(match, is_own=is_own)


def _is_refusal(match: RuleMatch) -> bool:
    return _promised_type(match) in _REFUSABLE and _has_will(match)


def _is_ultimatum(match: RuleMatch) -> bool:
    """Return whether a condition averts the act: "will leave the pact unless talks resume"."""
    return _has_will(match) and _has_unless(match)


def _promise(match: RuleMatch, *, may_commit: bool) -> str | None:
    promised = _promised_type(match)
    # Talks need both sides, so whoever announces them reports an agreement.
    if promised == "CONSULT":
        return "AGREE"
    if not may_commit:
        return None
    if promised in _PROMISED_AS_AGREE:
        return "AGREE"
    if promised in _PROMISED_AS_CONCEDE:
        return "CONCEDE" if _is_announced(match) else "AGREE"
    return None


def _own_threat(match: RuleMatch, *, is_own: bool) -> str | None:
    is_threat = _promised_type(match) in _THREATENED and _has_will(match)
    return "THREATEN" if is_own and is_threat else None


def _promised_type(match: RuleMatch) -> str:
    return "AID" if _is_humanitarian(match) else match.rule.type


def _is_humanitarian(match: RuleMatch) -> bool:
    """Return whether troops are sent to help: peacekeepers, relief."""
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
    """Return whether the source is one of the actors, or speaks for its country."""
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
    """Return whether an official of no known country may speak for a government or a country."""
    if source.sector != "GOV" or source.country is not None:
        return False
    return actor.sector == "GOV" or (bool(actor.country) and actor.sector is None)


def _is_named_in(source: Speaker, actor: Actor) -> bool:
    text = actor.text.lower()
    return text in _PRONOUNS or text.removeprefix("the ") in source.name.lower()
