"""Describe each rendered block of a page by numbers that tell whether it is the article's.

A block is described by its form, by the elements around it, by what was kept of the text beside
it, and by how the other blocks at its place in the page's template fared. No feature is a word of
the text or a name of the page, so that they mean the same in any language and on any site.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import log

from lxml import html

from transforms.core.extract.rendered_blocks import RenderedBlock
from transforms.core.prose import ends_sentence, word_count

FEATURES = (
    *("kept", "log_words", "link_share", "sentence", "repeated", "tag"),
    *("path_blocks", "path_words", "path_kept"),
    *("parent_kept", "outer_kept", "parent_share", "grandparent_share", "outer_share"),
    *("parent_links", "after_kept", "near_kept", "near_prose", "near_links"),
    *("position", "from_start", "from_end"),
)
"""The names of the features, in the order of their values.

kept: whether extraction kept the block; log_words: of its words; link_share: of its characters;
repeated: whether the page has its text twice; path_*: of all blocks with its DOM path; *_kept:
which share of the characters in the parent, in the element four levels up, among the blocks nearby
was kept; *_share: which share of all kept characters they contain; position: 0 inside the kept
text, else how far before or after it, as a logarithm; from_start, from_end: of the page.
"""
_TAGS = {
    **dict.fromkeys(("h2", "h3", "h4", "h5", "h6"), 3),
    **dict.fromkeys(("td", "th", "tr", "caption"), 4),
    **dict.fromkeys(("dt", "dd", "summary"), 5),
    **{"p": 1, "li": 2, "figcaption": 6, "pre": 7, "blockquote": 8, "h1": 9},
}
# Boxes and wrappers.
_OTHER_TAG = 0
# Blocks to each side that are near.
NEAR = 3
# Farther from the kept text than any block of a page is: there is no kept text.
NOWHERE = -9.0


@dataclass(slots=True)
class _Totals:
    """The blocks of an element or a path: their number, and characters of all, kept, in links."""

    blocks: int = 0
    chars: int = 0
    kept: int = 0
    linked: int = 0

    def add(self, blocks: int, chars: int, kept: int, linked: int) -> None:
        """Add to each number."""
        self.blocks += blocks
        self.chars += chars
        self.kept += kept
        self.linked += linked


@dataclass(frozen=True, slots=True)
class _PageTotals:
    """The totals of each element and path, the texts, and the first and last kept paragraph."""

    elements: Mapping[html.HtmlElement, _Totals]
    paths: Mapping[int, _Totals]
    texts: Mapping[str, int]
    kept_chars: int
    first: int
    last: int


def block_features(rendered: Sequence[RenderedBlock], kept: Collection[int]) -> list[list[float]]:
    """Return the features of each block, given the indices of those that extraction kept."""
    is_kept = [index in kept for index in range(len(rendered))]
    totals = _totals(rendered, is_kept)
    stretches = _Stretches(rendered, is_kept)
    shares = _Shares(totals)
    return [
        [
            float(is_kept[index]),
            *_form(block, totals),
            *shares.of_path(block.path),
            *shares.of_element(block.element),
            float(index + 1 < len(rendered) and is_kept[index + 1]),
            *stretches.shares(index),
            _position(index, totals),
            index / len(rendered),
            (len(rendered) - index) / len(rendered),
        ]
        for index, block in enumerate(rendered)
    ]


def _totals(rendered: Sequence[RenderedBlock], is_kept: Sequence[bool]) -> _PageTotals:
    elements: dict[html.HtmlElement, _Totals] = {}
    paths = defaultdict[int, _Totals](_Totals)
    for block, kept in zip(rendered, is_kept, strict=True):
        size = len(block.text)
        counts = 1, size, size if kept else 0, block.linked_chars
        paths[block.path].add(*counts)
        _enter(block.element, elements)
        elements[block.element].add(*counts)
    _add_to_ancestors(elements)
    paragraphs = [i for i, block in enumerate(rendered) if is_kept[i] and block.prose]
    return _PageTotals(
        elements=elements,
        paths=paths,
        texts=Counter(block.text for block in rendered),
        kept_chars=sum(path.kept for path in paths.values()),
        first=paragraphs[0] if paragraphs else len(rendered),
        last=paragraphs[-1] if paragraphs else -1,
    )


def _enter(element: html.HtmlElement | None, elements: dict[html.HtmlElement, _Totals]) -> None:
    """Enter an element and its ancestors, these first."""
    line: list[html.HtmlElement] = []
    while element is not None and element not in elements:
        line.append(element)
        element = element.getparent()
    for one in reversed(line):
        elements[one] = _Totals()


def _add_to_ancestors(elements: dict[html.HtmlElement, _Totals]) -> None:
    """Add the totals of each element to its parent's, from the innermost on."""
    for element, totals in reversed(elements.items()):
        parent = element.getparent()
        if parent is not None:
            elements[parent].add(totals.blocks, totals.chars, totals.kept, totals.linked)


def _form(block: RenderedBlock, totals: _PageTotals) -> Iterator[float]:
    yield log(1 + word_count(block.text))
    yield block.linked_chars / len(block.text)
    yield float(ends_sentence(block.text))
    yield float(totals.texts[block.text] > 1)
    yield float(_TAGS.get(block.element.tag, _OTHER_TAG))


class _Shares:
    """The shares of paths and elements, each computed once."""

    def __init__(self, totals: _PageTotals) -> None:
        self.totals = totals
        self.paths: dict[int, tuple[float, ...]] = {}
        self.elements: dict[html.HtmlElement, tuple[float, ...]] = {}

    def of_path(self, number: int) -> tuple[float, ...]:
        """Return the number of blocks on a path, their mean length, and the share kept."""
        if number not in self.paths:
            path = self.totals.paths[number]
            self.paths[number] = log(path.blocks), path.chars / path.blocks, path.kept / path.chars
        return self.paths[number]

    def of_element(self, element: html.HtmlElement) -> tuple[float, ...]:
        """Return what was kept in the elements around a block, and which share that is."""
        if element not in self.elements:
            around = (self.totals.elements[outer] for outer in _outer_elements(element))
            parent, grandparent, outer = around
            kept_chars = self.totals.kept_chars or 1
            self.elements[element] = (
                parent.kept / parent.chars,
                outer.kept / outer.chars,
                parent.kept / kept_chars,
                grandparent.kept / kept_chars,
                outer.kept / kept_chars,
                parent.linked / parent.chars,
            )
        return self.elements[element]


def _outer_elements(element: html.HtmlElement) -> list[html.HtmlElement]:
    """Return the parent of an element, the parent's, and the element two levels above that."""
    line = [element, *islice(element.iterancestors(), 4)]
    return [line[min(level, len(line) - 1)] for level in (1, 2, 4)]


def _position(index: int, totals: _PageTotals) -> float:
    if totals.last < 0:
        return NOWHERE
    if index < totals.first:
        return -log(1 + totals.first - index)
    return log(1 + index - totals.last) if index > totals.last else 0.0


class _Stretches:
    """Running sums over the blocks, for the shares of any stretch of them."""

    def __init__(self, rendered: Sequence[RenderedBlock], is_kept: Sequence[bool]) -> None:
        self.chars, self.kept, self.prose, self.linked = [0], [0], [0], [0]
        for block, kept in zip(rendered, is_kept, strict=True):
            size = len(block.text)
            self.chars.append(self.chars[-1] + size)
            self.kept.append(self.kept[-1] + (size if kept else 0))
            self.prose.append(self.prose[-1] + (size if block.prose else 0))
            self.linked.append(self.linked[-1] + block.linked_chars)

    def shares(self, index: int) -> Iterator[float]:
        """Yield the shares of the characters near a block: kept, of prose, in links."""
        first, last = max(index - NEAR, 0), min(index + NEAR + 1, len(self.chars) - 1)
        chars = self.chars[last] - self.chars[first]
        for sums in (self.kept, self.prose, self.linked):
            yield (sums[last] - sums[first]) / chars
