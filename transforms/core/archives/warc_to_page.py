"""Turn a WARC record into a page, as a request for it would have returned it."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastwarc.warc import HeaderMap, WarcRecord, WarcRecordType

from transforms.core.archives.warc_listing import END_OF_HEADER
from transforms.core.archives.warc_records import capture_time, target_url
from transforms.core.extract.html_document import MAX_BYTES
from transforms.core.fetch.bodies import BodyReader
from transforms.core.fetch.headers import MAX_QUOTED_URL, charset_of, may_be_html
from transforms.core.replay import entry_from_payload
from transforms.core.urls import UrlError, url_key
from transforms.errors import ArchiveError, FetchError
from transforms.records import FeedEntry, Page

ENTRY, FETCH = "Newsbeam-Entry", "Newsbeam-Fetch"
"""Headers of the records that newsbeam writes: the page's feed entry, and its fetch_id."""
MAX_RECORD_BYTES = 32 * 2**20
"""Bytes of a record as it is stored; longer ones are not read. Three times the longest page."""

# A crawler's clock may be wrong or in another zone; a capture further ahead would date articles
# after the run that reads them.
_MAX_AHEAD = timedelta(days=1)
# Only line ends of a header are changed: an end that is found later belongs to the body. Servers
# limit headers to far less.
_MAX_HTTP_HEADER = 2**20
_LINE_END = re.compile(rb"\r?\n")
# Fifteen hexadecimal digits keep a size within 64 bits.
_CHUNK = re.compile(rb"(?:\r?\n)?([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")


@dataclass(frozen=True, slots=True)
class _HttpResponse:
    """What a server sent: its body, and its headers that describe the body."""

    content_type: str | None
    content_encoding: str | None
    body: bytes


def page_of_record(record: WarcRecord, *, now: datetime) -> Page | None:
    """Return the page of a record, None for a redirect, an error, an image and the like.

    `now` is the run's clock; nothing is captured after it. Raises ArchiveError: E_ARCHIVE_DAMAGED
    (it breaks off, or its coding is broken), E_ARCHIVE_TOO_LARGE, E_ARCHIVE_URL, E_ARCHIVE_DATE.
    """
    url = target_url(record)
    if not url.lower().startswith(("http:", "https:")):
        return None
    response = _http_response(record, url)
    if response is None:
        return None
    entry = _kept_entry(record)
    if entry is None and not may_be_html(response.content_type):
        return None
    captured_at = _captured_at(record, url, now)
    return Page(
        entry=entry or FeedEntry(url=url, url_key=_key(url), first_seen_at=captured_at),
        final_url=url,
        content_type=response.content_type,
        charset=charset_of(response.content_type),
        content=_decoded(response.body, response.content_encoding, url),
        fetched_at=captured_at,
        fetch_id=record.headers.get(FETCH) if entry else None,
    )


def _http_response(record: WarcRecord, url: str) -> _HttpResponse | None:
    """Return a record's response with status 200; None for another status or protocol."""
    block = _block(record, url)
    if record.record_type != WarcRecordType.response:
        return _HttpResponse(record.headers.get("Content-Type"), None, block)
    if not block.startswith(b"HTTP/"):
        return None
    headers = _http_headers(record, block, url)
    if headers.status_code != 200:
        return None
    body = record.reader.read()
    if "chunked" in (headers.get("Transfer-Encoding") or "").lower():
        body = _unchunked(body, url)
    return _HttpResponse(headers.get("Content-Type"), headers.get("Content-Encoding"), body)


def _block(record: WarcRecord, url: str) -> bytes:
    """Return the block of a record: all that follows the record's own header."""
    if record.content_length > MAX_RECORD_BYTES:
        raise ArchiveError(
            f"the record of {url[:MAX_QUOTED_URL]!r} has {record.content_length} bytes, "
            f"at most {MAX_RECORD_BYTES} are read",
            reason="E_ARCHIVE_TOO_LARGE",
        )
    try:
        block = record.reader.read()
    except (OSError, ValueError) as error:
        raise ArchiveError(f"the record of {url[:MAX_QUOTED_URL]!r} is damaged: {error}") from error
    if len(block) < record.content_length:
        raise ArchiveError(
            f"the record of {url[:MAX_QUOTED_URL]!r} breaks off "
            f"after {len(block)} of {record.content_length} bytes"
        )
    return block


def _http_headers(record: WarcRecord, block: bytes, url: str) -> HeaderMap:
    """Return the HTTP headers of a response, and leave the record's reader at its body."""
    record.set_bytes_content(_with_crlf(block))
    record.is_http = True
    try:
        record.parse_http(auto_decode="none")
    except (OSError, ValueError) as error:
        raise ArchiveError(
            f"the HTTP header of {url[:MAX_QUOTED_URL]!r} cannot be read: {error}"
        ) from error
    return record.http_headers


def _with_crlf(block: bytes) -> bytes:
    """Return a response with CRLF in its header, as HTTP requires; some archives wrote bare LF."""
    end = END_OF_HEADER.search(block, 0, _MAX_HTTP_HEADER)
    if end is None:
        return block
    return _LINE_END.sub(b"\r\n", block[: end.start()]) + b"\r\n\r\n" + block[end.end() :]


def _unchunked(body: bytes, url: str) -> bytes:
    """Return a body without its chunks (RFC 9112, 7.1).

    A body that does not begin with a chunk was joined by the archive, and is returned as it is.
    """
    pieces = list[bytes]()
    at = 0
    while body[at : at + 3].strip(b"\r\n"):
        line = _CHUNK.match(body, at)
        if line is None and not pieces:
            return body
        if line is None:
            raise _chunk_error(url)
        size = int(line[1], 16)
        if size == 0:
            break
        at = line.end() + size
        if at > len(body):
            raise _chunk_error(url)
        pieces.append(body[line.end() : at])
    return b"".join(pieces)


def _chunk_error(url: str) -> ArchiveError:
    return ArchiveError(
        f"the page {url[:MAX_QUOTED_URL]!r}: a chunk of its body does not have its declared length"
    )


def _kept_entry(record: WarcRecord) -> FeedEntry | None:
    """Return the feed entry that newsbeam wrote beside the page, None if there is none."""
    try:
        return entry_from_payload(record.headers.get(ENTRY) or "")
    except ValueError:
        return None


def _decoded(body: bytes, coding: str | None, url: str) -> bytes:
    """Return a body without its content coding."""
    try:
        reader = BodyReader(coding, MAX_BYTES)
        reader.feed(body)
        return reader.content()
    except FetchError as error:
        if error.reason == "E_FETCH_TOO_LARGE":
            raise ArchiveError(
                f"the page {url[:MAX_QUOTED_URL]!r}: {error}", reason="E_ARCHIVE_TOO_LARGE"
            ) from error
        # Archives often keep the header of a coding that they have undone.
        if body.lstrip()[:1] == b"<" and len(body) <= MAX_BYTES:
            return body
        raise ArchiveError(f"the page {url[:MAX_QUOTED_URL]!r}: {error}") from error


def _key(url: str) -> str:
    try:
        return url_key(url)
    except UrlError as error:
        raise ArchiveError(
            f"the record's URL cannot be used: {error}", reason="E_ARCHIVE_URL"
        ) from error


def _captured_at(record: WarcRecord, url: str, now: datetime) -> datetime:
    captured_at = capture_time(record)
    if captured_at is None or captured_at > now + _MAX_AHEAD:
        value = record.headers.get("WARC-Date")
        raise ArchiveError(
            f"the record of {url[:MAX_QUOTED_URL]!r} has no usable time of capture: {value!r}; "
            "its article could not be dated",
            reason="E_ARCHIVE_DATE",
        )
    return captured_at
