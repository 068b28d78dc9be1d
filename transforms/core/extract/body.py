"""Which text of a page is the article's body, and which are its captions?"""

import logging

import trafilatura
from lxml import html

from transforms.core.prose import fold, tidy, word_count
from transforms.records import RemovedBlock

MAX_CAPTIONS = 100
MAX_CAPTION_CHARS = 1_000
HEADLINE_WITHIN = 6

# Trafilatura tells every page it gives up on; the stage that calls counts them.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


def take_captions(tree: html.HtmlElement) -> tuple[str, ...]:
    """Take the figcaptions out of the tree and return their texts, in page order, each once."""
    captions: list[str] = []
    for element in list(tree.iter("figcaption")):
        text = tidy(" ".join(element.itertext()))
        if len(text) > MAX_CAPTION_CHARS or element.getparent() is None:
            continue
        if text and len(captions) < MAX_CAPTIONS:
            captions.append(text)
        element.drop_tree()
    return tuple(dict.fromkeys(captions))


def read_blocks(tree: html.HtmlElement) -> list[str]:
    """Return the paragraphs, subheadings, list items and table rows of the article in the tree, in page order."""
    document = trafilatura.bare_extraction(tree, favor_precision=True, include_comments=False, with_metadata=False)
    text = document.text if document is not None and not isinstance(document, dict) else None
    return [block for line in (text or "").split("\n") if (block := tidy(line))]


def without_headline(blocks: list[str], titles: tuple[str | None, ...]) -> tuple[list[str], tuple[RemovedBlock, ...]]:
    """Return the blocks without those near the head that are the headline, and these as removed."""
    wanted = {fold(title) for title in titles if title and word_count(title) > 1}
    kept: list[str] = []
    removed: list[RemovedBlock] = []
    at = 0
    for index, block in enumerate(blocks):
        if index < HEADLINE_WITHIN and len(block) <= MAX_CAPTION_CHARS and fold(block) in wanted:
            removed.append(RemovedBlock(text=block, reason="headline", at=at))
        else:
            kept.append(block)
            at += len(block) + 2
    end = max(at - 2, 0)
    return kept, tuple(RemovedBlock(text=one.text, reason=one.reason, at=min(one.at, end)) for one in removed)
