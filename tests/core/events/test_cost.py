"""Coding takes work that grows with the size of an article, and means what it meant before."""

from dataclasses import replace
from functools import partial
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.lakes import mention
from tests.helpers.work import count_steps
from transforms.core.events import event_coreference
from transforms.core.events.event_coreference import number_events
from transforms.core.events.parse.prefilter import is_anaphoric
from transforms.core.events.parse.segments import Segment
from transforms.core.events.parse.sentence_filter import _add_antecedents
from transforms.core.events.rules.contexts import _SENTENCE_END, add_contexts, load_contexts
from transforms.records import Actor, EventMention

MAX_GROWTH = 2.4
TEXT = st.lists(
    st.sampled_from(["army", "election", "virus", " ", ". ", ".\n", "\n", '."\n', "!” ", "?"]),
    min_size=1,
    max_size=25,
).map("".join)


def other_parties(count: int) -> list[EventMention]:
    """Return mentions of events between other countries each."""
    pairs = list(product(range(count), range(10)))[:count]
    return [
        replace(
            mention("France met Kenya"),
            actor=(Actor(text="a", country=f"A{a}"),),
            recipient=(Actor(text="b", country=f"B{b}"),),
            trigger_start=n,
        )
        for n, (a, b) in enumerate(pairs)
    ]


def test_events_of_an_article_are_numbered_in_linear_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_coreference, "_MAX_COMPARED", 50)
    small, large = (
        count_steps(partial(number_events, other_parties(count))) for count in (200, 400)
    )
    assert large < MAX_GROWTH * small


@pytest.mark.parametrize("count", [1, 30, 900])
def test_an_article_has_as_many_events_as_it_reports(count: int) -> None:
    once = other_parties(count)
    again = [replace(m, trigger_start=m.trigger_start + count) for m in once]
    numbers = [m.event for m in number_events([*once, *again])]
    assert numbers == [*range(1, count + 1), *range(1, count + 1)]


@given(TEXT, st.data())
def test_contexts_are_those_of_the_sentences_around(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start, len(text)))
    found = replace(mention("a met b"), evidence_start=start, evidence_end=end, contexts=())
    before = [m.end() for m in _SENTENCE_END.finditer(text, 0, start)]
    after = _SENTENCE_END.search(text, end)
    sentence = text[before[-1] if before else 0 : after.start() if after else len(text)]
    expected = {n for n, p in load_contexts("en").items() if p.search(sentence)}
    assert expected <= set(add_contexts([found], "", text, "en")[0].contexts)


def antecedents_by_definition(texts: list[str], chosen: set[int]) -> set[int]:
    """Return the chosen sentences, and each that one with a pronoun follows."""
    found = set(chosen)
    for n in chosen:
        while n > 0 and is_anaphoric(texts[n]):
            n -= 1
            found.add(n)
    return found


@given(st.lists(st.sampled_from(["He left Kenya.", "France left."]), min_size=1), st.data())
def test_antecedents_are_those_of_the_definition(texts: list[str], data: st.DataObject) -> None:
    chosen = data.draw(st.sets(st.integers(0, len(texts) - 1)))
    found = [set(chosen)]
    _add_antecedents(0, [[Segment(text, 0) for text in texts]], found)
    assert found[0] == antecedents_by_definition(texts, chosen)
