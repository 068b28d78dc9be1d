"""A WARC record becomes the page that a request would have brought, whatever was done to its bytes
on the way.
"""

import gzip
import io
import zlib
from datetime import UTC, datetime

import brotli
import pytest
import zstandard
from fastwarc.warc import ArchiveIterator

from tests.helpers.warc_files import chunked, http, page_html, record, response
from tests.helpers.web_site import pack
from transforms.core.archives import warc_to_page as pages
from transforms.core.archives.warc_to_page import page_of_record
from transforms.errors import ArchiveError
from transforms.records import Page

NOW = datetime(2024, 5, 6, 12, tzinfo=UTC)
URL = "http://a.test/1"
HTML = page_html("A page").encode() * 2


def page_in(data: bytes) -> Page | None:
    return page_of_record(next(iter(ArchiveIterator(io.BytesIO(data), parse_http=False))), now=NOW)


def page(block: bytes, *, url: str = URL, date: str | None = "2024-05-01T10:00:00Z") -> Page:
    found = page_in(record(url, block, date=date))
    assert found is not None
    return found


def refused(data: bytes) -> str:
    with pytest.raises(ArchiveError) as error:
        page_in(data)
    return error.value.reason


def test_a_page_has_the_times_of_its_capture_and_the_words_of_its_header() -> None:
    found = page(http(HTML, kind="text/html; charset=ISO-8859-1"))
    assert found.fetched_at == found.entry.first_seen_at == datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert (found.content, found.content_type, found.charset) == (
        HTML,
        "text/html; charset=ISO-8859-1",
        "iso-8859-1",
    )
    assert (found.final_url, found.entry.url, found.entry.feed_id, found.fetch_id) == (
        URL,
        URL,
        None,
        None,
    )


CODINGS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
    "identity": bytes,
}


@pytest.mark.parametrize("coding", CODINGS)
def test_content_codings_are_undone(coding: str) -> None:
    assert page(http(CODINGS[coding](HTML), f"Content-Encoding: {coding}")).content == HTML


@pytest.mark.parametrize("coding", CODINGS)
def test_a_coding_that_was_undone_already_is_left(coding: str) -> None:
    assert page(http(HTML, f"Content-Encoding: {coding}")).content == HTML


def test_chunks_are_joined_and_then_the_coding_undone() -> None:
    assert page(http(chunked(HTML), "Transfer-Encoding: chunked")).content == HTML
    packed = http(
        chunked(gzip.compress(HTML)), "Transfer-Encoding: chunked", "Content-Encoding: gzip"
    )
    assert page(packed).content == HTML


def test_a_header_with_other_line_ends_is_read() -> None:
    text = "<p>one\r\ntwo\nthree</p>"
    made = page(f"HTTP/1.1 200 OK\nContent-Type: text/html; charset=utf-8\n\n{text}".encode())
    assert (made.content.decode(), made.content_type) == (text, "text/html; charset=utf-8")


def test_chunks_that_were_joined_already_are_left() -> None:
    assert page(http(HTML, "Transfer-Encoding: chunked")).content == HTML
    assert (
        page(
            http(gzip.compress(HTML), "Transfer-Encoding: chunked", "Content-Encoding: gzip")
        ).content
        == HTML
    )


@pytest.mark.parametrize("length", [0, 10, 10**6, -1])
def test_a_wrong_length_in_the_http_header_does_not_matter(length: int) -> None:
    assert page(http(HTML, f"Content-Length: {length}")).content == HTML


def test_chunks_with_extensions_and_trailers_are_joined() -> None:
    pieces = b"".join(b"%X;name=value\r\n%s\r\n" % (len(p), p) for p in (HTML[:400], HTML[400:]))
    assert (
        page(
            http(pieces + b"0\r\nX-Trailer: 1\r\n\r\n", "Transfer-Encoding: gzip, chunked")
        ).content
        == HTML
    )


def test_chunks_without_the_last_empty_one_are_joined() -> None:
    assert (
        page(http(chunked(HTML).removesuffix(b"0\r\n\r\n"), "Transfer-Encoding: chunked")).content
        == HTML
    )


@pytest.mark.parametrize("size", [b"fff", b"1", b"zz", b"-5"])
def test_chunks_of_wrong_sizes_are_refused_and_not_read_as_text(size: bytes) -> None:
    wrong = chunked(HTML, 500).replace(b"\r\n1f4\r\n", b"\r\n" + size + b"\r\n", 1)
    assert wrong != chunked(HTML, 500)
    assert refused(record(URL, http(wrong, "Transfer-Encoding: chunked"))) == "E_ARCHIVE_DAMAGED"


@pytest.mark.parametrize(
    "status", ["404 Not Found", "301 Moved Permanently", "304 Not Modified", "500 Oops", "206 Part"]
)
def test_responses_that_are_not_pages_are_skipped(status: str) -> None:
    assert page_in(record(URL, http(HTML, status=status))) is None


@pytest.mark.parametrize(
    "kind", ["image/png", "application/json", "text/css", "video/mp4", "application/rss+xml"]
)
def test_bodies_that_are_not_html_are_skipped(kind: str) -> None:
    assert page_in(record(URL, http(b"\x89PNG", kind=kind))) is None


@pytest.mark.parametrize("kind", ["text/html", "application/xhtml+xml", "TEXT/HTML;charset=utf-8"])
def test_html_by_any_name_is_a_page(kind: str) -> None:
    assert page(http(HTML, kind=kind)).content == HTML


def test_records_that_are_not_responses_are_skipped() -> None:
    assert page_in(record(URL, b"no HTTP at all")) is None
    assert page_in(record(URL, b"")) is None
    assert page_in(record("dns:a.test", b"20240501 1.2.3.4")) is None
    assert page_in(record("metadata://gnu.org/x", http(HTML))) is None


def test_a_resource_is_a_page_without_an_http_header() -> None:
    data = record(URL, HTML, kind="resource").replace(
        b"application/http; msgtype=response", b"text/html; charset=utf-8"
    )
    found = page_in(data)
    assert found is not None
    assert (found.content, found.charset) == (HTML, "utf-8")


def test_links_in_angle_brackets_and_with_spaces_are_links() -> None:
    assert page(http(HTML), url="<http://a.test/1>").entry.url == URL
    spaced = page(http(HTML), url="http://a.test/with some spaces")
    assert (
        spaced.entry.url_key
        == page(http(HTML), url="http://a.test/with%20some%20spaces").entry.url_key
    )


def test_an_invalid_link_is_refused() -> None:
    assert refused(response("http:///nowhere")) == "E_ARCHIVE_URL"
    assert refused(response("http://[::1/x")) == "E_ARCHIVE_URL"


@pytest.mark.parametrize("date", [None, "", "20240501100000", "2024-05-01", "2034-01-01T00:00:00Z"])
def test_a_page_that_cannot_be_dated_is_refused(date: str | None) -> None:
    assert refused(response(URL, date=date)) == "E_ARCHIVE_DATE"


def test_a_capture_of_a_clock_that_is_ahead_by_hours_is_taken() -> None:
    assert page(http(HTML), date="2024-05-06T20:00:00Z").fetched_at > NOW


def test_an_image_without_a_date_is_not_a_reject() -> None:
    assert page_in(record(URL, http(b"\x89PNG", kind="image/png"), date=None)) is None


class _Watched(io.BytesIO):
    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


def test_a_record_over_the_cap_is_refused_without_being_read() -> None:
    file = _Watched(response(URL, bytes(pages.MAX_RECORD_BYTES)))
    with pytest.raises(ArchiveError) as error:
        page_of_record(next(iter(ArchiveIterator(file, parse_http=False))), now=NOW)
    assert error.value.reason == "E_ARCHIVE_TOO_LARGE"
    assert file.taken < 2**20


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_a_bomb_is_refused(coding: str) -> None:
    bomb = pack(200 * 2**20, coding)
    assert refused(record(URL, http(bomb, f"Content-Encoding: {coding}"))) == "E_ARCHIVE_TOO_LARGE"


def test_a_body_whose_coding_is_broken_is_refused() -> None:
    packed = gzip.compress(HTML)
    assert refused(record(URL, http(packed[:-20], "Content-Encoding: gzip"))) == "E_ARCHIVE_DAMAGED"
    assert (
        refused(record(URL, http(b"\x00\x01nonsense", "Content-Encoding: gzip")))
        == "E_ARCHIVE_DAMAGED"
    )


def test_a_record_that_breaks_off_is_refused() -> None:
    assert refused(response(URL)[:-200]) == "E_ARCHIVE_DAMAGED"


def test_headers_that_are_not_utf8_do_not_matter() -> None:
    block = (
        b"HTTP/1.1 200 OK\r\nServer: caf\xe9\r\nContent-Type: text/html; title=\xe9\r\n\r\n" + HTML
    )
    assert page(block).content == HTML


def test_a_header_of_a_megabyte_raises_no_exception() -> None:
    block = http(HTML, "X-Long: " + "y" * 2**20)
    data = record(URL, block)
    assert refused(data) == "E_ARCHIVE_DAMAGED"


def test_a_feed_entry_in_a_header_of_a_foreign_archive_is_not_trusted() -> None:
    for stored in ("{}", "[1]", '{"url": 5}', "not json", '{"url": "http://b.test/2"}'):
        found = page_in(record(URL, http(HTML), head=f"Newsbeam-Entry: {stored}\r\n"))
        assert found is not None
        assert found.entry.url == URL
