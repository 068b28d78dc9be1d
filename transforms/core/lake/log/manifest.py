"""Which files the lake's tables have: a list kept by every commit, so that one that is gone is missed.

`_meta/files.txt` changes only when a folder comes or goes. It is staged and published with the commit that changes it,
after the files that are new in it and before those that are no longer in it are deleted: what it names is there.
"""

from collections.abc import Iterable

from transforms.core.lake.log.store import LakeStore
from transforms.errors import LakeError

MANIFEST = "_meta/files.txt"
_HEAD = "# files of the tables of this lake: "


def is_table_file(path: str) -> bool:
    """Return whether a path is that of a table's file: table, folder, file."""
    return not path.startswith("_") and path.count("/") == 2 and path.endswith(".parquet")


def to_manifest(paths: Iterable[str]) -> bytes:
    """Return the inventory's bytes: how many files there are, then the path of each on a line, sorted."""
    listed = sorted(paths)
    return "".join(f"{line}\n" for line in [f"{_HEAD}{len(listed)}", *listed]).encode()


def read_manifest(store: LakeStore) -> frozenset[str] | None:
    """Return the paths of the files that the lake has; None where no list is. Raises LakeError for half a list."""
    found = store.get(MANIFEST)
    if found is None:
        return None
    head, *paths = found[0].decode(errors="replace").splitlines() or [""]
    if head != f"{_HEAD}{len(paths)}":
        raise LakeError(
            f"{MANIFEST} is not the list of files that the last commit wrote; restore it, or take the lake as it is: "
            "newsbeam upgrade --force",
            reason="E_LAKE_DAMAGED",
        )
    return frozenset(paths)


def missing_files(store: LakeStore, inventory: Iterable[str]) -> list[str]:
    """Return those files of an inventory that are not in the lake, sorted; only names are looked at."""
    wanted = frozenset(inventory)
    tables = sorted({path.split("/", 1)[0] for path in wanted})
    return sorted(wanted.difference(*(store.list(table) for table in tables)))


def files_gone(paths: list[str]) -> LakeError:
    """Return the error that says which files the lake has lost, and what to do."""
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return LakeError(
        f"{paths[0]}{more} should be in the lake and cannot be found; restore what was deleted, "
        "or go on without its rows: newsbeam upgrade --force",
        reason="E_LAKE_DAMAGED",
    )
