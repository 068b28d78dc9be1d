"""Find the rendered blocks of a page that each block of an extracted text was made of."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from transforms.core.extract.rendered_blocks import RenderedBlock

# A sequence of 40 letters hardly occurs twice on a page. With 20 or 80, a subheading of 2 of 301
# pages is found in another place, and no body changes.
ANCHOR_CHARS = 40
# How far after the last anchor the next is searched for, so that a page whose blocks cannot be
# found takes linear time.
MAX_ANCHOR_GAP = 100_000
# Where a short block is searched for: up to the next anchor, if it is among the next blocks, else
# within a number of characters. With 1,000 characters, one of 301 bodies changes; with 16,000 or 10
# blocks, none.
MAX_BLOCKS_AHEAD = 40
MAX_CHARS_AHEAD = 4_000
# How far from the other blocks a block in another order may be: farther away is another article.
MAX_MOVED = 10
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")

Span = tuple[int, int]
"""The indices of the first and last rendered block that a block was made of."""
_Range = tuple[int, int]


def align(blocks: Sequence[str], rendered: Sequence[RenderedBlock]) -> list[Span | None]:
    """Return the span of each block among the rendered ones; None if it is not found.

    Compares letters and digits only. Long blocks are anchors, found one after the other; short
    ones, whose words may occur anywhere, are then searched for between two anchors. Long ones that
    an extractor put in another order are found by their whole text.
    """
    texts = [compact(block.text) for block in rendered]
    ends = list(accumulate(map(len, texts)))
    page = "".join(texts)
    keys = [compact(block) for block in blocks]
    ranges = _short_ranges(keys, page, _anchor_ranges(keys, page))
    spans = [_span(found, ends) if found else None for found in ranges]
    return spans if all(spans) else _with_moved(spans, keys, texts)


def _with_moved(
    spans: Sequence[Span | None], keys: Sequence[str], texts: Sequence[str]
) -> list[Span | None]:
    """Return the spans with those of long blocks that are in another order, near the others."""
    indices = {text: index for index, text in enumerate(texts)}
    first = min((span[0] for span in spans if span), default=0) - MAX_MOVED
    last = max((span[1] for span in spans if span), default=-1) + MAX_MOVED
    found: list[Span | None] = []
    for span, key in zip(spans, keys, strict=True):
        index = indices.get(key, -1) if span is None and len(key) >= ANCHOR_CHARS else -1
        found.append((index, index) if index >= 0 and first <= index <= last else span)
    return found


def covered(spans: Iterable[Span | None]) -> set[int]:
    """Return the indices of all rendered blocks in the spans."""
    indices: set[int] = set()
    for span in spans:
        if span:
            indices.update(range(span[0], span[1] + 1))
    return indices


def compact(text: str) -> str:
    """Return only the letters and digits of a text, in lower case."""
    folded = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    return _NOT_ALPHANUMERIC.sub("", folded)


def _anchor_ranges(keys: Sequence[str], page: str) -> list[_Range | None]:
    """Return the character range of each long key in the page's text."""
    ranges: list[_Range | None] = [None] * len(keys)
    end = 0
    for index, key in enumerate(keys):
        if len(key) < ANCHOR_CHARS:
            continue
        start = page.find(key, end, end + MAX_ANCHOR_GAP)
        if start >= 0:
            end = start + len(key)
            ranges[index] = start, end
    return ranges


def _short_ranges(
    keys: Sequence[str], page: str, anchors: Sequence[_Range | None]
) -> list[_Range | None]:
    """Return the anchors, and with them the ranges of the short keys between them."""
    ranges = list(anchors)
    end = 0
    for index, key in enumerate(keys):
        anchor = anchors[index]
        if anchor:
            end = anchor[1]
        elif key:
            limit = _next_anchor_start(anchors, index, default=end + MAX_CHARS_AHEAD)
            start = _find_short(key, page, end, limit)
            if start >= 0:
                end = start + len(key)
                ranges[index] = start, end
    return ranges


def _next_anchor_start(anchors: Sequence[_Range | None], index: int, *, default: int) -> int:
    for anchor in anchors[index + 1 : index + MAX_BLOCKS_AHEAD]:
        if anchor:
            return anchor[0]
    return default


def _find_short(key: str, page: str, end: int, limit: int) -> int:
    # Above the text, the page's head may have the same words: the last match is the block.
    return page.find(key, end, limit) if end else page.rfind(key, 0, limit)


def _span(found: _Range, ends: Sequence[int]) -> Span:
    return bisect_right(ends, found[0]), bisect_right(ends, found[1] - 1)
