"""Classify a page: an article, or a wall, a list or an error in place of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree, html

from transforms.core.extract.cards import MIN_CARDS, NO_LISTING, Listing
from transforms.core.extract.consent_words import MIN_TOPICS, consent_topics
from transforms.core.extract.dialogs import has_button, has_consent_control
from transforms.core.extract.jsonld import JsonLd
from transforms.core.extract.media_kinds import is_gallery, is_product, is_video
from transforms.core.extract.walls import asks_to_pay, wall_of_text, wall_of_title
from transforms.core.prose import fold, is_prose, plain, word_count

# Walls, teasers and truncated articles have less text than about four paragraphs. With 500 or with
# 4,000, one of 301 pages changes its kind.
SHORT_CHARS = 1_500
# Only the first SHORT_CHARS of the visible text are used; bounds the time on long pages.
MAX_VISIBLE_CHARS = 4 * SHORT_CHARS
# Less than a sentence: unless its JSON-LD has an article, such a page is empty. No page of 301
# changes between 1 and 150.
MIN_BODY_CHARS = 40
# A wall has a few lines of text, and little beside them. No page of 301 changes between 300 and
# 1,500.
MAX_WALL_CHARS = 750
# A login form has its labels and a note; on a page with more text it is beside an article. No page
# of 301 changes with 100.
MAX_FORM_CHARS = 400
# With two paragraphs, a page that claims to be an article is one, whatever its title is about;
# walls have one. Without the claim it takes four. No page of 301 changes with 1 and 2, or 4 and 8.
MIN_CLAIMED_PARAGRAPHS = 2
MIN_PARAGRAPHS = 4
# The required paragraphs are among the first blocks; bounds the time.
MAX_JUDGED_BLOCKS = 40
# Related articles below an article are teasers too; this many, in a folder of lists, are the page.
# No page of 301 changes with 2.
MIN_TEASERS = 5
# A body with less than half of the words that the page states is truncated. Half leaves room for
# captions and boxes in the stated count. No page of 301 changes between 0.3 and 0.8.
MIN_SHARE_OF_WORDS = 0.5
# Bounds on hostile metadata: longer numbers are not word counts, and parts are one or two.
_MAX_COUNT_DIGITS = 6
_MAX_PARTS = 20
# A request may have a paragraph on the price of a subscription beside those on consent.
MAX_OTHER_SHARE = 0.34
# A page with the paragraphs of an article may be one about cookies; long requests miss no topic.
LONG_TOPICS = 5
MANY_TOPICS = 3
# An index may have a note on what it lists: a tenth of it. An article of four paragraphs with the
# cards of twenty others has more of its own.
MAX_OWN_SHARE = 0.15
# A longer paragraph is a text of its own: a transcript, a letter.
MAX_NOTE_CHARS = 500
# A paragraph on a section, and its articles, whose cards are not in the body.
MIN_CARDS_BESIDE = 4
# "News from the harbour" is the title of a section; a headline has a verb too.
MIN_HEADLINE_WORDS = 4
# The sentence of a news flash; shorter ones introduce a list.
MIN_LEDE_CHARS = 100
WALLS = frozenset({"challenge", "consent_wall", "home", "login", "soft_404"})
"""Kinds without an article: the text of such a page is not a body."""
# Scripts and elements of services that block robots, in every language: Cloudflare, DataDome,
# PerimeterX, Imperva, reCAPTCHA, hCaptcha.
_ROBOT_GUARDS = etree.XPath(
    "//script[contains(@src, '/cdn-cgi/challenge-platform')"
    " or contains(@src, '_Incapsula_Resource')]"
    "|//iframe[contains(@src, 'captcha-delivery.com') or contains(@src, '_Incapsula_Resource')]"
    "|//*[contains(@id, 'px-captcha') or contains(@id, 'cf-challenge')"
    " or contains(@class, 'cf-challenge')]"
)
_PASSWORD_FIELD = etree.XPath("boolean(//input[@type='password'])")
_TEASER_COUNT = etree.XPath(
    "count(//article[.//h2//a[@href] or .//h3//a[@href] or .//a[@href]//h2 or .//a[@href]//h3])"
)
_LIST_FOLDERS = frozenset(
    {
        *("tag", "tags", "category", "categories", "topic", "topics", "section", "sections"),
        *("search", "author", "authors", "archive", "archives", "kategorie", "thema"),
        *("themen", "schlagwort", "rubrik", "suche", "categorie", "rubrique", "recherche"),
        *("etiqueta", "etiquetas", "categoria", "seccion", "tema", "buscar"),
    }
)
_LIST_TYPES = frozenset({"CollectionPage", "SearchResultsPage"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContent:
    """The evidence for a page's kind: titles and metadata, the body found, its first visible text.

    `shown_titles` are the window's title and the first headings, whatever the metadata say.
    `paywall_prompt` is whether it asks to pay where the body ends, `consent_dialog` whether a
    dialog, which is not in the body, asks for consent. `listing` is the share of cards in the body,
    `captions` are those of its pictures. `visible` is only needed for short bodies.
    """

    titles: tuple[str, ...]
    shown_titles: tuple[str, ...] = ()
    body: str
    jsonld: JsonLd
    og_type: str
    url: str
    visible: str
    paywall_prompt: bool = False
    consent_dialog: bool = False
    listing: Listing = NO_LISTING
    captions: tuple[str, ...] = ()

    @property
    def is_short(self) -> bool:
        """Whether the body is too short to prove that the page is an article."""
        return len(self.body) < SHORT_CHARS

    @property
    def claims_article(self) -> bool:
        """Whether the page's metadata say that it is an article."""
        return bool(self.jsonld.article) or self.og_type == "article"


def visible_text(tree: html.HtmlElement) -> str:
    """Return the first text of a page, scripts and styles aside, in one line."""
    body = next(iter(tree.xpath("//body")), tree)
    parts: list[str] = []
    length = 0
    for part in body.xpath(".//text()[not(parent::script or parent::style or parent::template)]"):
        parts.append(part)
        length += len(part.strip())
        if length > MAX_VISIBLE_CHARS:
            break
    return plain(" ".join(parts))


def page_kind(page: PageContent, tree: html.HtmlElement) -> str:
    """Return the `page_kind` of the articles table.

    "article" unless the page proves another kind, "empty" without text. A front page, the list of a
    section or tag, and search results are "home".
    """
    if "LiveBlogPosting" in page.jsonld.types:
        return "live_blog"
    product = _product(page, tree)
    wall = None if product and page.body else _wall(page, tree)
    return wall or _listing(page, tree) or product or _kind_of_text(page, tree)


def _product(page: PageContent, tree: html.HtmlElement) -> str | None:
    if page.claims_article:
        return None
    paragraphs, types = _paragraph_count(page.body), page.jsonld.types
    found = is_product(tree, page.og_type, types, paragraphs, short=page.is_short)
    return "product" if found else None


def _kind_of_text(page: PageContent, tree: html.HtmlElement) -> str:
    if _is_behind_paywall(page):
        return "paywall"
    media = _media_kind(page, tree)
    if media:
        return media
    is_empty = len(page.body) < MIN_BODY_CHARS and not page.jsonld.article
    return "empty" if is_empty or not page.body else "article"


def _media_kind(page: PageContent, tree: html.HtmlElement) -> str | None:
    """Return "video" or "gallery" for a page with little text beside them."""
    if not page.is_short:
        return None
    paragraphs, types = _paragraph_count(page.body), page.jsonld.types
    if is_gallery(types, paragraphs, page.body, page.captions, claimed=page.claims_article):
        return "gallery"
    if page.claims_article and not page.og_type.startswith("video"):
        return None
    is_film = is_video(tree, page.og_type, types, paragraphs, len(page.body))
    return "video" if is_film else None


def _is_behind_paywall(page: PageContent) -> bool:
    if is_paid(page.jsonld) and _is_truncated(page):
        return True
    return page.is_short and (page.paywall_prompt or asks_to_pay(page.body))


def _wall(page: PageContent, tree: html.HtmlElement) -> str | None:
    """Return the wall in place of the article, by its title, its few words, or its elements.

    An article may be about such things: if the page reads as one, its title alone is not enough,
    and a phrase has to address the reader.
    """
    paragraphs = _paragraph_count(page.body)
    reads_as_article = paragraphs >= _needed_paragraphs(page)
    by_title = _wall_by_title(page, bare=reads_as_article)
    addressed = reads_as_article or (page.claims_article and paragraphs > 0)
    by_text = _wall_by_text(page, addressed=addressed)
    if by_title:
        is_likely_article = reads_as_article and page.claims_article
        if not is_likely_article or by_text == by_title or _ROBOT_GUARDS(tree):
            return by_title
    if by_text and len(_judged_text(page)) < MAX_WALL_CHARS:
        return by_text
    if _is_request_for_consent(page, tree, topics=LONG_TOPICS if reads_as_article else MIN_TOPICS):
        return "consent_wall"
    return _wall_by_elements(page, tree)


def _is_request_for_consent(page: PageContent, tree: html.HtmlElement, *, topics: int) -> bool:
    """Return whether a page asks for consent, with a button to give it, and has no other text."""
    if not page.is_short or (page.claims_article and topics > MIN_TOPICS):
        return False
    if page.consent_dialog and max(map(len, (page.body, page.visible))) < MAX_FORM_CHARS:
        return not page.claims_article and len(page.body) < MIN_BODY_CHARS
    return _asks_in_text(page, tree, topics=topics)


def _asks_in_text(page: PageContent, tree: html.HtmlElement, *, topics: int) -> bool:
    blocks = _judged_text(page).split("\n\n")
    other = [block for block in blocks if is_prose(block) and not consent_topics(block)]
    if len(other) > MAX_OTHER_SHARE * len(blocks):
        return False
    found = consent_topics(" ".join((*page.titles, *blocks)))
    if found >= topics and has_consent_control(tree):
        return True
    says_all = found >= max(topics, MANY_TOPICS) and not other
    return says_all and _has_only_buttons(page, tree)


def _has_only_buttons(page: PageContent, tree: html.HtmlElement) -> bool:
    """Return whether a page has buttons that say nothing ("Continue"), and does not claim more."""
    return not page.claims_article and has_button(tree)


def _needed_paragraphs(page: PageContent) -> int:
    return MIN_CLAIMED_PARAGRAPHS if page.claims_article else MIN_PARAGRAPHS


def _paragraph_count(body: str) -> int:
    return sum(is_prose(block) for block in body.split("\n\n")[:MAX_JUDGED_BLOCKS])


def _wall_by_title(page: PageContent, *, bare: bool) -> str | None:
    if page.claims_article and not page.is_short:
        return None
    return wall_of_title(page.titles, bare=bare)


def _wall_by_text(page: PageContent, *, addressed: bool) -> str | None:
    return wall_of_text(_judged_text(page), addressed=addressed) if page.is_short else None


def _judged_text(page: PageContent) -> str:
    """Return the body, or the page's visible text if extraction found none."""
    return page.body if page.body.strip() else page.visible[:SHORT_CHARS]


def _wall_by_elements(page: PageContent, tree: html.HtmlElement) -> str | None:
    """Return the wall of a page of few words that has the scripts or the form of one."""
    if page.claims_article or len(page.body) >= MAX_FORM_CHARS:
        return None
    if _ROBOT_GUARDS(tree):
        return "challenge"
    return "login" if _PASSWORD_FIELD(tree) else None


def _listing(page: PageContent, tree: html.HtmlElement) -> str | None:
    """Return "home" for a page that lists articles and does not claim to be one."""
    is_list = _is_of_list_type(page) and page.listing.count >= MIN_CARDS
    if "product" in page.og_type:
        return None
    if page.claims_article and not (is_list or _is_claim_of_card(page) or _is_all_cards(page)):
        return None
    if _is_front_page(page) or (page.is_short and _is_of_list_type(page)):
        return "home"
    folders = urlsplit(page.url).path.lower().split("/")[1:3]
    is_in_list_folder = not _LIST_FOLDERS.isdisjoint(folders)
    if is_in_list_folder and _TEASER_COUNT(tree) >= MIN_TEASERS:
        return "home"
    return "home" if _is_index(page) else None


def _is_of_list_type(page: PageContent) -> bool:
    return not _LIST_TYPES.isdisjoint(page.jsonld.types)


def _is_all_cards(page: PageContent) -> bool:
    """Return whether a page is an article by its Open Graph type alone, and has nothing but cards.

    The plugins of blogs give that type to the pages of their categories too.
    """
    listing = page.listing
    if page.jsonld.article or not listing.card_chars:
        return False
    return listing.count >= MIN_CARDS and not listing.own_paragraphs


def _is_claim_of_card(page: PageContent) -> bool:
    """Return whether the article that the page's JSON-LD names is one that a card leads to."""
    headline = fold(page.jsonld.text("headline") or "")
    own = {fold(title) for title in page.shown_titles}
    return headline in page.listing.headings and headline not in own


def _is_index(page: PageContent) -> bool:
    """Return whether a page has cards, and little text that is not theirs."""
    listing = page.listing
    if listing.count < MIN_CARDS and not listing.card_chars:
        return False
    if len(page.body) < MIN_BODY_CHARS:
        return True
    if listing.own_chars <= MAX_OWN_SHARE * listing.card_chars:
        return True
    if listing.own_paragraphs > 1 or listing.own_chars > MAX_NOTE_CHARS or _has_lede(page):
        return False
    return listing.card_chars > listing.own_chars or listing.count >= MIN_CARDS_BESIDE


def _has_lede(page: PageContent) -> bool:
    """Return whether the text begins as a short article does: a headline, then a paragraph."""
    has_headline = any(word_count(title) >= MIN_HEADLINE_WORDS for title in page.titles)
    return has_headline and page.listing.chars_above >= MIN_LEDE_CHARS


def _is_front_page(page: PageContent) -> bool:
    parts = urlsplit(page.url)
    return parts.path in {"", "/"} and not parts.query and page.og_type == "website"


def is_paid(jsonld: JsonLd) -> bool:
    """Return whether an article, or its first marked part, is for subscribers only.

    https://developers.google.com/search/docs/appearance/structured-data/paywalled-content
    """
    parts = jsonld.article.get("hasPart")
    nodes = [jsonld.article, *(parts[:_MAX_PARTS] if isinstance(parts, list) else [parts])]
    for node in nodes:
        if isinstance(node, Mapping) and "isAccessibleForFree" in node:
            return str(node["isAccessibleForFree"]).rsplit("/", 1)[-1].lower() == "false"
    return False


def _is_truncated(page: PageContent) -> bool:
    """Return whether a body is short, or much shorter than the word count that the page states."""
    stated = page.jsonld.text("wordCount") or ""
    is_count = stated.isdecimal() and len(stated) <= _MAX_COUNT_DIGITS
    expected = int(stated) if is_count else 0
    return page.is_short or word_count(page.body) < MIN_SHARE_OF_WORDS * expected
