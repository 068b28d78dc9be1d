"""Ids (xxh128) and content hashes (SHA-256), both of UTF-8 text and in hex."""

import hashlib
from collections.abc import Callable, Iterable

import xxhash

MAX_SAMPLE_IDS = 16
"""Articles recorded as evidence of a site block or a person. A share estimated from 16 has a
standard error of at most 1/8; more would enlarge `site_blocks` and `persons`."""
_SEPARATOR = "\x1f"


def stable_id(*parts: object) -> str:
    """Return the id of what these parts identify: 32 hex digits."""
    return xxhash.xxh128_hexdigest(_joined(*parts))


def numbered_ids(*parts: object) -> Callable[[int], str]:
    """Return a function from a number to `stable_id(*parts, number)`, quick for many numbers: the
    parts are hashed once.
    """
    start = xxhash.xxh128(_joined(*parts, ""))

    def make(number: int) -> str:
        state = start.copy()
        state.update(str(number).encode())
        return state.hexdigest()

    return make


def _joined(*parts: object) -> bytes:
    return _SEPARATOR.join("" if p is None else str(p) for p in parts).encode(
        "utf8", "surrogatepass"
    )


def text_sha256(text: str) -> str:
    """Return the SHA-256 of a text in hex."""
    return hashlib.sha256(text.encode("utf8", "surrogatepass")).hexdigest()


def least_ids(a: Iterable[str], b: Iterable[str]) -> tuple[str, ...]:
    """Return the 16 least ids of both: commutative, associative, idempotent, so that merges in any
    order agree.
    """
    return tuple(sorted({*a, *b})[:MAX_SAMPLE_IDS])
