"""Which blocks say again what the page has already said?"""

from collections.abc import Iterator, Sequence

from transforms.core.clean.blocks import Block, Cut
from transforms.core.clean.positions import CleaningContext
from transforms.core.prose import fold, word_count

# Shorter titles are words that a subheading may have too. With five, 5 of 1,005 pages keep their
# title in the body.
MIN_HEADLINE_WORDS = 3
# Shorter captions are names, which are subheadings in portraits and lists.
MIN_CAPTION_WORDS = 4
# Short lines recur on purpose: refrains, labels, answers. With 4 words
# 77 of 1,005 pages change, with 12 words 34.
MIN_REPEAT_WORDS = 8
# A block and its copy may have a picture or a heading between them.
CLOSE = 2
# Two blocks in their old order happen in recipes and results; three are a part printed twice.
MIN_RUN = 3
# More repeats on one page are its style. With 0 the repeats of 32 of 1,005 pages stay, with 10
# 12 more pages lose text.
MAX_SCATTERED = 3


def cut_headline(blocks: Sequence[Block], context: CleaningContext) -> list[Cut]:
    """Return cuts of the blocks that are the headline and nothing else."""
    title = fold(context.title or "")
    if word_count(title) < MIN_HEADLINE_WORDS:
        return []
    limit = 3 * len(context.title or "") + 20
    return [
        Cut(i, "headline")
        for i, block in enumerate(blocks)
        if len(block.text) < limit and fold(block.text) == title
    ]


def cut_captions(blocks: Sequence[Block], context: CleaningContext) -> list[Cut]:
    """Return cuts of the blocks that are a caption the page has given in its place."""
    known = {
        fold(caption) for caption in context.captions if word_count(caption) >= MIN_CAPTION_WORDS
    }
    longest = max((len(caption) for caption in context.captions), default=0) + 20
    if not known:
        return []
    return [
        Cut(i, "caption-repeat")
        for i, block in enumerate(blocks)
        if len(block.text) <= longest and fold(block.text) in known
    ]


def cut_repeats(blocks: Sequence[Block], context: CleaningContext) -> list[Cut]:
    """Return cuts of the blocks of some length that stood before, word for word.

    Recipes, plans and interviews say things again on purpose: one page's scattered repeats are
    taken only while they are few. A repeat right below, and a run of blocks in their old order, are
    always the page's doing.
    """
    pairs = list(_repeats(blocks))
    runs = _in_runs(pairs)
    close = {later for first, later in pairs if later - first <= CLOSE}
    scattered = {later for _, later in pairs} - runs - close
    taken = runs | close | (scattered if len(scattered) <= MAX_SCATTERED else set())
    return [Cut(index, "repeat") for index in sorted(taken)]


def _repeats(blocks: Sequence[Block]) -> Iterator[tuple[int, int]]:
    """Yield the index of a block's last appearance and its own, for each that repeats one.

    A table's rows may.
    """
    seen: dict[str, int] = {}
    for index, block in enumerate(blocks):
        if block.text.startswith("|") or word_count(block.text) < MIN_REPEAT_WORDS:
            continue
        words = fold(block.text)
        if words in seen:
            yield seen[words], index
        seen[words] = index


def _in_runs(pairs: Sequence[tuple[int, int]]) -> set[int]:
    """Return the later indexes of repeats that follow each other as their firsts do."""
    found: set[int] = set()
    run: list[int] = []
    before = (-9, -9)
    for first, later in pairs:
        steps = first - before[0], later - before[1]
        run = [*run, later] if steps[0] == steps[1] and 0 < steps[0] <= CLOSE else [later]
        if len(run) >= MIN_RUN:
            found.update(run[-MIN_RUN:])
        before = (first, later)
    return found
