"""Extract the body of an article.

Trafilatura extracts, `marked_article` replaces a body that is from the wrong part of the page,
`recall` recovers dropped blocks, `selection` decides of each block that the page shows, and
`article_blocks` makes the body of them.
"""

import logging
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass

import trafilatura
from lxml import etree, html

from transforms.core.extract.alignment import Span, align, covered
from transforms.core.extract.article_blocks import ArticleBlock, article_blocks
from transforms.core.extract.cards import NO_LISTING, Listing, read_listing
from transforms.core.extract.link_lines import own_site, read_also_lines
from transforms.core.extract.marked_article import is_incomplete, marked_article
from transforms.core.extract.named_boxes import named_boxes
from transforms.core.extract.paywall import has_paywall_prompt
from transforms.core.extract.recall import dropped_blocks
from transforms.core.extract.rendered_blocks import (
    Rendered,
    RenderedBlock,
    is_heading,
    is_links_only,
    render,
)
from transforms.core.extract.selection import select_blocks
from transforms.core.prose import tidy

# Trafilatura's fallbacks take quadratic time: minutes for a table of ten thousand rows. The
# largest of 1,500 pages has 5,560 such elements. With 1,000, one of 301 pages loses most of its
# body.
MAX_FALLBACK_ELEMENTS = 5_000
_COUNTED_TAGS = ("p", "div", "li", "td", "th", "tr", "dd", "dt", "br", "section", "option")
_DISCARDED_TAGS = (
    *("aside", "audio", "button", "canvas", "footer", "head", "iframe", "nav", "noscript"),
    *("object", "script", "select", "style", "svg", "video"),
)
# Separators such as "___" are not aligned; of a text that a script will show, nothing is.
MAX_LOST_SHARE = 0.5
# For many elements side by side in one line, as in karaoke texts and transcripts, Trafilatura
# takes quadratic time. No paragraph of 1,500 pages has more than 310 elements. From 2,000 on, even
# links to other pages are removed to bound the time.
_CROWDED = etree.XPath(".//*[*[500]]")
MAX_LINKS_IN_LINE = 2_000
_STYLING_TAGS = (
    *("span", "b", "strong", "i", "em", "u", "s", "small", "font", "mark", "big", "tt"),
    *("sub", "sup"),
)

# Trafilatura logs every page that it cannot extract; the calling stage counts them.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Body:
    """The blocks from the first to the last of a body, with their properties by index.

    `reasons` has the reason of removal of those that are not the article's. `marks` are the
    Markdown prefixes of all. `links` consist of links only, `headings` are subheadings.
    `paywall_prompt` is whether the page asks to pay at their end, `listing` tells how much of them
    is in cards.
    """

    blocks: tuple[str, ...]
    reasons: Mapping[int, str]
    marks: tuple[str, ...]
    links: frozenset[int]
    headings: frozenset[int]
    paywall_prompt: bool = False
    listing: Listing = NO_LISTING


def read_body(tree: html.HtmlElement, domain: str, page: Rendered) -> Body:
    """Return the paragraphs, subheadings, list items and table rows of the article, in page order.

    `domain` is the page's registrable domain, by which links to its site are known; `page` has all
    blocks of the page, and its captions, which the tree has no more.

    Changes the tree if the fallbacks have to read it.
    """
    site = own_site(tree, domain)
    extracted = extracted_blocks(tree, page.blocks)
    found = align(extracted, page.blocks)
    if not _is_shown(extracted, found):
        page = render(tree, invisible=True)
        found = align(extracted, page.blocks)
    blocks = _body_blocks(extracted, found, page)
    rendered = page.blocks
    spans = [block.span for block in blocks]
    texts = [block.text for block in blocks]
    reasons = {index: block.reason for index, block in enumerate(blocks) if block.reason}
    return Body(
        blocks=tuple(texts),
        reasons={
            **reasons,
            **read_also_lines(spans, rendered, site),
            **named_boxes(spans, texts, rendered),
        },
        marks=tuple(block.mark for block in blocks),
        links=_link_blocks(spans, rendered),
        headings=_heading_blocks(spans, rendered),
        paywall_prompt=has_paywall_prompt(spans, rendered),
        listing=_listing([block for block in blocks if not block.reason], rendered, site),
    )


def _listing(own: Sequence[ArticleBlock], rendered: Sequence[RenderedBlock], site: str) -> Listing:
    texts = [block.text for block in own]
    return read_listing(texts, [block.span for block in own], rendered, site)


def kept_blocks(spans: Sequence[Span | None], rendered: Sequence[RenderedBlock]) -> set[int]:
    """Return the indices of the blocks that were extracted, given their spans, or recovered."""
    kept = covered(spans)
    return kept | dropped_blocks(kept, rendered)


def _body_blocks(
    extracted: Sequence[str],
    spans: Sequence[Span | None],
    page: Rendered,
) -> list[ArticleBlock]:
    """Return the blocks of the body; as they were extracted if most of them are not rendered."""
    if not _is_shown(extracted, spans):
        return [ArticleBlock(block, None) for block in extracted]
    selected = select_blocks(kept_blocks(spans, page.blocks), page.blocks)
    return article_blocks(selected, page.blocks, page.captions)


def _is_shown(extracted: Sequence[str], spans: Sequence[Span | None]) -> bool:
    """Return whether most of the extracted text is rendered."""
    lost = sum(len(block) for block, span in zip(extracted, spans, strict=True) if span is None)
    return lost <= MAX_LOST_SHARE * sum(map(len, extracted))


def extracted_blocks(tree: html.HtmlElement, rendered: Sequence[RenderedBlock]) -> list[str]:
    """Return the lines that Trafilatura extracts, or if it fails those of the marked article."""
    blocks = _trafilatura_blocks(_without_discarded(tree), fast=True)
    if not is_incomplete(blocks, rendered) or _is_too_large_for_fallbacks(tree):
        return blocks
    _join_crowded_lines(tree)
    blocks = _trafilatura_blocks(tree, fast=False)
    return marked_article(blocks, rendered) or blocks


def _is_too_large_for_fallbacks(tree: html.HtmlElement) -> bool:
    return sum(1 for _ in tree.iter(*_COUNTED_TAGS)) > MAX_FALLBACK_ELEMENTS


def _without_discarded(tree: html.HtmlElement) -> html.HtmlElement:
    """Return a copy without elements that Trafilatura discards, but only after several searches."""
    light = copy(tree)
    etree.strip_elements(light, *_DISCARDED_TAGS, with_tail=False)
    _join_crowded_lines(light)
    return light


def _join_crowded_lines(tree: html.HtmlElement) -> None:
    """Merge the many elements that only style parts of a line into one text."""
    for crowded in _CROWDED(tree):
        _drop_links(crowded, every=crowded.tag == "p" and len(crowded) > MAX_LINKS_IN_LINE)
        etree.strip_tags(crowded, *_STYLING_TAGS)
        # The tree keeps the parts of a text separate until the whole text is assigned again.
        crowded.text = crowded.text
        for child in crowded:
            child.tail = child.tail


def _drop_links(crowded: html.HtmlElement, *, every: bool) -> None:
    """Turn links to places on the page, or every link, into spans."""
    for link in crowded.iter("a"):
        if every or link.get("href", "#").startswith("#"):
            link.tag = "span"


def _trafilatura_blocks(tree: html.HtmlElement, *, fast: bool) -> list[str]:
    document = trafilatura.bare_extraction(
        tree, fast=fast, favor_precision=True, include_comments=False, with_metadata=False
    )
    if document is None or isinstance(document, dict):
        return []
    lines = (tidy(line) for line in (document.text or "").split("\n"))
    return [line for line in lines if line]


def _link_blocks(spans: Sequence[Span | None], rendered: Sequence[RenderedBlock]) -> frozenset[int]:
    """Return the indices of the blocks that consist of links only."""
    found: set[int] = set()
    for index, span in enumerate(spans):
        if span and is_links_only(rendered[span[0] : span[1] + 1]):
            found.add(index)
    return frozenset(found)


def _heading_blocks(
    spans: Sequence[Span | None], rendered: Sequence[RenderedBlock]
) -> frozenset[int]:
    """Return the indices of the blocks that are subheadings."""
    found: set[int] = set()
    for index, span in enumerate(spans):
        if span and is_heading(rendered[span[0]]):
            found.add(index)
    return frozenset(found)
