"""Find a prompt to pay where the text of a page ends."""

import re
from collections.abc import Sequence
from itertools import islice

from lxml import html

from transforms.core.extract.alignment import Span
from transforms.core.extract.rendered_blocks import RenderedBlock
from transforms.core.extract.walls import asks_to_pay

# How many rendered blocks before and after the last paragraph are searched: a prompt has a line
# or two, then buttons. Too many would reach the footer's offer to subscribe, which every page has.
# No page of 301 changes with 1 before or from 1 to 10 after; with 8 before, one becomes a paywall.
MAX_BEFORE = 3
MAX_AFTER = 4
# A prompt is a few sentences; a longer block is a paragraph of the article. No page of 301 changes
# with 150.
MAX_PROMPT_CHARS = 400
# The named box is a few elements above its lines. No page of 301 changes with 1.
MAX_NESTING = 4
_NAME = re.compile(r"(?:pay|reg|subscri(?:be|ber|ption)-?)-?_?(?:wall|barrier)", re.IGNORECASE)


def has_paywall_prompt(spans: Sequence[Span | None], rendered: Sequence[RenderedBlock]) -> bool:
    """Return whether a line at the end of the text asks to pay, or is in a box named a paywall."""
    paragraphs = [span for span in spans if span and rendered[span[1]].prose]
    if not paragraphs:
        return False
    # If the text has only one paragraph, its own box is the article's.
    own = _ancestors(paragraphs[:-1] or paragraphs, rendered)
    last = paragraphs[-1][1]
    around = rendered[max(last - MAX_BEFORE, 0) : last + MAX_AFTER + 1]
    return any(_is_prompt(block, own) for block in around)


def _ancestors(
    paragraphs: Sequence[Span], rendered: Sequence[RenderedBlock]
) -> set[html.HtmlElement]:
    ancestors: set[html.HtmlElement] = set()
    for first, _ in paragraphs:
        ancestors.update(rendered[first].element.iterancestors())
    return ancestors


def _is_prompt(block: RenderedBlock, own: set[html.HtmlElement]) -> bool:
    if len(block.text) > MAX_PROMPT_CHARS:
        return False
    return asks_to_pay(block.text) or _is_in_paywall(block.element, own)


def _is_in_paywall(element: html.HtmlElement, own: set[html.HtmlElement]) -> bool:
    """Return whether an element near the block, but not around the text, is named a paywall."""
    for outer in (element, *islice(element.iterancestors(), MAX_NESTING)):
        if outer not in own and _NAME.search(f"{outer.get('class')} {outer.get('id')}"):
            return True
    return False
