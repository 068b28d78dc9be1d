"""Take the body from the element that a page marks as its article, if extraction failed."""

from collections import Counter
from collections.abc import Callable, Sequence

from lxml import html

from transforms.core.extract.alignment import align, covered
from transforms.core.extract.rendered_blocks import (
    RenderedBlock,
    block_text,
    is_heading,
    is_mostly_links,
)

# The fallbacks take several times as long, so a few lines of prose are not enough reason. No page
# of 301 changes between 1.0 and 1.5.
MIN_EXCESS = 1.2
# A teaser has one or two paragraphs, and sites mark teasers as articles too.
MIN_PARAGRAPHS = 3


def is_incomplete(blocks: Sequence[str], rendered: Sequence[RenderedBlock]) -> bool:
    """Return whether a single DOM path of the page has more prose than all of the blocks."""
    prose_chars: Counter[int] = Counter()
    for block in rendered:
        if block.prose and not is_mostly_links(block):
            prose_chars[block.path] += len(block.text)
    return max(prose_chars.values(), default=0) > MIN_EXCESS * sum(map(len, blocks))


def marked_article(blocks: Sequence[str], rendered: Sequence[RenderedBlock]) -> list[str]:
    """Return the text of the element marked as the article, if no block is from there.

    Empty if no marked element has enough text, or if some block is from it.
    """
    kept = covered(align(blocks, rendered))
    for is_marked in (_is_article_body, _is_article):
        inside = _largest_marked(rendered, is_marked)
        if sum(rendered[index].prose for index in inside) >= MIN_PARAGRAPHS:
            return [] if kept.intersection(inside) else _texts(inside, rendered)
    return []


def _is_article_body(element: html.HtmlElement) -> bool:
    return "articleBody" in (element.get("itemprop") or "")


def _is_article(element: html.HtmlElement) -> bool:
    return str(element.tag) == "article"


def _largest_marked(
    rendered: Sequence[RenderedBlock], is_marked: Callable[[html.HtmlElement], bool]
) -> list[int]:
    """Return the indices of the blocks inside the marked element that has the most prose."""
    inside: dict[html.HtmlElement, list[int]] = {}
    for index, block in enumerate(rendered):
        container = _marked_container(block.element, is_marked)
        if container is not None:
            inside.setdefault(container, []).append(index)

    def prose_chars(indices: Sequence[int]) -> int:
        return sum(len(rendered[index].text) for index in indices if rendered[index].prose)

    return max(inside.values(), key=prose_chars, default=[])


def _marked_container(
    element: html.HtmlElement, is_marked: Callable[[html.HtmlElement], bool]
) -> html.HtmlElement | None:
    if is_marked(element):
        return element
    return next((ancestor for ancestor in element.iterancestors() if is_marked(ancestor)), None)


def _texts(indices: Sequence[int], rendered: Sequence[RenderedBlock]) -> list[str]:
    blocks = [rendered[index] for index in indices]
    return [block_text(block) for block in blocks if _is_text(block) and not is_mostly_links(block)]


def _is_text(block: RenderedBlock) -> bool:
    return block.prose or is_heading(block) or block.element.tag == "li"
