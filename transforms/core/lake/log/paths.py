"""The grammar of the paths within a lake.

A lake may come from somebody else, so each path and name that its own files give is checked here
before it is used: by what reads those files, and by every store.
"""

import re
from datetime import date

from transforms.errors import LakeError

COMMITS = "_meta/commits"
STAGING = "_staging"
MAX_NUMBER = 10**11
"""Bound of a commit's number, which has 12 digits in file names so that they sort: three thousand
years of a commit a second, and no number after it is longer."""
MAX_META_BYTES = 2**28
"""Bound of a file in `_meta`, which is read whole: a manifest or commit of a million files, a
hundred years of a lake's days, has less than 200 MB."""

# 255 is what file systems take of a name. A backslash separates folders on some of them.
_NAME = r"(?!\.{1,2}(?:/|\Z))[^/\\\x00-\x1f\x7f]{1,255}"
_INSIDE = re.compile(rf"{_NAME}(?:/{_NAME})*")
_OWN = re.compile(rf"(?:_meta|{STAGING}|_raw)(?:/{_NAME})+")
# A newer newsbeam may have more tables, so their names are not listed.
_TABLE_FILE = re.compile(
    r"[a-z][a-z0-9_]*/(?:day=([0-9]{4}-[0-9]{2}-[0-9]{2})|bucket=[0-9a-f]|all=0)"
    r"/part-[0-9]{5}\.parquet"
)
_RAW_FILE = re.compile(rf"_raw/{_NAME}/{_NAME}")
_STAGED_FILE = re.compile(rf"{STAGING}/{_NAME}/{_NAME}")
_META_FILE = re.compile(rf"_meta/(?:files\.txt|backfills/{_NAME}\.json)")
_COMMIT_FILE = re.compile(rf"{COMMITS}/([0-9]{{12}})\.json")
_ATTEMPT = re.compile(r"[A-Za-z0-9_-]{1,64}")


def checked(path: str) -> str:
    """Return a path that stays within the lake; raise LakeError for another."""
    if not _INSIDE.fullmatch(path):
        raise _not_a_path(path)
    return path


def checked_to_write(path: str) -> str:
    """Return a path at which a lake can have a file; raise LakeError for another."""
    if not (is_table_file(path) or _OWN.fullmatch(path)):
        raise _not_a_path(path)
    return path


def check_size(path: str, size: int) -> None:
    """Raise LakeError for a file in `_meta` that is too large to be a lake's own."""
    if path.startswith("_meta/") and size > MAX_META_BYTES:
        raise LakeError(
            f"{path} has {size} bytes, and no file of a lake's own records has more than "
            f"{MAX_META_BYTES}; restore it from a copy",
            reason="E_LAKE_DAMAGED",
        )


def _not_a_path(path: str) -> LakeError:
    return LakeError(
        f"{path[:200]!r} is not a path within a lake; somebody changed the lake's own files: do "
        "not use this lake, or restore it from a copy",
        reason="E_LAKE_DAMAGED",
    )


def is_table_file(path: str) -> bool:
    """Return whether a path is that of a table's file: table, folder, file."""
    found = _TABLE_FILE.fullmatch(path)
    return found is not None and (found[1] is None or _is_date(found[1]))


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_raw_file(path: str) -> bool:
    """Return whether a path is that of a file of kept pages."""
    return _RAW_FILE.fullmatch(path) is not None


def is_staged_file(path: str) -> bool:
    """Return whether a path is that of a file that an attempt has staged."""
    return _STAGED_FILE.fullmatch(path) is not None


def is_committed_file(path: str) -> bool:
    """Return whether a commit may write or delete the file at a path."""
    return is_table_file(path) or is_raw_file(path) or _META_FILE.fullmatch(path) is not None


def is_attempt(text: str) -> bool:
    """Return whether a text can be the name of an attempt."""
    return _ATTEMPT.fullmatch(text) is not None


def is_commit_path(path: str) -> bool:
    """Return whether a path is that of a commit file, with a number that a lake can reach."""
    found = _COMMIT_FILE.fullmatch(path)
    return found is not None and 0 < int(found[1]) <= MAX_NUMBER
