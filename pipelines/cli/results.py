"""Results of commands as JSON lines, and the exit code for inputs that failed."""

import sys
from collections.abc import Iterable
from typing import Any

import typer

from pipelines.terminal import PARTIAL, progress, quiet, say
from transforms.errors import NewsbeamError


def write_results(
    rows: Iterable[dict[str, Any] | tuple[str, NewsbeamError]], output: str | None, what: str
) -> None:
    """Write rows as they are produced, and report the inputs that failed.

    Exits with code 3 if any failed: the rows of the others are written all the same. `what` is the
    activity that a terminal shows, e.g. "parsing".
    """
    from pipelines.files.jsonl import write_rows

    failed = 0

    def good() -> Iterable[dict[str, Any]]:
        nonlocal failed
        for number, row in enumerate(rows, 1):
            update(f"{what}: {number}")
            if isinstance(row, dict):
                yield row
            else:
                failed += 1
                say(f"{row[0]}: {row[1].reason}: {row[1]}")

    is_shown = output in (None, "-") and sys.stdout.isatty()
    with quiet() if is_shown else progress(what) as update:
        write_rows(good(), output)
    if failed:
        raise typer.Exit(PARTIAL)
