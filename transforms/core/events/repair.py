"""Where did the syntax model misread a word that the patterns know?"""

from spacy.tokens import Doc, Token

from transforms.core.events.prefilter import mended
from transforms.core.events.tables import word_set

_FINITE = frozenset(("VBD", "VBZ", "VBP", "MD"))
_MOVING = word_set("march protest rally strike riot demonstrate clash")


def repair(doc: Doc, lemmas: frozenset[str]) -> None:
    """Mend lemmas that lost their "e", and the verb of a headline that was taken for a noun ("Thousands march")."""
    for token in doc:
        if token.tag_ in ("VBD", "VBN", "VBG"):
            token.lemma_ = mended(token.text, token.lemma_, lemmas)
    if not any(t.tag_ in _FINITE for t in doc):
        for token in doc:
            if token.dep_ == "ROOT" and token.tag_ == "NN" and token.lower_ in _MOVING:
                _to_verb(token, doc)


def _to_verb(noun: Token, doc: Doc) -> None:
    before = doc[noun.i - 1] if noun.i > 0 else noun
    if before.tag_ not in ("NNS", "NNPS"):
        return
    noun.tag_, noun.pos_, noun.lemma_ = "VBP", "VERB", noun.lower_
    top = before
    while top.head not in (noun, top):
        top = top.head
    top.dep_ = "nsubj"
