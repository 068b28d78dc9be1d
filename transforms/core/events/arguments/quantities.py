"""Read the numbers of killed, injured and participants from the event's own clause."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from spacy.tokens import Token

from transforms.core.events.matching.match import RuleMatch
from transforms.core.events.parse.syntax import (
    ancestors,
    children,
    objects,
    prep_objects,
    subjects,
)
from transforms.core.events.rules.rule_files import word_set

_KILLING_VERBS = word_set("kill murder massacre slaughter slay behead execute assassinate martyr")
_HURTING_VERBS = word_set("wound injure hurt maim")
_LEAVING_VERBS = word_set("leave claim")
_SIZED_TYPES = word_set("MOBILIZE PROTEST RETREAT COERCE AID ASSAULT")
_MEASURED_ENTITIES = frozenset(("DATE", "TIME", "MONEY", "PERCENT"))
_MEASURES = word_set(
    "dollar euro pound year month day week hour percent % kilometer kilometre mile tonne ton time "
    "dose"
)
_NUMBER_WORDS = {
    **{"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7},
    **{"eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13},
    **{"fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18},
    **{"nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60},
    **{"seventy": 70, "eighty": 80, "ninety": 90},
}
_MULTIPLIERS = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}

_MAX = 2**31 - 1
"""The columns are 32-bit integers."""

_MAX_DIGITS = 11
"""Longer runs of digits are identifiers or corrupt text, and above `_MAX` anyway."""

_RESULT_REACH = 20
"""Words after "leaving" searched for "20 dead and 15 injured"."""
# Room for a list of places between them; 10 and 40 gave the same on 1,955 coded mentions.

_FILLER = r"(?:people|others|soldiers|civilians|more) "


def _count_of(state: str) -> tuple[re.Pattern[str], ...]:
    """Return the patterns of "20 dead" and "20 people dead", in order of preference."""
    return tuple(re.compile(rf"\b([\w,]+) {gap}(?:{state})\b") for gap in ("", _FILLER))


_COUNT_OF_DEAD = _count_of("dead")
_COUNT_OF_INJURED = _count_of("injured|wounded|hurt")


@dataclass(frozen=True, slots=True)
class Quantities:
    """Numbers of dead and injured, and the size of a crowd, force or haul; None if unstated."""

    dead: int | None = None
    injured: int | None = None
    size: int | None = None


def read_quantities(match: RuleMatch) -> Quantities:
    """Return the numbers stated in the event's own clause; vague ones ("dozens") are None."""
    event_type = match.rule.type
    casualties = _casualties(match.clause) if event_type == "ASSAULT" else Quantities()
    if casualties.dead or casualties.injured or event_type not in _SIZED_TYPES:
        return casualties
    return Quantities(casualties.dead, casualties.injured, _size(match))


def _casualties(clause: Token) -> Quantities:
    """Return the first number of dead and of injured that a verb of the clause gives."""
    dead = injured = None
    for verb in _verbs_of_clause(clause):
        dead = dead or _dead_by_verb(verb)
        injured = injured or _injured_by_verb(verb)
    return Quantities(dead, injured)


def _dead_by_verb(verb: Token) -> int | None:
    lemma = verb.lemma_.lower()
    if lemma in _LEAVING_VERBS:
        return _count_left(verb, _COUNT_OF_DEAD)
    if lemma in _KILLING_VERBS:
        return _first_number(objects(verb))
    if lemma == "die":
        return _first_number(subjects(verb))
    return None


def _injured_by_verb(verb: Token) -> int | None:
    lemma = verb.lemma_.lower()
    if lemma in _LEAVING_VERBS:
        return _count_left(verb, _COUNT_OF_INJURED)
    if lemma in _HURTING_VERBS:
        return _first_number(objects(verb))
    return None


def _verbs_of_clause(clause: Token) -> Iterator[Token]:
    """Yield the clause's verb, coordinated verbs, and those of its result ("leaving 12 dead")."""
    yield clause
    beside = (
        *clause.conjuncts,
        *children(clause, "advcl", "relcl", "conj"),
        *islice(ancestors(clause), 1),
    )
    for verb in beside:
        if verb.pos_ == "VERB" and verb.i != clause.i:
            yield verb


def _count_left(verb: Token, patterns: Sequence[re.Pattern[str]]) -> int | None:
    """Return the number in "leaving 20 dead"."""
    text = verb.doc[verb.i + 1 : verb.i + _RESULT_REACH].text.lower()
    for pattern in patterns:
        found = pattern.search(text)
        number = _parse_number([found[1]]) if found else None
        if number is not None:
            return number
    return None


def _size(match: RuleMatch) -> int | None:
    """Return the number of participants, or of what was sent, freed or seized."""
    event_type, verb = match.rule.type, match.verb
    if verb is None:
        return _first_number(prep_objects(match.trigger, "of", "by"))
    if event_type == "PROTEST":
        return _first_number(subjects(verb))
    if event_type == "ASSAULT":
        return _first_number(objects(verb)) if match.rule.mode == "abduct" else None
    number = _first_number([*objects(verb), *prep_objects(match.trigger, "of")])
    if number is not None or event_type in ("COERCE", "AID"):
        return number
    return _first_number(subjects(verb))


def _first_number(tokens: Iterable[Token]) -> int | None:
    for token in tokens:
        number = _number_of(token)
        if number is not None:
            return number
    return None


def _number_of(head: Token) -> int | None:
    """Return the number before a noun, or the number used as one ("wounded 30")."""
    if head.lemma_.lower() in _MEASURES or head.ent_type_ in _MEASURED_ENTITIES:
        return None
    for word in [head] if head.like_num else children(head, "nummod"):
        if word.ent_type_ in _MEASURED_ENTITIES:
            continue
        parts = [*children(word, "compound", "nummod"), word]
        number = _parse_number([p.lower_ for p in parts if p.like_num])
        if number is not None:
            return number
    return None


def _parse_number(words: Sequence[str]) -> int | None:
    """Return the number of words and digits in order: "two", "hundred"; "1.5", "million"."""
    total: float | None = None
    for word in words:
        if word in _MULTIPLIERS:
            total = (1 if total is None else total) * _MULTIPLIERS[word]
            continue
        value = _parse_word(word)
        if value is None:
            return None
        total = value if total is None else total + value
    return int(total) if total is not None and 0 <= total <= _MAX else None


def _parse_word(word: str) -> float | None:
    if word in _NUMBER_WORDS:
        return float(_NUMBER_WORDS[word])
    digits = word.replace(",", "")
    is_number = len(digits) <= _MAX_DIGITS and digits.replace(".", "", 1).isdecimal()
    return float(digits) if is_number else None
