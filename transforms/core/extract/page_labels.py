"""Read the labels of a page that are not text of the article: sections and standfirsts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree, html

from transforms.core.extract.jsonld import JsonLd
from transforms.core.extract.named_elements import NamedElement
from transforms.core.prose import fold, tidy, word_count

# "Arts & Leisure" is a section, a longer line may be a sentence. With 2, one of 301 pages gets
# another standfirst; with 6, nothing changes.
MAX_SECTION_WORDS = 3
# Two or three sentences; an element with more of them is the article itself. No page of 301
# changes with 250.
MAX_STANDFIRST_CHARS = 500
# Pages list the standfirsts of other articles too, each of which costs time.
MAX_STANDFIRSTS = 40
# Sections are the first folders of a link. Bounds the work on links with thousands of folders.
MAX_FOLDERS = 6
# Breadcrumbs of a page: one list, at times a second for mobile screens, each of few links.
MAX_BREADCRUMBS = 5
MAX_CRUMBS = 20
_BREADCRUMBS = etree.XPath("//*[@itemtype][contains(@itemtype, 'BreadcrumbList')]")
_STANDFIRST_TAGS = frozenset({"p", "h2", "h3", "h4", "h5", "div", "span", "section"})
_STANDFIRST_NAME = re.compile(
    r"(?:^|[\s_-])(?:standfirst|dek|deck|sub-?line|sub-?title|sub-?head(?:line|ing)?|strapline|"
    r"article-(?:summary|intro|description|lead|excerpt)|alternativeheadline)(?:$|[\s_-])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PageLabels:
    """Folded texts of a page: the names of its sections, and the texts marked as standfirsts."""

    sections: frozenset[str] = frozenset()
    standfirsts: frozenset[str] = frozenset()


def read_labels(
    tree: html.HtmlElement,
    names: Sequence[NamedElement],
    jsonld: JsonLd,
    section: str | None,
    url: str,
) -> PageLabels:
    """Return the labels of a page. Captions and boxes must still be in the tree."""
    return PageLabels(
        sections=_stated_sections(tree, names, jsonld, section) | _sections_of_url(url),
        standfirsts=_standfirsts(names),
    )


def _sections_of_url(url: str) -> frozenset[str]:
    """Return the folders of a link, which sites name after their sections."""
    try:
        folders = urlsplit(url).path.split("/")[1:-1]
    except ValueError:
        return frozenset()
    names = (fold(folder.replace("-", " ").replace("_", " ")) for folder in folders[:MAX_FOLDERS])
    return frozenset(name for name in names if _is_section_name(name) and not name.isdigit())


def _stated_sections(
    tree: html.HtmlElement,
    names: Sequence[NamedElement],
    jsonld: JsonLd,
    section: str | None,
) -> frozenset[str]:
    """Return the sections that the metadata and the breadcrumbs name."""
    found = [section or "", *jsonld.texts("articleSection"), *_crumbs(tree, names)]
    return frozenset(fold(name) for name in found if _is_section_name(name))


def _crumbs(tree: html.HtmlElement, names: Sequence[NamedElement]) -> Iterator[str]:
    """Yield the texts of the links in a page's breadcrumbs."""
    trails = [name.element for name in names if "breadcrumb" in name.classes]
    trails += _BREADCRUMBS(tree)
    for trail in trails[:MAX_BREADCRUMBS]:
        for link in list(trail.iter("a", "li", "span"))[:MAX_CRUMBS]:
            yield tidy("".join(link.itertext()))


def _is_section_name(name: str) -> bool:
    return 0 < word_count(name) <= MAX_SECTION_WORDS


def _standfirsts(names: Sequence[NamedElement]) -> frozenset[str]:
    found: set[str] = set()
    for name in names:
        text = _standfirst(name)
        if text:
            found.add(fold(text))
        if len(found) >= MAX_STANDFIRSTS:
            break
    return frozenset(found)


def _standfirst(name: NamedElement) -> str | None:
    """Return the text of an element named a standfirst, if it has the length of one."""
    if name.element.tag not in _STANDFIRST_TAGS or not _STANDFIRST_NAME.search(name.both):
        return None
    text = tidy(" ".join(name.element.itertext()))
    is_longer_than_label = word_count(text) > MAX_SECTION_WORDS
    return text if is_longer_than_label and len(text) <= MAX_STANDFIRST_CHARS else None
