r"""How long do the 16 questions take on a lake, and on the same rows kept worse: in one file
unsorted, in 1,000 files?

    python -m bench.queries LAKE [--questions docs/questions.md] [--runs 5] [--files 1000] \
        [--seed 1]

Both are written anew, the rows of a table in an order drawn by the seed, with the compression and
row groups of the lake; the small files are that order cut into pieces. Each question is asked once
to warm up, then the median counts, all in one process with two threads. Answers must be equal; else
the exit code is 4.
"""

import argparse
import math
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from pipelines.terminal import FAILING
from transforms.core.lake.schema.tables import TABLES
from transforms.lake_views import connect

QUESTIONS = Path(__file__).parents[1] / "docs" / "questions.md"
THREADS, RUNS, FILES = 2, 5, 1_000
ROW_GROUP = 50_000
"""Rows of a row group, as the lake's files have it."""
_HEADING = re.compile(r"^## (Q\d\d)[^\n]*\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_SQL = re.compile(r"^```sql\n(.*?)^```", re.MULTILINE | re.DOTALL)
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Timed:
    """A question's median time in milliseconds, and its answer."""

    ms: float
    rows: list[Row]


def read_questions(path: Path) -> dict[str, str]:
    """Return the SQL under each heading "## Qnn".

    Raises ValueError where one has none, or there is none.
    """
    questions = {}
    for name, text in _HEADING.findall(path.read_text(encoding="utf-8")):
        sql = _SQL.search(text)
        if sql is None:
            raise ValueError(f"{path}: no block of sql under {name}")
        questions[name] = sql[1].strip().rstrip(";")
    if not questions:
        raise ValueError(f'{path}: no heading "## Q01"')
    return questions


def tables_of(questions: Mapping[str, str]) -> list[str]:
    """Return the tables of the lake that the questions name."""
    words = set(re.findall(r"\w+", " ".join(questions.values())))
    return [name for name in TABLES if name in words]


def write_shuffled(lake: duckdb.DuckDBPyConnection, table: str, path: Path, seed: int) -> int:
    """Write a table to one file in an order drawn by the seed, and return the number of its
    rows."""
    query = (
        "SELECT * EXCLUDE (shuffled) FROM "  # noqa: S608 - our own table names
        f"(SELECT *, row_number() OVER () AS shuffled FROM {table}) "
        f"ORDER BY hash(shuffled, {seed})"
    )
    reader = lake.sql(query).to_arrow_reader(ROW_GROUP)
    rows = 0
    with pq.ParquetWriter(path, reader.schema, compression="zstd", compression_level=3) as writer:
        for batch in reader:
            writer.write_batch(batch, row_group_size=ROW_GROUP)
            rows += batch.num_rows
    return rows


def cut(path: Path, folder: Path, rows: int, files: int) -> None:
    """Write the rows of a file to so many files in their order, or to one a row where there are
    fewer.
    """
    folder.mkdir()
    source = pq.ParquetFile(path)
    if rows == 0:
        pq.write_table(source.read(), folder / "0.parquet")
    for number, batch in enumerate(source.iter_batches(batch_size=max(1, math.ceil(rows / files)))):
        with pq.ParquetWriter(
            folder / f"{number}.parquet", batch.schema, compression="zstd", compression_level=3
        ) as out:
            out.write_batch(batch)


def open_rewritten(tables: Sequence[str], pattern: str) -> duckdb.DuckDBPyConnection:
    """Return a connection with a view a table over the files that the pattern names with its
    name."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for table in tables:
        files = pattern.format(table).replace("'", "''")
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{files}')")  # noqa: S608
    return connection


def timed(connection: duckdb.DuckDBPyConnection, sql: str, runs: int) -> Timed:
    """Return the median of the runs after a first one, and the answer."""
    rows, times = connection.execute(sql).fetchall(), []
    for _ in range(runs):
        start = time.perf_counter()
        connection.execute(sql).fetchall()
        times.append(1000 * (time.perf_counter() - start))
    return Timed(statistics.median(times), rows)


def same(a: object, b: object) -> bool:
    """Return whether two answers are equal.

    Floats may differ in the last digits, since sums depend on the order.
    """
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return a == b


def ask(
    ways: Mapping[str, duckdb.DuckDBPyConnection], questions: Mapping[str, str], runs: int
) -> Iterator[tuple[str, list[Timed]]]:
    """Yield for each question what it took in each way of keeping the rows."""
    for connection in ways.values():
        connection.execute(f"SET threads = {THREADS}")
    for name, sql in questions.items():
        yield name, [timed(connection, sql, runs) for connection in ways.values()]


def report(asked: Iterator[tuple[str, list[Timed]]], ways: Sequence[str], out: Console) -> bool:
    """Print the times and their ratios to those of the first way.

    Return whether all answers are equal.
    """
    table = Table(
        "question",
        "rows",
        *(f"{way}, ms" for way in ways),
        *(f"{way}, ratio" for way in ways[1:]),
        "equal",
    )
    totals, equal = [0.0] * len(ways), True
    for name, found in asked:
        first = found[0]
        agree = all(same(first.rows, other.rows) for other in found[1:])
        equal &= agree
        totals = [total + one.ms for total, one in zip(totals, found, strict=True)]
        table.add_row(
            name,
            f"{len(first.rows)}",
            *_figures([one.ms for one in found]),
            "yes" if agree else "NO",
        )
    table.add_row("all", "", *_figures(totals), "")
    out.print(table)
    return equal


def _figures(times: Sequence[float]) -> list[str]:
    return [*(f"{ms:.1f}" for ms in times), *(f"{ms / times[0]:.2f}" for ms in times[1:])]


def compare(
    lake: str, questions: Mapping[str, str], options: argparse.Namespace, out: Console
) -> bool:
    """Rewrite the tables in a temporary folder and ask; return whether all answers are equal."""
    tables = tables_of(questions)
    with tempfile.TemporaryDirectory() as name, connect(lake) as own:
        folder, many = Path(name), f"{options.files:,} files"
        for table in tables:
            rows = write_shuffled(own, table, folder / f"{table}.parquet", options.seed)
            cut(folder / f"{table}.parquet", folder / table, rows, options.files)
            out.print(f"{table}: {rows} rows")
        with (
            open_rewritten(tables, f"{folder}/{{}}.parquet") as one,
            open_rewritten(tables, f"{folder}/{{}}/*.parquet") as small,
        ):
            ways = {"lake": own, "one file": one, many: small}
            return report(ask(ways, questions, options.runs), list(ways), out)


def main() -> None:
    """Read the options and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("lake")
    parser.add_argument("--questions", type=Path, default=QUESTIONS)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if min(options.runs, options.files) < 1:
        parser.error("--runs and --files are at least 1")
    if not compare(options.lake, read_questions(options.questions), options, Console(width=110)):
        sys.exit(FAILING)


if __name__ == "__main__":
    main()
