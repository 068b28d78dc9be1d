"""What of an extracted body is not the article's own?"""

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
from transforms.core.clean.dateline import add_dateline_and_credit
from transforms.core.clean.fragments import (
    cut_caps_teasers,
    cut_head_fragments,
    cut_head_teasers,
    cut_tail_fragments,
    cut_tail_headlines,
)
from transforms.core.clean.matching import cut_by_rules
from transforms.core.clean.positions import CleaningContext, Step, listed_starts, subhead_starts
from transforms.core.clean.repeats import cut_captions, cut_headline, cut_repeats
from transforms.core.clean.site_boilerplate import NO_BOILERPLATE, SiteBoilerplate
from transforms.core.clean.site_memory import cut_site_boilerplate
from transforms.records import Article, RemovedBlock

__all__ = ["BoilerplateRule", "load_rules", "strip_boilerplate"]

STEPS: tuple[Step, ...] = (
    cut_site_boilerplate,
    cut_headline,
    cut_by_rules,
    cut_bios,
    cut_captions,
    cut_repeats,
    cut_caps_teasers,
    cut_head_teasers,
    cut_head_fragments,
    cut_tail_fragments,
    cut_tail_headlines,
)
# One pass uncovers what the next takes. On 1,005 pages one pass leaves blocks on 4, two leave
# none; the rest is a bound on pages made to go on.
MAX_PASSES = 12


def strip_boilerplate(
    article: Article,
    rules: Sequence[BoilerplateRule],
    boilerplate: SiteBoilerplate = NO_BOILERPLATE,
) -> Article:
    """Return the article without the blocks that are not its own, each remembered in `removed`.

    `boilerplate` is what the site's memory knows; without it each article is taken alone. What one
    cut uncovers the next pass takes, until nothing more goes; so a clean article stays as it is.
    """
    if article.body is None:
        return article
    every = split_blocks(article.body)
    left, removed = every, list(article.removed)
    for _ in range(MAX_PASSES):
        before = len(removed)
        for step in STEPS:
            cuts = step(left, _scene(article, rules, boilerplate, every, left))
            left, taken = _apply(left, cuts)
            removed.extend(taken)
            article = fill_fields(article, cuts)
        if len(removed) == before:
            break
    body = join_blocks(left)
    clean = replace(
        article,
        body=body,
        page_kind="empty" if body is None and article.page_kind == "article" else article.page_kind,
        removed=move_offsets(removed, left),
        memory_version=boilerplate.version or article.memory_version,
    )
    return add_dateline_and_credit(clean, load_agencies())


def _scene(
    article: Article,
    rules: Sequence[BoilerplateRule],
    boilerplate: SiteBoilerplate,
    every: Sequence[Block],
    left: Sequence[Block],
) -> CleaningContext:
    here = {block.start for block in left}
    beside = {a.start for a, b in pairwise(every) if b.start not in here}
    beside |= {b.start for a, b in pairwise(every) if a.start not in here}
    return CleaningContext(
        rules=tuple(rules),
        text_only=article.extraction_basis == "text",
        title=article.title,
        captions=article.captions,
        authors=article.authors,
        boilerplate=boilerplate,
        neighbours=frozenset(beside),
        subheads=subhead_starts(every, left, article.headings),
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
