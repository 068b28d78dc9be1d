"""Load a language's coder: the syntax model, the event rules and the actors."""

from dataclasses import dataclass
from functools import lru_cache

from spacy.language import Language

from transforms.core.events.parse.model import keep_hyphenated, load_model
from transforms.core.events.parse.prefilter import Prefilter, build_prefilter
from transforms.core.events.rules.event_rules import Rules, load_rules
from transforms.core.events.rules.lexicon import Lexicon, load_lexicon


@dataclass(frozen=True)
class Coder:
    """The syntax model, the rules and the actors of a language, loaded once.

    `lemmas` are the verbs of the rules, to which lemmas that the model truncated are restored.
    """

    nlp: Language
    rules: Rules
    lexicon: Lexicon
    prefilter: Prefilter
    lemmas: frozenset[str]


@lru_cache(maxsize=4)
def load_coder(language: str = "en") -> Coder:
    """Return a language's coder; raise `MachineError` if its model or a rule is broken."""
    nlp, rules = load_model(language), load_rules(language)
    verbs: set[str] = set()
    hyphenated: set[str] = set()
    for rule in rules.all:
        verbs |= rule.verbs | rule.light | rule.complement
        hyphenated.update(word for word in rule.nouns | rule.objects if "-" in word)
    keep_hyphenated(nlp, sorted(hyphenated))
    return Coder(
        nlp=nlp,
        rules=rules,
        lexicon=load_lexicon(language),
        prefilter=build_prefilter(rules.all, rules.word_class("say"), _irregular_forms(nlp)),
        lemmas=frozenset(verbs),
    )


def _irregular_forms(nlp: Language) -> dict[str, list[str]]:
    """Return the lemmas of the irregular forms of verbs and nouns."""
    lookups = nlp.get_pipe("lemmatizer").lookups  # type: ignore[attr-defined]
    if not lookups.has_table("lemma_exc"):
        return {}
    table = lookups.get_table("lemma_exc")
    lemmas_of: dict[str, list[str]] = {}
    for part_of_speech in ("verb", "noun"):
        for form, lemmas in table.get(part_of_speech, {}).items():
            lemmas_of.setdefault(form, []).extend(lemmas)
    return lemmas_of
