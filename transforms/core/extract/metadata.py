"""What does a page say of its article: title, authors, section, tags, image, canonical link?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml import html

from transforms.core.extract.authors import choose_authors, read_byline, read_shown_authors
from transforms.core.extract.headline import MAX_TITLE_CHARS, read_title, site_names
from transforms.core.extract.jsonld import Linked
from transforms.core.extract.named_elements import Named
from transforms.core.prose import tidy

MAX_STANDFIRST_CHARS = 1_000
MAX_LIST = 50
MAX_TIMES = 6
_TIME_METAS = (
    *(
        "article:published_time",
        "og:published_time",
        "article:published",
        "datepublished",
        "parsely-pub-date",
    ),
    *(
        "sailthru.date",
        "publishdate",
        "pubdate",
        "dc.date.issued",
        "dcterms.created",
        "dc.date",
        "date",
        "publish-date",
    ),
)
_AUTHOR_METAS = ("author", "article:author", "dc.creator", "parsely-author", "sailthru.author")
_CHANGED_METAS = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "last-modified",
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a page says of its article, as written there; empty or None where it says nothing."""

    title: str | None = None
    headings: tuple[str, ...] = ()
    standfirst: str | None = None
    authors: tuple[str, ...] = ()
    byline: str | None = None
    published: tuple[str | None, ...] = ()
    modified: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    image_url: str | None = None
    canonical: str | None = None
    og_type: str | None = None


def read_metas(tree: html.HtmlElement) -> dict[str, list[str]]:
    """Return the contents of the page's meta elements by lower-case name, property or itemprop."""
    metas: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        content = tidy(element.get("content") or "")
        if name and content and len(metas) < 500:
            metas.setdefault(name.strip().lower(), []).append(content)
    return metas


def read_facts(
    tree: html.HtmlElement,
    names: Sequence[Named],
    metas: Mapping[str, Sequence[str]],
    linked: Linked,
    page_url: str,
) -> Facts:
    """Return what the page says of its article: JSON-LD first, then meta elements, then what it shows."""
    byline = read_byline(tree, names)
    section = linked.text("articleSection") or _meta(
        metas, "article:section", "section", "parsely-section"
    )
    tags = [
        *_metas(metas, "article:tag"),
        *_split(linked.texts("keywords") or _metas(metas, "news_keywords", "keywords")),
    ]
    canonical = next(
        (link.get("href") for link in tree.xpath("//link[@href and @rel='canonical']")), None
    )
    standfirst = linked.text("description") or _meta(metas, "og:description", "description")
    return Facts(
        title=read_title(tree, metas, linked, (page_url, canonical, _meta(metas, "og:url"))),
        headings=tuple(
            tidy(" ".join(h.itertext()))[:MAX_TITLE_CHARS] for h in tree.xpath("//h1")[:5]
        ),
        standfirst=tidy(standfirst)[:MAX_STANDFIRST_CHARS] or None if standfirst else None,
        authors=choose_authors(
            _named_authors(tree, names, metas, linked, byline),
            site_names(metas, linked, (page_url,)),
        ),
        byline=byline,
        published=(
            linked.text("datePublished") or linked.text("dateCreated"),
            *list(_metas(metas, *_TIME_METAS))[:MAX_TIMES],
            _marked_time(tree, names),
        ),
        modified=linked.text("dateModified") or _meta(metas, *_CHANGED_METAS),
        section=tidy(section)[:100] or None if section else None,
        tags=tuple(sorted({tidy(tag)[:100] for tag in tags[:MAX_LIST] if tidy(tag)})),
        image_url=_link(
            page_url, linked.text("image") or _meta(metas, "og:image", "twitter:image")
        ),
        canonical=canonical,
        og_type=_meta(metas, "og:type"),
    )


def _named_authors(
    tree: html.HtmlElement,
    names: Sequence[Named],
    metas: Mapping[str, Sequence[str]],
    linked: Linked,
    byline: str | None,
) -> Iterator[Sequence[str]]:
    """Yield what may name the authors, surest first; what costs most only if nothing else would do."""
    yield linked.texts("author") or linked.texts("creator")
    yield tuple(_metas(metas, *_AUTHOR_METAS))
    yield read_shown_authors(tree, names, byline)


def _marked_time(tree: html.HtmlElement, names: Sequence[Named]) -> str | None:
    """Return the publication time that an element of the page carries beside what it shows."""
    dated = [one.element for one in names if one.itemprop == "datePublished"]
    dated += [
        one
        for one in tree.iter("time")
        if one.get("pubdate") is not None or "publish" in (one.get("class") or "")
    ]
    return next(
        (found for one in dated if (found := one.get("datetime") or one.get("content"))), None
    )


def _meta(metas: Mapping[str, Sequence[str]], *names: str) -> str | None:
    return next(iter(_metas(metas, *names)), None)


def _metas(metas: Mapping[str, Sequence[str]], *names: str) -> Iterator[str]:
    for name in names:
        yield from metas.get(name, ())


def _split(texts: Sequence[str] | Iterator[str]) -> list[str]:
    return [
        part.strip()
        for text in list(texts)[:MAX_LIST]
        for part in text.split(",")[:MAX_LIST]
        if part.strip()
    ]


def _link(base: str, href: str | None) -> str | None:
    """Return an absolute http(s) link, else None."""
    try:
        link = urljoin(base, tidy(href)) if href else ""
        return link if urlsplit(link).scheme in {"http", "https"} and len(link) <= 2048 else None
    except ValueError:
        return None
