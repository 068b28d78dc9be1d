"""Where in an article does a block stand: before the first paragraph, inside, among the last blocks?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from transforms.core.clean.blocks import Block, Cut
from transforms.core.clean.furniture import Furniture
from transforms.core.clean.rules import BoilerplateRule
from transforms.core.prose import is_prose

TAIL_BLOCKS = 8
LEDE_CHARS = 60
LEDE_WITHIN = 12


@dataclass(frozen=True, slots=True)
class Scene:
    """What a step may know beside the blocks that are left: the article's facts, and where blocks were taken out."""

    rules: tuple[BoilerplateRule, ...]
    text_only: bool
    title: str | None
    captions: tuple[str, ...]
    authors: tuple[str, ...]
    furniture: Furniture
    neighbours: frozenset[int]


Step = Callable[[Sequence[Block], Scene], list[Cut]]


def lede_index(blocks: Sequence[Block]) -> int:
    """Return the index of the first block of running text, 0 where none is near the head."""
    for index, block in enumerate(blocks[:LEDE_WITHIN]):
        if len(block.text) >= LEDE_CHARS and is_prose(block.text):
            return index
    return 0


def tail_start(blocks: Sequence[Block]) -> int:
    """Return the index from which blocks count as the article's tail: the last eight, at most the second half."""
    return max(len(blocks) - TAIL_BLOCKS, (len(blocks) + 1) // 2)
