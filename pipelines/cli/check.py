"""The `newsbeam` commands that look after a lake: what each takes, what it prints, and its exit code."""

import json
import sys

import typer

from pipelines.cli.arguments import AsJson, StoredLake
from pipelines.cli.terminal import OK, WANTING, progress, say


def check(lake: StoredLake, as_json: AsJson = False) -> None:
    """Check that a lake keeps its promises, and print what does not, by check.

    Keys are unique, columns as promised, each evidence is that substring of that article, references hold, times are
    sane, files lie where they should; DuckDB, Polars, pandas and pyarrow read every table. At most 20 findings of one
    check are named. Nothing is written; a writer waits until the check is done. Exit code 4: something was found.
    """
    from pipelines.inspect.lake_check import check as run
    from pipelines.inspect.lake_check import show, to_json

    with progress("checking") as said:
        checked = run(lake, said)
    for warning in checked.warnings:
        say(f"newsbeam: {warning}")
    if as_json:
        sys.stdout.write(json.dumps(to_json(checked), ensure_ascii=False) + "\n")
    else:
        show(checked)
    raise typer.Exit(OK if checked.ok else WANTING)
