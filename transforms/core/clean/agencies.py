"""Recognise the news agency that a credit, a byline or a dateline's brackets name, and write it in
one spelling.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from transforms.core.prose import fold

# Agencies in the list have up to 40 characters; a longer text is a sentence, not a name.
MAX_NAME_CHARS = 60
_BETWEEN = re.compile(r"\s*[,;/+|]\s*")
_AND = re.compile(r"\s+(?:and|&|with|via|und|et|y)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Agencies:
    """The agencies of the rules, with the words that are read beside their names."""

    short: Mapping[str, str]
    """Short name of an agency by each of its spellings, folded and without filler words."""
    filler: re.Pattern[str]
    """Words that add nothing to a name, such as "Staff" in "Reuters Staff"."""
    not_places: frozenset[str]
    """Words in capitals that open a text as a dateline's place does, but are not places."""
    generic: frozenset[str]
    """Folded names that name nobody, such as "news agencies"."""
    parts: Mapping[str, str]
    """Alternatives for patterns of boilerplate rules, by the name used in their braces."""


@cache
def load_agencies() -> Agencies:
    """Return the agencies of `rules/boilerplate/agencies.toml`."""
    text = (
        files("transforms")
        .joinpath("rules", "boilerplate", "agencies.toml")
        .read_text(encoding="utf-8")
    )
    return read_agencies(text)


def read_agencies(text: str) -> Agencies:
    """Return the agencies in a TOML text."""
    tables = tomllib.loads(text)
    words = sorted((re.escape(fold(word)) for word in tables["filler"]), key=len, reverse=True)
    known = Agencies(
        short={},
        filler=re.compile(rf"\b(?:{'|'.join(words)})\b"),
        not_places=frozenset(tables["not_places"]),
        generic=frozenset(tables["generic"]),
        parts={
            "agency": _either(
                [*tables["agencies"], *(agency.upper() for agency in tables["agencies"])]
            ),
            "stock": _either(tables["stock"]),
            "picture": _either([*tables["stock"], *tables["picture"]]),
        },
    )
    short: dict[str, str] = {}
    for agency, other_names in tables["agencies"].items():
        for name in (agency, *other_names):
            short[_key(name, known)] = agency
    return replace(known, short=short)


def agency_of(name: str | None, agencies: Agencies) -> str | None:
    """Return the short name of the agency if the text is nothing but its name ("Reuters Staff")."""
    if not name or len(name) > MAX_NAME_CHARS:
        return None
    key = _key(name, agencies)
    agency = agencies.short.get(key)
    if agency is None or key != fold(agency) or not (agency.isupper() or agency.islower()):
        return agency
    # Short forms are words too ("Spa", "Petra"): they count only in their own capitals.
    return agency if agency in name.replace(".", "") or name.isupper() else None


def agency_in(byline: str | None, agencies: Agencies) -> str | None:
    """Return the agency among the parts of a byline, as in "By Jane Roe, Associated Press"."""
    for part in _BETWEEN.split(byline or ""):
        # The whole part comes first, since some names of agencies have an "and" in them.
        for name in (part, *_AND.split(part)):
            agency = agency_of(name, agencies)
            if agency:
                return agency
    return None


def normalise_credit(credit: str, agencies: Agencies) -> str | None:
    """Return a credit with each agency under its short name: "Agence France-Presse; PTI" becomes
    "AFP, PTI".

    Generic names ("news agencies") are left out; None if no name is left.
    """
    names: dict[str, None] = {}
    for part in _BETWEEN.split(credit):
        for name in _names_in(part, agencies):
            if name and not _is_generic(name, agencies):
                names[name] = None
    return ", ".join(names) or None


def _names_in(part: str, agencies: Agencies) -> list[str]:
    """Return the names in a part of a credit, agencies by their short names.

    "Smith and Sons" stays whole: an "and" parts names only if one of them is an agency or
    generic.
    """
    pieces = _AND.split(part)
    found = [agency_of(piece, agencies) for piece in pieces]
    names = [agency or piece for agency, piece in zip(found, pieces, strict=True)]
    is_list = any(found) or any(_is_generic(name, agencies) for name in names)
    return names if is_list else [part]


def _either(names: Sequence[str]) -> str:
    """Return a pattern that matches any of the names, the longest first."""
    longest_first = sorted(set(names), key=lambda name: (-len(name), name))
    return "|".join(map(re.escape, longest_first))


def _is_generic(name: str, agencies: Agencies) -> bool:
    return fold(name) in agencies.generic


def _key(name: str, agencies: Agencies) -> str:
    bare = fold(name.replace(".", ""))
    return " ".join(agencies.filler.sub(" ", bare).split()) or bare
