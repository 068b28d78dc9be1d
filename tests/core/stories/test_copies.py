"""Which texts are copies, and how their groups and ids behave."""

from collections.abc import Iterable, Sequence, Set
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.lakes import WORDS
from transforms.core.stories.copies import (
    CopySearch,
    TextSummary,
    connected_groups,
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


def search(texts: Iterable[TextSummary], compared: list[str] | None = None) -> CopySearch:
    """Return a search in these texts, which notes the texts that it compares."""
    known = list(texts)

    def read(t: TextSummary) -> frozenset[int]:
        if compared is not None:
            compared.append(t.article_id)
        return shingles(t.body_sha256 or "")

    return CopySearch(lambda day: day_texts(t for t in known if t.day == day), read)


def found(name: str, *known: str) -> set[str]:
    copies = search(text(n) for n in BODIES).copies_of(text(name), {name, *known})
    return {t.article_id for t in copies}


def groups_of(texts: Sequence[TextSummary]) -> list[list[str]]:
    got = connected_groups(texts, search(texts).copies_of)
    return [[t.article_id for t in group] for group in got]


def template(number: int, shared: int = 40, own: int = 1) -> str:
    """Return a text of which so many words are those of a template."""
    words = [f"shared{n}" for n in range(shared)]
    return " ".join([*words, *(f"own{number}x{n}" for n in range(own))])


def templates(count: int, shared: int = 40, own: int = 1) -> list[TextSummary]:
    bodies = [template(number, shared, own) for number in range(count)]
    return [
        text(
            "a",
            article_id=f"t{number:04d}",
            body_sha256=body,
            fingerprint=fingerprint(body),
            word_count=len(body.split()),
        )
        for number, body in enumerate(bodies)
    ]


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
    got = connected_groups([late, other], lambda t, _: links[t.article_id])
    assert [[t.article_id for t in g] for g in got] == [["near", "a"], ["other"]]


def test_texts_of_a_template_are_not_compared_each_with_all_others() -> None:
    def comparisons(count: int) -> int:
        compared = list[str]()
        texts = templates(count)
        assert len(connected_groups(texts, search(texts, compared).copies_of)) == 1
        return len(compared) // 2

    assert comparisons(40) == 39
    assert comparisons(80) == 79


def test_texts_that_share_half_of_a_template_are_alone() -> None:
    assert len(groups_of(templates(20, shared=20, own=20))) == 20


def test_a_known_text_is_left_out_by_its_search_alone() -> None:
    assert found("a", "near") == set()
    texts = [text("a"), text("near")]
    both = search(texts)
    assert [t.article_id for t in both.copies_of(texts[0], {"a"})] == ["near"]
    assert list(both.copies_of(texts[0], {"a", "near"})) == []
    assert groups_of(texts) == groups_of(texts) == [["a", "near"]]


def test_copies_of_copies_on_later_days_are_in_one_group() -> None:
    days = [date(2024, 5, 6) + timedelta(days=n) for n in (0, 3, 6, 10)]
    texts = [text("a", article_id=f"d{n}", day=day) for n, day in enumerate(days)]
    assert groups_of(texts) == [["d0", "d1", "d2"], ["d3"]]


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 9), st.integers(0, 8))))
@settings(max_examples=30)
def test_groups_are_those_of_all_pairs(parts: list[tuple[str, int, int]]) -> None:
    texts = []
    for n, (name, changed, days) in enumerate(parts):
        words = [f"{name}{w}" for w in range(40)]
        words[changed * 4] = f"other{n}"
        body = " ".join(words)
        texts.append(
            text(
                "a",
                article_id=f"p{n:04d}",
                body_sha256=body,
                fingerprint=fingerprint(body),
                word_count=40,
                day=date(2024, 5, 6) + timedelta(days=days),
            )
        )

    def copies(t: TextSummary, _: Set[str]) -> list[TextSummary]:
        return list(search(texts).copies_of(t, {t.article_id}))

    pairwise = [[t.article_id for t in g] for g in connected_groups(texts, copies)]
    assert groups_of(texts) == pairwise


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
