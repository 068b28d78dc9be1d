"""The position of a block in an article: before the first paragraph, inside, in the tail, as a
subhead, as an item of a list.
"""

import re
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise

from transforms.core.clean.blocks import Block, Cut
from transforms.core.clean.boilerplate_rules import BoilerplateRule
from transforms.core.clean.site_boilerplate import SiteBoilerplate
from transforms.core.prose import is_prose, unbulleted, word_count

# Blocks under an article that are tested as its tail. On 1,005 pages four change 7 of them,
# sixteen change 5.
TAIL_BLOCKS = 8
# Shorter blocks above the text are labels and standfirsts, not its first paragraph.
LEDE_CHARS = 60
# Further down there is a list or a table without running text, and no head to look for.
LEDE_WITHIN = 12
# Two lines with a time may be chance; three in order are a live blog.
MIN_TIMES = 3
# One line after a colon is a quotation or an answer; shorter leads ("Note:") are labels.
MIN_LISTED, MIN_LEAD_WORDS = 2, 4
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")


@dataclass(frozen=True, slots=True)
class CleaningContext:
    """What a cleaning step gets beside the blocks that are left.

    Blocks are named by their starts in the extracted body: `neighbours` are those next to a block
    that was removed, `subheads` those that head a paragraph, and `listed` the items of lists that
    the article introduces.
    """

    rules: tuple[BoilerplateRule, ...]
    text_only: bool
    title: str | None
    captions: tuple[str, ...]
    authors: tuple[str, ...]
    boilerplate: SiteBoilerplate
    neighbours: frozenset[int]
    subheads: frozenset[int] = frozenset()
    listed: frozenset[int] = frozenset()


Step = Callable[[Sequence[Block], CleaningContext], list[Cut]]


def lede_index(blocks: Sequence[Block]) -> int:
    """Return the index of the first block of running text, 0 if none is near the head."""
    for index, block in enumerate(blocks[:LEDE_WITHIN]):
        if len(block.text) >= LEDE_CHARS and is_prose(block.text):
            return index
    return 0


def tail_start(blocks: Sequence[Block]) -> int:
    """Return the index from which blocks count as the article's tail: the last eight, at most the
    second half.
    """
    return max(len(blocks) - TAIL_BLOCKS, (len(blocks) + 1) // 2)


def subhead_starts(
    every: Sequence[Block], left: Sequence[Block], headings: Set[str]
) -> frozenset[int]:
    """Return the starts of the blocks left that head the paragraph below them: headings of the
    page, times of a day.

    Only pairs that were adjacent in the extracted body (`every`) count: the title of a box must not
    become a subhead of the paragraph that follows once the box's text is removed.
    """
    pairs = _still_adjacent(every, left)
    above_prose = [above for above, below in pairs if is_prose(below.text)]
    subheads = {block.start for block in above_prose if _is_heading(block, headings)}
    # A heading right above a subhead is one too: a part's title above that of its first section.
    titles = {
        above.start
        for above, below in pairs
        if below.start in subheads and _is_heading(above, headings)
    }
    return frozenset(subheads | titles) | _ordered_clock_times(above_prose)


def _still_adjacent(every: Sequence[Block], left: Sequence[Block]) -> list[tuple[Block, Block]]:
    """Return the adjacent pairs of the blocks left that were adjacent in the extracted body too."""
    before = {(above.start, below.start) for above, below in pairwise(every)}
    return [
        (above, below) for above, below in pairwise(left) if (above.start, below.start) in before
    ]


def _is_heading(block: Block, headings: Set[str]) -> bool:
    return block.text in headings and not block.text.endswith(":")


def listed_starts(blocks: Sequence[Block]) -> frozenset[int]:
    """Return the starts of two or more bulleted lines right below words that end in a colon: "Here
    is what to do:".
    """
    found: set[int] = set()
    # The bulleted lines right above, of which each may introduce those below it.
    run: list[Block] = []
    for block in blocks:
        if not _is_bulleted(block):
            found |= _introduced(run)
            run = []
        run.append(block)
    return frozenset(found | _introduced(run))


def _introduced(run: Sequence[Block]) -> set[int]:
    """Return the starts of the lines that the first one to introduce a list introduces.

    `run` is a line and the bulleted lines below it: a later one introduces a part of the same list.
    """
    lead = next((index for index, block in enumerate(run) if _introduces_list(block)), len(run))
    items = run[lead + 1 :]
    return {item.start for item in items} if len(items) >= MIN_LISTED else set()


def _introduces_list(block: Block) -> bool:
    return block.text.endswith((":", "：")) and word_count(block.text) >= MIN_LEAD_WORDS


def _is_bulleted(block: Block) -> bool:
    return unbulleted(block.text) != block.text


def _ordered_clock_times(blocks: Sequence[Block]) -> frozenset[int]:
    """Return the starts of the blocks that are a time of day, if three or more are in order.

    The lengths of films look the same ("12:30"), but are in no order.
    """
    starts: list[int] = []
    minutes: list[int] = []
    for block in blocks:
        match = _CLOCK.fullmatch(block.text)
        if match:
            starts.append(block.start)
            minutes.append(60 * int(match[1]) + int(match[2]))
    ascending = sorted(set(minutes))
    if len(ascending) < MIN_TIMES or minutes not in (ascending, ascending[::-1]):
        return frozenset()
    return frozenset(starts)
