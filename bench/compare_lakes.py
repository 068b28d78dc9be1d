"""Compare the rows of two lakes, written by two versions of newsbeam from the same input.

Both need the same clock (`--now`) and run id.

    python -m bench.compare_lakes BEFORE AFTER [--renamed OLD=NEW ...] [--value COLUMN:OLD=NEW ...]

Every table is compared row by row over all columns, except those that describe the run itself:
versions of code and options, durations, and times of the machine's clock. Prints one line per
table; the exit code is 4 if rows differ.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from pipelines.terminal import FAILING, OK
from transforms.core.lake.schema.tables import TABLES

RUN_COLUMNS = frozenset(
    {"pipeline_version", "coder_version", "config_sha256", "ended_at", "fetched_at", "duration_ms"}
)
"""Columns that identify the code and its options, or come from the machine's clock.

They differ between two runs on the same input.
"""
SHOWN_ROWS = 3
"""Differing rows printed for each table: enough to see the pattern, few enough for one screen."""
SHOWN_CHARACTERS = 300
"""Printed characters of a row: rows with a body would otherwise fill the screen."""


@dataclass(frozen=True)
class Renames:
    """Columns and values that the later version renamed, each by its old name.

    `values` is keyed by the old name of the column.
    """

    columns: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Comparison:
    """The rows of a table in the later lake, and those that only one of the lakes has."""

    rows: int
    differing: int
    examples: list[str]


def columns_of(connection: duckdb.DuckDBPyConnection, files: str) -> list[str]:
    """Return the names of the columns of a table's files, a glob pattern."""
    result = connection.execute("SELECT * FROM read_parquet(?) LIMIT 0", [files])
    return [column[0] for column in result.description or []]


def compare(before: Path, after: Path, renames: Renames) -> dict[str, Comparison]:
    """Return the comparison of each table, by name."""
    found = {}
    with duckdb.connect() as connection:
        # The rows are printed, and their text must not depend on the machine's zone.
        connection.execute("SET TimeZone = 'UTC'")
        for name in TABLES:
            old_files, new_files = _files(before, name), _files(after, name)
            found[name] = _compare_table(connection, old_files, new_files, renames)
    return found


def _files(lake: Path, table: str) -> str:
    return f"{lake}/{table}/*/*.parquet"


def _compare_table(
    connection: duckdb.DuckDBPyConnection, old_files: str, new_files: str, renames: Renames
) -> Comparison:
    """Compare the rows of a table as bags: their order in the files does not count."""
    old_columns = columns_of(connection, old_files)
    missing = _missing_columns(old_columns, columns_of(connection, new_files), renames)
    if missing:
        messages = [f"column {column} is missing" for column in missing]
        return Comparison(rows=0, differing=len(missing), examples=messages)
    compared = [column for column in old_columns if column not in RUN_COLUMNS]
    old = _select([_as_new(column, renames) for column in compared], old_files)
    new = _select([_new_name(column, renames) for column in compared], new_files)
    count = connection.execute(f"SELECT count(*) FROM ({new})").fetchall()[0][0]  # noqa: S608
    # EXCEPT ALL keeps duplicates, so a row that one lake has twice counts as a difference.
    only_one_lake = f"(({old}) EXCEPT ALL ({new})) UNION ALL (({new}) EXCEPT ALL ({old}))"
    rows = sorted(map(str, connection.execute(only_one_lake).fetchall()))
    return Comparison(rows=count, differing=len(rows), examples=rows[:SHOWN_ROWS])


def _missing_columns(old: Sequence[str], new: Sequence[str], renames: Renames) -> list[str]:
    return [column for column in old if renames.columns.get(column, column) not in new]


def _select(expressions: Sequence[str], files: str) -> str:
    # The expressions are built from column names of the lake, the files are the user's own.
    return f"SELECT {', '.join(expressions)} FROM read_parquet('{files}')"  # noqa: S608


def _as_new(column: str, renames: Renames) -> str:
    """Return the SQL expression of an old column with its new name and values."""
    text = _quoted(column)
    for old, new in renames.values.get(column, {}).items():
        text = f"CASE {text} WHEN '{old}' THEN '{new}' ELSE {text} END"
    return f"{text} AS {_new_name(column, renames)}"


def _new_name(column: str, renames: Renames) -> str:
    return _quoted(renames.columns.get(column, column))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def main(args: Sequence[str] | None = None) -> int:
    """Print the comparison and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("before", type=Path, help="the lake of the earlier version")
    parser.add_argument("after", type=Path, help="the lake of the later version")
    parser.add_argument(
        "--renamed", nargs="*", default=[], metavar="OLD=NEW", help="renamed columns"
    )
    parser.add_argument(
        "--value",
        nargs="*",
        default=[],
        metavar="COLUMN:OLD=NEW",
        help="renamed values, with the column's old name",
    )
    options = parser.parse_args(args)
    columns = dict(pair.split("=", 1) for pair in options.renamed)
    renames = Renames(columns, _renamed_values(options.value))
    differing = 0
    for name, found in compare(options.before, options.after, renames).items():
        differing += found.differing
        sys.stdout.write(f"{name:18} {found.rows:7} rows, {found.differing} in one lake only\n")
        for row in found.examples:
            sys.stdout.write(f"    {row[:SHOWN_CHARACTERS]}\n")
    return FAILING if differing else OK


def _renamed_values(texts: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return new values by column and old value, from texts like "column:old=new"."""
    values: dict[str, dict[str, str]] = {}
    for text in texts:
        column, _, pair = text.partition(":")
        old, _, new = pair.partition("=")
        values.setdefault(column, {})[old] = new
    return values


if __name__ == "__main__":
    sys.exit(main())
