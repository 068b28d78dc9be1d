"""What of a string from the network may be stored? Valid Unicode without control characters, of bounded length.

Header bytes that are not UTF-8 reach us as lone surrogates (PEP 383), which no UTF-8 column takes. They are replaced
rather than dropped, so that a broken value is never mistaken for a sound one.
"""

import re
from collections.abc import Iterable

MAX_HEADER = 1000

_UNSTORABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def clean_text(text: str, limit: int = MAX_HEADER) -> str:
    """Return the first `limit` characters, U+FFFD in the place of control characters and lone surrogates."""
    return _UNSTORABLE.sub("\ufffd", text[:limit])


def clean_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the headers by name in lower case, their values cleaned; of a repeated one the last stands."""
    return {clean_text(name.lower()): clean_text(value) for name, value in headers}
