"""Recognise the words of walls in place of an article, and of paywalls after its first lines."""

import re

from transforms.core.prose import plain, word_count

# A longer title is a headline.
MAX_TITLE_CHARS = 200
# "Please subscribe to read the rest of this article" has nine words; a sentence that reports such a
# prompt is longer. No page of 301 changes between 6 and 30.
MAX_PROMPT_WORDS = 12
# Titles of walls by kind, as whole lines; `.*` at the end marks what may follow.
_TITLES = {
    "challenge": (
        r"just a moment\W*|attention required.*|access (?:to this page has been )?denied.*",
        r"checking your browser.*",
        r"are you a (?:robot|human).*|(?:please )?verify (?:that )?you are (?:a )?human.*",
        r"ddos protection.*|pardon our interruption.*",
        r"(?:security check|robot check|(?:human|bot) verification)\W*",
        r"(?:request blocked|(?:403 )?forbidden)\W*",
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
        r"(?:la )?page (?:est |demandée |que vous .{0,40})?"
        r"(?:introuvable|non trouvée|n'existe (?:pas|plus)).*",
        r".{0,40}- page introuvable",
        r"(?:la )?p(?:á|a)gina (?:que .{0,40} )?no (?:se ha |fue |ha sido )?encontrada.*",
        r"(?:la )?p(?:á|a)gina no existe.*",
        r"(?:error )?50[0234]:? "
        r"(?:internal server error|bad gateway|service (?:temporarily )?unavailable)\W*",
        r"(?:(?:the |this )?(?:web)?site is )?(?:down for|under) maintenance\W*",
        r"wartungsarbeiten\W*",
        r"we(?: wi|')ll be (?:right )?back (?:soon|shortly)\W*|.{0,40}- maintenance",
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
        r"(?:bitte )?(?:melden sie sich an|anmelden).*",
        r"(?:se connecter|connexion|identifiez-vous)(?: [|-].*)?",
        r"(?:iniciar|inicia|inicie) sesi(?:ó|o)n.*|acceder(?: [|-].*)?",
    ),
}
# Phrases of their texts.
_TEXTS = {
    "challenge": (
        r"enable javascript and cookies to continue|checking (?:if the site|your browser)",
        r"complete the captcha",
        r"verify(?:ing)? (?:that )?you are (?:not a robot|(?:a )?human)",
        r"unusual (?:traffic|activity) from your|ray id: ?[0-9a-f]{12}",
        r"aktivieren sie javascript und cookies",
        r"best(?:ä|ae)tigen sie,? dass sie (?:kein roboter|ein mensch) sind",
        r"(?:activer?|activez) javascript et les cookies",
        r"que vous (?:n'êtes pas un robot|êtes (?:bien )?(?:un )?humain)",
        r"(?:habilite?|active?) javascript y (?:las )?cookies",
        r"que (?:no eres un robot|eres (?:un )?human[oa])",
    ),
    "consent_wall": (
        r"(?:accept|reject|manage) (?:all )?(?:cookies|consent)",
        r"we and our (?:(?:up to )?[\d.,]+ )?partners (?:store|process|use)",
        r"wir und unsere (?:(?:bis zu )?[\d.,]+ )?(?:partner|drittanbieter) "
        r"(?:speichern|verarbeiten|nutzen)",
        r"alle (?:cookies )?akzeptieren",
        r"nous et nos (?:(?:jusqu'à )?[\d.,]+ )?(?:partenaires|fournisseurs) "
        r"(?:stockons|utilisons|traitons)",
        r"tout accepter|accepter (?:tout|les cookies)",
        r"(?:nosotros y )?nuestros (?:(?:hasta )?[\d.,]+ )?socios (?:almacena|utiliza|procesa|usa)",
        r"aceptar (?:todo|todas|cookies)",
    ),
    "soft_404": (
        r"connection (?:issue|timed out) between cloudflare|origin web server",
        r"service (?:is )?temporarily unavailable",
        r"performing (?:some |scheduled )?maintenance",
        r"we(?: wi|')ll be (?:right )?back (?:online )?(?:soon|shortly)",
        r"page you (?:were looking for|are looking for|requested) "
        r"(?:could not|cannot|can't|is no longer|does not)",
        r"(?:angeforderte|gesuchte|gew(?:ü|ue)nschte) seite (?:wurde|konnte|ist|existiert)",
        r"page (?:que vous (?:recherchez|demandez|cherchez)|demandée) "
        r"(?:n'existe|est introuvable|n'est plus)",
        r"p(?:á|a)gina que (?:busca|buscas|solicita|est(?:á|a)s? buscando) no (?:existe|se)",
    ),
}
_PAYWALL = re.compile(
    r"to continue reading"
    r"|you(?: have|'ve) (?:read|used|reached) (?:all )?(?:of )?your .{0,20}(?:free articles|limit)"
    r"|subscribe to (?:read|continue|unlock)|this article is (?:only |reserved )?for subscribers"
    r"|(?:weiterlesen|lesen sie weiter) mit|jetzt (?:mit .{1,20} )?(?:weiterlesen|abonnieren und)"
    r"|(?:artikel|inhalt) ist (?:nur )?f(?:ü|ue)r abonnent"
    r"|(?:article|contenu|suite) (?:de cet article )?(?:est )?réservée? aux abonn"
    r"|pour lire la suite|il vous reste .{1,20}à lire"
    r"|(?:contenido|art(?:í|i)culo) (?:exclusivo |solo )?para suscriptores"
    r"|suscr(?:í|i)b(?:ete|ase) para (?:seguir|continuar|leer)",
    re.IGNORECASE,
)
_TITLE_RULES = tuple(
    (kind, re.compile("|".join(patterns), re.IGNORECASE)) for kind, patterns in _TITLES.items()
)
# The same titles with nothing after them: "404 - the error that became a song" is a headline.
_BARE_TITLE_RULES = tuple(
    (kind, re.compile(rule.pattern.replace(".*", r"\W*"), re.IGNORECASE))
    for kind, rule in _TITLE_RULES
)
_TEXT_RULES = tuple(
    (kind, re.compile("|".join(patterns), re.IGNORECASE)) for kind, patterns in _TEXTS.items()
)
# The end of a sentence or a line.
_SENTENCE_END = re.compile(r"[.!?…][\"')\]]* +|\n+")


def wall_of_title(titles: tuple[str, ...], *, bare: bool) -> str | None:
    """Return the wall that a title names; with `bare`, the title must not have other words."""
    lines = [plain(title)[:MAX_TITLE_CHARS] for title in titles]
    for kind, pattern in _BARE_TITLE_RULES if bare else _TITLE_RULES:
        if any(pattern.fullmatch(line) for line in lines):
            return kind
    return None


def wall_of_text(text: str, *, addressed: bool) -> str | None:
    """Return the wall of a text; with `addressed`, its phrase must address the reader."""
    for kind, pattern in _TEXT_RULES:
        if _addresses_reader(pattern, text) if addressed else pattern.search(plain(text)):
            return kind
    return None


def asks_to_pay(text: str) -> bool:
    """Return whether a text asks its reader to pay for the rest."""
    return _addresses_reader(_PAYWALL, text)


def _addresses_reader(pattern: re.Pattern[str], text: str) -> bool:
    """Return whether a phrase begins a sentence, or is most of one.

    Inside a longer sentence it is reported speech: "websites must let people reject all cookies".
    """
    for line in text.split("\n"):
        for sentence in _SENTENCE_END.split(plain(line)):
            found = pattern.search(sentence)
            if found and (found.start() == 0 or word_count(sentence) <= MAX_PROMPT_WORDS):
                return True
    return False
