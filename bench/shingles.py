"""Precision and recall of extracted texts against gold bodies, by shingles of four words.

The method is that of scrapinghub's article-extraction-benchmark
(https://github.com/scrapinghub/article-extraction-benchmark): each page's bags of shingles are
compared; precision and recall are means over the pages, F1 is computed from the two means.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

SIZE = 4
"""Words of a shingle, as in scrapinghub's benchmark, so that figures are comparable."""
_WORD = re.compile(r"\w+")
# Scripts without spaces between words (Thai, Lao, Burmese, Japanese, Chinese): a character counts
# as a word when optional lines are compared, else a whole sentence would be one word.
_WIDE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """Means over the pages, between 0 and 1; `exact` is the share of pages with equal words."""

    precision: float
    recall: float
    exact: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Gold:
    """The body of a page as annotators marked it.

    An extractor may keep or drop its optional lines at no cost.
    """

    body: str
    optional: frozenset[str] = frozenset()


def score(pairs: Sequence[tuple[Gold, str]]) -> Score:
    """Return the score of extracted texts, each paired with its gold body."""
    precisions, recalls, exact = [], [], []
    for gold, text in pairs:
        body = expected_body(gold, text)
        expected, extracted = shingles(body), shingles(text)
        shared = (expected & extracted).total()
        # An empty text has no precision, and an empty gold body no recall.
        if extracted:
            precisions.append(shared / extracted.total())
        if expected:
            recalls.append(shared / expected.total())
        exact.append(_WORD.findall(body) == _WORD.findall(text))
    return Score(*(mean(values) if values else 0.0 for values in (precisions, recalls, exact)))


def shingles(text: str, size: int = SIZE) -> Counter[Words]:
    """Return the shingles (runs of `size` words) of a text, with their counts.

    A text shorter than a shingle is one shingle.
    """
    words = _WORD.findall(text)
    if not words:
        return Counter()
    return Counter(tuple(words[at : at + size]) for at in range(max(1, len(words) - size + 1)))


def expected_body(gold: Gold, text: str) -> str:
    """Return the gold body without the optional lines that the text does not contain."""
    lines = gold.body.split("\n")
    required = _flat("\n".join(line for line in lines if line not in gold.optional))
    flat_text, text_shingles = _flat(text), set(_word_shingles(_folded(text)))

    def is_expected(line: str) -> bool:
        return line not in gold.optional or _contains(flat_text, text_shingles, required, line)

    return "\n".join(filter(is_expected, lines))


def _contains(text: str, text_shingles: set[Words], required: str, line: str) -> bool:
    """Return whether a text contains an optional line: verbatim, or half of its shingles.

    A line shorter than a shingle may also be part of a required line, so it has to occur more often
    in the text than in the `required` lines.
    """
    words = _folded(line)
    key = f" {' '.join(words)} "
    if len(words) < SIZE:
        return text.count(key) > required.count(key)
    if key in text:
        return True
    # Half: an extractor may join or cut a line at its ends, which loses the shingles there.
    line_shingles = _word_shingles(words)
    found = sum(shingle in text_shingles for shingle in line_shingles)
    return 2 * found >= len(line_shingles)


def _word_shingles(words: Sequence[str]) -> list[Words]:
    return [tuple(words[at : at + SIZE]) for at in range(len(words) - SIZE + 1)]


def _folded(text: str) -> list[str]:
    """Return the words of a text in lower case, a word of a wide script as its characters."""
    parts: list[str] = []
    for word in _WORD.findall(text):
        folded = word.lower()
        parts.extend(folded if _WIDE.search(folded) else [folded])
    return parts


def _flat(text: str) -> str:
    """Return the words with single spaces, also at both ends, so that only whole words match."""
    return f" {' '.join(_folded(text))} "
