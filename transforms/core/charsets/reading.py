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
_UTF8_CONTROLS = re.compile(rb"\xc2[\x80-\x9f]")
# Python's reason for a last character that is cut off.
_CUT_OFF = "unexpected end of data"
_HALF = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_LATIN1 = re.compile(r"[\x80-\xff]+")
_LOST = "\ufffd".encode()
# Marks of windows-1252 in a text of another charset, where they would be control characters: HTML
# reads such references (`&#146;`) the same way. Letters are none of these: they differ by charset.
_MARKS = {
    chr(code): mark
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


def utf8_text(content: bytes) -> str | None:
    """Return the text of bytes in UTF-8; None if they are not.

    The last character may be cut off, and those beyond the first plane may be two halves (CESU-8),
    as some databases write them.
    """
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        if error.reason == _CUT_OFF and not content[: error.start].isascii():
            return content.decode(errors="replace")
    return _of_halves(content) if _HALF.search(content) else None


def _of_halves(content: bytes) -> str | None:
    try:
        halves = content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
    return halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def high_count(text: str) -> int:
    """Return the number of characters outside ASCII."""
    return len(text) - len(text.encode("ascii", "ignore"))


def without_controls(text: str) -> str:
    """Return a text without the control characters from U+0080, which no text has.

    They are quotes and dashes of windows-1252, or letters in UTF-8 that was taken for Latin-1 and
    encoded again.
    """
    if not _CONTROLS.search(text):
        return text
    is_twice = any(_CONTROLS.search(run) and _once(run) for run in _LATIN1.findall(text))
    if is_twice:
        text = _LATIN1.sub(lambda run: _once(run[0]) or run[0], text)
    return _CONTROLS.sub(_mark, text)


def _mark(control: re.Match[str]) -> str:
    return _MARKS.get(control[0], control[0])


def utf8_has_controls(content: bytes) -> bool:
    """Return whether `without_controls` would change a text; faster than on the text itself."""
    return _UTF8_CONTROLS.search(content) is not None


def _once(run: str) -> str | None:
    """Return letters of Latin-1 as the UTF-8 that their bytes are; None if they are not."""
    try:
        return run.encode("latin-1").decode()
    except UnicodeDecodeError:
        return None


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
    if utf8_has_controls(content):
        text = without_controls(text)
    return Reading(text, UTF8, high_count(text), unread)
