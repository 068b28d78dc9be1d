"""Cut blocks by their form and place: teasers at the head, stray lines at the tail."""

import re
from collections.abc import Sequence

from transforms.core.clean.blocks import Block, Cut
from transforms.core.clean.positions import CleaningContext, lede_index
from transforms.core.prose import is_fragment, is_headline, is_prose, tag_of, unbulleted, word_count

_LABELLED = re.compile(r"(?P<label>[A-Z][\w' -]{2,30}): [A-Z“‘\"'].*")
# A phrase ends with a lower-case word ("Ferries stop"); a name or a section does not.
_PHRASE = re.compile(r"[^\W\d_][\w'’-]*(?: [\w'’-]+){0,2} [^\WA-ZÀ-Þ\d_][\w'’-]*[?!]?")
_LABEL_AND_VALUE = re.compile(r"\w[\w' -]{0,20}: \S.*")
_DATE = re.compile(r"(?:19|20)\d\d|\b(?:ago|min|vor|il y a|hace)\b")
_NAME = re.compile(r"[A-Z][\w.'’-]*(?: (?:(?:de|la|van|von|al|bin|and|&) )?[A-Z][\w.'’-]*){0,4}")
# One line after the last paragraph may be the article's own ending.
MIN_TAIL_TEASERS = 2
# Fewer words after a label are its value ("Score: 3-1"), not a headline.
MIN_TEASER_WORDS = 4
# Shorter lines in capitals are subheadings and abbreviations.
MIN_CAPS_WORDS = 5
MAX_CAPS = 1
"""An article with more such lines has its subheadings in capitals."""
# Longer lines are sentences of the article, whatever it lost below them.
MAX_LEAD_WORDS = 10
MAX_TRAILING = 10
"""More lines after the last paragraph are a list of the article's own."""


def cut_head_teasers(blocks: Sequence[Block], context: CleaningContext) -> list[Cut]:
    """Return cuts of another story's headline between the title and the first paragraph.

    Evidence in a bare text: the line has a label ("Belarus: ...") or a tag ("[VIDEO]"), or it is
    next to a block that was removed. On a page, where an article may have more lines before the
    first paragraph: the line's label is a name that occurs in the article's text.
    """
    if context.title is None:
        return []
    lede = lede_index(blocks)
    text_below = " ".join(block.text for block in blocks[lede:])
    cuts = []
    for index, block in enumerate(blocks[:lede]):
        if not is_headline(block.text) or block.start in context.subheads:
            continue
        if context.text_only:
            is_teaser = _is_marked_teaser(block, context)
        else:
            is_teaser = _names_subject(block.text, text_below)
        if is_teaser:
            cuts.append(Cut(index, "video-teaser"))
    return cuts


def _is_marked_teaser(block: Block, context: CleaningContext) -> bool:
    if _has_label(block.text) or tag_of(block.text):
        return True
    return block.start in context.neighbours


def _has_label(text: str) -> bool:
    """Return whether a line opens with a name and a colon ("Tested by:" is not a name)."""
    found = _LABELLED.match(text)
    return found is not None and _NAME.fullmatch(found["label"]) is not None


def _names_subject(text: str, body: str) -> bool:
    """Return whether a headline's label is a name that occurs in the body."""
    label, colon, rest = text.partition(": ")
    return (
        bool(colon)
        and word_count(rest) >= MIN_TEASER_WORDS
        and _NAME.fullmatch(label) is not None
        and re.search(rf"(?<![\w]){re.escape(label)}(?![\w])", body) is not None
    )


def cut_caps_teasers(blocks: Sequence[Block], context: CleaningContext) -> list[Cut]:
    """Return cuts of another story's headline in capitals between two paragraphs of a bare text."""
    if not context.text_only:
        return []
    in_capitals = [
        index
        for index, block in enumerate(blocks)
        if block.text.isupper()
        and word_count(block.text) >= MIN_CAPS_WORDS
        and is_headline(block.text)
    ]
    if len(in_capitals) > MAX_CAPS:
        return []
    return [Cut(index, "caps-teaser") for index in in_capitals if 0 < index < len(blocks) - 1]


def cut_head_fragments(blocks: Sequence[Block], context: CleaningContext) -> list[Cut]:
    """Return cuts of the few-word lines before the first paragraph; a name becomes the byline.

    On a page only those next to a block that was removed: a player's channel, the picture's agency.
    In a bare text a phrase that has no such neighbour ("Ferries stop") is kept.
    """
    if context.title is None:
        return []
    cuts = []
    for index, block in enumerate(blocks[: lede_index(blocks)]):
        if not _is_head_fragment(block, context):
            continue
        if _NAME.fullmatch(block.text):
            cuts.append(Cut(index, "head-fragment", field="byline", value=block.text))
        else:
            cuts.append(Cut(index, "head-fragment"))
    return cuts


def _is_head_fragment(block: Block, context: CleaningContext) -> bool:
    if not is_fragment(block.text) or block.start in context.subheads:
        return False
    if block.start in context.neighbours:
        return True
    return context.text_only and not _PHRASE.fullmatch(block.text)


def cut_tail_fragments(blocks: Sequence[Block], context: CleaningContext) -> list[Cut]:
    """Return cuts of the few-word lines after the last paragraph of a bare text.

    The lines from one that ends in a colon on are the article's own: it introduces them. So are
    lines with content: items, figures, quotations, and lines with a label.
    """
    cuts = []
    for index in _trailing_lines(blocks, context):
        block = blocks[index]
        if _introduces_lines(block, context, is_last=index == len(blocks) - 1):
            break
        if is_fragment(block.text) and not _has_content(block.text):
            cuts.append(Cut(index, "tail-fragment"))
    return cuts


def cut_orphan_lead(blocks: Sequence[Block], context: CleaningContext) -> list[Cut]:
    """Return the cut of the last line if it is short and ends in a colon, and what it introduces
    was removed.
    """
    if not blocks or blocks[-1].start not in context.neighbours:
        return []
    text = blocks[-1].text
    is_lead = text.endswith((":", "：")) and word_count(text) <= MAX_LEAD_WORDS
    return [Cut(len(blocks) - 1, "orphan-lead")] if is_lead else []


def _introduces_lines(block: Block, context: CleaningContext, *, is_last: bool) -> bool:
    """Return whether a line ends in a colon, and what it introduces has not been removed."""
    if not block.text.endswith((":", "：")):
        return False
    return not is_last or block.start not in context.neighbours


def cut_tail_headlines(blocks: Sequence[Block], context: CleaningContext) -> list[Cut]:
    """Return cuts of two or more headlines in a row that end a bare text.

    Lines with figures or labels are a table.
    """
    trailing = _trailing_lines(blocks, context)
    texts = [blocks[index].text for index in trailing]
    if len(texts) < MIN_TAIL_TEASERS or not all(map(_is_teaser, texts)):
        return []
    if 2 * sum(map(_has_digit, texts)) >= len(texts):
        return []
    return [Cut(index, "tail-headlines") for index in trailing]


def _trailing_lines(blocks: Sequence[Block], context: CleaningContext) -> range:
    """Return the indexes of the lines after a bare text's last paragraph, none if they are
    many."""
    last = _last_prose(blocks) if context.text_only else None
    trailing = range(0) if last is None else range(last + 1, len(blocks))
    return trailing if len(trailing) <= MAX_TRAILING else range(0)


def _last_prose(blocks: Sequence[Block]) -> int | None:
    return next((i for i in range(len(blocks) - 1, -1, -1) if is_prose(blocks[i].text)), None)


def _is_teaser(text: str) -> bool:
    return is_headline(text) and not (is_fragment(text) and _has_content(text))


def _has_content(text: str) -> bool:
    """Return whether a few words are content of an article: figures that are not a date, a
    quotation, an item of a list, or a value with its label.
    """
    if _has_digit(text) and not _DATE.search(text):
        return True
    is_item = unbulleted(text) != text
    return is_item or _is_quoted(text) or _LABEL_AND_VALUE.fullmatch(text) is not None


def _has_digit(text: str) -> bool:
    return any(char.isdigit() for char in text)


def _is_quoted(text: str) -> bool:
    return text[0] in "\"“‘'«„" or text[-1] in "\"”’'»"
