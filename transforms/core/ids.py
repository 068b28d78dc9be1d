"""How things are named: ids are xxh128 and hashes SHA-256, both of UTF-8 text and in hex."""

import hashlib

import xxhash

_SEPARATOR = "\x1f"


def stable_id(*parts: object) -> str:
    """Return the id of a thing that these parts identify: 32 hex digits."""
    text = _SEPARATOR.join("" if p is None else str(p) for p in parts)
    return xxhash.xxh128_hexdigest(text.encode("utf8", "surrogatepass"))


def text_sha256(text: str) -> str:
    """Return the SHA-256 of a text in hex."""
    return hashlib.sha256(text.encode("utf8", "surrogatepass")).hexdigest()
