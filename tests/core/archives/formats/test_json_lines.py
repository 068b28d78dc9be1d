"""Every line of JSON lines is a page; one that cannot be read is reported and costs no other."""

import gzip
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from transforms.core.archives.formats import lines as lines_module
from transforms.core.archives.formats.json_lines import JSON_LINES, PACKED_JSON_LINES
from transforms.core.archives.page_defaults import PageDefaults
from transforms.core.archives.page_refs import Damage, PageRef, Place
from transforms.errors import ArchiveError
from transforms.records import ArchivePart, Page

DEFAULTS = PageDefaults(datetime(2024, 5, 6, 12, tzinfo=UTC))
ROWS = [{"url": f"http://a.test/{n}", "text": "Words. " * n} for n in range(1, 6)]
LINES = b"".join(json.dumps(row).encode() + b"\n" for row in ROWS)


def lines(
    data: bytes, *, is_seekable: bool = True, start: Place | None = None
) -> tuple[list[Place], list[Damage]]:
    json_lines = JSON_LINES if is_seekable else PACKED_JSON_LINES
    found = list(json_lines.list_pages(io.BytesIO(data), "x.jsonl", start))
    places = [f.at for f in found if isinstance(f, PageRef)]
    return places, [d for d in found if isinstance(d, Damage)]


def read(data: bytes, places: list[Place]) -> list[Any]:
    """Return the rows whose pages are at these places, and the error of each that has none."""
    offsets = tuple((place.offset, place.skip) for place in places)
    part = ArchivePart(path="x.jsonl", kind="jsonl", inside="x.jsonl", places=offsets)
    found = list(JSON_LINES.read_pages(io.BytesIO(data), part, DEFAULTS))
    assert [at for at, _ in found] == places
    return [row_of(page) if isinstance(page, Page) else page for _, page in found]


def row_of(page: Page) -> dict[str, str]:
    return {"url": page.entry.url, "text": page.content.decode()}


@pytest.mark.parametrize("is_seekable", [True, False])
def test_each_line_is_a_row(is_seekable: bool) -> None:
    places, damages = lines(LINES, is_seekable=is_seekable)
    assert read(LINES, places) == ROWS
    assert read(LINES, places[1:4:2]) == ROWS[1:4:2]
    assert damages == []


@pytest.mark.parametrize("is_seekable", [True, False])
def test_empty_lines_windows_ends_and_a_last_line_without_end_do_not_matter(
    is_seekable: bool,
) -> None:
    data = b"\n" + LINES.replace(b"\n", b"\r\n\r\n").rstrip()
    places, damages = lines(data, is_seekable=is_seekable)
    assert read(data, places) == ROWS
    assert damages == []


def test_a_byte_order_mark_does_not_matter() -> None:
    data = b"\xef\xbb\xbf" + LINES
    assert read(data, lines(data)[0]) == ROWS


def test_listing_goes_on_from_any_line() -> None:
    places, _ = lines(LINES)
    for number, place in enumerate(places):
        assert lines(LINES, start=place)[0] == places[number:]


@pytest.mark.parametrize(
    "bad", [b"not json", b"[1, 2]", b'"text"', b"5", b'{"url": ', b"\xff\xfe", b"[" * 100_000]
)
def test_a_line_that_is_not_an_object_is_an_error_in_its_place(bad: bytes) -> None:
    data = LINES + bad + b"\n" + LINES
    got = read(data, lines(data)[0])
    assert [one for one in got if not isinstance(one, Exception)] == ROWS * 2
    (error,) = [one for one in got if isinstance(one, ArchiveError)]
    assert error.reason == "E_ARCHIVE_ROW"


@pytest.mark.parametrize("is_seekable", [True, False])
def test_a_line_that_is_too_long_is_damage_and_the_rest_is_read(
    is_seekable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines_module, "MAX_LINE_BYTES", 200)
    long = json.dumps({"url": "http://a.test/l", "text": "x" * 1000}).encode() + b"\n"
    data = LINES + long + LINES
    places, damages = lines(data, is_seekable=is_seekable)
    assert read(data, places) == ROWS * 2
    assert [d.reason for d in damages] == ["E_ARCHIVE_TOO_LARGE"]
    assert str(len(LINES)) in damages[0].message


def test_packed_lines_that_break_off_are_read_as_far_as_they_go() -> None:
    packed = gzip.compress(
        b"".join(json.dumps({"n": n, "x": str(n) * 50}).encode() + b"\n" for n in range(9000))
    )
    file: Any = gzip.GzipFile(fileobj=io.BytesIO(packed[: len(packed) // 2]))
    found = list(PACKED_JSON_LINES.list_pages(file, "x.jsonl.gz", None))
    assert sum(isinstance(f, PageRef) for f in found) > 1000
    assert [f.reason for f in found if isinstance(f, Damage)] == ["E_ARCHIVE_DAMAGED"]


def test_a_file_that_begins_with_an_object_is_one() -> None:
    assert JSON_LINES.sniff(b"\xef\xbb\xbf \n" + LINES)
    assert not JSON_LINES.sniff(b"[" + LINES)


def test_packed_lines_are_listed_on_from_any_line() -> None:
    places, _ = lines(LINES, is_seekable=False)
    for number, place in enumerate(places):
        assert lines(LINES, is_seekable=False, start=place)[0] == places[number:]
