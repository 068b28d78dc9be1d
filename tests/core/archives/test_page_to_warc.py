"""A page that is kept comes back as it was: its bytes, its times, and what the feed said of it."""

import dataclasses
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.warc_files import page_html
from transforms.core.archives.page_refs import PageRef
from transforms.core.archives.page_to_warc import parse_raw_uri, raw_record, raw_uri, record_id
from transforms.core.archives.warc_listing import list_records
from transforms.core.archives.warc_records import read_records
from transforms.core.archives.warc_to_page import page_of_record
from transforms.core.urls import url_key
from transforms.records import FeedEntry, Page

NOW = datetime(2024, 5, 6, 12, tzinfo=UTC)
URL = "http://a.test/1"
ENTRY = FeedEntry(
    url=URL,
    url_key=url_key(URL),
    entry_id="5",
    feed_id="f1",
    title="Ünder the harbour",
    published_at=datetime(2024, 5, 5, 12, 0, 0, 123456, tzinfo=UTC),
    author="A. Writer",
    summary="What it says.",
    language="en",
    first_seen_at=datetime(2024, 5, 6, 11, tzinfo=UTC),
)
PAGE = Page(
    entry=ENTRY,
    final_url="http://a.test/one?x=1",
    content_type="text/html; charset=windows-1252",
    charset="windows-1252",
    content=page_html("A page").encode(),
    fetched_at=datetime(2024, 5, 6, 11, 59, 59, 999999, tzinfo=UTC),
    fetch_id="abc",
)


def back(page: Page) -> Page | None:
    return page_of_record(
        next(iter(ArchiveIterator(io.BytesIO(raw_record(page)), parse_http=False))), now=NOW
    )


def test_a_page_comes_back_as_it_was() -> None:
    assert back(PAGE) == PAGE


@pytest.mark.parametrize(
    "fields",
    [
        {"content": b""},
        {"content": b"\x1f\x8b\x08 no gzip"},
        {"content": b"5\r\nhello\r\n0\r\n\r\n"},
        {"content": b"HTTP/1.1 404 None\r\n\r\n"},
        {"content_type": None, "charset": None},
        {"fetch_id": None},
        {"final_url": "https://a.test/%E4%F6?q=a b"},
    ],
)
def test_odd_pages_come_back_as_they_were(fields: dict[str, Any]) -> None:
    page = dataclasses.replace(PAGE, **fields)
    assert back(page) == page


@given(st.binary(max_size=2000), st.text(max_size=200), st.text(max_size=200))
def test_any_bytes_and_words_come_back(content: bytes, title: str, summary: str) -> None:
    entry = dataclasses.replace(ENTRY, title=title, summary=summary)
    page = dataclasses.replace(PAGE, content=content, entry=entry)
    assert back(page) == page


def test_a_summary_that_is_too_long_is_left_out_and_the_rest_kept() -> None:
    found = back(dataclasses.replace(PAGE, entry=dataclasses.replace(ENTRY, summary="x" * 100_000)))
    assert found == dataclasses.replace(PAGE, entry=dataclasses.replace(ENTRY, summary=None))


def test_the_same_page_is_the_same_bytes_and_another_another_record() -> None:
    assert raw_record(PAGE) == raw_record(PAGE)
    later = dataclasses.replace(PAGE, fetched_at=NOW)
    other = dataclasses.replace(PAGE, content=b"else")
    assert len({record_id(p) for p in (PAGE, later, other)}) == 3


def test_records_behind_each_other_are_a_warc_file() -> None:
    pages = [dataclasses.replace(PAGE, content=f"page {n}".encode()) for n in range(3)]
    file = io.BytesIO(b"".join(map(raw_record, pages)))
    places = [f.at for f in list_records(file, "x") if isinstance(f, PageRef)]
    got = [
        page_of_record(r, now=NOW)
        for _, r in read_records(file, places)
        if not isinstance(r, Exception)
    ]
    assert got == pages


def test_a_place_can_be_read_back_from_its_uri() -> None:
    assert parse_raw_uri(raw_uri("_raw/day=2024-05-06/r1-0.warc.gz", "abc", 12)) == (
        "_raw/day=2024-05-06/r1-0.warc.gz",
        12,
    )
    for text in ("", "_raw/x.warc.gz", "_raw/x.warc.gz#abc"):
        with pytest.raises(ValueError, match="int"):
            parse_raw_uri(text)
