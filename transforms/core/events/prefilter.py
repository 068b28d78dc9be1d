"""Can a sentence hold an event at all? A look at its words, before it is parsed."""

import re
from collections.abc import Iterable, Mapping

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def forms(lemmas: Iterable[str], irregular: Mapping[str, list[str]]) -> frozenset[str]:
    """Return the words that may be forms of the lemmas; `irregular` maps a form to its lemmas."""
    lemmas = set(lemmas)
    out = {form for lemma in lemmas for form in _regular(lemma)}
    out |= {form for form, of in irregular.items() if lemmas & set(of)}
    return frozenset(out)


def _regular(lemma: str) -> set[str]:
    low = lemma.lower()
    out = {low, low + "s", low + "es", low + "ed", low + "d", low + "ing", low + "er", low + "men"}
    if low.endswith("e"):
        out.add(low[:-1] + "ing")
    if low.endswith("ie"):
        out.add(low[:-2] + "ying")
    if low.endswith("y"):
        out |= {low[:-1] + "ies", low[:-1] + "ied"}
    if len(low) > 2 and low[-1] not in "aeiouwxy":
        out |= {low + low[-1] + "ed", low + low[-1] + "ing"}
    return out


def may_tell(sentence: str, triggers: frozenset[str]) -> bool:
    """Tell whether a word of the sentence, or a part of a hyphenated one, is among the trigger forms."""
    for word in _WORD.findall(sentence.lower()):
        if word in triggers or ("-" in word and any(part in triggers for part in word.split("-"))):
            return True
    return False


def mended(word: str, lemma: str, known: frozenset[str]) -> str:
    """Return the lemma with the "e" that the model drops from participles it does not know ("raped", "staged")."""
    low = word.lower()
    if lemma in known or lemma + "e" not in known or not low.startswith(lemma) or not low.endswith(("ed", "ing")):
        return lemma
    return lemma + "e"
