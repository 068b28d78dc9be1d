"""The errors of a damaged lake, each with what to do about it."""

from collections.abc import Sequence

from transforms.errors import LakeError


def damaged(message: str) -> LakeError:
    """Return the error of a lake that a run must not write to: restore, or accept the loss."""
    return LakeError(
        f"{message}, or accept the loss: newsbeam upgrade --force", reason="E_LAKE_DAMAGED"
    )


def files_gone(paths: Sequence[str]) -> LakeError:
    """Return the error that names the files that the lake has lost."""
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return damaged(
        f"{paths[0]}{more} should be in the lake and cannot be found; restore what was deleted"
    )


def unreadable(path: str, error: Exception) -> LakeError:
    """Return the error that names a file that cannot be read as Parquet."""
    first_line = str(error).split("\n")[0]
    return LakeError(
        f"{path} cannot be read as a table of this lake ({first_line}); restore it, or rebuild "
        "the lake",
        reason="E_LAKE_DAMAGED",
    )
