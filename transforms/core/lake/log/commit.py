"""How a commit becomes visible: stage its files, write the commit file, publish.

The commit file, `_meta/commits/<number>.json`, is the commit: before it is written the lake is as
it was; after it the next writer finishes what a killed one left undone (`recovery`). Numbers are
handed out by writing a file that must not exist yet. The marker `_meta/published` names the attempt
that is being put in place, and then the commit that is. A commit that the marker does not name is
published again, which changes nothing. So either of the two files may be lost, and what the loss
would hide is noticed.

What a reader of the plain files can rely on while a writer is at work:

- Each file is whole, and exists for as long as a query may take: a folder that has lost all its
  rows keeps a file without rows, a tombstone, until its commit leaves the history, `KEPT` commits
  later.
- A row that stays in its folder is read once, as it was or as it is, by readers that open a file
  once, such as pyarrow. DuckDB and Polars open it twice. If it is replaced between the two, which
  are some hundredths of a millisecond apart (Polars: some tenths), the query fails with "invalid
  data", or reads rows of one state at offsets of the other.
- A row that moves to another folder (an article whose date changes, and the rows that follow it) is
  in two files that change one after the other, within a millisecond or so. Only a query that opens
  its files while they change can find the row in both, or in neither; the same holds between
  tables. No order of writing prevents it, since a reader opens the files in an order of its own.

A reader that needs all tables as of one commit uses `snapshot.read_snapshot`; or, from any tool, a
shared lock, for which writers wait: `flock --shared LAKE/_meta/lock duckdb ...`.
"""

import contextlib
import hashlib
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from transforms.core.lake.log.commit_file import (
    Commit,
    NewFile,
    StagedFile,
    commit_path,
)
from transforms.core.lake.log.damage import damaged
from transforms.core.lake.log.history import expiring_tombstones, last_number
from transforms.core.lake.log.manifest import MANIFEST, read_manifest, to_manifest
from transforms.core.lake.log.marker import advance_marker, record_attempt
from transforms.core.lake.log.paths import STAGING, is_table_file
from transforms.core.lake.log.store import LakeStore, LostRaceError, NoRoomError


def write_commit(
    store: LakeStore,
    files: Sequence[NewFile],
    deletes: Sequence[str],
    *,
    attempt: str,
    run: dict[str, Any],
) -> Commit:
    """Stage, commit and publish; call `recover` first.

    Raises LostRaceError when another writer committed first, and NoRoomError, with the size of the
    whole commit, when the disk is full; the lake is as it was then.
    """
    # What this commit writes again is no longer a tombstone, and must not be deleted after it.
    deletes = (*deletes, *expiring_tombstones(store, {f.path for f in files}))
    # The manifest comes last: it must not name a file that is not yet in place.
    files = [*files, *_new_manifest(store, files, deletes)]
    try:
        commit = Commit(
            files=tuple(_stage(store, attempt, n, file) for n, file in enumerate(files)),
            number=last_number(store) + 1,
            attempt=attempt,
            tombstones=tuple(file.path for file in files if file.is_tombstone),
            deletes=deletes,
            run=run,
        )
        # The point of no return. The file must be absent: of two writers with the same number, one
        # is refused.
        store.put(commit_path(commit.number), commit.to_json(), None)
    except NoRoomError as error:
        delete_staged(store, attempt)
        size = _readable_size(sum(len(file.data) for file in files))
        raise NoRoomError(
            f"{error}; the whole commit needs {size}, and the lake is as it was"
        ) from error
    # A writer that took the lock over meanwhile finishes what is committed.
    with contextlib.suppress(LostRaceError):
        publish(store, commit)
    return commit


def _readable_size(size: int) -> str:
    if size >= 2**20 // 10:
        return f"{size / 2**20:.1f} MB"
    return f"{-(-size // 1024)} kB"


def _stage(store: LakeStore, attempt: str, number: int, file: NewFile) -> StagedFile:
    staged = f"{STAGING}/{attempt}/{number:06d}{PurePosixPath(file.path).suffix}"
    store.put(staged, file.data, None)
    return StagedFile(staged, file.path, hashlib.sha256(file.data).hexdigest(), file.rows)


def _new_manifest(
    store: LakeStore, files: Sequence[NewFile], deletes: Sequence[str]
) -> list[NewFile]:
    """Return the manifest after the commit, if the commit changes it."""
    before = read_manifest(store)
    if before is None:
        return []
    added = {file.path for file in files if is_table_file(file.path)}
    after = (before | added).difference(deletes)
    return [] if after == before else [NewFile(MANIFEST, to_manifest(after), 0)]


def publish(store: LakeStore, commit: Commit) -> None:
    """Put a commit's files in place.

    Repeating it, after any part of it, ends in the same lake.
    """
    # Without a record of the attempt, only the later loss of the commit file goes unnoticed.
    with contextlib.suppress(NoRoomError):
        record_attempt(store, commit.number, commit.attempt)
    for file in commit.files:
        if not store.rename(file.staged, file.path):
            # An earlier try has published it, or somebody has deleted it.
            _check_published(store, file, commit)
    # Deletes follow all writes: a writer killed in between leaves a row that moved to another file
    # in both, not in neither.
    for path in commit.deletes:
        store.delete(path)
    advance_marker(store, commit.number)


def _check_published(store: LakeStore, file: StagedFile, commit: Commit) -> None:
    """Raise LakeError unless a file that is no longer staged is in its place."""
    found = store.get(file.path)
    if found is None or hashlib.sha256(found[0]).hexdigest() != file.sha256:
        raise damaged(
            f"{file.path} is not the file that commit {commit.number} wrote, and {file.staged} is "
            "gone: somebody changed the lake by hand; restore that file"
        )


def delete_staged(store: LakeStore, attempt: str | None = None) -> None:
    """Delete what an attempt has staged; without one, all that is staged."""
    for path in store.list(f"{STAGING}/{attempt}" if attempt else STAGING):
        store.delete(path)
