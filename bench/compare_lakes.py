"""Do two lakes hold the same rows? For lakes of two versions of newsbeam, from the same input,
clock and run id.

    python -m bench.compare_lakes BEFORE AFTER [--renamed OLD=NEW ...] [--value COLUMN:OLD=NEW ...]

Every table is compared row by row over all columns, but for what tells of the running: versions of
code and options, lengths, and times of the machine's clock. Prints a line a table; exit code 4
where rows differ.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from pipelines.terminal import FAILING, OK
from transforms.core.lake.schema.tables import TABLES

OF_THE_RUNNING = frozenset(
    {"pipeline_version", "config_sha256", "ended_at", "fetched_at", "duration_ms"}
)
"""Columns that name the code or its options, or measure the machine."""
SHOWN = 3
"""Differing rows that are printed of a table."""


@dataclass(frozen=True)
class Renames:
    """What a later version calls otherwise: columns, and values of columns."""

    columns: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)


def columns_of(connection: duckdb.DuckDBPyConnection, files: str) -> list[str]:
    """Return the columns of a table's files."""
    result = connection.execute("SELECT * FROM read_parquet(?) LIMIT 0", [files])
    return [column[0] for column in result.description or []]


def compare(before: Path, after: Path, renames: Renames) -> dict[str, tuple[int, int, list[str]]]:
    """Return by table the number of rows, of rows that only one of the lakes has, and some of
    these.
    """
    found = {}
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name in TABLES:
            found[name] = _compare_table(connection, before, after, name, renames)
    return found


def _compare_table(
    connection: duckdb.DuckDBPyConnection, before: Path, after: Path, name: str, renames: Renames
) -> tuple[int, int, list[str]]:
    old_files, new_files = (f"{lake}/{name}/*/*.parquet" for lake in (before, after))
    old_columns = columns_of(connection, old_files)
    new_columns = set(columns_of(connection, new_files))
    lost = [c for c in old_columns if renames.columns.get(c, c) not in new_columns]
    if lost:
        return 0, len(lost), [f"column {column} is missing" for column in lost]
    shared = [c for c in old_columns if c not in OF_THE_RUNNING]
    old_query = ", ".join(_as_new(column, renames) for column in shared)
    new_query = ", ".join(_quoted(renames.columns.get(column, column)) for column in shared)
    old = f"SELECT {old_query} FROM read_parquet('{old_files}')"  # noqa: S608 - our own names
    new = f"SELECT {new_query} FROM read_parquet('{new_files}')"  # noqa: S608
    count = connection.execute(f"SELECT count(*) FROM ({new})").fetchall()[0][0]  # noqa: S608
    only = f"(({old}) EXCEPT ALL ({new})) UNION ALL (({new}) EXCEPT ALL ({old}))"
    rows = connection.execute(only).fetchall()
    return count, len(rows), [str(row) for row in sorted(map(str, rows))[:SHOWN]]


def _as_new(column: str, renames: Renames) -> str:
    """Return the SQL of an old column under its new name and with its new values."""
    text = _quoted(column)
    for old, new in renames.values.get(column, {}).items():
        text = f"CASE {text} WHEN '{old}' THEN '{new}' ELSE {text} END"
    return f"{text} AS {_quoted(renames.columns.get(column, column))}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def main(args: Sequence[str] | None = None) -> int:
    """Print the comparison and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--renamed", nargs="*", default=[], metavar="OLD=NEW")
    parser.add_argument("--value", nargs="*", default=[], metavar="COLUMN:OLD=NEW")
    given = parser.parse_args(args)
    columns = dict(pair.split("=", 1) for pair in given.renamed)
    values: dict[str, dict[str, str]] = {}
    for text in given.value:
        column, _, pair = text.partition(":")
        old, _, new = pair.partition("=")
        values.setdefault(column, {})[old] = new
    differing = 0
    for name, (count, only, shown) in compare(
        given.before, given.after, Renames(columns, values)
    ).items():
        differing += only
        sys.stdout.write(f"{name:18} {count:7} rows, {only} in one lake only\n")
        for row in shown:
            sys.stdout.write(f"    {row[:300]}\n")
    return FAILING if differing else OK


if __name__ == "__main__":
    sys.exit(main())
