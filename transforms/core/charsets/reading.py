"""Read bytes by one charset, and count what it leaves unread."""

import re
from dataclasses import dataclass

UTF8 = "utf-8"
# https://encoding.spec.whatwg.org: what a name means on the web, in Python's codecs; of several the
# one that leaves the least unread.
_CODECS = {
    "gbk": ("gb18030",),
    "big5": ("big5hkscs", "cp950"),
    # Python's euc_jp has no letters of vendors, such as digits in circles.
    "euc-jp": ("euc_jp", "euc_jis_2004"),
    "shift_jis": ("cp932",),
    "euc-kr": ("cp949",),
    "iso-2022-jp": ("iso2022_jp_ext", "iso2022_jp_2004"),
    "iso-8859-8-i": ("iso8859_8",),
    "windows-874": ("cp874",),
    "macintosh": ("mac_roman",),
    "x-mac-cyrillic": ("mac_cyrillic",),
}
ESCAPING = ("iso-2022-jp", "iso2022_kr", "hz")
"""Charsets that switch between alphabets by escapes, in bytes below 128."""
MULTIBYTE = frozenset({"gbk", "gb18030", "big5", "euc-jp", "shift_jis", "euc-kr"})
# Letters of nobody: control characters, and what fonts of one machine only have.
_UNREAD = re.compile(r"[\ufffd\x80-\x9f\ue000-\uf8ff]")
_CONTROLS = re.compile(r"[\x80-\x9f]")
_LOST = "\ufffd".encode()
# Marks of windows-1252 in a text of another charset, where they would be control characters: HTML
# reads such references (`&#146;`) the same way. Letters are none of these: they differ by charset.
_MARKS = {
    code: mark
    for code in range(0x80, 0xA0)
    if not (mark := bytes([code]).decode("cp1252", "replace")).isalpha() and mark != "\ufffd"
}
# Python's stand-ins for bytes that are not UTF-8 (PEP 383).
_ESCAPED = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}


class UnreadableError(ValueError):
    """Bytes that no charset makes a text of; the message says what was tried."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text, the charset it was read by, and of its characters outside ASCII how many are unread.

    `high` counts the characters outside ASCII, the unread ones among them.
    """

    text: str
    charset: str
    high: int
    unread: int

    @property
    def unread_share(self) -> float:
        """The share of characters outside ASCII that this charset does not have."""
        return self.unread / self.high if self.high else 0.0


def read(content: bytes, charset: str) -> Reading:
    """Return bytes as text by a charset of the Encoding Standard; what it lacks becomes U+FFFD."""
    if charset == UTF8:
        return _read_utf8(content)
    first, *others = _CODECS.get(charset, (charset,))
    best = _read(content, first, charset)
    for codec in others if best.unread else ():
        best = min(best, _read(content, codec, charset), key=lambda reading: reading.unread)
    return best


def read_mixed(content: bytes) -> str:
    """Return bytes in UTF-8 with others in windows-1252 between them, as text."""
    return without_controls(content.decode("utf-8", "surrogateescape").translate(_ESCAPED))


def high_count(text: str) -> int:
    """Return the number of characters outside ASCII."""
    return len(text) - len(text.encode("ascii", "ignore"))


def without_controls(text: str) -> str:
    """Return a text with the quotes and dashes that control characters from U+0080 stand for."""
    return text.translate(_MARKS) if _CONTROLS.search(text) else text


def _read(content: bytes, codec: str, charset: str) -> Reading:
    text = content.decode(codec, "replace")
    if text.isascii():
        return Reading(text, charset, 0, 0)
    text = without_controls(text)
    return Reading(text, charset, high_count(text), len(_UNREAD.findall(text)))


def _read_utf8(content: bytes) -> Reading:
    text = content.decode("utf-8", "replace")
    if text.isascii():
        return Reading(text, UTF8, 0, 0)
    # Those that the document has itself were lost before it was sent.
    unread = text.count("\ufffd") - content.count(_LOST)
    return Reading(without_controls(text), UTF8, high_count(text), unread)
