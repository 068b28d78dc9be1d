"""Which blocks say again what the page has already said?"""

from collections.abc import Sequence

from transforms.core.clean.blocks import Block, Cut
from transforms.core.clean.scene import Scene
from transforms.core.prose import fold, word_count

MIN_HEADLINE_WORDS = 3
MIN_CAPTION_WORDS = 4
MIN_REPEAT_WORDS = 8


def cut_headline(blocks: Sequence[Block], scene: Scene) -> list[Cut]:
    """Return cuts of the blocks that are the headline and nothing else."""
    title = fold(scene.title or "")
    if word_count(title) < MIN_HEADLINE_WORDS:
        return []
    limit = 3 * len(scene.title or "") + 20
    return [
        Cut(i, "headline") for i, block in enumerate(blocks) if len(block.text) < limit and fold(block.text) == title
    ]


def cut_captions(blocks: Sequence[Block], scene: Scene) -> list[Cut]:
    """Return cuts of the blocks that are a caption the page has given in its place."""
    known = {fold(caption) for caption in scene.captions if word_count(caption) >= MIN_CAPTION_WORDS}
    longest = max((len(caption) for caption in scene.captions), default=0) + 20
    if not known:
        return []
    return [
        Cut(i, "caption-repeat")
        for i, block in enumerate(blocks)
        if len(block.text) <= longest and fold(block.text) in known
    ]


def cut_repeats(blocks: Sequence[Block], scene: Scene) -> list[Cut]:
    """Return cuts of the blocks of some length that stood before, word for word."""
    seen: set[str] = set()
    cuts = []
    for index, block in enumerate(blocks):
        words = fold(block.text)
        if words in seen:
            cuts.append(Cut(index, "repeat"))
        elif word_count(block.text) >= MIN_REPEAT_WORDS:
            seen.add(words)
    return cuts
