"""Select the blocks of the article among the rendered ones, and account for all between them.

What Trafilatura took is the strongest evidence, but it drops and takes blocks by their tags and
names. A model (`block_model`) weighs it with the form and surroundings of each block. Between the
first and the last selected block nothing is lost: a block is selected too if it stands among the
paragraphs like one of them, else it is removed with a reason.
"""

from collections.abc import Collection, Sequence, Set

from lxml import html

from transforms.core.extract.block_features import block_features
from transforms.core.extract.block_model import article_shares
from transforms.core.extract.named_boxes import reason_of_name
from transforms.core.extract.recall import of_other_articles
from transforms.core.extract.rendered_blocks import (
    RenderedBlock,
    is_heading,
    is_mostly_links,
    name_in_template,
)

# Between 0.35 and 0.65, F1 of pages left out of the training falls by at most 0.8 points.
MIN_SHARE = 0.45
# How many elements may be between a block and the element that contains the paragraphs: the cell
# of a table in a figure is five levels down.
MAX_NESTING = 7
# Elements that structure a text; other elements between a block and the paragraphs are boxes.
_STRUCTURE = frozenset(
    {
        *("ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tfoot", "tr", "td"),
        *("th", "caption", "blockquote", "pre", "details", "summary", "p", "center", "address"),
        *("h2", "h3", "h4", "h5", "h6"),
    }
)


def select_blocks(kept: Collection[int], rendered: Sequence[RenderedBlock]) -> set[int]:
    """Return the indices of the article's blocks, given those that extraction kept."""
    shares = article_shares(block_features(rendered, kept))
    foreign = _foreign(kept, rendered)
    selected = {
        index
        for index, share in enumerate(shares)
        if share >= MIN_SHARE and (index in kept or index not in foreign)
    }
    return selected | _among_paragraphs(selected, foreign, rendered)


def _foreign(kept: Collection[int], rendered: Sequence[RenderedBlock]) -> frozenset[int]:
    paragraphs = sorted(index for index in kept if rendered[index].prose)
    return of_other_articles(paragraphs, rendered) if paragraphs else frozenset()


def _among_paragraphs(
    selected: set[int], foreign: Set[int], rendered: Sequence[RenderedBlock]
) -> set[int]:
    """Return the blocks between the selected ones that stand among the paragraphs.

    They are text in an element that contains paragraphs, or one like it in the page's template, or
    in an element that only structures text there. Lines of links are not, unless they are whole
    sentences, as questions are.
    """
    if not selected:
        return set()
    places = _Places()
    containers = {
        places.of(rendered[index].element.getparent())
        for index in selected
        if rendered[index].prose
    }
    found: set[int] = set()
    for index in range(min(selected), max(selected)):
        block = rendered[index]
        if index in selected or index in foreign or (is_mostly_links(block) and not block.prose):
            continue
        if _is_among(block, containers, places):
            found.add(index)
    return found


class _Places:
    """Numbers the places of elements in the page's template: tags and classes from the root."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[int, str, str], int] = {}
        self.known: dict[html.HtmlElement, int] = {}

    def of(self, element: html.HtmlElement | None) -> int:
        """Return the number of an element's place; 0 above the root."""
        line: list[html.HtmlElement] = []
        while element is not None and element not in self.known:
            line.append(element)
            element = element.getparent()
        place = self.known[element] if element is not None else 0
        for one in reversed(line):
            key = place, str(one.tag), name_in_template(one)
            place = self.known[one] = self.numbers.setdefault(key, len(self.numbers) + 1)
        return place


def _is_among(block: RenderedBlock, containers: Set[int], places: _Places) -> bool:
    """Return whether only elements that structure text are between a block and the paragraphs."""
    element = block.element
    if places.of(element) in containers:
        return True
    for depth in range(MAX_NESTING):
        if reason_of_name(element) or not _is_structure(element, is_line=depth == 0):
            return False
        parent = element.getparent()
        if parent is None or places.of(parent) in containers:
            return parent is not None
        element = parent
    return False


def _is_structure(element: html.HtmlElement, *, is_line: bool) -> bool:
    """Return whether an element structures text: any element may for the line it contains."""
    return is_line or element.tag in _STRUCTURE or not element.attrib


def removal_reason(block: RenderedBlock) -> str:
    """Return why a block between those of the article is not one of them."""
    if is_mostly_links(block):
        return "related-links"
    if any(element.tag == "figure" for element in block.element.iterancestors()):
        return "caption"
    return "aside" if block.prose or is_heading(block) else "interface"
