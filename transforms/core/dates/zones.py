"""How far a time zone is ahead of UTC, by its name, the country of the site, and the time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from transforms.core.dates.folding import fold
from transforms.core.dates.names import read_table


@dataclass(frozen=True, slots=True)
class Offset:
    """How far a zone is ahead of UTC, and whether its name leaves no doubt."""

    ahead: timedelta
    sure: bool = True


@dataclass(frozen=True, slots=True)
class _Zones:
    offsets: Mapping[str, int]
    by_country: Mapping[str, Mapping[str, Any]]
    united_states: Mapping[str, int]


def is_zone(name: str) -> bool:
    """Return whether a folded word is the name of a time zone."""
    zones = _zones()
    return name in zones.offsets or name in zones.by_country or name in zones.united_states


def zone_offset(name: str, local: datetime, country: str | None) -> Offset | None:
    """Return the offset of a zone at a local time without zone; None for an unknown name."""
    zones = _zones()
    if name in zones.by_country:
        meanings = zones.by_country[name]
        known = country in meanings
        minutes = meanings[country] if known and country else meanings["default"]
        return Offset(timedelta(minutes=minutes), sure=known or meanings["sure"])
    if name in zones.united_states:
        summer = timedelta(hours=_is_us_summer(local.date()))
        return Offset(timedelta(minutes=zones.united_states[name]) + summer)
    minutes = zones.offsets.get(name)
    return None if minutes is None else Offset(timedelta(minutes=minutes))


def _is_us_summer(day: date) -> bool:
    """Return whether the clocks of the United States are an hour ahead, by the rule since 2007."""
    return _sunday(day.year, 3, 8) <= day < _sunday(day.year, 11, 1)


def _sunday(year: int, month: int, earliest: int) -> date:
    """Return the first Sunday from a day on."""
    start = date(year, month, earliest)
    return start + timedelta(days=(6 - start.weekday()) % 7)


@lru_cache(maxsize=1)
def _zones() -> _Zones:
    table = read_table("zones.toml")
    offsets = {fold(name): minutes for name, minutes in table["offsets"].items()}
    return _Zones(offsets, table["by_country"], table["united_states"])
