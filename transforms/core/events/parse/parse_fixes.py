"""Where did the syntax model misread a word that the patterns know?"""

from spacy.tokens import Doc, Token

from transforms.core.events.parse.prefilter import restore_final_e
from transforms.core.events.rules.rule_files import word_set

_FINITE = frozenset(("VBD", "VBZ", "VBP", "MD"))
_GIVING = word_set(
    "give award grant offer pay send show teach tell ask hand deny call name dub label owe lend sell"
)
_GOING = word_set(
    "head travel arrive fly call go depart return withdraw retreat march speak talk vote agree walk gather"
)
_MOVING = word_set("march protest rally strike riot demonstrate clash")


def fix_parse(doc: Doc, lemmas: frozenset[str]) -> None:
    """Mend lemmas that lost their "e", and the verb of a headline that was taken for a noun ("Thousands march")."""
    for token in doc:
        if token.tag_ in ("VBD", "VBN", "VBG"):
            token.lemma_ = restore_final_e(token.text, token.lemma_, lemmas)
        if token.dep_ == "acl" and token.tag_ == "VBN" and _is_active(token):
            token.tag_ = "VBD"
    if not any(t.tag_ in _FINITE for t in doc):
        for token in doc:
            if token.dep_ == "ROOT" and token.tag_ == "NN" and token.lower_ in _MOVING:
                _to_verb(token, doc)


def _is_active(verb: Token) -> bool:
    """Tell whether a participle after its noun is the noun's own verb: "a delegation called on the premier"."""
    if any(t.dep_ in ("agent", "auxpass", "nsubj", "nsubjpass") for t in verb.children):
        return False
    has_object = any(t.dep_ == "dobj" for t in verb.children)
    return (has_object and verb.lemma_ not in _GIVING) or (
        verb.lemma_ in _GOING and verb.head.dep_ == "ROOT"
    )


def _to_verb(noun: Token, doc: Doc) -> None:
    before = doc[noun.i - 1] if noun.i > 0 else noun
    if before.tag_ not in ("NNS", "NNPS"):
        return
    noun.tag_, noun.pos_, noun.lemma_ = "VBP", "VERB", noun.lower_
    top = before
    while top.head not in (noun, top):
        top = top.head
    top.dep_ = "nsubj"
