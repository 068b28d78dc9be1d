"""SQL over a lake: DuckDB with the lake's views loaded."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from transforms.core.lake.log.snapshot import read_snapshot
from transforms.errors import ConfigError
from transforms.lake_views import connect
from transforms.stores import open_store

Answer = tuple[list[str], list[tuple[Any, ...]]]
_PROMPT, _MORE = "newsbeam> ", "     ...> "


def run_query(lake: str, query: str, *, as_json: bool) -> None:
    """Run a query, or several, and print their rows as tables, or as JSON lines.

    Raise ConfigError for a wrong one.
    """
    try:
        _run(connect(lake), lake, query, as_json=as_json)
    except duckdb.Error as error:
        raise ConfigError(f"the query failed: {error}") from error


def run_shell(lake: str, *, as_json: bool) -> bool:
    """Read queries, each ended by a semicolon, from standard input until it ends.

    Return whether all went well.
    """
    connection, well = connect(lake), True
    for query in _statements():
        try:
            _run(connection, lake, query, as_json=as_json)
        except duckdb.Error as error:
            Console(stderr=True).print(
                f"[red]newsbeam: the query failed: {escape(str(error))}[/red]"
            )
            well = False
    return well


def _run(connection: duckdb.DuckDBPyConnection, lake: str, query: str, *, as_json: bool) -> None:
    for statement in connection.extract_statements(query):
        names, rows = _answer(connection, lake, statement)
        _print(names, rows, as_json=as_json)


def _answer(
    connection: duckdb.DuckDBPyConnection, lake: str, statement: duckdb.Statement
) -> Answer:
    """Return the columns and rows of a statement.

    A query sees all tables as of one commit, and may run again.
    """

    def read() -> Answer:
        result = connection.execute(statement)
        return [d[0] for d in result.description or []], result.fetchall()

    return (
        read_snapshot(open_store(lake), read)
        if statement.type == duckdb.StatementType.SELECT
        else read()
    )


def _statements() -> Iterator[str]:
    lines: list[str] = []
    while True:
        try:
            lines.append(input(_MORE if lines else _PROMPT) if sys.stdin.isatty() else input())
        except EOFError:
            break
        if lines[-1].rstrip().endswith(";"):
            yield "\n".join(lines)
            lines = []
    if "".join(lines).strip():
        yield "\n".join(lines)


def _print(names: list[str], rows: list[tuple[Any, ...]], *, as_json: bool) -> None:
    if as_json:
        for row in rows:
            line = json.dumps(
                dict(zip(names, row, strict=True)), ensure_ascii=False, default=_plain
            )
            sys.stdout.write(line + "\n")
        return
    table = Table(*names)
    for row in rows:
        table.add_row(*(escape(_cell(v)) for v in row))
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def _cell(value: Any) -> str:
    text = "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)


def _plain(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
