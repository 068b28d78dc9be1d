"""SQL over a lake: DuckDB with the lake's views loaded."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
from rich.table import Table

from pipelines.terminal import console, json_line, safe_text, say
from transforms.core.lake.log.snapshot import read_snapshot
from transforms.errors import ConfigError
from transforms.lake_statements import check_statement
from transforms.lake_views import connect, has_pending_commit
from transforms.stores import open_store

ResultTable = tuple[list[str], list[tuple[Any, ...]]]
PENDING = (
    "newsbeam: a writer of this lake died while it put a commit in place; it is read as of that "
    "commit, and the next run finishes it"
)
_PROMPT = "newsbeam> "
_CONTINUATION = "     ...> "


def run_query(lake: str, query: str, *, as_json: bool, allow_files: bool = False) -> None:
    """Run one or more queries and print their rows as tables or JSON lines.

    With `allow_files`, they may read and write other files than the lake's. Raises ConfigError if
    one fails.
    """
    session = _opened(lake, as_json, allow_files)
    try:
        session.run(query)
    except duckdb.Error as error:
        raise ConfigError(_failed(error)) from error


def run_shell(lake: str, *, as_json: bool, allow_files: bool = False) -> bool:
    """Run queries from standard input, each ended by a semicolon; return whether all succeeded."""
    session = _opened(lake, as_json, allow_files)
    succeeded = True
    for query in _statements():
        try:
            session.run(query)
        except (duckdb.Error, ConfigError) as error:
            say(f"newsbeam: {_failed(error)}", lines=True)
            succeeded = False
    return succeeded


def _opened(lake: str, as_json: bool, allow_files: bool) -> "_Session":
    connection = connect(lake, allow_files=allow_files)
    is_pending = has_pending_commit(lake)
    if is_pending:
        say(PENDING)
    return _Session(lake, connection, as_json, allow_files, is_pending)


@dataclass(frozen=True, slots=True)
class _Session:
    """A connection to a lake, and how its answers are printed."""

    lake: str
    connection: duckdb.DuckDBPyConnection
    as_json: bool
    allow_files: bool
    is_pending: bool

    def run(self, query: str) -> None:
        """Run statements in turn and print the rows of each."""
        for statement in self.connection.extract_statements(query):
            if not self.allow_files:
                check_statement(statement)
            names, rows = self._execute(statement)
            _print(names, rows, as_json=self.as_json)

    def _execute(self, statement: duckdb.Statement) -> ResultTable:
        """Return the columns and rows of a statement.

        A query sees all tables as of one commit: it is repeated if a commit was published
        meanwhile.
        """

        def read() -> ResultTable:
            result = self.connection.execute(statement)
            return [d[0] for d in result.description or []], result.fetchall()

        # Only a SELECT is safe to repeat.
        if statement.type == duckdb.StatementType.SELECT and not self.is_pending:
            return read_snapshot(open_store(self.lake), read)
        return read()


def _failed(error: Exception) -> str:
    closed = isinstance(error, duckdb.PermissionException)
    hint = "\nQueries read the lake's files alone; --allow-files allows others." if closed else ""
    return f"the query failed: {error}{hint}"


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
            sys.stdout.write(json_line(dict(zip(names, row, strict=True)), default=_plain))
        return
    table = Table(*map(safe_text, names))
    for row in rows:
        table.add_row(*map(_shown, row))
    console(pipe_width=200).print(table)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else safe_text(str(value))


def _plain(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
