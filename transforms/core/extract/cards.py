"""Find the cards of a page, teasers that lead to other pages of the site: their share of a text.

Cards repeat: their headings have one place in the page's template, each is a link or has one beside
it, and each has a few lines. A list of such is an index, whatever its tags and its language.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from statistics import median_low

from lxml import html

from transforms.core.extract.alignment import Span
from transforms.core.extract.link_lines import is_page_of
from transforms.core.extract.rendered_blocks import RenderedBlock
from transforms.core.prose import fold, is_prose, tidy, unbulleted, word_count

# Two are a pair of related articles; a short index has three.
MIN_CARDS = 3
# A headline, an excerpt of 55 words (the default of WordPress), a date and a button. An item of a
# list that is an article has more.
MAX_CARD_CHARS = 550
# A kicker, a headline, an excerpt, an author, a date, a price, ratings and buttons.
MAX_CARD_BLOCKS = 16
MAX_HEADING_CHARS = 250
# A date and a button.
MAX_BUTTON_LINE_CHARS = 60
MAX_LINK_PARTS = 4
# The headings of cards differ; buttons and names of sections repeat.
MIN_DISTINCT_SHARE = 0.75
# Beside the link of a heading may be an arrow or a mark.
MIN_LINKED_SHARE = 0.8
# Of a line without the tag of a heading: two words are a section or a button.
MIN_LINE_WORDS = 3
# The link is the heading's own, or around the card.
MAX_LINK_DISTANCE = 4
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_OUTSIDE = frozenset({"nav", "footer", "aside"})


@dataclass(frozen=True, slots=True)
class Listing:
    """How much of a text is in cards, and how much is its own.

    `count` cards with a heading are on the page; `card_chars` of the text are in cards, and
    `own_chars` in `own_paragraphs` are not, `chars_above` of them before the first card. `headings`
    are the folded headings of the cards.
    """

    count: int = 0
    card_chars: int = 0
    own_chars: int = 0
    own_paragraphs: int = 0
    chars_above: int = 0
    headings: frozenset[str] = frozenset()


NO_LISTING = Listing()
"""The listing of a text without cards."""


@dataclass(frozen=True, slots=True)
class _Page:
    """The blocks of a page of a site; `links` counts the texts of the links in short lines."""

    rendered: Sequence[RenderedBlock]
    site: str
    links: Mapping[str, int]

    def is_button(self, block: RenderedBlock) -> bool:
        """Return whether a line has a link of one or two words, or one that repeats."""
        label = _link_text(block)
        return bool(label) and (self.links[label] > 1 or word_count(label) < MIN_LINE_WORDS)


def _link_text(block: RenderedBlock) -> str:
    """Return the text of the link of a short line, which may have a date beside it."""
    if not block.linked_chars or len(block.text) > MAX_BUTTON_LINE_CHARS:
        return ""
    link = next(block.element.iter("a"), None)
    return block.text if link is None else tidy(" ".join(islice(link.itertext(), MAX_LINK_PARTS)))


def read_listing(
    texts: Sequence[str], spans: Sequence[Span | None], rendered: Sequence[RenderedBlock], site: str
) -> Listing:
    """Return the cards of a page of this site, and their share of the text in it."""
    inside: set[int] = set()
    headings: set[int] = set()
    for cards in _series(rendered, site):
        for start, end in cards:
            inside.update(range(start, min(end, len(rendered))))
            headings.add(start)
    words = {rendered[index].text for index in inside}
    # Of lines that repeat, only one is found among the rendered ones.
    own = [
        text
        for text, span in zip(texts, spans, strict=True)
        if not (span and span[0] in inside) and unbulleted(text) not in words
    ]
    first = min(inside, default=len(rendered))
    above = frozenset(block.text for block in rendered[:first])
    return Listing(
        count=sum(_is_teaser(rendered[index]) for index in headings),
        card_chars=sum(map(len, texts)) - sum(map(len, own)),
        own_chars=sum(map(len, own)),
        own_paragraphs=sum(map(is_prose, own)),
        chars_above=sum(len(text) for text in own if unbulleted(text) in above),
        headings=frozenset(fold(rendered[index].text) for index in headings),
    )


def _is_teaser(block: RenderedBlock) -> bool:
    """Return whether a heading is among the content of the page, not in a menu."""
    if not _is_heading(block.element):
        return False
    return all(outer.tag not in _OUTSIDE for outer in block.element.iterancestors())


def _series(rendered: Sequence[RenderedBlock], site: str) -> Iterator[list[tuple[int, int]]]:
    """Yield the cards of each series, from the block of the heading to that of the next one."""
    page = _Page(rendered, site, Counter(map(_link_text, rendered)))
    places: dict[int, list[int]] = defaultdict(list)
    for index, block in enumerate(rendered):
        if len(block.text) <= MAX_HEADING_CHARS and _may_be_heading(block):
            places[block.path].append(index)
    for starts in places.values():
        if len(starts) >= MIN_CARDS and _are_distinct(starts, rendered):
            cards = [card for card in _ranges(starts) if _is_card(card, page)]
            if len(cards) >= MIN_CARDS:
                yield cards


def _may_be_heading(block: RenderedBlock) -> bool:
    if _is_heading(block.element):
        return True
    return _is_linked(block) and word_count(block.text) >= MIN_LINE_WORDS


def _is_heading(element: html.HtmlElement) -> bool:
    parent = element.getparent()
    return element.tag in _HEADINGS or (parent is not None and parent.tag in _HEADINGS)


def _is_linked(block: RenderedBlock) -> bool:
    return block.linked_chars >= MIN_LINKED_SHARE * len(block.text)


def _are_distinct(starts: Sequence[int], rendered: Sequence[RenderedBlock]) -> bool:
    return len({rendered[start].text for start in starts}) >= MIN_DISTINCT_SHARE * len(starts)


def _ranges(starts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the range of each card; the last has as many blocks as most before it."""
    usual = median_low(after - before for before, after in pairwise(starts))
    yield from pairwise([*starts, starts[-1] + usual])


def _is_card(card: tuple[int, int], page: _Page) -> bool:
    """Return whether the blocks are few lines, with a link of their own to a page of the site.

    The heading is the link, or a button below it; a linked line is the heading of another card. A
    second heading begins a section of an article, with a link above it.
    """
    start, end = card
    if end - start > MAX_CARD_BLOCKS:
        return False
    blocks = page.rendered[start:end]
    if sum(len(block.text) for block in blocks) > MAX_CARD_CHARS:
        return False
    if any(_is_heading(block.element) for block in blocks[1:]):
        return False
    links = blocks[:1] if _is_linked(blocks[0]) else filter(page.is_button, blocks[1:])
    return any(_leads_to(block.element, page.site) for block in links)


def _leads_to(element: html.HtmlElement, site: str) -> bool:
    """Return whether the link in an element, or around it, is to a page of the site."""
    around = (outer for outer in islice(element.iterancestors(), MAX_LINK_DISTANCE))
    link = next(element.iter("a"), None)
    if link is None:
        link = next((outer for outer in around if outer.tag == "a"), None)
    return link is not None and is_page_of(link.get("href") or "", site)
