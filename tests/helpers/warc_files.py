"""Archives for tests: small WARC files, whole and damaged, and pages that are worth reading."""

import gzip
from collections.abc import Sequence
from html import escape
from random import Random

import zstandard

DATE = "2024-05-01T10:00:00Z"
EVENT = (
    "French ministers met Kenyan envoys in Nairobi on Monday to discuss the port of {}, "
    "officials of both sides said. "
    "Kenya condemned the delay last month."
)
WORDS = (
    "harbour storm wall repairs engineers fishermen contract money spring officials "
    "delegation night paper council "
    "road bridge school teachers market prices bread rain river boats nets crews owners "
    "court judge hearing lawyers"
)


def paragraphs(title: str) -> list[str]:
    """Return the text of an article: an event, and words that no other title has in this order."""
    chance = Random(title)
    rest = [
        " ".join(["Those who know the place said that the", *chance.choices(WORDS.split(), k=40)])
        + "."
        for _ in range(3)
    ]
    return [EVENT.format(title), *rest]


def page_html(
    title: str, *texts: str, published: str | None = "2024-05-01T08:00:00Z", head: str = ""
) -> str:
    """Return a page of an article; the texts are its own where none are given."""
    dated = f"<meta property='article:published_time' content='{published}'>" if published else ""
    body = "".join(f"<p>{escape(p)}</p>" for p in texts or paragraphs(title))
    return (
        "<html "
        f"lang='en'><head><title>{escape(title)}</title>{dated}{head}</head><body><nav><a "
        "href='/'>Home</a></nav>"
        f"<article><h1>{escape(title)}</h1>{body}</article></body></html>"
    )


def record(
    url: str,
    block: bytes,
    *,
    kind: str = "response",
    date: str | None = DATE,
    length: int | None = None,
    head: str = "",
) -> bytes:
    """Return a WARC record.

    `head` is more lines of its header, `length` what it says of its block if not the truth.
    """
    lines = [
        "WARC/1.0",
        f"WARC-Type: {kind}",
        "WARC-Record-ID: <urn:uuid:9d1d3a4c-0000-4000-8000-000000000000>",
        f"WARC-Target-URI: {url}",
        *([f"WARC-Date: {date}"] if date is not None else []),
        "Content-Type: application/http; msgtype=response",
        f"Content-Length: {len(block) if length is None else length}",
    ]
    return ("\r\n".join(lines) + f"\r\n{head}\r\n").encode() + block + b"\r\n\r\n"


def http(
    body: bytes | str, *lines: str, status: str = "200 OK", kind: str = "text/html; charset=utf-8"
) -> bytes:
    """Return an HTTP answer; its length is left to the record unless `lines` say one."""
    data = body.encode() if isinstance(body, str) else body
    head = "".join(
        f"{line}\r\n" for line in (f"HTTP/1.1 {status}", f"Content-Type: {kind}", *lines)
    )
    return head.encode("latin-1") + b"\r\n" + data


def response(url: str, body: bytes | str | None = None, *, date: str | None = DATE) -> bytes:
    """Return a record of a page that was fetched."""
    return record(url, http(page_html(url) if body is None else body), date=date)


def chunked(data: bytes, size: int = 100) -> bytes:
    """Return a body in chunks."""
    pieces = (data[at : at + size] for at in range(0, len(data), size))
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"


def plain(records: Sequence[bytes]) -> bytes:
    """Return a WARC file that is not compressed."""
    return b"".join(records)


def gz_each(records: Sequence[bytes]) -> bytes:
    """Return a WARC.gz with a member a record, as the standard wants it."""
    return b"".join(gzip.compress(r, mtime=0) for r in records)


def gz_whole(records: Sequence[bytes]) -> bytes:
    """Return a WARC.gz in one member, as `gzip file.warc` makes it."""
    return gzip.compress(b"".join(records), mtime=0)


def zst_each(records: Sequence[bytes]) -> bytes:
    """Return a WARC.zst with a frame a record."""
    return b"".join(zstandard.compress(r) for r in records)


def zst_whole(records: Sequence[bytes]) -> bytes:
    """Return a WARC.zst in one frame."""
    return zstandard.compress(b"".join(records))


FORMS = {"plain": plain, "gz": gz_each, "one gz": gz_whole, "zst": zst_each, "one zst": zst_whole}
"""Ways to write a WARC file."""
