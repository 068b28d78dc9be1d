"""Choose the headline of a page: one of its h1 elements, or one of the titles it declares."""

import html as markup
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from lxml import html

from transforms.core.extract.jsonld import JsonLd
from transforms.core.extract.named_elements import ASIDE, letters_of
from transforms.core.prose import fold, tidy, word_count

# Bounds the size of a column; the longest og:title of 1,500 pages has 222 characters.
MAX_TITLE_CHARS = 500
# Some pages set every teaser in an h1; of 1,500, 1% has more than 10. No title of 301 pages
# changes with 3.
MAX_HEADINGS = 12
# A longer text is a headline that was put in the site's field. With 80, two of 301 pages lose
# their title to it; with 20, three get the name of their site as title.
MAX_SITE_CHARS = 40
# A title without the leading site name must still be a headline. No title of
# 301 pages changes with 1 or 5.
MIN_WORDS_LEFT = 3
# A shorter heading is contained in many titles. With 5, three of 301 titles become a label or a
# name, as "Discord".
MIN_CONTAINED_CHARS = 11
# Titles rewritten for search engines share names and numbers with the headline. With 0.7, 3
# words or 6 letters, three or four of 301 pages lose their h1; with 0.3, 1 word or 3 letters, one
# to three get a heading of something else, as "Klatch Coffee" or again "Discord".
MIN_SHARED_SHARE = 0.5
MIN_SHARED_WORDS = 2
MIN_WORD_CHARS = 4
# A shorter label of a host is a suffix ("co"), a subdomain ("www") or a language ("de").
MIN_LABEL_CHARS = 4
# Bounds the time of comparing: a page has to state each title only once.
_MAX_PER_META = 3
_SITE_BREAK = re.compile(r"\s+[|\-–—·•»:]+\s+")
_FIRST_BREAK = re.compile(r"\s+[|»·•-]\s+")
_TITLE_METAS = ("og:title", "twitter:title", "dc.title", "title")
_SITE_METAS = ("og:site_name", "application-name")


def read_title(
    tree: html.HtmlElement,
    metas: Mapping[str, Sequence[str]],
    jsonld: JsonLd,
    links: Sequence[str | None] = (),
) -> str | None:
    """Return the h1 that the declared titles confirm, else the first declared title or h1.

    Titles are without the site's name; a name that is a label of the host in the page's `links` is
    the site's.
    """
    sites = site_names(metas, jsonld, links)
    declared = list(_declared_titles(tree, metas, jsonld, sites))
    headings = read_headings(tree, sites)
    title = (
        _contained(headings, declared)
        or _similar(headings, declared)
        or next(iter(declared), None)
        or next(iter(headings), None)
    )
    return title[:MAX_TITLE_CHARS] if title else None


def read_headings(tree: html.HtmlElement, sites: Collection[str] = ()) -> list[str]:
    """Return the texts of the h1 elements that are neither navigation nor the site's name."""
    headings: list[str] = []
    for element in tree.xpath("//h1")[:MAX_HEADINGS]:
        text = tidy(" ".join(element.itertext()))
        is_aside = any(ancestor.tag in ASIDE for ancestor in element.iterancestors())
        if text and not is_aside and letters_of(text) not in sites:
            headings.append(text)
    return headings


def site_names(
    metas: Mapping[str, Sequence[str]], jsonld: JsonLd, links: Sequence[str | None]
) -> frozenset[str]:
    """Return the names of the site, letters only: the stated ones, and the labels of its host."""
    stated = [*_all_metas(metas, _SITE_METAS), *jsonld.texts("publisher")]
    names = {letters_of(markup.unescape(name)) for name in stated if len(name) <= MAX_SITE_CHARS}
    return frozenset(names | _host_labels(links)) - {""}


def without_site(title: str, sites: Collection[str]) -> str:
    """Return a title without the site's name at its end or start.

    At the end a known name is removed, or what follows the last bar; at the start only a known name
    before a bar or hyphen, since other words there may belong to the headline.
    """
    title = _without_leading_site(title, sites)
    while breaks := list(_SITE_BREAK.finditer(title)):
        last = breaks[-1]
        headline, ending = title[: last.start()], title[last.end() :]
        is_site = letters_of(ending) in sites
        if not is_site and not _is_short_after_bar(headline, last.group(), ending):
            break
        title = headline
    return title


def _without_leading_site(title: str, sites: Collection[str]) -> str:
    first = _FIRST_BREAK.search(title)
    if first is None or letters_of(title[: first.start()]) not in sites:
        return title
    headline = title[first.end() :]
    return headline if word_count(headline) >= MIN_WORDS_LEFT else title


def _is_short_after_bar(headline: str, separator: str, ending: str) -> bool:
    return "|" in separator and len(ending) < MAX_SITE_CHARS and len(headline) > len(ending)


def _declared_titles(
    tree: html.HtmlElement,
    metas: Mapping[str, Sequence[str]],
    jsonld: JsonLd,
    sites: Collection[str],
) -> Iterator[str]:
    """Yield the titles of the metadata without the site's name: JSON-LD, meta elements, title."""
    declared = [jsonld.text("headline")]
    for name in _TITLE_METAS:
        declared += metas.get(name, [])[:_MAX_PER_META]
    for element in tree.xpath("//head/title")[:1]:
        declared.append(tidy(" ".join(element.itertext())))
    for text in declared:
        title = without_site(tidy(markup.unescape(text or "")), sites)
        if title and letters_of(title) not in sites:
            yield title


def _contained(headings: Sequence[str], titles: Sequence[str]) -> str | None:
    """Return the first heading that a title contains, or that contains a title."""
    folded_titles = [fold(title) for title in titles]
    known = [title for title in folded_titles if len(title) >= MIN_CONTAINED_CHARS]
    for heading in headings:
        words = fold(heading)
        if len(words) < MIN_CONTAINED_CHARS:
            continue
        if any(words in title or title in words for title in known):
            return heading
    return None


def _similar(headings: Sequence[str], titles: Sequence[str]) -> str | None:
    """Return the first heading that shares half of its significant words with a title."""
    known = [_significant_words(title) for title in titles]
    for heading in headings:
        words = _significant_words(heading)
        if any(_is_shared(words, other) for other in known):
            return heading
    return None


def _is_shared(words: frozenset[str], other: frozenset[str]) -> bool:
    shared = len(words & other)
    least = MIN_SHARED_SHARE * min(len(words), len(other))
    return shared >= MIN_SHARED_WORDS and shared >= least


def _significant_words(text: str) -> frozenset[str]:
    words = fold(text).split()
    return frozenset(word for word in words if len(word) >= MIN_WORD_CHARS or word.isdigit())


def _all_metas(metas: Mapping[str, Sequence[str]], names: Sequence[str]) -> Iterator[str]:
    for name in names:
        yield from metas.get(name, ())


def _host_labels(links: Sequence[str | None]) -> set[str]:
    """Return the hosts of links, and their labels without the top-level domain, letters only."""
    names: set[str] = set()
    for link in links:
        host = _host_of(link)
        names.add(letters_of(host))
        labels = host.removeprefix("www.").split(".")[:-1]
        names.update(letters_of(label) for label in labels if len(label) >= MIN_LABEL_CHARS)
    return names


def _host_of(link: str | None) -> str:
    try:
        return urlsplit(link or "").hostname or ""
    except ValueError:
        return ""
