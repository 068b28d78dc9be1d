"""The nearest of the names that newsbeam knows, for one that it does not."""

import difflib
from collections.abc import Collection, Iterable

_NEARLY = 0.75
"""Likeness from which an option is held for a mistyped one, not for one of another program. Of two
letters swapped, missing or doubled in the shortest option, `--to`, it leaves a likeness of 0.75.
"""


def did_you_mean(name: str, known: Collection[str]) -> str:
    """Return the end of a message on an unknown name: the one it is most like, if any."""
    near = difflib.get_close_matches(name, sorted(known), 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def mistyped_options(args: Iterable[str], known: Collection[str]) -> list[str]:
    """Return the options in arguments that are unknown, yet nearly a known one."""
    names = (arg.partition("=")[0] for arg in args if arg.startswith("--"))
    return [
        name
        for name in names
        if name not in known and difflib.get_close_matches(name, known, 1, _NEARLY)
    ]
