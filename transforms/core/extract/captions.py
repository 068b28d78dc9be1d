"""Which texts of a page are captions of its pictures?"""

import re

from lxml import html

from transforms.core.prose import tidy

MAX_CAPTIONS = 100
MAX_CAPTION_CHARS = 1_000
MAX_MARKED_CHARS = 600
MAX_MARKED = 500
NEAR = 3
_MARKED = re.compile(r"(?:^|[\s_-])(?:caption|cap|captions|imagecaption|photocaption)(?:$|[\s_-])|Caption(?:$|[\s_-])")
_SETTINGS = re.compile(r"closed.?caption|caption-?(?:button|toggle|settings)", re.IGNORECASE)
_HOLDERS = frozenset({"p", "div", "span", "small", "dd", "em", "i", "li", "td", "center", "section"})
_PICTURES = "descendant::img|descendant::picture|descendant::video|descendant::iframe|descendant::amp-img"


def take_captions(tree: html.HtmlElement) -> tuple[str, ...]:
    """Take the captions out of the tree and return their texts, in page order, each once."""
    found: list[str] = []
    marked = 0
    for element in list(tree.iter()):
        if element.getparent() is None or not isinstance(element.tag, str):
            continue
        limit = MAX_CAPTION_CHARS if element.tag == "figcaption" else MAX_MARKED_CHARS
        if element.tag != "figcaption":
            if marked >= MAX_MARKED or not _is_marked(element):
                continue
            marked += 1
            if not _has_picture(element):
                continue
        text = tidy(" ".join(element.itertext()))
        if len(text) > limit or len(element.findall(".//p")) > 2:
            continue
        if text and len(found) < MAX_CAPTIONS:
            found.append(text)
        element.drop_tree()
    return tuple(dict.fromkeys(found))


def _is_marked(element: html.HtmlElement) -> bool:
    names = f"{element.get('class') or ''} {element.get('itemprop') or ''}"[:300]
    return element.tag in _HOLDERS and bool(_MARKED.search(names)) and not _SETTINGS.search(names)


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
