"""Cut the blocks that repeat the headline, a caption or an earlier block."""

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
    """Return cuts of the blocks that are nothing but the headline."""
    title = fold(context.title or "")
    if word_count(title) < MIN_HEADLINE_WORDS:
        return []
    # Folding drops punctuation and markup; a block over this length is not worth folding.
    limit = 3 * len(context.title or "") + 20
    return [
        Cut(i, "headline")
        for i, block in enumerate(blocks)
        if len(block.text) < limit and fold(block.text) == title
    ]


def cut_captions(blocks: Sequence[Block], context: CleaningContext) -> list[Cut]:
    """Return cuts of the blocks that repeat one of the article's captions."""
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
    """Return cuts of the longer blocks that repeat an earlier block word for word.

    Recipes, plans and interviews repeat things on purpose, so scattered repeats are cut only while
    they are few. A repeat right below, and a run of blocks in the same order as before, are always
    an error of the page.
    """
    pairs = list(_repeats(blocks))
    runs = _in_runs(pairs)
    close = {later for first, later in pairs if later - first <= CLOSE}
    scattered = {later for _, later in pairs} - runs - close
    taken = runs | close | (scattered if len(scattered) <= MAX_SCATTERED else set())
    return [Cut(index, "repeat") for index in sorted(taken)]


def _repeats(blocks: Sequence[Block]) -> Iterator[tuple[int, int]]:
    """Yield for each block that repeats one the index of the previous occurrence and its own.

    Rows of tables are left out: they may repeat.
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
    """Return the indexes of repeats that are in the same order as the blocks they repeat."""
    found: set[int] = set()
    run: list[int] = []
    previous_first = previous_later = -CLOSE - 1
    for first, later in pairs:
        step = first - previous_first
        continues = later - previous_later == step and 0 < step <= CLOSE
        # Earlier members of the run are in `found` already.
        run = [*run, later][-MIN_RUN:] if continues else [later]
        if len(run) >= MIN_RUN:
            found.update(run)
        previous_first, previous_later = first, later
    return found
