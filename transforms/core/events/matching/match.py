"""Match the words of a parsed sentence against the event rules."""

from collections.abc import Sequence
from dataclasses import dataclass

from spacy.tokens import Token

from transforms.core.events.matching.conditions import (
    any_phrase_matches,
    complement_matches,
    phrase_matches,
    prepositions_match,
)
from transforms.core.events.parse.sentence_context import SentenceContext
from transforms.core.events.parse.syntax import (
    children,
    governing_verb,
    is_passive,
    objects,
    relative_clause_verb,
    subjects,
)
from transforms.core.events.parse.words import has_form, has_lemma, is_verbal
from transforms.core.events.rules.event_rules import Rule, Rules, Words
from transforms.core.events.rules.rule_files import word_set

_CLOSING_VERBS = word_set("end conclude close cap follow")
"""In "signed a pact, ending nine days of talks" the event is the pact, not the talks."""

_STRIKING_VERBS = word_set(
    "kill hit strike destroy injure wound target rock rip damage hurt leave claim cause"
)
_PREDICATE_RELATIONS = frozenset(("acomp", "oprd", "ccomp", "attr", "xcomp", "conj"))

_MODIFIER_REACH = 4
"""Words before a noun that may belong to a hyphenated or quoted modifier of it."""
# On 1,955 coded mentions reaches from 1 to 10 gave the same: it only keeps distant words out.


@dataclass(frozen=True, slots=True)
class RuleMatch:
    """A rule that matched at a trigger.

    `verb` governs the clause: it is the trigger itself, a light verb or copula that carries the
    trigger ("held talks", "was critical"), or None if a noun reports the event by itself.
    """

    rule: Rule
    trigger: Token
    verb: Token | None

    @property
    def clause(self) -> Token:
        """The word whose subtree reports the event."""
        return self.verb if self.verb is not None else self.trigger

    @property
    def is_bare_noun(self) -> bool:
        """Whether no verb carries the trigger."""
        return self.verb is None

    @property
    def is_carried(self) -> bool:
        """Whether another verb carries the trigger."""
        return self.verb is not None and self.verb != self.trigger

    @property
    def is_own_verb(self) -> bool:
        """Whether the trigger is the verb of its clause."""
        return self.verb is not None and self.verb == self.trigger


def match_rules(token: Token, sentence: SentenceContext, rules: Rules) -> list[RuleMatch]:
    """Return all rules that a word triggers: as a verb, else as an adjective, else as a noun."""
    return (
        _match_as_verb(token, sentence, rules)
        or _match_as_adjective(token, sentence, rules)
        or _match_as_noun(token, sentence, rules)
    )


def objects_of_event_noun(noun: Token) -> list[Token]:
    """Return what an event noun harms as the subject of a verb: "the attack killed two men"."""
    verb = noun.head
    if noun.dep_ == "nsubj" and verb.lemma_ in _STRIKING_VERBS:
        return objects(verb)
    return []


def _match_as_verb(token: Token, sentence: SentenceContext, rules: Rules) -> list[RuleMatch]:
    if not is_verbal(token) and not token.tag_.startswith("VB"):
        return []
    candidates = rules.verbs.get(token.lemma_.lower(), ())
    return [RuleMatch(r, token, token) for r in candidates if _verb_matches(r, token, sentence)]


def _verb_matches(rule: Rule, verb: Token, sentence: SentenceContext) -> bool:
    if not _verb_form_matches(rule, verb):
        return False
    if rule.subject and not any_phrase_matches(subjects(verb), rule.subject, sentence):
        return False
    objs = objects(verb) or children(verb, "dative")
    return (
        _objects_match(rule, objs, sentence)
        and complement_matches(rule, verb)
        and prepositions_match(rule, (verb, *objs), sentence)
    )


def _verb_form_matches(rule: Rule, verb: Token) -> bool:
    """Check the particles, auxiliaries, negation and modifiers that a rule requires or excludes."""
    if rule.particle and not has_form(children(verb, "prt", "advmod"), rule.particle):
        return False
    if rule.unless and _has_word_below(verb, rule.unless):
        return False
    if rule.negated and not _is_negated(verb):
        return False
    if rule.aux and not has_form(children(verb, "aux"), rule.aux):
        return False
    return not rule.modifiers or has_form(_verb_modifiers(verb), rule.modifiers)


def _has_word_below(verb: Token, words: Words) -> bool:
    return any(t.lower_ in words or t.lemma_.lower() in words for t in verb.subtree)


def _is_negated(verb: Token) -> bool:
    """Return whether a verb is negated: "will not", "no longer", "never"."""
    if children(verb, "neg"):
        return True
    return any(
        adverb.lower_ == "longer" and has_form(adverb.children, ("no",))
        for adverb in children(verb, "advmod")
    )


def _verb_modifiers(verb: Token) -> list[Token]:
    """Return a verb's children, and its own adjectives that the model attaches to its object.

    In "set free 30 men" and "set them free", "free" belongs to the verb.
    """
    found = list(verb.children)
    for obj in objects(verb):
        for child in obj.children:
            beside_verb = child.i > obj.i or child.i == verb.i + 1
            if child.pos_ == "ADJ" and beside_verb:
                found.append(child)
    return found


def _objects_match(rule: Rule, objs: Sequence[Token], sentence: SentenceContext) -> bool:
    if rule.objects and not any_phrase_matches(objs, rule.objects, sentence):
        return False
    if not rule.not_objects:
        return True
    return not any(phrase_matches(t, rule.not_objects, sentence, head_only=True) for t in objs)


def _match_as_adjective(token: Token, sentence: SentenceContext, rules: Rules) -> list[RuleMatch]:
    if token.pos_ != "ADJ" and token.tag_ not in ("VBN", "JJ"):
        return []
    by_form = rules.adjectives.get(token.lower_, ())
    candidates = rules.adjectives.get(token.lemma_.lower(), by_form)
    found = (_match_adjective(rule, token, sentence) for rule in candidates)
    return [match for match in found if match is not None]


def _match_adjective(rule: Rule, token: Token, sentence: SentenceContext) -> RuleMatch | None:
    if not complement_matches(rule, token) or not prepositions_match(rule, (token,), sentence):
        return None
    if _is_active_perfect(token):
        return None
    head = token.head
    is_predicate = token.dep_ in _PREDICATE_RELATIONS and is_verbal(head)
    if is_predicate and (rule.bare or head.lemma_ in rule.light):
        return RuleMatch(rule, token, head)
    if rule.bare and is_passive(token):
        return RuleMatch(rule, token, token)
    return None


def _is_active_perfect(token: Token) -> bool:
    """Return whether a participle is the verb of an active perfect: "has isolated"."""
    return has_lemma(children(token, "aux"), ("have",)) and not is_passive(token)


def _match_as_noun(token: Token, sentence: SentenceContext, rules: Rules) -> list[RuleMatch]:
    if token.pos_ not in ("NOUN", "PROPN") or token.ent_type_ == "DATE":
        return []
    candidates = rules.nouns.get(token.lemma_.lower(), ())
    found = (_match_noun(rule, token, sentence) for rule in candidates)
    return [match for match in found if match is not None]


def _match_noun(rule: Rule, noun: Token, sentence: SentenceContext) -> RuleMatch | None:
    if not _noun_modifiers_match(rule, noun) or _modifies_noun(noun):
        return None
    verb = _carrying_verb(rule, noun)
    if verb is None:
        return _match_bare_noun(rule, noun, sentence)
    if rule.type == "CONSULT" and _closes_event(verb):
        return None
    if verb.lemma_ not in rule.light:
        return _match_bare_noun(rule, noun, sentence)
    return _match_carried_noun(rule, noun, verb, sentence)


def _noun_modifiers_match(rule: Rule, noun: Token) -> bool:
    if not rule.modifiers and not rule.not_modifiers:
        return True
    words = {t.lower_ for t in children(noun, "amod", "compound", "nmod")}
    words |= {t.lower_ for t in _words_before(noun)}
    words |= {t.lemma_.lower() for t in children(noun, "compound", "amod")}
    if rule.modifiers and not words & rule.modifiers:
        return False
    return not words & rule.not_modifiers


def _words_before(noun: Token) -> list[Token]:
    """Return the words right before a noun that may be a hyphenated or quoted modifier of it.

    The model often parses these wrongly ("tit-for-tat strikes"), so their order decides.
    """
    found: list[Token] = []
    for i in range(noun.i - 1, max(-1, noun.i - 1 - _MODIFIER_REACH), -1):
        token = noun.doc[i]
        if token.pos_ not in ("NOUN", "ADJ", "PROPN", "PUNCT") and token.text != "-":
            break
        found.append(token)
    return found


def _modifies_noun(noun: Token) -> bool:
    """Return whether a noun only describes another: "attack" in "attack helicopters"."""
    return noun.dep_ in ("compound", "nmod", "npadvmod") and noun.head.pos_ in ("NOUN", "PROPN")


def _carrying_verb(rule: Rule, noun: Token) -> Token | None:
    """Return the verb that has the noun as its object, preferably one of the rule's light verbs."""
    verb = governing_verb(noun)
    if verb is None or verb.lemma_ not in rule.light:
        verb = relative_clause_verb(noun) or verb
    if verb is None or verb.lemma_ == "be":
        return None
    return verb


def _closes_event(verb: Token) -> bool:
    return verb.dep_ == "advcl" and verb.lemma_ in _CLOSING_VERBS


def _match_bare_noun(rule: Rule, noun: Token, sentence: SentenceContext) -> RuleMatch | None:
    if not rule.bare:
        return None
    if not prepositions_match(rule, (noun,), sentence, noun):
        return None
    if not _noun_complement_matches(rule, noun):
        return None
    return RuleMatch(rule, noun, None)


def _match_carried_noun(
    rule: Rule, noun: Token, verb: Token, sentence: SentenceContext
) -> RuleMatch | None:
    if not prepositions_match(rule, (noun, verb), sentence, noun):
        return None
    if not _noun_complement_matches(rule, noun):
        return None
    if rule.subject and not any_phrase_matches(subjects(verb), rule.subject, sentence):
        return None
    return RuleMatch(rule, noun, verb)


def _noun_complement_matches(rule: Rule, noun: Token) -> bool:
    """Check a noun's complement; a `not_complement` alone applies to verbs and adjectives only."""
    return not rule.complement or complement_matches(rule, noun)
