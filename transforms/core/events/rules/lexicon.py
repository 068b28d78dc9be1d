"""The names of countries, bodies and roles, and their matches in a sequence of words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from transforms.core.events.rules.rule_files import actors_folder, read_table

POLITICAL_SECTORS = frozenset(
    ("GOV", "MIL", "COP", "JUD", "LEG", "SPY", "OPP", "REB", "PRM", "UAF", "PTY")
)
"""Sectors that make an event political whatever the country."""

_INVARIABLE = ("ese", "ish", "ch", "ss", "man", "z")
"""Endings of peoples' names that take no -s: "Chinese", "British", "French", "Swiss"."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The country, body or role that a phrase denotes.

    `kind` is `country`, `people`, `seat` (a capital or a government building), `place`, `body`,
    `role`, or `none` for a phrase that is not an actor ("heart attack"). A `weak` role takes
    the sector of what it leads ("rebel leaders"); a `national` one has one holder a country.
    """

    kind: str
    country: str | None = None
    sector: str | None = None
    name: str | None = None
    weak: bool = False
    national: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """An entry at words [start, end) of a sequence."""

    start: int
    end: int
    entry: Entry


Phrase = tuple[str, ...]
PhraseTable = Mapping[str, tuple[tuple[Phrase, Entry], ...]]
"""Phrases and their entries by the first word, the longest phrase first."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All phrases of a language: names as written, roles in lower case."""

    exact: PhraseTable
    folded: PhraseTable
    country_names: Mapping[str, str]

    def scan(self, words: Sequence[str]) -> tuple[Match, ...]:
        """Return the longest matches from left to right; a role only outside of names."""
        matches = list(_longest(words, self.exact))
        named: set[int] = set()
        for match in matches:
            named.update(range(match.start, match.end))
        roles = _longest([w.lower() for w in words], self.folded)
        matches += [
            m for m in roles if m.entry.kind != "none" and named.isdisjoint(range(m.start, m.end))
        ]
        return tuple(sorted(matches, key=lambda m: m.start))


def _longest(words: Sequence[str], table: PhraseTable) -> Iterator[Match]:
    at = 0
    while at < len(words):
        match = _match_at(words, at, table)
        if match is None:
            at += 1
        else:
            yield match
            at = match.end


def _match_at(words: Sequence[str], at: int, table: PhraseTable) -> Match | None:
    for phrase, entry in table.get(words[at], ()):
        end = at + len(phrase)
        if tuple(words[at:end]) == phrase:
            return Match(at, end, entry)
    return None


def split_phrase(phrase: str) -> Phrase:
    """Return a phrase's words as the model's tokenizer splits them."""
    out: list[str] = []
    for word in phrase.split():
        out += _split_word(word)
    return tuple(out)


def _split_word(word: str) -> list[str]:
    for suffix in ("'s", "’s"):
        if word.endswith(suffix):
            return [*_split_hyphens(word.removesuffix(suffix)), suffix]
    if word.endswith("s'"):
        return [word[:-1], "'"]
    return _split_hyphens(word)


def _split_hyphens(word: str) -> list[str]:
    """Return the parts of a word with the hyphens between them."""
    parts = word.split("-")
    if not all(parts):
        return [word]
    out = [parts[0]]
    for part in parts[1:]:
        out += ["-", part]
    return out


@lru_cache(maxsize=8)
def load_lexicon(language: str = "en") -> Lexicon:
    """Return the actors of `rules/actors`, or those in the language's own folder."""
    folder = actors_folder(language)
    countries = read_table(*folder, "countries.toml")
    # Of a phrase in two tables the first entry wins: a body before a country.
    names = [*_bodies(read_table(*folder, "bodies.toml")), *_countries(countries)]
    return Lexicon(
        exact=_table(names),
        folded=_table(_roles(read_table(*folder, "roles.toml"))),
        country_names={code: row["names"][0] for code, row in countries.items()},
    )


def _table(entries: Iterable[tuple[str, Entry]]) -> PhraseTable:
    by_first: dict[str, dict[Phrase, Entry]] = {}
    for text, entry in entries:
        phrase = split_phrase(text)
        by_first.setdefault(phrase[0], {}).setdefault(phrase, entry)
    return {
        first: tuple(sorted(rows.items(), key=lambda row: -len(row[0])))
        for first, rows in by_first.items()
    }


def _countries(table: Mapping[str, Any]) -> Iterator[tuple[str, Entry]]:
    for code, row in table.items():
        name = row["names"][0]
        for phrase in row["names"]:
            yield phrase, Entry("country", code, name=name)
        for phrase in row["people"]:
            entry = Entry("people", code)
            for form in _people_forms(phrase):
                yield form, entry
        for phrase in row["seats"]:
            yield phrase, Entry("seat", code, "GOV", name)
        for phrase in row["places"]:
            yield phrase, Entry("place", code, name=phrase)


def _people_forms(phrase: str) -> Iterator[str]:
    yield phrase
    if not phrase.endswith(_INVARIABLE):
        yield phrase + "s"
    if phrase.endswith("man"):
        yield phrase.removesuffix("man") + "men"


def _bodies(table: Mapping[str, Any]) -> Iterator[tuple[str, Entry]]:
    for row in table["body"]:
        for phrase in row["names"]:
            yield phrase, Entry("body", row.get("country"), row.get("sector"), phrase)


def _roles(table: Mapping[str, Any]) -> Iterator[tuple[str, Entry]]:
    for row in table["role"]:
        entry = Entry(
            "role",
            sector=row["sector"],
            weak=row.get("weak", False),
            national=row.get("national", False),
        )
        for phrase in row["words"]:
            yield phrase, entry
            yield plural(phrase), entry
    for row in table.get("none", ()):
        for phrase in row["words"]:
            yield phrase, Entry("none")


def plural(phrase: str) -> str:
    """Return the regular plural, of "head of state" that of its first word."""
    noun, gap, rest = phrase.partition(" of ")
    return _plural_noun(noun) + gap + rest


def _plural_noun(noun: str) -> str:
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun.removesuffix("y") + "ies"
    if noun.endswith("man"):
        return noun.removesuffix("man") + "men"
    return noun + "s"
