"""Which texts are copies, and how their groups and ids behave."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.lakes import WORDS
from transforms.core.stories.copies import (
    TextSummary,
    connected_groups,
    copies_of,
    copy_kind,
    day_texts,
    origin_of,
)
from transforms.core.stories.fingerprint import fingerprint, shingles, similarity, top_terms
from transforms.core.stories.online import OnlineGroups
from transforms.core.stories.stable_ids import StableIds

AT = datetime(2024, 5, 6, tzinfo=UTC)
BODIES = {
    "a": WORDS,
    "near": WORDS.replace("Monday", "Tuesday"),
    "other": " ".join(reversed(WORDS.split())),
    "short": "Too short to be a copy.",
    "short2": "Too short to be a copy.",
}


def text(name: str, **fields: object) -> TextSummary:
    body = BODIES[name]
    values = {
        "article_id": name,
        "day": date(2024, 5, 6),
        "at": AT,
        "first_seen_at": AT,
        "source_domain": f"{name}.test",
        "credit": None,
        "body_sha256": body,
        "fingerprint": fingerprint(body),
        "word_count": len(body.split()),
        "story_id": None,
    }
    return TextSummary(**(values | fields))  # type: ignore[arg-type]


def found(name: str) -> set[str]:
    day = day_texts(text(n) for n in BODIES)
    return {
        t.article_id for t in copies_of(text(name), [day], lambda t: shingles(BODIES[t.article_id]))
    }


def test_near_copies_are_found_and_texts_of_the_same_words_are_not() -> None:
    assert found("a") == {"near"}
    assert found("other") == set()


def test_short_texts_are_not_copies() -> None:
    assert found("short") == set()


def test_kinds_of_copies() -> None:
    first = text("a", credit="Reuters")
    assert copy_kind(first, text("a", article_id="b")) == "exact"
    assert copy_kind(first, text("near")) == "near"
    assert copy_kind(first, text("near", credit="Reuters")) == "syndicated"
    assert origin_of([text("a"), text("near", credit="Reuters")]) == "Reuters"
    assert origin_of([text("a"), text("near")]) == "a.test"


def test_groups_are_connected_and_in_order_of_publication() -> None:
    late = text("a", at=AT + timedelta(hours=1))
    near, other = text("near"), text("other")
    links = {"a": [near], "near": [late], "other": []}
    got = connected_groups([late, other], lambda t: links[t.article_id])
    assert [[t.article_id for t in g] for g in got] == [["near", "a"], ["other"]]


@given(st.text(max_size=500))
def test_any_text_has_a_fingerprint_of_64_bits(body: str) -> None:
    assert -(2**63) <= fingerprint(body) < 2**63
    assert similarity(shingles(body), shingles(body)) == 1.0


def test_ids_stay_with_the_earliest_and_the_others_are_remembered() -> None:
    names = StableIds({"old1": frozenset({"older"}), "old2": frozenset()})
    assert names.assign(["old1", "old2"], lambda n: f"new{n}") == ("old1", ["old2", "older"])
    assert names.assign(["old1"], lambda n: f"new{n}") == ("new0", [])
    assert names.assign([], lambda n: f"new{n}") == ("new1", [])


def test_online_groups_are_named_after_their_first_text() -> None:
    online = OnlineGroups()
    assert [online.add(n, b) for n, b in BODIES.items()] == ["a", "a", "other", "short", "short2"]


def test_terms_are_the_names_a_text_repeats() -> None:
    story = (
        "The port of New Salem, said Lake Front rebels. In New Salem, they met Lake Front "
        "again. See Kenya."
    )
    assert top_terms([story]) == ["Lake Front", "New Salem"]
