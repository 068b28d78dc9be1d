"""Find the files of folders and globs, without following links out of them.

A folder may come from somebody else: a link in it could name any file of this machine.
"""

import fnmatch
import glob
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path


class FolderSearch:
    """A search of folders, which keeps what it has passed over."""

    def __init__(self) -> None:
        self.skipped = list[str]()
        """A sentence on each link, pipe, socket, device or closed folder that was passed over."""

    def files_below(self, folder: str) -> list[str]:
        """Return the paths of the files below a folder, sorted by folder.

        The folder may be a link itself. Below it, links to folders are not followed, and links to
        files only within the folder.
        """
        paths = sorted(map(Path, self._entries(folder)))
        return self._plain_files(folder, list(map(str, paths)))

    def files_of_glob(self, pattern: str) -> list[str]:
        """Return the paths of the files that match a glob, sorted; `**` is any number of folders.

        Links are followed within the folder that the glob begins with.
        """
        folder = above_wildcards(pattern) or "."
        # A `**` of `glob.glob` follows links to folders, and so goes round in circles.
        paths = self._matching(pattern) if "**" in pattern.split("/") else glob.glob(pattern)
        return self._plain_files(folder, sorted(paths))

    def _matching(self, pattern: str) -> Iterator[str]:
        folder = above_wildcards(pattern)
        patterns = pattern.removeprefix(folder).split("/")
        for path in self._entries(folder or "."):
            inside = os.path.relpath(path, folder or ".")
            if _fits(inside.split("/"), patterns):
                yield folder + inside

    def _plain_files(self, folder: str, paths: Sequence[str]) -> list[str]:
        """Return those of the paths that are files within a folder."""
        root = os.path.realpath(folder)
        real = {at: os.path.realpath(at) for at in {os.path.dirname(path) for path in paths}}
        return [path for path in paths if self._is_plain(path, real[os.path.dirname(path)], root)]

    def _is_plain(self, path: str, folder: str, root: str) -> bool:
        place = os.path.realpath(path) if os.path.islink(path) else folder
        if not Path(place).is_relative_to(root):
            self.skipped.append(f"{path} leads out of the folder; name it to read it")
        elif os.path.exists(path) and not os.path.isdir(path) and not os.path.isfile(path):
            self.skipped.append(f"{path} is a pipe, a socket or a device")
        else:
            return os.path.isfile(path)
        return False

    def _entries(self, folder: str) -> Iterator[str]:
        """Yield the paths of all below a folder that is no folder itself, in no order."""
        # No recursion: folders may be nested deeper than Python's stack.
        waiting = [folder]
        while waiting:
            at = waiting.pop()
            try:
                with os.scandir(at) as found:
                    entries = list(found)
            except OSError as error:
                self.skipped.append(f"{at} cannot be listed: {error.strerror}")
                continue
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    yield entry.path


def above_wildcards(pattern: str) -> str:
    """Return the folder that a glob begins with, up to its last slash."""
    fixed = re.split(r"[*?\[]", pattern, maxsplit=1)[0]
    return fixed[: fixed.rfind("/") + 1]


def _fits(names: Sequence[str], patterns: Sequence[str]) -> bool:
    """Return whether the parts of a path fit the parts of a glob."""
    if not patterns:
        return not names
    first, rest = patterns[0], patterns[1:]
    if first == "**":
        return _fits_below(names, rest)
    return bool(names) and _fits_name(names[0], first) and _fits(names[1:], rest)


def _fits_below(names: Sequence[str], patterns: Sequence[str]) -> bool:
    """Return whether the parts of a path fit the parts of a glob after `**`, which stands for any
    number of folders that are not hidden.
    """
    hidden = [at for at, name in enumerate(names) if name.startswith(".")]
    if not patterns:
        return bool(names) and not hidden
    deepest = hidden[0] if hidden else len(names)
    return any(_fits(names[start:], patterns) for start in range(deepest + 1))


def _fits_name(name: str, pattern: str) -> bool:
    # As in a shell, a wildcard does not stand for the dot that hides a file.
    is_shown = not name.startswith(".") or pattern.startswith(".")
    return is_shown and fnmatch.fnmatchcase(name, pattern)
