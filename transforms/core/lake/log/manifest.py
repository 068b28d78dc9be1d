"""The manifest: the files that the lake's tables have, so that the loss of one is noticed.

`_meta/files.txt` changes only when a file is added or deleted. It is staged and published with the
commit that changes it, after the files that are new in it and before those that are no longer in it
are deleted: what it names exists.
"""

from collections.abc import Iterable

from transforms.core.lake.log.damage import damaged
from transforms.core.lake.log.paths import is_table_file
from transforms.core.lake.log.store import ReadableStore

MANIFEST = "_meta/files.txt"
_HEAD = "# files of the tables of this lake: "


def to_manifest(paths: Iterable[str]) -> bytes:
    """Return the manifest's bytes: a line with the number of files, then their paths, sorted."""
    listed = sorted(paths)
    return "".join(f"{line}\n" for line in [f"{_HEAD}{len(listed)}", *listed]).encode()


def read_manifest(store: ReadableStore) -> frozenset[str] | None:
    """Return the paths of the files that the lake should have; None if it has no manifest.

    Raises LakeError for a manifest that is cut short, or names something else.
    """
    found = store.get(MANIFEST)
    if found is None:
        return None
    # The number in the first line shows a file that was cut short, which names fewer paths.
    head, *paths = found[0].decode(errors="replace").splitlines() or [""]
    if head != f"{_HEAD}{len(paths)}" or not all(map(is_table_file, paths)):
        raise damaged(f"{MANIFEST} is not the list of files that the last commit wrote; restore it")
    return frozenset(paths)


def missing_files(store: ReadableStore, manifest: Iterable[str]) -> list[str]:
    """Return the files of a manifest that the lake does not have, sorted, judged by name alone."""
    expected = frozenset(manifest)
    tables = sorted({path.split("/", 1)[0] for path in expected})
    return sorted(expected.difference(*(store.list(table) for table in tables)))
