"""The commands that read a lake or look after it: explain, sql, check, upgrade, doctor, ddl."""

import dataclasses
import json
import sys

import typer
from rich.console import Console
from rich.markup import escape

from pipelines.cli.commands import Command, Given
from pipelines.cli.ddl import ddl
from pipelines.cli.values import clock_of
from pipelines.terminal import FAILED, FAILING, OK, progress, say
from transforms.errors import LakeError


def explain(given: Given) -> None:
    """Show why the lake is as it is.

    An article: the blocks that were removed from it, each with its reason, and its events. An
    event: the sentences it was read from, with trigger, actor, recipient, claim, date and place
    marked, and the rule.
    """
    from pipelines.files.jsonl import write_text
    from pipelines.inspect.explanation import explain as explain_row
    from pipelines.inspect.explanation_html import to_html
    from pipelines.inspect.explanation_text import print_explanation

    explanation = explain_row(given.text("lake"), given.text("wanted"))
    output = given.maybe_text("output")
    if output is None:
        print_explanation(explanation, Console(soft_wrap=not sys.stdout.isatty()))
    else:
        write_text(to_html(explanation), output)


def sql(given: Given) -> None:
    """Query the lake with DuckDB: one view a table, and four more (docs/lake.md)."""
    from pipelines.inspect.query import run_query, run_shell

    lake, query, as_json = given.text("lake"), given.maybe_text("query"), given.flag("json")
    if query is not None:
        run_query(lake, query, as_json=as_json)
        return
    raise typer.Exit(OK if run_shell(lake, as_json=as_json) else FAILED)


def check(given: Given) -> None:
    """Check that a lake is sound, and print what is not, by check.

    Keys are unique, columns as promised, each evidence is that substring of that article,
    references hold, times are plausible, files lie where they should; DuckDB, Polars, pandas and
    pyarrow read every table. At most 20 findings of one check are named. Nothing is written; a
    writer waits until the check is done. Exit code 4: something was found.
    """
    from pipelines.inspect.lake_check import check as check_lake
    from pipelines.inspect.lake_check import show, to_json

    with progress("checking") as update:
        checked = check_lake(given.text("lake"), update)
    for warning in checked.warnings:
        say(f"newsbeam: {warning}")
    if given.flag("json"):
        sys.stdout.write(json.dumps(to_json(checked), ensure_ascii=False) + "\n")
    else:
        show(checked)
    raise typer.Exit(OK if checked.ok else FAILING)


def upgrade(given: Given) -> None:
    """Give the files of an older lake the columns that newsbeam writes now, null in their rows.

    Stop writers of an older newsbeam first; readers need not stop. An interrupted upgrade goes on
    when it is run again.
    """
    from transforms.core.lake.lake import Lake
    from transforms.core.lake.log.migrate import upgrade as run
    from transforms.core.lake.log.preflight import check_is_ours
    from transforms.lake_views import require_lake
    from transforms.stores import open_store

    lake = given.text("lake")
    require_lake(lake)
    store = open_store(lake)
    try:
        check_is_ours(store)
        count = run(store, force=given.flag("force"))
        Lake(store).prepare()
    except LakeError as error:
        raise LakeError(f"{lake}: {error}", reason=error.reason) from error
    text = f"{count} files upgraded" if count else "the lake is up to date"
    Console(soft_wrap=True).print(text, highlight=False)


def doctor(given: Given) -> None:
    """Check that this machine is ready, and with --lake that runs end as they should: for health
    checks.

    Checked are the versions of what is installed, the syntax model and its weights, processes, the
    folder for temporary files, and Java, which only Flink needs. Exit code 4: something is not as
    it should be.
    """
    from pipelines.inspect.machine import check_lake, check_machine

    found = check_machine()
    lake = given.maybe_text("lake")
    if lake is not None:
        found += check_lake(lake, clock_of(given.maybe_text("now")), given.number("max_age"))
    is_well = all(one.ok for one in found)
    if given.flag("json"):
        checks = [dataclasses.asdict(one) for one in found]
        row = {"ok": is_well, "lake": lake, "checks": checks}
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    else:
        out = Console(soft_wrap=True, highlight=False)
        for one in found:
            mark = "[green]ok     [/]" if one.ok else "[red]failing[/]"
            out.print(f"{mark}  {one.name}: {escape(one.message)}")
    raise typer.Exit(OK if is_well else FAILING)


COMMANDS: dict[str, Command] = {
    "explain": explain,
    "sql": sql,
    "check": check,
    "upgrade": upgrade,
    "doctor": doctor,
    "ddl": ddl,
}
