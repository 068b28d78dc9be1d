"""Which feeds and news sitemaps does a site have? What its pages, its robots.txt and its sitemaps say of them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

from transforms.core.feeds import parsed

MAX_PAGE = 2 * 1024 * 1024
MAX_LINKS = 20
MAX_SITEMAPS = 20
COMMON_PATHS = (
    "/feed",
    "/rss",
    "/rss.xml",
    "/feed.xml",
    "/atom.xml",
    "/index.xml",
    "/feeds",
    "/feed.json",
    "/?feed=rss2",
)
NEWS_SITEMAPS = (
    "/news-sitemap.xml",
    "/sitemap-news.xml",
    "/sitemap_news.xml",
    "/sitemaps/news.xml",
)
NEWS_NAMESPACE = b"http://www.google.com/schemas/sitemap-news/"

_KINDS = re.compile(
    r"(?:application|text)/(?:(?:rss|atom|rdf)\+xml|feed\+json|x\.(?:rss|atom)\+xml)", re.IGNORECASE
)
_NAMED = re.compile(r"(?:^|[^a-z])(?:rss|feeds?|atom|rdf)(?:2|[^a-z0-9]|$)", re.IGNORECASE)
_COMMENTS = re.compile(r"comment|kommentar|comentario|commentaire", re.IGNORECASE)
_SITEMAP_LINE = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_LOC = re.compile(rb"<loc>\s*(?:<!\[CDATA\[)?\s*([^<\]\s]{1,2048})", re.IGNORECASE)
_IS_INDEX = re.compile(rb"<(?:[a-z0-9]+:)?sitemapindex[\s>]", re.IGNORECASE)
_NEWS_NAME = re.compile(r"news|latest|recent|aktuell|actu|noticias", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A link that may lead to a feed, and how it was found: link (rel=alternate), anchor or path."""

    url: str
    title: str | None
    how: str


def feed_links(page: bytes, url: str) -> tuple[FeedLink, ...]:
    """Return the feeds that a page names, surest first, those of comments last; each link once."""
    tree = _tree(page)
    if tree is None:
        return ()
    base = urljoin(url, next(iter(tree.xpath("//base/@href")), ""))
    found = {link.url: link for link in reversed([*_declared(tree, base), *_anchors(tree, base)])}
    ordered = list(reversed(found.values()))
    return tuple(sorted(ordered, key=_rank)[:MAX_LINKS])


def common_links(url: str, paths: Iterable[str] = COMMON_PATHS) -> tuple[FeedLink, ...]:
    """Return the links under which sites of all kinds keep their feeds."""
    return tuple(
        FeedLink(link, None, "path") for path in paths if (link := parsed.link(urljoin(url, path)))
    )


def sitemap_lines(robots: bytes, url: str) -> tuple[str, ...]:
    """Return the sitemaps that a robots.txt names."""
    text = robots[: 512 * 1024].decode("utf-8", "replace")
    links = (parsed.link(urljoin(url, line)) for line in _SITEMAP_LINE.findall(text))
    return tuple(dict.fromkeys(link for link in links if link))[:MAX_SITEMAPS]


def is_news_sitemap(document: bytes) -> bool:
    """Return whether a sitemap lists news articles (the sitemap-news namespace)."""
    return NEWS_NAMESPACE in document[:MAX_PAGE] and b"<urlset" in document[:MAX_PAGE]


def news_sitemaps_in(index: bytes, url: str) -> tuple[str, ...]:
    """Return the sitemaps of an index that by their names may list news; () where the document is no index."""
    if not _IS_INDEX.search(index[:4096]):
        return ()
    names = (
        found.decode("utf-8", "replace").replace("&amp;", "&")
        for found in _LOC.findall(index[:MAX_PAGE])
    )
    links = (
        parsed.link(urljoin(url, name)) for name in names if _NEWS_NAME.search(urlsplit(name).path)
    )
    return tuple(dict.fromkeys(link for link in links if link))[:MAX_SITEMAPS]


def _tree(page: bytes) -> html.HtmlElement | None:
    parser = html.HTMLParser(no_network=True, recover=True, huge_tree=False, encoding=None)
    try:
        tree = html.document_fromstring(page[:MAX_PAGE].replace(b"\x00", b""), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return None
    return tree


def _declared(tree: html.HtmlElement, base: str) -> Iterator[FeedLink]:
    for link in tree.xpath("//link[@rel and @href]"):
        rel = (link.get("rel") or "").lower().split()
        kind = (link.get("type") or "").split(";", 1)[0].strip()
        if ("alternate" in rel and _KINDS.fullmatch(kind)) or "feed" in rel:
            yield from _link(link.get("href"), base, link.get("title"), "link")


def _anchors(tree: html.HtmlElement, base: str) -> Iterator[FeedLink]:
    for link in tree.xpath("//a[@href]"):
        words = (
            urlsplit_path(link.get("href")),
            link.get("title") or "",
            "".join(link.itertext())[:200],
        )
        if any(_NAMED.search(word) for word in words):
            yield from _link(link.get("href"), base, words[1] or words[2], "anchor")


def urlsplit_path(link: str) -> str:
    """Return path and query of a link; nothing of one that cannot be taken apart."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    return f"{parts.path}?{parts.query}"


def _link(href: str, base: str, title: str | None, how: str) -> Iterator[FeedLink]:
    try:
        link = parsed.link(urljoin(base, href.strip()))
    except ValueError:
        link = None
    if link is not None:
        yield FeedLink(link, parsed.line(title), how)


def _rank(link: FeedLink) -> tuple[bool, bool]:
    return (bool(_COMMENTS.search(f"{link.title} {link.url}")), link.how != "link")
