"""SQL over a lake: DuckDB with the lake's views loaded."""

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import duckdb

from pipelines.inspect.pending import say_if_pending
from pipelines.inspect.query_file import copy_options, replaced_file
from pipelines.inspect.query_formats import (
    TextFormat,
    csv_format,
    json_rows,
    plan_text,
    table_format,
    write_rows,
)
from pipelines.terminal import say, write_plain
from transforms.core.lake.log.snapshot import read_snapshot
from transforms.errors import ConfigError
from transforms.lake_statements import check_statement
from transforms.lake_views import connect
from transforms.stores import open_store

T = TypeVar("T")
Relation = duckdb.DuckDBPyRelation
FormatName = Literal["table", "csv", "json"]
_INTERRUPT_EVERY_S = 0.1
"""A judgement: at once for a user, and no load."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryOptions:
    """The lake that is queried, and what is done with the rows."""

    lake: str
    format: FormatName = "table"
    all_rows: bool = False
    output: str | None = None
    """The file that the rows are written to; None prints them."""
    allow_files: bool = False
    """Whether queries may read and write other files than the lake's."""


def run_query(query: str, options: QueryOptions) -> None:
    """Run one or more statements, and print their rows or write those of the last one.

    Raises ConfigError if one fails.
    """
    try:
        if options.output is None:
            with printing_session(options) as session:
                session.print(query)
        else:
            _write_query(query, options.output, options)
    except duckdb.Error as error:
        raise ConfigError(failed(error)) from error


def _write_query(query: str, output: str, options: QueryOptions) -> None:
    copy = copy_options(output, options.format)
    with replaced_file(output, options.lake) as path, _session(options, path, copy) as session:
        session.write(query, path, copy)


def run_script(statements: Iterator[str], options: QueryOptions) -> bool:
    """Run statements in turn and print their rows; return whether all succeeded."""
    succeeded = True
    with printing_session(options) as session:
        for query in statements:
            succeeded &= session.attempt(query)
    return succeeded


@contextmanager
def printing_session(options: QueryOptions) -> Iterator["Session"]:
    """Yield a session that prints rows in the format of the options."""
    if options.format != "csv":
        with _session(options) as session:
            yield session
        return
    with tempfile.TemporaryDirectory(prefix="newsbeam-") as folder:
        path = Path(folder).resolve() / "rows.csv"
        with _session(options, path) as session:
            yield session


@contextmanager
def _session(
    options: QueryOptions, path: Path | None = None, copy: str = ""
) -> Iterator["Session"]:
    extension = "excel" if "xlsx" in copy else None
    with connect(
        options.lake, allow_files=options.allow_files, writes=path, extension=extension
    ) as connection:
        is_pending = say_if_pending(options.lake)
        yield Session(options, connection, _text_format(options, path), is_pending)


def _text_format(options: QueryOptions, path: Path | None) -> TextFormat:
    if options.format == "json":
        return json_rows
    if options.format == "csv" and path is not None:
        return csv_format(path)
    return table_format(all_rows=options.all_rows)


@dataclass(frozen=True, slots=True)
class Session:
    """A connection to a lake, and how its answers are printed."""

    options: QueryOptions
    connection: duckdb.DuckDBPyConnection
    format: TextFormat
    is_pending: bool

    def print(self, query: str) -> None:
        """Run statements in turn and print the rows of each."""
        for statement in self._statements(query):
            for text in self._read(statement, self._format_of(statement)) or ():
                write_plain(text)

    def attempt(self, query: str) -> bool:
        """Do as `print` does; say what failed, and return whether nothing did."""
        try:
            self.print(query)
        except (duckdb.Error, ConfigError) as error:
            say(f"newsbeam: {failed(error)}", lines=True)
            return False
        return True

    def write(self, query: str, path: Path, copy: str) -> None:
        """Run statements in turn and write the rows of the last one to a file."""
        statements = list(self._statements(query))
        if not statements or not _has_rows(statements[-1]):
            raise ConfigError("there are no rows to write: the last statement has to be a query")
        for statement in statements[:-1]:
            self._read(statement, Relation.fetchall)
        self._read(statements[-1], lambda rows: write_rows(rows, path, copy))

    def _statements(self, query: str) -> Iterator[duckdb.Statement]:
        for statement in self.connection.extract_statements(query):
            if not self.options.allow_files:
                check_statement(statement)
            yield statement

    def _format_of(self, statement: duckdb.Statement) -> TextFormat:
        is_plan = statement.type == duckdb.StatementType.EXPLAIN
        return plan_text if is_plan and self.options.format == "table" else self.format

    def _read(self, statement: duckdb.Statement, take: Callable[[Relation], T]) -> T | None:
        """Return what `take` makes of the rows of a statement, None if it has none.

        A query sees all tables as of one commit: it is repeated if a commit was published
        meanwhile.
        """

        def read() -> T | None:
            relation = self.connection.sql(statement)
            return take(relation) if relation is not None and _has_rows(statement) else None

        # Only a SELECT is safe to repeat.
        if statement.type == duckdb.StatementType.SELECT and not self.is_pending:
            store = open_store(self.options.lake)
            return _interruptible(self.connection, lambda: read_snapshot(store, read))
        return _interruptible(self.connection, read)


def _interruptible(connection: duckdb.DuckDBPyConnection, work: Callable[[], T]) -> T:
    """Return what `work` returns; Ctrl-C stops its query and raises KeyboardInterrupt.

    While DuckDB works, Python handles no signal in that thread.
    """
    pool = ThreadPoolExecutor(max_workers=1)
    try:
        return pool.submit(work).result()
    except KeyboardInterrupt:
        # A query that has not begun yet is stopped as soon as it has.
        end = pool.submit(bool)
        while not end.done():
            connection.interrupt()
            wait([end], timeout=_INTERRUPT_EVERY_S)
        raise
    finally:
        pool.shutdown(wait=False)


def _has_rows(statement: duckdb.Statement) -> bool:
    """Return whether a statement answers with rows: SET and CREATE do not."""
    kinds = statement.expected_result_type
    return (
        statement.type == duckdb.StatementType.MULTI
        or duckdb.ExpectedResultType.NOTHING not in kinds
    )


def failed(error: Exception) -> str:
    """Return the message of a query that failed."""
    closed = isinstance(error, duckdb.PermissionException)
    hint = "\nQueries read the lake's files alone; --allow-files allows others." if closed else ""
    return f"the query failed: {error}{hint}"
