"""Make the blocks of an article's body of the rendered blocks that were selected.

Each has its place in the structure of the text as a Markdown prefix: headings, items of lists,
quotations, rows of tables, code. What lies between the blocks is there too, with the reason why it
is removed.
"""

from collections.abc import Iterator, Sequence, Set
from itertools import groupby, islice
from typing import NamedTuple

from lxml import html

from transforms.core.extract.alignment import Span
from transforms.core.extract.rendered_blocks import HEADINGS, RenderedBlock
from transforms.core.extract.selection import removal_reason
from transforms.core.markdown import CODE, ITEM, NUMBERED, QUOTE, ROW, heading

CELL_SEPARATOR = " | "
LINE_SEPARATOR = ", "
# A longer row is part of a layout: its cells have paragraphs. A judgement: ten cells of a line.
MAX_ROW_CHARS = 800
# How far up the structure of a block is looked for: paragraph, item, list, quotation.
MAX_DEPTH = 8
# Deeper lists are indented no more.
MAX_LEVELS = 6
_LISTS = frozenset({"ul", "ol", "menu"})
_ROWS = frozenset({"tr"})
_CELLS = frozenset({"td", "th"})


class ArticleBlock(NamedTuple):
    """A block of the body, or if it has a `reason`, one that is removed between two of these.

    `span` are the rendered blocks that it was made of; None of a caption.
    """

    text: str
    span: Span | None
    mark: str = ""
    reason: str | None = None


def article_blocks(
    selected: Set[int], rendered: Sequence[RenderedBlock], captions: Sequence[tuple[int, str]]
) -> list[ArticleBlock]:
    """Return the blocks from the first selected to the last one, in page order."""
    if not selected:
        return []
    first, last = min(selected), max(selected)
    blocks: list[ArticleBlock] = []
    between = iter([(at, text) for at, text in captions if first < at <= last])
    caption = next(between, None)
    for group in _groups(range(first, last + 1), selected, rendered):
        while caption and caption[0] <= group[0]:
            blocks.append(ArticleBlock(caption[1], None, reason="caption"))
            caption = next(between, None)
        blocks.append(_block(group, selected, rendered))
    return blocks


def _groups(
    indices: Sequence[int], selected: Set[int], rendered: Sequence[RenderedBlock]
) -> Iterator[list[int]]:
    """Yield the rendered blocks of each block: several for a row of a table, else one."""
    rows = {
        index: _nearest(rendered[index].element, _ROWS) for index in indices if index in selected
    }
    for row, group in groupby(indices, key=lambda index: rows.get(index)):
        members = list(group)
        if row is not None and _is_data_row(members, rendered):
            yield members
        else:
            yield from ([index] for index in members)


def _nearest(element: html.HtmlElement, tags: Set[str]) -> html.HtmlElement | None:
    """Return the element, or the nearest around it, that has one of the tags."""
    for ancestor in (element, *islice(element.iterancestors(), MAX_DEPTH)):
        if ancestor.tag in tags:
            return ancestor
    return None


def _is_data_row(members: Sequence[int], rendered: Sequence[RenderedBlock]) -> bool:
    """Return whether the blocks are the cells of a row of data, not of a layout."""
    cells = {_nearest(rendered[index].element, _CELLS) for index in members}
    chars = sum(len(rendered[index].text) for index in members)
    return len(cells) > 1 and chars <= MAX_ROW_CHARS


def _block(
    group: Sequence[int], selected: Set[int], rendered: Sequence[RenderedBlock]
) -> ArticleBlock:
    block = rendered[group[0]]
    span = group[0], group[-1]
    if group[0] not in selected:
        return ArticleBlock(block.text, span, reason=removal_reason(block))
    if len(group) > 1:
        return ArticleBlock(_row_text(group, rendered), span, ROW)
    mark = mark_of(block)
    is_item = mark.endswith((ITEM, NUMBERED))
    return ArticleBlock(ITEM + block.text if is_item else block.text, span, mark)


def _row_text(group: Sequence[int], rendered: Sequence[RenderedBlock]) -> str:
    cells = groupby(group, key=lambda index: _nearest(rendered[index].element, _CELLS))
    return CELL_SEPARATOR.join(
        LINE_SEPARATOR.join(rendered[index].text for index in cell) for _, cell in cells
    )


def mark_of(block: RenderedBlock) -> str:
    """Return the Markdown prefix of a block by the elements around it."""
    element = block.element
    if element.tag in HEADINGS:
        return heading(int(element.tag[1]))
    item: html.HtmlElement | None = None
    levels: list[str] = []
    for outer in (element, *islice(element.iterancestors(), MAX_DEPTH)):
        if outer.tag == "pre":
            return CODE
        if outer.tag == "blockquote":
            return QUOTE
        if outer.tag == "li" and item is None:
            item = outer
        elif item is not None and outer.tag in _LISTS:
            levels.append(outer.tag)
    if item is None or not levels or not _starts_item(block, item):
        return ""
    indent = "  " * (min(len(levels), MAX_LEVELS) - 1)
    return indent + (NUMBERED if levels[0] == "ol" else ITEM)


def _starts_item(block: RenderedBlock, item: html.HtmlElement) -> bool:
    """Return whether a block is the first text of its list item."""
    element = block.element
    while element is not item:
        parent = element.getparent()
        if parent is None or (parent.text or "").strip() or element.getprevious() is not None:
            return False
        element = parent
    return True
