"""Which articles of a site are nearly the same text, so that they prove nothing about each other's
blocks?
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from transforms.core.clean.outline import Outline, Shape
from transforms.core.stories.fingerprint import close_to

MAX_DISTANCE = 10
"""Bits of difference: ten are expected where four fifths of the shingles are common. More would
take short articles with much boilerplate for copies of each other."""
MIN_COMMON = 0.5
"""Share of the shorter article's paragraphs, by length, from which two articles tell the same
story.
"""
MAX_SHARED_BY = 12
"""A paragraph that more articles have, or more than half of them, is no sign that two of them are
one.
"""


def copy_representatives(
    outlines: Sequence[Outline], standing: Mapping[str, int]
) -> dict[str, str]:
    """Return for each article the one that stands for it: itself, or the least of those that are
    nearly the same.

    `standing` has fingerprints of articles known before; they stand for those that come.
    """
    parents = {i: i for i in [*standing, *(o.article_id for o in outlines)]}

    def root(article: str) -> str:
        while parents[article] != article:
            parents[article] = article = parents[parents[article]]
        return article

    for a, b in [*_close(outlines, standing), *_common(outlines)]:
        first, second = sorted((root(a), root(b)), key=lambda i: (i not in standing, i))
        parents[second] = first
    return {o.article_id: root(o.article_id) for o in outlines}


def _close(outlines: Sequence[Outline], standing: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of articles whose fingerprints are close."""
    prints = dict(standing) | {
        o.article_id: o.fingerprint for o in outlines if o.fingerprint is not None
    }
    ids, values = list(prints), np.array(list(prints.values()), dtype=np.int64)
    for outline in outlines:
        if outline.fingerprint is not None:
            near = close_to(outline.fingerprint, values, MAX_DISTANCE)
            yield from ((outline.article_id, ids[int(at)]) for at in near)


def _common(outlines: Sequence[Outline]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of articles that have most paragraphs in common."""
    paragraphs = {
        o.article_id: {s.folded: s.chars for s in o.shapes if _tells(s)} for o in outlines
    }
    having: dict[str, list[str]] = defaultdict(list)
    for article, texts in paragraphs.items():
        for text in texts:
            having[text].append(article)
    shared: dict[tuple[str, str], int] = defaultdict(int)
    most = min(MAX_SHARED_BY, max(3, len(outlines) // 2))
    for text, articles in having.items():
        if 1 < len(articles) <= most:
            for a, b in combinations(articles, 2):
                shared[a, b] += paragraphs[a][text]
    for (a, b), chars in shared.items():
        if chars >= MIN_COMMON * min(sum(paragraphs[a].values()), sum(paragraphs[b].values())):
            yield a, b


def _tells(shape: Shape) -> bool:
    return shape.prose and bool(shape.folded)
