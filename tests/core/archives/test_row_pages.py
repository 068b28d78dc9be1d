"""A row is a page with the URL and the times that its columns name, or that the run gives it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from transforms.core.archives.page_defaults import PageDefaults
from transforms.core.archives.row_pages import page_of_row
from transforms.errors import ArchiveError

NOW = datetime(2024, 5, 6, 12, tzinfo=UTC)
DEFAULTS = PageDefaults(NOW)


def row(**values: Any) -> dict[str, Any]:
    return {"url": "http://a.test/1", "text": "Words."} | values


def test_a_row_of_html_and_one_of_text_are_pages() -> None:
    html = page_of_row({"url": "http://a.test/1", "html": "<p>Ünder</p>"}, DEFAULTS)
    assert (html.content, html.content_type, html.charset) == (
        "<p>Ünder</p>".encode(),
        "text/html",
        "utf-8",
    )
    text = page_of_row(row(title="T", author="A", language="en"), DEFAULTS)
    assert (text.content, text.content_type) == (b"Words.", "text/plain")
    assert (text.entry.title, text.entry.author, text.entry.language) == ("T", "A", "en")


def test_html_as_bytes_has_the_charset_it_names_itself() -> None:
    assert page_of_row({"url": "http://a.test/1", "html": b"<p>\xfc</p>"}, DEFAULTS).charset is None


@pytest.mark.parametrize("codec", ["utf-8", "cp1251", "koi8-r", "utf-16"])
def test_values_as_bytes_are_read_in_their_charset(codec: str) -> None:
    title = "Городской совет одобрил станцию"
    made = page_of_row(row(title=title.encode(codec), author="Café".encode()), DEFAULTS)
    assert (made.entry.title, made.entry.author) == (title, "Café")


def test_a_value_in_no_charset_is_an_error_of_the_row() -> None:
    with pytest.raises(ArchiveError, match="charset") as caught:
        page_of_row(row(title="Größe für Ärzte und Brücken".encode("cp850")), DEFAULTS)
    assert caught.value.reason == "E_ARCHIVE_ROW"


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
    assert getattr(page_of_row(columns, DEFAULTS), what) == b"Words."


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
        page_of_row(row(**values), DEFAULTS)
    assert error.value.reason == reason


@pytest.mark.parametrize(
    ("value", "expected"),
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
def test_times_are_read_in_all_their_forms(value: object, expected: datetime) -> None:
    page = page_of_row(row(published_at=value, fetched_at=value), DEFAULTS)
    assert page.entry.published_at == page.fetched_at == page.entry.first_seen_at == expected


@pytest.mark.parametrize(
    "values", [{}, {"published_at": " "}, {"published_at": float("nan"), "fetched_at": ""}]
)
def test_a_row_without_times_has_those_of_the_run(values: dict[str, Any]) -> None:
    at = datetime(2022, 10, 11, tzinfo=UTC)
    page = page_of_row(row(**values), PageDefaults(NOW, at))
    assert (page.entry.published_at, page.fetched_at) == (at, NOW)


def test_metadata_of_a_row_is_taken_only_where_it_is_text() -> None:
    page = page_of_row(row(title=5, author=["A"], language={}), DEFAULTS)
    assert (page.entry.title, page.entry.author, page.entry.language) == (None, None, None)
