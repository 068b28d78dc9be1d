"""Whether DuckDB, Polars, pandas and pyarrow read every table of a lake completely, with its types.

DuckDB and Polars read the glob `table/*/*.parquet`, pandas and pyarrow the folder. Memory stays
bounded: columns are counted in a stream, and pandas, which cannot stream, reads only keys, dates
and times.
"""

import contextlib
import glob
import importlib.util
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from transforms.core.lake.checks.findings import Ledger
from transforms.core.lake.schema.schema import DATE, TIME, Table
from transforms.core.lake.schema.tables import TABLES
from transforms.core.lake.schema.views import sql_literal
from transforms.errors import LakeError
from transforms.lake_views import restricted
from transforms.machine_faults import machine_fault_told

Span = tuple[date | None, date | None]


@dataclass(frozen=True, slots=True)
class TableContent:
    """What a reader finds in a table: its number of rows, its columns, which of them are dates and
    which are times in UTC, and the first and last day of each date.
    """

    rows: int
    columns: frozenset[str]
    dates: frozenset[str]
    times: frozenset[str]
    spans: dict[str, Span] = field(default_factory=dict)


def footers(root: Path) -> dict[str, TableContent]:
    """Return the content of each table as its files declare it, file by file.

    A table without files is left out, and so is one with an unreadable file, which another check
    reports.
    """
    found = {}
    for table in TABLES.values():
        with contextlib.suppress(pa.ArrowException, OSError, OverflowError):
            if content := _declared_content(root, table):
                found[table.name] = content
    return found


def _declared_content(root: Path, table: Table) -> TableContent | None:
    paths = sorted((root / table.name).glob("*/*.parquet"))
    if not paths:
        return None
    rows = 0
    columns = set[str]()
    days = dict[str, list[date]]()
    for path in paths:
        file = pq.ParquetFile(path)
        names = set(file.schema_arrow.names)
        rows += file.metadata.num_rows
        columns |= names
        for name in _columns_of_type(table, DATE) & names:
            days.setdefault(name, []).extend(_bounds(file.read(columns=[name])[name]))
    return TableContent(
        rows=rows,
        columns=frozenset(columns),
        dates=_columns_of_type(table, DATE) & columns,
        times=_columns_of_type(table, TIME) & columns,
        spans={name: _span(found) for name, found in days.items()},
    )


def _columns_of_type(table: Table, kind: pa.DataType) -> frozenset[str]:
    return frozenset(field.name for field in table.schema if field.type == kind)


def _span(days: Iterable[date]) -> Span:
    """Return the first and the last day, None for both if there is none."""
    days = sorted(days)
    return (days[0], days[-1]) if days else (None, None)


def read_by(reader: str, root: Path, expected: Mapping[str, TableContent], ledger: Ledger) -> bool:
    """Read every table with a reader and add the differences from `expected` to the ledger.

    Returns False if the reader is not installed. Raises MachineError if the machine, not the lake,
    is why one cannot be read.
    """
    module, read = READERS[reader]
    if importlib.util.find_spec(module) is None:
        return False
    for name, declared in expected.items():
        try:
            found = read(root, TABLES[name])
        except LakeError as error:
            # Readers put whole queries and stack traces into their messages.
            message = " ".join(str(error).split())[:300]
            if fault := machine_fault_told(message):
                raise fault from error
            ledger.add("C_READER", f"{reader} cannot read {name}: {message}", table=name)
            continue
        for difference in _differences(declared, found):
            message = f"{reader} reads {name} differently: {difference}"
            ledger.add("C_READER", message, table=name)
    return True


def _differences(expected: TableContent, found: TableContent) -> list[str]:
    """Return a sentence for each difference between what the files declare and a reader finds."""
    differences = []
    if found.rows != expected.rows:
        differences.append(f"{found.rows} rows, the files have {expected.rows}")
    if missing := sorted(expected.columns - found.columns):
        differences.append(f"without the column {missing[0]}")
    not_dates = sorted(expected.dates & found.columns - found.dates)
    differences += [f"{name} is not a date" for name in not_dates]
    not_times = sorted(expected.times & found.columns - found.times)
    differences += [f"{name} is not a time in UTC" for name in not_times]
    differences += _span_differences(expected, found)
    return differences


def _span_differences(expected: TableContent, found: TableContent) -> Iterator[str]:
    for name, (first, last) in expected.spans.items():
        span = found.spans.get(name)
        if name not in found.dates or span is None or span == (first, last):
            continue
        yield f"{name} goes from {span[0]} to {span[1]}, not {first} to {last}"


def _glob(root: Path, table: Table) -> str:
    return f"{glob.escape(str(root.resolve()))}/{table.name}/*/*.parquet"


def _by_duckdb(root: Path, table: Table) -> TableContent:
    paths = sql_literal(_glob(root, table))
    source = f"FROM read_parquet({paths}, hive_partitioning = true)"
    try:
        with restricted(root) as connection:
            types = _duckdb_types(connection, source)
            dates = sorted(name for name, kind in types.items() if kind == "DATE")
            selected = [f"min({_quoted(name)}), max({_quoted(name)})" for name in dates]
            # Counting a column reads all of it, so a damaged page shows.
            selected += [f"count({_quoted(name)})" for name in types]
            query = f"{source} SELECT {', '.join(selected)}, count(*)"
            (row,) = connection.execute(query).fetchall()
    except duckdb.Error as error:
        raise LakeError(str(error)) from error
    return TableContent(
        rows=int(row[-1]),
        columns=frozenset(types),
        dates=frozenset(dates),
        times=frozenset(n for n, kind in types.items() if kind == "TIMESTAMP WITH TIME ZONE"),
        spans={name: (row[2 * at], row[2 * at + 1]) for at, name in enumerate(dates)},
    )


def _duckdb_types(connection: duckdb.DuckDBPyConnection, source: str) -> dict[str, str]:
    described = connection.execute(f"{source} LIMIT 0").description or ()
    return {column[0]: str(column[1]) for column in described}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _by_polars(root: Path, table: Table) -> TableContent:
    import polars as pl

    try:
        source = pl.scan_parquet(_glob(root, table), hive_partitioning=True)
        types = dict(source.collect_schema())
        dates = sorted(name for name, kind in types.items() if kind == pl.Date)
        counted = source.select(
            pl.len().alias("rows"),
            # Counting a column reads all of it, so a damaged page shows.
            pl.all().count().name.prefix("count "),
            *[pl.min(name).alias(f"min {name}") for name in dates],
            *[pl.max(name).alias(f"max {name}") for name in dates],
        )
        row = counted.collect(engine="streaming").row(0, named=True)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise LakeError(str(error)) from error
    return TableContent(
        rows=int(row["rows"]),
        columns=frozenset(types),
        dates=frozenset(dates),
        times=frozenset(name for name, kind in types.items() if kind == pl.Datetime("us", "UTC")),
        spans={name: (row[f"min {name}"], row[f"max {name}"]) for name in dates},
    )


def _by_pandas(root: Path, table: Table) -> TableContent:
    import pandas as pd

    folder = root / table.name
    try:
        columns = set(ds.dataset(folder, format="parquet", partitioning="hive").schema.names)
        typed = {*table.key} | _columns_of_type(table, DATE) | _columns_of_type(table, TIME)
        frame = pd.read_parquet(folder, columns=sorted(typed & columns))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise LakeError(str(error)) from error
    spans = {}
    for name in _columns_of_type(table, DATE) & columns:
        days = frame[name].dropna()
        # A date that pandas reads as a timestamp or as text is not one of `dates`.
        if all(type(day) is date for day in days):
            spans[name] = _span(days)
    return TableContent(
        rows=len(frame),
        columns=frozenset(columns),
        dates=frozenset(spans),
        times=frozenset(n for n in frame.columns if str(frame[n].dtype) == "datetime64[us, UTC]"),
        spans=spans,
    )


def _by_pyarrow(root: Path, table: Table) -> TableContent:
    rows = 0
    days = dict[str, list[date]]()
    try:
        source = ds.dataset(root / table.name, format="parquet", partitioning="hive")
        dates = frozenset(field.name for field in source.schema if field.type == DATE)
        # Without read-ahead, as it would hold the article bodies of several files in memory.
        for batch in source.to_batches(batch_size=10_000, batch_readahead=1, fragment_readahead=1):
            rows += batch.num_rows
            for name in dates:
                days.setdefault(name, []).extend(_bounds(batch[name]))
    except (pa.ArrowException, OSError, OverflowError) as error:
        raise LakeError(str(error)) from error
    return TableContent(
        rows=rows,
        columns=frozenset(source.schema.names),
        dates=dates,
        times=frozenset(field.name for field in source.schema if field.type == TIME),
        spans={name: _span(days.get(name, ())) for name in dates},
    )


def _bounds(column: Any) -> list[date]:
    """Return the first and the last day of a column, nothing if it has none."""
    return [day for day in pc.min_max(column).as_py().values() if isinstance(day, date)]


READERS: dict[str, tuple[str, Callable[[Path, Table], TableContent]]] = {
    "DuckDB": ("duckdb", _by_duckdb),
    "Polars": ("polars", _by_polars),
    "pandas": ("pandas", _by_pandas),
    "pyarrow": ("pyarrow", _by_pyarrow),
}
"""The module of each reader, and the function that reads a table with it."""
