"""Was harm done by nobody: by a crash, a quake, a storm?"""

from spacy.tokens import Token

from transforms.core.events.matching.match import RuleMatch
from transforms.core.events.parse.syntax import children, is_passive, subjects
from transforms.core.events.rules.rule_files import word_set

_HARM = word_set("kill injure wound hurt maim destroy damage match strike burn")
_MISHAPS = word_set(
    "crash accident earthquake quake flood flooding storm cyclone hurricane typhoon tornado landslide mudslide "
    "avalanche collision wildfire collapse derailment eruption heatwave tsunami stampede drought sinking capsizing "
    "blizzard lightning rain outbreak epidemic virus disease pandemic cholera wreck mishap disaster aftershock tremor "
    "fall pile-up"
)
_FIGURES = word_set("fall rain collapse wreck")
_BLAZES = word_set("fire blaze explosion blast")
_BY = ("in", "by", "from", "during", "after", "when", "of", "as")


def is_accident(match: RuleMatch) -> bool:
    """Tell whether a harm has a mishap for its cause and nobody who meant it."""
    verb = match.clause
    if match.rule.type != "ASSAULT" or verb.lemma_.lower() not in _HARM:
        return False
    if any(_is_mishap(t) for t in subjects(verb)):
        return True
    if not subjects(verb) and any(t.lemma_.lower() in _MISHAPS - _FIGURES for t in verb.sent):
        return True
    if not is_passive(verb) or any(not _is_mishap(t) for t in subjects(verb)):
        return False
    causes = [
        t for p in children(verb, "prep", "agent") if p.lower_ in _BY for t in children(p, "pobj")
    ]
    clauses = [
        t
        for t in children(verb, "advcl")
        if any(m.lower_ in ("when", "after", "as") for m in t.children)
    ]
    return any(_is_mishap(t) for t in causes) or any(_goes_wrong(t) for t in clauses)


def _is_mishap(noun: Token) -> bool:
    lemma = noun.lemma_.lower()
    if lemma in _BLAZES:
        meant = {t.lemma_.lower() for t in children(noun, "compound", "amod")}
        return not meant & {
            "bomb",
            "car",
            "grenade",
            "mine",
            "suicide",
            "rifle",
            "mortar",
            "enemy",
            "sniper",
            "roadside",
        } and (
            lemma == "blaze"
            or bool(meant & {"gas", "forest", "house", "factory", "accidental", "pipeline", "mine"})
        )
    return lemma in _MISHAPS or any(
        t.lemma_.lower() in _MISHAPS for t in children(noun, "compound")
    )


def _goes_wrong(verb: Token) -> bool:
    return verb.lemma_ in (
        "crash",
        "collide",
        "collapse",
        "capsize",
        "overturn",
        "derail",
        "sink",
        "explode",
        "fall",
    )
