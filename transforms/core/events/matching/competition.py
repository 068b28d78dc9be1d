"""Choose among the rules that match a sentence, so that one event is reported once.

Of several rules at one trigger the most specific is kept. A match is dropped if it is only the
content of another ("promised to attack"), or another wording of the same act.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from spacy.tokens import Token

from transforms.core.events.matching.match import RuleMatch, match_rules
from transforms.core.events.parse.sentence_context import SentenceContext
from transforms.core.events.parse.syntax import (
    ancestors,
    children,
    complements,
    is_passive,
    is_to_infinitive,
    objects,
)
from transforms.core.events.parse.words import (
    all_children,
    has_form,
    has_subject,
    is_verbal,
)
from transforms.core.events.rules.event_rules import Rules

_SPEECH_ACTS = frozenset(("AGREE", "REQUEST", "ACCUSE", "REJECT", "THREATEN", "CONCEDE", "SUPPORT"))
"""Types performed by speaking: their complements are spoken of, not done."""

_PROTEST_AIMS = frozenset(("REQUEST", "PROTEST", "ACCUSE"))
_CASUALTY_VERBS = frozenset(("kill", "wound", "injure"))
_SEPARATE_CLAUSES = frozenset(("relcl", "advcl", "parataxis"))

_PROTEST_REACH = 4
"""Heads above a demand searched for its protest: "marched through Lima to demand"."""
# Of 1,955 coded mentions, 3 reports one such demand as an event of its own; no limit changes none.

_TREE_DEPTH = 40
"""Levels of a clause that are read: a bound on recursion, far above the trees of real sentences."""


def find_matches(sentence: SentenceContext, rules: Rules) -> tuple[RuleMatch, ...]:
    """Return the matches to keep in a sentence, at most one a trigger, in reading order."""
    matches = []
    for token in sentence.doc:
        match = _most_specific(token, sentence, rules)
        if match is not None:
            matches.append(match)
    subsumed = _subsumed_triggers(matches)
    kept = [m for m in matches if m.trigger.i not in subsumed]
    return tuple(m for m in kept if not _is_superseded_by_any(m, kept))


def _most_specific(token: Token, sentence: SentenceContext, rules: Rules) -> RuleMatch | None:
    """Return the match with the most conditions; a verb that carries a noun counts as one."""
    found = match_rules(token, sentence, rules)
    return max(found, key=lambda m: m.rule.specificity + m.is_carried, default=None)


def _subsumed_triggers(matches: Sequence[RuleMatch]) -> set[int]:
    """Return the triggers that are part of the complement of another match."""
    subsumed: set[int] = set()
    for match in matches:
        subsumed.update(_complement_tokens(match))
    # "held talks": the complement of "held" is its own noun; `_is_superseded` chooses between them.
    triggers = {match.trigger for match in matches}
    subsumed -= {m.trigger.i for m in matches if m.is_carried and m.verb in triggers}
    for match in matches:
        if match.rule.type == "PROTEST":
            subsumed.update(_aims_of_protest(match, matches))
    return subsumed


def _complement_tokens(match: RuleMatch) -> Iterator[int]:
    """Yield the tokens of a match's content: what is promised, demanded or condemned."""
    speaks = match.rule.type in _SPEECH_ACTS or match.rule.type == "PROTEST"
    for head in _complement_heads(match, speaks=speaks):
        if match.trigger in head.subtree:
            continue
        if speaks:
            yield from _clause_tokens(head)
        else:
            yield head.i
            yield from (t.i for t in head.conjuncts)


def _complement_heads(match: RuleMatch, *, speaks: bool) -> list[Token]:
    heads: list[Token] = []
    if speaks or match.rule.complement:
        heads = complements(match.trigger)
        if match.is_carried:
            heads += complements(match.clause)
        if match.rule.objects or match.rule.type in _SPEECH_ACTS:
            heads += _active_objects(match.clause) + all_children(
                children(match.trigger, "prep"), "pobj"
            )
    elif match.is_own_verb and match.rule.objects:
        heads = objects(match.trigger)
    if match.rule.mode in ("convict", "arrest"):
        # The crime: "convicted of killing two men" is not another killing.
        heads = heads + all_children(children(match.trigger, "prep"), "pcomp", "pobj")
    return heads


def _active_objects(clause: Token) -> list[Token]:
    return objects(clause) if is_verbal(clause) and not is_passive(clause) else []


def _clause_tokens(head: Token, depth: int = 0) -> Iterator[int]:
    """Yield the tokens of a clause, without subordinate clauses that may report other events."""
    yield head.i
    if depth == _TREE_DEPTH:
        return
    for child in head.children:
        if child.dep_ not in _SEPARATE_CLAUSES or _is_purpose(child):
            yield from _clause_tokens(child, depth + 1)


def _is_purpose(verb: Token) -> bool:
    """Return whether a clause is an infinitive of purpose: "offered troops to help the army"."""
    return verb.dep_ == "advcl" and verb.tag_ == "VB" and is_to_infinitive(verb)


def _aims_of_protest(protest: RuleMatch, matches: Sequence[RuleMatch]) -> Iterator[int]:
    """Yield the triggers of a protest's demands and accusations: "marched to demand"."""
    for other in matches:
        if other.trigger == protest.trigger or other.rule.type not in _PROTEST_AIMS:
            continue
        above = islice(ancestors(other.trigger), _PROTEST_REACH)
        if protest.clause in above and not has_subject(other.clause):
            yield other.trigger.i


def _is_superseded_by_any(match: RuleMatch, others: Sequence[RuleMatch]) -> bool:
    return any(_is_superseded(match, other) for other in others)


def _is_superseded(match: RuleMatch, other: RuleMatch) -> bool:
    """Return whether a match is another wording of the act that `other` reports."""
    if _is_means_of(match, other):
        return True
    if match.trigger == other.trigger or match.verb is None or other.verb is None:
        return False
    if match.verb != other.verb:
        return _counts_same_casualties(match, other)
    if match.is_own_verb and other.is_carried:
        return not _is_more_specific(match, other)
    return match.is_carried and other.is_own_verb and _is_more_specific(other, match)


def _is_more_specific(verb_match: RuleMatch, noun_match: RuleMatch) -> bool:
    """Return whether a verb's rule wins over that of the noun it carries.

    The noun is more informative than a light verb, so the verb's rule needs two conditions more.
    """
    return verb_match.rule.specificity > noun_match.rule.specificity + 1


def _is_means_of(match: RuleMatch, other: RuleMatch) -> bool:
    """Return whether an assault's noun is only the means of another: "killed two in a raid"."""
    both_assaults = match.rule.type == other.rule.type == "ASSAULT"
    if not both_assaults or not match.is_bare_noun or not other.is_own_verb:
        return False
    noun = match.trigger
    has_parties = has_form(children(noun, "prep"), ("with", "between"))
    return not has_parties and noun.dep_ == "pobj" and noun.head.head == other.trigger


def _counts_same_casualties(match: RuleMatch, other: RuleMatch) -> bool:
    """Return whether a verb only counts another's victims: "killed two and wounded 30"."""
    both_assaults = match.rule.type == other.rule.type == "ASSAULT"
    verb = match.trigger
    if not both_assaults or verb.head != other.trigger or has_subject(verb):
        return False
    if verb.dep_ == "conj":
        return verb.lemma_ in ("wound", "injure")
    # "shelled the town, killing 12"
    return verb.dep_ == "advcl" and verb.tag_ == "VBG" and verb.lemma_ in _CASUALTY_VERBS
