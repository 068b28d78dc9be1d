"""Read the modality of an event: actual, future, hypothetical or negated.

The words nearest to the trigger are read first, since they qualify it most directly: negations,
modifiers and auxiliaries of its clause, then the verbs and nouns above it. Whether an actual event
is history is decided by its date (`event_arguments`).
"""

import re
from collections.abc import Sequence
from itertools import islice

from spacy.tokens import Token

from transforms.core.events.matching.match import RuleMatch
from transforms.core.events.parse.syntax import ancestors, children, is_to_infinitive
from transforms.core.events.parse.words import all_children, has_form, has_lemma, is_verbal
from transforms.core.events.rules.rule_files import word_set

_FUTURE_VERBS = word_set(
    "plan expect intend prepare schedule set due aim want hope consider plot mull "
    "propose await anticipate discuss seek forecast predict envisage vow"
)
_NEGATING_VERBS = word_set(
    "deny refute fail avoid prevent avert stop rule refuse dispute reject decline"
)
_HYPOTHETICAL_VERBS = word_set(
    "suspect allege fear imagine suppose wish doubt suggest speculate debate urge "
    "contemplate risk need threaten"
)
_HYPOTHETICAL_NOUNS = word_set(
    "request demand call appeal attempt effort bid order authority power right pressure "
    "ability chance willingness suspicion charge allegation accusation claim rumour rumor "
    "mission operation campaign strategy struggle fight risk possibility danger option prospect "
    "fear idea threat talk likelihood potential"
)
_FUTURE_NOUNS = word_set(
    "decision pledge promise vow deadline date plan preparation intention desire proposal"
)
_NEGATING_NOUNS = word_set("reluctance unwillingness refusal failure inability")
_HYPOTHETICAL_MODIFIERS = word_set(
    "possible potential hypothetical likely perhaps maybe possibly theoretical eventual"
)
_FUTURE_MODIFIERS = word_set(
    "upcoming planned imminent forthcoming impending looming scheduled future"
)
_CLAIM_NOUNS = word_set("claim allegation report accusation suggestion rumour rumor assertion")
_DENIED = re.compile(
    r"\b(?:(?:is|was|are|were) (?:simply |just )?(?:not|n[o’']t) (?:the case|true|so)"
    r"|(?:is|was|are|were) (?:false|untrue|baseless|lies))\b"
)
_BARRING = word_set(
    "prevent stop bar ban keep block prohibit discourage dissuade deter refrain abstain"
)
_COERCING = word_set("pressure press coerce talk push bully goad scare")
_ADJECTIVES = {
    "due": "future",
    "set": "future",
    "likely": "future",
    "unlikely": "negated",
    "able": "hypothetical",
    "unable": "negated",
    "ready": "future",
}
_NOBODY = frozenset(("no", "not", "neither", "nobody", "none", "nor"))
_NEVER = frozenset(("never", "neither", "nor", "hardly", "barely"))
_IF = frozenset(("if", "unless", "whether", "lest"))
_PAST_SPEECH_VERBS = frozenset(("say", "announce", "tell", "declare", "add", "report", "confirm"))
_SCHEDULING_VERBS = frozenset(("plan", "schedule", "prepare", "expect", "plot"))
_WILL = frozenset(("will", "shall", "'ll", "’ll", "wo"))
_WOULD = frozenset(("would", "'d", "’d"))
_MAY = frozenset(("could", "may", "might", "can", "should", "must", "ought"))
_ONLY = frozenset(("just", "only", "merely", "simply"))

_QUALIFYING_RELATIONS = frozenset(
    ("xcomp", "ccomp", "dobj", "pcomp", "acl", "pobj", "prep", "nsubjpass", "advcl", "oprd", "conj")
)
"""Relations by which a word is part of what its head states, and not a remark on it."""

_VERB_RELATIONS = frozenset(("xcomp", "ccomp", "dobj", "nsubjpass"))

_MAX_HEADS = 6
"""Heads read above a word: verbs and nouns further up no longer qualify it."""
# Of 1,955 coded mentions 5 changes one, 4 changes four, and no limit at all changes none.

_SPEECH_REACH = 3
"""Heads above "would" in which a past verb of saying makes it reported future."""


def read_modality(match: RuleMatch) -> str:
    """Return the modality of an event: actual, future, hypothetical or negated."""
    if not match.rule.negated and _is_negated_match(match):
        return "negated"
    if _is_carried_by_future_verb(match):
        return "future"
    if _is_claim_denied(match.clause):
        return "negated"
    qualified = (
        _by_modifiers(match.trigger)
        or _by_conjunction_or_auxiliaries(match.clause)
        or _by_words_above(match)
    )
    return qualified or "actual"


def _is_negated_match(match: RuleMatch) -> bool:
    """Return whether the clause is negated, or the trigger inside it: "took no part in talks"."""
    if _is_negated(match.clause):
        return True
    if match.clause == match.trigger:
        return False
    return _has_negative_determiner(match.trigger) or _is_negated(match.trigger)


def _is_carried_by_future_verb(match: RuleMatch) -> bool:
    """Return whether a verb such as "plan" carries the trigger: "planned a protest"."""
    if match.verb is None or match.verb == match.trigger:
        return False
    return match.verb.lemma_ in _FUTURE_VERBS


def _has_negative_determiner(noun: Token) -> bool:
    return has_form(children(noun, "det", "neg"), ("no", "neither", "without"))


def _is_negated(word: Token) -> bool:
    if _has_negation(word) or _has_negative_determiner(word) or _has_nobody_as_subject(word):
        return not _is_not_only(word)
    first_modifier = children(word, "advmod", "preconj", "cc")[:1]
    if has_form(first_modifier, _NEVER):
        return True
    return word.dep_ == "pcomp" and word.head.lower_ == "without"


def _has_negation(word: Token) -> bool:
    # spaCy also labels the "only" of "not only" as a negation.
    return any(t.lower_ not in ("only", "just") for t in children(word, "neg"))


def _has_nobody_as_subject(word: Token) -> bool:
    for subject in children(word, "nsubj", "nsubjpass"):
        if subject.lower_ in _NOBODY or has_form(subject.children, _NOBODY):
            return True
    return False


def _is_claim_denied(clause: Token) -> bool:
    """Return whether the clause is a claim that the rest of the sentence denies.

    An example is "as for claims that it attacked, this is not the case".
    """
    for head in ancestors(clause):
        if head.pos_ == "NOUN" and head.lemma_ in _CLAIM_NOUNS:
            return _DENIED.search(head.doc[head.i :].text) is not None
    return False


def _is_not_only(word: Token) -> bool:
    """Return whether the negation is that of "not only" or "not just", which affirms."""
    for negation in children(word, "neg")[:1]:
        is_last = negation.i + 1 == len(word.doc)
        following = negation if is_last else negation.nbor()
        return following.lower_ in _ONLY
    return False


def _by_modifiers(word: Token) -> str | None:
    """Read the adjectives and adverbs of a word: "a possible attack", "upcoming talks"."""
    modifiers = children(word, "amod", "advmod", "compound")
    if has_form(modifiers, _HYPOTHETICAL_MODIFIERS):
        return "hypothetical"
    return "future" if has_form(modifiers, _FUTURE_MODIFIERS) else None


def _by_conjunction_or_auxiliaries(verb: Token) -> str | None:
    """Read the "if" that introduces a verb's clause, else its auxiliaries: "will", "may"."""
    if not is_verbal(verb):
        return None
    if _has_if(verb):
        return "hypothetical"
    auxiliaries = children(verb, "aux")
    if has_form(auxiliaries, _WILL):
        return "future"
    if has_form(auxiliaries, _WOULD):
        return "future" if _is_reported_future(verb) else "hypothetical"
    return "hypothetical" if has_form(auxiliaries, _MAY) else None


def _is_reported_future(verb: Token) -> bool:
    """Return whether "would" is the "will" of reported speech: "said it would attack"."""
    is_reported = any(_is_past_speech(head) for head in islice(ancestors(verb), _SPEECH_REACH))
    has_condition = has_form(all_children(children(verb, "advcl"), "mark"), _IF)
    return is_reported and not has_condition


def _is_past_speech(verb: Token) -> bool:
    return verb.tag_ in ("VBD", "VBN") and verb.lemma_ in _PAST_SPEECH_VERBS


def _has_if(verb: Token) -> bool:
    return has_form(children(verb, "mark"), _IF)


def _by_words_above(match: RuleMatch) -> str | None:
    """Read the verbs and nouns above: "plans to", "denied having", "the risk of"."""
    word = match.clause
    heads = list(islice(ancestors(word), _MAX_HEADS))
    if match.is_bare_noun and heads:
        if word.dep_ in ("nsubj", "nsubjpass"):
            return _by_verb_of_subject(heads[0])
        if word.dep_ == "attr":
            return _by_conjunction_or_auxiliaries(heads[0])
    return _by_heads(word, heads)


def _by_heads(word: Token, heads: Sequence[Token]) -> str | None:
    """Read the heads above a word, the nearest first, up to the end of its clause."""
    below = word
    for head in heads:
        if below.dep_ == "csubj":
            return "hypothetical"
        found = _by_head(head, below)
        if found:
            return found
        if _ends_clause(below):
            return "hypothetical" if _has_if(below) else None
        below = head
    return "hypothetical" if _is_question(below) else None


def _ends_clause(verb: Token) -> bool:
    """Return whether a verb heads a clause of its own; "to do" and "doing" continue that above."""
    is_clause = verb.dep_ in ("advcl", "relcl", "acl")
    return is_clause and not is_to_infinitive(verb) and verb.tag_ != "VBG"


def _is_question(root: Token) -> bool:
    return has_form(children(root, "punct"), ("?",))


def _by_verb_of_subject(verb: Token) -> str | None:
    """Read the verb whose subject is an event noun: "talks are planned", "no strike followed"."""
    if children(verb, "neg") and not _is_not_only(verb):
        return "negated"
    if has_lemma((verb, *verb.conjuncts), _SCHEDULING_VERBS):
        return "future"
    return _by_conjunction_or_auxiliaries(verb)


def _by_head(head: Token, below: Token) -> str | None:
    """Return the modality that a head gives to the clause, noun or infinitive below it."""
    if below.dep_ not in _QUALIFYING_RELATIONS:
        return None
    if _is_purpose_of_qualified_verb(head, below):
        return _by_conjunction_or_auxiliaries(head) or _by_relation(head, below)
    return _by_relation(head, below)


def _is_purpose_of_qualified_verb(head: Token, below: Token) -> bool:
    """Return whether a verb with an auxiliary has this infinitive: "would travel to sign"."""
    if head.pos_ != "VERB" or not children(head, "aux"):
        return False
    is_infinitive = below.pos_ == "VERB" and is_to_infinitive(below)
    return is_infinitive and below.dep_ in ("xcomp", "acl", "advcl")


def _by_relation(head: Token, below: Token) -> str | None:
    relation = below.dep_
    if relation == "pcomp":
        return _by_preposition_of_gerund(head)
    if relation == "prep" and head.lemma_ == "threaten":
        return "hypothetical"
    if head.pos_ == "NOUN":
        return _by_noun(head) if relation in ("acl", "prep") else None
    if head.pos_ == "ADJ":
        return _ADJECTIVES.get(head.lower_) if relation == "xcomp" else None
    if is_verbal(head) and relation in _VERB_RELATIONS:
        return _by_verb(head, below)
    return None


def _by_preposition_of_gerund(preposition: Token) -> str | None:
    """Read "stopped them from leaving", "pressed it into selling"."""
    verb = preposition.head
    if preposition.lower_ == "from":
        return "negated" if verb.lemma_ in _BARRING else None
    if preposition.lower_ == "into":
        return "hypothetical" if verb.lemma_ in _COERCING else None
    return None


def _by_noun(noun: Token) -> str | None:
    """Read a noun above a clause: "the risk of", "a decision to", "its refusal to"."""
    if noun.lemma_ in _HYPOTHETICAL_NOUNS:
        return "hypothetical"
    if noun.lemma_ in _FUTURE_NOUNS:
        return "future"
    is_negating = _has_negative_determiner(noun) or noun.lemma_ in _NEGATING_NOUNS
    return "negated" if is_negating else None


def _by_verb(verb: Token, below: Token) -> str | None:
    """Read a verb above a clause or noun: "denied", "plans to", "fears that"."""
    lemma = verb.lemma_.lower()
    if lemma in _NEGATING_VERBS:
        return "negated"
    if lemma in _FUTURE_VERBS:
        return _future_unless_negated(verb)
    if lemma in _HYPOTHETICAL_VERBS:
        return "hypothetical"
    return _by_verb_of_infinitive(verb, below) if below.dep_ == "xcomp" else None


def _by_verb_of_infinitive(verb: Token, infinitive: Token) -> str | None:
    lemma = verb.lemma_.lower()
    if lemma == "go" and verb.tag_ == "VBG":
        return _future_unless_negated(verb)  # "is going to"
    if lemma in ("be", "have"):
        return _by_be_or_have(verb, infinitive)
    if children(verb, "neg"):
        return "negated"
    return _by_conjunction_or_auxiliaries(verb)


def _future_unless_negated(verb: Token) -> str:
    return "negated" if children(verb, "neg") else "future"


def _by_be_or_have(verb: Token, infinitive: Token) -> str | None:
    """Read "is yet to", "has yet to" and "is to"; "has to" leaves open whether it happens."""
    if has_form((*verb.children, *infinitive.children), ("yet",)):
        return "negated"
    return "future" if verb.lemma_ == "be" else "hypothetical"
