"""What is the shape of a block of text: a sentence, a headline, a fragment of an interface?"""

import re
import unicodedata
from functools import lru_cache

MAX_HEADLINE_CHARS = 180
_SHORT = 400
"""Characters of blocks that are asked about again and again while an article is cleaned."""
MAX_HEADLINE_WORDS = 26
_CLOSERS = "\"'”’»›)]}」』*_ \t\u00a0"
_STOPS = ".!?…。！？؟।"
_WORD = re.compile(r"\w+(?:['’.-]\w+)*")
_WIDE = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"
)
_BREAK = re.compile(r"[^\W\d_]{3,}[.!?][”’\"']? +[A-ZÀ-Þ“‘\"]")
_FULL_BREAK = re.compile(r"[^\W\d_]{3,}[.!][”’\"']? +[A-ZÀ-Þ“‘\"]")
_BULLET = re.compile(r"(?:[-*•·–—▪●]|\d{1,2}[.)])\s")
_TAG = re.compile(r"\s*[\[(][A-Z][A-Z /-]{2,24}[\])]\s*$")
# Joiners and direction marks carry meaning in some scripts; the soft hyphen, BOM and zero-width
# space do not.
_CONTROLS = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff\u200b\u00ad\u202a-\u202e]"
)
_FOLDED = re.compile(r"\w+")
_QUOTES = {"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "\u00a0": " "}


def tidy(text: str) -> str:
    """Return the text in one line: no control characters, no lone surrogates, single spaces."""
    line = " ".join(text.split())
    return line if line.isprintable() else " ".join(_CONTROLS.sub(" ", line).split())


def fold(text: str) -> str:
    """Return the words of a text in one spelling: NFKC, case folded, single spaces, no
    punctuation."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace("’", "").replace("‘", "")
    return " ".join(_FOLDED.findall(text.casefold().replace("'", "")))


def straight(text: str) -> str:
    """Return the text with ASCII quotes, dashes and spaces, each character in its old place."""
    if not text.isascii():
        for mark, plain_one in _QUOTES.items():
            text = text.replace(mark, plain_one)
    return text


def plain(text: str) -> str:
    """Return the text in one line, with ASCII quotes and dashes."""
    return " ".join(straight(text).split())


def unbulleted(text: str) -> str:
    """Return the text without the bullet or number it starts with."""
    return _BULLET.sub("", text, count=1) if _BULLET.match(text) else text


def word_count(text: str) -> int:
    """Return how many words a text has; a script without spaces counts two characters as a word."""
    return _known_count(text) if len(text) <= _SHORT else _count(text)


def _count(text: str) -> int:
    if text.isascii():
        return len(_WORD.findall(text))
    wide = len(_WIDE.findall(text))
    return len(_WORD.findall(_WIDE.sub(" ", text) if wide else text)) + (wide + 1) // 2


_known_count = lru_cache(maxsize=4096)(_count)


def ends_sentence(text: str) -> bool:
    """Return whether a text ends as a sentence does, closing quotes and brackets aside."""
    bare = text.rstrip(_CLOSERS)
    return bool(bare) and bare[-1] in _STOPS


def is_prose(text: str) -> bool:
    """Return whether a block reads as running text: a sentence of some length, or several."""
    return len(text) > 2 * MAX_HEADLINE_CHARS or _reads_as_prose(text)


@lru_cache(maxsize=4096)
def _reads_as_prose(text: str) -> bool:
    count = word_count(text)
    return (ends_sentence(text) and count >= 6) or (count >= 12 and bool(_BREAK.search(text)))


def is_headline(text: str) -> bool:
    """Return whether a block could be a headline: one phrase of three words or more that ends
    without a full stop.
    """
    bare = _TAG.sub("", text).strip()
    if not bare or len(bare) > MAX_HEADLINE_CHARS or "\n" in bare or _BULLET.match(bare):
        return False
    last = bare.rstrip(_CLOSERS)[-1:]
    if last in {"", ".", ":", ";", ",", "。"} or _FULL_BREAK.search(bare):
        return False
    return 3 <= word_count(bare) <= MAX_HEADLINE_WORDS and not bare[0].islower()


def tag_of(text: str) -> str | None:
    """Return the kind a teaser carries at its end, as in "Senate votes [VIDEO]"."""
    found = _TAG.search(text)
    return found.group().strip(" []()") if found else None


def is_fragment(text: str, *, words: int = 4) -> bool:
    """Return whether a block is a few words that are no sentence: a button, a name, a section."""
    return (
        0 < len(text) <= 60
        and "\n" not in text
        and word_count(text) <= words
        and not ends_sentence(text)
    )
