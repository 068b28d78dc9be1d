"""Can a sentence hold an event at all? A look at its words, before it is parsed."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from transforms.core.events.rules.event_rules import Rule, Words

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_POINTERS = frozenset(("he", "she", "it", "they"))
_LEADS = 3


@dataclass(frozen=True, slots=True)
class Prefilter:
    """For each form of a trigger, the groups of words that its patterns ask for, one of each group."""

    needs: Mapping[str, tuple[tuple[Words, ...], ...]]
    sayings: Words

    def may_report_event(self, sentence: str) -> bool:
        """Tell whether the sentence has a trigger and a word of each kind that one of its patterns asks for."""
        words = _words(sentence)
        return any(
            all(not group.isdisjoint(words) for group in groups)
            for w in words
            for groups in self.needs.get(w, ())
        )

    def may_attribute(self, sentence: str) -> bool:
        """Tell whether the sentence may say who speaks."""
        return not self.sayings.isdisjoint(_words(sentence))


def is_anaphoric(sentence: str) -> bool:
    """Tell whether a sentence starts with a pronoun that means somebody of the sentence before."""
    return bool(_POINTERS & set(_WORD.findall(sentence.lower())[:_LEADS]))


def _words(sentence: str) -> frozenset[str]:
    found = _WORD.findall(sentence.lower())
    return frozenset([*found, *(part for w in found if "-" in w for part in w.split("-"))])


def build_prefilter(
    rules: Iterable[Rule], sayings: Words, irregular: Mapping[str, Iterable[str]]
) -> Prefilter:
    """Return the filter of all patterns; `irregular` maps a form to its lemmas."""
    by_lemma: dict[str, set[str]] = {}
    for form, lemmas in irregular.items():
        for lemma in lemmas:
            by_lemma.setdefault(lemma, set()).add(form)

    def forms(lemmas: Iterable[str]) -> Words:
        return frozenset(
            f for lemma in lemmas for f in (*_regular(lemma), *by_lemma.get(lemma, ()))
        )

    needs: dict[str, set[tuple[Words, ...]]] = {}
    for rule in rules:
        groups = [
            _group(words, forms)
            for words in (rule.objects, rule.complement, rule.modifiers, rule.particle)
        ]
        groups.append(_group(rule.subject, forms))
        groups.append(frozenset(p for p, _ in rule.preps))
        if not any("*" in words for _, words in rule.preps):
            groups.append(_group(frozenset(w for _, words in rule.preps for w in words), forms))
        asked = tuple(g for g in groups if g)
        for form in forms(rule.verbs | rule.adjectives) | (
            forms(rule.nouns) if rule.bare else frozenset()
        ):
            needs.setdefault(form, set()).add(asked if not rule.nouns else _loose(rule, asked))
        for form in forms(rule.nouns) if not rule.bare else ():
            needs.setdefault(form, set()).add((*_loose(rule, asked), forms(rule.light)))
    return Prefilter({form: tuple(found) for form, found in needs.items()}, forms(sayings))


def _loose(rule: Rule, asked: tuple[Words, ...]) -> tuple[Words, ...]:
    """A noun's pattern asks for modifiers and prepositions only; its objects bind a verb."""
    return asked if not (rule.objects or rule.particle or rule.subject) else ()


def _group(words: Words, forms: Callable[[Iterable[str]], Words]) -> Words:
    return frozenset() if any(w.startswith("*") for w in words) else forms(words)


def _regular(lemma: str) -> set[str]:
    low = lemma.lower()
    out = {low, low + "s", low + "es", low + "ed", low + "d", low + "ing", low + "er"}
    if low.endswith("e"):
        out.add(low[:-1] + "ing")
    if low.endswith("ie"):
        out.add(low[:-2] + "ying")
    if low.endswith("y"):
        out |= {low[:-1] + "ies", low[:-1] + "ied"}
    if low.endswith("man"):
        out.add(low[:-3] + "men")
    if len(low) > 2 and low[-1] not in "aeiouwxy":
        out |= {low + low[-1] + "ed", low + low[-1] + "ing"}
    return out


def restore_final_e(word: str, lemma: str, known: frozenset[str]) -> str:
    """Return the lemma with the "e" that the model drops from participles it does not know ("raped", "staged")."""
    low = word.lower()
    if (
        lemma in known
        or lemma + "e" not in known
        or not low.startswith(lemma)
        or not low.endswith(("ed", "ing"))
    ):
        return lemma
    return lemma + "e"
