"""Which blocks recur across the articles of a site, and so are its furniture?

A block is proven by the articles that have it where furniture stands (see outline.py); those that are nearly the same
text count once. It is furniture when three articles at least prove it, and at least half of the site's articles of its
lifetime have it; a paragraph, or a line inside, needs four articles and three fifths. That share is estimated, since
only the 16 least ids are kept of a block: of the articles seen while the block was in use, take the 16 with the least
ids, and see how many have it (a bottom-k sketch: Cohen and Kaplan, "Summarizing data using bottom-k sketches", PODC
2007; ids are hashes, so the least are a fair sample). The verdict depends on the set of articles, not on their order.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import nsmallest

from transforms.core.clean.alike import stand_ins
from transforms.core.clean.blocks import Block, Cut
from transforms.core.clean.furniture import Furniture
from transforms.core.clean.outline import LONG_WORDS, ZONES, Outline, Shape, Zone, shapes_of, zones
from transforms.core.clean.scene import Scene
from transforms.core.prose import word_count
from transforms.records import SiteBlock

MIN_ARTICLES = 3
MIN_SHARE = 0.5
MIN_ARTICLES_STRICT = 4
MIN_SHARE_STRICT = 0.6
SAMPLE = 16
"""Articles that are kept as proof of a block."""
MAX_BLOCKS = 1_000
"""Blocks that are kept of a site: those that recur first, then those seen last."""
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Learned:
    """What the articles of a slice teach of their site: its furniture now, and the proof they add to `site_blocks`."""

    furniture: Furniture
    blocks: tuple[SiteBlock, ...]


def learn_site(
    site: str,
    outlines: Iterable[Outline],
    known: Sequence[SiteBlock] = (),
    standing: Mapping[str, int] | None = None,
) -> Learned:
    """Return the furniture of a site from its memory and the articles of a slice, whatever their order.

    `standing` has the fingerprints of the site's articles that memory may know already, by article.
    """
    mine = sorted(outlines, key=lambda one: (one.article_id, one.seen_at))
    names = stand_ins(mine, standing or {})
    furniture, proof = _furniture(judged(known)), dict[str, SiteBlock]()
    for _ in range(ROUNDS):
        for outline in mine:
            for key, zone, shape in _proven(outline, furniture):
                new = _site_block(site, key, zone, shape, names[outline.article_id], outline.seen_at)
                proof[key] = joined(proof[key], new) if key in proof else new
        before, furniture = furniture, _furniture(judged(_union(known, proof)))
        if furniture == before:
            break
    return Learned(furniture, tuple(block for _, block in sorted(proof.items())))


def joined(a: SiteBlock, b: SiteBlock) -> SiteBlock:
    """Return what two proofs of one block make: commutative, associative, idempotent."""
    return replace(
        a,
        sample=min(a.sample, b.sample),
        article_ids=tuple(sorted({*a.article_ids, *b.article_ids})[:SAMPLE]),
        first_seen_at=min(a.first_seen_at, b.first_seen_at),
        last_seen_at=max(a.last_seen_at, b.last_seen_at),
    )


def judged(blocks: Iterable[SiteBlock]) -> list[SiteBlock]:
    """Return the blocks of one site that are worth keeping, each with its verdict."""
    kept = sorted(blocks, key=lambda b: b.block_hash)
    if len(kept) > MAX_BLOCKS:
        kept.sort(key=lambda b: (len(b.article_ids) > 1, b.last_seen_at), reverse=True)
        del kept[MAX_BLOCKS:]
    moments = sorted({(b.first_seen_at, i) for b in kept if b.first_seen_at == b.last_seen_at for i in b.article_ids})
    return [replace(b, verdict=_verdict(b, moments)) for b in kept]


def cut_furniture(blocks: Sequence[Block], scene: Scene) -> list[Cut]:
    """Return cuts of the blocks that the site's memory knows as furniture."""
    if not scene.furniture.hashes:
        return []
    shapes = shapes_of([block.text for block in blocks], scene.authors)
    where = dict(zones(shapes))
    return [Cut(i, "site-memory") for i, shape in enumerate(shapes) if scene.furniture.has(shape, where.get(i))]


def _verdict(block: SiteBlock, moments: Sequence[tuple[datetime, str]]) -> str:
    count = len(block.article_ids)
    strict = block.zone == "inside" or word_count(block.sample) >= LONG_WORDS
    if count < (MIN_ARTICLES_STRICT if strict else MIN_ARTICLES):
        return "undecided"
    needed = MIN_SHARE_STRICT if strict else MIN_SHARE
    share = _share(block, moments)
    return "furniture" if share >= needed else "body" if share < needed / 2 else "undecided"


def _share(block: SiteBlock, moments: Sequence[tuple[datetime, str]]) -> float:
    """Return the share of articles with the block, of a sample of those seen from its first to its last sight."""
    start = bisect_left(moments, (block.first_seen_at, ""))
    end = bisect_right(moments, (block.last_seen_at, "\U0010ffff"))
    lifetime = {*block.article_ids, *nsmallest(SAMPLE, {article for _, article in moments[start:end]})}
    sample = sorted(lifetime)[:SAMPLE]
    return sum(article in block.article_ids for article in sample) / len(sample)


def _proven(outline: Outline, furniture: Furniture) -> Iterator[tuple[str, Zone, Shape]]:
    """Yield the blocks for which an article is proof: furniture where it stands, and what stands there without it."""
    where = dict(zones(outline.shapes))
    left: list[Shape] = []
    for index, shape in enumerate(outline.shapes):
        if furniture.has(shape, where.get(index)):
            yield from ((key, zone, shape) for zone in ZONES if (key := shape.key(zone)) in furniture.hashes)
        else:
            left.append(shape)
    yield from ((left[index].key(zone), zone, left[index]) for index, zone in zones(left))


def _union(known: Iterable[SiteBlock], proof: Mapping[str, SiteBlock]) -> Iterator[SiteBlock]:
    rest = dict(proof)
    for block in known:
        new = rest.pop(block.block_hash, None)
        yield joined(block, new) if new else block
    yield from rest.values()


def _furniture(blocks: Iterable[SiteBlock]) -> Furniture:
    return Furniture(frozenset(b.block_hash for b in blocks if b.verdict == "furniture"))


def _site_block(site: str, key: str, zone: Zone, shape: Shape, article_id: str, at: datetime) -> SiteBlock:
    return SiteBlock(
        site=site,
        block_hash=key,
        zone=zone,
        sample=shape.sample,
        article_ids=(article_id,),
        first_seen_at=at,
        last_seen_at=at,
    )
