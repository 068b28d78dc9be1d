"""Learn which blocks recur across the articles of a site, and so are its boilerplate.

An article is evidence for a block that it has in a zone where boilerplate occurs (outline.py);
articles that are nearly the same text count once. A block is boilerplate when at least three
articles have it, and at least half of the site's articles since it was first seen. A line inside
the text needs four articles and three fifths, running text four and three quarters, since the
background of a story recurs too.

Only the 16 least article ids are kept of a block, so the share is estimated: of the articles first
seen since the block was, take the 16 with the least ids, and count how many have it (a bottom-k
sketch: Cohen and Kaplan, "Summarizing data using bottom-k sketches", PODC 2007; ids are hashes, so
the sample is fair). The verdict depends on the set of articles, not on their order.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import nsmallest
from typing import NamedTuple

from transforms.core.clean.blocks import Block, Cut
from transforms.core.clean.outline import (
    MAX_ARTICLE_BLOCKS,
    SAMPLE_CHARS,
    ZONES,
    BlockFeatures,
    Outline,
    Zone,
    block_features,
    zones,
)
from transforms.core.clean.positions import CleaningContext
from transforms.core.clean.similar_blocks import copy_representatives
from transforms.core.clean.site_boilerplate import SiteBoilerplate
from transforms.core.ids import MAX_SAMPLE_IDS, least_ids
from transforms.core.prose import is_prose
from transforms.records import SiteBlock


class Evidence(NamedTuple):
    """What makes a block boilerplate: the least number of articles, and the least share of them."""

    articles: int
    share: float


# Two articles are not enough, they may share a correction. Background paragraphs of a running story
# recur too, so running text must be on most pages.
EDGE, INSIDE, PROSE = Evidence(3, 0.5), Evidence(4, 0.6), Evidence(4, 0.75)
MIN_ARTICLES = min(EDGE.articles, INSIDE.articles, PROSE.articles)
MAX_BLOCKS = 1_000
"""Blocks kept of a site: at most half of them recurring ones; one each of the articles with the
least ids (anchors), which keep the sample fair over the years; and the latest ones. It bounds the
time of a verdict and the rows of `site_blocks`; templates of a site have tens of blocks."""
# A quarter of MAX_BLOCKS; over ten times the 16 articles that a verdict samples.
ANCHORS = 250
MIN_SEEN = 10
"""Least number of articles a block is compared with; for a new block, earlier ones too. Else the
background of a story, in each of a few consecutive articles, would have a share of 1."""
MAX_BATCH_BLOCKS = 400_000
"""Blocks of a batch of a site's articles that are learned from, those of the articles with the
least ids. A batch of 4,000 pages of 100 paragraphs, all of one site, has so many; they take seven
seconds."""
# Boilerplate found in one round brings the blocks behind it to the edge; a third round finds the
# last ones.
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class SiteUpdate:
    """What is learned from a batch of a site's articles: its boilerplate with them, and the
    occurrences they add to `site_blocks`.
    """

    boilerplate: SiteBoilerplate
    blocks: tuple[SiteBlock, ...]


def learn_site(
    site: str,
    outlines: Iterable[Outline],
    known: Sequence[SiteBlock] = (),
    known_prints: Mapping[str, int] | None = None,
) -> SiteUpdate:
    """Return the boilerplate of a site from its memory and a batch of its articles, in any order.

    `known` are the site's rows of `site_blocks`; `known_prints` has the fingerprints of articles
    that may be in the memory already, by article id.
    """
    ordered = list(_first_blocks(sorted(outlines, key=lambda o: (o.article_id, o.seen_at))))
    representatives = copy_representatives(ordered, known_prints or {})
    boilerplate = _boilerplate(with_verdicts(known))
    additions: dict[str, SiteBlock] = {}
    for _ in range(ROUNDS):
        for outline in ordered:
            article_id = representatives[outline.article_id]
            for key, zone, features in _occurrences(outline, boilerplate):
                new = _site_block(site, key, zone, features, article_id, outline.seen_at)
                additions[key] = merge_occurrences(additions[key], new) if key in additions else new
        before, boilerplate = boilerplate, _boilerplate(with_verdicts(_union(known, additions)))
        if boilerplate == before:
            break
    return SiteUpdate(boilerplate, tuple(block for _, block in sorted(additions.items())))


def _first_blocks(outlines: Iterable[Outline]) -> Iterator[Outline]:
    """Yield the first outlines that have at most `MAX_BATCH_BLOCKS` blocks together."""
    count = 0
    for outline in outlines:
        count += len(outline.blocks)
        if count > MAX_BATCH_BLOCKS:
            return
        yield outline


def merge_occurrences(a: SiteBlock, b: SiteBlock) -> SiteBlock:
    """Return the union of two records of one block: commutative, associative, idempotent."""
    return replace(
        a,
        sample=min(a.sample, b.sample),
        article_ids=least_ids(a.article_ids, b.article_ids),
        first_seen_at=min(a.first_seen_at, b.first_seen_at),
        last_seen_at=max(a.last_seen_at, b.last_seen_at),
    )


def with_verdicts(blocks: Iterable[SiteBlock]) -> list[SiteBlock]:
    """Return the blocks of one site that are kept (at most `MAX_BLOCKS`), each with its verdict."""
    kept = _worth_keeping(sorted(blocks, key=lambda block: block.block_hash))
    articles = _ArticlesByTime(sorted(_first_sights(kept)))
    found = []
    for block in kept:
        verdict = _verdict(block, articles)
        found.append(block if block.verdict == verdict else replace(block, verdict=verdict))
    return found


def _first_sights(blocks: Iterable[SiteBlock]) -> set[tuple[datetime, str]]:
    """Return the articles whose time is known, with that time: those of blocks seen only once."""
    found: set[tuple[datetime, str]] = set()
    for block in blocks:
        if block.first_seen_at == block.last_seen_at:
            found.update((block.first_seen_at, article) for article in block.article_ids)
    return found


def _worth_keeping(blocks: list[SiteBlock]) -> list[SiteBlock]:
    if len(blocks) <= MAX_BLOCKS:
        return blocks
    latest = sorted(blocks, key=lambda block: block.last_seen_at, reverse=True)
    recurring = [block for block in latest if len(block.article_ids) > 1][: MAX_BLOCKS // 2]
    # Reversed, so that of an article's blocks the one with the least hash is its anchor.
    once = {
        block.article_ids[0]: block for block in reversed(blocks) if len(block.article_ids) == 1
    }
    anchors = [once[article] for article in nsmallest(ANCHORS, once)]
    chosen = {block.block_hash: block for block in [*recurring, *anchors]}
    for block in latest:
        if len(chosen) >= MAX_BLOCKS:
            break
        chosen.setdefault(block.block_hash, block)
    return list(chosen.values())


def cut_site_boilerplate(blocks: Sequence[Block], context: CleaningContext) -> list[Cut]:
    """Return cuts of the blocks that are the site's boilerplate.

    None if that would be all blocks: no article consists of boilerplate alone.
    """
    if not context.boilerplate.hashes or len(blocks) > MAX_ARTICLE_BLOCKS:
        return []
    features = block_features([block.text for block in blocks], context.authors)
    zone_of = dict(zones(features))
    cuts = [
        Cut(index, "site-memory")
        for index, block in enumerate(features)
        if context.boilerplate.has(block, zone_of.get(index))
    ]
    return cuts if len(cuts) < len(blocks) else []


class _ArticlesByTime:
    """The articles of a site in order of their first sight, with a sample of those since a time."""

    def __init__(self, moments: Sequence[tuple[datetime, str]]) -> None:
        self._moments = moments
        self._samples: list[tuple[str, ...]] = []
        least: list[str] = []
        for _, article in reversed(moments):
            if article not in least:
                insort(least, article)
                del least[MAX_SAMPLE_IDS:]
            self._samples.append(tuple(least))
        self._samples.reverse()

    def since(self, at: datetime) -> tuple[str, ...]:
        """Return the sample of the articles first seen at a time or later.

        It is drawn from at least `MIN_SEEN` articles, the latest ones, if there are that many.
        """
        start = max(0, min(bisect_left(self._moments, (at, "")), len(self._moments) - MIN_SEEN))
        return self._samples[start] if self._samples else ()


def _verdict(block: SiteBlock, articles: _ArticlesByTime) -> str:
    count = len(block.article_ids)
    if count < MIN_ARTICLES:
        return "undecided"
    required = _required_evidence(block)
    if count < required.articles:
        return "undecided"
    share = _share(block, articles)
    if share >= required.share:
        return "boilerplate"
    # In between, later articles may still decide; a judgement that delays the verdict "body".
    return "body" if share < required.share / 2 else "undecided"


def _required_evidence(block: SiteBlock) -> Evidence:
    # A sample that was cut is of a longer block: running text, whatever its first words are.
    if len(block.sample) >= SAMPLE_CHARS or is_prose(block.sample):
        return PROSE
    return INSIDE if block.zone == "inside" else EDGE


def _share(block: SiteBlock, articles: _ArticlesByTime) -> float:
    """Return the estimated share of articles with the block among those since it was first seen."""
    candidates = {*block.article_ids, *articles.since(block.first_seen_at)}
    sample = sorted(candidates)[:MAX_SAMPLE_IDS]
    return sum(article in block.article_ids for article in sample) / len(sample)


def _occurrences(
    outline: Outline, boilerplate: SiteBoilerplate
) -> Iterator[tuple[str, Zone, BlockFeatures]]:
    """Yield the blocks that an article is evidence for, each with its hash and zone.

    These are its blocks that are known boilerplate, and those in a zone of what is left without
    them.
    """
    zone_of = dict(zones(outline.blocks))
    left: list[BlockFeatures] = []
    for index, features in enumerate(outline.blocks):
        if not boilerplate.has(features, zone_of.get(index)):
            left.append(features)
            continue
        for zone in ZONES:
            key = features.key(zone)
            if key in boilerplate.hashes:
                yield key, zone, features
    for index, zone in zones(left):
        yield left[index].key(zone), zone, left[index]


def _union(known: Iterable[SiteBlock], additions: Mapping[str, SiteBlock]) -> Iterator[SiteBlock]:
    rest = dict(additions)
    for block in known:
        new = rest.pop(block.block_hash, None)
        yield merge_occurrences(block, new) if new else block
    yield from rest.values()


def _boilerplate(blocks: Iterable[SiteBlock]) -> SiteBoilerplate:
    return SiteBoilerplate(frozenset(b.block_hash for b in blocks if b.verdict == "boilerplate"))


def _site_block(
    site: str, key: str, zone: Zone, features: BlockFeatures, article_id: str, at: datetime
) -> SiteBlock:
    return SiteBlock(
        site=site,
        block_hash=key,
        zone=zone,
        sample=features.sample,
        article_ids=(article_id,),
        first_seen_at=at,
        last_seen_at=at,
    )
