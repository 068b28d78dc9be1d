"""Read the TOML tables under `transforms/rules`."""

import tomllib
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any


def rules_folder() -> Traversable:
    """Return the folder of the rules, in the source tree or in an installed package."""
    return files("transforms").joinpath("rules")


def read_table(*path: str) -> dict[str, Any]:
    """Return one TOML file under `transforms/rules`."""
    return tomllib.loads(rules_folder().joinpath(*path).read_text(encoding="utf-8"))


def languages() -> frozenset[str]:
    """Return the languages that have event patterns: the folders of `rules/events` with a `words.toml`."""
    folder = rules_folder().joinpath("events")
    return frozenset(f.name for f in folder.iterdir() if f.joinpath("words.toml").is_file())


def event_files(language: str = "en") -> Iterator[Traversable]:
    """Yield the files of a language's event patterns, by name."""
    folder = rules_folder().joinpath("events", language)
    yield from sorted(
        (f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name
    )


def actors_folder(language: str = "en") -> tuple[str, ...]:
    """Return the place of the actors' names: the language's own folder `actors`, else the common one."""
    own = ("events", language, "actors")
    return own if rules_folder().joinpath(*own).is_dir() else ("actors",)


@lru_cache(maxsize=8)
def rules_version(language: str = "en") -> str:
    """Return the coder's version: the hash of all its rules."""
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
    return f"{language}-{digest.hexdigest()}"[:16]


def word_set(words: str) -> frozenset[str]:
    """Return the words of a line as a set."""
    return frozenset(words.split())
