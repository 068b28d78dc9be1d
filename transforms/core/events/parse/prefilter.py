"""Decide by the words of a sentence whether it may report an event, before it is parsed.

Parsing takes most of the coder's time, and many sentences hold no trigger of any rule.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from transforms.core.events.rules.event_rules import Rule, Words

# The filter should be sound: every sentence passes in which a rule could match.
#
# A rule matches lemmas; a sentence passes if it has a form of the rule's trigger and, of each
# set of words that the rule requires, a form of one. So it is sound under two conditions:
#
# 1. `_FormTable` has all forms that the lemmatizer maps to a lemma. The lemmatizer strips -s, -es,
#    -ies, -ed, -ing and similar endings, which `_regular_forms` appends, and looks up exceptions,
#    which are in `irregular`. Compared with its tables for all triggers, no form of a verb or noun
#    is missing; of adjectives, comparatives such as "readier" and "angriest" are.
# 2. Each required set is a condition of the match. A set with "*" is omitted, since it matches
#    other words too. A rule with nouns requires only what its nouns require.
#
# Known gaps, too rare to justify a slower filter: contractions, which the tokenizer splits
# differently ("should|n't"); words with digits or currency signs ("48-hour", "$"); nationalities
# in rules with "people"; adjectives of a rule that also has conditions on a verb's object.
#
# Measured by parsing all of 12,027 sentences of news: 6,582 pass. A rule matches in 2,509, one of
# which does not pass ("shouldn't").

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_PRONOUNS = frozenset(("he", "she", "it", "they"))
_LEADING_WORDS = 3
"""Words at the start of a sentence in which a pronoun makes it anaphoric ("On Monday he")."""

Required = tuple[Words, ...]
"""Sets of forms; the sentence must have a word of each."""


@dataclass(frozen=True, slots=True)
class Prefilter:
    """For each form of a trigger the requirements of its rules, of which one must be met."""

    required: Mapping[str, tuple[Required, ...]]
    speech_forms: Words
    """Forms of the verbs of saying."""

    def may_report_event(self, sentence: str) -> bool:
        """Return whether the sentence has a trigger and all that one of its rules requires."""
        words = _words(sentence)
        return any(self._has_required(trigger, words) for trigger in words)

    def may_attribute(self, sentence: str) -> bool:
        """Return whether the sentence has a verb of saying, so that it may name a speaker."""
        return not self.speech_forms.isdisjoint(_words(sentence))

    def _has_required(self, trigger: str, words: Words) -> bool:
        return any(_meets(words, required) for required in self.required.get(trigger, ()))


def _meets(words: Words, required: Required) -> bool:
    return all(not forms.isdisjoint(words) for forms in required)


def is_anaphoric(sentence: str) -> bool:
    """Return whether a sentence begins with a pronoun, which may refer to the sentence before."""
    return not _PRONOUNS.isdisjoint(_WORD.findall(sentence.lower())[:_LEADING_WORDS])


def _words(sentence: str) -> Words:
    """Return the words in lower case, hyphenated ones whole and in parts."""
    words = set(_WORD.findall(sentence.lower()))
    for word in [w for w in words if "-" in w]:
        words.update(word.split("-"))
    return frozenset(words)


def build_prefilter(
    rules: Iterable[Rule], speech_verbs: Words, irregular: Mapping[str, Iterable[str]]
) -> Prefilter:
    """Return the filter of all rules; `irregular` maps a form to its lemmas."""
    table = _FormTable(irregular)
    required: dict[str, set[Required]] = {}
    for rule in rules:
        for form, sets in _requirements(rule, table):
            required.setdefault(form, set()).add(sets)
    return Prefilter(
        {form: tuple(alternatives) for form, alternatives in required.items()},
        table.forms(speech_verbs),
    )


class _FormTable:
    """The forms of a lemma: the regular ones and the lemmatizer's exceptions."""

    def __init__(self, irregular: Mapping[str, Iterable[str]]) -> None:
        self._irregular: dict[str, set[str]] = {}
        for form, lemmas in irregular.items():
            for lemma in lemmas:
                self._irregular.setdefault(lemma, set()).add(form)

    def forms(self, lemmas: Iterable[str]) -> Words:
        found: set[str] = set()
        for lemma in lemmas:
            found |= _regular_forms(lemma)
            found |= self._irregular.get(lemma, set())
        return frozenset(found)


def _requirements(rule: Rule, table: _FormTable) -> Iterator[tuple[str, Required]]:
    """Yield each form of a rule's triggers and what it requires."""
    by_verb = _required_words(rule, table)
    # Objects, particles and subjects are conditions on a verb, not on a noun.
    by_noun = () if rule.objects or rule.particle or rule.subject else by_verb
    for form in table.forms(rule.verbs | rule.adjectives):
        yield form, by_noun if rule.nouns else by_verb
    for form in table.forms(rule.nouns):
        yield form, by_noun if rule.bare else (*by_noun, table.forms(rule.light))


def _required_words(rule: Rule, table: _FormTable) -> Required:
    sets = [
        _any_form(words, table)
        for words in (rule.objects, rule.complement, rule.modifiers, rule.particle, rule.subject)
    ]
    sets.append(frozenset(prep for prep, _ in rule.preps))
    if all("*" not in words for _, words in rule.preps):
        objects: set[str] = set()
        for _, words in rule.preps:
            objects |= words
        sets.append(_any_form(objects, table))
    return tuple(forms for forms in sets if forms)


def _any_form(words: AbstractSet[str], table: _FormTable) -> Words:
    """Return the forms of the words; none, hence no condition, if one is "*" or "*country"."""
    if any(w.startswith("*") for w in words):
        return frozenset()
    return table.forms(words)


def _regular_forms(lemma: str) -> set[str]:
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
