import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.core.fetch.headers import (
    MAX_HEADER,
    clean_headers,
    clean_text,
    conditional_headers,
    is_part,
)


@pytest.mark.parametrize(
    "text", ['W/"1-é"', "text/html; charset=utf-8", "Tue, 11 Oct 2022 08:00:00 GMT", "", "😀"]
)
def test_sound_values_stay(text: str) -> None:
    assert clean_text(text) == text


@pytest.mark.parametrize(
    "code", [0x00, 0x0A, 0x1B, 0x7F, 0x85, 0x9F, 0x2028, 0x2029, 0x202E, 0x2066, 0xD83D, 0xDCFF]
)
def test_what_cannot_be_stored_is_replaced_not_dropped(code: int) -> None:
    assert clean_text(f"a{chr(code)}b") == "a\ufffdb"


@given(st.text(st.characters(), max_size=50), st.integers(0, 60))
def test_whatever_comes_can_be_encoded(text: str, limit: int) -> None:
    cleaned = clean_text(text, limit)
    assert len(cleaned.encode().decode()) == min(len(text), limit)


def test_headers_are_bounded_and_found_by_lower_case() -> None:
    headers = clean_headers([("ETag", "x" * 5000), ("ETAG", "y" * 5000), ("A", "1\udcff")])
    assert headers == {"etag": "y" * MAX_HEADER, "a": "1\ufffd"}


def test_validators_are_sent_only_where_sound() -> None:
    assert conditional_headers('W/"1-é"', "Tue, 11 Oct 2022 08:00:00 GMT") == {
        "If-None-Match": 'W/"1-é"',
        "If-Modified-Since": "Tue, 11 Oct 2022 08:00:00 GMT",
    }
    for bad in (None, "", "1\r\nX: y", "1\ufffd", "\U0001f600", "x" * MAX_HEADER):
        assert conditional_headers(bad, bad) == {}


@pytest.mark.parametrize(
    ("status", "content_range"),
    [
        (206, None),
        (206, "bytes 0-98/99"),
        (226, None),
        (200, "bytes 0-1/99"),
        (200, "bytes 97-98/99"),
        (203, "Bytes 5-98/99"),
        (200, "bytes 5-98/*"),
    ],
)
def test_a_part_is_known_by_its_status_or_range(status: int, content_range: str | None) -> None:
    assert is_part(status, content_range)


@pytest.mark.parametrize(
    ("status", "content_range"),
    [
        (200, None),
        (203, None),
        (200, "bytes 0-98/99"),
        (200, "bytes 0-98/*"),
        (200, "items 0-9/100"),
        (200, "bytes */99"),
        (200, "bytes 0-\u0661/99"),
        (200, "bytes 0-1/99 x"),
        (200, "bytes 1" + "0" * 100_000),
    ],
    ids=range(9),
)
def test_a_whole_document_is_no_part(status: int, content_range: str | None) -> None:
    assert not is_part(status, content_range)
