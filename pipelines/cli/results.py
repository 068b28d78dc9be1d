"""Results of commands as JSON lines, and an exit code that says whether all inputs were good."""

from collections.abc import Iterable
from typing import Any

import typer

from pipelines.terminal import PARTIAL, progress, say
from transforms.errors import NewsbeamError


def write_results(
    rows: Iterable[dict[str, Any] | tuple[str, NewsbeamError]], output: str | None, what: str
) -> None:
    """Write rows as they come.

    Report the inputs that failed, and exit with code 3 where some did.
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

    with progress(what) as update:
        write_rows(good(), output)
    if failed:
        raise typer.Exit(PARTIAL)
