"""Remove from an extracted body the blocks that are not the article's own."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from transforms.core.clean.agencies import load_agencies
from transforms.core.clean.bios import cut_bios
from transforms.core.clean.blocks import (
    Block,
    Cut,
    apply_cut,
    join_blocks,
    move_offsets,
    split_blocks,
)
from transforms.core.clean.boilerplate_rules import BoilerplateRule, load_rules
from transforms.core.clean.credit import fill_fields
from transforms.core.clean.credit_lines import cut_credit_lines
from transforms.core.clean.dateline import add_dateline_and_credit
from transforms.core.clean.fragments import (
    cut_caps_teasers,
    cut_head_fragments,
    cut_head_teasers,
    cut_orphan_lead,
    cut_tail_fragments,
    cut_tail_headlines,
)
from transforms.core.clean.matching import cut_by_rules
from transforms.core.clean.positions import CleaningContext, Step, listed_starts, subhead_starts
from transforms.core.clean.repeats import cut_captions, cut_headline, cut_repeats
from transforms.core.clean.site_boilerplate import NO_BOILERPLATE, SiteBoilerplate
from transforms.core.clean.site_memory import cut_site_boilerplate
from transforms.records import Article, RemovedBlock

__all__ = ["BoilerplateRule", "load_rules", "strip_boilerplate", "strip_site_boilerplate"]

STEPS: tuple[Step, ...] = (
    cut_site_boilerplate,
    cut_headline,
    cut_by_rules,
    cut_credit_lines,
    cut_bios,
    cut_captions,
    cut_repeats,
    cut_caps_teasers,
    cut_head_teasers,
    cut_head_fragments,
    cut_tail_fragments,
    cut_tail_headlines,
    cut_orphan_lead,
)
# On 1,005 pages one pass leaves blocks on 4, two leave none; the rest is a bound for pages that are
# made to need more.
MAX_PASSES = 12


def strip_boilerplate(
    article: Article,
    rules: Sequence[BoilerplateRule],
    boilerplate: SiteBoilerplate = NO_BOILERPLATE,
) -> Article:
    """Return the article without the blocks that are not its own, each recorded in `removed`.

    `boilerplate` is the boilerplate learned of its site. A cut may make more blocks recognisable,
    so the steps are repeated until nothing is cut; a clean article is returned unchanged.
    """
    if article.body is None:
        return article
    every = split_blocks(article.body)
    headings = frozenset(article.headings)
    left, removed = every, list(article.removed)
    context = _context(article, rules, boilerplate, headings, every, left)
    for _ in range(MAX_PASSES):
        before = len(removed)
        for step in STEPS:
            cuts = step(left, context)
            if not cuts:
                continue
            left, taken = _apply(left, cuts)
            removed.extend(taken)
            article = fill_fields(article, cuts)
            context = _context(article, rules, boilerplate, headings, every, left)
        if len(removed) == before:
            break
    body = join_blocks(left)
    became_empty = body is None and article.page_kind == "article"
    clean = replace(
        article,
        body=body,
        marks=_marks_left(article.marks, every, left),
        page_kind="empty" if became_empty else article.page_kind,
        removed=move_offsets(removed, left),
        memory_version=boilerplate.version or article.memory_version,
    )
    return add_dateline_and_credit(clean, load_agencies())


def strip_site_boilerplate(item: tuple[Article, SiteBoilerplate]) -> Article:
    """Return an article without the boilerplate of its language's rules and of its site."""
    article, boilerplate = item
    return strip_boilerplate(article, load_rules(article.language), boilerplate)


def _marks_left(
    marks: Sequence[str], every: Sequence[Block], left: Sequence[Block]
) -> tuple[str, ...]:
    """Return the marks of the blocks left, of which some have lost their first words."""
    if len(marks) != len(every):
        return ()
    ends = [block.end for block in every]
    return tuple(marks[bisect_right(ends, block.start)] for block in left)


def _context(
    article: Article,
    rules: Sequence[BoilerplateRule],
    boilerplate: SiteBoilerplate,
    headings: frozenset[str],
    every: Sequence[Block],
    left: Sequence[Block],
) -> CleaningContext:
    kept = {block.start for block in left}
    above_removed = {above.start for above, below in pairwise(every) if below.start not in kept}
    below_removed = {below.start for above, below in pairwise(every) if above.start not in kept}
    return CleaningContext(
        rules=tuple(rules),
        text_only=article.extraction_basis == "text",
        title=article.title,
        captions=article.captions,
        authors=article.authors,
        boilerplate=boilerplate,
        neighbours=frozenset(above_removed | below_removed),
        subheads=subhead_starts(every, left, headings),
        listed=listed_starts(left),
    )


def _apply(blocks: Sequence[Block], cuts: Sequence[Cut]) -> tuple[list[Block], list[RemovedBlock]]:
    by_index = {cut.index: cut for cut in cuts}
    left: list[Block] = []
    taken: list[RemovedBlock] = []
    for index, block in enumerate(blocks):
        cut = by_index.get(index)
        rest: Block | None = block
        if cut is not None:
            rest, gone = apply_cut(block, cut)
            taken.append(gone)
        if rest is not None:
            left.append(rest)
    return left, taken
