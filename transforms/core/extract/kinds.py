"""What kind of page is this: an article, or something that stands in its place?"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree, html

from transforms.core.extract.jsonld import Linked
from transforms.core.prose import plain, word_count

SHORT_CHARS = 1_500
SHORTEST_CHARS = 40
"""A page with less text than a sentence, and no word of its own that it is an article, has none."""
MAX_FORM_CHARS = 400
MIN_TEASERS = 5
MIN_SHARE_SHOWN = 0.5
WALLS = frozenset({"challenge", "consent_wall", "home", "login", "soft_404"})
"""Kinds without an article's text: what such a page says is no body."""
_TITLES = {
    "challenge": (
        r"just a moment\W*|attention required.*|access (?:to this page has been )?denied.*|checking your browser.*",
        r"are you a (?:robot|human).*|(?:please )?verify (?:that )?you are (?:a )?human.*",
        r"ddos protection.*|pardon our interruption.*",
        r"(?:security check|robot check|(?:human|bot) verification|request blocked|(?:403 )?forbidden)\W*",
        r"einen moment(?:,? bitte)?\W*|sicherheits(?:ü|ue)berpr(?:ü|ue)fung.*",
        r"zugriff verweigert.*|un instant\W*|acc(?:è|e)s refus(?:é|e).*",
        r"un momento\W*|acceso denegado.*|verifica(?:ción)? que (?:eres|es) (?:un )?human[oa].*",
        r"vérification de s(?:é|e)curit(?:é|e).*",
    ),
    "soft_404": (
        r"(?:error |fehler |erreur )?404\b.*",
        r"(?:the )?page (?:was |is |could )?not (?:be )?found.*|not found|.{0,40}- page not found",
        r"(?:die )?seite (?:wurde )?(?:leider )?nicht gefunden.*",
        r"(?:inhalt|artikel) nicht (?:mehr )?(?:gefunden|verf(?:ü|ue)gbar).*",
        r"(?:la )?page (?:est |demandée |que vous .{0,40})?(?:introuvable|non trouvée|n'existe (?:pas|plus)).*",
        r".{0,40}- page introuvable",
        r"(?:la )?p(?:á|a)gina (?:que .{0,40} )?no (?:se ha |fue |ha sido )?encontrada.*",
        r"(?:la )?p(?:á|a)gina no existe.*",
        r"pagina non trovata.*|p(?:á|a)gina n(?:ã|a)o encontrada.*|pagina niet gevonden.*",
    ),
    "consent_wall": (
        r"before you continue.*|.{0,40}(?:cookie|privacy) (?:consent|settings|choices).*",
        r"(?:we value )?your privacy(?: .*)?",
        r"bevor (?:sie|du) fortf(?:a|ä|ae)hr(?:en|st).*",
        r".{0,40}(?:cookie|datenschutz)-?einstellungen.*|(?:ihre|deine) privatsph(?:ä|ae)re.*",
        r"avant (?:de continuer|d'acc(?:é|e)der).*",
        r".{0,40}(?:gestion|param(?:è|e)tres) des cookies.*|votre vie priv(?:é|e)e.*",
        r"antes de (?:continuar|ir a).*|.{0,40}(?:configuraci(?:ó|o)n|preferencias) de cookies.*",
        r"tu privacidad.*|su privacidad.*",
    ),
    "login": (
        r"(?:log|sign)[ -]?in(?: (?:to|or|required|[|-]).*)?|please (?:log|sign) in.*",
        r"(?:anmelden|einloggen|anmeldung|login)(?: [|-].*)?",
        r"(?:bitte )?(?:melden sie sich an|anmelden).*|(?:se connecter|connexion|identifiez-vous)(?: [|-].*)?",
        r"(?:iniciar|inicia|inicie) sesi(?:ó|o)n.*|acceder(?: [|-].*)?",
    ),
}
_BODIES = {
    "challenge": (
        r"enable javascript and cookies to continue|checking (?:if the site|your browser)|complete the captcha",
        r"verify(?:ing)? (?:that )?you are (?:not a robot|(?:a )?human)",
        r"unusual (?:traffic|activity) from your|ray id: ?[0-9a-f]{12}",
        r"aktivieren sie javascript und cookies|best(?:ä|ae)tigen sie,? dass sie (?:kein roboter|ein mensch) sind",
        r"(?:activer?|activez) javascript et les cookies",
        r"que vous (?:n'êtes pas un robot|êtes (?:bien )?(?:un )?humain)",
        r"(?:habilite?|active?) javascript y (?:las )?cookies|que (?:no eres un robot|eres (?:un )?human[oa])",
    ),
    "consent_wall": (
        r"(?:accept|reject|manage) (?:all )?(?:cookies|consent)|we and our (?:\d+ )?partners (?:store|process|use)",
        r"wir und unsere (?:\d+ )?(?:partner|drittanbieter) (?:speichern|verarbeiten|nutzen)",
        r"alle (?:cookies )?akzeptieren",
        r"nous et nos (?:\d+ )?(?:partenaires|fournisseurs) (?:stockons|utilisons|traitons)",
        r"tout accepter|accepter (?:tout|les cookies)",
        r"(?:nosotros y )?nuestros (?:\d+ )?socios (?:almacena|utiliza|procesa|usa)|aceptar (?:todo|todas|cookies)",
    ),
    "soft_404": (
        r"page you (?:were looking for|are looking for|requested) (?:could not|cannot|can't|is no longer|does not)",
        r"(?:angeforderte|gesuchte|gew(?:ü|ue)nschte) seite (?:wurde|konnte|ist|existiert)",
        r"page (?:que vous (?:recherchez|demandez|cherchez)|demandée) (?:n'existe|est introuvable|n'est plus)",
        r"p(?:á|a)gina que (?:busca|buscas|solicita|est(?:á|a)s? buscando) no (?:existe|se)",
    ),
}
_PAYWALL = re.compile(
    r"to continue reading|subscribe to (?:read|continue|unlock)|this article is (?:only |reserved )?for subscribers"
    r"|(?:weiterlesen|lesen sie weiter) mit|jetzt (?:weiterlesen|abonnieren und)"
    r"|(?:artikel|inhalt) ist (?:nur )?f(?:ü|ue)r abonnent"
    r"|(?:article|contenu) (?:est )?réservé aux abonn|pour lire la suite|il vous reste .{1,20}à lire"
    r"|(?:contenido|art(?:í|i)culo) (?:exclusivo |solo )?para suscriptores"
    r"|suscr(?:í|i)b(?:ete|ase) para (?:seguir|continuar|leer)",
    re.IGNORECASE,
)
_TITLE_RULES = tuple((kind, re.compile("|".join(given), re.IGNORECASE)) for kind, given in _TITLES.items())
_BODY_RULES = tuple((kind, re.compile("|".join(given), re.IGNORECASE)) for kind, given in _BODIES.items())
# What guards against robots load, in every language: Cloudflare, DataDome, PerimeterX, Imperva, reCAPTCHA, hCaptcha.
_GUARDS = etree.XPath(
    "//script[contains(@src, '/cdn-cgi/challenge-platform') or contains(@src, '_Incapsula_Resource')]"
    "|//iframe[contains(@src, 'captcha-delivery.com') or contains(@src, '_Incapsula_Resource')]"
    "|//*[contains(@id, 'px-captcha') or contains(@id, 'cf-challenge') or contains(@class, 'cf-challenge')]"
)
_PASSWORD = etree.XPath("boolean(//input[@type='password'])")
_TEASERS = etree.XPath("count(//article[.//h2//a[@href] or .//h3//a[@href] or .//a[@href]//h2 or .//a[@href]//h3])")
_LIST_FOLDERS = frozenset(
    {
        *("tag", "tags", "category", "categories", "topic", "topics", "section", "sections", "search", "author"),
        *("authors", "archive", "archives", "kategorie", "thema", "themen", "schlagwort", "rubrik", "suche"),
        *("categorie", "rubrique", "recherche", "etiqueta", "etiquetas", "categoria", "seccion", "tema", "buscar"),
    }
)
_LISTINGS = frozenset({"CollectionPage", "SearchResultsPage"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a page is judged by: what it says of itself, the body found on it, and the first words it shows."""

    titles: tuple[str, ...]
    body: str
    linked: Linked
    og_type: str
    url: str
    shown: str


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
    if (_is_paid(page.linked) and _is_cut(page)) or (short and _PAYWALL.search(plain(body))):
        return "paywall"
    if short and body and page.og_type.startswith("video"):
        return "video"
    return "empty" if len(body) < SHORTEST_CHARS and not page.linked.article else "article"


def _wall(page: Seen, tree: html.HtmlElement) -> str | None:
    """Return which wall stands before the article: by its title, its few words, or what it loads."""
    short = len(page.body) < SHORT_CHARS
    if short or not _says_article(page):
        for kind, pattern in _TITLE_RULES:
            if any(pattern.fullmatch(plain(title)[:200]) for title in page.titles):
                return kind
    text = plain(page.body) or page.shown[:SHORT_CHARS]
    if short and len(text) < SHORT_CHARS // 2:
        for kind, pattern in _BODY_RULES:
            if pattern.search(text):
                return kind
    if len(page.body) < MAX_FORM_CHARS and not _says_article(page):
        return "challenge" if _GUARDS(tree) else "login" if _PASSWORD(tree) else None
    return None


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
    return str(linked.article.get("isAccessibleForFree")).rsplit("/", 1)[-1].lower() == "false"


def _is_cut(page: Seen) -> bool:
    """Return whether a body is short, or much shorter than the number of words that the page gives its article."""
    stated = page.linked.text("wordCount") or ""
    count = int(stated) if stated.isdecimal() and len(stated) < 7 else 0
    return len(page.body) < SHORT_CHARS or word_count(page.body) < MIN_SHARE_SHOWN * count
