"""Find the dates that a page displays around its headline, and which of them is the publication.

Stamps are in lines of text and in `time` elements. A label or the element's own name says whether
one is the publication or the last change; else the first below the headline is the publication.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
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
# Below the headline are a standfirst, a caption, a summary of points; then the text.
MAX_PROSE_BELOW = 3
MAX_BLOCKS_BELOW = 40
# Above it are the kicker and the date; what is further up is the site's own, with the day of today.
MAX_BLOCKS_ABOVE = 4
# Dates below the text are read if a label or an element says what they are of; further down are
# comments and other articles.
MAX_BLOCKS_AFTER = 400
MAX_TIMES = 100
MAX_LABEL_CHARS = 40
# A shorter text of a headline may be a section's name, in many places of a page.
_MIN_TITLE_CHARS = 10
# A place, an agency and a day before the text of a press release.
_DATELINE = re.compile(r".{6,80}?\d(?= ?[-–—:|)] )")
_MAX_PLACE_WORDS = 5
_HEADINGS = frozenset({"h1", "h2", "h3"})
_ASIDE = frozenset({"nav", "aside", "footer"})
_OTHERS_TEXT = frozenset({"nav", "blockquote", "figure", "figcaption"})
_UPDATED_NAMES = ("modif", "update", "changed", "lastmod")
_PUBLISHED_NAMES = (
    *("publish", "pubdate", "posted", "created", "entry-date", "post-date", "postmeta"),
    *("entry-meta", "post-meta", "article-date", "article-meta"),
)


@dataclass(frozen=True, slots=True)
class PageTime:
    """A time that a page displays: "time" or "printed" is its basis.

    `words` counts the words beside it in its line.
    """

    kind: str
    time: ParsedTime
    basis: str
    is_below: bool
    words: int = 0

    @property
    def is_labelled(self) -> bool:
        """Whether the page says what it is of."""
        return self.kind != UNLABELLED


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
    """Return the times in the lines around the headline of a page, else in those below its text."""
    reader = _Reader(rendered, _times_by_block(tree), place, headline_at(rendered, titles))
    found = [*reader.around()]
    if not any(time.kind != UPDATED for time in found):
        after = [time for time in reader.after() if time.kind]
        found += [time for time in after if time.kind == PUBLISHED][:1] or after[:1]
    if not found:
        found += reader.dateline()
    return PageTimes(tuple(found))


def headline_at(rendered: Sequence[RenderedBlock], titles: Iterable[str | None]) -> int | None:
    """Return the index of the headline: of the heading that has a title, else of the first h1."""
    folded = {fold(title) for title in titles if title and len(title) >= _MIN_TITLE_CHARS}
    ranks: dict[int, int] = {}
    for index, block in enumerate(rendered):
        if len(block.text) <= MAX_LINE_CHARS:
            rank = _headline_rank(block, folded)
            if rank and rank not in ranks and not _is_within(block.element, _ASIDE):
                ranks[rank] = index
    return ranks[min(ranks)] if ranks else None


def _headline_rank(block: RenderedBlock, folded: Set[str]) -> int:
    """Return 1 for a heading that has a title, 2 for another h1, 3 for another title, else 0."""
    tag = _heading_tag(block.element)
    is_title = fold(block.text) in folded
    if is_title and tag:
        return 1
    return 2 if tag == "h1" else 3 * is_title


def _heading_tag(element: html.HtmlElement) -> str | None:
    parent = element.getparent()
    tags = [element.tag, parent.tag if parent is not None else ""]
    return next((tag for tag in tags if tag in _HEADINGS), None)


def _is_within(element: html.HtmlElement, tags: Set[str]) -> bool:
    return any(one.tag in tags for one in (element, *element.iterancestors()))


class _Reader:
    """Reads the times in the lines of a page, in page order."""

    def __init__(
        self,
        rendered: Sequence[RenderedBlock],
        elements: Mapping[html.HtmlElement, Sequence[html.HtmlElement]],
        place: Place,
        headline: int | None,
    ) -> None:
        self.rendered = rendered
        self.elements = elements
        self.place = place
        self.headline = headline
        self.end = 0

    def around(self) -> Iterator[PageTime]:
        """Yield the times around the headline; `end` is then where the text begins."""
        start = 0 if self.headline is None else max(0, self.headline - MAX_BLOCKS_ABOVE)
        self.end = min(len(self.rendered), (self.headline or 0) + MAX_BLOCKS_BELOW)
        prose = 0
        for at in range(start, self.end):
            prose += self.rendered[at].prose and self._is_below(at)
            if prose > MAX_PROSE_BELOW:
                self.end = at
                return
            yield from self._times_at(at)

    def after(self) -> Iterator[PageTime]:
        """Yield the times in short lines from there on."""
        for at in range(self.end, min(len(self.rendered), self.end + MAX_BLOCKS_AFTER)):
            named = named_kind(self.rendered[at].element)
            # Lines of links are of other articles.
            if named or not is_mostly_links(self.rendered[at]):
                for time in self._times_at(at):
                    yield replace(time, kind=time.kind or named)

    def dateline(self) -> Iterator[PageTime]:
        """Yield the times that the first paragraphs begin with: "TARNHOLM, 2 December 2025 –"."""
        blocks = self.rendered[self.headline or 0 : self.end]
        # The first may be a standfirst.
        for block in islice((block for block in blocks if block.prose), 2):
            found = _DATELINE.match(block.text)
            times = printed_times(found[0], self.place) if found else ()
            for time in times[:1]:
                if time.kind != UPDATED and time.words <= _MAX_PLACE_WORDS:
                    yield PageTime(time.kind, time.time, "printed", is_below=True, words=time.words)

    def _is_below(self, at: int) -> bool:
        return self.headline is None or at >= self.headline

    def _times_at(self, at: int) -> Iterator[PageTime]:
        block = self.rendered[at]
        if block.prose or len(block.text) > MAX_LINE_CHARS or self._is_others(at):
            return
        elements = self.elements.get(block.element, ())
        if not elements and not any(map(str.isdecimal, block.text)):
            return
        for time, basis in _times_of(block.text, elements, self.place, self._label_above(at)):
            yield PageTime(time.kind, time.time, basis, self._is_below(at), time.words)

    def _is_others(self, at: int) -> bool:
        """Return whether a line is another's text, or above the headline the site's."""
        block = self.rendered[at]
        if self._is_below(at):
            return _is_within(block.element, _OTHERS_TEXT)
        return _is_within(block.element, _ASIDE | _OTHERS_TEXT)

    def _label_above(self, at: int) -> str:
        """Return the line above if it is the label of a date."""
        above = self.rendered[at - 1].text if at else ""
        return above if len(above) <= MAX_LABEL_CHARS and is_label(above) else ""


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
    line: str, elements: Sequence[html.HtmlElement], place: Place, before: str
) -> Iterator[tuple[PrintedTime, str]]:
    """Yield the times of a line with their bases: of its `time` elements, else of its text."""
    printed = printed_times(line, place, before)
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
