"""Which blocks of text does a page show, in their order, and where in its tree does each stand?"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from lxml import etree, html

from transforms.core.prose import is_prose, tidy

MAX_BLOCKS = 20_000
ALL_LINKED = 0.9
MAX_CLASS_CHARS = 300
INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "ins",
        "kbd",
        "label",
        "mark",
        "math",
        "nobr",
        "picture",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "small",
        "source",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "svg",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
HIDDEN = frozenset(
    [
        "audio",
        "button",
        "canvas",
        "datalist",
        "dialog",
        "embed",
        "head",
        "iframe",
        "map",
        "math",
        "meta",
        "noscript",
        "object",
        "option",
        "script",
        "select",
        "style",
        "svg",
        "template",
        "textarea",
        "title",
        "video",
    ]
)
_UNSEEN = etree.XPath(
    "//*[@hidden or @aria-hidden='true' or @style[contains(translate(., ' ', ''), 'display:none')"
    " or contains(translate(., ' ', ''), 'visibility:hidden')]]"
)
_DIGITS = re.compile(r"\d+")


class Shown(NamedTuple):
    """A block of text: the element that holds it, and how many of its characters are in links to other pages.

    `slot` numbers its place in the page's template: the tags and classes from the root down, digits aside. `prose`
    says whether it reads as running text.
    """

    text: str
    holder: html.HtmlElement
    linked: int
    slot: int
    prose: bool


def read_layout(tree: html.HtmlElement) -> list[Shown]:
    """Return the blocks of text in page order: what elements that are no part of a line, and line breaks, separate."""
    body = tree.find("body")
    reader = _Reader(frozenset(_UNSEEN(tree)))
    top = tree if body is None else body
    reader.read(top, top, 0, link=False)
    return reader.shown


class _Reader:
    """Walks down a tree and collects the text between two block boundaries."""

    def __init__(self, unseen: frozenset[html.HtmlElement]) -> None:
        self.shown: list[Shown] = []
        self.unseen = unseen
        self.parts: list[str] = []
        self.linked = 0
        self.slots: dict[tuple[int, str, str | None], int] = {}

    def read(
        self, element: html.HtmlElement, holder: html.HtmlElement, slot: int, *, link: bool
    ) -> None:
        """Read an element and what is in it; `holder` is the block that its text belongs to, `slot` its place."""
        tag = element.tag
        if tag in HIDDEN or element in self.unseen:
            return
        inline = tag in INLINE
        if not inline:
            self.close(holder, slot)
            holder = element
            slot = self.slot_of(slot, element)
        elif tag == "a" and not link:
            link = not (element.get("href") or "#").startswith("#")
        self.add(element.text, link=link)
        for child in element:
            self.read(child, holder, slot, link=link)
            self.add(child.tail, link=link)
        if not inline:
            self.close(holder, slot)

    def add(self, text: str | None, *, link: bool) -> None:
        """Add text to the block that is open."""
        if text:
            self.parts.append(text)
            if link:
                self.linked += len(text.strip())

    def close(self, holder: html.HtmlElement, slot: int) -> None:
        """Close the block that is open."""
        if self.parts:
            text = "".join(self.parts)
            # Plain text has lost its control characters when it was parsed.
            text = " ".join(text.split()) if text.isascii() else tidy(text)
            if text and len(self.shown) < MAX_BLOCKS:
                self.shown.append(Shown(text, holder, self.linked, slot, is_prose(text)))
            self.parts.clear()
            self.linked = 0

    def slot_of(self, outer: int, element: html.HtmlElement) -> int:
        """Return the number of an element's place, given that of what is around it."""
        names = element.get("class")
        key = outer, element.tag, _DIGITS.sub("", names[:MAX_CLASS_CHARS]) if names else None
        return self.slots.setdefault(key, len(self.slots) + 1)


def is_link(shown: Sequence[Shown]) -> bool:
    """Return whether blocks are nothing but links."""
    return sum(one.linked for one in shown) >= ALL_LINKED * sum(len(one.text) for one in shown)
