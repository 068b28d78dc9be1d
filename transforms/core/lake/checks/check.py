"""Check a whole lake through the port of its store: first its rows, some thousand at a time, then
the tables against each other.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain

import pyarrow as pa

from transforms.core.dates.parsed_time import AHEAD
from transforms.core.lake.checks.across import check_across
from transforms.core.lake.checks.arrays import numbers
from transforms.core.lake.checks.file_tree import LakeFile, Snapshot, take_snapshot
from transforms.core.lake.checks.findings import CHECKS, Finding, Ledger
from transforms.core.lake.checks.parquet_files import RowBatch, batches, readable
from transforms.core.lake.checks.row_checks import check_future, check_values
from transforms.core.lake.checks.row_facts import Facts
from transforms.core.lake.checks.text_checks import (
    SAMPLED_ARTICLES,
    check_hashes,
    check_offsets,
    check_raw,
)
from transforms.core.lake.log.store import ReadableStore
from transforms.core.lake.merge.overlay import path_of
from transforms.core.lake.merge.raw_parts import RAW
from transforms.core.lake.schema.tables import (
    ARTICLE_VERSIONS,
    ARTICLES,
    EVENT_MENTIONS,
    FETCHES,
    RUNS,
    TABLES,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The result of a check: the first findings of each code, the count of all by code, and the
    number of rows by table.
    """

    findings: tuple[Finding, ...]
    counts: dict[str, int]
    rows: dict[str, int]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a lake before its rows are read."""

    raw: Mapping[str, int]
    """The sizes of the files of kept pages, in bytes, by path."""
    latest: int | None
    """The latest time that a row may hold, in microseconds since 1970; None without a run."""
    every: int
    """One article in this many has its fingerprint computed again."""


def check_lake(store: ReadableStore) -> Report:
    """Return the report on a lake; nothing is written.

    No other process may write to the lake meanwhile: the check may read half of a commit.
    """
    ledger = Ledger()
    snapshot = take_snapshot(store, ledger)
    sizes = readable(snapshot, ledger)
    files = {f.path: f for f in chain.from_iterable(snapshot.files.values()) if f.path in sizes}
    articles = sum(sizes[path] for path, file in files.items() if file.table is ARTICLES)
    known = Known(
        raw=_raw_sizes(store),
        latest=_latest_time(snapshot, files.values(), ledger),
        every=1 + articles // SAMPLED_ARTICLES,
    )
    tables = {t.name: Facts(t, snapshot) for t in TABLES.values()}
    for file in files.values():
        _check_file(snapshot, file, tables[file.table.name], known, ledger)
    _check_offsets(snapshot, files, ledger)
    check_across(tables, ledger)
    rows = {name: len(facts) for name, facts in tables.items()}
    counts = {code: ledger.counts[code] for code in CHECKS}
    return Report(
        findings=tuple(ledger.findings), counts=counts, rows=rows, warnings=tuple(snapshot.warnings)
    )


def _raw_sizes(store: ReadableStore) -> dict[str, int]:
    """Return the size of each file of kept pages, in bytes."""
    sizes = {}
    for path in store.list(RAW):
        file = store.open(path)
        if file is not None:
            with file:
                sizes[path] = file.seek(0, os.SEEK_END)
    return sizes


def _latest_time(snapshot: Snapshot, files: Iterable[LakeFile], ledger: Ledger) -> int | None:
    """Return the latest time that a row may hold, in microseconds: `AHEAD` after the newest run.

    None if there is no run.
    """
    starts = list[int]()
    for file in files:
        if file.table is not RUNS:
            continue
        for batch in batches(snapshot, file, ledger, ("started_at",)):
            if batch.data.num_rows:
                starts.append(int(numbers(batch.data["started_at"]).max()))
    return max(starts) + AHEAD // timedelta(microseconds=1) if starts else None


def _check_file(
    snapshot: Snapshot, file: LakeFile, facts: Facts, known: Known, ledger: Ledger
) -> None:
    before: pa.Table | None = None
    for batch in batches(snapshot, file, ledger):
        if not batch.data.num_rows:
            continue
        check_rows(batch, before, known, ledger)
        facts.add(batch)
        # The order is checked over the whole file, so across the border of two batches too.
        before = batch.data.select(list(file.table.sort)).slice(batch.data.num_rows - 1)


def check_rows(batch: RowBatch, before: pa.Table | None, known: Known, ledger: Ledger) -> None:
    """Check each row by itself; `before` is the last row of the previous batch of the file."""
    check_values(batch, before, ledger)
    if known.latest is not None:
        check_future(batch, known.latest, ledger)
    if batch.table in (ARTICLES, ARTICLE_VERSIONS):
        check_hashes(batch, known.every, ledger)
    if batch.table in (ARTICLES, FETCHES):
        check_raw(batch, known.raw, ledger)


def _check_offsets(snapshot: Snapshot, files: dict[str, LakeFile], ledger: Ledger) -> None:
    for mentions in (f for f in files.values() if f.table is EVENT_MENTIONS):
        articles = files.get(path_of(ARTICLES, mentions.folder))
        if articles is not None:
            check_offsets(snapshot, mentions, articles, ledger)
