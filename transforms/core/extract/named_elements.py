"""List the elements of a page whose class or itemprop may tell what they contain."""

import re
from typing import NamedTuple

from lxml import etree, html

from transforms.core.prose import fold

ASIDE = frozenset({"nav", "aside", "footer"})
"""Elements whose names and headings are not the article's."""

# The telling name comes first; on 1,500 pages 1% of the longest class attributes, all of utility
# classes (Tailwind), have over 2,000 characters.
MAX_NAME_CHARS = 300
# All that the readers of names look for, so that a page is searched once.
_TELLING = re.compile(
    r"cap|author|byline|breadcrumb|publish|standfirst|dek|deck|sub-?(?:line|title|head)"
    r"|strapline|article-|headline",
    re.IGNORECASE,
)
_WITH_NAME = etree.XPath("//*[@class or @itemprop]")


class NamedElement(NamedTuple):
    """An element with its class and itemprop, "" for the one it has not."""

    element: html.HtmlElement
    classes: str
    itemprop: str

    @property
    def both(self) -> str:
        """The class and the itemprop in one text."""
        return f"{self.classes} {self.itemprop}"


def named_elements(tree: html.HtmlElement) -> list[NamedElement]:
    """Return each element with an itemprop or a telling class, in page order."""
    found: list[NamedElement] = []
    is_telling: dict[str, bool] = {"": False}
    for element in _WITH_NAME(tree):
        classes, itemprop = element.get("class") or "", element.get("itemprop") or ""
        if classes not in is_telling:
            is_telling[classes] = _TELLING.search(classes[:MAX_NAME_CHARS]) is not None
        if itemprop or is_telling[classes]:
            name = NamedElement(element, classes[:MAX_NAME_CHARS], itemprop[:MAX_NAME_CHARS])
            found.append(name)
    return found


def letters_of(name: str) -> str:
    """Return the letters and digits of a name in one case, nothing between them."""
    return fold(name).replace(" ", "")
