"""Which text of a page is the article's body, and which of it does the page prove to be something else?"""

import logging
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace

import trafilatura
from lxml import etree, html

from transforms.core.extract.boxes import boxed
from transforms.core.extract.layout import is_link, read_layout
from transforms.core.extract.page_marks import Marks
from transforms.core.extract.paywall import asks_at_end
from transforms.core.extract.recall import HEADINGS, is_short, marked_body, with_lost
from transforms.core.prose import ends_sentence, fold, is_prose, tidy, unbulleted, word_count
from transforms.records import RemovedBlock

HEAD_BLOCKS = 6
MAX_HEAD_CHARS = 1_000
MIN_PROSE_BELOW = 2
MIN_LINKS = 2
MAX_COMPARED = 5_000
BLOCK_TAGS = ("p", "div", "li", "td", "th", "tr", "dd", "dt", "br", "section", "option")
UNREAD = (
    *("aside", "audio", "button", "canvas", "footer", "head", "iframe", "nav", "noscript"),
    *("object", "script", "select", "style", "svg", "video"),
)
# Of elements side by side in one line, as karaoke texts and transcripts have them, the extractor takes quadratic time.
_CROWDED = etree.XPath(".//*[*[500]]")
PLAIN = (
    "span",
    "b",
    "strong",
    "i",
    "em",
    "u",
    "s",
    "small",
    "font",
    "mark",
    "big",
    "tt",
    "sub",
    "sup",
)
MAX_INLINE = 2_000
MAX_LOOSE = 3
MAX_LINK_CHARS = 250

# Trafilatura tells every page it gives up on; the stage that calls counts them.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Body:
    """The blocks of a body; which stand in a box that is named as none of it, are but links, or are subheadings.

    `asks` says whether the page asks to pay where they end.
    """

    blocks: tuple[str, ...]
    boxed: Mapping[int, str]
    links: frozenset[int]
    headings: frozenset[int]
    asks: bool = False


def read_body(tree: html.HtmlElement) -> Body:
    """Return the paragraphs, subheadings, list items and table rows of the article in the tree, in page order."""
    shown = read_layout(tree)
    blocks = _extracted(_light(tree), fast=True)
    # Its second opinions take quadratic time: minutes for a table of ten thousand rows.
    if is_short(blocks, shown) and sum(1 for _ in tree.iter(*BLOCK_TAGS)) <= MAX_COMPARED:
        _uncrowd(tree)
        blocks = _extracted(tree, fast=False)
        blocks = marked_body(blocks, shown) or blocks
    found = with_lost(blocks, shown)
    texts, places = [text for text, _ in found], [place for _, place in found]
    links = (
        index
        for index, place in enumerate(places)
        if place and is_link(shown[place[0] : place[1] + 1])
    )
    headings = (
        index
        for index, place in enumerate(places)
        if place and shown[place[0]].holder.tag in HEADINGS
    )
    return Body(
        tuple(texts),
        boxed(places, texts, shown),
        frozenset(links),
        frozenset(headings),
        asks_at_end(places, shown),
    )


def _light(tree: html.HtmlElement) -> html.HtmlElement:
    """Return a copy without what the extractor would throw away at last, after it has searched it several times."""
    light = copy(tree)
    etree.strip_elements(light, *UNREAD, with_tail=False)
    _uncrowd(light)
    return light


def _uncrowd(tree: html.HtmlElement) -> None:
    """Make one text of the many elements that only style parts of a line."""
    for crowded in _CROWDED(tree):
        every = crowded.tag == "p" and len(crowded) > MAX_INLINE
        for link in crowded.iter("a"):
            if every or link.get("href", "#").startswith("#"):
                link.tag = "span"
        etree.strip_tags(crowded, *PLAIN)
        # The pieces stay apart in the tree until they are set anew as one.
        crowded.text = crowded.text
        for child in crowded:
            child.tail = child.tail


def _extracted(tree: html.HtmlElement, *, fast: bool) -> list[str]:
    document = trafilatura.bare_extraction(
        tree, fast=fast, favor_precision=True, include_comments=False, with_metadata=False
    )
    text = document.text if document is not None and not isinstance(document, dict) else None
    return [block for line in (text or "").split("\n") if (block := tidy(line))]


def own_blocks(
    body: Body, titles: tuple[str | None, ...], marks: Marks
) -> tuple[list[str], tuple[RemovedBlock, ...]]:
    """Return the blocks that are the article's own, and what the page proves to be none, each with its reason."""
    blocks = body.blocks
    reasons = {**body.boxed, **_head_reasons(blocks, titles, marks), **_link_reasons(body)}
    kept: list[str] = []
    removed: list[RemovedBlock] = []
    at = 0
    for index, block in enumerate(blocks):
        if index in reasons:
            removed.append(RemovedBlock(text=block, reason=reasons[index], at=at))
        else:
            kept.append(block)
            at += len(block) + 2
    end = max(at - 2, 0)
    return kept, tuple(replace(one, at=min(one.at, end)) for one in removed)


def _head_reasons(
    blocks: Sequence[str], titles: tuple[str | None, ...], marks: Marks
) -> dict[int, str]:
    """Return which of the first blocks are the headline, a section label above the text, or the standfirst."""
    wanted = {fold(title) for title in titles if title and word_count(title) > 1}
    reasons: dict[int, str] = {}
    above = True
    for index, block in enumerate(blocks[:HEAD_BLOCKS]):
        words = fold(block) if len(block) <= MAX_HEAD_CHARS else ""
        if words in wanted:
            reasons[index] = "headline"
        elif above and words in marks.sections and not ends_sentence(block):
            reasons[index] = "kicker"
        elif above and words in marks.standfirsts and _goes_on(blocks[index + 1 :]):
            reasons[index] = "standfirst"
        elif is_prose(block):
            above = False
    return reasons


def _goes_on(rest: Sequence[str]) -> bool:
    return sum(is_prose(block) for block in rest[:12]) >= MIN_PROSE_BELOW


def _link_reasons(body: Body) -> dict[int, str]:
    """Return which of the last blocks are a run of lines that are nothing but links; a few loose ends may follow it."""
    blocks = body.blocks
    end = len(blocks) - 1
    while end > 0 and len(blocks) - end <= MAX_LOOSE and not _is_link(body, end):
        end -= 1
    start = end
    while start > 0 and _is_link(body, start):
        start -= 1
    return (
        dict.fromkeys(range(start + 1, end + 1), "related-links")
        if end - start >= MIN_LINKS
        else {}
    )


def _is_link(body: Body, index: int) -> bool:
    line = unbulleted(body.blocks[index])
    return (
        index in body.links
        and len(line) <= MAX_LINK_CHARS
        and not (ends_sentence(line) and is_prose(line))
    )
