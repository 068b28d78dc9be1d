"""The words that can be completed in a statement: views, columns, keywords, functions."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from pipelines.terminal import safe_line

_WORD = re.compile(r'(?:(?P<owner>\w+)\.)?(?P<typed>"?\w*)$')
_NAME = re.compile(r"\w+")
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Words:
    """The names of a connection's views and columns, and DuckDB's own words."""

    columns: Mapping[str, Sequence[str]]
    """The columns of each view or table."""
    keywords: Sequence[str]
    functions: Sequence[str]
    reserved: frozenset[str]
    """Words that are names only in quotes."""

    def completions(self, before: str, text: str) -> tuple[str, list[tuple[str, str]]]:
        """Return the word before the cursor, and what it can become, each with its kind.

        After `view.`, these are the view's columns. Else the columns of the views that the
        statement names come first, then views, keywords and functions.
        """
        match = _WORD.search(before)
        typed, owner = (match["typed"], match["owner"]) if match else ("", None)
        start = typed.removeprefix('"').lower()
        found = self._columns_of(owner, text) if owner else self._all(start, text)
        named = {name: kind for name, kind in found if name.strip('"').lower().startswith(start)}
        return typed, list(named.items())

    def _columns_of(self, owner: str, text: str) -> Iterator[tuple[str, str]]:
        tables = [owner] if owner in self.columns else self._named_in(text)
        return self._quoted((c for t in tables for c in self.columns[t]), "column")

    def _all(self, start: str, text: str) -> Iterator[tuple[str, str]]:
        named = self._named_in(text)
        yield from self._quoted((c for t in named for c in self.columns[t]), "column")
        yield from self._quoted(self.columns, "view")
        # Without a letter, there would be hundreds of them.
        if start:
            yield from ((word.upper(), "keyword") for word in self.keywords)
            yield from ((f"{name}(", "function") for name in self.functions)

    def _named_in(self, text: str) -> list[str]:
        names = {name.lower() for name in _NAME.findall(text)}
        return [table for table in self.columns if table in names]

    def _quoted(self, names: Iterable[str], kind: str) -> Iterator[tuple[str, str]]:
        for name in names:
            is_plain = _PLAIN.fullmatch(name) and name not in self.reserved
            yield (name if is_plain else '"' + name.replace('"', '""') + '"'), kind


def read_words(connection: duckdb.DuckDBPyConnection) -> Words:
    """Return the words of a connection with a lake's views."""
    columns: dict[str, list[str]] = {}
    for table, column in connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal "
        "ORDER BY table_name, column_index"
    ).fetchall():
        # A name with controls, which a lake from elsewhere may have, is not offered.
        if safe_line(column) == column:
            columns.setdefault(table, []).append(column)
    keywords = connection.execute(
        "SELECT keyword_name, keyword_category = 'reserved' FROM duckdb_keywords() ORDER BY 1"
    ).fetchall()
    functions = connection.execute(
        "SELECT DISTINCT function_name FROM duckdb_functions() "
        "WHERE regexp_full_match(function_name, '[a-z][a-z0-9_]*') ORDER BY 1"
    ).fetchall()
    return Words(
        columns=columns,
        keywords=[word for word, _ in keywords],
        functions=[name for (name,) in functions],
        reserved=frozenset(word for word, is_reserved in keywords if is_reserved),
    )
