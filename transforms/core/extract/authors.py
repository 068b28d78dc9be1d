"""Choose the authors of an article among those that its metadata state and its page prints."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Any

from transforms.core.clean.names import MIN_PERSON_WORDS, byline_words, is_person, split_authors
from transforms.core.extract.bylines import Byline
from transforms.core.extract.jsonld import JsonLd, texts_of
from transforms.core.extract.named_elements import letters_of
from transforms.core.prose import fold

# A shorter word is a particle or an initial, which different names share.
MIN_SHARED_CHARS = 3
# Bounds on hostile metadata.
MAX_NODES = 50


def choose_authors(
    declared: Iterable[Sequence[str]],
    bylines: Iterable[Byline],
    sites: Collection[str],
    accounts: Collection[str] = (),
) -> tuple[str, ...]:
    """Return the authors: persons before desks, desks before the site itself.

    A byline that says who wrote the article is right where the metadata name somebody else: the
    account that posted it. `accounts` are names that the metadata mark as an organisation's.
    """
    found = _Found(sites)
    stated = found.first_own(declared)
    is_full = any(is_person(name) and name not in accounts for name in stated)
    if is_full:
        # Those that say so come first; the others are not even read.
        said = tuple(takewhile(lambda byline: byline.is_said, bylines))
        is_known = any(_share_a_word(byline.names, stated) for byline in said)
        bylines = () if is_known else said
    return _printed(bylines, stated, found) or stated or found.site


def _printed(bylines: Iterable[Byline], stated: Sequence[str], found: "_Found") -> tuple[str, ...]:
    """Return the names of the first byline that is better than what the metadata state."""
    for byline in bylines:
        names = found.own(byline.names)
        if not names and is_person(byline.names[0]) and byline.names == found.site:
            # The site of a person, named for its author.
            return byline.names
        if names and (not stated or is_person(names[0])):
            return names
    return ()


class _Found:
    """Names without those of the site, which count only if there is no other."""

    def __init__(self, sites: Collection[str]) -> None:
        self.sites = sites
        self.site: tuple[str, ...] = ()

    def own(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the names that are not the site's, each without the site's name after it."""
        own = tuple(self._without_site(n) for n in names if letters_of(n) not in self.sites)
        if not own:
            self.site = self.site or tuple(names)
        return own

    def first_own(self, sources: Iterable[Sequence[str]]) -> tuple[str, ...]:
        """Return the names of the first source that names somebody else than the site."""
        return next(filter(None, (self.own(split_authors(source)) for source in sources)), ())

    def _without_site(self, name: str) -> str:
        words = name.split()
        for count in range(MIN_PERSON_WORDS, len(words)):
            bare = " ".join(words[:count])
            if letters_of(_without_desk(words[count:])) in self.sites and is_person(bare):
                return bare
        return name


def _without_desk(words: Sequence[str]) -> str:
    """Return words without those of a desk at their end: "Post" of "Post Staff"."""
    end = len(words)
    while end > 1 and byline_words().has("desks", words[end - 1]):
        end -= 1
    return " ".join(words[:end])


def jsonld_authors(jsonld: JsonLd) -> tuple[str, ...]:
    """Return the authors, else the creators, that the JSON-LD names."""
    return jsonld.texts("author") or jsonld.texts("creator") or tuple(texts_of(jsonld.page_author))


def jsonld_accounts(jsonld: JsonLd) -> frozenset[str]:
    """Return the names of the authors that the JSON-LD says to be organisations."""
    names: set[str] = set()
    for node in _nodes(jsonld.article.get("author")):
        if "Organization" in str(node.get("@type")) and isinstance(node.get("name"), str):
            names.update(split_authors([node["name"]]))
    return frozenset(names)


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    values = value[:MAX_NODES] if isinstance(value, list) else [value]
    yield from (node for node in values if isinstance(node, dict))


def _share_a_word(names: Sequence[str], others: Sequence[str]) -> bool:
    """Return whether some of the names may be the same: they share a word."""
    return not _words(names).isdisjoint(_words(others))


def _words(names: Sequence[str]) -> set[str]:
    words = {word for name in names for word in fold(name).split() if len(word) >= MIN_SHARED_CHARS}
    return words - byline_words().words["desks"]
