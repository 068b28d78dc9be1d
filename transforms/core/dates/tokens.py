"""Split a text into the numbers, words and signs that dates are made of."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from transforms.core.dates.folding import fold
from transforms.core.dates.names import MAX_NAME_WORDS

# Units of East Asian dates are words of their own wherever they stand: 2025年12月2日午後3時.
_TOKEN = re.compile(
    r"\d+|[年月日号號時时点點分秒년월일시분초]"
    r"|[^\s\d年月日号號時时点點分秒년월일시분초!-/:-@\[-`{-~¡-©«-±´-¹»-¿،؛؟।॥、。…·•‐-‧“”]+|\S"
)
# 二〇二五年十二月二日: digits in years, tens in months and days.
_CHINESE_NUMBER = re.compile(r"[〇零一二三四五六七八九十]{1,4}(?=[年月日])")
_CHINESE_DIGITS = {digit: str(value) for value, digit in enumerate("〇一二三四五六七八九")}
T = TypeVar("T")


class Token(NamedTuple):
    """A folded number, word or sign; if a space is before it, and if it was in capitals."""

    text: str
    spaced: bool = False
    capitals: bool = False


def tokenize(text: str) -> list[Token]:
    """Return the tokens of a text."""
    if not text.isascii():
        text = _CHINESE_NUMBER.sub(_in_digits, unicodedata.normalize("NFKC", text))
    tokens: list[Token] = []
    end = 0
    for found in _TOKEN.finditer(text):
        folded = fold(found[0])
        # Marks of direction fold to nothing.
        if folded:
            tokens.append(Token(folded, found.start() > end, found[0].isupper()))
        end = found.end()
    return tokens


def _in_digits(found: re.Match[str]) -> str:
    """Return a number in Chinese numerals below a hundred, or of digits only, in ASCII digits."""
    text = found[0].replace("零", "〇")
    if "十" not in text:
        return "".join(_CHINESE_DIGITS[digit] for digit in text)
    tens, _, ones = text.partition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return found[0]
    return _CHINESE_DIGITS.get(tens, "1") + _CHINESE_DIGITS.get(ones, "0")


def is_number(tokens: Sequence[Token], at: int) -> bool:
    """Return whether a token is a number; False beyond the end."""
    return at < len(tokens) and tokens[at].text.isdigit()


def text_at(tokens: Sequence[Token], at: int) -> str:
    """Return the text of a token; "" beyond the ends."""
    return tokens[at].text if 0 <= at < len(tokens) else ""


def longest_name(
    tokens: Sequence[Token],
    at: int,
    look_up: Callable[[str], T | None],
    words: int = MAX_NAME_WORDS,
) -> tuple[T, int] | None:
    """Return what the longest name from a token on means, and the index after it.

    Its words may have full stops: "a.m.", "ธ.ค.".
    """
    best: tuple[T, int] | None = None
    name = ""
    while at < len(tokens) and words:
        text = tokens[at].text
        at += 1
        if text == "." and name:
            continue
        if not text[0].isalpha():
            break
        name, words = name + text, words - 1
        meaning = look_up(name)
        if meaning is not None:
            best = meaning, at
    return best
