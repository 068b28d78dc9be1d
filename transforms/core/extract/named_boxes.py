"""Find the blocks in boxes whose name says that they are not part of the article, and in forms."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set

from lxml import etree, html

from transforms.core.extract.alignment import Span
from transforms.core.extract.rendered_blocks import HEADINGS, RenderedBlock

# An element with more of the text than this is the article, whatever its name. No page of 301
# changes between 0.1 and 0.5.
MAX_SHARE = 0.25
# Two similar boxes are a pair of promotions. No page of 301 changes with 2 or 5.
MIN_SERIES = 3
# Class attributes of frameworks run to thousands of characters; the name comes first.
MAX_NAME_CHARS = 400
# A longer id is a slug, made of the words of a heading. No page of 301 changes between 2 and 8.
MAX_ID_WORDS = 3
# The words around fields ("500 characters left") are of no use without them, in any language.
FORM = "form"
# A form of a shop has buttons, and numbers of pieces, around the description of its goods.
_WRITTEN_FIELD = etree.XPath(
    "boolean(.//textarea or .//input[@type='text' or @type='email' or @type='password'])"
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_BOX_WORDS = {
    "author-box": ("author", "authors", "bio", "byline", "contributor"),
    "promotion": (
        *("cta", "promo", "promotion", "promoted", "sponsor", "sponsored"),
        *("advert", "advertisement", "advertorial", "donate", "donation"),
    ),
    "newsletter": ("newsletter", "newsletters", "signup", "subscribe", "subscription"),
    "overlay": ("modal", "popup", "dialog", "tooltip", "lightbox"),
    "consent": ("cookie", "cookies", "consent", "gdpr"),
    "related": (
        *("related", "recommended", "recommendations", "recirc", "trending"),
        *("sidebar", "complementary"),
    ),
    "reuse": ("republish", "republication", "syndication"),
    "interface": (
        *("share", "sharing", "breadcrumb", "breadcrumbs", "pagination"),
        *("toolbar", "navigation"),
    ),
    "comments": ("comments", "disqus"),
}
_REASONS: dict[str, str] = {}
for _reason, _words in _BOX_WORDS.items():
    _REASONS.update(dict.fromkeys(_words, _reason))


def named_boxes(
    spans: Sequence[Span | None], texts: Sequence[str], rendered: Sequence[RenderedBlock]
) -> dict[int, str]:
    """Return the indices of the blocks in a named box, each with the reason of removal."""
    paths = [_elements_around(span, rendered) for span in spans]
    chars = _chars_within(paths, texts)
    limit = MAX_SHARE * sum(map(len, texts))
    article = _series(chars, limit) | {element for element in chars if chars[element] > limit}
    known: dict[html.HtmlElement, str | None] = {}
    reasons: dict[int, str] = {}
    for index, elements in enumerate(paths):
        reason = _box_reason(elements, article, known)
        if reason:
            reasons[index] = reason
    return reasons


def _elements_around(
    span: Span | None, rendered: Sequence[RenderedBlock]
) -> list[html.HtmlElement]:
    """Return the element of a block's first line and its ancestors, innermost first."""
    if span is None:
        return []
    element = rendered[span[0]].element
    return [element, *element.iterancestors()]


def _chars_within(
    paths: Sequence[Sequence[html.HtmlElement]], texts: Sequence[str]
) -> Counter[html.HtmlElement]:
    """Return how many characters of the blocks each element contains."""
    chars: Counter[html.HtmlElement] = Counter()
    for elements, text in zip(paths, texts, strict=True):
        chars.update(dict.fromkeys(elements, len(text)))
    return chars


def _series(chars: Mapping[html.HtmlElement, int], limit: float) -> set[html.HtmlElement]:
    """Return the elements of series: similar siblings, together with as much text as an article.

    Such are the speakers of a round table, the posts of a live blog, the sections of an explainer.
    """
    similar = defaultdict[object, list[html.HtmlElement]](list)
    for element in chars:
        has_id = "id" in element.attrib
        similar[element.getparent(), element.tag, element.get("class"), has_id].append(element)
    series: set[html.HtmlElement] = set()
    for group in similar.values():
        if len(group) >= MIN_SERIES and sum(chars[element] for element in group) > limit:
            series.update(group)
    return series


def _box_reason(
    elements: Sequence[html.HtmlElement],
    article: Set[html.HtmlElement],
    known: dict[html.HtmlElement, str | None],
) -> str | None:
    """Return the reason of the innermost named element around a block, up to the article's own."""
    for element in elements:
        if element in article:
            return None
        if element not in known:
            known[element] = reason_of_name(element)
        if known[element]:
            return known[element]
    return None


def reason_of_name(element: html.HtmlElement) -> str | None:
    """Return why an element is not the article's: by its name, or as a form; else None."""
    for word in _WORD.findall(_name_of(element)):
        if word.lower() in _REASONS:
            return _REASONS[word.lower()]
    return FORM if element.tag == "form" and _WRITTEN_FIELD(element) else None


def _name_of(element: html.HtmlElement) -> str:
    """Return the attributes that name an element, in one text."""
    names = [element.get(attribute) or "" for attribute in ("class", "role", "data-component")]
    label = element.get("id") or ""
    is_slug = len(_WORD.findall(label[:MAX_NAME_CHARS])) > MAX_ID_WORDS
    if not is_slug and element.tag not in HEADINGS:
        names.append(label)
    return " ".join(names)[:MAX_NAME_CHARS]
