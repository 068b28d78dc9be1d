r"""Time of the 16 questions on a lake, and on the same rows in one unsorted file or 1,000 files.

    python -m bench.queries LAKE [--questions docs/questions.md] [--runs 5] [--files 1000] \
        [--seed 1]

The two other layouts are written first: the rows of a table in an order drawn from the seed, with
the compression and row groups of the lake; the small files are pieces of that order. Each question
runs once to warm up, then `--runs` times, of which the median is reported, all in one process with
two threads. The exit code is 4 if the layouts give different answers.
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
"""Two threads, so that machines with more cores give comparable figures.

The other two are judgements: five runs make the median robust against one slow run, and 1,000 files
are enough for the cost of opening files to show.
"""
ROW_GROUP = 50_000
"""Rows per row group, as in the lake's files."""
_HEADING = re.compile(r"^## (Q\d\d)[^\n]*\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_SQL = re.compile(r"^```sql\n(.*?)^```", re.MULTILINE | re.DOTALL)
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Timed:
    """A question's median time in milliseconds, and its answer's rows."""

    ms: float
    rows: list[Row]


def read_questions(path: Path) -> dict[str, str]:
    """Return the SQL under each heading "## Qnn", by its name.

    Raises ValueError if a heading has no block of SQL, or there is no heading.
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
    """Return the tables of the lake that occur in the questions' SQL."""
    words = set(re.findall(r"\w+", " ".join(questions.values())))
    return [name for name in TABLES if name in words]


def write_shuffled(lake: duckdb.DuckDBPyConnection, table: str, path: Path, seed: int) -> int:
    """Write a table to one file in an order drawn from the seed; return the number of rows."""
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
    """Split a file of `rows` rows into at most `files` files, in the same order.

    A table with fewer rows than files gets one file per row.
    """
    folder.mkdir()
    source = pq.ParquetFile(path)
    if rows == 0:
        # A view needs a file with the columns, even of a table without rows.
        pq.write_table(source.read(), folder / "0.parquet")
    rows_per_file = max(1, math.ceil(rows / files))
    for number, batch in enumerate(source.iter_batches(batch_size=rows_per_file)):
        with pq.ParquetWriter(
            folder / f"{number}.parquet", batch.schema, compression="zstd", compression_level=3
        ) as out:
            out.write_batch(batch)


def open_rewritten(tables: Sequence[str], pattern: str) -> duckdb.DuckDBPyConnection:
    """Return a connection with a view of each table over its files.

    `pattern` is a glob with `{}` where the name of the table goes.
    """
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for table in tables:
        files = pattern.format(table).replace("'", "''")
        select = f"SELECT * FROM read_parquet('{files}')"  # noqa: S608 - our own files
        connection.execute(f"CREATE VIEW {table} AS {select}")
    return connection


def timed(connection: duckdb.DuckDBPyConnection, sql: str, runs: int) -> Timed:
    """Return the median time of the runs after a warm-up, and the answer."""
    rows, times = connection.execute(sql).fetchall(), []
    for _ in range(runs):
        start = time.perf_counter()
        connection.execute(sql).fetchall()
        times.append(1000 * (time.perf_counter() - start))
    return Timed(statistics.median(times), rows)


def same(a: object, b: object) -> bool:
    """Return whether two answers are equal.

    Floats may differ in their last digits, since a sum depends on the order of its terms.
    """
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return a == b


def time_questions(
    layouts: Mapping[str, duckdb.DuckDBPyConnection], questions: Mapping[str, str], runs: int
) -> Iterator[tuple[str, list[Timed]]]:
    """Yield each question's name with its time and answer in each layout."""
    for connection in layouts.values():
        connection.execute(f"SET threads = {THREADS}")
    for name, sql in questions.items():
        yield name, [timed(connection, sql, runs) for connection in layouts.values()]


def report(
    results: Iterator[tuple[str, list[Timed]]], layouts: Sequence[str], out: Console
) -> bool:
    """Print the times and their ratios to those of the first layout.

    Return whether all layouts give the same answers.
    """
    table = Table(
        "question",
        "rows",
        *(f"{layout}, ms" for layout in layouts),
        *(f"{layout}, ratio" for layout in layouts[1:]),
        "equal",
    )
    totals, equal = [0.0] * len(layouts), True
    for name, timings in results:
        first = timings[0]
        agree = all(same(first.rows, other.rows) for other in timings[1:])
        equal &= agree
        totals = [total + timing.ms for total, timing in zip(totals, timings, strict=True)]
        table.add_row(
            name,
            f"{len(first.rows)}",
            *_figures([timing.ms for timing in timings]),
            "yes" if agree else "NO",
        )
    table.add_row("all", "", *_figures(totals), "")
    out.print(table)
    return equal


def _figures(times: Sequence[float]) -> list[str]:
    """Return the cells of the times, then of their ratios to the first."""
    return [*(f"{ms:.1f}" for ms in times), *(f"{ms / times[0]:.2f}" for ms in times[1:])]


def compare(
    lake: str, questions: Mapping[str, str], options: argparse.Namespace, out: Console
) -> bool:
    """Write the layouts, time the questions and print them; return whether all answers agree."""
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
            layouts = {"lake": own, "one file": one, many: small}
            results = time_questions(layouts, questions, options.runs)
            return report(results, list(layouts), out)


def main() -> None:
    """Read the options and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("lake")
    parser.add_argument(
        "--questions", type=Path, default=QUESTIONS, help="Markdown with SQL under headings ## Qnn"
    )
    parser.add_argument("--runs", type=int, default=RUNS, help="timed runs of each question")
    parser.add_argument("--files", type=int, default=FILES, help="small files per table")
    parser.add_argument("--seed", type=int, default=1, help="of the order of the rows")
    options = parser.parse_args()
    if min(options.runs, options.files) < 1:
        parser.error("--runs and --files must be at least 1")
    if not compare(options.lake, read_questions(options.questions), options, Console(width=110)):
        sys.exit(FAILING)


if __name__ == "__main__":
    main()
