"""Choose the headline of a page: one of its h1 elements, or one of the titles it declares."""

import html as markup
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import combinations, islice
from urllib.parse import urlsplit

from lxml import etree, html

from transforms.core.extract.jsonld import JsonLd
from transforms.core.extract.named_elements import ASIDE, letters_of
from transforms.core.prose import fold, tidy, word_count

# Bounds the size of a column; the longest og:title of 1,500 pages has 222 characters.
MAX_TITLE_CHARS = 500
# With the site's name and spaces; bounds the time of taking names off.
MAX_READ_CHARS = 2_000
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
# A bar needs no space in scripts without spaces; a dash without spaces is part of a word, unless
# the site's name follows.
_SITE_BREAK = re.compile(r"\s+(?:[|\-–—·•»:]+|//)\s+|\s*[|｜ㅣ│¦]+\s*")
_TIGHT_BREAK = re.compile(r"(?<![-_–—])[-_–—]++(?=[^\s\-_–—]{1,40}$)")
_FIRST_BREAK = re.compile(r"\s+(?:[|»:·•-]|//)+\s+(?:»\s+)?|(?<=\w):\s+")
_BARS = frozenset("|｜ㅣ│¦")
_EDGES = " \t\u00a0|｜-–—·•»:/"
_TITLE_METAS = ("og:title", "twitter:title", "dc.title", "title")
_SITE_METAS = ("og:site_name", "application-name", "apple-mobile-web-app-title")
_HIDDEN_TAGS = frozenset({"script", "style", "template", "noscript"})
# Pages link to their front page from the logo, the menu and the breadcrumbs.
MAX_HOME_LINKS = 12
_HOME_LINKS = etree.XPath("descendant::a[@href='/' or @href=$root or @href=concat($root, '/')]")
_LOGO = re.compile(r"\s*\b(?:logo|home|homepage)\b\s*", re.IGNORECASE)
# Search engines show 110 characters of a headline, and many sites cut theirs there.
MIN_CUT_CHARS = 90
# Parts of a headline: a kicker, the headline itself, a date.
MAX_PIECES = 12


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
    home = _home_texts(tree, links)
    sites = site_names(metas, jsonld, links) | {letters_of(text) for text in home}
    declared = list(_declared_titles(tree, metas, jsonld, sites))
    headings = read_headings(tree, sites, declared)
    title = (
        _contained(headings, declared)
        or _similar(headings, declared)
        or _completed(declared)
        or next(iter(headings), None)
        or _first_subheading(tree, sites)
    )
    return title[:MAX_TITLE_CHARS] if title else None


def read_headings(
    tree: html.HtmlElement, sites: Collection[str] = (), declared: Sequence[str] = ()
) -> list[str]:
    """Return the texts of the h1 elements that are neither navigation nor the site's name.

    Each is without the site's name, and without a kicker or date that a declared title lacks.
    """
    headings: list[str] = []
    for element in tree.xpath("//h1")[:MAX_HEADINGS]:
        pieces = list(_pieces(element))
        text = _without_known_site(tidy(" ".join(pieces)[:MAX_READ_CHARS]), sites)
        is_aside = any(ancestor.tag in ASIDE for ancestor in element.iterancestors())
        if text and not is_aside and not _names_no_article(text, sites):
            headings.append(_stated_part(pieces, text, declared) or text)
    return headings


def _first_subheading(tree: html.HtmlElement, sites: Collection[str]) -> str | None:
    """Return the first heading below h1: the headline of a page that names none elsewhere."""
    for element in islice(tree.iter("h2"), MAX_HEADINGS):
        text = tidy(" ".join(_pieces(element))[:MAX_READ_CHARS])
        is_aside = any(ancestor.tag in ASIDE for ancestor in element.iterancestors())
        if word_count(text) >= MIN_WORDS_LEFT and not is_aside:
            return None if _names_no_article(text, sites) else text
    return None


def _pieces(element: html.HtmlElement) -> Iterator[str]:
    """Yield the texts that an element shows."""
    if element.tag in _HIDDEN_TAGS:
        return
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            yield from _pieces(child)
        yield child.tail or ""


def _stated_part(pieces: Sequence[str], text: str, declared: Sequence[str]) -> str | None:
    """Return the part of a heading that is a declared title; beside it are a kicker or a date.

    It is an element of its own, or what stands before a dash or bar.
    """
    known = {fold(title): title for title in declared if word_count(title) >= MIN_WORDS_LEFT}
    if not known or fold(text) in known:
        return None
    texts = [piece for piece in map(tidy, pieces) if piece][:MAX_PIECES]
    for start, end in combinations(range(len(texts) + 1), 2):
        part = fold(" ".join(texts[start:end]))
        if part in known and (start == 0 or end == len(texts)):
            return tidy(" ".join(texts[start:end])).strip(_EDGES)
    breaks = _SITE_BREAK.finditer(text)
    return next((text[: b.start()] for b in breaks if fold(text[: b.start()]) in known), None)


def _completed(declared: Sequence[str]) -> str | None:
    """Return the first declared title, or another that goes on where that one was cut."""
    first = next(iter(declared), None)
    if first is None:
        return None
    if len(first) >= MIN_CUT_CHARS:
        cut = first.rstrip(" .…")
        return next((t for t in declared if t.startswith(cut) and len(t) > len(first)), first)
    # The same title without a section or a site that no other has.
    shorter = (title for title in declared if word_count(title) >= MIN_WORDS_LEFT)
    return next((title for title in shorter if _is_continued(title, first)), first)


def _is_continued(title: str, longer: str) -> bool:
    """Return whether another title is this one with a dash or bar and more words after it."""
    rest = longer.removeprefix(title)
    return rest != longer and bool(rest) and rest.lstrip()[:1] in _EDGES and rest[:1] not in ":/"


def _home_texts(tree: html.HtmlElement, links: Sequence[str | None]) -> list[str]:
    """Return the texts and pictures of the links to the front page: its name, or "Home"."""
    root = _root_of(next(iter(links), None))
    texts: list[str] = []
    for link in _HOME_LINKS(tree, root=root)[:MAX_HOME_LINKS]:
        texts.append(tidy(" ".join(_pieces(link))))
        texts += [_LOGO.sub(" ", image.get("alt") or "") for image in link.iter("img")]
    return [text for text in texts if 0 < len(text) <= MAX_SITE_CHARS]


def _names_no_article(title: str, sites: Collection[str]) -> bool:
    """Return whether a title says no more than the site's name, or "Home"."""
    parts = [letters_of(part) for part in _SITE_BREAK.split(title.strip(_EDGES))]
    words = [part for part in parts if part]
    return all(word in sites or word in _home_words() for word in words)


@cache
def _home_words() -> frozenset[str]:
    """Return the words for the front page of `rules/titles.toml`, letters only."""
    path = files("transforms").joinpath("rules", "titles.toml")
    return frozenset(map(letters_of, tomllib.loads(path.read_text(encoding="utf-8"))["home"]))


def site_names(
    metas: Mapping[str, Sequence[str]], jsonld: JsonLd, links: Sequence[str | None]
) -> frozenset[str]:
    """Return the names of the site, letters only: the stated ones, and the labels of its host."""
    stated = [*_all_metas(metas, _SITE_METAS), *jsonld.texts("publisher"), *jsonld.sites]
    names = {letters_of(markup.unescape(name)) for name in stated if len(name) <= MAX_SITE_CHARS}
    return frozenset(names | _host_labels(links)) - {""}


def without_site(title: str, sites: Collection[str]) -> str:
    """Return a title without the site's name at its end or start.

    At the end a known name is removed, or what follows the last bar; at the start only a known name
    before a bar or hyphen, since other words there may belong to the headline.
    """
    title = _without_leading_site(_without_known_site(title, sites), sites)
    while breaks := list(_SITE_BREAK.finditer(title)):
        last = breaks[-1]
        headline, ending = title[: last.start()], title[last.end() :]
        if not _is_short_after_bar(headline, last.group(), ending):
            break
        if letters_of(headline) in sites:
            return ending
        title = _without_known_site(headline, sites)
    return title


def _without_known_site(title: str, sites: Collection[str]) -> str:
    """Return a title without known names of the site at its end."""
    while breaks := list(_SITE_BREAK.finditer(title)):
        if letters_of(title[breaks[-1].end() :]) not in sites:
            break
        title = title[: breaks[-1].start()]
    tight = _TIGHT_BREAK.search(title)
    if tight is None or letters_of(title[tight.end() :]) not in sites:
        return title
    headline = title[: tight.start()]
    return headline if word_count(headline) >= MIN_WORDS_LEFT else title


def _without_leading_site(title: str, sites: Collection[str]) -> str:
    first = _FIRST_BREAK.search(title)
    if first is None or letters_of(title[: first.start()]) not in sites:
        return title
    headline = title[first.end() :]
    return headline if word_count(headline) >= MIN_WORDS_LEFT else title


def _is_short_after_bar(headline: str, separator: str, ending: str) -> bool:
    is_bar = not _BARS.isdisjoint(separator)
    return is_bar and len(ending) < MAX_SITE_CHARS and len(headline) > len(ending)


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
        title = without_site(tidy(_unescaped((text or "")[:MAX_READ_CHARS])), sites)
        if title and not _names_no_article(title, sites):
            yield title


def _unescaped(text: str) -> str:
    """Return a text without entities; many sites write them twice: "&amp;#x26;"."""
    return markup.unescape(markup.unescape(text)) if "&" in text else text


def _contained(headings: Sequence[str], titles: Sequence[str]) -> str | None:
    """Return the longest heading that a title contains, else the first that contains a title."""
    folded_titles = [fold(title) for title in titles]
    known = [title for title in folded_titles if len(title) >= MIN_CONTAINED_CHARS]
    words = {heading: fold(heading) for heading in headings}
    long = [heading for heading in headings if len(words[heading]) >= MIN_CONTAINED_CHARS]
    within = [h for h in long if any(words[h] in title for title in known)]
    if within:
        return max(within, key=len)
    return next((h for h in long if any(title in words[h] for title in known)), None)


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
        bare = host.removeprefix("www.")
        names |= {letters_of(host), letters_of(bare)}
        labels = bare.split(".")[:-1]
        names.update(letters_of(label) for label in labels if len(label) >= MIN_LABEL_CHARS)
    return names


def _root_of(link: str | None) -> str:
    """Return the address of the front page of a link's site, "/" if it has none."""
    host = _host_of(link)
    return f"{urlsplit(link or '').scheme}://{host}" if host else "/"


def _host_of(link: str | None) -> str:
    try:
        return urlsplit(link or "").hostname or ""
    except ValueError:
        return ""
