"""Write a page as a WARC record, so that better rules can process it again as it was fetched.

It is a response record (ISO 28500) in a gzip member of its own, whose HTTP header has what
extraction needs. The feed's entry for the page is in a header of our own, as JSON.
"""

import dataclasses
import io
import uuid
import zlib
from datetime import UTC

from fastwarc.warc import WarcRecord, WarcRecordType

from transforms.core.archives.warc_to_page import ENTRY, FETCH
from transforms.core.extract.metadata import MAX_STANDFIRST_CHARS
from transforms.core.ids import stable_id
from transforms.core.replay import entry_payload
from transforms.records import FeedEntry, Page

_MAX_ENTRY = 24 * 1024
"""Characters of the feed's entry; readers of WARC give up on headers of over 32 KB."""


def record_id(page: Page) -> str:
    """Return the id of a page's record: the same for the same page fetched at the same time."""
    return stable_id(
        page.entry.url, page.final_url, page.fetched_at.isoformat(), zlib.crc32(page.content)
    )


def raw_uri(path: str, record: str, offset: int) -> str:
    """Return where a page is kept: a file within the lake, the record's id, its offset in bytes."""
    return f"{path}#{record}@{offset}"


def parse_raw_uri(uri: str) -> tuple[str, int]:
    """Return file and offset of a kept page. Raises ValueError for another text."""
    path, _, record = uri.partition("#")
    return path, int(record.rpartition("@")[2])


def raw_record(page: Page) -> bytes:
    """Return a page as a WARC record: the same bytes for the same page."""
    record = WarcRecord()
    record.init_headers(WarcRecordType.response, f"uuid:{uuid.UUID(record_id(page))}".encode())
    headers = {
        "Content-Type": "application/http; msgtype=response",
        "WARC-Target-URI": page.final_url,
        "WARC-Date": page.fetched_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        FETCH: page.fetch_id,
        ENTRY: _entry_json(page.entry),
    }
    for name, value in headers.items():
        if value is not None:
            record.headers.set(name, value)
    record.set_bytes_content(_http_response(page))
    out = io.BytesIO()
    record.write(out)
    packer = zlib.compressobj(wbits=31)
    return packer.compress(out.getvalue()) + packer.flush()


def _entry_json(entry: FeedEntry) -> str | None:
    """Return an entry as JSON, None if it is too long for a header."""
    # Extraction does not use a summary that is too long for a standfirst.
    if len(entry.summary or "") > MAX_STANDFIRST_CHARS:
        entry = dataclasses.replace(entry, summary=None)
    text, _ = entry_payload(entry)
    return text if len(text) <= _MAX_ENTRY else None


def _http_response(page: Page) -> bytes:
    content_type = f"Content-Type: {page.content_type}\r\n" if page.content_type else ""
    head = f"HTTP/1.1 200 OK\r\n{content_type}Content-Length: {len(page.content)}\r\n\r\n"
    return head.encode("utf8", "replace") + page.content
