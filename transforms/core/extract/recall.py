"""Which blocks of the article did the extractor leave out, though they stand where the others stand?"""

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice

from lxml import etree, html

from transforms.core.extract.layout import Shown
from transforms.core.prose import word_count

ANCHOR_CHARS = 40
MAX_SEARCH = 100_000
MIN_SLOT = 3
MAX_LINKED = 0.5
MAX_HEADING_CHARS = 200
NEAR = 3
MIN_HELD = 2
MIN_ITEM_WORDS = 3
MUCH = 1.2
HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_OPENERS = (":", "：")
_LISTS = frozenset({"ul", "ol"})
# What only a whole article has of its own: a headline, a time, a link to its page.
_OWN_HEAD = etree.XPath(
    "boolean(.//h1 or .//time or .//h2//a[@href] or .//h3//a[@href] or .//a[@href]//h2)"
)
_NO_LETTER = re.compile(r"[\W_]+")
Place = tuple[int, int] | None


def with_lost(blocks: Sequence[str], shown: Sequence[Shown]) -> list[tuple[str, Place]]:
    """Return the blocks, each with its place among what the page shows, and with them those the extractor left out:
    paragraphs in a slot of the page's template that gave several; inside the text also subheadings, lists, quotations.
    """
    places = locate(blocks, shown)
    taken = {index for place in places if place for index in range(place[0], place[1] + 1)}
    waiting = sorted(_lost(taken, shown), reverse=True)
    out: list[tuple[str, Place]] = []
    for block, place in zip(blocks, places, strict=True):
        while waiting and place and waiting[-1] < place[0]:
            out.append(_restored(shown, waiting.pop()))
        out.append((block, place))
    return out + [_restored(shown, index) for index in reversed(waiting)]


def locate(blocks: Sequence[str], shown: Sequence[Shown]) -> list[Place]:
    """Return for each block the first and last of the shown blocks it was made of; None where that is unclear."""
    keys = [compact(one.text) for one in shown]
    ends = [*accumulate(map(len, keys))]
    text = "".join(keys)
    wanted = [compact(block) for block in blocks]
    found: list[tuple[int, int] | None] = [None] * len(blocks)
    at = 0
    for index, key in enumerate(wanted):
        if len(key) >= ANCHOR_CHARS:
            start = text.find(key, at, at + MAX_SEARCH)
            if start >= 0:
                at = start + len(key)
                found[index] = start, at
    at = 0
    for index, key in enumerate(wanted):
        if here := found[index]:
            at = here[1]
        elif key:
            limit = next((one[0] for one in found[index + 1 : index + 40] if one), at + 4_000)
            # Above the text, the same words may stand in the page's head: those next to the text are the block.
            start = text.find(key, at, limit) if at else text.rfind(key, 0, limit)
            if start >= 0:
                at = start + len(key)
                found[index] = start, at
    return [
        (bisect_right(ends, one[0]), bisect_right(ends, one[1] - 1)) if one else None
        for one in found
    ]


def is_short(blocks: Sequence[str], shown: Sequence[Shown]) -> bool:
    """Return whether one slot of the page's template alone has more running text than all of the blocks."""
    mass: Counter[int] = Counter()
    for one in shown:
        if not _is_linked(one) and one.prose:
            mass[one.slot] += len(one.text)
    return max(mass.values(), default=0) > MUCH * sum(map(len, blocks))


def marked_body(blocks: Sequence[str], shown: Sequence[Shown]) -> list[str]:
    """Return the text of what the page marks as its article, where all blocks are from elsewhere; else no block."""
    taken = {
        index for place in locate(blocks, shown) if place for index in range(place[0], place[1] + 1)
    }
    for is_body in (_is_article_body, _is_article):
        inside: dict[html.HtmlElement, list[int]] = {}
        for index, one in enumerate(shown):
            body = next(
                (outer for outer in [one.holder, *one.holder.iterancestors()] if is_body(outer)),
                None,
            )
            if body is not None:
                inside.setdefault(body, []).append(index)
        best = max(inside.values(), key=lambda found: _prose_chars(found, shown), default=[])
        if sum(shown[index].prose for index in best) >= MIN_SLOT:
            own = [shown[index] for index in best if not _is_linked(shown[index])]
            return [] if taken & set(best) else [_written(one) for one in own if _is_text(one)]
    return []


def _is_article_body(element: html.HtmlElement) -> bool:
    return "articleBody" in (element.get("itemprop") or "")


def _is_article(element: html.HtmlElement) -> bool:
    return str(element.tag) == "article"


def _is_text(one: Shown) -> bool:
    return one.prose or one.holder.tag in HEADINGS or one.holder.tag == "li"


def _prose_chars(found: Sequence[int], shown: Sequence[Shown]) -> int:
    return sum(len(shown[index].text) for index in found if shown[index].prose)


def _lost(taken: set[int], shown: Sequence[Shown]) -> set[int]:
    prose = sorted(index for index in taken if shown[index].prose)
    if not prose:
        return set()
    usual = Counter(shown[index].slot for index in prose)
    parents = {shown[index].holder.getparent() for index in prose}
    free = [*_free(taken, prose, shown)]
    lost = {index for index in free if usual[shown[index].slot] >= MIN_SLOT and shown[index].prose}
    inside = [index for index in free if prose[0] < index < prose[-1]]
    lost |= {
        index
        for index in inside
        if usual[shown[index].slot] >= MIN_SLOT and shown[index].text.endswith(_OPENERS)
    }
    if beside := [index for index in inside if _is_beside(shown[index], parents)]:
        said = compact(" ".join(shown[index].text for index in sorted(taken)))
        lost |= {index for index in beside if compact(shown[index].text) not in said}
    lost |= {
        *_edge_lists([index for index in free if not prose[0] < index < prose[-1]], prose, shown)
    }
    lost |= _below(free, taken, shown)
    return lost | {
        index
        for index in _subheadings(shown, parents)
        if index not in taken and index + 1 in taken | lost
    }


def _free(taken: set[int], prose: Sequence[int], shown: Sequence[Shown]) -> Iterator[int]:
    """Yield the blocks that may be the article's: no links, not of the next article on the page."""
    own = {_article(shown[index].holder) for index in prose}
    # A live blog has an article for each of its posts.
    others = dict.fromkeys(own, False)
    for index, one in enumerate(shown):
        if index > prose[-1] and one.holder.tag == "h1":
            return
        if index not in taken and not _is_linked(one):
            around = _article(one.holder)
            if around not in others:
                others[around] = len(own) == 1 and around is not None and bool(_OWN_HEAD(around))
            if not others[around]:
                yield index


def _article(element: html.HtmlElement) -> html.HtmlElement | None:
    return next(element.iterancestors("article"), None)


def _below(free: Sequence[int], taken: set[int], shown: Sequence[Shown]) -> set[int]:
    """Return the paragraphs further down in what holds the taken ones, where they are the larger part of it."""
    holders = Counter(shown[index].holder.getparent() for index in taken if shown[index].prose)
    held = {holder for holder, count in holders.items() if count > 1}
    below = {
        index
        for index in free
        if shown[index].prose
        and any(outer in held for outer in shown[index].holder.iterancestors())
    }
    if sum(len(shown[index].text) for index in below) <= sum(
        len(shown[index].text) for index in taken
    ):
        return set()
    return below | {
        index
        for index in free
        if shown[index].holder.tag in HEADINGS
        and any(outer in held for outer in shown[index].holder.iterancestors())
    }


def _is_linked(one: Shown) -> bool:
    return one.linked > MAX_LINKED * len(one.text)


def _is_beside(one: Shown, parents: set[html.HtmlElement | None]) -> bool:
    """Return whether a block is an item of a list, or in a quotation, that stands among the paragraphs."""
    around = [one.holder, *islice(one.holder.iterancestors(), NEAR)]
    depth = next((at for at, outer in enumerate(around) if at and outer in parents), 0)
    inner = around[:depth]
    return bool(inner) and (
        inner[-1].tag in _LISTS or any(element.tag == "blockquote" for element in inner)
    )


def _edge_lists(
    outside: Sequence[int], prose: Sequence[int], shown: Sequence[Shown]
) -> Iterator[int]:
    """Yield the items of lists above or below the text, where what holds the list holds several of its paragraphs."""
    held = Counter(shown[index].holder.getparent() for index in prose)
    lists: dict[html.HtmlElement, list[int]] = {}
    for index in outside:
        outer = shown[index].holder.getparent() if shown[index].holder.tag == "li" else None
        if outer is not None and outer.tag in _LISTS and held[outer.getparent()] >= MIN_HELD:
            lists.setdefault(outer, []).append(index)
    for items in lists.values():
        # Buttons and tags are words, not lines.
        if sum(word_count(shown[index].text) for index in items) >= MIN_ITEM_WORDS * len(items):
            yield from items


def _subheadings(shown: Sequence[Shown], parents: set[html.HtmlElement | None]) -> Iterator[int]:
    for index, one in enumerate(shown):
        if (
            one.holder.tag in HEADINGS
            and len(one.text) <= MAX_HEADING_CHARS
            and one.holder.getparent() in parents
        ):
            yield index


def _restored(shown: Sequence[Shown], index: int) -> tuple[str, Place]:
    return _written(shown[index]), (index, index)


def _written(one: Shown) -> str:
    return f"- {one.text}" if one.holder.tag == "li" else one.text


def compact(text: str) -> str:
    """Return the letters and digits of a text in one case, nothing between them."""
    return _NO_LETTER.sub(
        "", text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    )
