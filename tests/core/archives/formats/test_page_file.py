"""A file is a page with the URL that it names, that its folder names, or one of its own."""

from datetime import UTC, datetime

import pytest

from tests.helpers.warc_files import page_html
from transforms.core.archives.formats.page_file import PAGE_FILE, page_of_file
from transforms.core.archives.page_defaults import PageDefaults

NOW = datetime(2024, 5, 6, 12, tzinfo=UTC)
DEFAULTS = PageDefaults(NOW)
CANONICAL = '<link rel="canonical" href="https://www.post.test/2020/a">'
OG = '<meta property="og:url" content="https://www.post.test/og">'


def url(head: str, inside: str = "a.html") -> str:
    return page_of_file(page_html("A page", head=head).encode(), inside, DEFAULTS).entry.url


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (CANONICAL, "https://www.post.test/2020/a"),
        (OG, "https://www.post.test/og"),
        (OG + CANONICAL, "https://www.post.test/2020/a"),
        ("<LINK HREF='https://post.test/b' REL='Canonical'>", "https://post.test/b"),
        ("<link rel=canonical href=https://post.test/c>", "https://post.test/c"),
        (
            '<link rel="shortlink canonical" href="https://post.test/d?a=1&amp;b=2">',
            "https://post.test/d?a=1&b=2",
        ),
        ('<meta name="og:url" content="https://post.test/e">', "https://post.test/e"),
    ],
)
def test_a_page_that_names_its_url_has_it(head: str, expected: str) -> None:
    assert url(head, "www.example.com/2020/a.html") == expected


@pytest.mark.parametrize(
    "head",
    [
        "",
        '<link rel="canonical" href="/2020/a">',
        '<link rel="canonical" href="">',
        '<link rel="canonical">',
        '<link rel="canonical" href="https://">',
        '<link rel="alternate" href="https://www.post.test/rss">',
        '<link rel="canonical" href="javascript:alert(1)">',
    ],
)
def test_without_one_a_mirrored_folder_gives_it(head: str) -> None:
    assert url(head, "www.example.com/2020/a.html") == "http://www.example.com/2020/a.html"
    assert url(head, "www.example.com/2020/a.html.gz") == "http://www.example.com/2020/a.html"


@pytest.mark.parametrize(
    ("inside", "path"),
    [
        ("a.html", "a.html"),
        ("a.htm", "a.htm"),
        ("a.html.gz", "a.html"),
        ("a", "a"),
        ("\udce4.html", "%E4.html"),
    ],
)
def test_otherwise_the_url_is_made_of_the_file_name(inside: str, path: str) -> None:
    assert url("", inside) == f"http://file.invalid/{path}"


def test_files_of_one_name_in_several_folders_are_several_pages() -> None:
    assert len({url("", inside) for inside in ("2020/a.html", "2021/a.html", "a.html")}) == 3


@pytest.mark.parametrize("inside", ["pages/a b.html", "2020/ä.html", "notes/a#1?x.html"])
def test_folders_that_are_not_hosts_are_not_sites(inside: str) -> None:
    assert url("", inside).startswith("http://file.invalid/")


def test_a_text_is_not_searched_for_its_url() -> None:
    page = page_of_file(CANONICAL.encode(), "a.txt", DEFAULTS)
    assert (page.entry.url, page.content_type) == ("http://file.invalid/a.txt", "text/plain")


def test_a_file_is_published_when_the_run_says_and_captured_now() -> None:
    at = datetime(2022, 10, 11, tzinfo=UTC)
    page = page_of_file(b"text", "a.txt", PageDefaults(NOW, at))
    assert (page.entry.published_at, page.fetched_at, page.entry.first_seen_at) == (at, NOW, NOW)


@pytest.mark.parametrize(
    "head", ["<!DOCTYPE html><p>x", "\ufeff\n<HTML lang=en>", "<head>", "<body>"]
)
def test_a_file_that_begins_as_html_is_one(head: str) -> None:
    assert PAGE_FILE.sniff(head.encode())


@pytest.mark.parametrize("head", ["", "Words", "<?xml version='1.0'?>", "<rss>", "{}"])
def test_a_file_that_begins_otherwise_is_not(head: str) -> None:
    assert not PAGE_FILE.sniff(head.encode())


def test_only_a_file_with_the_ending_gz_is_gunzipped() -> None:
    assert PAGE_FILE.is_packed("a/b.html.GZ")
    assert not PAGE_FILE.is_packed("a.gz/b.html")
