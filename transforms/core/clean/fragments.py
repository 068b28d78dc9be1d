"""Which blocks give themselves away by shape and place: teasers at the head, loose ends at the
tail?
"""

import re
from collections.abc import Sequence

from transforms.core.clean.blocks import Block, Cut
from transforms.core.clean.positions import CleaningContext, lede_index
from transforms.core.prose import is_fragment, is_headline, is_prose, tag_of, unbulleted, word_count

_LABELLED = re.compile(r"(?P<label>[A-Z][\w' -]{2,30}): [A-Z“‘\"'].*")
_PHRASE = re.compile(r"[^\W\d_][\w'’-]*(?: [\w'’-]+){0,2} [^\WA-ZÀ-Þ\d_][\w'’-]*[?!]?")
_SPEAKS = re.compile(r"\w[\w' -]{0,20}: \S.*")
_DATE = re.compile(r"(?:19|20)\d\d|\b(?:ago|min|vor|il y a|hace)\b")
_NAME = re.compile(r"[A-Z][\w.'’-]*(?: (?:(?:de|la|van|von|al|bin|and|&) )?[A-Z][\w.'’-]*){0,4}")
# One line after the last paragraph may be the article's own last word.
MIN_TAIL_TEASERS = 2
# Fewer words after a label are its value ("Score: 3-1"), not a headline.
MIN_TEASER_WORDS = 4
# Shorter lines in capitals are subheadings and abbreviations.
MIN_CAPS_WORDS = 5
MAX_CAPS = 1
"""An article with more such lines has its subheadings in capitals."""
MAX_LOOSE = 10
"""More lines after the last paragraph are a list of the article's own."""


def cut_head_teasers(blocks: Sequence[Block], context: CleaningContext) -> list[Cut]:
    """Return cuts of another story's headline between the title and the first paragraph.

    Evidence in a bare text: it labels its subject ("Belarus: ..."), or stands beside something that
    was taken out. On a page, where more may stand before the first paragraph: its label is a name
    that the article's own text has.
    """
    if context.title is None:
        return []
    lede = lede_index(blocks)
    told = " ".join(block.text for block in blocks[lede:])
    cuts = []
    for index, block in enumerate(blocks[:lede]):
        if not is_headline(block.text) or block.start in context.subheads:
            continue
        if context.text_only:
            found = bool(
                _has_label(block.text) or block.start in context.neighbours or tag_of(block.text)
            )
        else:
            found = _names_subject(block.text, told)
        if found:
            cuts.append(Cut(index, "video-teaser"))
    return cuts


def _has_label(text: str) -> bool:
    """Return whether a line opens with a name and a colon; "Tested by:" is none."""
    found = _LABELLED.match(text)
    return found is not None and _NAME.fullmatch(found["label"]) is not None


def _names_subject(text: str, told: str) -> bool:
    """Return whether a headline has a label, of capitalised words, that is also a name in running
    text.
    """
    label, colon, rest = text.partition(": ")
    return (
        bool(colon)
        and word_count(rest) >= MIN_TEASER_WORDS
        and _NAME.fullmatch(label) is not None
        and re.search(rf"(?<![\w]){re.escape(label)}(?![\w])", told) is not None
    )


def cut_caps_teasers(blocks: Sequence[Block], context: CleaningContext) -> list[Cut]:
    """Return cuts of the lines of a bare text that shout another story's headline between two
    paragraphs.
    """
    if not context.text_only:
        return []
    shouted = [
        index
        for index, block in enumerate(blocks)
        if block.text.isupper()
        and word_count(block.text) >= MIN_CAPS_WORDS
        and is_headline(block.text)
    ]
    inside = (index for index in shouted if 0 < index < len(blocks) - 1)
    return [Cut(index, "caps-teaser") for index in inside] if len(shouted) <= MAX_CAPS else []


def cut_head_fragments(blocks: Sequence[Block], context: CleaningContext) -> list[Cut]:
    """Return cuts of the few-word lines before the first paragraph; a name is kept as its byline.

    On a page only those beside something that was taken out: a player's channel, the picture's
    agency. In a bare text a phrase that stands alone ("Ferries stop") stays.
    """
    if context.title is None:
        return []
    cuts = []
    for index, block in enumerate(blocks[: lede_index(blocks)]):
        beside = block.start in context.neighbours or (
            context.text_only and not _PHRASE.fullmatch(block.text)
        )
        if is_fragment(block.text) and beside and block.start not in context.subheads:
            name = block.text if _NAME.fullmatch(block.text) else None
            cuts.append(Cut(index, "head-fragment", field="byline" if name else None, value=name))
    return cuts


def cut_tail_fragments(blocks: Sequence[Block], context: CleaningContext) -> list[Cut]:
    """Return cuts of the few-word lines after the last paragraph of a bare text.

    What words with a colon introduce is the article's to its end; so are items, figures, and lines
    with a label.
    """
    loose = [blocks[i] for i in _loose_end(blocks, context)]
    introduces = (
        i
        for i, block in enumerate(loose)
        if block.text.endswith((":", "："))
        and (block is not loose[-1] or block.start not in context.neighbours)
    )
    first = len(blocks) - len(loose)
    short = [
        i for i, block in enumerate(loose[: next(introduces, None)]) if is_fragment(block.text)
    ]
    return [Cut(first + i, "tail-fragment") for i in short if not _tells(loose[i].text)]


def cut_tail_headlines(blocks: Sequence[Block], context: CleaningContext) -> list[Cut]:
    """Return cuts of two or more headlines in a row that end a bare text.

    Lines with figures or labels are a table.
    """
    loose = _loose_end(blocks, context)
    if len(loose) < MIN_TAIL_TEASERS or not all(_teases(blocks[i].text) for i in loose):
        return []
    figures = sum(any(c.isdigit() for c in blocks[i].text) for i in loose)
    return [Cut(i, "tail-headlines") for i in loose] if 2 * figures < len(loose) else []


def _loose_end(blocks: Sequence[Block], context: CleaningContext) -> range:
    """Return the indexes of the lines after a bare text's last paragraph, none where they are
    many."""
    last = _last_prose(blocks) if context.text_only else None
    loose = range(0) if last is None else range(last + 1, len(blocks))
    return loose if len(loose) <= MAX_LOOSE else range(0)


def _last_prose(blocks: Sequence[Block]) -> int | None:
    return next((i for i in range(len(blocks) - 1, -1, -1) if is_prose(blocks[i].text)), None)


def _teases(text: str) -> bool:
    return is_headline(text) and not (is_fragment(text) and _tells(text))


def _tells(text: str) -> bool:
    """Return whether a few words say something: quoted, in a list, with figures that are no date,
    or with a label.
    """
    figures = any(c.isdigit() for c in text) and not _DATE.search(text)
    return figures or _quoted(text) or unbulleted(text) != text or bool(_SPEAKS.fullmatch(text))


def _quoted(text: str) -> bool:
    return text[0] in "\"“‘'«„" or text[-1] in "\"”’'»"
