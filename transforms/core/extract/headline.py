"""What is the page's headline: which of its h1 elements, or which of the titles it declares?"""

import html as markup
import re
from collections.abc import Collection, Mapping, Sequence
from urllib.parse import urlsplit

from lxml import html

from transforms.core.extract.jsonld import Linked
from transforms.core.extract.named_elements import ASIDE, letters_of
from transforms.core.prose import fold, tidy, word_count

MAX_TITLE_CHARS = 500
MAX_HEADINGS = 12
MAX_SITE_CHARS = 40
MIN_SHARED = 0.5
MIN_WORDS = 3
_SITE_BREAK = re.compile(r"\s+[|\-–—·•»:]+\s+")
_FIRST_BREAK = re.compile(r"\s+[|»·•-]\s+")
_TITLE_METAS = ("og:title", "twitter:title", "dc.title", "title")
_SITE_METAS = ("og:site_name", "application-name")


def read_title(
    tree: html.HtmlElement,
    metas: Mapping[str, Sequence[str]],
    linked: Linked,
    links: Sequence[str | None] = (),
) -> str | None:
    """Return the headline: the h1 that the metadata agree with, else what they say without the site's name.

    `links` are those of the page: a name that is a label of its host is the site's.
    """
    sites = site_names(metas, linked, links)
    shown = tidy(
        " ".join(next(iter(tree.xpath("//head/title")), tree.makeelement("title")).itertext())
    )
    declared = [
        linked.text("headline"),
        *(text for name in _TITLE_METAS for text in metas.get(name, [])[:3]),
        shown,
    ]
    said = [
        without_site(text, sites)
        for one in declared
        if one and (text := tidy(markup.unescape(one)))
    ]
    said = [text for text in said if text and letters_of(text) not in sites]
    headings = read_headings(tree, sites)
    found = (
        _same(headings, said)
        or _alike(headings, said)
        or next(iter(said), None)
        or next(iter(headings), None)
    )
    return found[:MAX_TITLE_CHARS] if found else None


def read_headings(tree: html.HtmlElement, sites: Collection[str] = ()) -> list[str]:
    """Return the texts of the page's h1 elements that are neither navigation nor the site's name."""
    found = []
    for element in tree.xpath("//h1")[:MAX_HEADINGS]:
        text = tidy(" ".join(element.itertext()))
        inside = any(parent.tag in ASIDE for parent in element.iterancestors())
        if text and not inside and letters_of(text) not in sites:
            found.append(text)
    return found


def site_names(
    metas: Mapping[str, Sequence[str]], linked: Linked, links: Sequence[str | None]
) -> frozenset[str]:
    """Return the names of the site, without spaces: what the page calls it, and the labels of its host."""
    named = [text for name in _SITE_METAS for text in metas.get(name, [])] + list(
        linked.texts("publisher")
    )
    short = (name for name in named if len(name) <= MAX_SITE_CHARS)
    return frozenset({letters_of(markup.unescape(name)) for name in short} | _labels(links)) - {""}


def without_site(title: str, sites: Collection[str]) -> str:
    """Return a title without the site's name at its end: a name that is known, else what follows the last bar.

    At its start only a name that is known goes, and only before a bar or hyphen: others may be the story's own.
    """
    if (first := _FIRST_BREAK.search(title)) and letters_of(title[: first.start()]) in sites:
        title = title[first.end() :] if word_count(title[first.end() :]) >= MIN_WORDS else title
    while breaks := list(_SITE_BREAK.finditer(title)):
        head, ending = title[: breaks[-1].start()], title[breaks[-1].end() :]
        barred = (
            "|" in breaks[-1].group() and len(ending) < MAX_SITE_CHARS and len(head) > len(ending)
        )
        if letters_of(ending) not in sites and not barred:
            break
        title = head
    return title


def _same(headings: Sequence[str], said: Sequence[str]) -> str | None:
    """Return the first heading that a title contains, or that contains a title."""
    known = [fold(text) for text in said if len(fold(text)) > 10]
    for heading in headings:
        words = fold(heading)
        if len(words) > 10 and any(words in text or text in words for text in known):
            return heading
    return None


def _alike(headings: Sequence[str], said: Sequence[str]) -> str | None:
    """Return the first heading that shares half of its telling words with a title: written anew for search engines."""
    known = [_telling(text) for text in said]
    for heading in headings:
        words = _telling(heading)
        for other in known:
            shared = len(words & other)
            if shared >= 2 and shared >= MIN_SHARED * min(len(words), len(other)):
                return heading
    return None


def _telling(text: str) -> frozenset[str]:
    return frozenset(word for word in fold(text).split() if len(word) > 3 or word.isdigit())


def _labels(links: Sequence[str | None]) -> set[str]:
    found: set[str] = set()
    for link in links:
        try:
            host = urlsplit(link or "").hostname or ""
        except ValueError:
            continue
        labels = host.removeprefix("www.").split(".")
        found |= {letters_of(host), *(letters_of(label) for label in labels[:-1] if len(label) > 3)}
    return found
