import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from transforms.core.urls import (
    MAX_URL_LENGTH,
    UrlError,
    canonical_article_url,
    normalise_url,
    registrable_domain,
    url_key,
)


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("HTTPS://WWW.Example.COM", "https://www.example.com/"),
        ("http://example.com:80/a#top", "http://example.com/a"),
        ("https://example.com:443/a", "https://example.com/a"),
        ("https://example.com:8443/a", "https://example.com:8443/a"),
        ("https://example.com/a?utm_source=x&id=7&fbclid=y", "https://example.com/a?id=7"),
        ("https://example.com/a?utm_source=x", "https://example.com/a"),
        ("https://example.com/a?b=2&a=1", "https://example.com/a?b=2&a=1"),
        (
            "https://example.com/%7euser/%c3%a9?q=%e2%82%ac",
            "https://example.com/~user/%C3%A9?q=%E2%82%AC",
        ),
        (
            "https://example.com/новости",
            "https://example.com/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8",
        ),
        ("https://example.com/a/../b/./c", "https://example.com/b/c"),
        ("https://example.com/100%", "https://example.com/100%25"),
        ("  https://example.com/a\n b ", "https://example.com/a%20b"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://example.com./", "https://example.com/"),
        ("http://[2606:4700:0::1]/", "http://[2606:4700::1]/"),
    ],
)
def test_normalises(url: str, normal: str) -> None:
    assert normalise_url(url) == normal


@pytest.mark.parametrize(
    "url",
    [
        "",
        "news.example",
        "/relative",
        "ftp://example.com/",
        "javascript:alert(1)",
        "http://",
        "http:///path",
        "http://user:pw@example.com/",
        "http://good.example\\@evil.example/",
        "http://example.com:99999/",
        "http://example.com:0/",
        "http://a b.example/",
        "http://[::1",
        "http://a..b/",
        "https://example.com/" + "a" * MAX_URL_LENGTH,
    ],
)
def test_refuses(url: str) -> None:
    with pytest.raises(UrlError):
        normalise_url(url)


def test_key_ignores_what_does_not_count() -> None:
    key = url_key("https://example.com/a?id=1")
    assert len(key) == 32
    for same in (
        "http://example.com/a?id=1",
        "https://www.example.com:443/a?utm_medium=rss&id=1#comments",
    ):
        assert url_key(same) == key
    for other in (
        "https://example.com/a?id=2",
        "https://m.example.com/a?id=1",
        "https://example.com/A?id=1",
    ):
        assert url_key(other) != key


def test_www_is_kept_where_it_is_the_name() -> None:
    assert url_key("https://www.gov/") != url_key("https://gov/")


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("news.bbc.co.uk", "bbc.co.uk"),
        ("https://www.spiegel.de/x", "spiegel.de"),
        ("a.b.news.test", "a.b.news.test"),
        ("www.news.test", "news.test"),
        ("http://10.1.2.3:80/", "10.1.2.3"),
        ("http://[2606:4700::1]/", "2606:4700::1"),
        ("someone.blogspot.com", "blogspot.com"),
        ("localhost", "localhost"),
        ("", ""),
    ],
)
def test_registrable_domain(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain


ENTRY = "https://feeds.example.org/r?id=9"
PAGE = "https://www.example.com/2022/story?amp=1"


@pytest.mark.parametrize(
    ("canonical", "shared", "expected"),
    [
        ("https://example.com/2022/story", False, "https://example.com/2022/story"),
        ("/2022/story", False, "https://www.example.com/2022/story"),
        ("https://m.example.com/2022/story", False, "https://m.example.com/2022/story"),
        ("https://elsewhere.com/2022/story", False, ENTRY),
        ("https://example.com/", False, ENTRY),
        ("https://example.com/2022/story", True, ENTRY),
        ("javascript:void(0)", False, ENTRY),
        ("http://[bad", False, ENTRY),
        ("  ", False, ENTRY),
        (None, False, ENTRY),
    ],
)
def test_canonical(canonical: str | None, shared: bool, expected: str) -> None:
    assert canonical_article_url(ENTRY, PAGE, canonical, shared=shared) == expected


def test_canonical_does_not_cross_blogs_of_one_host() -> None:
    entry = "https://one.blogspot.com/a"
    assert canonical_article_url(entry, entry, "https://two.blogspot.com/a", shared=False) == entry


_URLS = st.builds(
    lambda scheme, host, path, query, end: f"{scheme}://{host}{path}{query}{end}",
    st.sampled_from(["http", "HTTPS"]),
    st.sampled_from(
        ["Example.com", "www.bbc.co.uk:443", "bücher.de", "10.0.0.1", "[::1]:8080", "a_b.test."]
    ),
    st.text(max_size=30).map(lambda text: "/" + text),
    st.one_of(st.just(""), st.text(max_size=30).map(lambda text: "?" + text)),
    st.sampled_from(["", "#x", "?utm_source=a", "&gclid=1"]),
)


@given(_URLS)
@example("http://Example.com/%2e%2E/a//../%")
@example("http://Example.com//?&&")
def test_normalising_twice_changes_nothing(url: str) -> None:
    try:
        normal = normalise_url(url)
    except UrlError:
        return
    assert normalise_url(normal) == normal
    assert normal.isascii()
    assert len(normal) <= MAX_URL_LENGTH
    assert url_key(normal) == url_key(url)


@given(st.text(max_size=100), st.text(max_size=100), st.text(max_size=100))
def test_only_url_errors_come_out(one: str, two: str, three: str) -> None:
    for url in (one, "http://" + one):
        try:
            canonical_article_url(url, two, three, shared=False)
            url_key(url)
        except UrlError:
            continue
    assert registrable_domain(one) is not None
