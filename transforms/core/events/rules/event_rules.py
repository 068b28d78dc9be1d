"""What are the event patterns, and what does the ontology say of their types?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from transforms.core.events.confidence import Curve
from transforms.core.events.rules.rule_files import event_files, read_table, word_set
from transforms.errors import EventsError

Words = frozenset[str]


@dataclass(frozen=True, slots=True)
class EventType:
    """Quad class and score of a PLOVER type, and the scores of its modes."""

    quad: str
    score: float
    modes: Mapping[str, float]
    needs_recipient: bool

    def score_of(self, mode: str | None) -> float:
        """Return the mode's own score, else the type's."""
        return self.modes.get(mode or "", self.score)


@dataclass(frozen=True, slots=True)
class Rule:
    """One event pattern: the words that trigger it and what must stand with them."""

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
        """How many conditions it has: of two patterns on one word, the stricter one is meant."""
        asked = (
            self.particle,
            self.objects,
            self.complement,
            self.preps,
            self.modifiers,
            self.subject,
            self.aux,
        )
        return sum(map(bool, asked)) + self.negated + self.undergone + self.priority


@dataclass(frozen=True, slots=True)
class Rules:
    """All patterns, by the lemma that triggers them, and the ontology."""

    language: str
    all: tuple[Rule, ...]
    verbs: Mapping[str, tuple[Rule, ...]]
    nouns: Mapping[str, tuple[Rule, ...]]
    adjectives: Mapping[str, tuple[Rule, ...]]
    word_classes: Mapping[str, Words]
    types: Mapping[str, EventType]
    curve: Curve = ()

    def word_class(self, name: str) -> Words:
        """Return a word class; the empty set where there is none."""
        return self.word_classes.get(name, frozenset())


@lru_cache(maxsize=8)
def load_rules(language: str = "en") -> Rules:
    """Return a language's patterns; raise `EventsError` for a table that says what it cannot mean."""
    tables = {f.name: read_table("events", language, f.name) for f in event_files(language)}
    words = tables.pop("words.toml")
    classes = {name: frozenset(ws) for name, ws in words["class"].items()}
    types = _types(read_table("ontology.toml"))
    rules = tuple(
        _rule(row, classes, words["recipient"], types)
        for t in tables.values()
        for row in t.get("rule", ())
    )
    return Rules(
        language=language,
        all=rules,
        verbs=_index((lemma, r) for r in rules for lemma in r.verbs),
        nouns=_index((lemma, r) for r in rules for lemma in r.nouns),
        adjectives=_index((lemma, r) for r in rules for lemma in r.adjectives),
        word_classes=classes,
        types=types,
        curve=tuple((float(x), float(y)) for x, y in words.get("confidence", {}).get("curve", ())),
    )


def _types(ontology: Mapping[str, Any]) -> dict[str, EventType]:
    return {
        name: EventType(
            quad=row["quad"],
            score=float(row["score"]),
            modes={k: float(v) for k, v in row.get("modes", {}).items()},
            needs_recipient=row.get("needs_recipient", False),
        )
        for name, row in ontology["type"].items()
    }


def _index(pairs: Iterable[tuple[str, Rule]]) -> dict[str, tuple[Rule, ...]]:
    out: dict[str, list[Rule]] = {}
    for lemma, rule in pairs:
        out.setdefault(lemma, []).append(rule)
    return {
        lemma: tuple(sorted(rules, key=lambda r: -r.specificity)) for lemma, rules in out.items()
    }


_KEYS = word_set(
    "name type mode contexts verbs nouns adjectives particle objects not_objects complement preps modifiers "
    "not_modifiers subject light bare negated recipient mutual priority guard adds weight codes misses "
    "aux not_complement undergone unless"
)


def _rule(
    row: Mapping[str, Any],
    classes: Mapping[str, Words],
    recipients: Mapping[str, list[str]],
    types: Mapping[str, EventType],
) -> Rule:
    name = row.get("name", "(no name)")
    if (
        not row.keys() <= _KEYS
        or row.get("type") not in types
        or not {"name", "codes"} <= row.keys()
    ):
        raise EventsError(
            f"event pattern {name}: unknown key or type, or no examples", reason="E_EVENTS_RULE"
        )

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
        weight=float(row.get("weight", 0.75)),
        priority=row.get("priority", 0),
        codes=tuple(row["codes"]),
        misses=tuple(row.get("misses", ())),
    )


def _expand(words: Iterable[str], classes: Mapping[str, Words], name: str) -> Words:
    out: set[str] = set()
    for word in words:
        if word.startswith("@") and word[1:] not in classes:
            raise EventsError(
                f"event pattern {name}: there is no word class {word}", reason="E_EVENTS_RULE"
            )
        out |= classes[word[1:]] if word.startswith("@") else {word}
    return frozenset(out)
