"""Which blocks recur across the articles of a site, and so are its boilerplate?

A block is proven by the articles that have it where boilerplate stands (see outline.py); those that
are nearly the same text count once. It is boilerplate when three articles at least prove it, and at
least half of the site's articles since its first sight have it; a line inside needs four articles
and three fifths, running text four and three quarters, since the background of a story recurs too.
That share is estimated, since only the 16 least ids are kept of a block: of the articles seen since
the block first was, take the 16 with the least ids, and see how many have it (a bottom-k sketch:
Cohen and Kaplan, "Summarizing data using bottom-k sketches", PODC 2007; ids are hashes, so these
are a fair sample). The verdict depends on the set of articles, not on their order.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import nsmallest

from transforms.core.clean.blocks import Block, Cut
from transforms.core.clean.outline import (
    SAMPLE_CHARS,
    ZONES,
    Outline,
    Shape,
    Zone,
    shapes_of,
    zones,
)
from transforms.core.clean.positions import CleaningContext
from transforms.core.clean.similar_blocks import copy_representatives
from transforms.core.clean.site_boilerplate import SiteBoilerplate
from transforms.core.ids import MAX_SAMPLE_IDS, least_ids
from transforms.core.prose import is_prose
from transforms.records import SiteBlock

EDGE, INSIDE, PROSE = (3, 0.5), (4, 0.6), (4, 0.75)
"""Articles and share of articles that make boilerplate of a line at the edge, a line inside, and
running text. Background paragraphs of a running story recur too, so
running text has to be on most pages; two articles prove nothing, they may share a correction.
"""
FEWEST = min(EDGE[0], INSIDE[0], PROSE[0])
MAX_BLOCKS = 1_000
"""Blocks that are kept of a site: half for those that recur; one each of the articles with the
least ids, which keep the sample fair over the years; and those seen last.
"""
# A quarter of MAX_BLOCKS; over ten times the 16 articles that a verdict samples.
ANCHORS = 250
MIN_SEEN = 10
"""Articles that a block is held against, earlier ones too where it is new: a story's background
comes in a row.
"""
# What one round finds uncovers blocks behind it at the edge; a third round finds the last ones.
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class SiteUpdate:
    """What the articles of a slice teach of their site: its boilerplate now, and the proof they add
    to `site_blocks`.
    """

    boilerplate: SiteBoilerplate
    blocks: tuple[SiteBlock, ...]


def learn_site(
    site: str,
    outlines: Iterable[Outline],
    known: Sequence[SiteBlock] = (),
    standing: Mapping[str, int] | None = None,
) -> SiteUpdate:
    """Return the boilerplate of a site from its memory and the articles of a slice, whatever their
    order.

    `standing` has the fingerprints of the site's articles that memory may know already, by article.
    """
    mine = sorted(outlines, key=lambda one: (one.article_id, one.seen_at))
    names = copy_representatives(mine, standing or {})
    boilerplate, additions = _boilerplate(with_verdicts(known)), dict[str, SiteBlock]()
    for _ in range(ROUNDS):
        for outline in mine:
            for key, zone, shape in _occurrences(outline, boilerplate):
                new = _site_block(
                    site, key, zone, shape, names[outline.article_id], outline.seen_at
                )
                additions[key] = merge_occurrences(additions[key], new) if key in additions else new
        before, boilerplate = boilerplate, _boilerplate(with_verdicts(_union(known, additions)))
        if boilerplate == before:
            break
    return SiteUpdate(boilerplate, tuple(block for _, block in sorted(additions.items())))


def merge_occurrences(a: SiteBlock, b: SiteBlock) -> SiteBlock:
    """Return what two proofs of one block make: commutative, associative, idempotent."""
    return replace(
        a,
        sample=min(a.sample, b.sample),
        article_ids=least_ids(a.article_ids, b.article_ids),
        first_seen_at=min(a.first_seen_at, b.first_seen_at),
        last_seen_at=max(a.last_seen_at, b.last_seen_at),
    )


def with_verdicts(blocks: Iterable[SiteBlock]) -> list[SiteBlock]:
    """Return the blocks of one site that are worth keeping, each with its verdict."""
    kept = _worth_keeping(sorted(blocks, key=lambda b: b.block_hash))
    moments = sorted(
        {
            (b.first_seen_at, i)
            for b in kept
            if b.first_seen_at == b.last_seen_at
            for i in b.article_ids
        }
    )
    firsts = _Firsts(moments)
    verdicts = ((b, _verdict(b, firsts)) for b in kept)
    return [b if b.verdict == verdict else replace(b, verdict=verdict) for b, verdict in verdicts]


def _worth_keeping(blocks: list[SiteBlock]) -> list[SiteBlock]:
    if len(blocks) <= MAX_BLOCKS:
        return blocks
    latest = sorted(blocks, key=lambda b: b.last_seen_at, reverse=True)
    recurring = [b for b in latest if len(b.article_ids) > 1][: MAX_BLOCKS // 2]
    once = {b.article_ids[0]: b for b in reversed(blocks) if len(b.article_ids) == 1}
    anchors = [once[article] for article in nsmallest(ANCHORS, once)]
    chosen = {b.block_hash: b for b in [*recurring, *anchors]}
    for block in latest:
        if len(chosen) >= MAX_BLOCKS:
            break
        chosen.setdefault(block.block_hash, block)
    return list(chosen.values())


def cut_site_boilerplate(blocks: Sequence[Block], context: CleaningContext) -> list[Cut]:
    """Return cuts of the blocks that the site's memory knows as boilerplate.

    No text is nothing else.
    """
    if not context.boilerplate.hashes:
        return []
    shapes = shapes_of([block.text for block in blocks], context.authors)
    where = dict(zones(shapes))
    cuts = [
        Cut(i, "site-memory")
        for i, shape in enumerate(shapes)
        if context.boilerplate.has(shape, where.get(i))
    ]
    return cuts if len(cuts) < len(blocks) else []


class _Firsts:
    """The articles of a site by the moment of their first sight, and a sample of those since each
    moment.
    """

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
        """Return the sample for a moment.

        At least `MIN_SEEN` articles are drawn from, where there are so many.
        """
        start = max(0, min(bisect_left(self._moments, (at, "")), len(self._moments) - MIN_SEEN))
        return self._samples[start] if self._samples else ()


def _verdict(block: SiteBlock, firsts: _Firsts) -> str:
    count = len(block.article_ids)
    if count < FEWEST:
        return "undecided"
    cut = len(block.sample) >= SAMPLE_CHARS
    needed = PROSE if cut or is_prose(block.sample) else INSIDE if block.zone == "inside" else EDGE
    if count < needed[0]:
        return "undecided"
    share = _share(block, firsts)
    return "boilerplate" if share >= needed[1] else "body" if share < needed[1] / 2 else "undecided"


def _share(block: SiteBlock, firsts: _Firsts) -> float:
    """Return the share of articles with the block, of a sample of those seen since its first
    sight."""
    sample = sorted({*block.article_ids, *firsts.since(block.first_seen_at)})[:MAX_SAMPLE_IDS]
    return sum(article in block.article_ids for article in sample) / len(sample)


def _occurrences(
    outline: Outline, boilerplate: SiteBoilerplate
) -> Iterator[tuple[str, Zone, Shape]]:
    """Yield the blocks for which an article is proof: boilerplate where it stands, and what stands
    there without it.
    """
    where = dict(zones(outline.shapes))
    left: list[Shape] = []
    for index, shape in enumerate(outline.shapes):
        if boilerplate.has(shape, where.get(index)):
            yield from (
                (key, zone, shape)
                for zone in ZONES
                if (key := shape.key(zone)) in boilerplate.hashes
            )
        else:
            left.append(shape)
    yield from ((left[index].key(zone), zone, left[index]) for index, zone in zones(left))


def _union(known: Iterable[SiteBlock], additions: Mapping[str, SiteBlock]) -> Iterator[SiteBlock]:
    rest = dict(additions)
    for block in known:
        new = rest.pop(block.block_hash, None)
        yield merge_occurrences(block, new) if new else block
    yield from rest.values()


def _boilerplate(blocks: Iterable[SiteBlock]) -> SiteBoilerplate:
    return SiteBoilerplate(frozenset(b.block_hash for b in blocks if b.verdict == "boilerplate"))


def _site_block(
    site: str, key: str, zone: Zone, shape: Shape, article_id: str, at: datetime
) -> SiteBlock:
    return SiteBlock(
        site=site,
        block_hash=key,
        zone=zone,
        sample=shape.sample,
        article_ids=(article_id,),
        first_seen_at=at,
        last_seen_at=at,
    )
