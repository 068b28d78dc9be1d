"""Read the metadata of an article: title, authors, dates, section, tags, image, links."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

from transforms.core.clean.names import byline_words
from transforms.core.extract.authors import choose_authors, jsonld_accounts, jsonld_authors
from transforms.core.extract.bylines import read_bylines
from transforms.core.extract.headline import MAX_TITLE_CHARS, read_title, site_names
from transforms.core.extract.jsonld import JsonLd
from transforms.core.extract.named_elements import NamedElement
from transforms.core.extract.tags import MAX_TAG_CHARS, is_own_word, read_tags
from transforms.core.prose import tidy

# The median description of 1,500 pages has 148 characters; 1% have over 1,500 and are articles in
# the wrong field, which the lake would have twice. A limit of 300 would cut 45 of 301.
MAX_STANDFIRST_CHARS = 1_000
# Bounds on hostile pages. On 1,500 pages the most were 185 meta elements.
MAX_METAS = 500
# The first date is nearly always complete: on 301 pages a limit of one gives the same dates.
MAX_TIMES = 6
MAX_HEADINGS = 5
# The limit of links elsewhere too (core/urls.py).
MAX_URL_CHARS = 2048
_TIME_METAS = (
    *("article:published_time", "og:published_time", "article:published", "datepublished"),
    *("parsely-pub-date", "sailthru.date", "publishdate", "publish-date", "publish_date"),
    *("pubdate", "pub_date", "published", "published_at", "publication_date", "publication-date"),
    *("article.published", "article:published_date", "rnews:datepublished", "bt:pubdate"),
    *("cxenseparse:recs:publishtime", "article:post_time", "article.created", "displaydate"),
    *("originalpublicationdate", "release_date", "citation_online_date"),
    *("citation_publication_date", "dc.date.issued", "dcterms.issued", "dc.date.created"),
    *("dcterms.created", "dc.created", "datecreated", "dcterms.date", "dc.date", "date"),
)
# Content systems have names of their own: "w-published-date", "publishDateTime".
_PUBLICATION_META = re.compile(r"(?:publi|posted|creat|release).*(?:date|time|_at)|date.*publi")
_OTHER_DATE_META = re.compile(r"modif|updat|expir|unpubli|last|end")
_AUTHOR_METAS = (
    *("author", "article:author", "dc.creator", "dcterms.creator", "parsely-author"),
    *("sailthru.author", "article:author_name", "byl", "authors"),
)
_MODIFIED_METAS = (
    *("article:modified_time", "og:updated_time", "article:modified", "datemodified"),
    *("dcterms.modified", "dc.date.modified", "article.updated", "article:updated_time"),
    *("last-modified", "last_modified", "lastmod", "modified", "updated", "revised"),
)
_SECTION_METAS = ("article:section", "section", "parsely-section")

# https://www.w3.org/TR/rdfa-primer/, as in <span property="schema:datePublished" content="...">.
_RDFA_TIMES = etree.XPath(
    "//*[@content and (contains(@property, 'datePublished') or contains(@property, 'dateCreated'))"
    " and not(self::meta)]"
)
Metas = Mapping[str, Sequence[str]]
"""The contents of a page's meta elements by lower-case name, property or itemprop."""


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """The metadata that a page states, as written there; empty or None if it states nothing.

    `published` has the publication times, surest first, each with its basis ("jsonld", "meta",
    "time"); `headings` the first h1 elements. `locale` is a language tag.
    """

    title: str | None = None
    headings: tuple[str, ...] = ()
    standfirst: str | None = None
    authors: tuple[str, ...] = ()
    byline: str | None = None
    published: tuple[tuple[str, str], ...] = ()
    modified: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    image_url: str | None = None
    canonical: str | None = None
    og_type: str | None = None
    locale: str | None = None


def read_metas(tree: html.HtmlElement) -> dict[str, list[str]]:
    """Return the contents of the page's meta elements by lower-case name, property or itemprop."""
    metas: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        content = tidy(element.get("content") or "")
        if name and content and len(metas) < MAX_METAS:
            metas.setdefault(name.strip().lower(), []).append(content)
    return metas


def read_metadata(
    tree: html.HtmlElement,
    names: Sequence[NamedElement],
    metas: Metas,
    jsonld: JsonLd,
    page_url: str,
) -> PageMetadata:
    """Return the page's metadata: from JSON-LD, else meta elements, else the text it displays."""
    bylines = read_bylines(tree, names)
    byline = next(bylines, None)
    canonical = _canonical(tree)
    standfirst = jsonld.text("description") or _meta(metas, "og:description", "description")
    sections = (jsonld.text("articleSection"), _meta(metas, *_SECTION_METAS))
    section = next((name for name in sections if name and not is_own_word(name)), None)
    image = jsonld.text("image") or _meta(metas, "og:image", "twitter:image")
    return PageMetadata(
        title=read_title(tree, metas, jsonld, (page_url, canonical, _meta(metas, "og:url"))),
        headings=_headings(tree),
        standfirst=_shortened(standfirst, MAX_STANDFIRST_CHARS),
        authors=choose_authors(
            (jsonld_authors(jsonld), *_author_metas(metas)),
            chain([byline] if byline else [], bylines),
            site_names(metas, jsonld, (page_url,)),
            jsonld_accounts(jsonld),
        ),
        byline=byline.text if byline else None,
        published=_publication_times(tree, names, metas, jsonld),
        modified=jsonld.date("dateModified") or _meta(metas, *_MODIFIED_METAS),
        section=_shortened(section, MAX_TAG_CHARS),
        tags=read_tags(metas, jsonld),
        image_url=_absolute_url(page_url, image),
        canonical=canonical,
        og_type=_meta(metas, "og:type"),
        locale=_meta(metas, "og:locale", "content-language"),
    )


def _canonical(tree: html.HtmlElement) -> str | None:
    links = tree.xpath("descendant::link[@href and @rel='canonical']")
    return links[0].get("href") if links else None


def _headings(tree: html.HtmlElement) -> tuple[str, ...]:
    elements = tree.xpath("//h1")[:MAX_HEADINGS]
    texts = (tidy(" ".join(element.itertext())) for element in elements)
    return tuple(text[:MAX_TITLE_CHARS] for text in texts)


def _shortened(text: str | None, limit: int) -> str | None:
    return tidy(text)[:limit] or None if text else None


def _author_metas(metas: Metas) -> Iterator[Sequence[str]]:
    """Yield the meta elements that name the authors."""
    yield tuple(_metas(metas, *_AUTHOR_METAS))
    yield tuple(_metas(metas, "citation_author"))
    # https://developers.facebook.com/docs/sharing: Slack and X show such labels beside a link.
    if byline_words().alone.fullmatch(_meta(metas, "twitter:label1") or ""):
        yield tuple(_metas(metas, "twitter:data1"))


def _publication_times(
    tree: html.HtmlElement, names: Sequence[NamedElement], metas: Metas, jsonld: JsonLd
) -> tuple[tuple[str, str], ...]:
    """Return the publication times that the page declares, with their bases."""
    in_jsonld = jsonld.date("datePublished", "dateCreated")
    in_metas = [*_metas(metas, *_TIME_METAS)] or [*_named_as_publication(metas)]
    found = [("jsonld", in_jsonld), *(("meta", time) for time in in_metas[:MAX_TIMES])]
    found.append(("time", _time_element(tree, names)))
    return tuple((basis, time) for basis, time in found if time)


def _named_as_publication(metas: Metas) -> Iterator[str]:
    """Yield the contents of meta elements whose name says that they are the publication time."""
    for name, contents in metas.items():
        if _PUBLICATION_META.search(name) and not _OTHER_DATE_META.search(name):
            yield from contents


def _time_element(tree: html.HtmlElement, names: Sequence[NamedElement]) -> str | None:
    """Return the publication time in an attribute of an element of the page."""
    elements = [name.element for name in names if name.itemprop == "datePublished"]
    elements += _RDFA_TIMES(tree)
    elements += [element for element in tree.iter("time") if _is_publication_time(element)]
    for element in elements:
        time: str | None = element.get("datetime") or element.get("content")
        if time:
            return time
    return None


def _is_publication_time(element: html.HtmlElement) -> bool:
    return element.get("pubdate") is not None or "publish" in (element.get("class") or "")


def _meta(metas: Metas, *names: str) -> str | None:
    return next(iter(_metas(metas, *names)), None)


def _metas(metas: Metas, *names: str) -> Iterator[str]:
    for name in names:
        yield from metas.get(name, ())


def _absolute_url(base: str, href: str | None) -> str | None:
    """Return an absolute http(s) URL; None if the link gives none."""
    try:
        url = urljoin(base, tidy(href)) if href else ""
        is_web = urlsplit(url).scheme in {"http", "https"}
    except ValueError:
        return None
    return url if is_web and len(url) <= MAX_URL_CHARS else None
