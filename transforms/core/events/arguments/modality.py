"""Did it happen, will it, might it, did it not, or is it history?"""

import re
from collections.abc import Sequence

from spacy.tokens import Token

from transforms.core.events.matching.match import RuleMatch
from transforms.core.events.parse.syntax import ancestors, children
from transforms.core.events.rules.rule_files import word_set

_FUTURE_VERBS = word_set(
    "plan expect intend prepare schedule set due aim want hope consider plot mull "
    "propose await anticipate "
    "discuss seek  forecast predict envisage vow"
)
_DENIAL = word_set("deny refute fail avoid prevent avert stop rule refuse dispute reject decline")
_DOUBT = word_set(
    "suspect allege fear imagine suppose wish doubt suggest speculate debate urge "
    "contemplate risk need threaten"
)
_MAYBE_NOUNS = word_set(
    "request demand call appeal attempt effort bid order authority power right pressure "
    "ability chance willingness "
    "suspicion charge allegation accusation claim rumour rumor mission operation "
    "campaign strategy struggle fight "
    "risk possibility danger option prospect fear idea threat talk likelihood potential"
)
_PLAN_NOUNS = word_set(
    "decision pledge promise vow deadline date plan preparation intention desire proposal"
)
_UNWILLING = word_set("reluctance unwillingness refusal failure inability")
_MAYBE_WORDS = word_set(
    "possible potential hypothetical likely perhaps maybe possibly theoretical eventual"
)
_SOON_WORDS = word_set("upcoming planned imminent forthcoming impending looming scheduled future")
_CLAIMS = word_set("claim allegation report accusation suggestion rumour rumor assertion")
_DENIED = re.compile(
    r"\b(?:(?:is|was|are|were) (?:simply |just )?(?:not|n[o’']t) (?:the case|true|so)"
    r"|(?:is|was|are|were) (?:false|untrue|baseless|lies))\b"
)
_BARRING = word_set(
    "prevent stop bar ban keep block prohibit discourage dissuade deter refrain abstain"
)
_PRESSING = word_set("pressure press coerce talk push bully goad scare")
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


# Relations by which a word is part of what its head says, and not a remark on it.
_INSIDE = frozenset(
    ("xcomp", "ccomp", "dobj", "pcomp", "acl", "pobj", "prep", "nsubjpass", "advcl", "oprd", "conj")
)
# Heads that are read above a word: verbs and nouns further up say nothing of it any more.
_MAX_HEADS = 6


def read_modality(match: RuleMatch) -> str:
    """Return the reading of the event itself: actual, future, hypothetical or negated."""
    clause = match.clause
    if not match.rule.negated and _is_negated_match(match):
        return "negated"
    if _is_under_future_verb(match):
        return "future"
    if _belied(clause):
        return "negated"
    found = _by_modifiers(match.trigger) or _by_auxiliaries(clause) or _by_context(match)
    return found or "actual"


def _is_negated_match(match: RuleMatch) -> bool:
    """Tell whether the clause is negated, or the trigger inside it: "took no part in talks"."""
    if _negated(match.clause):
        return True
    if match.clause == match.trigger:
        return False
    return _no(match.trigger) or _negated(match.trigger)


def _is_under_future_verb(match: RuleMatch) -> bool:
    if match.verb is None or match.verb == match.trigger:
        return False
    return match.verb.lemma_ in _FUTURE_VERBS


def _no(noun: Token) -> bool:
    return any(t.lower_ in ("no", "neither", "without") for t in children(noun, "det", "neg"))


def _negated(word: Token) -> bool:
    if _has_negation(word) or _no(word) or _has_nobody_as_subject(word):
        return not _not_only(word)
    first = children(word, "advmod", "preconj", "cc")[:1]
    if any(t.lower_ in _NEVER for t in first):
        return True
    return word.dep_ == "pcomp" and word.head.lower_ == "without"


def _has_negation(word: Token) -> bool:
    # spaCy calls the "only" of "not only" a negation too.
    return any(t.lower_ not in ("only", "just") for t in children(word, "neg"))


def _has_nobody_as_subject(word: Token) -> bool:
    for subject in children(word, "nsubj", "nsubjpass"):
        if subject.lower_ in _NOBODY or any(t.lower_ in _NOBODY for t in subject.children):
            return True
    return False


def _belied(word: Token) -> bool:
    """Tell whether the sentence denies the claim it tells: "as for claims that it did, this is not
    the case".
    """
    claim = next((t for t in ancestors(word) if t.pos_ == "NOUN" and t.lemma_ in _CLAIMS), None)
    return claim is not None and _DENIED.search(word.doc[claim.i :].text) is not None


def _not_only(word: Token) -> bool:
    """Not "not just", "not only"."""
    for neg in children(word, "neg"):
        after = word.doc[neg.i + 1] if neg.i + 1 < len(word.doc) else neg
        return after.lower_ in ("just", "only", "merely", "simply")
    return False


def _by_modifiers(word: Token) -> str | None:
    words = {t.lower_ for t in children(word, "amod", "advmod", "compound")}
    if words & _MAYBE_WORDS:
        return "hypothetical"
    return "future" if words & _SOON_WORDS else None


def _by_auxiliaries(verb: Token) -> str | None:
    if verb.pos_ not in ("VERB", "AUX"):
        return None
    aux = {t.lower_ for t in children(verb, "aux")}
    if any(t.lower_ in _IF for t in children(verb, "mark")):
        return "hypothetical"
    if aux & {"will", "shall", "'ll", "’ll", "wo"}:
        return "future"
    if aux & {"would", "'d", "’d"}:
        return "future" if _under_past_speech(verb) and not _has_if(verb) else "hypothetical"
    if aux & {"could", "may", "might", "can", "should", "must", "ought"}:
        return "hypothetical"
    return None


def _under_past_speech(verb: Token) -> bool:
    return any(
        t.tag_ in ("VBD", "VBN")
        and t.lemma_ in ("say", "announce", "tell", "declare", "add", "report", "confirm")
        for t in list(ancestors(verb))[:3]
    )


def _has_if(verb: Token) -> bool:
    return any(t.lower_ in _IF for c in children(verb, "advcl") for t in children(c, "mark"))


def _by_context(match: RuleMatch) -> str | None:
    """Read the verbs and nouns above: "plans to", "denied having", "the risk of"."""
    word = match.clause
    heads = list(ancestors(word))[:_MAX_HEADS]
    if match.verb is None and heads:
        if word.dep_ in ("nsubj", "nsubjpass"):
            return _noun_as_subject(heads[0])
        if word.dep_ == "attr":
            return _by_auxiliaries(heads[0])
    return _by_heads(word, heads)


def _by_heads(word: Token, heads: Sequence[Token]) -> str | None:
    """Read the heads above a word, the nearest first, as far as its clause goes."""
    below = word
    for head in heads:
        if below.dep_ == "csubj":
            return "hypothetical"
        found = _by_head(head, below)
        if found:
            return found
        if _ends_clause(below):
            return _if_clause(below)
        below = head
    return _by_head_question(below)


def _ends_clause(verb: Token) -> bool:
    """Tell whether a clause of its own hangs from the rest: not "to do" or "doing", which go on."""
    is_clause = verb.dep_ in ("advcl", "relcl", "acl")
    return is_clause and not _purpose(verb) and verb.tag_ != "VBG"


def _noun_as_subject(verb: Token) -> str | None:
    if children(verb, "neg") and not _not_only(verb):
        return "negated"
    planned = [verb, *verb.conjuncts]
    if any(t.lemma_ in ("plan", "schedule", "prepare", "expect", "plot") for t in planned):
        return "future"
    return _by_auxiliaries(verb)


def _purpose(verb: Token) -> bool:
    return any(t.lower_ == "to" for t in children(verb, "aux"))


def _if_clause(verb: Token) -> str | None:
    return "hypothetical" if any(t.lower_ in _IF for t in children(verb, "mark")) else None


def _by_head(head: Token, below: Token) -> str | None:
    """Read one head: what it makes of the clause, noun or infinitive that hangs from it."""
    if below.dep_ not in _INSIDE:
        return None
    if _is_purpose_of_verb(head, below):
        found = _by_auxiliaries(head)
        if found:
            return found
    if head.lemma_ == "threaten" and below.dep_ == "prep":
        return "hypothetical"
    if head.pos_ in ("VERB", "AUX") and below.dep_ in ("xcomp", "ccomp", "dobj", "nsubjpass"):
        return _by_verb(head, below)
    if head.pos_ == "NOUN" and below.dep_ in ("acl", "prep", "relcl"):
        return _by_noun(head)
    if below.dep_ == "pcomp" and below.head.lower_ in ("from", "into"):
        return _from_or_into(below.head.head, below.head.lower_)
    if head.pos_ == "ADJ" and below.dep_ == "xcomp":
        return _ADJECTIVES.get(head.lower_)
    return None


def _is_purpose_of_verb(head: Token, below: Token) -> bool:
    """Tell whether a verb with an auxiliary has this infinitive: "would travel to sign"."""
    if head.pos_ != "VERB" or not children(head, "aux"):
        return False
    return below.pos_ == "VERB" and below.dep_ in ("xcomp", "acl", "advcl") and _purpose(below)


def _from_or_into(verb: Token, prep: str) -> str | None:
    """Read "stopped them from leaving", "pressed it into selling"."""
    if prep == "from":
        return "negated" if verb.lemma_ in _BARRING else None
    return "hypothetical" if verb.lemma_ in _PRESSING else None


def _by_noun(noun: Token) -> str | None:
    if noun.lemma_ in _MAYBE_NOUNS:
        return "hypothetical"
    if noun.lemma_ in _PLAN_NOUNS:
        return "future"
    return "negated" if _no(noun) or noun.lemma_ in _UNWILLING else None


def _by_verb(head: Token, below: Token) -> str | None:
    lemma = head.lemma_.lower()
    is_infinitive = below.dep_ == "xcomp"
    if lemma in _DENIAL:
        return "negated"
    if is_infinitive and lemma == "go" and head.tag_ == "VBG":
        return _future_unless_negated(head)
    if is_infinitive and lemma in ("be", "have"):
        return _yet_to(head, below)
    if lemma in _FUTURE_VERBS:
        return _future_unless_negated(head)
    if lemma in _DOUBT:
        return "hypothetical"
    if not is_infinitive:
        return None
    return "negated" if children(head, "neg") else _by_auxiliaries(head)


def _future_unless_negated(verb: Token) -> str:
    return "negated" if children(verb, "neg") else "future"


def _by_head_question(root: Token) -> str | None:
    return "hypothetical" if any(t.text == "?" for t in children(root, "punct")) else None


def _yet_to(head: Token, below: Token) -> str | None:
    """Read "is yet to", "has yet to", "is to"; "has to" tells nothing of what will be."""
    if any(t.lower_ == "yet" for t in (*head.children, *below.children)):
        return "negated"
    return "future" if head.lemma_ == "be" else "hypothetical"
