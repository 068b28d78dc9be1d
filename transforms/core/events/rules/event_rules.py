"""The event rules of a language, and the types of the ontology."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Any

from transforms.core.events.confidence import Curve
from transforms.core.events.rules.rule_files import event_files, read_table, word_set
from transforms.errors import MachineError

Words = frozenset[str]

_DEFAULT_WEIGHT = 0.75
"""Raw score of a rule that gives no `weight`, as two of three do."""
# The scale is arbitrary: `confidence.calibrate` maps it to measured shares. Less reliable rules
# have 0.5 to 0.7.

_KEYS = word_set(
    "name type mode contexts verbs nouns adjectives particle objects not_objects complement preps "
    "modifiers not_modifiers subject light bare negated recipient mutual priority guard adds "
    "weight codes misses aux not_complement undergone unless"
)


@dataclass(frozen=True, slots=True)
class EventType:
    """Quad class and score of a PLOVER type, and the scores of its modes."""

    quad: str
    score: float
    modes: Mapping[str, float]
    needs_recipient: bool

    def score_of(self, mode: str | None) -> float:
        """Return the score of the mode, else that of the type."""
        return self.modes.get(mode or "", self.score)


@dataclass(frozen=True, slots=True)
class Rule:
    """One event rule: the words that trigger it and the conditions on their surroundings.

    The fields are the keys of a `[[rule]]` table, which `docs/events.md` explains.
    """

    name: str
    type: str
    mode: str | None
    contexts: tuple[str, ...]
    verbs: Words
    nouns: Words
    adjectives: Words
    particle: Words
    objects: Words
    not_objects: Words
    complement: Words
    preps: tuple[tuple[str, Words], ...]
    modifiers: Words
    not_modifiers: Words
    subject: Words
    light: Words
    bare: bool
    negated: bool
    aux: Words
    not_complement: Words
    undergone: bool
    unless: Words
    recipient: tuple[str, ...]
    mutual: bool
    guard: str
    adds: tuple[tuple[str, str | None], ...]
    weight: float
    priority: int
    codes: tuple[str, ...] = field(repr=False)
    misses: tuple[str, ...] = field(repr=False)

    @property
    def specificity(self) -> int:
        """The number of the rule's conditions plus its priority.

        Of two rules that match a word, the more specific one wins.
        """
        conditions = (
            self.particle,
            self.objects,
            self.complement,
            self.preps,
            self.modifiers,
            self.subject,
            self.aux,
        )
        return sum(map(bool, conditions)) + self.negated + self.undergone + self.priority


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of a language, also by the lemma that triggers them, and the ontology.

    The rules of a lemma are in order of their specificity, the most specific first.
    """

    language: str
    all: tuple[Rule, ...]
    verbs: Mapping[str, tuple[Rule, ...]]
    nouns: Mapping[str, tuple[Rule, ...]]
    adjectives: Mapping[str, tuple[Rule, ...]]
    word_classes: Mapping[str, Words]
    types: Mapping[str, EventType]
    curve: Curve = ()

    def word_class(self, name: str) -> Words:
        """Return a word class of the language; the empty set if it has none of that name."""
        return self.word_classes.get(name, frozenset())


@lru_cache(maxsize=8)
def load_rules(language: str = "en") -> Rules:
    """Return a language's rules; raise `MachineError` (E_EVENTS_RULE) for an invalid table."""
    tables = {f.name: read_table("events", language, f.name) for f in event_files(language)}
    words = tables.pop("words.toml")
    classes = {name: frozenset(members) for name, members in words["class"].items()}
    types = _types(read_table("ontology.toml"))
    rows = chain.from_iterable(table.get("rule", ()) for table in tables.values())
    rules = tuple(_rule(row, classes, words["recipient"], types) for row in rows)
    return Rules(
        language=language,
        all=rules,
        verbs=_by_lemma(rules, lambda rule: rule.verbs),
        nouns=_by_lemma(rules, lambda rule: rule.nouns),
        adjectives=_by_lemma(rules, lambda rule: rule.adjectives),
        word_classes=classes,
        types=types,
        curve=_curve(words),
    )


def _curve(words: Mapping[str, Any]) -> Curve:
    points = words.get("confidence", {}).get("curve", ())
    return tuple((float(x), float(y)) for x, y in points)


def _types(ontology: Mapping[str, Any]) -> dict[str, EventType]:
    types = {}
    for name, row in ontology["type"].items():
        types[name] = EventType(
            quad=row["quad"],
            score=float(row["score"]),
            modes={mode: float(score) for mode, score in row.get("modes", {}).items()},
            needs_recipient=row.get("needs_recipient", False),
        )
    return types


def _by_lemma(
    rules: Iterable[Rule], triggers: Callable[[Rule], Words]
) -> dict[str, tuple[Rule, ...]]:
    """Return the rules by their triggers, the most specific first."""
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        for lemma in triggers(rule):
            found.setdefault(lemma, []).append(rule)
    return {
        lemma: tuple(sorted(of_lemma, key=lambda r: -r.specificity))
        for lemma, of_lemma in found.items()
    }


def _rule(
    row: Mapping[str, Any],
    classes: Mapping[str, Words],
    recipients: Mapping[str, list[str]],
    types: Mapping[str, EventType],
) -> Rule:
    name = row.get("name", "(no name)")
    _check_keys(name, row, types)

    def words(key: str) -> Words:
        return _expand(row.get(key, ()), classes, name)

    return Rule(
        name=name,
        type=row["type"],
        mode=row.get("mode"),
        contexts=tuple(sorted(row.get("contexts", ()))),
        verbs=words("verbs"),
        nouns=words("nouns"),
        adjectives=words("adjectives"),
        particle=words("particle"),
        objects=words("objects"),
        not_objects=words("not_objects"),
        complement=words("complement"),
        preps=tuple((p, _expand(ws, classes, name)) for p, ws in row.get("preps", {}).items()),
        modifiers=words("modifiers"),
        not_modifiers=words("not_modifiers"),
        subject=words("subject"),
        light=words("light") or classes["do"],
        bare=row.get("bare", True),
        negated=row.get("negated", False),
        aux=words("aux"),
        not_complement=words("not_complement"),
        undergone=row.get("undergone", False),
        unless=words("unless"),
        recipient=tuple(row.get("recipient", recipients[row["type"]])),
        mutual=row.get("mutual", False),
        guard=row.get("guard", "any"),
        adds=tuple((a["type"], a.get("mode")) for a in row.get("adds", ())),
        weight=float(row.get("weight", _DEFAULT_WEIGHT)),
        priority=row.get("priority", 0),
        codes=tuple(row["codes"]),
        misses=tuple(row.get("misses", ())),
    )


def _check_keys(name: str, row: Mapping[str, Any], types: Mapping[str, EventType]) -> None:
    unknown = row.keys() - _KEYS
    missing = {"name", "type", "codes"} - row.keys()
    if unknown or missing:
        problem = f"unknown key {min(unknown)}" if unknown else f"no {min(missing)}"
    elif row["type"] not in types:
        problem = f"unknown type {row['type']}"
    else:
        return
    raise MachineError(f"event rule {name}: {problem}", reason="E_EVENTS_RULE")


def _expand(words: Iterable[str], classes: Mapping[str, Words], name: str) -> Words:
    """Return the words, with the members of a class in place of its name ("@troops")."""
    out: set[str] = set()
    for word in words:
        if not word.startswith("@"):
            out.add(word)
        elif word[1:] in classes:
            out |= classes[word[1:]]
        else:
            raise MachineError(
                f"event rule {name}: there is no word class {word}", reason="E_EVENTS_RULE"
            )
    return frozenset(out)
