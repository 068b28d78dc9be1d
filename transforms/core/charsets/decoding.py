"""Decide by which charset bytes are read."""

import re
from dataclasses import dataclass

from transforms.core.charsets.detection import detected, sample_of, score
from transforms.core.charsets.labels import (
    charset_by_mark,
    charset_by_zeros,
    charset_named,
    declared_charset,
    declared_language,
)
from transforms.core.charsets.reading import (
    ESCAPING,
    MULTIBYTE,
    UTF8,
    Reading,
    UnreadableError,
    high_count,
    read,
    read_mixed,
    utf8_has_controls,
    utf8_text,
    without_controls,
)
from transforms.core.charsets.writing import are_capitals, is_usual, is_written, odd_share, words_of

# Of the characters outside ASCII. One in ten: a text that was cut or damaged in a few places is
# still one of its charset.
_MAX_UNREAD = 0.1
# Of texts in other charsets, three characters in ten are valid in UTF-8 at most (EUC-JP).
_MAX_UNREAD_UTF8 = 0.34
_MIN_UTF8 = 3
# So few characters may be pairs of letters in a charset of East Asia by chance, and such a charset
# is believed if it is named.
_CHANCE = 6
# Quotes, dashes and dots in UTF-8, which editors put into texts of another charset.
_UTF8_PUNCTUATION = re.compile(rb"\xe2\x80[\x90-\xbf]")
# Of the characters of lines with any outside ASCII: text with more holes is none. Judgements.
_MAX_LOST, _FEW_LOST, _MOSTLY_LOST = 0.03, 20, 0.5
# A detected charset replaces a declared one whose words are possible, if unusual, only if it is
# far likelier, or about as likely and its words are usual.
_LIKELIER, _LIKELIER_AND_USUAL = 2.0, 0.95
# Words that nobody writes. A name or two of a page may look so.
_MAX_ODD = 0.02
_ESCAPE = b"\x1b$"


@dataclass(frozen=True, slots=True)
class Decoded:
    """A document's text, the charset it was read by, and whether that was guessed.

    It was guessed if the document is not in UTF-8 and says no charset, or one that does not fit.
    """

    text: str
    charset: str
    is_guessed: bool = False


def decode(
    content: bytes, *, label: str | None = None, language: str | None = None, is_markup: bool = True
) -> Decoded:
    """Return the text of a document, without its byte order mark.

    `label` is the charset that its server or archive names, `language` (ISO 639) what its site
    writes in; both may be wrong or unknown. `is_markup`: the document may name its own.
    Raises UnreadableError if no charset makes a text of it.
    """
    own = declared_charset(content) if is_markup else None
    named = [name for name in (charset_named(label), own) if name]
    decoded = decode_marked(content) or _as_escaped(content, named) or _as_utf8(content, named)
    if decoded is None:
        own_language = declared_language(content) if is_markup else None
        decoded = _as_legacy(content, named, own_language or _code(language))
    _check_lost(decoded)
    return decoded


def _code(language: str | None) -> str | None:
    return language.partition("-")[0].lower() if language else None


def decode_marked(content: bytes) -> Decoded | None:
    """Return the text by its byte order mark, or by zero bytes; None if it has neither."""
    charset, length = charset_by_mark(content)
    charset = charset or charset_by_zeros(content)
    if charset is None:
        return None
    reading = read(content[length:], charset)
    if reading.unread_share > _MAX_UNREAD_UTF8:
        return None
    return Decoded(reading.text.removeprefix("\ufeff"), charset)


def _as_escaped(content: bytes, named: list[str]) -> Decoded | None:
    """Return the text of bytes below 128 that switch between alphabets; None for other bytes."""
    if not content.isascii():
        return None
    charsets = [name for name in named if name in ESCAPING]
    if _ESCAPE in content:
        charsets += ESCAPING
    for charset in charsets:
        reading = read(content, charset)
        if reading.high and reading.unread_share <= _MAX_UNREAD:
            return Decoded(reading.text, charset, charset not in named)
    return None


def _as_utf8(content: bytes, named: list[str]) -> Decoded | None:
    """Return the text if it is in UTF-8, whatever is named; None if it is not.

    No text in another charset is valid in UTF-8 by chance, unless it is a few wide characters.
    """
    text = utf8_text(content)
    if text is None:
        return None
    if text.isascii():
        return Decoded(text, UTF8)
    if named and named[0] in MULTIBYTE and high_count(text) < _CHANCE:
        return None
    return Decoded(without_controls(text) if utf8_has_controls(content) else text, UTF8)


def _as_legacy(content: bytes, named: list[str], language: str | None) -> Decoded:
    """Return the text of a document that is not valid in UTF-8, or might be so by chance only."""
    damaged = read(content, UTF8)
    if damaged.high - damaged.unread >= _MIN_UTF8 and damaged.unread_share <= _MAX_UNREAD_UTF8:
        return Decoded(damaged.text, UTF8, UTF8 not in named)
    doubted: Reading | None = None
    for charset in named:
        reading = read(content, charset)
        if charset == UTF8 or reading.unread_share > _MAX_UNREAD:
            continue
        if not _is_doubtful(_words(content, charset), charset, language):
            return Decoded(reading.text, charset)
        doubted = doubted or reading
    return _by_detection(content, language, doubted, damaged)


def _by_detection(
    content: bytes, language: str | None, doubted: Reading | None, damaged: Reading
) -> Decoded:
    """Return the text by the charset that is most likely.

    `doubted` is it by a named charset, `damaged` by UTF-8.
    """
    found = detected(content, language)
    if doubted and _is_better(doubted, found, content, language):
        return Decoded(doubted.text, doubted.charset)
    if found is not None:
        return Decoded(found.text, found.charset, True)
    mixed = read_mixed(content)
    is_mixed = _UTF8_PUNCTUATION.search(content) is not None
    if is_mixed and not _is_doubtful(_words(mixed.encode(), UTF8), UTF8, language):
        return Decoded(mixed, UTF8, True)
    tried = f"its own, {doubted.charset}, makes no words" if doubted else "it names none that fits"
    raise UnreadableError(f"is in an unknown charset: {tried}, and no other does; report it")


def _is_better(
    doubted: Reading, found: Reading | None, content: bytes, language: str | None
) -> bool:
    """Return whether a text by its named charset is kept beside the one that was detected."""
    if found is not None and found.text == doubted.text:
        return True
    if not is_written(_words(content, doubted.charset)):
        return False
    if doubted.charset in MULTIBYTE and doubted.high < _CHANCE:
        return True
    own_score = score(content, doubted.charset)
    if found is None:
        return own_score > 0
    is_doubtful = _is_doubtful(_words(content, found.charset), found.charset, language)
    likelier = _LIKELIER if is_doubtful else _LIKELIER_AND_USUAL
    return score(content, found.charset) < likelier * own_score


def _is_doubtful(words: list[str], charset: str, language: str | None) -> bool:
    """Return whether words may come of bytes read by a wrong charset: a detector has to tell."""
    is_odd = odd_share(words) > _MAX_ODD
    return is_odd or are_capitals(words) or not is_usual(words, charset, language)


def _words(content: bytes, charset: str) -> list[str]:
    return words_of(read(sample_of(content), charset).text)


def _check_lost(decoded: Decoded) -> None:
    """Raise UnreadableError for a text whose letters were lost, here or before it was sent."""
    if "\ufffd" not in decoded.text:
        return
    shown = sample_of(decoded.text.encode("utf-8", "replace")).decode("utf-8", "replace")
    lost = shown.count("\ufffd")
    share = lost / len(shown)
    if share > _MOSTLY_LOST or (share > _MAX_LOST and lost > _FEW_LOST):
        raise UnreadableError(
            f"has lost its letters: {share:.0%} of them are U+FFFD, read as {decoded.charset}"
        )
