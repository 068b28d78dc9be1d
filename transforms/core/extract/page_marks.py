"""What does a page itself mark as no part of the running text: section labels, the standfirst?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree, html

from transforms.core.extract.jsonld import Linked
from transforms.core.extract.named_elements import Named
from transforms.core.prose import fold, tidy, word_count

MAX_KICKER_WORDS = 3
MAX_LINE_CHARS = 250
MAX_MARKED = 40
_CRUMBS = etree.XPath("//*[@itemtype][contains(@itemtype, 'BreadcrumbList')]")
_DEK_TAGS = frozenset({"p", "h2", "h3", "h4", "h5", "div", "span", "section"})
_DEK = re.compile(
    r"(?:^|[\s_-])(?:standfirst|dek|deck|sub-?line|sub-?title|sub-?head(?:line|ing)?|strapline|"
    r"article-(?:summary|intro|description|lead|excerpt)|alternativeheadline)(?:$|[\s_-])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Marks:
    """Folded texts of a page: its sections, and what it marks as a standfirst."""

    sections: frozenset[str] = frozenset()
    standfirsts: frozenset[str] = frozenset()


def read_marks(
    tree: html.HtmlElement, names: Sequence[Named], linked: Linked, section: str | None, url: str
) -> Marks:
    """Return what the page marks. To be read before the tree is taken apart."""
    return Marks(
        sections=_sections(tree, names, linked, section) | _folders(url),
        standfirsts=_standfirsts(names),
    )


def _folders(url: str) -> frozenset[str]:
    """Return the folders of a link, which sites name after their sections."""
    try:
        parts = urlsplit(url).path.split("/")[1:-1]
    except ValueError:
        return frozenset()
    words = (fold(part.replace("-", " ").replace("_", " ")) for part in parts[:6])
    return frozenset(
        word
        for word in words
        if word and not word.isdigit() and word_count(word) <= MAX_KICKER_WORDS
    )


def _sections(
    tree: html.HtmlElement, names: Sequence[Named], linked: Linked, section: str | None
) -> frozenset[str]:
    found = [section or "", *linked.texts("articleSection")]
    trails = [one.element for one in names if "breadcrumb" in one.classes] + _CRUMBS(tree)
    for crumbs in trails[:5]:
        found += [
            tidy("".join(link.itertext())) for link in list(crumbs.iter("a", "li", "span"))[:20]
        ]
    return frozenset(fold(name) for name in found if 0 < word_count(name) <= MAX_KICKER_WORDS)


def _standfirsts(names: Sequence[Named]) -> frozenset[str]:
    found: set[str] = set()
    for one in names:
        if one.element.tag in _DEK_TAGS and _DEK.search(one.both):
            text = tidy(" ".join(one.element.itertext()))
            if word_count(text) > MAX_KICKER_WORDS and len(text) <= 2 * MAX_LINE_CHARS:
                found.add(fold(text))
        if len(found) >= MAX_MARKED:
            break
    return frozenset(found)
