"""Learning a site takes bounded work, however large its articles and however alike."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.synthetic_sites import SyntheticSite, newspaper
from tests.helpers.work import count_steps
from transforms.core.clean import site_memory
from transforms.core.clean.outline import MAX_ARTICLE_BLOCKS, Outline, outline_of
from transforms.core.clean.similar_blocks import MAX_DISTANCE, copy_representatives
from transforms.core.clean.site_memory import learn_site
from transforms.core.clean.strip import strip_site_boilerplate
from transforms.records import Article

SITE = newspaper(6)
FIRST = outline_of(SITE.stories[0].article(SITE.domain))


def copies(count: int) -> list[Outline]:
    return [replace(FIRST, article_id=f"{n:032x}") for n in range(count)]


def flipped(print_: int, bits: tuple[int, ...]) -> int:
    """Return a fingerprint with some of its bits changed, as a signed integer."""
    value = print_ & (2**64 - 1)
    for bit in bits:
        value ^= 1 << bit
    return value - 2**64 if value >= 2**63 else value


@pytest.mark.parametrize("known", [0, 400], ids=["in a batch", "in the lake"])
def test_copies_of_one_text_are_not_compared_in_pairs(known: int) -> None:
    assert FIRST.fingerprint is not None
    before = {f"k{n}": FIRST.fingerprint for n in range(known)}
    small, large = (
        count_steps(lambda n=n: copy_representatives(copies(n), before))  # type: ignore[misc]
        for n in (200, 400)
    )
    assert large < 2.3 * small
    assert set(copy_representatives(copies(200), before).values()) == {"k0" if known else "0" * 32}


PRINTS = st.lists(
    st.sets(st.integers(0, 24), max_size=8).map(lambda bits: tuple(sorted(bits))),
    min_size=1,
    max_size=12,
)


@given(PRINTS, PRINTS)
@settings(deadline=None)
def test_groups_are_those_that_pairs_connect(
    own: list[tuple[int, ...]], known: list[tuple[int, ...]]
) -> None:
    bits = {f"a{n}": set(one) for n, one in enumerate(own)}
    others = {f"k{n}": set(one) for n, one in enumerate(known)}
    every = bits | others
    group = {article: {article} for article in every}
    for a in bits:
        for b in every:
            if len(every[a] ^ every[b]) <= MAX_DISTANCE:
                merged = group[a] | group[b]
                group |= dict.fromkeys(merged, merged)
    outlines = [
        replace(FIRST, article_id=article, fingerprint=flipped(7, tuple(one)), blocks=())
        for article, one in bits.items()
    ]
    found = copy_representatives(
        outlines, {article: flipped(7, tuple(one)) for article, one in others.items()}
    )
    assert found == {
        a: min(group[a], key=lambda article: (article not in others, article)) for a in bits
    }


def with_blocks(count: int) -> Article:
    """Return an article of the site with lines between its text and its tail."""
    story = SITE.stories[0]
    missing = count - len(story.page)
    lines = [f"Berth {n} is free" for n in range(missing)]
    page = [*story.page[:5], *lines, *story.page[5:]]
    return replace(story.article(SITE.domain), body="\n\n".join(page))


@pytest.mark.parametrize(
    ("blocks", "is_cleaned"), [(MAX_ARTICLE_BLOCKS, True), (MAX_ARTICLE_BLOCKS + 1, False)]
)
def test_what_has_too_many_blocks_is_left_to_the_rules(blocks: int, *, is_cleaned: bool) -> None:
    learned = learn_site(SITE.domain, (outline_of(s.article(SITE.domain)) for s in SITE.stories))
    article = with_blocks(blocks)
    clean = strip_site_boilerplate((article, learned.boilerplate))
    assert any(r.reason == "site-memory" for r in clean.removed) == is_cleaned
    assert bool(outline_of(article).blocks) == is_cleaned


def outlines_of(site: SyntheticSite) -> list[Outline]:
    return [outline_of(story.article(site.domain)) for story in site.stories]


def test_of_a_large_batch_a_part_is_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    outlines = sorted(outlines_of(newspaper(20)), key=lambda outline: outline.article_id)
    some = sum(len(outline.blocks) for outline in outlines[:12])
    expected = learn_site("a.test", outlines[:12])
    assert learn_site("a.test", outlines) != expected
    monkeypatch.setattr(site_memory, "MAX_BATCH_BLOCKS", some)
    assert learn_site("a.test", outlines) == expected
    assert learn_site("a.test", reversed(outlines)) == expected
    assert expected.boilerplate.hashes
