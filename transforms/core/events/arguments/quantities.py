"""How many were killed, hurt, or took part, as the sentence says it?"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from spacy.tokens import Token

from transforms.core.events.matching.match import RuleMatch
from transforms.core.events.parse.syntax import ancestors, children, objects, prep_objects, subjects
from transforms.core.events.rules.rule_files import word_set

_KILL = word_set("kill murder massacre slaughter slay behead execute assassinate martyr")
_HURT = word_set("wound injure hurt maim")
_LEAVE = word_set("leave claim")
_FORCE = word_set("MOBILIZE PROTEST RETREAT COERCE AID ASSAULT")
_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_TEN_WORDS = "thirty forty fifty sixty seventy eighty ninety"
_SMALL = {w: n for n, w in enumerate(_UNITS.split())}
_TENS = {w: 10 * n for n, w in enumerate(_TEN_WORDS.split(), 3)}
_TIMES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_NOT_HEADS = word_set(
    "dollar euro pound year month day week hour percent % kilometer kilometre mile tonne ton time dose"
)
_LIMIT = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Sizes:
    """Numbers of the killed and the hurt, and of the crowd, force or haul; None where the sentence gives none."""

    dead: int | None = None
    injured: int | None = None
    size: int | None = None


def read_sizes(match: RuleMatch, kind: str) -> Sizes:
    """Return the numbers that the event's own clause gives."""
    dead = injured = None
    if kind == "ASSAULT":
        dead, injured = _victims(match.clause)
    size = _size(match, kind) if kind in _FORCE and not (dead or injured) else None
    return Sizes(dead, injured, size)


def _victims(clause: Token) -> tuple[int | None, int | None]:
    dead = injured = None
    for verb in _verbs(clause):
        lemma = verb.lemma_.lower()
        if lemma in _KILL:
            dead = dead or _first(objects(verb))
        elif lemma in _HURT:
            injured = injured or _first(objects(verb))
        elif lemma in _LEAVE:
            dead = dead or _left(verb, "dead")
            injured = injured or _left(verb, "injured|wounded|hurt")
        elif lemma == "die":
            dead = dead or _first(subjects(verb))
    return dead, injured


def _verbs(clause: Token) -> Iterator[Token]:
    """The clause's verb, those beside it, and those it ends in ("leaving 12 dead")."""
    yield clause
    for verb in (
        *clause.conjuncts,
        *children(clause, "advcl", "relcl", "conj"),
        *(list(ancestors(clause))[:1]),
    ):
        if verb.pos_ == "VERB" and verb.i != clause.i:
            yield verb


def _left(verb: Token, words: str) -> int | None:
    """The number in "leaving 20 dead and 15 injured"."""
    text = verb.doc[verb.i + 1 : verb.i + 20].text.lower()
    for filler in ("", r"(?:people|others|soldiers|civilians|more) "):
        found = re.search(rf"\b([\w,]+) {filler}(?:{words})\b", text)
        value = _value([found[1]]) if found else None
        if value is not None:
            return value
    return None


def _size(match: RuleMatch, kind: str) -> int | None:
    verb = match.verb
    if verb is None:
        return _first(prep_objects(match.trigger, "of", "by"))
    if kind == "PROTEST":
        return _first(subjects(verb))
    if kind == "ASSAULT":
        return _first(objects(verb)) if match.rule.mode == "abduct" else None
    own = _first([*objects(verb), *prep_objects(match.trigger, "of")])
    return own if own is not None or kind in ("COERCE", "AID") else _first(subjects(verb))


def _first(tokens: Iterable[Token]) -> int | None:
    return next((n for t in tokens if (n := number_of(t)) is not None), None)


def number_of(head: Token) -> int | None:
    """Return the number before a noun, or the number that stands for it ("wounded 30"); None for a vague one."""
    if head.lemma_.lower() in _NOT_HEADS or head.ent_type_ in ("DATE", "TIME", "MONEY", "PERCENT"):
        return None
    words = [head] if head.like_num else children(head, "nummod")
    for word in words:
        if word.ent_type_ in ("DATE", "TIME", "MONEY", "PERCENT"):
            continue
        parts = [*children(word, "compound", "nummod"), word]
        found = _value([p.lower_ for p in parts if p.like_num])
        if found is not None:
            return found
    return None


def _value(words: list[str]) -> int | None:
    total: float | None = None
    for word in words:
        if word in _TIMES:
            total = (1 if total is None else total) * _TIMES[word]
            continue
        plain = word.replace(",", "")
        value = _SMALL.get(word, _TENS.get(word))
        if value is None and plain.replace(".", "", 1).isdecimal() and len(plain) < 12:
            value_f = float(plain)
        elif value is not None:
            value_f = float(value)
        else:
            return None
        total = value_f if total is None else total + value_f
    return int(total) if total is not None and 0 <= total <= _LIMIT else None
