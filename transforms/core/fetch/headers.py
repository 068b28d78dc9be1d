"""Clean strings from the network for storage: valid Unicode, no control characters, bounded.

Line ends and overrides of text direction count as control characters, so that a log line stays
one line and shows its text in order.

Header bytes that are not UTF-8 reach us as lone surrogates (PEP 383), which no UTF-8 column takes.
They are replaced rather than dropped, so that a broken value is never taken for a valid one.
"""

import re
from collections.abc import Iterable
from email.message import Message

# Longest header value that is kept, in characters; a validator of this length may have been cut.
MAX_HEADER = 1000

# Longest URL that an error message quotes, in characters: a URL may be longer than a whole message.
MAX_QUOTED_URL = 300

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"})

_VALID_VALIDATOR = re.compile(rf"[\x20-\x7e\xa0-\xff]{{1,{MAX_HEADER - 1}}}")
# The values that RFC 9110 section 14.4 defines for bytes: first, last, complete length.
_BYTE_RANGE = re.compile(r"\s*bytes\s+([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)\s*", re.I | re.A)
_UNSTORABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def clean_text(text: str, limit: int = MAX_HEADER) -> str:
    """Return the first `limit` characters, control characters and lone surrogates as U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text[:limit])


def clean_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the headers by lower-case name, their values cleaned; a repeated one has its last."""
    return {clean_text(name.lower()): clean_text(value) for name, value in headers}


def conditional_headers(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """Return the headers that request a document only if it has changed (RFC 9110 13.1).

    Validators that cannot be sent back whole are left out.
    """
    validators = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {
        name: value
        for name, value in validators.items()
        if value and _VALID_VALIDATOR.fullmatch(value)
    }


def is_part(status: int, content_range: str | None) -> bool:
    """Return whether a response says that it has only a part of the document.

    206 is a part (RFC 9110 section 15.3.7) and 226 a change (RFC 3229 section 10.4.1), for requests
    that ask for one. Servers and caches that change only the status leave the Content-Range of
    another response; it may also name the whole document, or the pages of a list.
    """
    if status in {206, 226}:
        return True
    found = _BYTE_RANGE.fullmatch((content_range or "")[:MAX_HEADER])
    if found is None:
        return False
    first, last, length = found.groups()
    return int(first) > 0 or (length != "*" and int(last) + 1 < int(length))


def may_be_html(content_type: str | None) -> bool:
    """Return whether a page of this declared type, or of none, can be HTML."""
    media_type = (content_type or "").split(";")[0].strip().lower()
    return not media_type or media_type in HTML_TYPES


def charset_of(content_type: str | None) -> str | None:
    """Return the charset that a Content-Type declares."""
    message = Message()
    message["content-type"] = (content_type or "").replace("\r", "").replace("\n", "")
    return message.get_content_charset()
