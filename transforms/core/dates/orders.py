"""Whether the day or the month is first in 02/12/2025: by the site, its language and country."""

from functools import lru_cache

from transforms.core.dates.names import read_table
from transforms.core.dates.parsed_time import Place


def day_is_first(place: Place) -> bool | None:
    """Return whether the day is before the month there; None if nothing is known of the place."""
    if place.day_first is not None:
        return place.day_first
    month_first, _ = _locales()
    if place.language is None:
        # The language of most sites of a country is not needed: the United States stand alone.
        return None if place.country is None else f"en_{place.country.lower()}" not in month_first
    if place.country:
        locale = f"{place.language}_{place.country.lower()}"
        # English has the order of the country, other languages keep theirs wherever they are read.
        return locale not in month_first and (
            place.language == "en" or place.language not in month_first
        )
    return place.language not in month_first


def is_sure(place: Place) -> bool:
    """Return whether the order is known: English has two, by the country."""
    return place.day_first is not None or place.country is not None or place.language != "en"


def year_is_first(place: Place) -> bool:
    """Return whether dates of two digits each begin with the year there."""
    _, year_first = _locales()
    return place.language in year_first


@lru_cache(maxsize=1)
def _locales() -> tuple[frozenset[str], frozenset[str]]:
    """Return the locales that begin with the month, and those that begin with the year."""
    orders = read_table("names.toml")["orders"]
    return frozenset(orders["mdy"].split()), frozenset(orders["ymd"].split())
