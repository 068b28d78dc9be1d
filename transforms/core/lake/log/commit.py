"""How a commit becomes visible: stage its files, write the commit file, publish; and roll forward what was cut short.

The commit file, `_meta/commits/<number>.json`, is the commit: before it the lake is as it was, after it the next writer
finishes what a killed one left undone. Numbers are handed out by writing a file that must not be there yet. When all
is in place, `_meta/published` says so, and until then it names the attempt; without that word a commit is published
again, which changes nothing. So either file may be lost, and what the loss would hide is noticed.

What a reader of the plain files can count on, while a writer is at work:

- Each file is whole, and is there as long as a query may take: a folder whose rows are all gone keeps a file without
  rows until the commit that emptied it leaves the history, `KEPT` commits later.
- A row that stays in its folder is read once, as it was or as it is, by readers that open a file once, such as pyarrow.
  DuckDB and Polars open it twice. Between the two, some hundredths of a millisecond (Polars: some tenths), it may be
  replaced, and the query fails with "invalid data", or reads rows of one state at places of the other.
- A row that moves to another folder (an article whose date changes, and what hangs on it) is in two files that change
  one after the other, within a millisecond or so. Only a query that opens its files while they change can find the row
  in both, or in neither; the same holds between tables. No order of writing prevents it, since a reader opens the
  files in an order of its own.

Who needs all tables as of one commit reads with `read_settled`; or, from any tool, under a shared lock, for which
writers wait: `flock --shared LAKE/_meta/lock duckdb ...`.
"""

import contextlib
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any, TypeVar

from transforms.core.lake.log.manifest import MANIFEST, is_table_file, read_manifest, to_manifest
from transforms.core.lake.log.store import LakeStore, LostRaceError, NoRoomError
from transforms.errors import LakeError

COMMITS = "_meta/commits"
PUBLISHED = "_meta/published"
STAGING = "_staging"
KEPT = 200
"""Commit files that stay as history."""
_TRIES = 5
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that a commit puts in place."""

    path: str
    data: bytes
    rows: int
    tombstone: bool = False
    """A file without rows that is there for readers alone, and goes when its commit leaves the history."""


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file as the commit file names it."""

    staged: str
    path: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What a commit file says."""

    number: int
    attempt: str
    files: tuple[StagedFile, ...]
    tombstones: tuple[str, ...] = ()
    """Those of the files that go when the commit leaves the history."""
    deletes: tuple[str, ...] = ()
    run: dict[str, Any]

    def to_json(self) -> bytes:
        """Return the commit file's bytes."""
        return json.dumps(asdict(self), indent=1, sort_keys=True, default=str).encode()


def write_commit(
    store: LakeStore,
    files: Sequence[NewFile],
    deletes: Sequence[str],
    *,
    attempt: str,
    run: dict[str, Any],
) -> Commit:
    """Stage, commit and publish; raise LostRaceError when another writer committed first. Call `recover` before.

    Where the disk is full, NoRoomError says how much the whole commit needs, and the lake is as it was.
    """
    gone = (*deletes, *_long_empty(store, {f.path for f in files}))
    wanted = [*files, *_new_inventory(store, files, gone)]
    tombstones = tuple(f.path for f in files if f.tombstone)
    try:
        staged = tuple(_stage(store, attempt, n, f) for n, f in enumerate(wanted))
        number = last_number(store) + 1
        commit = Commit(
            number=number,
            attempt=attempt,
            files=staged,
            tombstones=tombstones,
            deletes=gone,
            run=run,
        )
        store.put(_commit_path(number), commit.to_json(), None)
    except NoRoomError as error:
        _sweep(store, store.list(f"{STAGING}/{attempt}"))
        size = sum(len(f.data) for f in wanted)
        raise NoRoomError(
            f"{error}; the whole commit needs {_megabytes(size)}, and the lake is as it was"
        ) from error
    with contextlib.suppress(LostRaceError):  # who took the lock over finishes what is committed
        publish(store, commit)
    return commit


def _megabytes(size: int) -> str:
    return f"{size / 2**20:.1f} MB" if size >= 2**20 // 10 else f"{-(-size // 1024)} kB"


def _stage(store: LakeStore, attempt: str, n: int, file: NewFile) -> StagedFile:
    path = f"{STAGING}/{attempt}/{n:06d}{PurePosixPath(file.path).suffix}"
    store.put(path, file.data, None)
    return StagedFile(path, file.path, hashlib.sha256(file.data).hexdigest(), file.rows)


def _new_inventory(
    store: LakeStore, files: Sequence[NewFile], deletes: Sequence[str]
) -> list[NewFile]:
    """Return the inventory after the commit, where that is another one."""
    before = read_manifest(store)
    if before is None:
        return []
    after = (before | {f.path for f in files if is_table_file(f.path)}).difference(deletes)
    return [] if after == before else [NewFile(MANIFEST, to_manifest(after), 0)]


def _long_empty(store: LakeStore, written: set[str]) -> list[str]:
    """Return the files left without rows by the commits that leave the history next, unless written since or now.

    Where the history cannot be read they stay: a file without rows does no harm.
    """
    files = _commit_files(store)
    leaving, staying = files[: 1 - KEPT], files[1 - KEPT :]
    try:
        empty = {
            path for leaves in leaving for path in _read_commit(store, leaves).tombstones
        } - written
        if empty:
            empty -= {f.path for stays in staying for f in _read_commit(store, stays).files}
    except LakeError:
        return []
    return sorted(empty)


def publish(store: LakeStore, commit: Commit) -> None:
    """Put a commit's files in place. Doing it again, after any part of it, ends in the same lake."""
    with contextlib.suppress(NoRoomError):  # it only tells of the loss of a file that is there now
        _say(store, commit.number, begun=commit.attempt)
    for file in commit.files:
        if not store.rename(file.staged, file.path):
            _must_be_there(store, file, commit)
    for path in commit.deletes:
        store.delete(path)
    _say(store, commit.number)


def _say(store: LakeStore, number: int, begun: str | None = None) -> None:
    """Note that all of a commit, and of those before it, is in place, or that its attempt has begun to be put there."""
    known, _, token = _word(store)
    if number > known:
        text = f"{number}\n" if begun is None else f"{known} {begun}\n"
        store.put(PUBLISHED, text.encode(), token)


def _must_be_there(store: LakeStore, file: StagedFile, commit: Commit) -> None:
    found = store.get(file.path)
    if found is None or hashlib.sha256(found[0]).hexdigest() != file.sha256:
        raise LakeError(
            f"{file.path} is not the file that commit {commit.number} wrote, and {file.staged} is gone: "
            "somebody changed the lake by hand; restore that file, or take the lake as it is: "
            "newsbeam upgrade --force",
            reason="E_LAKE_DAMAGED",
        )


def recover(store: LakeStore) -> None:
    """Finish the last commit if it was cut short, then sweep what belongs to no commit. Call it under the lock."""
    commit = pending(store)
    _must_be_begun(store, commit)
    if commit is not None:
        publish(store, commit)
    _sweep(store, store.list(STAGING))
    for path in _commit_files(store)[:-KEPT]:
        store.delete(path)


def abandon_unfinished(store: LakeStore) -> None:
    """Give up what cannot be finished: the files that lie in the tables are the lake. Call it under the lock."""
    store.put(PUBLISHED, f"{last_number(store)}\n".encode(), _word(store)[2])
    _sweep(store, store.list(STAGING))


def _must_be_begun(store: LakeStore, commit: Commit | None) -> None:
    """Raise LakeError where another commit than the pending one was being put in place: its file is gone."""
    _, begun, _ = _word(store)
    if begun is not None and (commit is None or commit.attempt != begun):
        raise LakeError(
            f"{STAGING}/{begun} has the rest of a commit whose file in {COMMITS} is gone; restore that file, "
            "or take the lake as it is: newsbeam upgrade --force",
            reason="E_LAKE_DAMAGED",
        )


def _sweep(store: LakeStore, staged: Sequence[str]) -> None:
    """Delete files in staging."""
    for path in staged:
        store.delete(path)


def pending(store: LakeStore) -> Commit | None:
    """Return the last commit if nobody has said that all its files are in place."""
    last = _last_file(store)
    return _read_commit(store, _commit_path(last)) if last > _published(store) else None


def settled(store: LakeStore) -> int | None:
    """Return the number of the last commit, 0 where there is none; None while its files are being put in place."""
    last, published = _last_file(store), _published(store)
    return published if last <= published else None


def read_snapshot(store: LakeStore, read: Callable[[], T]) -> T:
    """Return what `read` returns when no file changes meanwhile; it may be called several times.

    Where commits come faster than it reads, or a dead writer left one half published, it reads under the lock.
    """
    for _ in range(_TRIES):
        before = settled(store)
        if before is None:
            break
        with contextlib.suppress(_Changed):
            return _unchanged(store, read, before)
    with store.locked():
        recover(store)
        return read()


class _Changed(Exception):  # noqa: N818 - no error: read again
    """A file was replaced while it was read."""


def _unchanged(store: LakeStore, read: Callable[[], T], before: int) -> T:
    """Return what `read` returns, or raise what it raises; raise _Changed where a commit came meanwhile."""
    try:
        result = read()
    except Exception:
        if settled(store) == before:
            raise
        raise _Changed from None
    if settled(store) != before:
        raise _Changed
    return result


def last_number(store: LakeStore) -> int:
    """Return the number of the last commit, 0 where there is none."""
    return max(_last_file(store), _published(store))


def _last_file(store: LakeStore) -> int:
    files = _commit_files(store)
    return int(PurePosixPath(files[-1]).stem) if files else 0


def _published(store: LakeStore) -> int:
    """Return the number of the last commit that is in place, as far as is known: 0 only means to look again."""
    return _word(store)[0]


def _word(store: LakeStore) -> tuple[int, str | None, str | None]:
    """Return what `_meta/published` says, and its token: the last commit in place, the attempt that has begun since."""
    text, token = store.get(PUBLISHED) or (b"", None)
    number, _, begun = text.decode("ascii", "replace").strip().partition(" ")
    return (
        (int(number), begun or None, token)
        if number.isdecimal() and number.isascii()
        else (0, None, token)
    )


def _commit_files(store: LakeStore) -> list[str]:
    return [
        p for p in store.list(COMMITS) if p.endswith(".json") and PurePosixPath(p).stem.isdigit()
    ]


def _commit_path(number: int) -> str:
    return f"{COMMITS}/{number:012d}.json"


def _read_commit(store: LakeStore, path: str) -> Commit:
    found = store.get(path)
    try:
        said = json.loads(found[0]) if found else {}
        return Commit(
            number=int(PurePosixPath(path).stem),
            attempt=said["attempt"],
            files=tuple(StagedFile(**f) for f in said["files"]),
            tombstones=tuple(said["tombstones"]),
            deletes=tuple(said["deletes"]),
            run=said["run"],
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LakeError(
            f"{path} is no commit file ({error}); restore it, or take the lake as it is: newsbeam upgrade --force",
            reason="E_LAKE_DAMAGED",
        ) from error
