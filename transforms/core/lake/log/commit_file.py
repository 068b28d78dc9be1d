"""The file of a commit, as a record and as JSON."""

import json
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

from transforms.core.lake.log.damage import damaged
from transforms.core.lake.log.paths import (
    COMMITS,
    is_attempt,
    is_committed_file,
    is_staged_file,
)


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that a commit puts in place."""

    path: str
    data: bytes
    rows: int
    is_tombstone: bool = False
    """It has no rows, and is deleted when its commit leaves the history."""


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file as the commit file names it."""

    staged: str
    path: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """The content of a commit file."""

    number: int
    attempt: str
    files: tuple[StagedFile, ...]
    tombstones: tuple[str, ...] = ()
    """Paths of the files that are deleted when the commit leaves the history."""
    deletes: tuple[str, ...] = ()
    run: dict[str, Any]

    def to_json(self) -> bytes:
        """Return the commit file's bytes."""
        return json.dumps(asdict(self), indent=1, sort_keys=True, default=str).encode()


def commit_path(number: int) -> str:
    """Return the path of a commit file."""
    return f"{COMMITS}/{number:012d}.json"


def commit_number(path: str) -> int:
    """Return the number of the commit whose file this is."""
    return int(PurePosixPath(path).stem)


def parse_commit(path: str, data: bytes) -> Commit:
    """Return the commit of a commit file; raise LakeError if the file is damaged, or names a file
    that no commit writes.
    """
    try:
        fields = json.loads(data)
        commit = Commit(
            number=commit_number(path),
            attempt=fields["attempt"],
            files=tuple(StagedFile(**file) for file in fields["files"]),
            tombstones=tuple(fields["tombstones"]),
            deletes=tuple(fields["deletes"]),
            run=fields["run"],
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise damaged(f"{path} is not a commit file ({error}); restore it") from error
    wrong = _wrong_names(commit)
    if wrong:
        raise damaged(f"{path} names {str(wrong[0])[:200]!r}, which no commit writes; restore it")
    return commit


def _wrong_names(commit: Commit) -> list[Any]:
    """Return what is not a name or path where a commit file has one."""
    named = (
        (is_attempt, [commit.attempt]),
        (is_staged_file, [file.staged for file in commit.files]),
        (is_committed_file, [file.path for file in commit.files]),
        (is_committed_file, [*commit.tombstones, *commit.deletes]),
    )
    return [
        name
        for is_right, names in named
        for name in names
        if not (isinstance(name, str) and is_right(name))
    ]
