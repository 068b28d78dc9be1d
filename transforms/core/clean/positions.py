"""Where in an article does a block stand: before the first paragraph, inside, among the last
blocks, as a subhead?
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

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
    """What a step may know beside the blocks that are left: the article's facts, and where blocks
    were taken out.

    `subheads` are the starts of the blocks that head a paragraph of the article, whatever their
    words are; `listed` those of the items of its lists.
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
    """Return the index of the first block of running text, 0 where none is near the head."""
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
    every: Sequence[Block], left: Sequence[Block], headings: Collection[str]
) -> frozenset[int]:
    """Return the starts of the blocks left that head the paragraph below them: headings of the
    page, times of a day.

    The paragraph is the one that stood there from the start: with its box's text, the title of a
    box goes.
    """
    known = {(a.start, b.start) for a, b in pairwise(every)}
    pairs = [(a, b) for a, b in pairwise(left) if (a.start, b.start) in known]
    above = [a for a, b in pairs if is_prose(b.text)]
    found = {a.start for a in above if a.text in headings and not a.text.endswith(":")}
    over = {
        a.start
        for a, b in pairs
        if b.start in found and a.text in headings and not a.text.endswith(":")
    }
    return frozenset(found | over) | _times(above)


def listed_starts(blocks: Sequence[Block]) -> frozenset[int]:
    """Return the starts of two or more bulleted lines right below words that end in a colon: "Here
    is what to do:".
    """
    found: set[int] = set()
    for index, block in enumerate(blocks):
        if block.text.endswith((":", "：")) and word_count(block.text) >= MIN_LEAD_WORDS:
            items = takewhile(lambda one: unbulleted(one.text) != one.text, blocks[index + 1 :])
            starts = [item.start for item in items]
            found.update(starts if len(starts) >= MIN_LISTED else ())
    return frozenset(found)


def _times(above: Sequence[Block]) -> frozenset[int]:
    """Return the starts of three or more times of a day that follow each other.

    Lengths of films have no order.
    """
    found = [(block.start, match) for block in above if (match := _CLOCK.fullmatch(block.text))]
    minutes = [60 * int(match[1]) + int(match[2]) for _, match in found]
    ordered = sorted(set(minutes))
    if len(ordered) < MIN_TIMES or minutes not in (ordered, ordered[::-1]):
        return frozenset()
    return frozenset(start for start, _ in found)
