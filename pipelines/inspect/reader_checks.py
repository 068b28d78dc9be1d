"""Do the readers that people use see every table of a lake whole, with true dates and times?

DuckDB and Polars read the glob `table/*/*.parquet`, pandas and pyarrow the folder. Memory stays
bounded: columns are counted as they stream by, and pandas, which cannot stream, takes keys, dates
and times alone.
"""

import glob
import importlib.util
from collections.abc import Callable, Mapping
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
from transforms.errors import LakeError

Span = tuple[date | None, date | None]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a reader makes of a table: rows, columns, which of these are dates and times in UTC, and
    the dates' span.
    """

    rows: int
    columns: frozenset[str]
    dates: frozenset[str]
    times: frozenset[str]
    spans: dict[str, Span] = field(default_factory=dict)


def footers(root: Path) -> dict[str, Seen]:
    """Return what the files of each table say they hold.

    A table with a file that cannot be read is left out.
    """
    found = {}
    for table in TABLES.values():
        try:
            found[table.name] = _footer(root, table)
        except (pa.ArrowException, OSError, OverflowError):
            continue
    return {name: seen for name, seen in found.items() if seen is not None}


def _footer(root: Path, table: Table) -> Seen | None:
    rows, columns, spans = 0, set[str](), dict[str, list[date]]()
    paths = sorted((root / table.name).glob("*/*.parquet"))
    for path in paths:
        file = pq.ParquetFile(path)
        rows += file.metadata.num_rows
        columns |= set(file.schema_arrow.names)
        for name in _of(table, DATE) & set(file.schema_arrow.names):
            spans.setdefault(name, []).extend(_ends(file.read(columns=[name])[name]))
    dates, times = _of(table, DATE) & columns, _of(table, TIME) & columns
    whole = {
        name: (min(days, default=None), max(days, default=None)) for name, days in spans.items()
    }
    return Seen(rows, frozenset(columns), dates, times, whole) if paths else None


def _of(table: Table, kind: pa.DataType) -> frozenset[str]:
    return frozenset(f.name for f in table.schema if f.type == kind)


def read_by(reader: str, root: Path, expected: Mapping[str, Seen], ledger: Ledger) -> bool:
    """Read every table with a reader.

    What it sees otherwise than expected goes to the ledger. False: not installed.
    """
    module, read = READERS[reader]
    if importlib.util.find_spec(module) is None:
        return False
    for name, wanted in expected.items():
        try:
            seen = read(root, TABLES[name])
        except LakeError as error:
            ledger.add(
                "C_READER",
                f"{reader} cannot read {name}: {' '.join(str(error).split())[:300]}",
                table=name,
            )
            continue
        for said in _differences(wanted, seen):
            ledger.add("C_READER", f"{reader} reads {name} otherwise: {said}", table=name)
    return True


def _differences(wanted: Seen, seen: Seen) -> list[str]:
    said = []
    if seen.rows != wanted.rows:
        said.append(f"{seen.rows} rows, the files have {wanted.rows}")
    if lacking := sorted(wanted.columns - seen.columns):
        said.append(f"without the column {lacking[0]}")
    said += [f"{name} is no date" for name in sorted(wanted.dates & seen.columns - seen.dates)]
    said += [
        f"{name} is no time in UTC" for name in sorted(wanted.times & seen.columns - seen.times)
    ]
    spans = {
        name: (found, seen.spans.get(name))
        for name, found in wanted.spans.items()
        if name in seen.dates
    }
    said += [
        f"{name} goes from {b[0]} to {b[1]}, not {a[0]} to {a[1]}"
        for name, (a, b) in spans.items()
        if b and a != b
    ]
    return said


def _glob(root: Path, table: Table) -> str:
    return f"{glob.escape(str(root.resolve()))}/{table.name}/*/*.parquet"


def _by_duckdb(root: Path, table: Table) -> Seen:
    source = (
        f"FROM read_parquet('{_glob(root, table).replace(chr(39), chr(39) * 2)}', "
        "hive_partitioning = true)"
    )
    try:
        with duckdb.connect() as connection:
            kinds = {
                d[0]: str(d[1]) for d in connection.execute(f"{source} LIMIT 0").description or ()
            }
            dates = sorted(n for n, kind in kinds.items() if kind == "DATE")
            asked = [f"min({_quoted(n)}), max({_quoted(n)})" for n in dates]
            asked += [f"count({_quoted(n)})" for n in kinds]
            found = connection.execute(f"{source} SELECT {', '.join(asked)}, count(*)").fetchall()[
                0
            ]
    except duckdb.Error as error:
        raise LakeError(str(error)) from error
    spans = {n: (found[2 * at], found[2 * at + 1]) for at, n in enumerate(dates)}
    times = frozenset(n for n, kind in kinds.items() if kind == "TIMESTAMP WITH TIME ZONE")
    return Seen(int(found[-1]), frozenset(kinds), frozenset(dates), times, spans)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _by_polars(root: Path, table: Table) -> Seen:
    import polars as pl

    try:
        source = pl.scan_parquet(_glob(root, table), hive_partitioning=True)
        kinds = dict(source.collect_schema())
        dates = sorted(n for n, kind in kinds.items() if kind == pl.Date)
        asked = [
            f(n).alias(f"{at}{n}")
            for n in dates
            for at, f in (("least ", pl.min), ("greatest ", pl.max))
        ]
        counted = source.select(
            pl.len().alias("rows"), pl.all().count().name.prefix("count "), *asked
        )
        found = counted.collect(engine="streaming").row(0, named=True)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise LakeError(str(error)) from error
    times = frozenset(n for n, kind in kinds.items() if kind == pl.Datetime("us", "UTC"))
    spans = {n: (found[f"least {n}"], found[f"greatest {n}"]) for n in dates}
    return Seen(int(found["rows"]), frozenset(kinds), frozenset(dates), times, spans)


def _by_pandas(root: Path, table: Table) -> Seen:
    import pandas as pd

    folder = root / table.name
    try:
        there = set(ds.dataset(folder, format="parquet", partitioning="hive").schema.names)
        wanted = {*table.key} | _of(table, DATE) | _of(table, TIME)
        frame = pd.read_parquet(folder, columns=sorted(wanted & there))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise LakeError(str(error)) from error
    days = {name: frame[name].dropna() for name in _of(table, DATE) & there}
    true = {name: found for name, found in days.items() if all(type(day) is date for day in found)}
    spans = {
        name: (min(found, default=None), max(found, default=None)) for name, found in true.items()
    }
    times = frozenset(n for n in frame.columns if str(frame[n].dtype) == "datetime64[us, UTC]")
    return Seen(len(frame), frozenset(there), frozenset(spans), times, spans)


def _by_pyarrow(root: Path, table: Table) -> Seen:
    rows, days = 0, dict[str, list[date]]()
    try:
        source = ds.dataset(root / table.name, format="parquet", partitioning="hive")
        dates = frozenset(f.name for f in source.schema if f.type == DATE)
        for batch in source.to_batches(batch_size=10_000, batch_readahead=1, fragment_readahead=1):
            rows += batch.num_rows
            for name in dates:
                days.setdefault(name, []).extend(_ends(batch[name]))
    except (pa.ArrowException, OSError, OverflowError) as error:
        raise LakeError(str(error)) from error
    times = frozenset(f.name for f in source.schema if f.type == TIME)
    spans = {
        n: (min(days.get(n, ()), default=None), max(days.get(n, ()), default=None)) for n in dates
    }
    return Seen(rows, frozenset(source.schema.names), dates, times, spans)


def _ends(column: Any) -> list[date]:
    """Return the least and the greatest day of a column, nothing where it has none."""
    return [day for day in pc.min_max(column).as_py().values() if isinstance(day, date)]


READERS: dict[str, tuple[str, Callable[[Path, Table], Seen]]] = {
    "DuckDB": ("duckdb", _by_duckdb),
    "Polars": ("polars", _by_polars),
    "pandas": ("pandas", _by_pandas),
    "pyarrow": ("pyarrow", _by_pyarrow),
}
"""Each reader's module, and how it reads a table."""
