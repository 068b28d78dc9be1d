"""Find the captions of pictures on a page."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lxml import html

from transforms.core.extract.named_elements import NamedElement
from transforms.core.prose import tidy

# Bounds the column; the most figcaptions on 1,500 pages are 78.
MAX_CAPTIONS = 100
# A longer figcaption is text of the article that was set in a figure. The longest of 1,500 pages
# has 738 characters.
MAX_CAPTION_CHARS = 1_000
# A name is weaker evidence than the tag, so the limit is lower. With 200, the captions of 11 of 301
# pages change; with 2,000, none.
MAX_NAMED_CHARS = 600
# Bounds the time: a picture is searched for near each of them.
MAX_NAMED = 500
# How many elements up a picture may be. With 1, captions change on 46 of 301 pages; with 6, on 7.
MAX_PICTURE_DISTANCE = 3
_CAPTION_NAME = re.compile(
    r"(?:^|[\s_-])captions?(?:$|[\s_-])|(?<=[a-z])Captions?(?:$|[\s_-])|(?:^|\s)cap(?:$|\s)"
)
# Subtitles of videos, the controls of both, and advertisements.
_NOT_CAPTION = re.compile(
    r"closed.?caption|captions?[_-]*(?:button|toggle|settings|open|close|source|truncated)"
    r"|truncated|\bads?\b|ad_?caption",
    re.IGNORECASE,
)
_CAPTION_TAGS = frozenset(
    {"p", "div", "span", "small", "dd", "em", "i", "li", "td", "center", "section"}
)
_WHOLE_TEXT_TAGS = frozenset({"body", "article", "main"})
_PICTURES = (
    "descendant::img|descendant::picture|descendant::video|descendant::iframe|descendant::amp-img"
)


@dataclass(frozen=True, slots=True)
class Captions:
    """The captions of a page: their texts in page order, each once, and their elements."""

    texts: tuple[str, ...]
    elements: tuple[html.HtmlElement, ...]


def find_captions(tree: html.HtmlElement, names: Sequence[NamedElement]) -> Captions:
    """Return the captions of a page. No element of theirs is inside another."""
    texts: list[str] = []
    elements: dict[html.HtmlElement, None] = {}
    for element in _caption_elements(tree, names):
        text = _text_of(element)
        if len(text) > MAX_CAPTION_CHARS or any(up in elements for up in element.iterancestors()):
            continue
        if text and len(texts) < MAX_CAPTIONS:
            texts.append(text)
        elements[element] = None
    return Captions(tuple(dict.fromkeys(texts)), tuple(elements))


def _caption_elements(
    tree: html.HtmlElement, names: Sequence[NamedElement]
) -> list[html.HtmlElement]:
    """Return figcaptions, and short elements named captions with a picture nearby."""
    named = _named_captions(names)
    if not named:
        return list(tree.iter("figcaption"))
    elements = tree.iter("figcaption", *_CAPTION_TAGS)
    return [element for element in elements if element.tag == "figcaption" or element in named]


def _named_captions(names: Sequence[NamedElement]) -> set[html.HtmlElement]:
    """Return the innermost elements that are named captions, short, and near a picture."""
    named = [name.element for name in names if _is_named_caption(name)][:MAX_NAMED]
    outer = _ancestors(named)
    return {element for element in named if element not in outer and _is_caption(element)}


def _is_named_caption(name: NamedElement) -> bool:
    if name.element.tag not in _CAPTION_TAGS:
        return False
    return bool(_CAPTION_NAME.search(name.both)) and not _NOT_CAPTION.search(name.both)


def _ancestors(elements: Iterable[html.HtmlElement]) -> set[html.HtmlElement]:
    ancestors: set[html.HtmlElement] = set()
    for element in elements:
        ancestors.update(element.iterancestors())
    return ancestors


def _is_caption(element: html.HtmlElement) -> bool:
    return len(_text_of(element)) <= MAX_NAMED_CHARS and _has_picture(element)


def _text_of(element: html.HtmlElement) -> str:
    return tidy(" ".join(element.itertext()))


def _has_picture(element: html.HtmlElement) -> bool:
    """Return whether a picture is in the element or near it, with little else around."""
    around = element
    for _ in range(MAX_PICTURE_DISTANCE):
        if around.xpath(_PICTURES):
            return True
        parent = around.getparent()
        if parent is None or parent.tag in _WHOLE_TEXT_TAGS:
            return False
        around = parent
    return bool(around.xpath(_PICTURES))
