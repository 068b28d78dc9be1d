"""Who wrote an article: which persons and desks do its metadata and its page name?"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, islice

from lxml import html

from transforms.core.extract.named_elements import ASIDE, Named, letters_of
from transforms.core.prose import is_prose, tidy

MAX_LIST = 50
MAX_BYLINES = 5
MAX_BYLINE_CHARS = 160
MAX_SHOWN_CHARS = 100
MAX_AUTHOR_CHARS = 60
MAX_AUTHOR_WORDS = 6
_BY = re.compile(
    r"^(?:(?:written|posted|published|reported|text|story|words|geschrieben|verfasst|publié|écrit|escrito|publicado|"
    r"scritto|pubblicato|geschreven)\s+)?(?:by|von|par|por|di|door)\b\s*:?\s+|^(?:by|authors?|autor|autora|auteur|autore|"
    r"text|words)\s*:\s*",
    re.IGNORECASE,
)
_INNER_BY = re.compile(r".*\b(?:By|BY|Von|Par|Por):?\s+(?=[A-ZÀ-Þ])")
_BETWEEN = re.compile(r"\s*(?:[,;|&•·]|(?-i:\b(?:and|AND|und|et|y|e|och)\b))\s+", re.IGNORECASE)
_NO_AUTHOR = re.compile(
    r"https?://|www\.|[@:#{}<>\d]|^\S+[._/]\S+$|^[\W\d_]+$|"
    r"^(?:admin(?:istrator)?|web ?master|editor|author|staff|user|guest|root)$|"
    r"^(?:unknown|undefined|null|none|home|anonymous)$",
    re.IGNORECASE,
)
# "Bo" as all that a field says; and names of two characters where each is a word.
_SHORT_NAME = re.compile(r"[A-ZÀ-Þ][a-zß-ÿ]|[\u3400-\u9fff\uac00-\ud7af]{2}")
_AUTHOR_NAME = re.compile(
    r"author[-_]*name|(?:^|[\s_-])(?:post|entry|article|story)?[-_]*author(?:$|\s)", re.IGNORECASE
)
_ELSEWHERE = re.compile(r"comment|avatar|image|photo|related|sidebar", re.IGNORECASE)
_PROFILES = ("/author/", "/authors/", "/autor/", "/autoren/", "/autores/", "/auteur/", "/auteurs/")


def choose_authors(sources: Iterable[Sequence[str]], sites: Collection[str]) -> tuple[str, ...]:
    """Return the authors of the first source that names one beside the site itself, else of the first with any."""
    first: tuple[str, ...] = ()
    for source in sources:
        names = split_authors(source)
        own = tuple(_without_site(name, sites) for name in names if letters_of(name) not in sites)
        if own:
            return own
        first = first or names
    return first


def _without_site(name: str, sites: Collection[str]) -> str:
    """Return a name without that of the site after it, as in "Jane Roe The Example"."""
    words = name.split()
    for count in range(1, len(words)):
        if letters_of(" ".join(words[count:])) in sites:
            return " ".join(words[:count])
    return name


def split_authors(names: Sequence[str]) -> tuple[str, ...]:
    """Return the persons and desks that author fields and bylines name, in order, each once."""
    out: list[str] = []
    for text in names[:MAX_LIST]:
        for part in _BETWEEN.split(_BY.sub("", tidy(text)[:300] + " ", count=1)):
            name = part.strip(" .,;|-–—")
            short = len(name) <= 2 and not (name == tidy(text) and _SHORT_NAME.fullmatch(name))
            fits = len(name) <= MAX_AUTHOR_CHARS and len(name.split()) <= MAX_AUTHOR_WORDS
            if fits and not short and not _NO_AUTHOR.search(name):
                out.append(name)
    return tuple(dict.fromkeys(out))


_EDGES = " ,;|•·–—-"
_AFTER_NAMES = re.compile(
    r"(?<=[\s|•·(-])(?:\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}|@\w|(?:last )?(?:updated|published|posted)\b"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\d{1,2}:\d\d\b"
    r"|(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.? \d{1,2}(?:,|\b))",
    re.IGNORECASE,
)


def read_byline(tree: html.HtmlElement, names: Sequence[Named]) -> str | None:
    """Return the byline as the page prints it, without the date, handle or buttons that may follow it."""
    marked = (one.element for one in names if "byline" in one.classes or "author" in one.itemprop)
    for element in islice(chain(marked, tree.iterfind(".//a[@rel='author']")), MAX_BYLINES):
        text = tidy(" ".join(element.itertext()))
        end = _AFTER_NAMES.search(text, 3)
        text = text[: end.start()].rstrip(_EDGES) if end else text
        if 3 <= len(text) <= MAX_BYLINE_CHARS:
            return text
    return None


def read_shown_authors(
    tree: html.HtmlElement, names: Sequence[Named], byline: str | None
) -> tuple[str, ...]:
    """Return the byline, else the first text that is marked as an author's name or links to an author's page."""
    if byline:
        return (_INNER_BY.sub("", byline),)
    for element in islice(_marked(tree, names), MAX_BYLINES):
        text = tidy(" ".join(element.itertext()))
        named = len(text) <= MAX_SHOWN_CHARS and not is_prose(text) and split_authors([text])
        if named and not any(parent.tag in ASIDE for parent in element.iterancestors()):
            return (text,)
    return ()


def _marked(tree: html.HtmlElement, names: Sequence[Named]) -> Iterator[html.HtmlElement]:
    for one in names:
        if (
            "uthor" in one.classes
            and _AUTHOR_NAME.search(one.classes)
            and not _ELSEWHERE.search(one.classes)
        ):
            yield one.element
    for link in tree.iter("a"):
        href = link.get("href") or ""
        if any(folder in href for folder in _PROFILES):
            yield link
