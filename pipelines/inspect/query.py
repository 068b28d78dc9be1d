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

ResultTable = tuple[list[str], list[tuple[Any, ...]]]
_PROMPT = "newsbeam> "
_CONTINUATION = "     ...> "


def run_query(lake: str, query: str, *, as_json: bool) -> None:
    """Run one or more queries and print their rows as tables or JSON lines.

    Raises ConfigError if one fails.
    """
    try:
        _run(connect(lake), lake, query, as_json=as_json)
    except duckdb.Error as error:
        raise ConfigError(f"the query failed: {error}") from error


def run_shell(lake: str, *, as_json: bool) -> bool:
    """Run queries from standard input, each ended by a semicolon; return whether all succeeded."""
    connection = connect(lake)
    succeeded = True
    for query in _statements():
        try:
            _run(connection, lake, query, as_json=as_json)
        except duckdb.Error as error:
            Console(stderr=True).print(
                f"[red]newsbeam: the query failed: {escape(str(error))}[/red]"
            )
            succeeded = False
    return succeeded


def _run(connection: duckdb.DuckDBPyConnection, lake: str, query: str, *, as_json: bool) -> None:
    for statement in connection.extract_statements(query):
        names, rows = _execute(connection, lake, statement)
        _print(names, rows, as_json=as_json)


def _execute(
    connection: duckdb.DuckDBPyConnection, lake: str, statement: duckdb.Statement
) -> ResultTable:
    """Return the columns and rows of a statement.

    A query sees all tables as of one commit: it is repeated if a commit was published meanwhile.
    """

    def read() -> ResultTable:
        result = connection.execute(statement)
        return [d[0] for d in result.description or []], result.fetchall()

    # Only a SELECT is safe to repeat.
    if statement.type == duckdb.StatementType.SELECT:
        return read_snapshot(open_store(lake), read)
    return read()


def _statements() -> Iterator[str]:
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
