"""What of a string from the network may be stored? Valid Unicode without control characters, of bounded length.

Line ends and overrides of direction count as such, so that a log line stays one and reads as it is.

Header bytes that are not UTF-8 reach us as lone surrogates (PEP 383), which no UTF-8 column takes. They are replaced
rather than dropped, so that a broken value is never mistaken for a sound one.
"""

import re
from collections.abc import Iterable
from email.message import Message

MAX_HEADER = 1000
HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"})

_SOUND = re.compile(rf"[\x20-\x7e\xa0-\xff]{{1,{MAX_HEADER - 1}}}")
_UNSTORABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def clean_text(text: str, limit: int = MAX_HEADER) -> str:
    """Return the first `limit` characters, U+FFFD in the place of control characters and lone surrogates."""
    return _UNSTORABLE.sub("\ufffd", text[:limit])


def clean_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the headers by name in lower case, their values cleaned; of a repeated one the last stands."""
    return {clean_text(name.lower()): clean_text(value) for name, value in headers}


def conditional_headers(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """Return the headers that ask for a document only where it has changed (RFC 9110 13.1); unsound values are left."""
    asked = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in asked.items() if value and _SOUND.fullmatch(value)}


def may_be_html(content_type: str | None) -> bool:
    """Return whether a page of this declared type, or of none, can be HTML."""
    kind = (content_type or "").split(";")[0].strip().lower()
    return not kind or kind in HTML_TYPES


def charset_of(content_type: str | None) -> str | None:
    """Return the charset that a Content-Type declares."""
    message = Message()
    message["content-type"] = (content_type or "").replace("\r", "").replace("\n", "")
    return message.get_content_charset()
