"""Write the blocks of a text as Markdown (https://commonmark.org), and read their marks back.

A mark is the Markdown prefix of a block: "" for a paragraph.
"""

import re
from collections.abc import Sequence

from transforms.records import Article

ITEM = "- "
NUMBERED = "1. "
QUOTE = "> "
ROW = "| "
CODE = "```"
_FENCE = "```"
_SEPARATOR = "\n\n"
_CELL_SEPARATOR = " | "
# What would be read as a prefix at the start of a paragraph.
_MARKED_START = re.compile(r"([#>|+*-]|```|~~~|\d{1,9}[.)])(?=\s|$)|(```|~~~|\|)")
_NUMBER_END = re.compile(r"^(\d+)([.)])")
_PREFIX = re.compile(r"#{1,6} | *(?:- |\d+\. )|> |\| ")
_RULE = re.compile(r"\|(?: --- \|)+")
_TIGHT = (ITEM, NUMBERED)


def heading(level: int) -> str:
    """Return the mark of a heading; `level` is from 1 to 6."""
    return "#" * level + " "


def to_markdown(blocks: Sequence[str], marks: Sequence[str]) -> str:
    """Return blocks with these marks as Markdown.

    Blocks have no blank lines, and no line breaks but in code. A table's first row is its head.
    """
    parts: list[str] = []
    before: str | None = None
    number = 0
    for block, mark in zip(blocks, marks, strict=True):
        number = number + 1 if mark.endswith(NUMBERED) and mark == before else 1
        if before is not None:
            parts.append("\n" if _is_tight(before, mark) else "\n\n")
        parts.append(_written(block, mark, number))
        if mark == ROW and before != ROW:
            parts.append("\n|" + " --- |" * (block.count(_CELL_SEPARATOR) + 1))
        before = mark
    return "".join(parts)


def body_markdown(article: Article) -> str | None:
    """Return an article's body as Markdown; as paragraphs only if its blocks have no marks."""
    if article.body is None:
        return None
    blocks = article.body.split(_SEPARATOR)
    has_marks = len(article.marks) == len(blocks)
    return to_markdown(blocks, article.marks if has_marks else [""] * len(blocks))


def read_marks(markdown: str | None, body: str | None) -> tuple[str, ...]:
    """Return the marks of a body's blocks that its Markdown has; none if it is of another body."""
    if markdown is None or body is None:
        return ()
    marks: list[str] = []
    is_code = False
    for line in markdown.split("\n"):
        if line == _FENCE:
            is_code = not is_code
            if is_code:
                marks.append(CODE)
        elif line and not is_code and not _RULE.fullmatch(line):
            marks.append(_mark_of(line))
    return tuple(marks) if len(marks) == len(body.split(_SEPARATOR)) else ()


def _mark_of(line: str) -> str:
    found = _PREFIX.match(line)
    if not found:
        return ""
    mark = found.group()
    return re.sub(r"\d+", "1", mark)


def _is_tight(before: str, mark: str) -> bool:
    """Return whether no blank line is between two blocks: in a list, and in a table."""
    if before == ROW or mark == ROW:
        return before == mark
    return before.endswith(_TIGHT) and mark.endswith(_TIGHT)


def _written(block: str, mark: str, number: int) -> str:
    if mark == CODE:
        return f"{_FENCE}\n{block}\n{_FENCE}"
    text = block.replace("\n", " ")
    if mark == ROW:
        cells = text.split(_CELL_SEPARATOR)
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    if mark.endswith(_TIGHT):
        return mark.replace("1. ", f"{number}. ") + text.removeprefix(ITEM)
    return mark + _escaped(text)


def _escaped(text: str) -> str:
    """Return a text that Markdown does not take for a heading, item, quotation, table or code."""
    if not _MARKED_START.match(text):
        return text
    numbered = _NUMBER_END.sub(r"\1\\\2", text)
    return numbered if numbered != text else "\\" + text
