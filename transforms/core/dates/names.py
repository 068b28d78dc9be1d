"""The names of months and days, and the words around them, in all languages."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from transforms.core.dates.folding import name_key

GREGORIAN, PERSIAN, HIJRI = "gregorian", "persian", "hijri"
FIRST_YEAR = "元"
"""Written after the name of an era instead of 1."""
MAX_NAME_WORDS = 4
"""Words of the longest names of months."""


WORD_TABLES = (
    *("between", "before_date", "before_time", "hour_units", "minute_units", "month_markers"),
)


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a calendar."""

    number: int
    calendar: str = GREGORIAN


@dataclass(frozen=True, slots=True, kw_only=True)
class DateWords:
    """All words, folded. `local_months` has those that mean another month in some languages."""

    months: Mapping[str, Month]
    local_months: Mapping[str, Mapping[str, int]]
    eras: Mapping[str, int]
    weekdays: frozenset[str]
    between: frozenset[str]
    before_date: frozenset[str]
    before_time: frozenset[str]
    hour_units: frozenset[str]
    minute_units: frozenset[str]
    month_markers: frozenset[str]
    am: frozenset[str]
    pm: frozenset[str]

    def month(self, name: str, language: str | None) -> Month | None:
        """Return the month of a folded name; where it has several meanings, the language's."""
        local = self.local_months.get(name)
        if local and language and language in local:
            return Month(local[language])
        return self.months.get(name)


@lru_cache(maxsize=1)
def date_words() -> DateWords:
    """Return the words of `rules/dates/names.toml` and `rules/dates/words.toml`."""
    names, words = read_table("names.toml"), read_table("words.toml")
    sets = {name: frozenset(_keys(words[name].values())) for name in WORD_TABLES}
    return DateWords(
        months={
            **_months(words["hijri_months"], HIJRI),
            **_months(words["persian_months"], PERSIAN),
            **_months(words["months"], GREGORIAN),
            **_months(names["months"], GREGORIAN),
        },
        local_months=names["months_by_language"],
        eras={
            name_key(name) + first: before
            for name, before in words["eras"].items()
            for first in ("", FIRST_YEAR)
        },
        weekdays=frozenset(
            [*names["weekdays"]["names"].split(), *_keys(words["weekdays"].values())]
        ),
        am=frozenset(_keys(words["am"].values())),
        pm=frozenset(_keys(words["pm"].values())),
        **sets,
    )


def read_table(name: str) -> dict[str, Any]:
    """Return a file of `rules/dates`."""
    text = files("transforms").joinpath("rules", "dates", name).read_text(encoding="utf-8")
    return tomllib.loads(text)


def _months(table: Mapping[str, str], calendar: str) -> dict[str, Month]:
    return {
        key: Month(int(number), calendar)
        for number, names in table.items()
        for key in _keys([names])
    }


def _keys(lists: Iterable[str]) -> Iterable[str]:
    return (name_key(name) for names in lists for name in names.split())
