"""Which texts of a page are captions of its pictures?"""

import re
from collections.abc import Sequence

from lxml import html

from transforms.core.extract.named_elements import Named
from transforms.core.prose import tidy

MAX_CAPTIONS = 100
MAX_CAPTION_CHARS = 1_000
MAX_MARKED_CHARS = 600
MAX_MARKED = 500
NEAR = 3
_MARKED = re.compile(
    r"(?:^|[\s_-])captions?(?:$|[\s_-])|(?<=[a-z])Captions?(?:$|[\s_-])|(?:^|\s)cap(?:$|\s)"
)
_OTHER = re.compile(
    r"closed.?caption|captions?[_-]*(?:button|toggle|settings|open|close|source|truncated)|truncated|\bads?\b|ad_?caption",
    re.IGNORECASE,
)
_HOLDERS = frozenset(
    {"p", "div", "span", "small", "dd", "em", "i", "li", "td", "center", "section"}
)
_PICTURES = (
    "descendant::img|descendant::picture|descendant::video|descendant::iframe|descendant::amp-img"
)


def take_captions(tree: html.HtmlElement, names: Sequence[Named]) -> tuple[str, ...]:
    """Take the captions out of the tree and return their texts, in page order, each once."""
    found: list[str] = []
    for element in _captions(tree, names):
        text = tidy(" ".join(element.itertext()))
        if element.getparent() is None or len(text) > MAX_CAPTION_CHARS:
            continue
        if text and len(found) < MAX_CAPTIONS:
            found.append(text)
        element.drop_tree()
    return tuple(dict.fromkeys(found))


def _captions(tree: html.HtmlElement, names: Sequence[Named]) -> list[html.HtmlElement]:
    """Return the figcaptions, and what a class calls a caption where it is short and a picture stands by it."""
    marked = [one.element for one in names if one.element.tag in _HOLDERS and _is_marked(one.both)][
        :MAX_MARKED
    ]
    outer = {parent for element in marked for parent in element.iterancestors()}
    short = {
        element
        for element in marked
        if element not in outer and _is_short(element) and _has_picture(element)
    }
    if not short:
        return list(tree.iter("figcaption"))
    return [
        element
        for element in tree.iter("figcaption", *_HOLDERS)
        if element.tag == "figcaption" or element in short
    ]


def _is_marked(name: str) -> bool:
    return bool(_MARKED.search(name)) and not _OTHER.search(name)


def _is_short(element: html.HtmlElement) -> bool:
    return len(tidy(" ".join(element.itertext()))) <= MAX_MARKED_CHARS


def _has_picture(element: html.HtmlElement) -> bool:
    """Return whether a picture stands in the element or near it, with little else around."""
    around = element
    for _ in range(NEAR):
        if around.xpath(_PICTURES):
            return True
        parent = around.getparent()
        if parent is None or parent.tag in {"body", "article", "main"}:
            return False
        around = parent
    return bool(around.xpath(_PICTURES))
