"""Recognise the words of a request for consent: its topics, and the button that gives consent."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from transforms.core.prose import plain

# "Accept all and continue to the site" has 36 characters; longer ones are sentences.
MAX_LABEL_CHARS = 60
# Requests of one topic are as rare as articles of two are common: "cookies and privacy".
MIN_TOPICS = 2
# The first lines of a request say what it is; its lists of partners run to 100,000 characters.
MAX_TEXT_CHARS = 1_500
TOPICS = ("tracking", "advertising", "privacy", "partners", "data")
# Before Hebrew are Latin, Greek and Cyrillic, whose words begin after a space; Arabic and Hebrew
# write articles and prepositions with the word, and East Asia writes no spaces.
_LAST_SPACED = "\u0590"


@dataclass(frozen=True, slots=True)
class ConsentWords:
    """The patterns of `rules/consent.toml`, of all languages in one."""

    accept: re.Pattern[str]
    topics: tuple[re.Pattern[str], ...]
    managers: re.Pattern[str]


def gives_consent(label: str) -> bool:
    """Return whether a button of this label gives consent."""
    return len(label) <= MAX_LABEL_CHARS and _is_accept(_folded(label))


@lru_cache(maxsize=1024)
def _is_accept(label: str) -> bool:
    return _words().accept.search(label) is not None


def asks_consent(text: str) -> bool:
    """Return whether a text speaks of two topics of requests for consent."""
    return consent_topics(text) >= MIN_TOPICS


def consent_topics(text: str) -> int:
    """Return of how many topics of requests for consent a text speaks."""
    folded = _folded(text[:MAX_TEXT_CHARS])
    return sum(topic.search(folded) is not None for topic in _words().topics)


def is_of_manager(name: str) -> bool:
    """Return whether an id or class is one of a service that asks for consent."""
    return _words().managers.search(name.lower()) is not None


def load_languages() -> Mapping[str, Mapping[str, Any]]:
    """Return the tables of `rules/consent.toml` by language."""
    return {name: table for name, table in _load().items() if isinstance(table, dict)}


@cache
def _load() -> Mapping[str, Any]:
    text = files("transforms").joinpath("rules", "consent.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _words() -> ConsentWords:
    languages = load_languages().values()
    names = "|".join(map(re.escape, _load()["managers"]))
    return ConsentWords(
        accept=_pattern(stem for table in languages for stem in table["accept"]),
        topics=tuple(
            _pattern(stem for table in languages for stem in table[topic]) for topic in TOPICS
        ),
        managers=re.compile(rf"(?<![a-z0-9])(?:{names})"),
    )


def _folded(text: str) -> str:
    """Return a text in lower case, the Turkish dotted capital as a plain i."""
    return plain(text).casefold().replace("i\u0307", "i")


def _pattern(stems: Iterable[str]) -> re.Pattern[str]:
    found = sorted({_folded(stem) for stem in stems})
    spaced = "|".join(re.escape(stem) for stem in found if stem < _LAST_SPACED)
    joined = "|".join(re.escape(stem) for stem in found if stem >= _LAST_SPACED)
    return re.compile(rf"(?<![^\W{_LAST_SPACED}-\U0010ffff])(?:{spaced})|{joined}")
