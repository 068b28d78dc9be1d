"""What does a page itself mark as no part of the running text: section labels, the standfirst, lines of links?"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lxml import html

from transforms.core.extract.jsonld import Linked
from transforms.core.prose import fold, tidy, unbulleted, word_count

MAX_KICKER_WORDS = 3
MAX_LINE_CHARS = 250
MAX_LINKS = 5_000
MAX_MARKED = 40
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LINES = ("p", "li", "div", "td", "th", "dd", "dt", "blockquote")
_BLOCKS = frozenset({*_HEADINGS, *_LINES, "section", "article", "aside", "ul", "ol", "table", "main", "body", "header"})
_CRUMBS = "//*[contains(@class, 'breadcrumb') or contains(@itemtype, 'BreadcrumbList')]"
_DEK = re.compile(
    r"(?:^|[\s_-])(?:standfirst|dek|deck|sub-?line|sub-?title|sub-?head(?:line|ing)?|strapline|"
    r"article-(?:summary|intro|description|lead|excerpt)|alternativeheadline)(?:$|[\s_-])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Marks:
    """Folded texts of a page: its sections, what it marks as a standfirst, its lines that are nothing but links."""

    sections: frozenset[str] = frozenset()
    standfirsts: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()


def read_marks(tree: html.HtmlElement, linked: Linked, section: str | None, url: str) -> Marks:
    """Return what the page marks. To be read before the tree is taken apart."""
    return Marks(
        sections=_sections(tree, linked, section) | _folders(url),
        standfirsts=_standfirsts(tree),
        links=_link_lines(tree),
    )


def _folders(url: str) -> frozenset[str]:
    """Return the folders of a link, which sites name after their sections."""
    try:
        parts = urlsplit(url).path.split("/")[1:-1]
    except ValueError:
        return frozenset()
    words = (fold(part.replace("-", " ").replace("_", " ")) for part in parts[:6])
    return frozenset(word for word in words if word and not word.isdigit() and word_count(word) <= MAX_KICKER_WORDS)


def _sections(tree: html.HtmlElement, linked: Linked, section: str | None) -> frozenset[str]:
    names = [section or "", *linked.texts("articleSection")]
    for crumbs in tree.xpath(_CRUMBS)[:5]:
        names += [tidy("".join(link.itertext())) for link in list(crumbs.iter("a", "li", "span"))[:20]]
    return frozenset(fold(name) for name in names if 0 < word_count(name) <= MAX_KICKER_WORDS)


def _standfirsts(tree: html.HtmlElement) -> frozenset[str]:
    found: set[str] = set()
    for element in tree.xpath("//*[@class or @itemprop]"):
        names = f"{element.get('class') or ''} {element.get('itemprop') or ''}"[:300]
        if element.tag in {"p", "h2", "h3", "h4", "h5", "div", "span", "section"} and _DEK.search(names):
            text = tidy(" ".join(element.itertext()))
            if word_count(text) > MAX_KICKER_WORDS and len(text) <= 2 * MAX_LINE_CHARS:
                found.add(fold(text))
        if len(found) >= MAX_MARKED:
            break
    return frozenset(found)


def _link_lines(tree: html.HtmlElement) -> frozenset[str]:
    """Return the folded texts of blocks that are one link and no more, and of the blocks inside a link."""
    found: set[str] = set()
    texts: dict[Any, str] = {}
    for link in list(tree.iter("a"))[:MAX_LINKS]:
        text = fold(tidy("".join(link.itertext()))[: MAX_LINE_CHARS + 1])
        if not link.get("href") or not 0 < len(text) <= MAX_LINE_CHARS:
            continue
        holder = next((one for one in link.iterancestors() if one.tag in _BLOCKS), None)
        if holder is None:
            continue
        if holder not in texts:
            texts[holder] = fold(unbulleted(tidy("".join(holder.itertext()))[: MAX_LINE_CHARS + 1]))
        inner = [fold(tidy("".join(one.itertext()))) for one in link.iterdescendants() if one.tag in _BLOCKS]
        found.update(inner)
        if texts[holder] == text or inner:
            found.add(text)
    return frozenset(found)
