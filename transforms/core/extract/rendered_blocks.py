"""Split a page into the blocks of text that a browser would render, each with its DOM path."""

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from lxml import etree, html

from transforms.core.prose import is_prose, tidy

# Bounds the time of all later steps. The longest of 1,500 pages has 2,738 blocks.
MAX_BLOCKS = 20_000
# A line of links may have a date or an arrow beside the link. With 0.7, two of 301 pages
# lose another line; with 0.99, nothing changes.
MIN_LINKS_ONLY_SHARE = 0.9
# Prose may cite sources; teasers are links. With 0.3, F1 falls by 0.01 and 0.03 points on two test
# sets; with 0.7 it rises by 0.004.
MAX_LINKED_SHARE = 0.5
# Utility classes (Tailwind) run to thousands of characters and do not identify the template.
MAX_CLASS_CHARS = 300
# Deeper code is indented no more.
MAX_INDENT = 40
HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
# Phrasing content (https://html.spec.whatwg.org/#phrasing-content): no block ends there.
INLINE = frozenset(
    {
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del"),
        *("dfn", "em", "font", "i", "img", "ins", "kbd", "label", "mark", "math", "nobr"),
        *("picture", "q", "rp", "rt", "ruby", "s", "samp", "small", "source", "span"),
        *("strike", "strong", "sub", "sup", "svg", "time", "tt", "u", "var", "wbr"),
    }
)
# Elements whose text is not rendered, or is part of an interface.
HIDDEN = frozenset(
    {
        *("audio", "button", "canvas", "datalist", "dialog", "embed", "head", "iframe"),
        *("map", "math", "meta", "noscript", "object", "option", "script", "select", "style"),
        *("svg", "template", "textarea", "title", "video"),
    }
)
_INVISIBLE = etree.XPath(
    "//*[@hidden or @aria-hidden='true'"
    " or @style[contains(translate(., ' ', ''), 'display:none')"
    " or contains(translate(., ' ', ''), 'visibility:hidden')]]"
)
_DIGITS = re.compile(r"\d+")


class RenderedBlock(NamedTuple):
    """A block of text and the block element that contains it.

    `linked_chars` counts its characters in links to other pages. `path` numbers the element's DOM
    path: the tags and classes from the root down, without digits, so that blocks with the same
    place in the page's template have the same number. `prose` is whether it is running text.
    """

    text: str
    element: html.HtmlElement
    linked_chars: int
    path: int
    prose: bool


class Rendered(NamedTuple):
    """The blocks of a page, and its captions, each with the number of blocks above it."""

    blocks: list[RenderedBlock]
    captions: list[tuple[int, str]]


def render_blocks(tree: html.HtmlElement) -> list[RenderedBlock]:
    """Return the blocks of text in page order, separated by block elements and line breaks."""
    return render(tree).blocks


def render(
    tree: html.HtmlElement,
    captions: Collection[html.HtmlElement] = (),
    *,
    invisible: bool = False,
) -> Rendered:
    """Return the blocks of text, without the captions, which are apart.

    With `invisible` also those that are not shown, as where a script shows the text.
    """
    body = tree.find("body")
    renderer = _Renderer(
        frozenset() if invisible else frozenset(_INVISIBLE(tree)), frozenset(captions)
    )
    top = tree if body is None else body
    renderer.render(top, top, 0, link=False)
    return Rendered(renderer.blocks, renderer.caption_lines)


class _Renderer:
    """Walks down a tree and collects the text between two block boundaries."""

    def __init__(
        self, invisible: frozenset[html.HtmlElement], captions: frozenset[html.HtmlElement]
    ) -> None:
        self.blocks: list[RenderedBlock] = []
        self.caption_lines: list[tuple[int, str]] = []
        self.invisible = invisible
        self.captions = captions
        self.parts: list[str] = []
        self.code_depth = 0
        self.linked_chars = 0
        self.paths: dict[tuple[int, str, str], int] = {}

    def render(
        self, element: html.HtmlElement, container: html.HtmlElement, path: int, *, link: bool
    ) -> None:
        """Render an element and its descendants.

        `container` is the block element that its text belongs to, `path` that element's DOM path.
        """
        tag = element.tag
        if tag in HIDDEN or element in self.invisible:
            return
        if element in self.captions:
            self.close_block(container, path)
            self.add_caption(element)
            return
        inline = tag in INLINE
        if not inline:
            self.close_block(container, path)
            container = element
            path = self.path_of(path, element)
        elif tag == "a" and not link:
            link = not (element.get("href") or "#").startswith("#")
        is_code = tag == "pre"
        self.code_depth += is_code
        self.add(element.text, link=link)
        for child in element:
            self.render(child, container, path, link=link)
            self.add(child.tail, link=link)
        if not inline:
            self.close_block(container, path)
        self.code_depth -= is_code

    def add(self, text: str | None, *, link: bool) -> None:
        """Add text to the open block."""
        if text:
            self.parts.append(text)
            if link:
                self.linked_chars += len(text.strip())

    def add_caption(self, element: html.HtmlElement) -> None:
        """Add the text of a caption beside the blocks."""
        text = tidy(" ".join(element.itertext()))
        if text and len(self.caption_lines) < MAX_BLOCKS:
            self.caption_lines.append((len(self.blocks), text))

    def close_block(self, container: html.HtmlElement, path: int) -> None:
        """Close the open block, if it has text."""
        if not self.parts:
            return
        joined = "".join(self.parts)
        if self.code_depth:
            text = "\n".join(filter(None, map(_tidy_code, joined.split("\n"))))
        else:
            # Parsing has removed the ASCII control characters.
            text = " ".join(joined.split()) if joined.isascii() else tidy(joined)
        if text and len(self.blocks) < MAX_BLOCKS:
            block = RenderedBlock(text, container, self.linked_chars, path, is_prose(text))
            self.blocks.append(block)
        self.parts.clear()
        self.linked_chars = 0

    def path_of(self, outer: int, element: html.HtmlElement) -> int:
        """Return the number of an element's DOM path, given that of its parent."""
        name = name_in_template(element)
        return self.paths.setdefault((outer, element.tag, name), len(self.paths) + 1)


def name_in_template(element: html.HtmlElement) -> str:
    """Return the classes of an element without the digits that tell it from others like it."""
    classes = element.get("class")
    return _DIGITS.sub("", classes[:MAX_CLASS_CHARS]) if classes else ""


def _tidy_code(line: str) -> str:
    """Return a line of code with its indentation, or "" if it has no text."""
    text = tidy(line)
    indent = len(line) - len(line.lstrip(" \t"))
    return line[:indent].replace("\t", "    ")[:MAX_INDENT] + text if text else ""


def is_links_only(blocks: Sequence[RenderedBlock]) -> bool:
    """Return whether nearly all text of the blocks is in links to other pages."""
    linked = sum(block.linked_chars for block in blocks)
    return linked >= MIN_LINKS_ONLY_SHARE * sum(len(block.text) for block in blocks)


def is_mostly_links(block: RenderedBlock) -> bool:
    """Return whether more than half of a block's text is in links to other pages."""
    return block.linked_chars > MAX_LINKED_SHARE * len(block.text)


def is_heading(block: RenderedBlock) -> bool:
    """Return whether a block is a subheading."""
    return block.element.tag in HEADINGS


def block_text(block: RenderedBlock) -> str:
    """Return the text of a block as bodies have it: items of lists start with a hyphen."""
    return f"- {block.text}" if block.element.tag == "li" else block.text
