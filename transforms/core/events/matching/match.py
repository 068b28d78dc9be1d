"""Which patterns do the words of a sentence meet?"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from spacy.tokens import Token

from transforms.core.events.parse.sentence_context import SentenceContext
from transforms.core.events.parse.syntax import (
    ancestors,
    children,
    complements,
    governing_verb,
    is_inverted_command,
    is_passive,
    misattached_prep_objects,
    objects,
    prep_objects,
    relative_clause_verb,
    subjects,
)
from transforms.core.events.rules.event_rules import Rule, Rules, Words
from transforms.core.events.rules.rule_files import word_set

_VERBAL = frozenset(("AGREE", "REQUEST", "ACCUSE", "REJECT", "THREATEN", "CONCEDE", "SUPPORT"))
_CLOSING = frozenset(("end", "conclude", "close", "cap", "follow"))
"""What "signed a pact, ending nine days of talks" tells is the pact."""
_TOLL = frozenset(("kill", "wound", "injure"))
_CUT = frozenset(("relcl", "advcl", "parataxis"))
_STRIKING = word_set(
    "kill hit strike destroy injure wound target rock rip damage hurt leave claim cause"
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A pattern met at a trigger; `verb` governs the clause: the trigger, a light verb, None for a bare noun."""

    rule: Rule
    trigger: Token
    verb: Token | None
    parts: tuple[Token, ...] = ()

    @property
    def clause(self) -> Token:
        """The word whose subtree tells the event."""
        return self.verb if self.verb is not None else self.trigger


def find_hits(sentence: SentenceContext, rules: Rules) -> tuple[Hit, ...]:
    """Return at most one hit a trigger, those swallowed by another's complement left out, in order of reading."""
    hits = [hit for token in sentence.doc for hit in _best(token, sentence, rules)]
    swallowed = {i for hit in hits for i in _swallowed(hit)}
    carried = {
        hit.trigger.i for hit in hits for other in hits if hit.verb == other.trigger != hit.trigger
    }
    swallowed = (swallowed - carried) | {
        i for hit in hits if hit.rule.type == "PROTEST" for i in _demands(hit, hits)
    }
    kept = [hit for hit in hits if hit.trigger.i not in swallowed]
    return tuple(h for h in kept if not any(_yields(h, other) for other in kept))


def _yields(hit: Hit, other: Hit) -> bool:
    """Of a verb's pattern and that of the noun it carries, one is told: the noun's unless the verb's is stricter."""
    if _means(hit, other):
        return True
    if hit.trigger == other.trigger or hit.verb is None or other.verb is None:
        return False
    if hit.verb != other.verb:
        return _second_toll(hit, other)
    if hit.verb == hit.trigger and other.verb != other.trigger:
        return not _outranks(hit, other)
    return hit.verb != hit.trigger and other.verb == other.trigger and _outranks(other, hit)


def _demands(hit: Hit, hits: Sequence[Hit]) -> Iterator[int]:
    """What a protest is for or against is no second event: "marched to demand", "a strike in protest at"."""
    for other in hits:
        inside = other.trigger != hit.trigger and hit.clause in list(ancestors(other.trigger))[:4]
        if (
            inside
            and other.rule.type in ("REQUEST", "PROTEST", "ACCUSE")
            and not children(other.clause, "nsubj", "nsubjpass")
        ):
            yield other.trigger.i


def _second_toll(hit: Hit, other: Hit) -> bool:
    """Tell whether a verb only counts another's victims: "killed two and wounded 30", "shelled it, killing 12"."""
    trigger = hit.trigger
    if hit.rule.type != "ASSAULT" or other.rule.type != "ASSAULT" or trigger.head != other.trigger:
        return False
    if children(trigger, "nsubj", "nsubjpass"):
        return False
    counted = trigger.dep_ == "conj" and trigger.lemma_ in ("wound", "injure")
    return counted or (
        trigger.dep_ == "advcl" and trigger.tag_ == "VBG" and trigger.lemma_ in _TOLL
    )


def _means(hit: Hit, other: Hit) -> bool:
    """Tell whether an assault's noun only says how another's verb was done: "killed two in a raid"."""
    both = (
        hit.rule.type == other.rule.type == "ASSAULT"
        and hit.verb is None
        and other.verb == other.trigger
    )
    parties = any(t.lower_ in ("with", "between") for t in children(hit.trigger, "prep"))
    return (
        both
        and not parties
        and hit.trigger.dep_ == "pobj"
        and hit.trigger.head.head == other.trigger
    )


def _outranks(verb_hit: Hit, noun_hit: Hit) -> bool:
    return verb_hit.rule.specificity > noun_hit.rule.specificity + 1


def _best(token: Token, sentence: SentenceContext, rules: Rules) -> Iterator[Hit]:
    found = meeting(token, sentence, rules)
    if found:
        yield max(
            found, key=lambda h: h.rule.specificity + (h.verb is not None and h.verb != token)
        )


def meeting(token: Token, sentence: SentenceContext, rules: Rules) -> list[Hit]:
    """Return all the patterns that a word meets, the one that is meant among them."""
    lemma = token.lemma_.lower()
    found: list[Hit] = []
    if token.pos_ in ("VERB", "AUX") or token.tag_.startswith("VB"):
        found = [
            Hit(r, token, token, _parts(r, token))
            for r in rules.verbs.get(lemma, ())
            if _verb_meets(r, token, sentence)
        ]
    if not found and (token.pos_ in ("ADJ",) or token.tag_ in ("VBN", "JJ")):
        found = [
            h
            for r in rules.adjectives.get(lemma, rules.adjectives.get(token.lower_, ()))
            for h in _adjective(r, token, sentence)
        ]
    if not found and token.pos_ in ("NOUN", "PROPN") and token.ent_type_ != "DATE":
        found = [h for r in rules.nouns.get(lemma, ()) for h in _noun(r, token, sentence)]
    return found


def _parts(rule: Rule, verb: Token) -> tuple[Token, ...]:
    return tuple(children(verb, "prt")) if rule.particle else ()


def _verb_meets(rule: Rule, verb: Token, sentence: SentenceContext) -> bool:
    if rule.particle and not any(
        t.lower_ in rule.particle for t in children(verb, "prt", "advmod")
    ):
        return False
    if rule.unless and any(
        t.lower_ in rule.unless or t.lemma_.lower() in rule.unless for t in verb.subtree
    ):
        return False
    if rule.negated and not _refuses(verb):
        return False
    if rule.aux and not any(t.lower_ in rule.aux for t in children(verb, "aux")):
        return False
    if rule.modifiers and not any(t.lower_ in rule.modifiers for t in _beside(verb)):
        return False
    if rule.subject and not any(fits(t, rule.subject, sentence) for t in subjects(verb)):
        return False
    objs = objects(verb) or children(verb, "dative")
    if rule.objects and not any(fits(t, rule.objects, sentence) for t in objs):
        return False
    if rule.not_objects and any(fits(t, rule.not_objects, sentence, head_only=True) for t in objs):
        return False
    return _complement_meets(rule, verb) and _preps_meet(rule, (verb, *objs), sentence)


def _beside(verb: Token) -> list[Token]:
    """A verb's own modifiers, and the adjectives that belong to it but hang on its object: "set free 30 men"."""
    own = [
        t
        for o in objects(verb)
        for t in o.children
        if t.pos_ == "ADJ" and (t.i > o.i or t.i == verb.i + 1)
    ]
    return [*verb.children, *own]


def _refuses(verb: Token) -> bool:
    """Tell whether a verb is denied: "will not", "no longer", "never"."""
    return bool(children(verb, "neg")) or any(
        t.lower_ == "longer" and any(n.lower_ == "no" for n in t.children)
        for t in children(verb, "advmod")
    )


def _complement_meets(rule: Rule, word: Token) -> bool:
    if rule.not_complement and any(
        t.lemma_.lower() in rule.not_complement for t in complements(word)
    ):
        return False
    if not rule.complement:
        return True
    found = complements(word)
    if is_inverted_command(word):
        found = [*found, word.head]
    if "to" in rule.complement:
        found = [c for c in found if any(t.lower_ == "to" for t in children(c, "aux"))]
    if "must" in rule.complement:
        return any(t.lemma_ in rule.complement for c in found for t in children(c, "aux"))
    return (
        bool(found)
        if "*" in rule.complement
        else any(t.lemma_.lower() in rule.complement for t in found)
    )


def _preps_meet(
    rule: Rule, words: Sequence[Token], sentence: SentenceContext, noun: Token | None = None
) -> bool:
    if not rule.preps:
        return True
    places = [*words, *(t for w in words for t in children(w, "advcl") if t.tag_ == "VBG")]
    far = words[0] if noun is None and words[0].pos_ == "VERB" else None
    return any(
        fits(t, wanted, sentence)
        for p, wanted in rule.preps
        for t in (
            *(t for w in places for t in prep_objects(w, p)),
            *(misattached_prep_objects(far, p) if far else ()),
        )
        if t != noun and not ("*" in wanted and _is_time(t, sentence))
    )


def _is_time(token: Token, sentence: SentenceContext) -> bool:
    return token.ent_type_ in ("DATE", "TIME") and token.i not in sentence.match_at


def _adjective(rule: Rule, token: Token, sentence: SentenceContext) -> Iterator[Hit]:
    if not (_complement_meets(rule, token) and _preps_meet(rule, (token,), sentence)):
        return
    head = token.head
    if any(t.lemma_ == "have" for t in children(token, "aux")) and not is_passive(token):
        return
    predicate = token.dep_ in ("acomp", "oprd", "ccomp", "attr", "xcomp", "conj") and head.pos_ in (
        "VERB",
        "AUX",
    )
    if predicate and (rule.bare or head.lemma_ in rule.light):
        yield Hit(rule, token, head)
    elif rule.bare and is_passive(token):
        yield Hit(rule, token, token)


def _noun(rule: Rule, noun: Token, sentence: SentenceContext) -> Iterator[Hit]:
    words = {t.lower_ for t in (*children(noun, "amod", "compound", "nmod"), *_neighbours(noun))}
    words |= {t.lemma_.lower() for t in children(noun, "compound", "amod")}
    if (rule.modifiers and not words & rule.modifiers) or rule.not_modifiers & words:
        return
    if noun.dep_ in ("compound", "nmod", "npadvmod") and noun.head.pos_ in ("NOUN", "PROPN"):
        return
    verb = governing_verb(noun)
    if verb is None or verb.lemma_ not in rule.light:
        verb = relative_clause_verb(noun) or verb
    if verb is not None and verb.lemma_ == "be":
        verb = None
    if (
        verb is not None
        and verb.dep_ == "advcl"
        and verb.lemma_ in _CLOSING
        and rule.type == "CONSULT"
    ):
        return
    light = verb is not None and verb.lemma_ in rule.light
    if (not light and not rule.bare) or not _preps_meet(
        rule, (noun, verb) if light and verb is not None else (noun,), sentence, noun
    ):
        return
    if rule.complement and not _complement_meets(rule, noun):
        return
    if light and verb is not None:
        if rule.subject and not any(fits(t, rule.subject, sentence) for t in subjects(verb)):
            return
        yield Hit(rule, noun, verb, (verb, *children(verb, "prt")))
    else:
        yield Hit(rule, noun, None)


def _neighbours(noun: Token) -> list[Token]:
    """Words of a hyphenated or quoted modifier right before the noun."""
    doc, out = noun.doc, []
    for i in range(noun.i - 1, max(-1, noun.i - 5), -1):
        if doc[i].pos_ in ("NOUN", "ADJ", "PROPN", "PUNCT") or doc[i].text == "-":
            out.append(doc[i])
        else:
            break
    joined = "".join(t.text_with_ws for t in reversed(out)).strip("”“\"' ").lower().split()
    return out + [t for t in out if t.lower_ in joined]


def fits(token: Token, words: Words, sentence: SentenceContext, *, head_only: bool = False) -> bool:
    """Tell whether a phrase is headed by one of the words, or holds it as a modifier or after "of"."""
    if "*" in words or token.lemma_.lower() in words or token.lower_ in words:
        return True
    match = sentence.match_at.get(token.i)
    if "*country" in words and match and match.entry.kind in ("country", "seat", "body"):
        return True
    if (
        "people" in words
        and match
        and match.entry.kind == "people"
        and token.tag_ in ("NNS", "NNPS")
    ):
        return True
    person = "*country" in words or "*person" in words
    if (
        person
        and (known := sentence.entities.find_person([token.text])) is not None
        and (known.country or known.sector)
    ):
        return True
    if person and any(
        sentence.match_at[t.i].entry.kind == "role"
        for t in children(token, "compound", "appos")
        if t.i in sentence.match_at
    ):
        return True
    if (
        person
        and sentence.entities.political
        and token.pos_ == "PROPN"
        and token.ent_type_ in ("PERSON", "ORG")
    ):
        return True
    if "*country" in words and token.lower_ in ("he", "she", "it", "they", "we", "who"):
        return True
    if head_only:
        return False
    nearby = [*children(token, "amod", "compound", "nmod"), *prep_objects(token, "of")]
    return any(t.lemma_.lower() in words for t in nearby)


def _swallowed(hit: Hit) -> Iterable[int]:
    """What a verbal event says of: promised, demanded or condemned acts are not events of their own."""
    heads: list[Token] = []
    if hit.rule.type in _VERBAL or hit.rule.complement or hit.rule.type == "PROTEST":
        heads = complements(hit.trigger) + (
            complements(hit.verb) if hit.verb is not None and hit.verb != hit.trigger else []
        )
        if hit.rule.objects or hit.rule.type in _VERBAL:
            heads += (
                objects(hit.clause)
                if hit.clause.pos_ in ("VERB", "AUX") and not is_passive(hit.clause)
                else []
            )
            heads += [t for p in children(hit.trigger, "prep") for t in children(p, "pobj")]
    elif hit.verb == hit.trigger and hit.rule.objects:
        heads = objects(hit.trigger)
    if hit.rule.mode in ("convict", "arrest"):
        heads = heads + [
            t for p in children(hit.trigger, "prep") for t in children(p, "pcomp", "pobj")
        ]
    deep = hit.rule.type in _VERBAL or hit.rule.type == "PROTEST"
    for head in heads:
        if hit.trigger not in head.subtree:
            yield from _tree(head) if deep else (head.i, *(t.i for t in head.conjuncts))


def _tree(head: Token, depth: int = 0) -> Iterator[int]:
    yield head.i
    if depth < 40:
        for child in head.children:
            if child.dep_ not in _CUT or _is_purpose(child):
                yield from _tree(child, depth + 1)


def _is_purpose(verb: Token) -> bool:
    """Tell whether a clause is an infinitive of purpose: "offered to send troops to help the army"."""
    return (
        verb.dep_ == "advcl"
        and verb.tag_ == "VB"
        and any(t.lower_ == "to" for t in children(verb, "aux"))
    )


def struck(noun: Token) -> list[Token]:
    """Return what "the attack killed" has as its object."""
    verb = noun.head
    if noun.dep_ == "nsubj" and verb.lemma_ in _STRIKING:
        return objects(verb)
    return []
