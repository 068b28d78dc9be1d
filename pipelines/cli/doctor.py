"""The `newsbeam doctor` command: what it takes, what it prints, and its exit code."""

import dataclasses
import json
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from pipelines.cli.arguments import AsJson, Now
from pipelines.cli.shared import clock_of
from pipelines.cli.terminal import OK, WANTING


def doctor(
    lake: Annotated[
        str | None,
        typer.Option(
            "--lake",
            metavar="DIR",
            help="Look at this lake too: may it be written, and when was its last run?",
        ),
    ] = None,
    max_age: Annotated[
        float,
        typer.Option(
            "--max-age", min=0, help="Seconds since the last run's end up to which a lake is well."
        ),
    ] = 86_400.0,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """Tell whether this machine is ready, and with --lake whether runs end as they should: for health checks.

    Looked at are the versions of what is installed, the syntax model and its weights, processes, the folder for
    temporary files, and Java, which only Flink needs. Exit code 4: something is wanting.
    """
    from pipelines.inspect.machine import look_at_lake, look_at_machine

    found = look_at_machine()
    if lake is not None:
        found += look_at_lake(lake, clock_of(now), max_age)
    well = all(one.ok for one in found)
    if as_json:
        checks = [dataclasses.asdict(one) for one in found]
        sys.stdout.write(
            json.dumps({"ok": well, "lake": lake, "checks": checks}, ensure_ascii=False) + "\n"
        )
    else:
        out = Console(soft_wrap=True, highlight=False)
        for one in found:
            out.print(
                f"{'[green]ok     [/]' if one.ok else '[red]wanting[/]'}  {one.name}: {escape(one.said)}"
            )
    raise typer.Exit(OK if well else WANTING)
