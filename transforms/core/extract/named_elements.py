"""Which elements of a page have a name that may tell what they hold?"""

import re
from typing import NamedTuple

from lxml import etree, html

from transforms.core.prose import fold

ASIDE = frozenset({"nav", "aside", "footer"})
"""Elements whose names and headings are not the article's."""

MAX_NAME_CHARS = 300
# All that the readers of names look for, so that a page is searched once.
_TELLING = re.compile(
    r"cap|author|byline|breadcrumb|publish|standfirst|dek|deck|sub-?(?:line|title|head)|strapline|article-|headline",
    re.IGNORECASE,
)
_NAMED = etree.XPath("//*[@class or @itemprop]")


class Named(NamedTuple):
    """An element that has a class or an itemprop, each "" where it has none."""

    element: html.HtmlElement
    classes: str
    itemprop: str

    @property
    def both(self) -> str:
        """The class and the itemprop in one text."""
        return f"{self.classes} {self.itemprop}"


def read_names(tree: html.HtmlElement) -> list[Named]:
    """Return each element whose class or itemprop may tell what it holds, in page order."""
    found: list[Named] = []
    telling: dict[str, bool] = {"": False}
    for element in _NAMED(tree):
        classes, itemprop = element.get("class") or "", element.get("itemprop") or ""
        if classes not in telling:
            telling[classes] = _TELLING.search(classes[:MAX_NAME_CHARS]) is not None
        if itemprop or telling[classes]:
            found.append(Named(element, classes[:MAX_NAME_CHARS], itemprop[:MAX_NAME_CHARS]))
    return found


def letters_of(name: str) -> str:
    """Return the letters and digits of a name in one case, nothing between them."""
    return fold(name).replace(" ", "")
