"""Whether a text is one that people write, by its words: bytes read by a wrong charset are not.

Only words with a character outside ASCII are looked at, since all charsets agree on the others.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise

# Words that are looked at: more of them say no more. A page of news has up to 1,000.
_MAX_WORDS = 2_000
# Longest word, in characters; a text without spaces is cut into pieces of it.
_MAX_WORD = 200
_WORD = re.compile(rf"[A-Za-z\x80-\U0010ffff]{{1,{_MAX_WORD}}}")
# What stands before and after words in any text: spaces, joiners, quotes, dashes, marks of numbers.
_AROUND = (
    "\u00a0\u00ad\u2009\u200b\u200c\u200d\u200e\u200f\u202f\u3000\ufeff’‘“”„‚‹›«»…–—‐‑•·°§©®™€£¥¿¡"
    "²³¹¼½¾ªº№†‡，。、；：！？「」『』（）《》〈〉【】"
)
_LATIN = "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
_OTHER = "\u0370-\u052f\u0590-\u06ff\u0e00-\u0e7f"
_WIDE = "\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff61-\uff9f"
# Signs that no spelling has between letters; quotes, dots, dashes and joiners may be there.
_SIGN = (
    "\u00a1-\u00a9\u00ab\u00ac\u00ae-\u00b1\u00b2-\u00b6\u00b8-\u00b9\u00bb-\u00bf\u00d7\u00f7"
    "\u02c6\u02c7\u02d8-\u02dd\u2020-\u2022\u201a\u201e\u2030\u2039\u203a\u20ac\u2122\u2190-\u25ff\ufb01\ufb02"
)
_NOT_WRITTEN = re.compile(
    "[\ufffd\x80-\x9f\ue000-\uf8ff]"  # characters of nobody
    f"|[{_LATIN}][{_OTHER}]|[{_OTHER}][{_LATIN}]"  # two alphabets in one word
    f"|[{_LATIN}{_OTHER}][{_SIGN}]+[{_LATIN}{_OTHER}]"  # a sign between letters
    f"|[{_LATIN}][\u02c7\u02d8\u00a4\u00a6\u00ac\u00af\u00b1\u00b6]$"  # nor after them
    f"|[A-Za-z][{_WIDE}][A-Za-z]"  # one wide letter between narrow ones
)
_ACCENTED = re.compile(r"[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]")
# More than this share of odd words is not writing. Of the tests' texts in 27 languages none has any
# if it is read by its own charset; read by another, 87 of 100 have more than this.
MAX_ODD = 0.2
# A word of accents: "été" has two of three letters, and no longer word of the tests' has more.
_MIN_ACCENTS, _MAX_ACCENTED = 3, 0.7
# Headlines are in capitals, so this is only a doubt.
_MAX_CAPITALS = 0.6
# Letters beyond a language's alphabet: in names from another one. More is only a doubt, too.
_MAX_FOREIGN = 0.03
# Kana are half of a Japanese text. Charsets of Chinese and Korean have them, too, where that of
# Japanese has them, but use them for names of shops only.
_MIN_KANA = 0.15
_JAPANESE = frozenset({"shift_jis", "euc-jp", "iso-2022-jp"})
# The most common characters of Chinese, in both spellings.
_MOST_COMMON = re.compile(
    "[的一是不了在人有我他这這个個们們中来來上大为為和国國地到以說说時时要就出會会可也年月日]"
)
# They are one in five of a text; a headline may have none.
_MIN_COMMON, _FEW_HAN = 0.04, 20
_SCRIPTS = {
    "Latin": re.compile(f"[{_LATIN}]"),
    "Cyrillic": re.compile("[\u0400-\u052f]"),
    "Greek": re.compile("[\u0370-\u03ff\u1f00-\u1fff]"),
    "Hebrew": re.compile("[\u0590-\u05ff]"),
    "Arabic": re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]"),
    "Thai": re.compile("[\u0e00-\u0e7f]"),
    "Hangul": re.compile("[\uac00-\ud7af\u1100-\u11ff\u3130-\u318f]"),
    "Kana": re.compile("[\u3040-\u30ff]"),
    "Han": re.compile("[\u3400-\u9fff\uf900-\ufaff]"),
}
_WRITTEN_IN = {"Japanese": ("Kana", "Han")}


def words_of(text: str) -> list[str]:
    """Return the first words with characters outside ASCII, without what stands around them."""
    words: list[str] = []
    for found in _WORD.finditer(text):
        if found[0].isascii():
            continue
        word = found[0].strip(_AROUND)
        if not word.isascii():
            words.append(word)
        if len(words) == _MAX_WORDS:
            break
    return words


def odd_share(words: Sequence[str]) -> float:
    """Return the share of words that nobody writes, as far as their form shows."""
    return sum(map(_is_odd, words)) / len(words) if words else 0.0


def is_written(words: Sequence[str]) -> bool:
    """Return whether words are ones that people write, but for a few."""
    return odd_share(words) <= MAX_ODD


def is_usual(words: Sequence[str], charset: str, language: str | None) -> bool:
    """Return whether words look like those of a language; of any, if it is unknown.

    `charset` is the one they were read by. False also for some texts that are rightly read: it
    takes a detector to tell.
    """
    latin = _tables()[0]
    alphabets = (language,) if language in latin else latin
    return (
        in_script(words, language)
        and any(in_alphabet(words, of) for of in alphabets)
        and _are_usual_wide("".join(words), charset)
    )


def in_script(words: Sequence[str], language: str | None) -> bool:
    """Return whether most letters outside ASCII are of the language's script; of any if unknown."""
    scripts = _scripts_of(language)
    counts = _script_counts(words)
    own = sum(counts[script] for script in scripts)
    return not scripts or 2 * own >= counts.total()


def in_alphabet(words: Sequence[str], language: str | None) -> bool:
    """Return whether the accented Latin letters are of a language's alphabet; False if unknown."""
    counts = _accented_letters(words)
    alphabet = _alphabets().get(language or "", frozenset())
    foreign = sum(count for letter, count in counts.items() if letter not in alphabet)
    return foreign <= _MAX_FOREIGN * counts.total()


def _is_odd(word: str) -> bool:
    if _NOT_WRITTEN.search(word):
        return True
    accents = len(_ACCENTED.findall(word))
    if accents >= _MIN_ACCENTS and accents > _MAX_ACCENTED * len(word):
        return True
    return any(_is_capital_inside(*pair) for pair in pairwise(word))


def _is_capital_inside(letter: str, following: str) -> bool:
    """Return whether a capital follows a small letter; in ASCII it may, as in McDonald."""
    is_plain = letter.isascii() and following.isascii()
    return letter.islower() and following.isupper() and not is_plain and letter != "ß"


def are_capitals(words: Sequence[str]) -> bool:
    """Return whether most words are in capitals, as wrongly read Cyrillic is."""
    longer = [word for word in words if len(word) > 1]
    return sum(map(str.isupper, longer)) > _MAX_CAPITALS * len(longer)


def _are_usual_wide(text: str, charset: str) -> bool:
    """Return whether the wide letters of a text, if any, are as in Chinese, Japanese or Korean."""
    han, kana, hangul = (
        len(_SCRIPTS[script].findall(text)) for script in ("Han", "Kana", "Hangul")
    )
    wide = han + kana + hangul
    if kana > _MIN_KANA * wide:
        return charset in _JAPANESE
    few = han < _FEW_HAN or hangul >= han
    return few or len(_MOST_COMMON.findall(text)) >= _MIN_COMMON * han


def _scripts_of(language: str | None) -> tuple[str, ...]:
    latin, scripts = _tables()
    script = scripts.get(language or "")
    own = _WRITTEN_IN.get(script, (script,)) if script else ()
    return (*own, "Latin") if language in latin else own


def _script_counts(words: Sequence[str]) -> Counter[str]:
    high = "".join(character for character in "".join(words) if not character.isascii())
    return Counter({script: len(found.findall(high)) for script, found in _SCRIPTS.items()})


def _accented_letters(words: Sequence[str]) -> Counter[str]:
    return Counter(_ACCENTED.findall("".join(words).lower()))


@cache
def _alphabets() -> dict[str, frozenset[str]]:
    return {language: frozenset(letters) for language, letters in _tables()[0].items()}


@cache
def _tables() -> tuple[dict[str, str], dict[str, str]]:
    """Return the letters of languages in the Latin script, and the scripts of the others."""
    text = files("transforms").joinpath("rules", "alphabets.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)
    return tables["latin"], tables["script"]
