"""Read the authors of an article: the persons and desks that its metadata or its page names."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, islice

from lxml import html

from transforms.core.extract.named_elements import ASIDE, NamedElement, letters_of
from transforms.core.prose import is_prose, tidy

# Bounds on hostile pages; of 301 pages, one names more than five authors.
MAX_FIELDS = 50
MAX_FIELD_CHARS = 300
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
# A longer name is a sentence or a list. With 30 characters or 4 words, desks such as "Practical
# Horseman Editorial Staff" are lost; with 120 or 12, none and one of 301 pages names more.
MAX_AUTHOR_CHARS = 60
MAX_AUTHOR_WORDS = 6
MIN_AUTHOR_CHARS = 3
_BY = re.compile(
    r"^(?:(?:written|posted|published|reported|text|story|words|geschrieben|verfasst|publié|écrit"
    r"|escrito|publicado|scritto|pubblicato|geschreven)\s+)?(?:by|von|par|por|di|door)\b\s*:?\s+"
    r"|^(?:by|authors?|autor|autora|auteur|autore|text|words)\s*:\s*",
    re.IGNORECASE,
)
_INNER_BY = re.compile(r".*\b(?:By|BY|Von|Par|Por):?\s+(?=[A-ZÀ-Þ])")
_BETWEEN = re.compile(r"\s*(?:[,;|&•·]|(?-i:\b(?:and|AND|und|et|y|e|och)\b))\s+", re.IGNORECASE)
_NOT_AUTHOR = re.compile(
    r"https?://|www\.|[@:#{}<>\d]|^\S+[._/]\S+$|^[\W\d_]+$|"
    r"^(?:admin(?:istrator)?|web ?master|editor|author|staff|user|guest|root)$|"
    r"^(?:unknown|undefined|null|none|home|anonymous)$",
    re.IGNORECASE,
)
# "Bo" as a whole field; and names of two characters in scripts where a character is a word.
_SHORT_NAME = re.compile(r"[A-ZÀ-Þ][a-zß-ÿ]|[\u3400-\u9fff\uac00-\ud7af]{2}")
_AUTHOR_NAME = re.compile(
    r"author[-_]*name|(?:^|[\s_-])(?:post|entry|article|story)?[-_]*author(?:$|\s)", re.IGNORECASE
)
_ELSEWHERE = re.compile(r"comment|avatar|image|photo|related|sidebar", re.IGNORECASE)
_PROFILES = ("/author/", "/authors/", "/autor/", "/autoren/", "/autores/", "/auteur/", "/auteurs/")
_EDGES = " ,;|•·–—-"
# Dates, handles and weekdays after the names of a byline.
_AFTER_NAMES = re.compile(
    r"(?<=[\s|•·(-])(?:\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}|@\w"
    r"|(?:last )?(?:updated|published|posted)\b"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\d{1,2}:\d\d\b"
    r"|(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.? \d{1,2}(?:,|\b))",
    re.IGNORECASE,
)


def choose_authors(sources: Iterable[Sequence[str]], sites: Collection[str]) -> tuple[str, ...]:
    """Return the authors of the first source that names one who is not the site itself.

    If every source names only the site, return the site.
    """
    first: tuple[str, ...] = ()
    for source in sources:
        names = split_authors(source)
        own = tuple(_without_site(name, sites) for name in names if letters_of(name) not in sites)
        if own:
            return own
        first = first or names
    return first


def split_authors(fields: Sequence[str]) -> tuple[str, ...]:
    """Return the persons and desks that author fields and bylines name, in order, each once."""
    authors: list[str] = []
    for field in fields[:MAX_FIELDS]:
        text = tidy(field)
        for part in _BETWEEN.split(_BY.sub("", text[:MAX_FIELD_CHARS] + " ", count=1)):
            name = part.strip(" .,;|-–—")
            if _is_author(name, text):
                authors.append(name)
    return tuple(dict.fromkeys(authors))


def read_byline(tree: html.HtmlElement, names: Sequence[NamedElement]) -> str | None:
    """Return the byline as the page prints it, without a date, handle or buttons after it."""
    named = (name.element for name in names if _is_named_byline(name))
    for element in islice(chain(named, tree.iterfind(".//a[@rel='author']")), MAX_BYLINES):
        text = tidy(" ".join(element.itertext()))
        end = _AFTER_NAMES.search(text, MIN_BYLINE_CHARS)
        if end:
            text = text[: end.start()].rstrip(_EDGES)
        if MIN_BYLINE_CHARS <= len(text) <= MAX_BYLINE_CHARS:
            return text
    return None


def read_printed_authors(
    tree: html.HtmlElement, names: Sequence[NamedElement], byline: str | None
) -> tuple[str, ...]:
    """Return the byline, else the first text named an author's or linked to an author's page."""
    if byline:
        return (_INNER_BY.sub("", byline),)
    for element in islice(_author_elements(tree, names), MAX_BYLINES):
        text = tidy(" ".join(element.itertext()))
        if _is_author_text(text) and not _is_aside(element):
            return (text,)
    return ()


def _without_site(name: str, sites: Collection[str]) -> str:
    """Return a name without the site's name after it: "Jane Roe" of "Jane Roe The Example"."""
    words = name.split()
    for count in range(1, len(words)):
        if letters_of(" ".join(words[count:])) in sites:
            return " ".join(words[:count])
    return name


def _is_author(name: str, field: str) -> bool:
    """Return whether a part of an author field is the name of a person or desk."""
    if len(name) < MIN_AUTHOR_CHARS and not (name == field and _SHORT_NAME.fullmatch(name)):
        return False
    if len(name) > MAX_AUTHOR_CHARS or len(name.split()) > MAX_AUTHOR_WORDS:
        return False
    return _NOT_AUTHOR.search(name) is None


def _is_named_byline(name: NamedElement) -> bool:
    return "byline" in name.classes or "author" in name.itemprop


def _author_elements(
    tree: html.HtmlElement, names: Sequence[NamedElement]
) -> Iterator[html.HtmlElement]:
    for name in names:
        if _is_named_author(name.classes):
            yield name.element
    for link in tree.iter("a"):
        href = link.get("href") or ""
        if any(folder in href for folder in _PROFILES):
            yield link


def _is_named_author(classes: str) -> bool:
    # The cheap test first: this runs for every named element of a page.
    if "uthor" not in classes or not _AUTHOR_NAME.search(classes):
        return False
    return _ELSEWHERE.search(classes) is None


def _is_author_text(text: str) -> bool:
    is_short = len(text) <= MAX_AUTHOR_BOX_CHARS
    return is_short and not is_prose(text) and bool(split_authors([text]))


def _is_aside(element: html.HtmlElement) -> bool:
    return any(ancestor.tag in ASIDE for ancestor in element.iterancestors())
