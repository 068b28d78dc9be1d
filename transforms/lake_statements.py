"""Which SQL statements may run on a lake: those that write no file.

DuckDB can close all folders but the lake's, but it has no setting that makes a folder read-only.
"""

import re
from collections.abc import Iterator

import duckdb

from transforms.errors import ConfigError

_IN_MEMORY = frozenset(
    {
        duckdb.StatementType.SELECT,
        duckdb.StatementType.CREATE,
        duckdb.StatementType.INSERT,
        duckdb.StatementType.UPDATE,
        duckdb.StatementType.DELETE,
        duckdb.StatementType.MERGE_INTO,
        duckdb.StatementType.ALTER,
        duckdb.StatementType.DROP,
        duckdb.StatementType.SET,
        duckdb.StatementType.TRANSACTION,
        duckdb.StatementType.CALL,
    }
)
"""Statements that change at most DuckDB's memory. PREPARE is not one: EXECUTE may run a COPY."""
_FUNCTIONS = frozenset({"query", "json_execute_serialized_sql"})
"""Functions that run a text as SQL, which could be put together from harmless parts."""
_EXPLAIN = re.compile(r"\s*EXPLAIN\b(\s*ANALYZE\b)?(\s*\([^()]*\))?", re.IGNORECASE)
_HINT = "--allow-files allows it, for queries of your own"


def check_statement(statement: duckdb.Statement) -> None:
    """Raise ConfigError for a statement that can write files or load code.

    Statements that read, or change what is in DuckDB's memory, pass.
    """
    kind, query = statement.type, statement.query
    if kind == duckdb.StatementType.EXPLAIN and (found := _EXPLAIN.match(query)):
        # EXPLAIN ANALYZE runs the statement that it explains.
        for explained in duckdb.extract_statements(query[found.end() :]):
            check_statement(explained)
    elif kind not in _IN_MEMORY:
        raise ConfigError(f"{kind.name} is not allowed here, since it can reach files: {_HINT}")
    _check_words(query)


def _check_words(query: str) -> None:
    for kind, word in _tokens(query):
        # WITH x AS (COPY ... TO ...) FROM x is a SELECT.
        if kind == duckdb.token_type.keyword and word == "copy":
            raise ConfigError(f'COPY is not allowed here (a name is written "copy"): {_HINT}')
        if kind == duckdb.token_type.identifier and word in _FUNCTIONS:
            raise ConfigError(f"{word} is not allowed here, since it runs a text as SQL: {_HINT}")


def _tokens(query: str) -> Iterator[tuple[duckdb.token_type, str]]:
    """Yield the kind of each token and its text in lower case, names without quotes."""
    text = query.encode()  # the places of tokens count bytes
    tokens = duckdb.tokenize(query)
    ends = [start for start, _ in tokens[1:]] + [len(text)]
    for (start, kind), end in zip(tokens, ends, strict=True):
        yield kind, text[start:end].decode().strip().strip('"').lower()
