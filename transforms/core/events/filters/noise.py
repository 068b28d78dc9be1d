"""Is what a pattern met no event after all: an opinion, an idiom, a party that cannot do it?"""

from collections.abc import Sequence

from transforms.core.events.matching.match import RuleMatch
from transforms.core.events.parse.syntax import children, complements, prep_objects
from transforms.core.events.rules.rule_files import word_set
from transforms.records import Actor

_MODALS = word_set("will would should must may can could shall need")
_ORDER = frozenset(("MIL", "COP", "PRM"))


def is_opinion(match: RuleMatch) -> bool:
    """Tell whether "agree" only shares a view: "many agree that it is late", "she agrees with the judge"."""
    verb = match.trigger
    if verb.lemma_.lower() != "agree" or verb.pos_ != "VERB":
        return False
    told = children(verb, "ccomp")
    if told:
        return not any(
            t.lemma_.lower() in _MODALS or t.lower_ in ("'ll", "'d")
            for c in told
            for t in children(c, "aux")
        )
    bound = (
        complements(verb)
        or children(verb, "dobj")
        or prep_objects(verb, "to", "on", "upon", "in", "for")
    )
    return bool(prep_objects(verb, "with")) and not bound


def is_idiom(match: RuleMatch) -> bool:
    """Tell whether a verb has another meaning here: "pleads guilty"."""
    if match.trigger.lemma_ != "plead":
        return False
    after = match.trigger.doc[match.trigger.i + 1 : match.trigger.i + 4]
    return any(
        t.lower_ in ("guilty", "innocent", "contest") for t in (*match.trigger.children, *after)
    )


def cannot(kind: str, actor: Sequence[Actor]) -> bool:
    """Tell whether all the actors are of a sort that does no such thing: soldiers in the streets are no protest."""
    return kind == "PROTEST" and bool(actor) and all(a.sector in _ORDER for a in actor)
