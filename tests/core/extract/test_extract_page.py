"""A page gives an article: text, description, identity; other documents are refused by code."""

import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.article_page import HEAD, NOW, PROSE, URL, make_html, make_page
from tests.helpers.examples import examples
from transforms.core.clean.strip import load_rules, strip_boilerplate
from transforms.core.extract.page import extract_article
from transforms.core.urls import url_key
from transforms.errors import ExtractError
from transforms.records import Page


def reason_of(page: Page) -> str:
    with pytest.raises(ExtractError) as caught:
        extract_article(page, now=NOW)
    return caught.value.reason


def test_page_gives_its_text_in_blocks() -> None:
    article = extract_article(make_page(make_html()), now=NOW)

    blocks = (article.body or "").split("\n\n")
    assert blocks[0].startswith("The council of the harbour town")
    assert "A long wait" in blocks
    assert any("Tickets will cost four crowns" in block for block in blocks)
    assert "Harbour town closes its bridge" not in blocks
    assert "dusk" not in (article.body or "")
    assert article.captions == ("The old bridge at dusk. Jane Roe/Example",)
    assert article.page_kind == "article"
    assert article.extraction_basis == "page"


def test_page_dates_its_article() -> None:
    article = extract_article(make_page(make_html()), now=NOW)

    assert article.published_at == datetime(2024, 4, 30, 12, 5, 9, tzinfo=UTC)
    assert (article.published_precision, article.published_basis) == ("second", "jsonld")
    assert article.modified_at == datetime(2024, 4, 30, 15, tzinfo=UTC)


def test_page_describes_its_article() -> None:
    article = extract_article(make_page(make_html()), now=NOW)

    assert article.title == "Harbour town closes its bridge"
    assert article.authors == ("Jane Roe", "John Doe")
    assert article.section == "Region"
    assert article.tags == ("bridge", "council")
    assert article.image_url == "https://www.example.com/img/bridge.jpg"
    assert article.standfirst == "Ferries are to carry workers instead."
    assert article.language == "en"
    assert article.language_score is not None
    assert article.language_score > 0.5


def test_page_identifies_its_article() -> None:
    article = extract_article(make_page(make_html()), now=NOW)

    assert article.canonical_url == "https://example.com/news/bridge"
    assert article.article_id == url_key("https://example.com/news/bridge")
    assert article.url_key == url_key(URL)
    assert article.source_domain == "example.com"
    assert article.feed_ids == ("f1",)
    assert (article.first_seen_at, article.seen_at, article.fetch_id) == (NOW, NOW, "x1")


def test_shared_canonical_is_not_trusted() -> None:
    page = make_page(make_html())
    page = replace(page, entry=replace(page.entry, canonical_is_shared=True))

    assert extract_article(page, now=NOW).canonical_url == URL


def test_headline_in_the_body_is_removed_and_remembered() -> None:
    page = make_page(make_html(f"<p><b>Harbour town closes its bridge</b></p>{PROSE}"))
    article = strip_boilerplate(extract_article(page, now=NOW), load_rules("en"))

    assert "Harbour town closes its bridge" not in (article.body or "")


def test_future_date_is_refused_and_the_next_taken() -> None:
    head = (
        '<meta property="article:published_time" content="2099-01-01T00:00:00Z"><title>'
        "Bridge closed</title>"
    )
    article = extract_article(make_page(make_html(head=head)), now=NOW)

    assert article.published_at == datetime(2024, 4, 30, tzinfo=UTC)
    assert (article.published_precision, article.published_basis) == ("day", "url")
    assert article.flags == ("date_guessed", "date_refused")


def test_the_feed_date_is_used_where_the_page_has_none() -> None:
    page = make_page(make_html(head="<title>Harbour town closes its bridge</title>"))
    at = datetime(2024, 4, 29, 8, 30, tzinfo=UTC)
    page = replace(page, entry=replace(page.entry, published_at=at))
    article = extract_article(page, now=NOW)

    assert (article.published_at, article.published_basis) == (at, "feed")


def test_undated_page_falls_back_to_first_sight() -> None:
    page = make_page("just some text of a notice that carries no date at all", "text/plain")
    article = extract_article(page, now=NOW)

    assert (article.published_at, article.published_precision, article.published_basis) == (
        None,
        "none",
        "first_seen",
    )


def test_live_blog_is_known_by_its_type() -> None:
    assert (
        extract_article(
            make_page(make_html(head=HEAD.replace("NewsArticle", "LiveBlogPosting"))), now=NOW
        ).page_kind
        == "live_blog"
    )


def test_paywalled_teaser_is_marked() -> None:
    head = HEAD.replace('"articleSection"', '"isAccessibleForFree": "False", "articleSection"')
    article = extract_article(make_page(make_html(head=head)), now=NOW)

    assert article.page_kind == "paywall"
    assert "truncated" in article.flags
    assert article.body is not None


@pytest.mark.parametrize(
    ("title", "text", "kind"),
    [
        ("Just a moment...", "Checking your browser before you go on to example.com.", "challenge"),
        (
            "Before you continue",
            "We and our 812 partners store and use data on your device.",
            "consent_wall",
        ),
        (
            "Page not found | The Example",
            "Sorry, the page you were looking for cannot be found. Try our search.",
            "soft_404",
        ),
        ("Log in", "Please log in with the name and password that you were given.", "login"),
    ],
)
def test_a_paywall_has_its_page_kind_and_no_body(title: str, text: str, kind: str) -> None:
    content = (
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1><div><p>{text}</p>"
        "</div></body></html>"
    )
    article = extract_article(make_page(content), now=NOW)

    assert article.page_kind == kind
    assert article.body is None


@pytest.mark.parametrize(
    ("content", "content_type", "reason"),
    [
        (b"", "text/html", "E_EXTRACT_EMPTY"),
        (b"  \n ", "text/plain", "E_EXTRACT_EMPTY"),
        (b"<html><body></body></html>", "text/html", "E_EXTRACT_EMPTY"),
        (b"<html><body><script>var a = 1;</script></body></html>", None, "E_EXTRACT_EMPTY"),
        (b"%PDF-1.7 rest", "text/html", "E_EXTRACT_NOT_HTML"),
        (b'{"error": 500}', None, "E_EXTRACT_NOT_HTML"),
        (b"GIF89a", "image/gif", "E_EXTRACT_NOT_HTML"),
        (b"<?xml version='1.0'?><rss></rss>", "application/xml", "E_EXTRACT_NOT_HTML"),
        (b"<p>" + b"a" * (10 * 1024 * 1024), "text/html", "E_EXTRACT_TOO_LARGE"),
        (b"<p>one</p>" * 60_000, "text/html", "E_EXTRACT_TOO_LARGE"),
        (b"word " * 300_000, "text/plain", "E_EXTRACT_TOO_LARGE"),
        (b"<div>" * 200_000 + b"deep", "text/html", "E_EXTRACT_TOO_DEEP"),
    ],
)
def test_other_documents_are_refused(content: bytes, content_type: str | None, reason: str) -> None:
    assert reason_of(make_page(content, content_type)) == reason


def test_deep_nesting_is_refused_at_once() -> None:
    started = time.process_time()
    assert reason_of(make_page(b"<html><body>" + b"<b>" * 200_000 + b"x")) == "E_EXTRACT_TOO_DEEP"
    assert time.process_time() - started < 5


def test_entities_are_never_expanded() -> None:
    bomb = (
        '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">'
        '<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    )
    article = extract_article(
        make_page(
            make_html(f"<p>&b; &x; seen by the clerk on Monday morning.</p>{PROSE}").replace(
                "<!DOCTYPE html>", bomb
            )
        ),
        now=NOW,
    )

    assert "root:" not in (article.body or "")
    assert "aaaaaaaaaa" not in (article.body or "")


def test_a_link_that_identifies_nothing_is_refused() -> None:
    page = make_page(make_html())
    assert (
        reason_of(replace(page, entry=replace(page.entry, url="javascript:alert(1)")))
        == "E_EXTRACT_URL"
    )


def test_control_characters_never_reach_the_article() -> None:
    prose = PROSE.replace("mayor", "may\x1bor &#27;&#x1B;&#0;said")
    page = make_page(make_html(prose).replace("Harbour", "Har\x00bour\x07"))
    article = extract_article(page, now=NOW)

    assert all(
        ord(char) >= 32 or char == "\n" for char in (article.body or "") + (article.title or "")
    )


MARKUP = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<div>",
        "</article>",
        "<h1>",
        "<table><tr><td>",
        "<figure><figcaption>",
        "<time datetime='",
        "'>",
        "&#0;",
        "&#xD800;",
        "<script type='application/ld+json'>",
        '{"@type": "Article", "author": [[]], "datePublished": 7}',
        "</script>",
        "<meta name='date' content='",
        "\ud800",
        "2024-13-45",
        "<![CDATA[",
        "<!--",
        "<title>",
        "<link rel=canonical href='http://[::1'>",
        "A sentence of some words, it seems. ",
    ]
)


@settings(max_examples=examples(150), deadline=None)
@given(
    st.lists(st.one_of(MARKUP, st.text(max_size=20)), max_size=40),
    st.sampled_from(["text/html", "text/plain", None, "application/json"]),
)
def test_no_page_raises_anything_else(parts: list[str], content_type: str | None) -> None:
    reasons: set[str] = set()
    content = "".join(parts).encode("utf-8", "surrogatepass")
    for page in (
        make_page(content, content_type),
        make_page(make_html("".join(parts)).encode("utf-8", "surrogatepass"), content_type),
    ):
        try:
            article = extract_article(page, now=NOW)
        except ExtractError as error:
            reasons.add(error.reason)
            continue
        length = len(article.body or "")
        assert all(0 <= one.at <= length for one in article.removed)
        assert article.body is None or article.body.strip()
    assert all(reason.startswith("E_EXTRACT_") for reason in reasons)


@settings(max_examples=examples(150), deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["text/html", "text/plain", None]))
def test_no_bytes_raise_anything_else(content: bytes, content_type: str | None) -> None:
    with suppress(ExtractError):
        extract_article(make_page(content, content_type), now=NOW)


def test_subheadings_of_the_body_are_listed() -> None:
    article = extract_article(make_page(make_html(PROSE)), now=NOW)
    assert article.headings == ("A long wait",)
    assert "A long wait" in (article.body or "").split("\n\n")
