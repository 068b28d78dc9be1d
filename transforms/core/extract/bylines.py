"""Find the byline that a page prints: who wrote the article, as its readers see it.

A byline is known by its words ("By ...") near the headline, by what its element is named
(itemprop, rel, class), or by a link to the page of an author. Its names are told from the roles
beside them by its elements: `<a>Jane Roe</a> <span>Staff Writer</span>`.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple
from urllib.parse import unquote

from lxml import html

from transforms.core.clean.names import (
    AFTER_NAMES,
    EDGES,
    byline_words,
    full_names,
    is_account,
    is_button,
    is_desk,
    is_person,
    names_in,
)
from transforms.core.extract.named_elements import ASIDE, NamedElement, letters_of
from transforms.core.prose import is_prose, tidy

# The byline is among the first elements named so; later ones belong to comments and related
# articles. With 1, 14 of 301 pages lose their byline or author; with 2, two.
MAX_BYLINES = 5
# Longer ones are paragraphs: with 320, one of 301 pages takes its summary for the byline. Shorter
# ones may run on into a biography: with 80, three such get a clean name, and one gets "Senior
# Contributor" for its author's.
MAX_BYLINE_CHARS = 160
MIN_BYLINE_CHARS = 3
# An element named an author's that contains more is a box about the author. No page of 301 changes
# between 50 and 200.
MAX_AUTHOR_BOX_CHARS = 100
# Between the headline and the text are the byline, the date, buttons and the lead image.
MAX_HEADER_ELEMENTS = 120
MAX_ELEMENTS_ABOVE = 30
# A standfirst of short paragraphs, and the first of the text.
MAX_HEADER_PARAGRAPHS = 3
# Shorter texts are not even looked at: six words have more letters.
MIN_PROSE_CHARS = 20
# Two names in different boxes may have written one article; more are a list of articles.
MAX_BOXES = 2
# Bounds the work on one byline; the longest of 1,500 pages have a few dozen texts.
MAX_PARTS = 60
# author-name, post__author, authorName, Author_box; not authority, coauthoring.
_AUTHOR_NAME = re.compile(r"(?<![a-zA-Z])[aA]uthors?(?![a-z])|(?<=[a-z])Authors?(?![a-z])")
_ELSEWHERE = re.compile(r"comment|avatar|image|photo|related|sidebar", re.IGNORECASE)
_PROFILE = re.compile(
    r"/(?:author|authors|autor|autoren|autores|auteur|auteurs|autore|auteur|contributors?|"
    r"journalists?|people|profile|profil|redaktion|staff|team|writers?|columnists?)/([^/?#]{2,80})"
)
_NO_TEXT = frozenset({"script", "style", "template", "svg", "button", "time", "noscript"})
_INNER_BY = re.compile(
    r".{3,120}\s((?:By|BY|Von|Par|Por|(?:written|posted|published) by):?\s+)(?=[A-ZÀ-Þ])"
)
_BY_ENDS = frozenset({"by", "von", "par", "por", "di", "door", "av", "af"})
_SPACES = " \t\r\n\u00a0"
_JOINTS = re.compile(
    r"[\s,;&|/•·+]*(?:\b(?:and|und|et|y|e|och|og|en|i|a|ve)\b)?[\s,;&|/•·+]*", re.IGNORECASE
)


class Byline(NamedTuple):
    """A byline as the page prints it, the names in it, and whether it says so: "By Jane Roe"."""

    text: str
    names: tuple[str, ...]
    is_said: bool


class _Part(NamedTuple):
    """A text of a byline, and the tag and class of its element."""

    text: str
    kind: tuple[str, str]


def read_bylines(tree: html.HtmlElement, names: Sequence[NamedElement]) -> Iterator[Byline]:
    """Yield the bylines of a page that name somebody, surest first."""
    header = _header(tree)
    yield from _header_bylines(header)
    named = (name.element for name in names if _is_named_byline(name))
    for element in islice(chain(named, tree.iterfind(".//a[@rel='author']")), MAX_BYLINES):
        yield from _byline_of(element)
    yield from _boxed_bylines(tree, names, header)


def _boxed_bylines(
    tree: html.HtmlElement,
    names: Sequence[NamedElement],
    header: Collection[html.HtmlElement],
) -> Iterator[Byline]:
    """Yield the bylines in boxes that name an author; not if there are many, as in lists of cards.

    A box near the headline is the article's, whatever follows.
    """
    found: list[Byline] = []
    boxes = filter(_is_author_box, _author_elements(tree, names))
    for element in islice(boxes, MAX_BYLINES):
        bylines = list(_byline_of(element))
        if bylines and element in header:
            yield bylines[0]
            return
        found += bylines
    if len({byline.names for byline in found}) <= MAX_BOXES:
        yield from found


def _header(tree: html.HtmlElement) -> Sequence[html.HtmlElement]:
    """Return the elements between the headline and the first paragraph of the text."""
    headline = next((h for h in islice(tree.iter("h1"), MAX_BYLINES) if not _is_aside(h)), None)
    if headline is None:
        return ()
    found = list(islice(_preceding(headline), MAX_ELEMENTS_ABOVE))
    paragraphs = 0
    for element in islice(_following(headline), MAX_HEADER_ELEMENTS):
        own = (element.text or "").strip(_SPACES)
        if len(own) >= MIN_PROSE_CHARS and is_prose(tidy(own)):
            paragraphs += MAX_HEADER_PARAGRAPHS if len(own) > MAX_BYLINE_CHARS else 1
        if paragraphs >= MAX_HEADER_PARAGRAPHS:
            break
        found.append(element)
    return found


def _header_bylines(header: Sequence[html.HtmlElement]) -> Iterator[Byline]:
    """Yield the bylines between headline and text that begin with the words for it."""
    for element in header:
        own = (element.text or "").strip(_SPACES)
        if own and _begins_byline(own) and not _is_aside(element):
            is_word_alone = _is_by(own) and not len(element)
            yield from _said_byline(_parent(element) if is_word_alone else element)
        elif element.tail and _is_by(element.tail.strip(_SPACES)):
            yield from _said_byline(_parent(element))


def _said_byline(element: html.HtmlElement) -> Iterator[Byline]:
    """Yield the byline that begins with the first words for it in an element."""
    parts = list(islice(_parts(element), MAX_PARTS))
    start = next((at for at, part in enumerate(parts) if _begins_byline(part.text)), len(parts))
    names, count = _names_of(parts[start:])
    if names and is_person(names[0]):
        text = " ".join(part.text for part in parts[start : start + count])
        yield Byline(text[:MAX_BYLINE_CHARS], names, is_said=True)


def _byline_of(element: html.HtmlElement) -> Iterator[Byline]:
    """Yield the byline in an element that is named so."""
    parts = list(islice(_parts(element), MAX_PARTS))
    for start, part in enumerate(parts):
        if _is_by_another(part.text):
            return
        names = _names_of(parts[start:])[0] or _account(element, part.text)
        is_said = _begins_byline(part.text) or (start > 0 and _is_by(parts[start - 1].text))
        if names and (is_said or _is_sure(element, names)):
            text = byline_text(" ".join(part.text for part in parts))
            if len(text) <= MAX_BYLINE_CHARS:
                yield Byline(text, names, is_said=False)
            return


def _account(element: html.HtmlElement, text: str) -> tuple[str, ...]:
    """Return a text as the name of an account if the element is marked as the author's."""
    is_marked = element.get("rel") == "author" or "author" in (element.get("itemprop") or "")
    is_one = is_account(text) and not is_button(text)
    return (text,) if is_one and (is_marked or _links_to(element, text)) else ()


def _is_sure(element: html.HtmlElement, names: Sequence[str]) -> bool:
    """Return whether names are no words of buttons; a lone word needs a link to its page."""
    if any(map(is_button, names)):
        return False
    if " " in names[0] or not names[0].isascii() or is_desk(names[0]):
        return True
    return bool(_account(element, names[0]))


def _links_to(element: html.HtmlElement, name: str) -> bool:
    """Return whether an element links to the page of an account of a name."""
    for link in islice(element.iter("a"), MAX_BYLINES):
        href = unquote(link.get("href") or "")
        found = _PROFILE.search(href)
        slug = found[1] if found else href.rstrip("/").removeprefix("/").removeprefix("@")
        if letters_of(name) in letters_of(slug) and (found or "/" not in slug):
            return True
    return False


def _names_of(parts: Sequence[_Part]) -> tuple[tuple[str, ...], int]:
    """Return the names that the parts of a byline begin with, and how many parts they take.

    Names go on after a comma or an "and", and in elements like that of the first.
    """
    names: list[str] = []
    first: _Part | None = None
    is_joined = True
    for count, part in enumerate(parts):
        joint = _JOINTS.fullmatch(part.text)
        if joint or (not names and _is_by(part.text)):
            is_joined = True
            continue
        found = names_in(part.text)
        if not found or not (is_joined or (first and part.kind == first.kind)):
            return tuple(dict.fromkeys(full_names(names))), count
        if not is_joined and part.kind[0] != "a" and _is_rest_of_name(names, found):
            names[-1] = f"{names[-1]} {found[0]}"
        else:
            names += found
        first = first or part
        is_joined = part.text.rstrip(_SPACES).endswith((",", "&", " and", " und", " et", " y"))
    return tuple(dict.fromkeys(full_names(names))), len(parts)


def _is_rest_of_name(names: Sequence[str], found: Sequence[str]) -> bool:
    """Return whether a part is the last name to a first name in the element before it."""
    return bool(names) and len(found) == 1 and " " not in names[-1] and " " not in found[0]


def byline_text(text: str) -> str:
    """Return a byline without the date, handle or buttons after it."""
    end = AFTER_NAMES.search(text, MIN_BYLINE_CHARS)
    return text[: end.start()].rstrip(EDGES) if end else text


def _parts(element: html.HtmlElement) -> Iterator[_Part]:
    """Yield the texts of an element, words of a byline that are inside one split from the rest."""
    kind = (str(element.tag), element.get("class") or "")
    yield from _part(element.text, kind)
    for child in element:
        if child.tag not in _NO_TEXT:
            yield from _parts(child)
        yield from _part(child.tail, kind)


def _part(text: str | None, kind: tuple[str, str]) -> Iterator[_Part]:
    plain = tidy(text[:MAX_BYLINE_CHARS] if text else "")
    if plain:
        inner = _INNER_BY.match(plain)
        yield _Part(plain[inner.start(1) :] if inner else plain, kind)


def _begins_byline(text: str) -> bool:
    return _is_by(text) or byline_words().starts.match(text) is not None


def _is_by(text: str) -> bool:
    return byline_words().alone.fullmatch(text) is not None


def _is_by_another(text: str) -> bool:
    """Return whether a text says that who follows did not write the article: "Reviewed by"."""
    words = text.casefold().split()
    others = byline_words().words["other"]
    return len(words) > 1 and words[-1].strip(":") in _BY_ENDS and not others.isdisjoint(words)


def _following(element: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """Yield the elements that begin after an element, in the order of the page."""
    node = element
    while node is not None:
        after = node.getnext()
        if after is None:
            node = node.getparent()
        else:
            yield from after.iter()
            node = after


def _preceding(element: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """Yield the elements just before an element, in its box and the two around it."""
    for box in [element, *islice(element.iterancestors(), 2)]:
        for before in box.itersiblings(preceding=True):
            yield from before.iter()


def _parent(element: html.HtmlElement) -> html.HtmlElement:
    parent = element.getparent()
    return element if parent is None else parent


def _is_named_byline(name: NamedElement) -> bool:
    return "byline" in name.classes or "author" in name.itemprop


def _author_elements(
    tree: html.HtmlElement, names: Sequence[NamedElement]
) -> Iterator[html.HtmlElement]:
    for name in names:
        if _is_named_author(name.classes):
            yield name.element
    for link in tree.iter("a"):
        if _PROFILE.search(link.get("href") or ""):
            yield link


def _is_named_author(classes: str) -> bool:
    # The cheap test first: this runs for every named element of a page.
    if "uthor" not in classes or not _AUTHOR_NAME.search(classes):
        return False
    return _ELSEWHERE.search(classes) is None


def _is_author_box(element: html.HtmlElement) -> bool:
    """Return whether an element is a box with an author's name, or a link to the author's page."""
    text = tidy(" ".join(element.itertext()))
    if not text or len(text) > MAX_AUTHOR_BOX_CHARS or is_prose(text) or _is_aside(element):
        return False
    return _fits_link(element, text)


def _fits_link(element: html.HtmlElement, text: str) -> bool:
    """Return whether a link to an author's page has a word of the author's name in its address."""
    found = _PROFILE.search(element.get("href") or "")
    if not found:
        return True
    slug = letters_of(unquote(found[1]))
    words = [letters_of(word) for word in text.split()]
    return slug.isdigit() or not slug.isascii() or any(len(w) > 2 and w in slug for w in words)


def _is_aside(element: html.HtmlElement) -> bool:
    return any(ancestor.tag in ASIDE for ancestor in element.iterancestors())
