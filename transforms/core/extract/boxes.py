"""Which blocks stand in a box that the page itself names as something beside the article?"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from lxml import html

from transforms.core.extract.layout import Shown
from transforms.core.extract.recall import HEADINGS, Place

MAX_SHARE = 0.25
"""What holds more of the text than this is the article, whatever its name."""
MIN_SERIES = 3
MAX_NAME_CHARS = 400
MAX_LABEL_WORDS = 3
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_NAMES = {
    "author-box": "author authors bio byline contributor",
    "promotion": "cta promo promotion promoted sponsor sponsored advert advertisement advertorial donate donation",
    "newsletter": "newsletter newsletters signup subscribe subscription",
    "overlay": "modal popup dialog tooltip lightbox",
    "consent": "cookie cookies consent gdpr",
    "related": "related recommended recommendations recirc trending sidebar complementary",
    "reuse": "republish republication syndication",
    "interface": "share sharing breadcrumb breadcrumbs pagination toolbar navigation",
    "comments": "comments disqus",
}
_REASONS = {word: reason for reason, words in _NAMES.items() for word in words.split()}


def boxed(places: Sequence[Place], texts: Sequence[str], shown: Sequence[Shown]) -> dict[int, str]:
    """Return which blocks stand in a box with a telling name, and the reason that follows from it."""
    held: Counter[html.HtmlElement] = Counter()
    around: list[list[html.HtmlElement]] = []
    for place, text in zip(places, texts, strict=True):
        holder = shown[place[0]].holder if place else None
        around.append([] if holder is None else [holder, *holder.iterancestors()])
        held.update(dict.fromkeys(around[-1], len(text)))
    most = MAX_SHARE * sum(map(len, texts))
    series = _series(held, most)
    known: dict[html.HtmlElement, str | None] = {}
    found: dict[int, str] = {}
    for index, elements in enumerate(around):
        for element in elements:
            if held[element] > most or element in series:
                break
            if element not in known:
                known[element] = _reason(element)
            if reason := known[element]:
                found[index] = reason
                break
    return found


def _series(held: Mapping[html.HtmlElement, int], most: float) -> set[html.HtmlElement]:
    """Return the elements that are one of several alike side by side, which together hold what only an article does:
    the speakers of a round table, the posts of a live blog, the sections of an explainer.
    """
    alike = defaultdict[object, list[html.HtmlElement]](list)
    for element in held:
        alike[
            element.getparent(), element.tag, element.get("class"), "id" in element.attrib
        ].append(element)
    groups = (group for group in alike.values() if len(group) >= MIN_SERIES)
    return {
        element for group in groups if sum(held[one] for one in group) > most for element in group
    }


def _reason(element: html.HtmlElement) -> str | None:
    names = [element.get(name) or "" for name in ("class", "role", "data-component")]
    # A long id is made of a heading's own words.
    label = element.get("id") or ""
    short = len(_WORD.findall(label[:MAX_NAME_CHARS])) <= MAX_LABEL_WORDS
    names += [label] if short and element.tag not in HEADINGS else []
    words = _WORD.findall(" ".join(names)[:MAX_NAME_CHARS])
    return next((_REASONS[word.lower()] for word in words if word.lower() in _REASONS), None)
