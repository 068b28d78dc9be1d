"""List the elements of a page whose class or itemprop may describe what they contain."""

import re
from typing import NamedTuple

from lxml import etree, html

from transforms.core.prose import fold

ASIDE = frozenset({"nav", "aside", "footer"})
"""Elements whose names and headings are not the article's."""

# The descriptive name comes first; on 1,500 pages 1% of the longest class attributes, all of
# utility classes (Tailwind), have over 2,000 characters.
MAX_NAME_CHARS = 300
# All words that the other modules search names for, so that a page is searched once.
_DESCRIPTIVE = re.compile(
    r"cap|author|byline|breadcrumb|publish|standfirst|dek|deck|sub-?(?:line|title|head)"
    r"|strapline|article-|headline",
    re.IGNORECASE,
)
_WITH_NAME = etree.XPath("//*[@class or @itemprop]")


class NamedElement(NamedTuple):
    """An element with its class and itemprop, "" for one that it does not have."""

    element: html.HtmlElement
    classes: str
    itemprop: str

    @property
    def both(self) -> str:
        """The class and the itemprop in one text."""
        return f"{self.classes} {self.itemprop}"


def named_elements(tree: html.HtmlElement) -> list[NamedElement]:
    """Return each element with an itemprop or a descriptive class, in page order."""
    found: list[NamedElement] = []
    is_descriptive: dict[str, bool] = {"": False}
    for element in _WITH_NAME(tree):
        classes, itemprop = element.get("class") or "", element.get("itemprop") or ""
        if classes not in is_descriptive:
            is_descriptive[classes] = _DESCRIPTIVE.search(classes[:MAX_NAME_CHARS]) is not None
        if itemprop or is_descriptive[classes]:
            name = NamedElement(element, classes[:MAX_NAME_CHARS], itemprop[:MAX_NAME_CHARS])
            found.append(name)
    return found


def letters_of(name: str) -> str:
    """Return only the letters and digits of a name, in lower case."""
    return fold(name).replace(" ", "")
