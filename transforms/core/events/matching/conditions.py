"""The conditions of an event rule on a word's complements, prepositions and phrases."""

from collections.abc import Sequence

from spacy.tokens import Token

from transforms.core.events.parse.sentence_context import SentenceContext
from transforms.core.events.parse.syntax import (
    children,
    complements,
    is_inverted_command,
    is_to_infinitive,
    misattached_prep_objects,
    prep_objects,
)
from transforms.core.events.parse.words import (
    all_children,
    all_prep_objects,
    has_folded_lemma,
    has_lemma,
)
from transforms.core.events.rules.event_rules import Rule, Words

_PARTY_PRONOUNS = frozenset(("he", "she", "it", "they", "we", "who"))
_STATE_KINDS = frozenset(("country", "seat", "body"))


def complement_matches(rule: Rule, word: Token) -> bool:
    """Return whether a word has a complement that the rule requires, and none that it excludes."""
    if rule.not_complement and has_folded_lemma(complements(word), rule.not_complement):
        return False
    return not rule.complement or _has_complement(word, rule.complement)


def _has_complement(word: Token, required: Words) -> bool:
    """Return whether a word has a complement with one of the required lemmas.

    "to" requires an infinitive, "must" one of the auxiliaries, "*" allows any lemma.
    """
    found = complements(word)
    if is_inverted_command(word):
        found = [*found, word.head]
    if "to" in required:
        found = [verb for verb in found if is_to_infinitive(verb)]
    if "must" in required:
        return any(has_lemma(children(verb, "aux"), required) for verb in found)
    if "*" in required:
        return bool(found)
    return has_folded_lemma(found, required)


def prepositions_match(
    rule: Rule, words: Sequence[Token], sentence: SentenceContext, noun: Token | None = None
) -> bool:
    """Return whether the words have one of the rule's prepositions with an object it allows.

    `noun` is the trigger if it is a noun: it is not its own prepositional object.
    """
    if not rule.preps:
        return True
    # "voted on Monday, siding with the rebels": a gerund continues its clause.
    gerunds = [t for t in all_children(words, "advcl") if t.tag_ == "VBG"]
    heads = [*words, *gerunds]
    is_verb_clause = noun is None and words[0].pos_ == "VERB"
    for preposition, allowed in rule.preps:
        found = all_prep_objects(heads, preposition)
        if is_verb_clause:
            found += misattached_prep_objects(words[0], preposition)
        if any(t != noun and _is_allowed_object(t, allowed, sentence) for t in found):
            return True
    return False


def _is_allowed_object(token: Token, allowed: Words, sentence: SentenceContext) -> bool:
    # "*" means any party: "met in Lima" has one, "met in May" has not.
    if "*" in allowed and _is_time(token, sentence):
        return False
    return phrase_matches(token, allowed, sentence)


def _is_time(token: Token, sentence: SentenceContext) -> bool:
    return token.ent_type_ in ("DATE", "TIME") and token.i not in sentence.match_at


def any_phrase_matches(tokens: Sequence[Token], words: Words, sentence: SentenceContext) -> bool:
    """Return whether one of the phrases matches the words."""
    return any(phrase_matches(t, words, sentence) for t in tokens)


def phrase_matches(
    token: Token, words: Words, sentence: SentenceContext, *, head_only: bool = False
) -> bool:
    """Return whether a phrase is headed by one of the words, or has one as modifier or after "of".

    `words` may hold "*" (any phrase), "*country" (a state, its people or officials) and "*person".
    """
    if _head_matches(token, words, sentence):
        return True
    if head_only:
        return False
    modifiers = [*children(token, "amod", "compound", "nmod"), *prep_objects(token, "of")]
    return has_folded_lemma(modifiers, words)


def _head_matches(token: Token, words: Words, sentence: SentenceContext) -> bool:
    if "*" in words or token.lemma_.lower() in words or token.lower_ in words:
        return True
    allows_country = "*country" in words
    if allows_country and _names_state(token, sentence):
        return True
    if "people" in words and _names_people(token, sentence):
        return True
    allows_person = allows_country or "*person" in words
    return allows_person and _is_political_person(token, sentence)


def _names_state(token: Token, sentence: SentenceContext) -> bool:
    """Return whether a word names a country, its capital or a body, or may refer to one."""
    entity = sentence.match_at.get(token.i)
    if entity is not None and entity.entry.kind in _STATE_KINDS:
        return True
    return token.lower_ in _PARTY_PRONOUNS


def _names_people(token: Token, sentence: SentenceContext) -> bool:
    """Return whether a word is the plural name of a people: "Peruvians"."""
    entity = sentence.match_at.get(token.i)
    is_people = entity is not None and entity.entry.kind == "people"
    return is_people and token.tag_ in ("NNS", "NNPS")


def _is_political_person(token: Token, sentence: SentenceContext) -> bool:
    """Return whether a name has a country or an office, or the article is political."""
    known = sentence.entities.find_person([token.text])
    if known is not None and (known.country or known.sector):
        return True
    if _has_role_beside(token, sentence):
        return True
    is_name = token.pos_ == "PROPN" and token.ent_type_ in ("PERSON", "ORG")
    return sentence.entities.political and is_name


def _has_role_beside(token: Token, sentence: SentenceContext) -> bool:
    """Return whether a name has a role beside it: "President Otieno", "Otieno, the minister"."""
    for beside in children(token, "compound", "appos"):
        entity = sentence.match_at.get(beside.i)
        if entity is not None and entity.entry.kind == "role":
            return True
    return False
