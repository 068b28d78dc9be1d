"""The hash of the code and the rules that produced a row."""

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

_SUFFIXES = (".py", ".toml", ".json")


@lru_cache(maxsize=1)
def code_hash() -> str:
    """Return the first eight hex digits of the SHA-256 of `transforms/core` and `transforms/rules`,
    which decide the values of a row.
    """
    root = files("transforms")
    found = dict([*_files(root / "core", "core"), *_files(root / "rules", "rules")])
    digest = hashlib.sha256()
    for path in sorted(found):
        digest.update(path.encode() + b"\0" + found[path].read_bytes() + b"\0")
    return digest.hexdigest()[:8]


def _files(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    """Yield the source files in a folder and its subfolders, with their paths."""
    for child in folder.iterdir():
        child_path = f"{path}/{child.name}"
        if child.is_dir():
            yield from _files(child, child_path)
        elif child.is_file() and child.name.endswith(_SUFFIXES):
            yield child_path, child
