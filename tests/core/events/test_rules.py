"""Each pattern codes its own examples, and not its near misses."""

import pytest

from transforms.core.events.coder import code_events
from transforms.core.events.entities.article_entities import read_entities
from transforms.core.events.loading import load_coder
from transforms.core.events.matching.match import match_rules
from transforms.core.events.parse.article_parser import ArticleParser
from transforms.core.events.parse.segments import paragraphs
from transforms.core.events.rules.event_rules import Rule, load_rules
from transforms.records import EventMention

CODES = [(rule, text) for rule in load_rules().all for text in rule.codes]
MISSES = [(rule, text) for rule in load_rules().all for text in rule.misses]


def named(case: tuple[Rule, str]) -> str:
    return f"{case[0].name}: {case[1]}"


def code(text: str) -> tuple[EventMention, ...]:
    return code_events(text, title=None, published_at=None, coder=load_coder())


def matched_rules(text: str) -> set[str]:
    """Return the names of all rules that match a word of the text, also of those superseded."""
    coder, segments = load_coder(), list(paragraphs(text))
    entities = read_entities([text], coder.lexicon)
    found = set()
    for parsed in ArticleParser(coder, entities, None).parse(segments, "body"):
        for sentence in parsed:
            for token in sentence.doc:
                found |= {m.rule.name for m in match_rules(token, sentence, coder.rules)}
    return found


@pytest.mark.parametrize("case", CODES, ids=named)
def test_example_codes(case: tuple[Rule, str]) -> None:
    """The rule matches and the type comes out, maybe by a more specific rule of the same type."""
    rule, text = case
    assert rule.type in {m.type for m in code(text)}
    assert rule.name in matched_rules(text)


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
