"""Each pattern codes its own examples, and not its near misses."""

import pytest

from transforms.core.events.coder import code_events, load_coder, patterns_met
from transforms.core.events.rules.event_rules import Rule, load_rules
from transforms.records import EventMention

CODES = [(rule, text) for rule in load_rules().all for text in rule.codes]
MISSES = [(rule, text) for rule in load_rules().all for text in rule.misses]


def named(case: tuple[Rule, str]) -> str:
    return f"{case[0].name}: {case[1]}"


def code(text: str) -> tuple[EventMention, ...]:
    return code_events(text, title=None, published_at=None, coder=load_coder())


@pytest.mark.parametrize("case", CODES, ids=named)
def test_example_codes(case: tuple[Rule, str]) -> None:
    """The type comes out, and the pattern is met: a stricter one of the same type may give the event its name."""
    rule, text = case
    assert rule.type in {m.type for m in code(text)}
    assert rule.name in patterns_met(text, load_coder())


@pytest.mark.parametrize("case", MISSES, ids=named)
def test_near_miss_does_not_code(case: tuple[Rule, str]) -> None:
    rule, text = case
    assert rule.name not in {m.rule for m in code(text)}


def test_names_are_unique_and_modes_known() -> None:
    rules = load_rules()
    names = [rule.name for rule in rules.all]
    assert len(names) == len(set(names)) >= 100
    for rule in rules.all:
        assert rule.mode is None or rule.mode in rules.types[rule.type].modes, rule.name


def test_every_type_has_patterns() -> None:
    rules = load_rules()
    for kind in rules.types:
        assert sum(rule.type == kind for rule in rules.all) >= 3, kind
