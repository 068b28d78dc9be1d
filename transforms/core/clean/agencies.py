"""Which news agency does a credit, a byline or a bracket name, and how is it written in one
spelling?
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
    """Short names of agencies by their folded spellings, words in capitals that are no places,
    parts of patterns.
    """

    short: Mapping[str, str]
    filler: re.Pattern[str]
    not_places: frozenset[str]
    generic: frozenset[str]
    parts: Mapping[str, str]


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
    spellings = (
        (agency, name)
        for agency, others in tables["agencies"].items()
        for name in (agency, *others)
    )
    return replace(known, short={_key(name, known): agency for agency, name in spellings})


def agency_of(name: str | None, agencies: Agencies) -> str | None:
    """Return the short name of the agency that a text names and nothing else, as in "Reuters
    Staff".
    """
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
    parts = [part for one in _BETWEEN.split(byline or "") for part in (one, *_AND.split(one))]
    return next((agency for part in parts if (agency := agency_of(part, agencies))), None)


def normalise_credit(credit: str, agencies: Agencies) -> str | None:
    """Return a credit with the agencies it names in one spelling: "Agence France-Presse; PTI" is
    "AFP, PTI".

    What names nobody ("news agencies") is left out; None where nothing stays.
    """
    names: list[str] = []
    for part in _BETWEEN.split(credit):
        pieces = _AND.split(part)
        known = [agency_of(piece, agencies) for piece in pieces]
        pieces = [agency or piece for agency, piece in zip(known, pieces, strict=True)]
        names += (
            pieces
            if any(known) or any(_is_generic(piece, agencies) for piece in pieces)
            else [part]
        )
    own = dict.fromkeys(name for name in names if name and not _is_generic(name, agencies))
    return ", ".join(own) or None


def _either(names: Sequence[str]) -> str:
    """Return the pattern of any of the names, the longest first."""
    return "|".join(
        re.escape(name) for name in sorted(set(names), key=lambda name: (-len(name), name))
    )


def _is_generic(name: str, agencies: Agencies) -> bool:
    return fold(name) in agencies.generic


def _key(name: str, agencies: Agencies) -> str:
    bare = fold(name.replace(".", ""))
    return " ".join(agencies.filler.sub(" ", bare).split()) or bare
