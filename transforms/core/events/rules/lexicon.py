"""Which countries, bodies and roles do the words name?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from transforms.core.events.rules.rule_files import actors_folder, read_table

POLITICAL_SECTORS = frozenset(
    ("GOV", "MIL", "COP", "JUD", "LEG", "SPY", "OPP", "REB", "PRM", "UAF", "PTY")
)
"""Sectors that make an event political whatever the country."""

_JOINERS = ("-", "'", "’")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a phrase stands for. kind: country, people, seat, place, body or role; none for nobody."""

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


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Phrases by their first word, longest first; names keep their capitals, roles do not."""

    exact: Mapping[str, tuple[tuple[tuple[str, ...], Entry], ...]]
    folded: Mapping[str, tuple[tuple[tuple[str, ...], Entry], ...]]
    country_names: Mapping[str, str]

    def scan(self, words: Sequence[str]) -> tuple[Match, ...]:
        """Return the longest matches from left to right, none overlapping another of its sort."""
        low = [w.lower() for w in words]
        names = list(_longest(words, self.exact))
        taken = {i for m in names for i in range(m.start, m.end)}
        roles = [
            m
            for m in _longest(low, self.folded)
            if m.entry.kind != "none" and not taken & set(range(m.start, m.end))
        ]
        return tuple(sorted([*names, *roles], key=lambda m: m.start))


def _longest(
    words: Sequence[str], table: Mapping[str, tuple[tuple[tuple[str, ...], Entry], ...]]
) -> Iterator[Match]:
    at = 0
    while at < len(words):
        for phrase, entry in table.get(words[at], ()):
            if tuple(words[at : at + len(phrase)]) == phrase:
                yield Match(at, at + len(phrase), entry)
                at += len(phrase)
                break
        else:
            at += 1


def split(phrase: str) -> tuple[str, ...]:
    """Return a phrase's words as the model's tokenizer would cut it."""
    out: list[str] = []
    for word in phrase.split():
        for suffix in ("'s", "’s"):
            if word.endswith(suffix):
                out += [*_hyphens(word[: -len(suffix)]), suffix]
                break
        else:
            out += [word[:-1], "'"] if word.endswith("s'") else _hyphens(word)
    return tuple(out)


def _hyphens(word: str) -> list[str]:
    parts = word.split("-")
    return (
        [x for part in parts for x in (part, "-")][:-1] if len(parts) > 1 and all(parts) else [word]
    )


@lru_cache(maxsize=8)
def load_lexicon(language: str = "en") -> Lexicon:
    """Return the actors of `rules/actors`, or those in the language's own folder."""
    folder = actors_folder(language)
    countries = read_table(*folder, "countries.toml")
    exact = [*_bodies(read_table(*folder, "bodies.toml")), *_countries(countries)]
    folded = list(_roles(read_table(*folder, "roles.toml")))
    return Lexicon(
        exact=_table(exact),
        folded=_table(folded),
        country_names={code: row["names"][0] for code, row in countries.items()},
    )


def _table(
    pairs: Sequence[tuple[str, Entry]],
) -> dict[str, tuple[tuple[tuple[str, ...], Entry], ...]]:
    out: dict[str, dict[tuple[str, ...], Entry]] = {}
    for phrase, entry in pairs:
        words = split(phrase)
        out.setdefault(words[0], {}).setdefault(words, entry)
    return {
        first: tuple(sorted(rows.items(), key=lambda r: -len(r[0]))) for first, rows in out.items()
    }


def _countries(table: Mapping[str, Any]) -> Iterator[tuple[str, Entry]]:
    for code, row in table.items():
        name = row["names"][0]
        for phrase in row["names"]:
            yield phrase, Entry("country", code, name=name)
        for phrase in row["people"]:
            entry = Entry("people", code)
            yield phrase, entry
            if not phrase.endswith(("ese", "ish", "ch", "ss", "man", "z")):
                yield phrase + "s", entry
            if phrase.endswith("man"):
                yield phrase[:-3] + "men", entry
        for phrase in row["seats"]:
            yield phrase, Entry("seat", code, "GOV", name)
        for phrase in row["places"]:
            yield phrase, Entry("place", code, name=phrase)


def _bodies(table: Mapping[str, Any]) -> Iterator[tuple[str, Entry]]:
    for row in table["body"]:
        for phrase in row["names"]:
            yield phrase, Entry("body", row.get("country"), row.get("sector"), phrase)


def _roles(table: Mapping[str, Any]) -> Iterator[tuple[str, Entry]]:
    for row in table["role"]:
        entry = Entry(
            "role", None, row["sector"], None, row.get("weak", False), row.get("national", False)
        )
        for phrase in row["words"]:
            yield phrase, entry
            yield plural(phrase), entry
    for row in table.get("none", ()):
        for phrase in row["words"]:
            yield phrase, Entry("none")


def plural(phrase: str) -> str:
    """Return the regular plural; of "head of state" that of its first word."""
    first, gap, rest = phrase.partition(" of ")
    if first.endswith(("s", "x", "ch", "sh")):
        return first + "es" + gap + rest
    if first.endswith("y") and first[-2:-1] not in "aeiou":
        return first[:-1] + "ies" + gap + rest
    if first.endswith("man"):
        return first[:-3] + "men" + gap + rest
    return first + "s" + gap + rest
