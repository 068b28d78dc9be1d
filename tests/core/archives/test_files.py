"""A file or a row becomes a page with the URL and the times that it tells, or that the run gives it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.helpers.warc_files import page_html
from transforms.core.archives.file_pages import PageDefaults, page_of_file, page_of_row
from transforms.errors import ArchiveError

NOW = datetime(2024, 5, 6, 12, tzinfo=UTC)
GIVEN = PageDefaults(NOW)
CANONICAL = '<link rel="canonical" href="https://www.post.test/2020/a">'
OG = '<meta property="og:url" content="https://www.post.test/og">'


def url(head: str, inside: str = "a.html") -> str:
    return page_of_file(page_html("A page", head=head).encode(), inside, GIVEN).entry.url


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
def test_without_one_a_mirrored_folder_tells_it(head: str) -> None:
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
def test_else_it_is_nowhere_under_its_name(inside: str, path: str) -> None:
    assert url("", inside) == f"http://file.invalid/{path}"


def test_files_of_one_name_in_several_folders_are_several_pages() -> None:
    assert len({url("", inside) for inside in ("2020/a.html", "2021/a.html", "a.html")}) == 3


@pytest.mark.parametrize("inside", ["pages/a b.html", "2020/ä.html", "notes/a#1?x.html"])
def test_folders_that_are_no_hosts_are_no_sites(inside: str) -> None:
    assert url("", inside).startswith("http://file.invalid/")


def test_a_text_is_never_asked_for_its_url() -> None:
    page = page_of_file(CANONICAL.encode(), "a.txt", GIVEN)
    assert (page.entry.url, page.content_type) == ("http://file.invalid/a.txt", "text/plain")


def test_a_file_is_published_when_the_run_says_and_captured_now() -> None:
    at = datetime(2022, 10, 11, tzinfo=UTC)
    page = page_of_file(b"text", "a.txt", PageDefaults(NOW, at))
    assert (page.entry.published_at, page.fetched_at, page.entry.first_seen_at) == (at, NOW, NOW)


def row(**values: Any) -> dict[str, Any]:
    return {"url": "http://a.test/1", "text": "Words."} | values


def test_a_row_of_html_and_one_of_text_are_pages() -> None:
    html = page_of_row({"url": "http://a.test/1", "html": "<p>Ünder</p>"}, GIVEN)
    assert (html.content, html.content_type, html.charset) == (
        "<p>Ünder</p>".encode(),
        "text/html",
        "utf-8",
    )
    text = page_of_row(row(title="T", author="A", language="en"), GIVEN)
    assert (text.content, text.content_type) == (b"Words.", "text/plain")
    assert (text.entry.title, text.entry.author, text.entry.language) == ("T", "A", "en")


def test_html_as_bytes_has_the_charset_it_names_itself() -> None:
    assert page_of_row({"url": "http://a.test/1", "html": b"<p>\xfc</p>"}, GIVEN).charset is None


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        ({"link": "http://a.test/1", "content": "Words."}, "content"),
        ({"canonical_url": "http://a.test/1", "maintext": "Words."}, "content"),
        ({"url": "http://a.test/1", "raw_html": "Words."}, "content"),
        ({"url": "", "link": "http://a.test/1", "html": None, "body": "Words."}, "content"),
        ({"URL": "http://a.test/1", "Text": "Words."}, "content"),
        ({"url": b"http://a.test/1", "text": "Words."}, "content"),
    ],
)
def test_columns_by_other_names_are_known(columns: dict[str, Any], what: str) -> None:
    assert getattr(page_of_row(columns, GIVEN), what) == b"Words."


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"url": None}, "E_ARCHIVE_ROW"),
        ({"url": 5}, "E_ARCHIVE_ROW"),
        ({"url": ["http://a.test/1"]}, "E_ARCHIVE_ROW"),
        ({"url": "no link"}, "E_ARCHIVE_URL"),
        ({"url": "ftp://a.test/1"}, "E_ARCHIVE_URL"),
        ({"text": None}, "E_ARCHIVE_ROW"),
        ({"text": ""}, "E_ARCHIVE_ROW"),
        ({"text": 5}, "E_ARCHIVE_ROW"),
        ({"text": {"a": 1}}, "E_ARCHIVE_ROW"),
        ({"html": 5}, "E_ARCHIVE_ROW"),
        ({"published_at": "soon"}, "E_ARCHIVE_ROW"),
        ({"published_at": []}, "E_ARCHIVE_ROW"),
        ({"published_at": True}, "E_ARCHIVE_ROW"),
        ({"published_at": 1e300}, "E_ARCHIVE_ROW"),
        ({"published_at": float("inf")}, "E_ARCHIVE_ROW"),
        ({"published_at": "99999-01-01"}, "E_ARCHIVE_ROW"),
        ({"published_at": "0001-01-01T00:00:00+14:00"}, "E_ARCHIVE_ROW"),
        ({"fetched_at": "soon"}, "E_ARCHIVE_ROW"),
        ({"fetched_at": "2030-01-01"}, "E_ARCHIVE_DATE"),
    ],
)
def test_a_row_that_lacks_what_is_needed_is_refused(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(ArchiveError) as error:
        page_of_row(row(**values), GIVEN)
    assert error.value.reason == reason


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2024-05-01T10:00:00Z", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        ("2024-05-01T12:00:00+02:00", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        ("2024-05-01 10:00:00", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        (" 2024-05-01T10:00:00 ", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        (datetime(2024, 5, 1, 10, tzinfo=UTC), datetime(2024, 5, 1, 10, tzinfo=UTC)),
        (datetime(2024, 5, 1, 10), datetime(2024, 5, 1, 10, tzinfo=UTC)),
        (date(2024, 5, 1), datetime(2024, 5, 1, tzinfo=UTC)),
        ("2024-05-01", datetime(2024, 5, 1, tzinfo=UTC)),
        (1714557600, datetime(2024, 5, 1, 10, tzinfo=UTC)),
        (1714557600000, datetime(2024, 5, 1, 10, tzinfo=UTC)),
        ("1714557600.0", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        ("1714557600000", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        ("2024-05-01 10:00:00 UTC", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        ("Wed, 01 May 2024 12:00:00 +0200", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        (b"2024-05-01T10:00:00Z", datetime(2024, 5, 1, 10, tzinfo=UTC)),
    ],
)
def test_times_are_read_in_all_their_forms(said: object, expected: datetime) -> None:
    page = page_of_row(row(published_at=said, fetched_at=said), GIVEN)
    assert page.entry.published_at == page.fetched_at == page.entry.first_seen_at == expected


@pytest.mark.parametrize(
    "said", [{}, {"published_at": " "}, {"published_at": float("nan"), "fetched_at": ""}]
)
def test_a_row_without_times_has_those_of_the_run(said: dict[str, Any]) -> None:
    at = datetime(2022, 10, 11, tzinfo=UTC)
    page = page_of_row(row(**said), PageDefaults(NOW, at))
    assert (page.entry.published_at, page.fetched_at) == (at, NOW)


def test_what_a_row_says_of_itself_is_taken_only_where_it_is_text() -> None:
    page = page_of_row(row(title=5, author=["A"], language={}), GIVEN)
    assert (page.entry.title, page.entry.author, page.entry.language) == (None, None, None)
