"""Take the dialogs out of a page before it is read: requests for consent, and other windows.

A dialog says so by its role, by its name, by lying over the page, or by a button that gives consent
beside the words that ask for it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from lxml import etree, html

from transforms.core.extract.consent_words import asks_consent, gives_consent, is_of_manager
from transforms.core.extract.rendered_blocks import is_mostly_links, render_blocks

# Bounds on hostile pages; a page has one or two dialogs, and a dozen buttons. The whole page is
# searched for each dialog.
MAX_DIALOGS = 40
MAX_CANDIDATES = 40
MAX_CONTROLS = 300
MAX_NEAR_ROOT = 1_000
# Class attributes of frameworks run to thousands of characters.
MAX_NAME_CHARS = 400
MAX_CONSENT_BUTTONS = 8
MAX_TEXTS = 1_000
MAX_LABEL_PARTS = 8
# From the button up to the box: a row of buttons, a column, the window, and wrappers.
MAX_CLIMB = 6
# A request has a few paragraphs and a list of purposes; a longer box without a name is the page.
MAX_REQUEST_CHARS = 4_000
# A heading or a line above the smallest box that asks belongs to the request.
MAX_HEADING_CHARS = 80
_NAMES = frozenset({"id", "class"})
_ROLE_NAMES = frozenset({"role", "aria-modal"})
_ROLES = frozenset({"dialog", "alertdialog", "true"})
# Services put their box near the root; a site may have its own banner anywhere.
_NEAR_ROOT = etree.XPath("//body/*|//body/*/*|//body/*/*/*")
_IS_HIDDEN = etree.XPath(
    "boolean(ancestor::*[@hidden or @aria-hidden='true'"
    " or @style[contains(translate(., ' ', ''), 'display:none')"
    " or contains(translate(., ' ', ''), 'visibility:hidden')]])"
)
_IS_ABOVE_TEXT = etree.XPath("not(preceding::p or preceding::h1)")
_HAS_CONTROL = etree.XPath("boolean(.//button|.//input|.//*[@role='button']|.//a)")
_IS_OVER_PAGE = re.compile(r"position\s*:\s*(?:fixed|sticky)", re.IGNORECASE)
_CONSENT_NAME = re.compile(
    r"(?:cookies?|consent|gdpr|dsgvo|rgpd|lgpd|ccpa|privacy)[-_]?(?:law|policy|use|usage)?[-_]?"
    r"(?:alert|banner|bar|box|container|dialog|disclaimer|layer|manager|message|modal|note|notice"
    r"|notification|overlay|panel|popup|pop-up|prompt|sdk|tool|wall|warning|window)(?![a-z])",
    re.IGNORECASE,
)
_PAGE_TAGS = ("html", "body", "main", "article")
_ARTICLE_PARTS = ("main", "article", "h1")


@dataclass(frozen=True, slots=True)
class Dialog:
    """The texts of a dialog as far as a browser renders them.

    `is_above` the text of the page, else it is below its first line; `asks` for consent.
    """

    texts: tuple[str, ...]
    is_above: bool
    asks: bool


def remove_dialogs(tree: html.HtmlElement) -> tuple[Dialog, ...]:
    """Remove the dialogs from a page and return them."""
    removed: list[Dialog] = []
    for dialog in _dialogs(tree):
        if len(removed) == MAX_DIALOGS:
            break
        if _is_in(tree, dialog):
            removed.append(_read(dialog))
            dialog.drop_tree()
    return tuple(removed)


def _is_in(tree: html.HtmlElement, dialog: html.HtmlElement) -> bool:
    """Return whether a dialog has not gone yet, alone or with the window around it."""
    return any(outer is tree for outer in dialog.iterancestors())


def _read(dialog: html.HtmlElement) -> Dialog:
    is_open = dialog.tag == "dialog" and dialog.get("open") is not None
    parts = [] if _IS_HIDDEN(dialog) else dialog if is_open else [dialog]
    blocks = [block for part in parts for block in render_blocks(part)]
    return Dialog(
        texts=tuple(block.text for block in blocks if not is_mostly_links(block)),
        is_above=_IS_ABOVE_TEXT(dialog),
        asks=asks_consent(" ".join(block.text for block in blocks)),
    )


@dataclass(frozen=True, slots=True)
class _Marked:
    """The elements of a page whose attributes may mark a dialog, and its buttons."""

    by_role: list[html.HtmlElement] = field(default_factory=list)
    by_name: list[html.HtmlElement] = field(default_factory=list)
    by_style: list[html.HtmlElement] = field(default_factory=list)
    buttons: list[html.HtmlElement] = field(default_factory=list)


def _find_marked(tree: html.HtmlElement) -> _Marked:
    """Return what may mark dialogs, found in one walk: the page has thousands of attributes."""
    marked = _Marked(by_role=list(tree.iter("dialog")))
    for element in tree.iter(etree.Element):
        for name, value in element.items():
            if name in _NAMES and _is_consent_name(value[:MAX_NAME_CHARS]):
                marked.by_name.append(element)
            elif name in _ROLE_NAMES and value in _ROLES:
                marked.by_role.append(element)
            elif name == "role" and value == "button":
                marked.buttons.append(element)
            elif name == "style" and "osition" in value and _IS_OVER_PAGE.search(value):
                marked.by_style.append(element)
    marked.buttons.extend(filter(_is_button, tree.iter("a", "button", "input")))
    return marked


def _is_button(element: html.HtmlElement) -> bool:
    if element.tag == "a":
        href, name = element.get("href") or "#", element.get("class") or ""
        return href[:1] == "#" or href[:11] == "javascript:" or "btn" in name or "utton" in name
    return element.tag == "button" or element.get("type") in {"button", "submit"}


@lru_cache(maxsize=4096)
def _is_consent_name(name: str) -> bool:
    """Return whether an id or a class names a request; those of a site's template repeat."""
    return _CONSENT_NAME.search(name) is not None


def _dialogs(tree: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """Yield the dialogs of a page: those that its markup shows, then those around a button."""
    marked = _find_marked(tree)
    for element in islice(_NEAR_ROOT(tree), MAX_NEAR_ROOT):
        if is_of_manager(_name_of(element)) and not _holds_article(element):
            yield element
    yield from _requests_by_markup(marked)
    giving = filter(_gives_consent, marked.buttons[:MAX_CONTROLS])
    for button in islice(giving, MAX_CONSENT_BUTTONS):
        box = _request_around(button)
        if box is not None:
            yield box


def _requests_by_markup(marked: _Marked) -> Iterator[html.HtmlElement]:
    for element in marked.by_role[:MAX_CANDIDATES]:
        if not _has_part_of_article(element) or _is_request(element):
            yield element
    for element in marked.by_name[:MAX_CANDIDATES]:
        if _is_request(element, by_name=True):
            yield element
    yield from filter(_is_request, marked.by_style[:MAX_CANDIDATES])


def _name_of(element: html.HtmlElement) -> str:
    return f"{element.get('id') or ''} {element.get('class') or ''}"[:MAX_NAME_CHARS]


def _is_request(element: html.HtmlElement, *, by_name: bool = False) -> bool:
    """Return whether an element with a button asks for consent, and does no more than that."""
    if _holds_article(element) or not _HAS_CONTROL(element):
        return False
    if by_name:
        return True
    text = _text_within(element)
    return text is not None and asks_consent(text)


def _holds_article(element: html.HtmlElement) -> bool:
    return element.tag in _PAGE_TAGS or _has(element, ("main", "article"))


def _has_part_of_article(element: html.HtmlElement) -> bool:
    return element.tag in _PAGE_TAGS or _has(element, _ARTICLE_PARTS)


def _has(element: html.HtmlElement, tags: Iterable[str]) -> bool:
    return next(element.iterdescendants(*tags), None) is not None


def has_consent_control(tree: html.HtmlElement) -> bool:
    """Return whether a button or link of a page gives consent."""
    controls = islice(tree.iter("button", "input", "a"), MAX_CONTROLS)
    return any(map(_gives_consent, controls))


def has_button(tree: html.HtmlElement) -> bool:
    """Return whether a page has a button."""
    return next(tree.iter("button"), None) is not None


def _gives_consent(control: html.HtmlElement) -> bool:
    label = control.get("value") or "".join(islice(control.itertext(), MAX_LABEL_PARTS))
    return gives_consent(label.strip())


def _request_around(button: html.HtmlElement) -> html.HtmlElement | None:
    """Return the smallest box around a button that asks for consent, with its heading."""
    found, length = None, 0
    for box in islice(button.iterancestors(), MAX_CLIMB):
        text = None if _has_part_of_article(box) else _text_within(box)
        if text is None:
            break
        if found is None and asks_consent(text):
            found, length = box, len(text)
        elif found is not None and len(text) <= length + MAX_HEADING_CHARS:
            found = box
        elif found is not None:
            break
    return found


def _text_within(element: html.HtmlElement) -> str | None:
    """Return the text of an element, None if it is longer than that of a request."""
    parts: list[str] = []
    length = 0
    for part in islice(element.itertext(), MAX_TEXTS):
        parts.append(part)
        length += len(part.strip())
        if length > MAX_REQUEST_CHARS:
            return None
    return " ".join(parts)
