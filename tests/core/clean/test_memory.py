"""What the memory of a site takes away, and what it must leave."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.examples import examples
from tests.helpers.lakes import NOW
from tests.helpers.synthetic_sites import (
    Story,
    SyntheticSite,
    newspaper,
    paragraphs,
    recipe_site,
    updates,
)
from transforms.core.clean.outline import outline_of
from transforms.core.clean.site_memory import (
    MAX_BLOCKS,
    learn_site,
    merge_occurrences,
    with_verdicts,
)
from transforms.core.clean.strip import load_rules, strip_boilerplate
from transforms.core.ids import MAX_SAMPLE_IDS
from transforms.records import Article, SiteBlock


def cleaned(articles: Sequence[Article], known: Sequence[SiteBlock] = ()) -> list[Article]:
    learned = learn_site("a.test", map(outline_of, articles), known)
    return [strip_boilerplate(a, load_rules(a.language), learned.boilerplate) for a in articles]


def articles_of(site: SyntheticSite, stories: Sequence[Story] | None = None) -> list[Article]:
    return [story.article(site.domain) for story in (site.stories if stories is None else stories)]


def blocks_of(article: Article) -> list[str]:
    return (article.body or "").split("\n\n")


@pytest.mark.parametrize("count", [4, 5, 6, 12, 40])
def test_the_boilerplate_goes_and_no_line_of_the_articles(count: int) -> None:
    site = newspaper(count)
    for story, article in zip(site.stories, cleaned(articles_of(site)), strict=True):
        assert blocks_of(article) == story.own
        assert {r.text for r in article.removed if r.reason == "site-memory"} == set(
            site.boilerplate
        )
        assert article.memory_version is not None


@pytest.mark.parametrize(
    "site", [recipe_site(), recipe_site(12), updates(), updates(9)], ids=lambda s: s.domain
)
def test_lists_keep_their_titles_and_updates_teach_nothing(site: SyntheticSite) -> None:
    for story, article in zip(site.stories, cleaned(articles_of(site)), strict=True):
        assert blocks_of(article) == story.own


def test_two_articles_prove_nothing() -> None:
    site = newspaper(2)
    for story, article in zip(site.stories, cleaned(articles_of(site)), strict=True):
        assert blocks_of(article) == story.page
        assert article.memory_version is None


def test_one_article_under_three_links_proves_nothing() -> None:
    story = newspaper().stories[0]
    articles = [replace(story, name=name).article("a.test") for name in ("1", "2", "3")]
    assert all(blocks_of(a) == story.page for a in cleaned(articles))


def test_the_next_article_is_cleaned_by_what_the_others_proved() -> None:
    site = newspaper(8)
    *before, last = site.stories
    learned = learn_site(site.domain, map(outline_of, articles_of(site, before)))
    (alone,) = cleaned(articles_of(site, [last]), learned.blocks)
    assert blocks_of(alone) == last.own


def test_memory_does_not_depend_on_the_order_of_articles() -> None:
    articles = articles_of(newspaper(9))
    expected = learn_site("a.test", map(outline_of, articles))
    for seed in range(5):
        random.Random(seed).shuffle(articles)
        assert learn_site("a.test", map(outline_of, articles)) == expected


def test_an_article_of_an_earlier_run_represents_its_copy() -> None:
    site = newspaper(4)
    first = articles_of(site)[0]
    outline = outline_of(first)
    copy = outline_of(replace(first, article_id="f" * 32))
    assert outline.fingerprint is not None
    learned = learn_site(site.domain, [copy], known_prints={first.article_id: outline.fingerprint})
    assert {i for block in learned.blocks for i in block.article_ids} == {first.article_id}


def test_boilerplate_that_came_late_is_learned_on_an_old_site() -> None:
    old = newspaper(40)
    known = learn_site(old.domain, map(outline_of, articles_of(old))).blocks
    new = "Now with a crossword for each day of the week"
    stories = [Story(f"new{n}", own := paragraphs(("new", n), 6), [*own, new]) for n in range(5)]
    articles = [
        s.article(old.domain, seen_at=NOW + timedelta(days=1, seconds=n))
        for n, s in enumerate(stories)
    ]
    assert all(new not in blocks_of(a) for a in cleaned(articles, known))


def test_what_few_articles_of_a_site_have_is_not_boilerplate() -> None:
    shared = "The harbour commission meets again on the first of the month"
    stories = [
        Story(str(n), own := [*paragraphs(n, 6), *[shared] * (n < 4)], own) for n in range(12)
    ]
    articles = [
        s.article("a.test", seen_at=NOW + timedelta(seconds=n)) for n, s in enumerate(stories)
    ]
    spread = [
        replace(a, seen_at=NOW + timedelta(seconds=3 * n % 12)) for n, a in enumerate(articles)
    ]
    assert all(blocks_of(a) == s.own for a, s in zip(cleaned(spread), stories, strict=True))


def test_the_memory_of_a_site_is_bounded() -> None:
    site = [
        Story(str(n), own := paragraphs(("big", n), 12), own).article("a.test") for n in range(300)
    ]
    learned = learn_site("a.test", map(outline_of, site))
    assert len(learned.blocks) > MAX_BLOCKS
    assert len(with_verdicts(learned.blocks)) == MAX_BLOCKS


@st.composite
def site_blocks(draw: st.DrawFn) -> SiteBlock:
    ids = draw(st.sets(st.integers(0, 30), min_size=1, max_size=20))
    start = draw(st.integers(0, 9))
    return SiteBlock(
        site="a.test",
        block_hash="h",
        zone="edge",
        sample=draw(st.sampled_from(["a", "b"])),
        article_ids=tuple(sorted(f"{i:02}" for i in ids)[:MAX_SAMPLE_IDS]),
        first_seen_at=NOW + timedelta(start),
        last_seen_at=NOW + timedelta(start + draw(st.integers(0, 9))),
    )


@settings(max_examples=examples(200), deadline=None)
@given(site_blocks(), site_blocks(), site_blocks())
def test_proof_is_joined_in_any_order(a: SiteBlock, b: SiteBlock, c: SiteBlock) -> None:
    assert merge_occurrences(a, b) == merge_occurrences(b, a)
    assert merge_occurrences(merge_occurrences(a, b), c) == merge_occurrences(
        a, merge_occurrences(b, c)
    )
    assert merge_occurrences(a, a) == a


def test_the_background_of_a_story_in_a_row_is_not_boilerplate() -> None:
    background = paragraphs("background", 3)
    stories = [
        Story(str(n), own := paragraphs(n, 4) + (background if n > 2 else []), own)
        for n in range(8)
    ]
    articles = [
        s.article("a.test", seen_at=NOW + timedelta(seconds=n)) for n, s in enumerate(stories)
    ]
    assert all(blocks_of(a) == s.own for a, s in zip(cleaned(articles), stories, strict=True))


def test_what_people_say_is_not_boilerplate() -> None:
    quotes = [
        "Would you do it again?",
        "Yes, of course I would do it again.",
        "“We will not leave.”",
        "No.",
    ]
    stories = [Story(str(n), own := [*paragraphs(n, 5), *quotes], own) for n in range(6)]
    for article in cleaned(articles_of(SyntheticSite("a.test", stories, ()))):
        assert blocks_of(article)[-3:] == quotes[-3:]


def test_a_table_of_contents_keeps_its_entries_and_their_subheadings() -> None:
    heads = ["What happened", "Who was there", "What comes next"]
    stories = []
    for n in range(6):
        own = [*paragraphs(n, 1), *heads]
        for head in heads:
            own += [head, *paragraphs((n, head), 2)]
        stories.append(Story(str(n), own, own))
    articles = articles_of(SyntheticSite("a.test", stories, ()))
    assert all(blocks_of(a) == s.own for a, s in zip(cleaned(articles), stories, strict=True))


def test_a_line_of_every_tenth_article_stays_however_many_the_site_has() -> None:
    known: list[SiteBlock] = []
    shared = "The harbour commission meets again on the first of the month"
    for start in range(0, 1_200, 100):
        stories = [
            Story(str(n), own := [*paragraphs(("tenth", n), 4), *[shared] * (n % 10 == 3)], own)
            for n in range(start, start + 100)
        ]
        articles = [s.article("a.test", seen_at=NOW + timedelta(hours=start)) for s in stories]
        new = {
            b.block_hash: b for b in learn_site("a.test", map(outline_of, articles), known).blocks
        }
        old = {b.block_hash: b for b in known}
        known = with_verdicts(
            [merge_occurrences(old[k], b) if k in old else b for k, b in (old | new).items()]
        )
    assert len(known) == MAX_BLOCKS
    assert [b.verdict for b in known if b.sample == shared and b.zone == "edge"] == ["body"]


def test_a_text_of_nothing_but_boilerplate_is_kept() -> None:
    stories = [
        Story(str(n), ["The ferry did not sail today"], ["The ferry did not sail today"])
        for n in range(5)
    ]
    assert all(a.body for a in cleaned(articles_of(SyntheticSite("a.test", stories, ()))))
