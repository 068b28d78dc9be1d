"""Near-duplicate text: a 64-bit fingerprint to find candidates, and shingles to decide.

SimHash after Charikar, "Similarity estimation techniques from rounding algorithms" (STOC 2002),
over word 3-grams.
"""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import xxhash

MAX_DISTANCE = 16
"""Most bits in which the fingerprints of near-duplicates differ: 12 are expected at
`MIN_SIMILARITY`, and the margin covers their spread."""
MIN_SIMILARITY = 0.7
"""Share of common shingles (Jaccard) from which two texts are near-duplicates. A paper
that cuts the last quarter of an agency's text is above it; independent reports of one event share
few runs of three words."""
MIN_WORDS = 20
"""Shorter texts are not compared: they have too few shingles for a meaningful similarity."""
# Words of a shingle. A trade-off: texts on one subject share many pairs of words, and one changed
# word breaks more runs the longer they are.
_SHINGLE = 3
# Above the longest articles; it bounds the work on a page that is a book.
_MAX_WORDS = 20_000
_WORD = re.compile(r"\w+")
# One to three capitalised words after a word, so not at the start of a sentence.
_NAME = re.compile(r"(?<=[\w,;] )[A-Z\u00c0-\u00de]\w{2,30}(?: [A-Z\u00c0-\u00de]\w{2,30}){0,2}")
# Characters searched for names; like _MAX_WORDS it bounds the work on a page that is a book.
_MAX_NAME_CHARS = 100_000


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case, at most the first 20,000."""
    return _WORD.findall(text.lower())[:_MAX_WORDS]


def shingles(text: str) -> frozenset[int]:
    """Return the hashes of a text's word 3-grams."""
    words = words_of(text)
    grams = (" ".join(words[i : i + _SHINGLE]) for i in range(max(1, len(words) - _SHINGLE + 1)))
    return frozenset(xxhash.xxh64_intdigest(g.encode("utf8", "surrogatepass")) for g in grams)


def fingerprint(text: str) -> int:
    """Return the SimHash of a text, its 64 bits read as a signed integer."""
    hashes = np.fromiter(sorted(shingles(text)), dtype=np.uint64)
    bits = np.unpackbits(
        hashes.astype("<u8").view(np.uint8).reshape(-1, 8), axis=1, bitorder="little"
    )
    set_bits = 2 * bits.sum(axis=0, dtype=np.int64) > len(hashes)
    return int.from_bytes(np.packbits(set_bits, bitorder="little").tobytes(), "little", signed=True)


def close_to(
    text_print: int, others: npt.NDArray[np.int64], within: int = MAX_DISTANCE
) -> npt.NDArray[np.intp]:
    """Return the positions of the fingerprints that differ from one in at most `within` bits."""
    return np.flatnonzero(np.bitwise_count(others ^ np.int64(text_print)) <= within)


def similarity(a: frozenset[int], b: frozenset[int]) -> float:
    """Return the share of shingles that two texts have in common (Jaccard), 0 to 1."""
    return len(a & b) / len(a | b) if a or b else 0.0


def top_terms(texts: Sequence[str], most: int = 8) -> list[str]:
    """Return up to `most` names that occur more than once in the texts, most frequent first."""
    counts: dict[str, int] = {}
    for text in texts:
        for term in _NAME.findall(text[:_MAX_NAME_CHARS]):
            counts[term] = counts.get(term, 0) + 1
    repeated = [term for term, count in counts.items() if count > 1]
    return sorted(repeated, key=lambda term: (-counts[term], term))[:most]
