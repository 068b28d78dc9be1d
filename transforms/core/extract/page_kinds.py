"""What kind of page is this: an article, or something that stands in its place?"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree, html

from transforms.core.extract.jsonld import Linked
from transforms.core.extract.walls import asks_to_pay, wall_of_text, wall_of_title
from transforms.core.prose import is_prose, plain, word_count

SHORT_CHARS = 1_500
SHORTEST_CHARS = 40
"""A page with less text than a sentence, and no word of its own that it is an article, has none."""
MAX_FORM_CHARS = 400
MIN_TEXT_BLOCKS = 2
"""With so much running text, a page that says it is an article is one, whatever its title is about."""
MIN_WHOLE_BLOCKS = 4
"""So much of it is an article, though its page does not say so."""
MAX_JUDGED = 40
MIN_TEASERS = 5
MIN_SHARE_SHOWN = 0.5
WALLS = frozenset({"challenge", "consent_wall", "home", "login", "soft_404"})
"""Kinds without an article's text: what such a page says is no body."""
# What guards against robots load, in every language: Cloudflare, DataDome, PerimeterX, Imperva, reCAPTCHA, hCaptcha.
_GUARDS = etree.XPath(
    "//script[contains(@src, '/cdn-cgi/challenge-platform') or contains(@src, '_Incapsula_Resource')]"
    "|//iframe[contains(@src, 'captcha-delivery.com') or contains(@src, '_Incapsula_Resource')]"
    "|//*[contains(@id, 'px-captcha') or contains(@id, 'cf-challenge') or contains(@class, 'cf-challenge')]"
)
_PASSWORD = etree.XPath("boolean(//input[@type='password'])")
_TEASERS = etree.XPath(
    "count(//article[.//h2//a[@href] or .//h3//a[@href] or .//a[@href]//h2 or .//a[@href]//h3])"
)
_LIST_FOLDERS = frozenset(
    {
        *(
            "tag",
            "tags",
            "category",
            "categories",
            "topic",
            "topics",
            "section",
            "sections",
            "search",
            "author",
        ),
        *(
            "authors",
            "archive",
            "archives",
            "kategorie",
            "thema",
            "themen",
            "schlagwort",
            "rubrik",
            "suche",
        ),
        *(
            "categorie",
            "rubrique",
            "recherche",
            "etiqueta",
            "etiquetas",
            "categoria",
            "seccion",
            "tema",
            "buscar",
        ),
    }
)
_LISTINGS = frozenset({"CollectionPage", "SearchResultsPage"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a page is judged by: what it says of itself, the body found on it, and the first words it shows.

    `asks` says whether it asks to pay where the body ends.
    """

    titles: tuple[str, ...]
    body: str
    linked: Linked
    og_type: str
    url: str
    shown: str
    asks: bool = False


def shown_text(tree: html.HtmlElement) -> str:
    """Return the first words a page shows, scripts and styles aside, in one line."""
    body = next(iter(tree.xpath("//body")), tree)
    parts: list[str] = []
    length = 0
    for part in body.xpath(".//text()[not(parent::script or parent::style or parent::template)]"):
        parts.append(part)
        length += len(part.strip())
        if length > 4 * SHORT_CHARS:
            break
    return plain(" ".join(parts))


def page_kind(page: Seen, tree: html.HtmlElement) -> str:
    """Return the `page_kind` of the articles table: "article" unless the page proves another, "empty" without text.

    A front page, a section's or tag's list and search results are "home".
    """
    if "LiveBlogPosting" in page.linked.types:
        return "live_blog"
    return _wall(page, tree) or _listing(page, tree) or _kind_of_text(page)


def _kind_of_text(page: Seen) -> str:
    body = page.body
    short = len(body) < SHORT_CHARS
    if (_is_paid(page.linked) and _is_cut(page)) or (short and (page.asks or asks_to_pay(body))):
        return "paywall"
    if short and body and page.og_type.startswith("video"):
        return "video"
    return "empty" if len(body) < SHORTEST_CHARS and not page.linked.article else "article"


def _wall(page: Seen, tree: html.HtmlElement) -> str | None:
    """Return which wall stands before the article: by its title, its few words, or what it loads.

    What reads as an article may be about such things: its title is no proof, and a phrase has to be said to the reader.
    """
    claimed, blocks = _says_article(page), _text_blocks(page.body)
    reads = blocks >= (MIN_TEXT_BLOCKS if claimed else MIN_WHOLE_BLOCKS)
    text = page.body if page.body.strip() else page.shown[:SHORT_CHARS]
    short = len(page.body) < SHORT_CHARS
    said = wall_of_text(text, called=reads or (claimed and blocks > 0)) if short else None
    titled = wall_of_title(page.titles, bare=reads) if short or not claimed else None
    if titled and (said == titled or not (reads and claimed) or _GUARDS(tree)):
        return titled
    if said and len(text) < SHORT_CHARS // 2:
        return said
    if len(page.body) < MAX_FORM_CHARS and not claimed:
        return "challenge" if _GUARDS(tree) else "login" if _PASSWORD(tree) else None
    return None


def _text_blocks(body: str) -> int:
    return sum(is_prose(block) for block in body.split("\n\n")[:MAX_JUDGED])


def _listing(page: Seen, tree: html.HtmlElement) -> str | None:
    """Return "home" for a page that lists articles and says of itself that it is none."""
    if _says_article(page):
        return None
    parts = urlsplit(page.url)
    front = parts.path in {"", "/"} and not parts.query and page.og_type == "website"
    lists = bool(page.linked.types & _LISTINGS) and len(page.body) < SHORT_CHARS
    named = not _LIST_FOLDERS.isdisjoint(parts.path.lower().split("/")[1:3])
    return "home" if front or lists or (named and _TEASERS(tree) >= MIN_TEASERS) else None


def _says_article(page: Seen) -> bool:
    return bool(page.linked.article) or page.og_type == "article"


def _is_paid(linked: Linked) -> bool:
    """Return whether an article, or a part of it, is only for who pays."""
    parts = linked.article.get("hasPart")
    nodes = [linked.article, *(parts[:20] if isinstance(parts, list) else [parts])]
    free = [
        node["isAccessibleForFree"]
        for node in nodes
        if isinstance(node, Mapping) and "isAccessibleForFree" in node
    ]
    return bool(free) and str(free[0]).rsplit("/", 1)[-1].lower() == "false"


def _is_cut(page: Seen) -> bool:
    """Return whether a body is short, or much shorter than the number of words that the page gives its article."""
    stated = page.linked.text("wordCount") or ""
    count = int(stated) if stated.isdecimal() and len(stated) < 7 else 0
    return len(page.body) < SHORT_CHARS or word_count(page.body) < MIN_SHARE_SHOWN * count
