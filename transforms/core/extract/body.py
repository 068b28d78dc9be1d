"""Extract the body of an article, and separate from it what the page proves to be something else.

The steps: Trafilatura extracts, `marked_article` replaces what it got all wrong, `recall` recovers
what it dropped, and the page's own names and marks say which blocks are not the article's.
"""

import logging
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace

import trafilatura
from lxml import etree, html

from transforms.core.extract.alignment import Span
from transforms.core.extract.marked_article import is_incomplete, marked_article
from transforms.core.extract.named_boxes import named_boxes
from transforms.core.extract.page_labels import PageLabels
from transforms.core.extract.paywall import has_paywall_prompt
from transforms.core.extract.recall import HEADINGS, recover_dropped
from transforms.core.extract.rendered_blocks import RenderedBlock, is_links_only, render_blocks
from transforms.core.prose import ends_sentence, fold, is_prose, tidy, unbulleted, word_count
from transforms.records import RemovedBlock

# A headline further down is quoted or a subheading. With 3, no page of 301 changes; with 12, two
# lose one more line (F1 +0.01 points on one of two test sets).
MAX_HEAD_BLOCKS = 6
# A longer block is a paragraph; it need not be folded to be compared with headlines.
MAX_HEAD_CHARS = 1_000
# A standfirst stands above a text: so much prose has to follow it, among the next blocks
# (subheadings and lists may be in between: with 4 instead of 12, one of 301 pages changes).
MIN_PROSE_BELOW = 2
MAX_BLOCKS_BELOW = 12
# Several lines of nothing but links are related articles; a single one may be the article's source.
# With 1, nine of 301 pages lose their last line (F1 +0.07 points on one of two test sets); with 4,
# six keep such lines (F1 -0.03).
MIN_LINK_LINES = 2
# A copyright line or a button may follow the links. With 0, six of 301 pages keep the links; with
# 6, nothing changes.
MAX_TRAILING_LINES = 3
# Longer linked lines are paragraphs. No page of 301 changes between 120 and 1,000.
MAX_LINK_CHARS = 250
# Trafilatura's fallbacks take quadratic time: minutes for a table of ten thousand rows. The largest
# of 1,500 pages has 5,560 such elements. With 1,000, one of 301 pages loses most of its body.
MAX_FALLBACK_ELEMENTS = 5_000
_COUNTED_TAGS = ("p", "div", "li", "td", "th", "tr", "dd", "dt", "br", "section", "option")
_DISCARDED_TAGS = (
    *("aside", "audio", "button", "canvas", "footer", "head", "iframe", "nav", "noscript"),
    *("object", "script", "select", "style", "svg", "video"),
)
# For many elements side by side in one line, as in karaoke texts and transcripts, Trafilatura
# takes quadratic time. No paragraph of 1,500 pages has more than 310 elements. From 2,000 on, even
# links to other pages have to go for the time to stay in bounds.
_CROWDED = etree.XPath(".//*[*[500]]")
MAX_LINKS_IN_LINE = 2_000
_STYLING_TAGS = (
    *("span", "b", "strong", "i", "em", "u", "s", "small", "font", "mark", "big", "tt"),
    *("sub", "sup"),
)

# Trafilatura logs every page it gives up on; the stage that calls counts them.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Body:
    """The blocks extracted as a body, and what is known of them by index.

    `boxed` has the reason of removal of those in a named box. `links` consist of links only,
    `headings` are subheadings. `paywall_prompt` tells whether the page asks to pay at their end.
    """

    blocks: tuple[str, ...]
    boxed: Mapping[int, str]
    links: frozenset[int]
    headings: frozenset[int]
    paywall_prompt: bool = False


def read_body(tree: html.HtmlElement) -> Body:
    """Return the paragraphs, subheadings, list items and table rows of the article, in page order.

    Changes the tree where the fallbacks have to read it.
    """
    rendered = render_blocks(tree)
    recovered = recover_dropped(_extracted_blocks(tree, rendered), rendered)
    blocks = [block for block, _ in recovered]
    spans = [span for _, span in recovered]
    return Body(
        blocks=tuple(blocks),
        boxed=named_boxes(spans, blocks, rendered),
        links=_link_blocks(spans, rendered),
        headings=_heading_blocks(spans, rendered),
        paywall_prompt=has_paywall_prompt(spans, rendered),
    )


def article_blocks(
    body: Body, titles: tuple[str | None, ...], labels: PageLabels
) -> tuple[list[str], tuple[RemovedBlock, ...]]:
    """Return the article's own blocks, and those the page proves to be something else."""
    reasons = {
        **body.boxed,
        **_head_reasons(body.blocks, titles, labels),
        **_link_reasons(body),
    }
    kept: list[str] = []
    removed: list[RemovedBlock] = []
    at = 0
    for index, block in enumerate(body.blocks):
        if index in reasons:
            removed.append(RemovedBlock(text=block, reason=reasons[index], at=at))
        else:
            kept.append(block)
            at += len(block) + 2
    end = max(at - 2, 0)
    return kept, tuple(replace(block, at=min(block.at, end)) for block in removed)


def _extracted_blocks(tree: html.HtmlElement, rendered: Sequence[RenderedBlock]) -> list[str]:
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
    """Make one text of the many elements that only style parts of a line."""
    for crowded in _CROWDED(tree):
        _drop_links(crowded, every=crowded.tag == "p" and len(crowded) > MAX_LINKS_IN_LINE)
        etree.strip_tags(crowded, *_STYLING_TAGS)
        # The tree keeps the parts of a text apart until they are assigned anew as one.
        crowded.text = crowded.text
        for child in crowded:
            child.tail = child.tail


def _drop_links(crowded: html.HtmlElement, *, every: bool) -> None:
    """Make spans of the links inside the page, or of every link."""
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
    """Return the indices of the blocks that are made of links only."""
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
        if span and rendered[span[0]].element.tag in HEADINGS:
            found.add(index)
    return frozenset(found)


def _head_reasons(
    blocks: Sequence[str], titles: tuple[str | None, ...], labels: PageLabels
) -> dict[int, str]:
    """Return which of the first blocks are the headline, a kicker or the standfirst.

    Kickers (section labels) and standfirsts stand above the first paragraph.
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
