"""Contexts, confidence, and sentences that are not parsed or give no event."""

from itertools import pairwise

import pytest

from transforms.core.events.coder import code_events
from transforms.core.events.confidence import calibrate
from transforms.core.events.entities.article_entities import read_entities
from transforms.core.events.loading import load_coder
from transforms.core.events.parse.sentence_filter import names_party
from transforms.core.events.rules.contexts import load_contexts
from transforms.core.events.rules.event_rules import load_rules
from transforms.core.events.rules.rule_files import read_table


def test_contexts_are_those_of_the_ontology() -> None:
    assert set(load_contexts("en")) <= set(read_table("ontology.toml")["contexts"])
    assert len(load_contexts("en")) == 37


@pytest.mark.parametrize(
    ("text", "context", "given"),
    [
        ("Turkish police arrested ten migrants at the border.", "migration", True),
        ("A court in Peru convicted the mayor of taking bribes.", "corruption", True),
        ("The Turkish president met the Greek premier.", "corruption", False),
    ],
)
def test_sentence_gives_contexts(text: str, context: str, given: bool) -> None:
    found = code_events(text, title=None, published_at=None, coder=load_coder())
    assert any(context in m.contexts for m in found) is given


def test_confidence_rises_with_the_raw_score_and_stays_a_share() -> None:
    curve = load_rules().curve
    calibrated = [calibrate(n / 100, curve) for n in range(101)]
    assert all(a <= b for a, b in pairwise(calibrated))
    assert 0 < calibrated[0] < calibrated[-1] < 1
    assert calibrate(0.4, ()) == 0.4


@pytest.mark.parametrize(
    ("sentence", "before", "expected"),
    [
        ("Police arrested a man.", False, True),
        ("She attacked the butter with a knife.", False, False),
        ("She attacked the village.", True, True),
        ("The striker shot twice.", False, False),
    ],
)
def test_only_sentences_that_may_name_a_party_are_parsed(
    sentence: str, before: bool, expected: bool
) -> None:
    lexicon = load_coder().lexicon
    assert names_party(sentence, read_entities((), lexicon), lexicon, before=before) is expected


@pytest.mark.parametrize(
    "text",
    [
        "Arsenal beat Chelsea and the coach was fired after the attack line failed to shoot.",
        "The strikers defended well, but Madrid's goalkeeper was beaten by a late strike.",
        "Whip the cream, beat the eggs and attack the crust with a fork.",
        "The studio signed a deal with the singer and released a new album.",
        "Apple launched a phone that beats its rivals on price, a critic agreed.",
    ],
)
def test_words_of_other_fields_are_not_events(text: str) -> None:
    assert code_events(text, title=None, published_at=None, coder=load_coder()) == ()
