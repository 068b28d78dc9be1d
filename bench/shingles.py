"""How much of a gold body does an extracted text have, and how much besides? Shingles of four
words, exact pages.

The measure is that of scrapinghub's article-extraction-benchmark: bags of runs of four words,
compared page by page; precision and recall are means over the pages, F1 is that of the two means.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

SIZE = 4
_WORD = re.compile(r"\w+")
# As the words of a line are compared: characters of scripts without spaces stand for words.
_WIDE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """Means over the pages: shares between 0 and 1."""

    precision: float
    recall: float
    exact: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True)
class Gold:
    """The body of a page as people marked it.

    Its optional lines may be given or left out at no cost.
    """

    body: str
    optional: frozenset[str] = frozenset()


def score(pairs: Sequence[tuple[Gold, str]]) -> Score:
    """Return the score of extracted texts, each beside its gold."""
    precisions, recalls, exact = [], [], []
    for gold, text in pairs:
        body = wanted(gold, text)
        true, said = shingles(body), shingles(text)
        both = (true & said).total()
        if said:
            precisions.append(both / said.total())
        if true:
            recalls.append(both / true.total())
        exact.append(_WORD.findall(body) == _WORD.findall(text))
    return Score(*(mean(values) if values else 0.0 for values in (precisions, recalls, exact)))


def shingles(text: str, size: int = SIZE) -> Counter[Words]:
    """Return the runs of words in a text, with their counts.

    A text shorter than one run is a run.
    """
    words = _WORD.findall(text)
    if not words:
        return Counter()
    return Counter(tuple(words[at : at + size]) for at in range(max(1, len(words) - size + 1)))


def wanted(gold: Gold, text: str) -> str:
    """Return the gold body without those optional lines that the text does not have."""
    lines = gold.body.split("\n")
    rest = _flat("\n".join(line for line in lines if line not in gold.optional))
    said, runs = _flat(text), _runs(_folded(text))
    return "\n".join(
        line for line in lines if line not in gold.optional or _has(said, runs, rest, line)
    )


def _has(said: str, runs: set[Words], rest: str, line: str) -> bool:
    """Return whether a text has a line: word for word, or half its runs.

    A short one more often than the rest has.
    """
    words = _folded(line)
    key = f" {' '.join(words)} "
    if len(words) < SIZE:
        return said.count(key) > rest.count(key)
    own = [tuple(words[at : at + SIZE]) for at in range(len(words) - SIZE + 1)]
    return key in said or 2 * sum(run in runs for run in own) >= len(own)


def _runs(words: Sequence[str]) -> set[Words]:
    return {tuple(words[at : at + SIZE]) for at in range(len(words) - SIZE + 1)}


def _folded(text: str) -> list[str]:
    words = (word.lower() for word in _WORD.findall(text))
    return [part for word in words for part in (word if _WIDE.search(word) else (word,))]


def _flat(text: str) -> str:
    return f" {' '.join(_folded(text))} "
