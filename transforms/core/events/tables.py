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


def event_files() -> Iterator[Traversable]:
    """Yield the files of English event patterns, by name."""
    folder = rules_folder().joinpath("events", "en")
    yield from sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)


@lru_cache(maxsize=1)
def rules_version() -> str:
    """Return the coder's version: the hash of all its rules."""
    digest = sha256()
    actors = rules_folder().joinpath("actors")
    tables = [*event_files(), *sorted(actors.iterdir(), key=lambda f: f.name), rules_folder().joinpath("ontology.toml")]
    for table in tables:
        if table.name.endswith(".toml"):
            digest.update(table.name.encode() + b"\0" + table.read_bytes())
    return f"en-{digest.hexdigest()}"[:16]


def word_set(words: str) -> frozenset[str]:
    """Return the words of a line as a set."""
    return frozenset(words.split())
