from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.core.typed_addresses import typed_address


@pytest.mark.parametrize(
    "text",
    [
        "example.org/rss",
        "www.example.org",
        "news.bbc.co.uk/1/rss.xml",
        "example.org:8080/rss",
        "example.org/?feed=rss2",
        "example.org?feed=rss2",
        "münchen.de/rss",
        "中国新闻.中国/rss",
        "Post.Test/feed",
        "192.168.1.5/rss",
        "example.org/feeds.opml",
    ],
)
def test_an_address_without_a_scheme_gets_one(text: str) -> None:
    assert typed_address(f" {text} ") == f"https://{text}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "feeds",
        "feeds.opml",
        "lists/feeds.opml",
        "lists.d/feeds.opml",
        "./example.org/rss",
        "../example.org/rss",
        "/srv/example.org/rss",
        "~/example.org/rss",
        "notes.md",
        "run.sh",
        "page.html",
        "pages/2024/a.html",
        "pages.old/a.html",
        ".org/rss",
        "two words.org/rss",
        "user@example.org/rss",
        "C:\\pages\\a.html",
        "https://example.org/rss",
        "gs://bucket.org/rss",
        "mailto:desk@example.org",
        "1.2.3/rss",
    ],
)
def test_what_is_more_likely_a_file_is_no_address(text: str) -> None:
    assert typed_address(text) is None


@given(st.text(max_size=40) | st.from_regex(r"[a-z0-9.:/?#@-]{1,40}", fullmatch=True))
def test_any_text_is_an_address_or_none(text: str) -> None:
    address = typed_address(text)
    assert address is None or urlsplit(address).scheme == "https"
