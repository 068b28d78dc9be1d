"""Normalise text, and classify a block by its form: running text, headline, fragment."""

import re
import unicodedata
from functools import lru_cache

# A judgement: longer phrases are standfirsts and captions.
MAX_HEADLINE_CHARS = 180
MAX_HEADLINE_WORDS = 26
# One or two words are a section or a button.
MIN_HEADLINE_WORDS = 3
# A judgement: interfaces have short sentences too ("Sign up for our newsletter.").
MIN_SENTENCE_WORDS = 6
# Two sentences in one block, the last one perhaps cut off.
MIN_SENTENCES_WORDS = 12
# A name, a section or a button fits in it.
MAX_FRAGMENT_CHARS = 60
_CACHED_CHARS = 400
"""The steps of cleaning ask for the word count of a block again and again. Longer blocks are left
out of the cache, to bound its memory."""
_CLOSERS = "\"'”’»›)]}」』*_ \t\u00a0"
_STOPS = ".!?…。！？؟।"
_WORD = re.compile(r"\w+(?:['’.\u200c\u200d-]\w+)*")
_WIDE = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"
)
_BREAK = re.compile(r"[^\W\d_]{3,}[.!?][”’\"']? +[A-ZÀ-Þ“‘\"]")
_FULL_BREAK = re.compile(r"[^\W\d_]{3,}[.!][”’\"']? +[A-ZÀ-Þ“‘\"]")
_BULLET = re.compile(r"(?:[-*•·–—▪●]|\d{1,2}[.)])\s")
# Not from within white space: a search from each space of a long run takes quadratic time.
_TAG = re.compile(r"(?<!\s)\s*[\[(][A-Z][A-Z /-]{2,24}[\])]\s*$")
# Ends of lines and control characters, which stand between words if anywhere.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
# What no reader sees and no spelling has: hints where a line may end, marks of byte order and of
# editors, and overrides of direction, which show letters in another order than they are read.
# Scripts without spaces use the zero-width space between words.
_UNSPACED = "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf"
_UNSEEN = re.compile(
    r"[\u00ad\u202d\u202e\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb]"
    f"|(?<![{_UNSPACED}])\u200b|\u200b(?![{_UNSPACED}])"
)
# Part of the text, but none of themselves: joiners (U+200C, U+200D), marks and isolates of
# direction. The output escapes those that could steer a terminal.
_FORMATS = "\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069 "
_FOLDED = re.compile(r"\w+")
_QUOTES = {"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "\u00a0": " "}


def tidy(text: str) -> str:
    """Return the text in one line, with single spaces and all characters that belong to it.

    Without control characters, lone surrogates, soft hyphens and the like; joiners and marks of
    direction stay.
    """
    line = " ".join(text.split())
    return line if line.isprintable() else _tidy_formats(line)


def without_unseen(text: str) -> str:
    """Return the text without soft hyphens, marks of byte order and the like; joiners stay."""
    return text if text.isprintable() else _UNSEEN.sub("", text)


def _tidy_formats(line: str) -> str:
    line = " ".join(_UNSEEN.sub("", _CONTROLS.sub(" ", line)).split())
    return line if line.strip(_FORMATS) else ""


def fold(text: str) -> str:
    """Return the words of a text in one spelling: NFKC, case folded, single spaces, no
    punctuation."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace("’", "").replace("‘", "")
    return " ".join(_FOLDED.findall(text.casefold().replace("'", "")))


def straight(text: str) -> str:
    """Return the text with ASCII quotes, dashes and spaces; offsets stay the same."""
    if not text.isascii():
        for mark, ascii_mark in _QUOTES.items():
            text = text.replace(mark, ascii_mark)
    return text


def plain(text: str) -> str:
    """Return the text in one line, with ASCII quotes and dashes."""
    return " ".join(straight(text).split())


def unbulleted(text: str) -> str:
    """Return the text without the bullet or number it starts with."""
    return _BULLET.sub("", text, count=1) if _BULLET.match(text) else text


def word_count(text: str) -> int:
    """Return the number of words; in scripts without spaces two characters count as a word."""
    return _known_count(text) if len(text) <= _CACHED_CHARS else _count(text)


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
    """Return whether a block is running text: a longer sentence, or several sentences."""
    return len(text) > 2 * MAX_HEADLINE_CHARS or _has_sentences(text)


@lru_cache(maxsize=4096)
def _has_sentences(text: str) -> bool:
    words = word_count(text)
    if words >= MIN_SENTENCE_WORDS and ends_sentence(text):
        return True
    return words >= MIN_SENTENCES_WORDS and _BREAK.search(text) is not None


def is_headline(text: str) -> bool:
    """Return whether a block could be a headline: one phrase of at least three words without a full
    stop at its end.
    """
    bare = _TAG.sub("", text).strip()
    if not bare or len(bare) > MAX_HEADLINE_CHARS or "\n" in bare or _BULLET.match(bare):
        return False
    last = bare.rstrip(_CLOSERS)[-1:]
    if last in {"", ".", ":", ";", ",", "。"} or _FULL_BREAK.search(bare):
        return False
    return MIN_HEADLINE_WORDS <= word_count(bare) <= MAX_HEADLINE_WORDS and not bare[0].islower()


def tag_of(text: str) -> str | None:
    """Return the tag at the end of a teaser, "VIDEO" of "Senate votes [VIDEO]"."""
    found = _TAG.search(text)
    return found.group().strip(" []()") if found else None


def is_fragment(text: str, *, words: int = 4) -> bool:
    """Return whether a block is a few words, not a sentence: a button, a name, a section."""
    return (
        0 < len(text) <= MAX_FRAGMENT_CHARS
        and "\n" not in text
        and word_count(text) <= words
        and not ends_sentence(text)
    )
