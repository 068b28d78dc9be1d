"""What page is in a WARC record, as a request for it would have brought it?"""

import re
from datetime import datetime, timedelta

from fastwarc.warc import HeaderMap, WarcRecord, WarcRecordType

from transforms.core.archives.warc import END_OF_HEADER, capture_time, target_url
from transforms.core.extract.html_document import MAX_BYTES
from transforms.core.fetch.bodies import BodyReader
from transforms.core.fetch.headers import charset_of, may_be_html
from transforms.core.replay import entry_from
from transforms.core.urls import UrlError, url_key
from transforms.errors import ArchiveError, FetchError
from transforms.records import FeedEntry, Page

ENTRY, FETCH = "Newsbeam-Entry", "Newsbeam-Fetch"
"""Headers of the records that newsbeam writes itself: what the feed said of the page, and the id of its request."""
MAX_RECORD_BYTES = 32 * 2**20
"""Bytes of a record as it is stored; longer ones are not read."""
_AHEAD = timedelta(days=1)
_MAX_HEADER = 2**20
_LINE_END = re.compile(rb"\r?\n")
_CHUNK = re.compile(rb"(?:\r?\n)?([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")


def page_of_record(record: WarcRecord, *, now: datetime) -> Page | None:
    """Return the page of a record, None where it is none: a redirect, an error, an image.

    `now` is the run's clock; nothing is captured after it. Raises ArchiveError: E_ARCHIVE_DAMAGED (it breaks off, or
    its coding is broken), E_ARCHIVE_TOO_LARGE, E_ARCHIVE_URL, E_ARCHIVE_DATE.
    """
    url = target_url(record)
    if not url.lower().startswith(("http:", "https:")):
        return None
    block = _block(record, url)
    if record.record_type == WarcRecordType.response:
        if not block.startswith(b"HTTP/"):
            return None
        headers = _http_header(record, block, url)
        if headers.status_code != 200:
            return None
        kind, coding, content = (
            headers.get("Content-Type"),
            headers.get("Content-Encoding"),
            record.reader.read(),
        )
        if "chunked" in (headers.get("Transfer-Encoding") or "").lower():
            content = _unchunked(content, url)
    else:
        kind, coding, content = record.headers.get("Content-Type"), None, block
    entry = _own_entry(record)
    if entry is None and not may_be_html(kind):
        return None
    captured = _captured(record, url, now)
    return Page(
        entry=entry or FeedEntry(url=url, url_key=_key(url), first_seen_at=captured),
        final_url=url,
        content_type=kind,
        charset=charset_of(kind),
        content=_decoded(content, coding, url),
        fetched_at=captured,
        fetch_id=record.headers.get(FETCH) if entry else None,
    )


def _http_header(record: WarcRecord, block: bytes, url: str) -> HeaderMap:
    """Return the header of an answer; the record's reader is at its body then."""
    record.set_bytes_content(_with_line_ends(block))
    record.is_http = True
    try:
        record.parse_http(auto_decode="none")
    except (OSError, ValueError) as error:
        raise ArchiveError(f"the HTTP header of {url[:300]!r} cannot be read: {error}") from error
    return record.http_headers


def _with_line_ends(block: bytes) -> bytes:
    """Return an answer with the line ends in its header that HTTP wants; some archives have written others."""
    end = END_OF_HEADER.search(block, 0, _MAX_HEADER)
    if end is None:
        return block
    return _LINE_END.sub(b"\r\n", block[: end.start()]) + b"\r\n\r\n" + block[end.end() :]


def _unchunked(content: bytes, url: str) -> bytes:
    """Return a body without its chunks (RFC 9112, 7.1); as it is where an archive has joined them already."""
    pieces, at = list[bytes](), 0
    while content[at : at + 3].strip(b"\r\n"):
        line = _CHUNK.match(content, at)
        if line is None and not pieces:
            return content
        size = int(line[1], 16) if line else -1
        if line and size == 0:
            break
        if line is None or line.end() + size > len(content):
            raise ArchiveError(
                f"the page {url[:300]!r}: a chunk of its body is not as long as it says"
            )
        pieces.append(content[line.end() : line.end() + size])
        at = line.end() + size
    return b"".join(pieces)


def _own_entry(record: WarcRecord) -> FeedEntry | None:
    """Return the entry of a feed that newsbeam wrote beside the page, None where there is none."""
    try:
        return entry_from(record.headers.get(ENTRY) or "")
    except ValueError:
        return None


def _block(record: WarcRecord, url: str) -> bytes:
    if record.content_length > MAX_RECORD_BYTES:
        raise ArchiveError(
            f"the record of {url[:300]!r} has {record.content_length} bytes, at most {MAX_RECORD_BYTES} are read",
            reason="E_ARCHIVE_TOO_LARGE",
        )
    try:
        block = record.reader.read()
    except (OSError, ValueError) as error:
        raise ArchiveError(f"the record of {url[:300]!r} is damaged: {error}") from error
    if len(block) < record.content_length:
        raise ArchiveError(
            f"the record of {url[:300]!r} breaks off after {len(block)} of {record.content_length} bytes"
        )
    return block


def _decoded(content: bytes, coding: str | None, url: str) -> bytes:
    """Return a body without its coding; archives often name a coding that they have undone."""
    try:
        body = BodyReader(coding, MAX_BYTES)
        body.feed(content)
        return body.content()
    except FetchError as error:
        if error.reason == "E_FETCH_TOO_LARGE":
            raise ArchiveError(
                f"the page {url[:300]!r}: {error}", reason="E_ARCHIVE_TOO_LARGE"
            ) from error
        if content.lstrip()[:1] == b"<" and len(content) <= MAX_BYTES:
            return content
        raise ArchiveError(f"the page {url[:300]!r}: {error}") from error


def _key(url: str) -> str:
    try:
        return url_key(url)
    except UrlError as error:
        raise ArchiveError(f"the record's link is none: {error}", reason="E_ARCHIVE_URL") from error


def _captured(record: WarcRecord, url: str, now: datetime) -> datetime:
    found = capture_time(record)
    if found is None or found > now + _AHEAD:
        said = record.headers.get("WARC-Date")
        raise ArchiveError(
            f"the record of {url[:300]!r} names no time of capture: {said!r}; it would not be known what to date it by",
            reason="E_ARCHIVE_DATE",
        )
    return found
