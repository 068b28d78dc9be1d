"""Recover the blocks of an article that the extractor dropped.

The extractor keeps most of an article but sometimes drops a part: the second half of a divided
body, a list, the subheadings. A dropped block is recovered if it has the same place in the page's
template as the kept paragraphs.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from lxml import etree, html

from transforms.core.extract.alignment import compact
from transforms.core.extract.rendered_blocks import (
    RenderedBlock,
    is_heading,
    is_mostly_links,
)
from transforms.core.prose import word_count

# Two paragraphs may be on one path by chance. With 2, blocks are added to two of 301 pages and F1
# falls by 0.04 points on one of two test sets; with 4, nothing changes.
MIN_ON_PATH = 3
# Longer headings are paragraphs set as headings. No page of 301 has one to recover over 80.
MAX_HEADING_CHARS = 200
# How many elements may be between a list item or quotation and what contains the paragraphs: a
# list and its wrapper. With 1, F1 falls by 0.1 and 0.6 points; with 6, it rises by 0.04 on one
# test set and falls by as much on the other.
MAX_NESTING = 3
# One paragraph in a container may be a note of the list itself, as in a share bar. No page of 301
# changes with 1 or 3.
MIN_PARAGRAPHS_BESIDE = 2
# The mean of a list's items: buttons and tags have one or two words. No page of 301 changes with 2
# or 5.
MIN_ITEM_WORDS = 3
_LISTS = frozenset({"ul", "ol"})
_LEAD_IN_ENDS = (":", "：")
# Only a whole article has these: a headline, a time, a link to its page.
_ARTICLE_HEAD = etree.XPath(
    "boolean(.//h1 or .//time or .//h2//a[@href] or .//h3//a[@href] or .//a[@href]//h2)"
)
_Parents = frozenset[html.HtmlElement | None]


def dropped_blocks(kept: set[int], rendered: Sequence[RenderedBlock]) -> set[int]:
    """Return the indices of the blocks to recover, given those of the kept ones.

    They are paragraphs on a DOM path that several kept paragraphs are on; inside the text also
    subheadings, lists and quotations; at its edges lists beside its paragraphs.
    """
    paragraphs = sorted(index for index in kept if rendered[index].prose)
    if not paragraphs:
        return set()
    candidates = list(_candidates(kept, paragraphs, rendered))
    inside, outside = _split_at_edges(candidates, paragraphs[0], paragraphs[-1])
    parents = frozenset(rendered[index].element.getparent() for index in paragraphs)
    paths = _common_paths(paragraphs, rendered)
    dropped = {
        *_paragraphs_on_paths(candidates, paths, rendered),
        *_lead_ins(inside, paths, rendered),
        *_lists_and_quotations(inside, parents, kept, rendered),
        *_lists_at_edges(outside, paragraphs, rendered),
        *_nested_paragraphs(candidates, kept, rendered),
    }
    return dropped.union(_subheadings(parents, kept, dropped, rendered))


def _candidates(
    kept: set[int], paragraphs: Sequence[int], rendered: Sequence[RenderedBlock]
) -> Iterator[int]:
    """Yield the blocks that may be the article's: not links, nor of another article."""
    foreign = of_other_articles(paragraphs, rendered)
    for index, block in enumerate(rendered):
        if index not in kept and index not in foreign and not is_mostly_links(block):
            yield index


def of_other_articles(
    paragraphs: Sequence[int], rendered: Sequence[RenderedBlock]
) -> frozenset[int]:
    """Return the blocks of the page's other articles, given the paragraphs of its own.

    They are below a second headline, or in an article element that has a head of its own.
    """
    own = {_enclosing_article(rendered[index].element) for index in paragraphs}
    is_other = dict.fromkeys(own, False)
    found: set[int] = set()
    for index, block in enumerate(rendered):
        if index > paragraphs[-1] and block.element.tag == "h1":
            return frozenset(found.union(range(index, len(rendered))))
        article = _enclosing_article(block.element)
        if article not in is_other:
            # A live blog has an article element for each of its posts.
            is_other[article] = len(own) == 1 and _is_whole_article(article)
        if is_other[article]:
            found.add(index)
    return frozenset(found)


def _enclosing_article(element: html.HtmlElement) -> html.HtmlElement | None:
    return next(element.iterancestors("article"), None)


def _is_whole_article(article: html.HtmlElement | None) -> bool:
    return article is not None and bool(_ARTICLE_HEAD(article))


def _split_at_edges(
    candidates: Sequence[int], first: int, last: int
) -> tuple[list[int], list[int]]:
    """Return the candidates between the first and last kept paragraph, and those around them."""
    inside: list[int] = []
    outside: list[int] = []
    for index in candidates:
        (inside if first < index < last else outside).append(index)
    return inside, outside


def _common_paths(paragraphs: Sequence[int], rendered: Sequence[RenderedBlock]) -> set[int]:
    """Return the DOM paths that several kept paragraphs are on."""
    counts = Counter(rendered[index].path for index in paragraphs)
    return {path for path, count in counts.items() if count >= MIN_ON_PATH}


def _paragraphs_on_paths(
    candidates: Sequence[int], paths: set[int], rendered: Sequence[RenderedBlock]
) -> Iterator[int]:
    for index in candidates:
        if rendered[index].prose and rendered[index].path in paths:
            yield index


def _lead_ins(
    inside: Sequence[int], paths: set[int], rendered: Sequence[RenderedBlock]
) -> Iterator[int]:
    """Yield the lines that end in a colon and introduce what follows."""
    for index in inside:
        block = rendered[index]
        if block.path in paths and block.text.endswith(_LEAD_IN_ENDS):
            yield index


def _lists_and_quotations(
    inside: Sequence[int], parents: _Parents, kept: set[int], rendered: Sequence[RenderedBlock]
) -> Iterator[int]:
    """Yield list items and quotations between the paragraphs, but not pull quotes."""
    found = [index for index in inside if _is_list_or_quotation(rendered[index], parents)]
    if not found:
        return
    kept_text = compact(" ".join(rendered[index].text for index in sorted(kept)))
    for index in found:
        if compact(rendered[index].text) not in kept_text:
            yield index


def _is_list_or_quotation(block: RenderedBlock, parents: _Parents) -> bool:
    """Return whether a block is in a list or quotation that is a sibling of kept paragraphs."""
    nested = [block.element]
    for ancestor in islice(block.element.iterancestors(), MAX_NESTING):
        if ancestor in parents:
            in_quotation = any(element.tag == "blockquote" for element in nested)
            return in_quotation or nested[-1].tag in _LISTS
        nested.append(ancestor)
    return False


def _lists_at_edges(
    outside: Sequence[int], paragraphs: Sequence[int], rendered: Sequence[RenderedBlock]
) -> Iterator[int]:
    """Yield the items of lists above or below the text that are siblings of its paragraphs."""
    beside = Counter(rendered[index].element.getparent() for index in paragraphs)
    lists: dict[html.HtmlElement, list[int]] = {}
    for index in outside:
        parent = _parent_list(rendered[index].element)
        if parent is not None and beside[parent.getparent()] >= MIN_PARAGRAPHS_BESIDE:
            lists.setdefault(parent, []).append(index)
    for items in lists.values():
        words = sum(word_count(rendered[index].text) for index in items)
        if words >= MIN_ITEM_WORDS * len(items):
            yield from items


def _parent_list(element: html.HtmlElement) -> html.HtmlElement | None:
    """Return the list that an element is an item of."""
    parent = element.getparent() if element.tag == "li" else None
    return parent if parent is not None and parent.tag in _LISTS else None


def _nested_paragraphs(
    candidates: Sequence[int], kept: set[int], rendered: Sequence[RenderedBlock]
) -> list[int]:
    """Return paragraphs and subheadings nested deeper in the elements of the kept paragraphs.

    Only if they are the larger part of the article; else they are boxes beside its text.
    """
    containers = _containers(kept, rendered)
    nested = [index for index in candidates if _is_nested(rendered[index], containers)]
    paragraphs = [index for index in nested if rendered[index].prose]
    if _char_count(paragraphs, rendered) <= _char_count(kept, rendered):
        return []
    headings = [index for index in nested if is_heading(rendered[index])]
    return paragraphs + headings


def _containers(kept: set[int], rendered: Sequence[RenderedBlock]) -> set[html.HtmlElement | None]:
    """Return the parents of more than one kept paragraph."""
    counts = Counter(rendered[index].element.getparent() for index in kept if rendered[index].prose)
    return {parent for parent, count in counts.items() if count > 1}


def _is_nested(block: RenderedBlock, containers: set[html.HtmlElement | None]) -> bool:
    if not block.prose and not is_heading(block):
        return False
    return any(ancestor in containers for ancestor in block.element.iterancestors())


def _char_count(indices: Collection[int], rendered: Sequence[RenderedBlock]) -> int:
    return sum(len(rendered[index].text) for index in indices)


def _subheadings(
    parents: _Parents, kept: set[int], dropped: set[int], rendered: Sequence[RenderedBlock]
) -> Iterator[int]:
    """Yield the dropped subheadings beside the paragraphs that a block of the article follows."""
    for index, block in enumerate(rendered):
        if index in kept or not (index + 1 in kept or index + 1 in dropped):
            continue
        if _is_subheading(block) and block.element.getparent() in parents:
            yield index


def _is_subheading(block: RenderedBlock) -> bool:
    return is_heading(block) and len(block.text) <= MAX_HEADING_CHARS
