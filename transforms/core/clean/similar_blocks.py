"""Find the articles of a site that are nearly the same text, since copies are not independent
evidence for a block.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from transforms.core.clean.outline import Outline
from transforms.core.stories.fingerprint import close_to

MAX_DISTANCE = 10
"""Bits of difference: ten are expected if four fifths of the shingles are common. More would
take short articles with much boilerplate for copies of each other."""
MIN_COMMON = 0.5
"""Share of the shorter article's paragraphs, by length, from which two articles are taken for
copies. A judgement: less would merge articles that share a story's background."""
MAX_SHARED_BY = 12
"""A paragraph of more articles, or of more than half of them, is more likely boilerplate than a
sign that two of them are copies. It also bounds the pairs: 66 for one paragraph."""
MIN_SHARED_BY = 3
"""Even of few articles, a pair may share a paragraph with a third."""


def copy_representatives(
    outlines: Sequence[Outline], known_prints: Mapping[str, int]
) -> dict[str, str]:
    """Return for each article the id that represents its group of near-copies.

    `known_prints` has the fingerprints of articles known before, by id; one of those represents its
    group, else the least id does.
    """
    parents = {article: article for article in known_prints}
    parents.update((outline.article_id, outline.article_id) for outline in outlines)

    def root(article: str) -> str:
        while parents[article] != article:
            parents[article] = article = parents[parents[article]]
        return article

    def rank(article: str) -> tuple[bool, str]:
        return article not in known_prints, article

    for a, b in [*_close_fingerprints(outlines, known_prints), *_common_paragraphs(outlines)]:
        first, second = sorted((root(a), root(b)), key=rank)
        parents[second] = first
    return {outline.article_id: root(outline.article_id) for outline in outlines}


def _close_fingerprints(
    outlines: Sequence[Outline], known_prints: Mapping[str, int]
) -> Iterator[tuple[str, str]]:
    """Yield each article with one of the group that close fingerprints connect it to.

    Not all pairs: a thousand articles of one text have a million.
    """
    prints = dict(known_prints) | {
        outline.article_id: outline.fingerprint
        for outline in outlines
        if outline.fingerprint is not None
    }
    ids = list(prints)
    values, places = np.unique(np.array(list(prints.values()), dtype=np.int64), return_inverse=True)
    groups = np.arange(len(values))
    # Of two versions of an article, its print is the last one's.
    for own in {prints[o.article_id] for o in outlines if o.fingerprint is not None}:
        near = groups[close_to(own, values, MAX_DISTANCE)]
        if np.any(near != near[0]):
            groups[np.isin(groups, near)] = near[0]
    firsts: dict[int, str] = {}
    for article, group in zip(ids, groups[places].tolist(), strict=True):
        yield firsts.setdefault(group, article), article


def _common_paragraphs(outlines: Sequence[Outline]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of articles that have most paragraphs in common."""
    paragraphs = {outline.article_id: _paragraph_lengths(outline) for outline in outlines}
    lengths = {article: sum(chars.values()) for article, chars in paragraphs.items()}
    most = min(MAX_SHARED_BY, max(MIN_SHARED_BY, len(outlines) // 2))
    for (a, b), chars in _shared_chars(paragraphs, most).items():
        if chars >= MIN_COMMON * min(lengths[a], lengths[b]):
            yield a, b


def _paragraph_lengths(outline: Outline) -> dict[str, int]:
    """Return the characters of each paragraph of an article, by its normalised text."""
    return {
        block.folded: block.chars for block in outline.blocks if block.is_prose and block.folded
    }


def _shared_chars(
    paragraphs: Mapping[str, Mapping[str, int]], most: int
) -> dict[tuple[str, str], int]:
    """Return for each pair of articles the characters of the paragraphs that both have, of those
    that at most `most` articles have.
    """
    articles_with: dict[str, list[str]] = defaultdict(list)
    for article, texts in paragraphs.items():
        for text in texts:
            articles_with[text].append(article)
    shared: dict[tuple[str, str], int] = defaultdict(int)
    for text, articles in articles_with.items():
        if len(articles) <= most:
            for a, b in combinations(articles, 2):
                shared[a, b] += paragraphs[a][text]
    return shared
