"""Fold texts to one spelling of a month or label: case, accents, digits, marks."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

# Joiners, marks of direction, soft hyphens and the Arabic tatweel have no meaning in a date; the
# dotless i and the Polish l do not decompose; Arabic and Persian keyboards differ in two letters.
_LETTERS: Mapping[int, str] = {
    **dict.fromkeys((0xAD, 0x640, *range(0x200B, 0x2010), *range(0x202A, 0x202F)), ""),
    **dict.fromkeys(range(0x2066, 0x206A), ""),
    **{0x131: "i", 0x142: "l", 0x649: "ی", 0x64A: "ی", 0x643: "ک", 0x6D2: "ی"},
}
# Without its breve, the Cyrillic й would be another letter.
_KEPT_MARK = "\u0306"
_NOT_LETTER = re.compile(r"[\s\d!-/:-@\[-`{-~،、。…·•’‘“”«»–—]+")


def fold(text: str) -> str:
    """Return a text in lower case, with ASCII digits, without accents and invisible marks."""
    if text.isascii():
        return text.lower()
    lower = text.lower().translate(_table())
    decomposed = unicodedata.normalize("NFKD", lower)
    kept = (c for c in decomposed if not unicodedata.combining(c) or c == _KEPT_MARK)
    return unicodedata.normalize("NFC", "".join(kept))


def name_key(name: str) -> str:
    """Return a name as it is looked up: folded, its words joined, without punctuation."""
    return _NOT_LETTER.sub("", fold(name))


@lru_cache(maxsize=1)
def _table() -> dict[int, str]:
    """Return what is replaced: the digits of all scripts by ASCII ones, and `_LETTERS`."""
    # All decimal digits of Unicode are in the first two planes.
    points = range(0x80, 0x20000)
    digits = {p: str(unicodedata.decimal(chr(p))) for p in points if chr(p).isdecimal()}
    return {**digits, **_LETTERS}
