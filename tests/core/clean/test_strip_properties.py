"""What holds for every body: cleaning twice is cleaning once, offsets are inside, nothing vanishes
unrecorded.
"""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.examples import examples
from transforms.core.clean.outline import outline_of
from transforms.core.clean.site_memory import learn_site
from transforms.core.clean.strip import load_rules, strip_boilerplate
from transforms.records import Article, RemovedBlock

NOW = datetime(2024, 5, 1, tzinfo=UTC)
EXAMPLES = [
    part
    for rule in load_rules("en")
    for text in (*rule.drops, *rule.keeps)
    for part in text.split("\n\n")
]
PROSE = [
    "The council of the harbour town voted on Monday to close its old bridge for a year.",
    "“We could not wait any longer,” the mayor told a crowd on the quay after the vote.",
    "Ferries will carry workers across the river from June, at a price still to be set.",
    "Anna Brandt covers the harbour. She joined the Post in 2015.",
    "Here is what to do now:",
    "- Sign up for our daily newsletter.",
    "THE MONEY THAT NEVER CAME HOME",
]
BLOCKS = st.one_of(st.sampled_from(EXAMPLES), st.sampled_from(PROSE), st.text(max_size=80))


@st.composite
def articles(draw: st.DrawFn) -> Article:
    body = draw(st.sampled_from(["\n\n", "\n", "\n \n"])).join(
        draw(st.lists(BLOCKS, min_size=1, max_size=16))
    )
    return Article(
        article_id="a",
        url_key="a",
        url="https://example.com/a",
        canonical_url="https://example.com/a",
        source_domain="example.com",
        first_seen_at=NOW,
        seen_at=NOW,
        title=draw(
            st.one_of(st.none(), st.sampled_from([*EXAMPLES, "Harbour town closes its bridge"]))
        ),
        body=body or None,
        captions=tuple(draw(st.lists(st.sampled_from(EXAMPLES), max_size=2, unique=True))),
        removed=(RemovedBlock(text="old", reason="headline", at=draw(st.integers(0, len(body)))),),
        authors=draw(st.sampled_from([(), ("Anna Brandt",)])),
        headings=tuple(draw(st.lists(st.sampled_from(EXAMPLES), max_size=4, unique=True))),
        extraction_basis=draw(st.sampled_from(["page", "text"])),
    )


@settings(max_examples=examples(300), deadline=None)
@given(articles())
def test_cleaning_is_idempotent_and_accounts_for_all(article: Article) -> None:
    rules = load_rules("en")
    cleaned = strip_boilerplate(article, rules)

    assert strip_boilerplate(cleaned, rules) == cleaned
    assert_accounted(article, cleaned)


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(articles(), min_size=3, max_size=6))
def test_with_the_memory_of_a_site_too(found: list[Article]) -> None:
    rules = load_rules("en")
    site = [replace(one, article_id=str(n)) for n, one in enumerate(found)]
    boilerplate = learn_site("example.com", map(outline_of, site)).boilerplate
    for article in site:
        cleaned = strip_boilerplate(article, rules, boilerplate)
        assert strip_boilerplate(cleaned, rules, boilerplate) == cleaned
        assert_accounted(article, cleaned)


def assert_accounted(article: Article, cleaned: Article) -> None:
    length = len(cleaned.body or "")
    offsets = [one.at for one in cleaned.removed]
    assert offsets == sorted(offsets)
    assert all(0 <= at <= length for at in offsets)
    assert cleaned.body is None or cleaned.body.strip()
    before = sorted("".join((article.body or "").split()) + "old")
    after = sorted(
        "".join("".join([cleaned.body or "", *(one.text for one in cleaned.removed)]).split())
    )
    assert before == after
