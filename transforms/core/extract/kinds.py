"""What kind of page is this: an article, or something that stands in its place?"""

import re
from urllib.parse import urlsplit

from lxml import html

from transforms.core.extract.jsonld import Linked
from transforms.core.prose import plain

SHORT_CHARS = 1_500
SHORTEST_CHARS = 40
"""A page with less text than a sentence, and no word of its own that it is an article, has none."""
WALLS = frozenset({"challenge", "consent_wall", "login", "soft_404"})
_TITLES = (
    (
        "challenge",
        r"just a moment\W*|attention required.*|access denied|checking your browser.*|are you a (?:robot|human).*",
    ),
    (
        "challenge",
        r"(?:please )?verify you are (?:a )?human.*|ddos protection.*|security check.*|robot check|human verification",
    ),
    (
        "soft_404",
        r"(?:error )?404\b.*|(?:the )?page (?:was |is |could )?not (?:be )?found.*|not found|.{0,40}- page not found",
    ),
    (
        "consent_wall",
        r"before you continue.*|.{0,40}(?:cookie|privacy) (?:consent|settings|choices).*|we value your privacy.*",
    ),
    ("login", r"(?:log|sign)[ -]?in(?: (?:to|or|required|[|-]).*)?|please (?:log|sign) in.*"),
)
_BODIES = (
    (
        "challenge",
        r"enable javascript and cookies to continue|checking (?:if the site|your browser)|complete the captcha",
    ),
    ("challenge", r"verify(?:ing)? (?:that )?you are (?:not a robot|(?:a )?human)|unusual traffic from your"),
    (
        "consent_wall",
        r"(?:accept|reject|manage) (?:all )?(?:cookies|consent)|we and our (?:\d+ )?partners (?:store|process|use)",
    ),
    (
        "soft_404",
        r"page you (?:were looking for|are looking for|requested) (?:could not|cannot|can't|is no longer|does not)",
    ),
)
_PAYWALL = re.compile(
    r"to continue reading|subscribe to (?:read|continue|unlock)|this article is (?:only |reserved )?for subscribers",
    re.IGNORECASE,
)
_TITLE_RULES = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _TITLES)
_BODY_RULES = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _BODIES)


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


def page_kind(title: str | None, body: str, linked: Linked, og_type: str | None, url: str, shown: str) -> str:
    """Return the `page_kind` of the articles table: "article" unless the page proves another, "empty" without text."""
    if "LiveBlogPosting" in linked.types:
        return "live_blog"
    if len(body) < SHORT_CHARS:
        kind = _wall(title or "", plain(body) or shown[:SHORT_CHARS])
        if kind:
            return kind
        if _is_paid(linked) or _PAYWALL.search(plain(body)):
            return "paywall"
        if body and og_type is not None and og_type.lower().startswith("video"):
            return "video"
    if len(body) < SHORTEST_CHARS and not linked.article:
        return "empty"
    parts = urlsplit(url)
    if parts.path in {"", "/"} and not parts.query and not linked.article and og_type == "website":
        return "home"
    return "article"


def _wall(title: str, text: str) -> str | None:
    for kind, pattern in _TITLE_RULES:
        if pattern.fullmatch(plain(title)[:200]):
            return kind
    if len(text) < SHORT_CHARS // 2:
        for kind, pattern in _BODY_RULES:
            if pattern.search(text):
                return kind
    return None


def _is_paid(linked: Linked) -> bool:
    return str(linked.article.get("isAccessibleForFree")).rsplit("/", 1)[-1].lower() == "false"
