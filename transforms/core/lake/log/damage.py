"""The errors of a lake that has lost something, and what to do about them."""

from collections.abc import Sequence

from transforms.errors import LakeError


def damaged(message: str) -> LakeError:
    """Return the error of a lake that a run must not write to: restore, or accept the loss."""
    return LakeError(
        f"{message}, or accept the loss: newsbeam upgrade --force", reason="E_LAKE_DAMAGED"
    )


def files_gone(paths: Sequence[str]) -> LakeError:
    """Return the error that says which files the lake has lost."""
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return damaged(
        f"{paths[0]}{more} should be in the lake and cannot be found; restore what was deleted"
    )


def unreadable(path: str, error: Exception) -> LakeError:
    """Return the error that says which file is not a Parquet file."""
    first_line = str(error).split("\n")[0]
    return LakeError(
        f"{path} cannot be read as a table of this lake ({first_line}); restore it, or rebuild "
        "the lake",
        reason="E_LAKE_DAMAGED",
    )
