"""Find the feeds and news sitemaps that a site's pages, robots.txt and sitemaps name."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

from transforms.core.charsets import UnreadableError, decode
from transforms.core.feeds import bounds, parsed
from transforms.core.markup import html_attribute_counts

# Bytes of a page or sitemap that are read: feeds are named in a page's head or foot; six times the
# largest of 1,012 news pages.
MAX_PAGE = 2 * 1024 * 1024

# Links of a page that are tried: each costs a request. Sites with a feed for every section name the
# main ones first.
MAX_LINKS = 20

# Sitemaps that are tried: each costs a request.
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

# RFC 9309 section 2.5: at least 500 KiB of a robots.txt are read.
_MAX_ROBOTS = 512 * 1024
# Where the root of a sitemap is searched for, after the comments of its generator.
_HEAD_BYTES = 4096
# A link's text that names a feed is a few words.
_MAX_LINK_TEXT = 200

_FEED_TYPES = re.compile(
    r"(?:application|text)/(?:(?:rss|atom|rdf)\+xml|feed\+json|x\.(?:rss|atom)\+xml)", re.IGNORECASE
)
_FEED_WORDS = re.compile(r"(?:^|[^a-z])(?:rss|feeds?|atom|rdf)(?:2|[^a-z0-9]|$)", re.IGNORECASE)
_COMMENTS = re.compile(r"comment|kommentar|comentario|commentaire", re.IGNORECASE)
_SITEMAP_LINE = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_LOC = re.compile(rb"<loc>\s*(?:<!\[CDATA\[)?\s*([^<\]\s]{1,2048})", re.IGNORECASE)
_IS_INDEX = re.compile(rb"<(?:[a-z0-9]+:)?sitemapindex[\s>]", re.IGNORECASE)
_NEWS_NAME = re.compile(r"news|latest|recent|aktuell|actu|noticias", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A URL that may be a feed's, and how it was found: link (rel=alternate), anchor or path."""

    url: str
    title: str | None
    how: str


def feed_links(page: bytes, url: str) -> tuple[FeedLink, ...]:
    """Return the feeds that a page names: declared ones first, those of comments last.

    A URL that is named several times comes once, as it was first found.
    """
    tree = _tree(page)
    if tree is None:
        return ()
    base = urljoin(url, next(iter(tree.xpath("//base/@href")), ""))
    links: dict[str, FeedLink] = {}
    for link in (*_declared(tree, base), *_anchors(tree, base)):
        # A page may repeat its main feed in the foot, and only the first MAX_LINKS are tried.
        links.setdefault(link.url, link)
    return tuple(sorted(links.values(), key=_rank)[:MAX_LINKS])


def common_links(url: str, paths: Iterable[str] = COMMON_PATHS) -> tuple[FeedLink, ...]:
    """Return the URLs at which many sites have their feeds."""
    urls = (parsed.link(urljoin(url, path)) for path in paths)
    return tuple(FeedLink(found, None, "path") for found in urls if found)


def sitemap_lines(robots: bytes, url: str) -> tuple[str, ...]:
    """Return the sitemaps that a robots.txt names."""
    text = robots[:_MAX_ROBOTS].decode("utf-8", "replace")
    return _sitemap_urls(_SITEMAP_LINE.findall(text), url)


def is_news_sitemap(document: bytes) -> bool:
    """Return whether a sitemap lists news articles (the sitemap-news namespace)."""
    head = document[:MAX_PAGE]
    return NEWS_NAMESPACE in head and b"<urlset" in head


def news_sitemaps_in(index: bytes, url: str) -> tuple[str, ...]:
    """Return the sitemaps of an index whose names suggest news; () for another document."""
    if not _IS_INDEX.search(index[:_HEAD_BYTES]):
        return ()
    names = [
        loc.decode("utf-8", "replace").replace("&amp;", "&")
        for loc in _LOC.findall(index[:MAX_PAGE])
    ]
    return _sitemap_urls([name for name in names if _NEWS_NAME.search(urlsplit(name).path)], url)


def _sitemap_urls(names: Iterable[str], base: str) -> tuple[str, ...]:
    urls = (parsed.link(urljoin(base, name)) for name in names)
    return tuple(dict.fromkeys(url for url in urls if url))[:MAX_SITEMAPS]


def _tree(page: bytes) -> html.HtmlElement | None:
    try:
        markup = decode(page[:MAX_PAGE]).text.replace("\x00", "").encode("utf-8", "replace")
    except UnreadableError:
        return None
    if max(html_attribute_counts(markup), default=0) > bounds.MAX_TAG_ATTRIBUTES:
        return None
    parser = html.HTMLParser(no_network=True, recover=True, huge_tree=False, encoding="utf-8")
    try:
        tree = html.document_fromstring(markup, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return None
    return tree


def _declared(tree: html.HtmlElement, base: str) -> Iterator[FeedLink]:
    """Yield the feeds of <link> elements."""
    for link in tree.xpath("//link[@rel and @href]"):
        rel = (link.get("rel") or "").lower().split()
        media_type = (link.get("type") or "").split(";", 1)[0].strip()
        is_alternate = "alternate" in rel and bool(_FEED_TYPES.fullmatch(media_type))
        if is_alternate or "feed" in rel:
            yield from _link(link.get("href"), base, link.get("title"), "link")


def _anchors(tree: html.HtmlElement, base: str) -> Iterator[FeedLink]:
    """Yield the URLs of <a> elements whose URL, title or text has a word for feeds."""
    for link in tree.xpath("//a[@href]"):
        title = link.get("title") or ""
        text = "".join(link.itertext())[:_MAX_LINK_TEXT]
        words = (_path_and_query(link.get("href")), title, text)
        if any(_FEED_WORDS.search(word) for word in words):
            yield from _link(link.get("href"), base, title or text, "anchor")


def _path_and_query(link: str) -> str:
    """Return path and query of a URL; nothing for one that cannot be parsed."""
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
    is_of_comments = bool(_COMMENTS.search(f"{link.title} {link.url}"))
    return is_of_comments, link.how != "link"
