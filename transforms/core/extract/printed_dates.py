"""Find the dates that a page displays around its headline, and which of them is the publication.

Stamps are in lines of text and in `time` elements. A label or the element's own name says whether
one is the publication or the last change; else the first below the headline is the publication.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from lxml import html

from transforms.core.dates.parsed_time import ParsedTime, Place
from transforms.core.dates.printed import (
    PUBLISHED,
    UNLABELLED,
    UPDATED,
    PrintedTime,
    is_label,
    printed_times,
)
from transforms.core.dates.reading import read_stated
from transforms.core.extract.rendered_blocks import INLINE, RenderedBlock, is_mostly_links
from transforms.core.prose import fold, tidy

# A date line has a byline, a place and a reading time beside the date; a longer one is a sentence.
MAX_LINE_CHARS = 160
MAX_OTHER_WORDS = 14
# Below the headline are a standfirst, a picture with its caption, a summary of points; then the text.
MAX_PROSE_BELOW = 3
MAX_BLOCKS_BELOW = 40
# Above it are the kicker and the date; what is further up is the site's own, with the day of today.
MAX_BLOCKS_ABOVE = 4
# At the end of the text is a line of its dates, in Germany mostly.
MAX_BLOCKS_AFTER = 6
MAX_TIMES = 100
MAX_LABEL_CHARS = 40
_ASIDE = frozenset({"nav", "aside", "footer"})
_UPDATED_NAMES = ("modif", "update", "changed", "lastmod")
_PUBLISHED_NAMES = ("publish", "pubdate", "posted", "created", "entry-date")


@dataclass(frozen=True, slots=True)
class PageTime:
    """A time that a page displays: "time" or "printed" is its basis."""

    kind: str
    time: ParsedTime
    basis: str
    is_below: bool


@dataclass(frozen=True, slots=True)
class PageTimes:
    """The times displayed around the headline, in page order."""

    times: tuple[PageTime, ...] = ()

    def published(self) -> PageTime | None:
        """Return the one that is labelled as publication, else the first without a label."""
        labelled = (time for time in self.times if time.kind == PUBLISHED)
        return next(labelled, None) or next(self._unlabelled(), None)

    def updated(self) -> PageTime | None:
        """Return the first that is labelled as the last change."""
        return next((time for time in self.times if time.kind == UPDATED), None)

    def _unlabelled(self) -> Iterator[PageTime]:
        """Yield those without a label, below the headline first."""
        for is_below in (True, False):
            yield from (t for t in self.times if not t.kind and t.is_below is is_below)


def displayed_times(
    tree: html.HtmlElement,
    rendered: Sequence[RenderedBlock],
    titles: Iterable[str | None],
    place: Place,
) -> PageTimes:
    """Return the times in the lines around the headline of a page."""
    headline = _headline_at(rendered, titles)
    inline_times = _times_by_block(tree)
    found: list[PageTime] = []
    before = ""
    for at in _around(rendered, headline):
        block = rendered[at]
        is_below = headline is None or at > headline
        for time, basis in _times_of(block, inline_times, place, before):
            found.append(PageTime(time.kind, time.time, basis, is_below))
        before = block.text if len(block.text) <= MAX_LABEL_CHARS and is_label(block.text) else ""
    return PageTimes(tuple(found))


def _headline_at(rendered: Sequence[RenderedBlock], titles: Iterable[str | None]) -> int | None:
    """Return the index of the headline: an h1 element, else the text of a title."""
    folded = {fold(title) for title in titles if title}
    first = None
    for index, block in enumerate(rendered):
        if _is_in_h1(block.element) and not _is_aside(block.element):
            if fold(block.text) in folded:
                return index
            first = index if first is None else first
    if first is not None:
        return first
    same = (i for i, b in enumerate(rendered) if len(b.text) > 10 and fold(b.text) in folded)
    return next(same, None)


def _is_in_h1(element: html.HtmlElement) -> bool:
    parent = element.getparent()
    return element.tag == "h1" or (parent is not None and parent.tag == "h1")


def _around(rendered: Sequence[RenderedBlock], headline: int | None) -> Iterator[int]:
    """Yield the indices of the lines around the headline, and of those after the text."""
    start = 0 if headline is None else max(0, headline - MAX_BLOCKS_ABOVE)
    end = min(len(rendered), (headline or 0) + MAX_BLOCKS_BELOW)
    prose = 0
    for at in range(start, end):
        block = rendered[at]
        prose += block.prose and (headline is None or at > headline)
        if prose > MAX_PROSE_BELOW:
            return
        if not block.prose and not _is_aside(block.element):
            yield at


def _is_aside(element: html.HtmlElement) -> bool:
    return any(e.tag in _ASIDE for e in (element, *element.iterancestors()))


def _times_by_block(tree: html.HtmlElement) -> dict[html.HtmlElement, list[html.HtmlElement]]:
    """Return the `time` elements of a page by the block element that contains them."""
    found: dict[html.HtmlElement, list[html.HtmlElement]] = {}
    for element in islice(tree.iter("time"), MAX_TIMES):
        outer = element
        while outer.tag in INLINE and outer.getparent() is not None:
            outer = outer.getparent()
        found.setdefault(outer, []).append(element)
    return found


def _times_of(
    block: RenderedBlock,
    inline_times: Mapping[html.HtmlElement, Sequence[html.HtmlElement]],
    place: Place,
    before: str,
) -> Iterator[tuple[PrintedTime, str]]:
    """Yield the times of a line with their bases: of its `time` elements, else of its text."""
    line = block.text
    if len(line) > MAX_LINE_CHARS or is_mostly_links(block):
        return
    printed = printed_times(line, place, before) if any(map(str.isdecimal, line)) else ()
    elements = inline_times.get(block.element, ())
    stated = [*_stated_times(line, elements, place, before)] if len(printed) <= 1 else []
    if stated:
        yield from ((time, "time") for time in stated)
        return
    for time in printed:
        if time.words <= MAX_OTHER_WORDS:
            yield time, "printed"


def _stated_times(
    line: str, elements: Sequence[html.HtmlElement], place: Place, before: str
) -> Iterator[PrintedTime]:
    """Yield the times that the attributes of a line's `time` elements state."""
    for element in elements:
        text = tidy("".join(element.itertext()))
        time = read_stated(element.get("datetime"), place)
        if time is not None and text in line:
            yield PrintedTime(time_kind(element, line, text, before), time)


def time_kind(element: html.HtmlElement, line: str, text: str, before: str) -> str:
    """Return what a `time` element is of: by the words before it, else its own names."""
    label = line.partition(text)[0] if text else line
    day = "1 January 2000"
    said = printed_times(f"{label} {day}", before=before)[0].kind if label or before else UNLABELLED
    return said or named_kind(element)


def named_kind(element: html.HtmlElement) -> str:
    """Return what the class or itemprop of an element, or of the one around it, says it is of."""
    parent = element.getparent()
    for one in (element, parent):
        if one is None:
            continue
        name = f"{one.get('itemprop') or ''} {one.get('class') or ''}".lower()
        if any(word in name for word in _PUBLISHED_NAMES) or element.get("pubdate") is not None:
            return PUBLISHED
        if any(word in name for word in _UPDATED_NAMES):
            return UPDATED
    return UNLABELLED
