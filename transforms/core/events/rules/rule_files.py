"""Read the TOML tables under `transforms/rules`."""

import tomllib
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

_VERSION_LENGTH = 16
"""Characters of a coder's version: the language and at least 12 digits of a hash."""


def rules_folder() -> Traversable:
    """Return the folder of the rules, in the source tree or in an installed package."""
    return files("transforms").joinpath("rules")


def read_table(*path: str) -> dict[str, Any]:
    """Return one TOML file under `transforms/rules`."""
    return tomllib.loads(rules_folder().joinpath(*path).read_text(encoding="utf-8"))


def languages() -> frozenset[str]:
    """Return the languages with event rules: folders of `rules/events` that have a `words.toml`."""
    folder = rules_folder().joinpath("events")
    return frozenset(f.name for f in folder.iterdir() if f.joinpath("words.toml").is_file())


def event_files(language: str = "en") -> Iterator[Traversable]:
    """Yield the files of a language's event rules, by name."""
    folder = rules_folder().joinpath("events", language)
    tables = [f for f in folder.iterdir() if f.name.endswith(".toml")]
    yield from sorted(tables, key=lambda f: f.name)


def actors_folder(language: str = "en") -> tuple[str, ...]:
    """Return the path of the actors' tables: the language's own `actors`, else the common one."""
    own = ("events", language, "actors")
    return own if rules_folder().joinpath(*own).is_dir() else ("actors",)


@lru_cache(maxsize=8)
def rules_version(language: str = "en") -> str:
    """Return the version of a language's coder: a hash of all its rules."""
    digest = sha256()
    actors = rules_folder().joinpath(*actors_folder(language))
    tables = [
        *event_files(language),
        *sorted(actors.iterdir(), key=lambda f: f.name),
        rules_folder().joinpath("ontology.toml"),
    ]
    for table in tables:
        if table.name.endswith(".toml"):
            digest.update(table.name.encode() + b"\0" + table.read_bytes())
    return f"{language}-{digest.hexdigest()}"[:_VERSION_LENGTH]


def word_set(words: str) -> frozenset[str]:
    """Return the words of a string as a set."""
    return frozenset(words.split())
