"""Remove from a body the blocks that the page shows not to be the article's own.

They are in named boxes, repeat the headline, are labelled as a section or standfirst above the
text, are its dates, or are lines of links at its end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from transforms.core.dates.parsed_time import Place
from transforms.core.dates.printed import PUBLISHED, UPDATED, is_date_line, printed_times
from transforms.core.extract.body import Body
from transforms.core.extract.page_labels import PageLabels
from transforms.core.prose import ends_sentence, fold, is_prose, unbulleted, word_count
from transforms.records import RemovedBlock

# A headline further down is quoted or a subheading. With 3, no page of 301 changes; with 12, two
# lose one more line (F1 +0.01 points on one of two test sets).
MAX_HEAD_BLOCKS = 6
# A longer block is a paragraph; it need not be folded to be compared with headlines.
MAX_HEAD_CHARS = 1_000
# A standfirst is above a text: two paragraphs must follow it among the next blocks (subheadings and
# lists may be in between: with 4 instead of 12, one of 301 pages changes).
MIN_PROSE_BELOW = 2
MAX_BLOCKS_BELOW = 12
# Several lines of nothing but links are related articles; a single one may be the article's
# source. With 1, nine of 301 pages lose their last line (F1 +0.07 points on one of two test sets);
# with 4, six keep such lines (F1 -0.03).
MIN_LINK_LINES = 2
# A copyright line or a button may follow the links. With 0, six of 301 pages keep the links; with
# 6, nothing changes.
MAX_TRAILING_LINES = 3
# Longer linked lines are paragraphs. No page of 301 changes between 120 and 1,000.
MAX_LINK_CHARS = 250
_SEPARATOR_CHARS = len("\n\n")


@dataclass(frozen=True, slots=True)
class OwnBlocks:
    """The article's own blocks with their Markdown prefixes, and the removed ones."""

    blocks: list[str]
    marks: list[str]
    removed: tuple[RemovedBlock, ...]


def remove_foreign_blocks(
    body: Body, titles: tuple[str | None, ...], labels: PageLabels, place: Place
) -> OwnBlocks:
    """Return the article's own blocks, and the removed ones with their reasons and places."""
    reasons = {
        **body.reasons,
        **_reasons_by_place(body, titles, labels, place),
        **_link_reasons(body),
    }
    kept: list[str] = []
    marks: list[str] = []
    removed: list[RemovedBlock] = []
    at = 0
    for index, block in enumerate(body.blocks):
        if index in reasons:
            removed.append(RemovedBlock(text=block, reason=reasons[index], at=at))
        else:
            kept.append(block)
            marks.append(body.marks[index])
            at += len(block) + _SEPARATOR_CHARS
    end = max(at - _SEPARATOR_CHARS, 0)
    moved = tuple(replace(block, at=min(block.at, end)) for block in removed)
    return OwnBlocks(kept, marks, moved)


def _reasons_by_place(
    body: Body, titles: tuple[str | None, ...], labels: PageLabels, place: Place
) -> dict[int, str]:
    """Return which blocks above the text are its head, and which are its dates."""
    shown = [index for index in range(len(body.blocks)) if index not in body.reasons]
    heads = _head_reasons([body.blocks[index] for index in shown], titles, labels)
    rest = [index for position, index in enumerate(shown) if position not in heads]
    dates = _date_reasons([body.blocks[index] for index in rest], place)
    return {
        **{rest[position]: reason for position, reason in dates.items()},
        **{shown[position]: reason for position, reason in heads.items()},
    }


def _head_reasons(
    blocks: Sequence[str], titles: tuple[str | None, ...], labels: PageLabels
) -> dict[int, str]:
    """Return which of the first blocks are the headline, a kicker or the standfirst.

    Kickers (section labels) and standfirsts are above the first paragraph.
    """
    headlines = {fold(title) for title in titles if title and word_count(title) > 1}
    reasons: dict[int, str] = {}
    above_text = True
    for index, block in enumerate(blocks[:MAX_HEAD_BLOCKS]):
        words = fold(block) if len(block) <= MAX_HEAD_CHARS else ""
        label = _label_above(block, words, blocks[index + 1 :], labels) if above_text else None
        if words in headlines:
            reasons[index] = "headline"
        elif label:
            reasons[index] = label
        elif is_prose(block):
            above_text = False
    return reasons


def _date_reasons(blocks: Sequence[str], place: Place) -> dict[int, str]:
    """Return which blocks are dates of the article: above its text, below it, or with a label.

    Between its paragraphs a date is the heading of an entry, as in a diary or a chronology.
    """
    last = len(blocks) - 1
    near_ends = {*range(min(len(blocks), MAX_BLOCKS_BELOW)), *range(max(0, last - 2), last + 1)}
    dates = [index for index in sorted(near_ends) if is_date_line(blocks[index], place)]
    texts = (i for i, block in enumerate(blocks) if is_prose(block) and i not in dates)
    first_prose = next(texts, len(blocks))
    return {
        index: "date"
        for index in dates
        if index < first_prose or index == last or _is_labelled(blocks[index], place)
    }


def _is_labelled(line: str, place: Place) -> bool:
    return any(time.kind in {PUBLISHED, UPDATED} for time in printed_times(line, place))


def _label_above(
    block: str, words: str, following: Sequence[str], labels: PageLabels
) -> str | None:
    """Return whether a block above the text is a "kicker" or a "standfirst", else None."""
    if words in labels.sections and not ends_sentence(block):
        return "kicker"
    if words in labels.standfirsts and _is_text_below(following):
        return "standfirst"
    return None


def _is_text_below(following: Sequence[str]) -> bool:
    return sum(is_prose(block) for block in following[:MAX_BLOCKS_BELOW]) >= MIN_PROSE_BELOW


def _link_reasons(body: Body) -> dict[int, str]:
    """Return which blocks are lines of links at the end of the text, or just before its end."""
    end = len(body.blocks) - 1
    earliest = len(body.blocks) - MAX_TRAILING_LINES
    while end > 0 and end >= earliest and not _is_link_line(body, end):
        end -= 1
    start = end
    while start > 0 and _is_link_line(body, start):
        start -= 1
    if end - start < MIN_LINK_LINES:
        return {}
    return dict.fromkeys(range(start + 1, end + 1), "related-links")


def _is_link_line(body: Body, index: int) -> bool:
    if index not in body.links:
        return False
    line = unbulleted(body.blocks[index])
    is_sentence = ends_sentence(line) and is_prose(line)
    return len(line) <= MAX_LINK_CHARS and not is_sentence
