"""The commands that read or maintain a lake: explain, sql, check, upgrade, doctor, ddl."""

import dataclasses
import sys
from typing import Literal

import typer
from rich.text import Text

from pipelines.cli.commands import Command, OptionValues
from pipelines.cli.ddl import ddl
from pipelines.cli.values import clock_of
from pipelines.terminal import FAILED, FAILING, OK, console, json_line, progress, safe_line, say
from transforms.errors import ConfigError, LakeError


def explain(values: OptionValues) -> None:
    """Explain an article or an event of a lake.

    For an article, shows the removed blocks with their reasons, and its events. For an event, shows
    the sentences that report it, with trigger, actor, recipient, claim, date and place marked, and
    the rule that matched.
    """
    from pipelines.files.jsonl import write_text
    from pipelines.inspect.explanation import explain as explain_row
    from pipelines.inspect.explanation_html import to_html
    from pipelines.inspect.explanation_text import print_explanation

    explanation = explain_row(values.text("lake"), values.text("reference"))
    output = values.maybe_text("output")
    if output is None:
        print_explanation(explanation, console(soft_wrap=not sys.stdout.isatty()))
    else:
        write_text(to_html(explanation), output)


def sql(values: OptionValues) -> None:
    """Query the lake with DuckDB: one view per table, and four more (docs/lake.md).

    Prints a table that fits the terminal: columns that do not fit are left out, and the rows in the
    middle of more than 20. Through a pipe, all columns and rows are printed. Queries read the
    lake's files alone and write none. For COPY, ATTACH and other files: --allow-files.

    Without a query, statements are typed, with completion and history, or read from standard input.
    """
    from pipelines.inspect.query import QueryOptions, run_query, run_script
    from pipelines.inspect.query_shell import is_interactive, read_statements, run_shell

    options = QueryOptions(
        lake=values.text("lake"),
        format=_format_of(values),
        all_rows=values.flag("all"),
        output=_file_of(values),
        allow_files=values.flag("allow_files"),
    )
    query = values.maybe_text("query")
    if query is None and options.output is not None:
        query = _query_of_stdin()
    if query is not None:
        run_query(query, options)
        return
    if is_interactive():
        run_shell(options)
        return
    succeeded = run_script(read_statements(), options)
    raise typer.Exit(OK if succeeded else FAILED)


def _format_of(values: OptionValues) -> Literal["table", "csv", "json"]:
    if values.flag("json") and values.flag("csv"):
        raise ConfigError("--json or --csv, not both")
    if values.flag("json"):
        return "json"
    return "csv" if values.flag("csv") else "table"


def _file_of(values: OptionValues) -> str | None:
    output = values.maybe_text("output")
    return None if output == "-" else output


def _query_of_stdin() -> str:
    if sys.stdin.isatty():
        raise ConfigError("-o needs a query")
    return sys.stdin.read()


def check(values: OptionValues) -> None:
    """Check the integrity of a lake and print the findings of each check.

    Checks that keys are unique, columns match the schema, evidence is a substring of its article,
    references resolve, times are plausible, files are in their places, and that DuckDB, Polars,
    pandas and pyarrow read every table. Prints at most 20 findings per check. Writes nothing;
    writers wait until the check ends. Exit code 4: there are findings.
    """
    from pipelines.inspect.lake_check import check as check_lake
    from pipelines.inspect.lake_check import show, to_json

    with progress("checking") as update:
        checked = check_lake(values.text("lake"), update)
    for warning in checked.warnings:
        say(f"newsbeam: {warning}")
    if values.flag("json"):
        sys.stdout.write(json_line(to_json(checked)))
    else:
        show(checked)
    raise typer.Exit(OK if checked.ok else FAILING)


def upgrade(values: OptionValues) -> None:
    """Add the columns of this version of newsbeam to the files of an older lake, as nulls.

    Stop writers of older versions first; readers can go on. An interrupted upgrade continues when
    it is run again.
    """
    from transforms.core.lake.lake import Lake
    from transforms.core.lake.log.migrate import upgrade as run
    from transforms.core.lake.log.preflight import check_is_ours
    from transforms.lake_views import require_lake
    from transforms.stores import open_store

    lake = values.text("lake")
    require_lake(lake)
    store = open_store(lake)
    try:
        check_is_ours(store)
        count = run(store, force=values.flag("force"))
        Lake(store).prepare()
    except LakeError as error:
        raise LakeError(f"{lake}: {error}", reason=error.reason) from error
    text = f"{count} files upgraded" if count else "the lake is up to date"
    console(soft_wrap=True).print(text)


def doctor(values: OptionValues) -> None:
    """Check that this machine can run newsbeam, and with --lake that its runs succeed.

    Checks the installed versions, the syntax model and its weights, worker processes, the folder
    for temporary files, and Java, which only Flink needs. Suits health checks. Exit code 4: a check
    failed.
    """
    from pipelines.inspect.machine import check_lake, check_machine

    found = check_machine()
    lake = values.maybe_text("lake")
    if lake is not None:
        found += check_lake(lake, clock_of(values.maybe_text("now")), values.number("max_age"))
    is_ok = all(result.ok for result in found)
    if values.flag("json"):
        checks = [dataclasses.asdict(result) for result in found]
        row = {"ok": is_ok, "lake": lake, "checks": checks}
        sys.stdout.write(json_line(row))
    else:
        out = console(soft_wrap=True)
        for result in found:
            mark = Text("ok     ", "green") if result.ok else Text("failing", "red")
            out.print(mark + f"  {result.name}: {safe_line(result.message)}")
    raise typer.Exit(OK if is_ok else FAILING)


COMMANDS: dict[str, Command] = {
    "explain": explain,
    "sql": sql,
    "check": check,
    "upgrade": upgrade,
    "doctor": doctor,
    "ddl": ddl,
}
