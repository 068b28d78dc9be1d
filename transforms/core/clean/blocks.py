"""Split a body into blocks, cut some, join the rest, and move offsets to the new body."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from transforms.records import RemovedBlock

_CHUNK = re.compile(r"\S(?:[^\n]|\n(?![ \t\r\f\v\u00a0]*\n))*")
_SEPARATOR = "\n\n"


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of a body and the offset in that body where its text starts."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """The offset in the body after the block's last character."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Cut:
    """One decision: of block `index` keep the first `keep` characters, for a `reason`.

    With `drop_head` the block's first characters go instead. `value` is moved to the article's
    `field` if one is named.
    """

    index: int
    reason: str
    keep: int = 0
    drop_head: int = 0
    field: str | None = None
    value: str | None = None


def split_blocks(body: str) -> list[Block]:
    """Return the blocks of a body, which blank lines separate."""
    return [Block(found.group().rstrip(), found.start()) for found in _CHUNK.finditer(body)]


def join_blocks(blocks: Sequence[Block]) -> str | None:
    """Return the body of the blocks, None if there are none."""
    return _SEPARATOR.join(block.text for block in blocks) or None


def apply_cut(block: Block, cut: Cut) -> tuple[Block | None, RemovedBlock]:
    """Return what a cut leaves of a block, and what it removes with its offset in the old body."""
    if cut.drop_head:
        rest = block.text[cut.drop_head :].lstrip()
        taken = block.text[: len(block.text) - len(rest)].strip()
        left = Block(rest, block.end - len(rest)) if rest else None
        return left, RemovedBlock(text=taken, reason=cut.reason, at=block.start)
    kept = block.text[: cut.keep].rstrip()
    taken = block.text[len(kept) :].strip()
    return (Block(kept, block.start) if kept else None), RemovedBlock(
        text=taken, reason=cut.reason, at=block.start + len(kept)
    )


def move_offsets(
    removed: Sequence[RemovedBlock], kept: Sequence[Block]
) -> tuple[RemovedBlock, ...]:
    """Return the removed blocks in the order of the page, with offsets in the new body instead of
    the old one.
    """
    ends = [block.end for block in kept]
    starts = _new_starts(kept)
    length = starts[-1] + len(kept[-1].text) if kept else 0

    def moved(at: int) -> int:
        index = bisect_left(ends, at)
        if index == len(kept):
            return length
        block = kept[index]
        return starts[index] + min(max(at - block.start, 0), len(block.text))

    ordered = sorted(removed, key=lambda block: block.at)
    return tuple(replace(block, at=moved(block.at)) for block in ordered)


def _new_starts(kept: Sequence[Block]) -> list[int]:
    starts, at = [], 0
    for block in kept:
        starts.append(at)
        at += len(block.text) + len(_SEPARATOR)
    return starts
