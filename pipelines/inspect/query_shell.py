"""The statements that a user types or passes to standard input."""

import sys
from collections.abc import Iterator

_PROMPT = "newsbeam> "
_CONTINUATION = "     ...> "


def read_statements() -> Iterator[str]:
    """Yield statements from standard input, each ended by a semicolon at the end of a line."""
    lines: list[str] = []
    while True:
        try:
            lines.append(
                input(_CONTINUATION if lines else _PROMPT) if sys.stdin.isatty() else input()
            )
        except EOFError:
            break
        if lines[-1].rstrip().endswith(";"):
            yield "\n".join(lines)
            lines = []
    if "".join(lines).strip():
        yield "\n".join(lines)
