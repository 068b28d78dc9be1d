"""Recognise matches that are not events: opinions, idioms, impossible actors."""

from collections.abc import Sequence

from transforms.core.events.matching.match import RuleMatch
from transforms.core.events.parse.syntax import children, complements, prep_objects
from transforms.core.events.parse.words import all_children, has_form
from transforms.core.events.rules.rule_files import word_set
from transforms.records import Actor

_MODALS = word_set("will would should must may can could shall need")
_MODAL_FORMS = frozenset(("'ll", "'d"))
_FORCES = frozenset(("MIL", "COP", "PRM"))
_PLEAS = frozenset(("guilty", "innocent", "contest"))

_PLEA_REACH = 3
"""Words after "plead" searched for the plea: "pleaded simply not guilty" needs three."""


def is_opinion(match: RuleMatch) -> bool:
    """Return whether "agree" expresses a view, not an agreement: "many agree that it is late"."""
    verb = match.trigger
    if verb.lemma_.lower() != "agree" or verb.pos_ != "VERB":
        return False
    views = children(verb, "ccomp")
    if views:
        helpers = all_children(views, "aux")
        is_pledge = any(t.lemma_.lower() in _MODALS or t.lower_ in _MODAL_FORMS for t in helpers)
        return not is_pledge
    is_about_terms = (
        complements(verb)
        or children(verb, "dobj")
        or prep_objects(verb, "to", "on", "upon", "in", "for")
    )
    return bool(prep_objects(verb, "with")) and not is_about_terms


def is_idiom(match: RuleMatch) -> bool:
    """Return whether a verb has another meaning here: "pleads guilty"."""
    verb = match.trigger
    if verb.lemma_ != "plead":
        return False
    following = verb.doc[verb.i + 1 : verb.i + 1 + _PLEA_REACH]
    return has_form((*verb.children, *following), _PLEAS)


def is_impossible(event_type: str, actor: Sequence[Actor]) -> bool:
    """Return whether no actor can do this: soldiers in the streets are not a protest."""
    return event_type == "PROTEST" and bool(actor) and all(a.sector in _FORCES for a in actor)
