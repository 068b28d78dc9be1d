import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.core.feeds.discover import MAX_LINKS, feed_links, news_sitemaps_in, sitemap_lines
from transforms.core.feeds.not_a_feed import PageRule, page_error, page_rules

PAGE = b"""<html><head><base href="/de/"><link rel="stylesheet" type="text/css" href="x.css">
<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments">
<link rel="Alternate" type="application/atom+xml;charset=utf-8" href="atom.xml">
<link rel="alternate" hreflang="fr" href="/fr"><link rel="alternate" type="application/rss+xml" href="ftp://a.test/">
</head><body><a href="news.rss">News</a><a href="/feedback">Feedback</a><a href="/x" title="RSS">o</a>"""


def test_feeds_of_a_page_surest_first() -> None:
    found = [(link.url, link.how) for link in feed_links(PAGE, "https://a.test/")]
    assert found == [
        ("https://a.test/de/atom.xml", "link"),
        ("https://a.test/de/news.rss", "anchor"),
        ("https://a.test/x", "anchor"),
        ("https://a.test/comments", "link"),
    ]


def test_a_feed_named_twice_comes_once_in_its_first_place() -> None:
    page = b"""<html><a href="/main.rss">News</a><a href="/sports.rss">Sports</a>
<a href="/main.rss">All news</a>"""
    found = [(link.url, link.title) for link in feed_links(page, "https://a.test/")]
    assert found == [("https://a.test/main.rss", "News"), ("https://a.test/sports.rss", "Sports")]


def test_a_feed_in_the_foot_again_is_not_cut_off() -> None:
    sections = b"".join(b'<a href="/%d.rss">x</a>' % number for number in range(MAX_LINKS))
    main = b'<a href="/main.rss">News</a>'
    found = feed_links(b"<html>" + main + sections + main, "https://a.test/")
    assert len(found) == MAX_LINKS
    assert found[0].url == "https://a.test/main.rss"


def test_sitemaps() -> None:
    robots = (
        b"User-agent: *\nSITEMAP: /s.xml\nDisallow: /sitemap: x\nsitemap:https://b.test/news.xml\n"
    )
    assert sitemap_lines(robots, "https://a.test/") == (
        "https://a.test/s.xml",
        "https://b.test/news.xml",
    )
    index = (
        b"<sitemapindex><sitemap><loc> /news.xml?a=1&amp;b=2 "
        b"</loc></sitemap><sitemap><loc>/old.xml</loc></sitemap>"
    )
    assert news_sitemaps_in(index, "https://a.test/s.xml") == ("https://a.test/news.xml?a=1&b=2",)
    assert news_sitemaps_in(index.replace(b"sitemapindex", b"urlset"), "https://a.test/s.xml") == ()


@pytest.mark.parametrize("rule", page_rules(), ids=lambda rule: rule.name)
def test_rules_name_their_examples(rule: PageRule) -> None:
    for example in rule.examples:
        assert page_error(example.encode(), None).reason == rule.reason
    for near_miss in rule.near_misses:
        assert page_error(near_miss.encode(), None).reason == "E_FEED_IS_HTML"


def test_an_article_about_captchas_is_not_a_captcha_page() -> None:
    article = (
        b"<html><title>News</title><body><input type=password>g-recaptcha "
        + b"Words and more words. " * 200
    )
    assert page_error(article, None).reason == "E_FEED_IS_HTML"


def test_hostile_pages_cost_little() -> None:
    started = time.process_time()
    for piece in (
        b"<div>",
        b"<a href='rss'>",
        b"<title>",
        b"<link rel='alternate' type='application/rss+xml' href='x'>",
    ):
        page_error(b"<html>" + piece * (2 * 1024 * 1024 // len(piece)), "https://a.test/")
    assert time.process_time() - started < 20


@given(st.binary(max_size=300))
def test_no_page_raises(page: bytes) -> None:
    feed_links(b"<html>" + page, "https://a.test/")
    page_error(page, "https://a.test/")
    sitemap_lines(page, "https://a.test/")
    news_sitemaps_in(b"<sitemapindex>" + page, "https://a.test/")


def test_a_page_with_a_tag_of_too_many_attributes_has_no_links() -> None:
    link = b"<link rel='alternate' type='application/rss+xml' href='/rss' title='News' "
    many = b" ".join(b"a%d" % n for n in range(100_000))
    assert feed_links(b"<html>" + link + b">", "https://a.test/")
    assert not feed_links(b"<html>" + link + many + b">", "https://a.test/")
