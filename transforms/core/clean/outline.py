"""How does an article look to the memory of its site: which of its blocks could be the site's
boilerplate?

Boilerplate stands at the edges of an article, or it is a line of its own inside. A paragraph inside
never is; a label only where no text of the article hangs on it as on a subheading, or where it
comes again and again ("Advertisement"), but for the entries of a table of contents. Nothing is that
names the article's author, that is quoted, or that is said in an interview: an answer, or a
sentence of up to three words.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Literal

from transforms.core.clean.blocks import split_blocks
from transforms.core.ids import stable_id
from transforms.core.prose import ends_sentence, fold, is_prose, word_count
from transforms.core.stories.fingerprint import MIN_WORDS, fingerprint, words_of
from transforms.records import Article

# What a site prints above its articles: a label, a date, a sharing line.
HEAD_BLOCKS = 3
# As in positions.py: sign-up notices, links and credits under an article, rarely more.
TAIL_BLOCKS = 8
# A long paragraph near the end is boilerplate only at the very end: an imprint, a disclaimer.
LONG_TAIL_BLOCKS = 3
# Sentences so short ("I agree.") are answers of an interview, which recur by chance.
SHORT_WORDS = 3
# Fewer words without a full stop are a label: "Advertisement", "Read more".
LABEL_WORDS = 5
# From two lines of print on a block reads as a paragraph.
LONG_WORDS = 25
# Longer blocks are the article's own: no site repeats so much on every page.
MAX_CHARS = 1_000
# Enough to recognise a block in `site_blocks`; the text itself is in the articles.
SAMPLE_CHARS = 200
_QUOTES = ('"', "“", "„", "«", "‘", "'", "「", "『", "»")
_ASKS = ("?", "？", "؟", "?”", '?"', "?»")
Zone = Literal["edge", "inside"]
ZONES: tuple[Zone, ...] = ("edge", "inside")


@dataclass(frozen=True, slots=True)
class Shape:
    """A block as memory sees it.

    A label is a few words that are no sentence; prose reads as running text.
    """

    folded: str
    sample: str
    chars: int
    words: int
    prose: bool
    label: bool
    own: bool
    """It is the article's own whoever else has it: see above, or too long."""

    @property
    def long(self) -> bool:
        """Whether it is a paragraph of some length."""
        return self.words >= LONG_WORDS

    def key(self, zone: Zone) -> str:
        """Return the hash that stands for the block in a zone."""
        return block_hash(zone, self.folded)


@dataclass(frozen=True, slots=True)
class Outline:
    """An article as memory sees it.

    `fingerprint` is None where its text is too short to be anybody's copy.
    """

    article_id: str
    day: date
    seen_at: datetime
    fingerprint: int | None
    shapes: tuple[Shape, ...]


def block_hash(zone: Zone, folded: str) -> str:
    """Return the hash of a block's normalised text in a zone."""
    return stable_id(zone, folded)


def outline_of(article: Article) -> Outline:
    """Return the outline of an article, its text as the rules have left it."""
    body = article.body or ""
    return Outline(
        article_id=article.article_id,
        day=article.day,
        seen_at=article.seen_at,
        fingerprint=fingerprint(body) if len(words_of(body)) >= MIN_WORDS else None,
        shapes=shapes_of([block.text for block in split_blocks(body)], article.authors),
    )


def shapes_of(blocks: Sequence[str], authors: Sequence[str]) -> tuple[Shape, ...]:
    """Return the shapes of an article's blocks."""
    names = [name for author in authors if len(name := fold(author)) > 2]
    answers = [False, *(before.rstrip().endswith(_ASKS) for before in blocks)]
    return tuple(
        _shape(text, names, answer=answer) for text, answer in zip(blocks, answers, strict=False)
    )


def _shape(text: str, names: Sequence[str], *, answer: bool) -> Shape:
    folded = fold(text) if len(text) <= MAX_CHARS else ""
    words = word_count(text) if folded else LONG_WORDS
    sentence = ends_sentence(text)
    return Shape(
        folded=folded,
        sample=text[:SAMPLE_CHARS],
        chars=len(text),
        words=words,
        prose=is_prose(text),
        label=words < LABEL_WORDS and not sentence,
        own=answer
        or not folded
        or text.startswith(_QUOTES)
        or (sentence and words <= SHORT_WORDS)
        or any(f" {name} " in f" {folded} " for name in names),
    )


def zones(shapes: Sequence[Shape]) -> Iterator[tuple[int, Zone]]:
    """Yield the index of each block that could be boilerplate, and the zone that it stands in."""
    count = len(shapes)
    times = _times(shapes)
    tail = min(TAIL_BLOCKS, max(2, count // 3))
    for index, shape in enumerate(shapes):
        if shape.own:
            continue
        if (index < HEAD_BLOCKS and _could_open(shapes, index)) or (
            count - index <= tail and _could_close(shapes, index)
        ):
            yield index, "edge"
        elif times[shape.folded] > 1 if shape.label else not shape.long:
            yield index, "inside"


def _times(shapes: Sequence[Shape]) -> Counter[str]:
    """Return how often each label stands in the article, its place in a table of contents not
    counted.
    """
    again = {folded for folded, n in Counter(s.folded for s in shapes if s.label).items() if n > 1}
    listed = {
        index
        for index, (a, b) in enumerate(pairwise(shapes))
        if a.folded != b.folded and a.folded in again and b.folded in again
    }
    alone = (s.folded for index, s in enumerate(shapes) if not {index, index - 1} & listed)
    return Counter(folded for folded in alone if folded in again)


def _could_open(shapes: Sequence[Shape], index: int) -> bool:
    """A paragraph only as the first block; a label only right above running text, since lists have
    titles, and not where others stand so too, as subheadings do.
    """
    shape = shapes[index]
    if shape.label:
        return _heads(shapes, index) and not any(
            other.label and other.folded != shape.folded and _heads(shapes, at)
            for at, other in enumerate(shapes)
        )
    return index == 0 or not shape.long


def _heads(shapes: Sequence[Shape], index: int) -> bool:
    return index + 1 < len(shapes) and shapes[index + 1].prose


def _could_close(shapes: Sequence[Shape], index: int) -> bool:
    """A paragraph only among the last three blocks, a label only where no running text follows."""
    shape = shapes[index]
    if shape.label:
        return not any(later.prose for later in shapes[index + 1 :])
    return not shape.long or len(shapes) - index <= LONG_TAIL_BLOCKS
