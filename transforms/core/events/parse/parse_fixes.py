"""Correct errors of the syntax model on words of the rules."""

from spacy.tokens import Doc, Token

from transforms.core.events.rules.rule_files import word_set

_FINITE = frozenset(("VBD", "VBZ", "VBP", "MD"))
_SUBJECT_OR_PASSIVE = frozenset(("agent", "auxpass", "nsubj", "nsubjpass"))
_GIVING = word_set(
    "give award grant offer pay send show teach tell ask hand deny call name dub label owe lend "
    "sell"
)
"""Verbs with two objects: a passive participle keeps one ("the man named minister")."""
_GOING = word_set(
    "head travel arrive fly call go depart return withdraw retreat march speak talk vote agree "
    "walk gather"
)
"""Verbs of going and speaking, which rarely have a passive: "a delegation called on him"."""
_MOVING = word_set("march protest rally strike riot demonstrate clash")
"""Verbs of crowds that are also nouns."""


def fix_parse(doc: Doc, lemmas: frozenset[str]) -> None:
    """Correct in place the lemmas and tags that the model often gets wrong.

    These are lemmas without their final "e" (`lemmas` are those of the rules' verbs), active
    participles tagged as passive, and verbs of headlines tagged as nouns.
    """
    for token in doc:
        if token.tag_ in ("VBD", "VBN", "VBG"):
            token.lemma_ = restore_final_e(token.text, token.lemma_, lemmas)
        if token.dep_ == "acl" and token.tag_ == "VBN" and _is_active(token):
            token.tag_ = "VBD"
    if not any(t.tag_ in _FINITE for t in doc):
        _fix_headline_verbs(doc)


def restore_final_e(word: str, lemma: str, known: frozenset[str]) -> str:
    """Return the lemma with the "e" that the model drops from rare participles ("raped")."""
    if lemma in known or lemma + "e" not in known:
        return lemma
    low = word.lower()
    if low.startswith(lemma) and low.endswith(("ed", "ing")):
        return lemma + "e"
    return lemma


def _is_active(verb: Token) -> bool:
    """Return whether a participle is the noun's active verb: "a delegation called on him"."""
    if any(t.dep_ in _SUBJECT_OR_PASSIVE for t in verb.children):
        return False
    if any(t.dep_ == "dobj" for t in verb.children) and verb.lemma_ not in _GIVING:
        return True
    return verb.lemma_ in _GOING and verb.head.dep_ == "ROOT"


def _fix_headline_verbs(doc: Doc) -> None:
    """Retag nouns such as "march" in "Thousands march" as verbs, if the sentence has no other."""
    for token in doc:
        if token.dep_ == "ROOT" and token.tag_ == "NN" and token.lower_ in _MOVING:
            _make_verb(token, doc)


def _make_verb(noun: Token, doc: Doc) -> None:
    subject = doc[noun.i - 1] if noun.i > 0 else noun
    if subject.tag_ not in ("NNS", "NNPS"):
        return
    noun.tag_, noun.pos_, noun.lemma_ = "VBP", "VERB", noun.lower_
    while subject.head not in (noun, subject):
        subject = subject.head
    subject.dep_ = "nsubj"
