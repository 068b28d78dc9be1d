"""The rows of a query as text: DuckDB's table, JSON lines, CSV; and as a file."""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import duckdb

from pipelines.terminal import console, json_line, safe_text
from transforms.core.lake.schema.views import sql_literal

TextFormat = Callable[[duckdb.DuckDBPyRelation], Iterable[str]]
"""Reads all rows of a result when it is called; the texts that it returns are printed in order."""

CSV = "FORMAT csv, HEADER true"
JSON_LINES = "FORMAT json"
FILE_FORMATS = {
    ".csv": CSV,
    ".json": "FORMAT json, ARRAY true",
    ".jsonl": JSON_LINES,
    ".ndjson": JSON_LINES,
    ".parquet": "FORMAT parquet",
    ".xlsx": "FORMAT xlsx, HEADER true",
}
"""The options of COPY by a file's ending."""
PIECE_ROWS = 10_000
"""Rows of one table: DuckDB draws no more at once. Longer results are several tables."""
_PIECE_CHARACTERS = 1 << 20
"""Characters of a file that are printed at once. A judgement: little memory, few writes."""
_NO_LIMIT = 1_000_000_000
"""Columns of a line that is not shown on a terminal: more than any."""
_PIPE_CELL = 1_000
"""Columns of a cell that is not shown on a terminal, which has no end of its line. A judgement: a
table of articles can be searched, but their texts do not make each of its lines as long as the
longest of them; --csv and --json have them whole."""
_ROWS = "newsbeam_rows"
_SPACES = re.compile(r" +$")


def table_format(*, all_rows: bool) -> TextFormat:
    """Return the format of DuckDB's tables.

    On a terminal, columns that do not fit are left out, and the rows in the middle unless
    `all_rows`. Elsewhere, all columns and rows are shown.
    """
    out = console()
    if not out.is_terminal:
        return lambda rows: _tables(rows, _NO_LIMIT, _PIPE_CELL)
    # The width is asked for each time: a terminal's changes.
    if all_rows:
        return lambda rows: _tables(rows, out.width, None)
    return lambda rows: [_table(rows, out.width)]


def _tables(
    relation: duckdb.DuckDBPyRelation, max_width: int, max_col_width: int | None
) -> Iterator[str]:
    rows = relation.materialize()
    count = len(rows)

    def pieces() -> Iterator[str]:
        for start in range(0, max(count, 1), PIECE_ROWS):
            piece = rows.limit(PIECE_ROWS, start)
            yield _table(piece, max_width, PIECE_ROWS, max_col_width)

    return pieces()


def _table(
    relation: duckdb.DuckDBPyRelation,
    max_width: int,
    max_rows: int | None = None,
    max_col_width: int | None = None,
) -> str:
    shown = io.StringIO()
    with redirect_stdout(shown):
        relation.show(max_width=max_width, max_rows=max_rows, max_col_width=max_col_width)
    return "".join(f"{_aligned(line)}\n" for line in shown.getvalue().rstrip("\n").split("\n"))


def _aligned(line: str) -> str:
    """Return a line of a table with its controls replaced, each cell as wide as it was.

    DuckDB counts controls as without width; their replacement takes a column of the cell's padding.
    """
    return "│".join(map(_aligned_cell, line.split("│")))


def _aligned_cell(cell: str) -> str:
    safe = safe_text(cell)
    replaced = safe.count("\ufffd") - cell.count("\ufffd")
    padding = _SPACES.search(safe)
    if not replaced or not padding:
        return safe
    return safe[: -min(replaced, len(padding[0]) - 1)] if len(padding[0]) > 1 else safe


def json_rows(relation: duckdb.DuckDBPyRelation) -> Iterator[str]:
    """Return the rows as JSON lines."""
    names, rows = relation.columns, relation.fetchall()
    return (json_line(dict(zip(names, row, strict=True)), default=_plain) for row in rows)


def _plain(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def csv_format(path: Path) -> TextFormat:
    """Return the format of CSV, which DuckDB writes to this file first."""

    def rows(relation: duckdb.DuckDBPyRelation) -> Iterator[str]:
        write_rows(relation, path, CSV)
        return _pieces(path)

    return rows


def _pieces(path: Path) -> Iterator[str]:
    with path.open(encoding="utf8", newline="") as file:
        while piece := file.read(_PIECE_CHARACTERS):
            yield piece


def write_rows(relation: duckdb.DuckDBPyRelation, path: Path, options: str) -> None:
    """Write the rows to a file by DuckDB's COPY with these options."""
    # DuckDB's own temporary file would be another path to allow.
    options = f"{options}, USE_TMP_FILE false"
    copy = f"COPY (FROM {_ROWS}) TO {sql_literal(str(path))} ({options})"
    relation.query(_ROWS, copy)


def plan_text(relation: duckdb.DuckDBPyRelation) -> Iterator[str]:
    """Return the text of an EXPLAIN."""
    rows = relation.fetchall()
    return (f"{safe_text(str(row[-1]).rstrip())}\n" for row in rows)
