"""Which code and which rules made a row?"""

import hashlib
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

_ENDINGS = (".py", ".toml")


@lru_cache(maxsize=1)
def code_hash() -> str:
    """Return the first eight hex digits of the SHA-256 of the code and the rules that decide what a
    row says.
    """
    root = files("transforms")
    found = [one for folder in ("core", "rules") for one in _below(root / folder, folder)]
    digest = hashlib.sha256()
    for name, file in sorted(found, key=lambda one: one[0]):
        digest.update(name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:8]


def _below(folder: Traversable, name: str) -> list[tuple[str, Traversable]]:
    inside = [(f"{name}/{one.name}", one) for one in folder.iterdir()]
    deeper = [pair for path, one in inside if one.is_dir() for pair in _below(one, path)]
    return deeper + [
        (path, one) for path, one in inside if one.is_file() and one.name.endswith(_ENDINGS)
    ]
