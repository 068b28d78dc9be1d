"""Find the charset of bytes that do not say it, or say a wrong one, by chardet and by the result.

chardet 7 ranks charsets by models of languages. Given those of the web only, it reads all of the 83
pages in 27 languages that the tests have; Firefox's detector (chardetng) reads 81, that of uchardet
(faust-cchardet) 78, charset-normalizer 69.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import chardet

from transforms.core.charsets.reading import Reading, read
from transforms.core.charsets.writing import (
    MAX_ODD,
    are_capitals,
    in_script,
    is_usual,
    odd_share,
    words_of,
)

# Charsets of the Encoding Standard by chardet's names, the more common ones first: what fits as
# well as another is taken to be the more common.
_CHARSETS = {
    "cp1252": "windows-1252",
    "cp1251": "windows-1251",
    "gb18030": "gb18030",
    "cp932": "shift_jis",
    "cp949": "euc-kr",
    "big5hkscs": "big5",
    "cp1250": "windows-1250",
    "euc_jis_2004": "euc-jp",
    "cp1256": "windows-1256",
    "cp1254": "windows-1254",
    "cp1253": "windows-1253",
    "iso8859-2": "iso-8859-2",
    "koi8-r": "koi8-r",
    "cp874": "windows-874",
    "cp1255": "windows-1255",
    "iso8859-7": "iso-8859-7",
    "cp1257": "windows-1257",
    "koi8-u": "koi8-u",
    "iso8859-15": "iso-8859-15",
    "cp1258": "windows-1258",
    "iso8859-5": "iso-8859-5",
    "iso8859-8": "iso-8859-8",
    "iso8859-6": "iso-8859-6",
    "iso8859-13": "iso-8859-13",
    "iso8859-4": "iso-8859-4",
    "cp866": "ibm866",
    "mac-cyrillic": "x-mac-cyrillic",
    "mac-roman": "macintosh",
}
# All charsets of Windows have the same spaces, quotes and dashes.
_PUNCTUATION = "windows-1252"
_SIGNS = "€‚„…†‡‰‹‘’“”•–—™›\u00a0¡£§©«\u00ad®°±²³·»¼½¾¿×".encode(_PUNCTUATION)
# Four of them side by side are letters of another charset.
_NOT_PUNCTUATION = re.compile(
    rb"[\x80-\xff]{4}|[^\x00-\x7f" + b"".join(b"\\x%02x" % sign for sign in _SIGNS) + rb"]"
)
_SAME = {"gbk": "gb18030", "iso-8859-8-i": "iso-8859-8"}
# Text that is looked at: more of it changes no answer, and takes longer.
_SAMPLE_BYTES = 8_192
_TAG = re.compile(rb"<[^<>]*>")
# chardet drops a charset for a single byte that it lacks. A text with one, or with this share of
# them may have been cut or damaged; it is tried again without them.
_ODD_BYTES, _MAX_UNREAD = 1, 0.05
# Scores from 0 to 1. On those pages the right charset has 0.3 to 1, and so have only charsets that
# differ from it in a few letters. Of less than a dozen letters, the right one too scores 0.05 only,
# and of a name in a Latin script even less; so do wrong ones of a word in another script.
_MIN_SCORE, _MIN_WORD_SCORE = 0.05, 0.08
_WORD, _MIN_SYLLABLE_SCORE = 6, 0.2
_EVIDENCE, _MIN_EVIDENT_SCORE = 100, 0.12
_NAME, _MIN_NAME_SCORE = 12, 0.005
# Of likely charsets one is taken whose words are of the language; of nearly equal ones, and where
# the words are of none, the more common.
_LIKELY, _NEARLY = 0.7, 0.97
_HIGH = bytes(range(0x80, 0x100))


@dataclass(frozen=True, slots=True)
class _Candidate:
    reading: Reading
    score: float
    words: list[str]

    def is_usual(self, language: str | None) -> bool:
        return is_usual(self.words, self.reading.charset, language)


def detected(content: bytes, language: str | None) -> Reading | None:
    """Return bytes read by the charset that they most likely have; None if none makes writing.

    The language decides between charsets that are about equally likely.
    """
    sample = sample_of(content)
    if _is_punctuation(sample):
        return read(content, _PUNCTUATION)
    chosen = _most_likely(list(_candidates(sample)), language)
    if chosen is None or chosen.score < _least(sample, chosen):
        return None
    return read(content, chosen.reading.charset)


def score(content: bytes, charset: str) -> float:
    """Return how likely a charset is, from 0 to 1."""
    sample = sample_of(content)
    name = _SAME.get(charset, charset)
    codec = next((codec for codec in _CHARSETS if _CHARSETS[codec] == name), None)
    return _score_alone(read(sample, name).text, codec) if codec else 0.0


def sample_of(content: bytes) -> bytes:
    """Return the texts between tags that have bytes outside ASCII, up to some thousand bytes."""
    texts = [text for text in _TAG.split(content) if not text.isascii()]
    return _beginning(texts) if texts else _beginning([content])


def _beginning(texts: Iterable[bytes]) -> bytes:
    kept: list[bytes] = []
    size = 0
    for text in texts:
        kept.append(text)
        size += len(text) + 1
        if size > _SAMPLE_BYTES:
            break
    joined = b" ".join(kept)
    if size <= _SAMPLE_BYTES:
        return joined
    # Not within a character, if there is a space to cut at.
    return joined[: max(joined.rfind(b" ", 0, _SAMPLE_BYTES), _SAMPLE_BYTES // 2)]


def _most_likely(candidates: list[_Candidate], language: str | None) -> _Candidate | None:
    best = max((found.score for found in candidates), default=0.0)
    likely = [found for found in candidates if found.score >= _LIKELY * best]
    usual = [found for found in likely if found.is_usual(language)]
    usual = usual or [found for found in likely if found.is_usual(None)]
    if not usual:
        return likely[0] if likely else None
    near = _NEARLY * max(found.score for found in usual)
    return next(found for found in usual if found.score >= near)


def _is_punctuation(sample: bytes) -> bool:
    """Return whether the bytes outside ASCII are the spaces, quotes and dashes of Windows."""
    return not _NOT_PUNCTUATION.search(sample)


def _least(sample: bytes, chosen: _Candidate) -> float:
    """Return the score that a charset needs, by how much there is to tell it from."""
    high = len(sample) - len(sample.translate(None, _HIGH))
    if high >= _EVIDENCE:
        return _MIN_EVIDENT_SCORE
    if high >= _NAME:
        return _MIN_SCORE
    if in_script(chosen.words, "en"):
        return _MIN_NAME_SCORE
    return _MIN_WORD_SCORE if high >= _WORD else _MIN_SYLLABLE_SCORE


def _candidates(sample: bytes) -> Iterator[_Candidate]:
    """Yield the charsets by which the sample is writing, the more common ones first."""
    readings = {codec: read(sample, name) for codec, name in _CHARSETS.items()}
    scores = _scores(sample, [codec for codec in readings if not readings[codec].unread])
    for codec, reading in readings.items():
        fits = reading.unread <= _ODD_BYTES + _MAX_UNREAD * reading.high
        words = words_of(reading.text) if fits else []
        odd = odd_share(words)
        if not words or odd > MAX_ODD:
            continue
        found = scores.get(codec, 0.0)
        if reading.unread:
            found = _score_alone(reading.text, codec)
        elif are_capitals(words):
            # chardet's models know running text.
            found = max(found, _score_alone(reading.text.lower(), codec))
        if found:
            yield _Candidate(reading, found * (1 - odd), words)


def _score_alone(text: str, codec: str) -> float:
    """Return the score of a charset for a text, without what it cannot write."""
    return _scores(text.encode(codec, "ignore"), [codec]).get(codec, 0.0)


def _scores(sample: bytes, codecs: list[str]) -> dict[str, float]:
    """Return chardet's confidence in each of some charsets, by its names."""
    if not codecs:
        return {}
    found = chardet.detect_all(
        sample,
        ignore_threshold=True,
        compat_names=False,
        include_encodings=codecs,
        no_match_encoding=codecs[0],
    )
    return {row["encoding"]: row["confidence"] for row in found if row["encoding"] is not None}
