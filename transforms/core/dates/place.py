"""Where a document is from, as far as it matters to its dates: language, country, its own order."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from transforms.core.dates.parsed_time import Place
from transforms.core.dates.tokens import tokenize

# Domains of countries that sites all over the world use.
_GENERIC = "ac ag ai am bz cc co fm gg im io la ly me ms nu sc sh so st su to tv vc ws"
_COUNTRIES = {"uk": "GB"}
# Dates that are looked at for their order: a feed's items, a page's lines.
_MAX_DATES = 500
_MAX_CHARS = 40
_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z]{4})?(?:[-_]([A-Za-z]{2}))?(?![A-Za-z])")
_TWO_NUMBERS = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(?:\d{4}|\d\d)(?!\d)", re.ASCII)


def place_of(tag: str | None, url: str | None, dates: Iterable[object] = ()) -> Place:
    """Return the place of a document by its language tag, its URL and dates that it states.

    The country is that of the domain, else of the tag: systems write "en-US" wherever they run.
    """
    found = _TAG.match(tag or "")
    language = found[1].lower() if found else None
    region = found[2].upper() if found and found[2] else None
    return Place(language, _country(url) or region, observed_order(dates))


def observed_order(dates: Iterable[object]) -> bool | None:
    """Return whether the day is first in the numeric dates of a site; None if they do not tell."""
    seen: set[bool] = set()
    for _, date in zip(range(_MAX_DATES), dates, strict=False):
        if isinstance(date, str):
            seen |= _order_in(date[:_MAX_CHARS])
    return seen.pop() if len(seen) == 1 else None


def _order_in(text: str) -> set[bool]:
    if not text.isascii():
        text = "".join(token.text for token in tokenize(text))
    found = _TWO_NUMBERS.search(text)
    if found is None:
        return set()
    first, second = int(found[1]), int(found[3])
    if first > 12 >= second >= 1 and first <= 31:
        return {True}
    return {False} if second > 12 >= first >= 1 and second <= 31 else set()


def _country(url: str | None) -> str | None:
    try:
        host = urlsplit(url or "").hostname or ""
    except ValueError:
        return None
    ending = host.rpartition(".")[2]
    if len(ending) != 2 or not ending.isalpha() or ending in _GENERIC.split():
        return None
    return _COUNTRIES.get(ending, ending.upper())
