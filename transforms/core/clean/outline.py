"""The outline of an article: what the memory of its site compares, and which of its blocks could be
the site's boilerplate.

Boilerplate is at the edges of an article (its head or its tail), or it is a line of its own inside.
A paragraph inside never is. A label (a few words without a full stop) is a candidate only if no
text of the article belongs to it as to a subheading, or if it recurs within the article
("Advertisement"), the entries of a table of contents not counted. Blocks that name the article's
author, open with a quotation mark, or belong to an interview (an answer, or a sentence of up to
three words) are never boilerplate.
"""

from collections import Counter
from collections.abc import Iterator, Sequence, Set
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
# Longer blocks are the article's own: no site repeats as much text on every page.
MAX_CHARS = 1_000
# The longest of 499 articles has 378 paragraphs; what has more is a table, a list or an attack. It
# bounds the work on the pages of a site, which one process does.
MAX_ARTICLE_BLOCKS = 1_000
# Enough to recognise a block in `site_blocks`; the text itself is in the articles.
SAMPLE_CHARS = 200
# Shorter author names are initials, which are words or abbreviations of many texts.
MIN_AUTHOR_CHARS = 3
_QUOTES = ('"', "“", "„", "«", "‘", "'", "「", "『", "»")
_QUESTION_ENDS = ("?", "？", "؟", "?”", '?"', "?»")
Zone = Literal["edge", "inside"]
ZONES: tuple[Zone, ...] = ("edge", "inside")


@dataclass(frozen=True, slots=True)
class BlockFeatures:
    """What the site's memory compares of a block.

    `folded` is the normalised text, empty for a block that is too long. A label is a few words that
    are not a sentence; prose reads as running text.
    """

    folded: str
    sample: str
    chars: int
    words: int
    is_prose: bool
    is_label: bool
    never_boilerplate: bool
    """It is the article's own even if other articles have it: see the module, or too long."""

    @property
    def is_long(self) -> bool:
        """Whether the block has the length of a paragraph."""
        return self.words >= LONG_WORDS

    def key(self, zone: Zone) -> str:
        """Return the hash of the block in a zone, the key of `site_blocks`."""
        return block_hash(zone, self.folded)


@dataclass(frozen=True, slots=True)
class Outline:
    """What the site's memory compares of an article.

    `fingerprint` is None if the text is too short to be compared with others.
    """

    article_id: str
    day: date
    seen_at: datetime
    fingerprint: int | None
    blocks: tuple[BlockFeatures, ...]


def block_hash(zone: Zone, folded: str) -> str:
    """Return the hash of a block's normalised text in a zone."""
    return stable_id(zone, folded)


def outline_of(article: Article) -> Outline:
    """Return the outline of an article that the boilerplate rules have cleaned.

    It has no blocks if the article has too many to be compared.
    """
    body = article.body or ""
    blocks = split_blocks(body)
    texts = [block.text for block in blocks] if len(blocks) <= MAX_ARTICLE_BLOCKS else []
    return Outline(
        article_id=article.article_id,
        day=article.day,
        seen_at=article.seen_at,
        fingerprint=fingerprint(body) if len(words_of(body)) >= MIN_WORDS else None,
        blocks=block_features(texts, article.authors),
    )


def block_features(texts: Sequence[str], authors: Sequence[str]) -> tuple[BlockFeatures, ...]:
    """Return the features of each block of an article."""
    names = [name for name in map(fold, authors) if len(name) >= MIN_AUTHOR_CHARS]
    features = []
    follows_question = False
    for text in texts:
        features.append(_features(text, names, is_answer=follows_question))
        follows_question = text.rstrip().endswith(_QUESTION_ENDS)
    return tuple(features)


def _features(text: str, names: Sequence[str], *, is_answer: bool) -> BlockFeatures:
    folded = fold(text) if len(text) <= MAX_CHARS else ""
    words = word_count(text) if folded else LONG_WORDS
    is_sentence = ends_sentence(text)
    is_short_sentence = is_sentence and words <= SHORT_WORDS
    return BlockFeatures(
        folded=folded,
        sample=text[:SAMPLE_CHARS],
        chars=len(text),
        words=words,
        is_prose=is_prose(text),
        is_label=words < LABEL_WORDS and not is_sentence,
        never_boilerplate=is_answer
        or not folded
        or text.startswith(_QUOTES)
        or is_short_sentence
        or _names_any(folded, names),
    )


def _names_any(folded: str, names: Sequence[str]) -> bool:
    return any(f" {name} " in f" {folded} " for name in names)


def zones(blocks: Sequence[BlockFeatures]) -> Iterator[tuple[int, Zone]]:
    """Yield the index of each block that could be boilerplate, and its zone."""
    count = len(blocks)
    label_counts = _label_counts(blocks)
    # In a short article only the last third is its tail, so that a middle is left.
    tail = min(TAIL_BLOCKS, max(2, count // 3))
    for index, features in enumerate(blocks):
        if features.never_boilerplate:
            continue
        in_head = index < HEAD_BLOCKS and _could_open(blocks, index)
        in_tail = count - index <= tail and _could_close(blocks, index)
        if in_head or in_tail:
            yield index, "edge"
        elif _could_be_inside(features, label_counts):
            yield index, "inside"


def _could_be_inside(features: BlockFeatures, label_counts: Counter[str]) -> bool:
    if features.is_label:
        return label_counts[features.folded] > 1
    return not features.is_long


def _label_counts(blocks: Sequence[BlockFeatures]) -> Counter[str]:
    """Return how often each recurring label occurs outside a table of contents."""
    occurrences = Counter(block.folded for block in blocks if block.is_label)
    recurring = {folded for folded, count in occurrences.items() if count > 1}
    in_contents = _table_of_contents(blocks, recurring)
    counts = Counter[str]()
    for index, block in enumerate(blocks):
        if block.folded in recurring and index not in in_contents:
            counts[block.folded] += 1
    return counts


def _table_of_contents(blocks: Sequence[BlockFeatures], recurring: Set[str]) -> set[int]:
    """Return the indexes of recurring labels that directly follow or precede another one."""
    found: set[int] = set()
    for index, (block, following) in enumerate(pairwise(blocks)):
        both_recur = block.folded in recurring and following.folded in recurring
        if both_recur and block.folded != following.folded:
            found |= {index, index + 1}
    return found


def _could_open(blocks: Sequence[BlockFeatures], index: int) -> bool:
    """Return whether a block of the head could be boilerplate.

    A paragraph only as the first block. A label only right above running text, since lists have
    titles, and only if no other label of the article is above running text too, as subheadings
    are.
    """
    features = blocks[index]
    if not features.is_label:
        return index == 0 or not features.is_long
    return _heads_prose(blocks, index) and not _has_other_subheads(blocks, features.folded)


def _has_other_subheads(blocks: Sequence[BlockFeatures], folded: str) -> bool:
    return any(
        block.is_label and block.folded != folded and _heads_prose(blocks, index)
        for index, block in enumerate(blocks)
    )


def _heads_prose(blocks: Sequence[BlockFeatures], index: int) -> bool:
    return index + 1 < len(blocks) and blocks[index + 1].is_prose


def _could_close(blocks: Sequence[BlockFeatures], index: int) -> bool:
    """Return whether a block of the tail could be boilerplate.

    A paragraph only among the last three blocks, a label only if no running text follows.
    """
    features = blocks[index]
    if features.is_label:
        return not any(later.is_prose for later in blocks[index + 1 :])
    return not features.is_long or len(blocks) - index <= LONG_TAIL_BLOCKS
