"""The whole check of a lake through the port of its store: some thousand rows at a time, then what was held of all."""

from dataclasses import dataclass
from itertools import chain

import pyarrow as pa

from transforms.core.lake.checks.across import check_across
from transforms.core.lake.checks.facts import Facts
from transforms.core.lake.checks.files import Batch, batches, readable
from transforms.core.lake.checks.findings import CHECKS, Finding, Ledger
from transforms.core.lake.checks.layout import LakeFile, Snapshot, take_snapshot
from transforms.core.lake.checks.texts import PRINTED, check_hashes, check_offsets, check_raw
from transforms.core.lake.checks.values import check_values
from transforms.core.lake.raw import RAW
from transforms.core.lake.store import LakeStore
from transforms.core.lake.tables import ARTICLE_VERSIONS, ARTICLES, EVENT_MENTIONS, FETCHES, TABLES
from transforms.core.lake.workspace import path_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a check found: the first findings of each code, all of them counted, and the rows of each table."""

    findings: tuple[Finding, ...]
    counts: dict[str, int]
    rows: dict[str, int]
    warnings: tuple[str, ...]


def check_lake(store: LakeStore) -> Report:
    """Return what is wrong with a lake. Nothing is written; keep writers out, or it may see half of a commit."""
    ledger = Ledger()
    snapshot = take_snapshot(store, ledger)
    sizes = readable(snapshot, ledger)
    files = {f.path: f for f in chain.from_iterable(snapshot.files.values()) if f.path in sizes}
    raw = frozenset(store.list(RAW))
    every = 1 + sum(n for path, n in sizes.items() if files[path].table is ARTICLES) // PRINTED
    tables = {t.name: Facts(t, snapshot) for t in TABLES.values()}
    for file in files.values():
        _check_file(snapshot, file, tables[file.table.name], raw, every, ledger)
    _check_days(snapshot, files, ledger)
    check_across(tables, ledger)
    rows = {name: len(facts) for name, facts in tables.items()}
    counts = {code: ledger.counts[code] for code in CHECKS}
    return Report(findings=tuple(ledger.findings), counts=counts, rows=rows, warnings=tuple(snapshot.warnings))


def _check_file(
    snapshot: Snapshot, file: LakeFile, facts: Facts, raw: frozenset[str], every: int, ledger: Ledger
) -> None:
    before: pa.Table | None = None
    for batch in batches(snapshot, file, ledger):
        if not batch.data.num_rows:
            continue
        check_rows(batch, before, raw, every, ledger)
        facts.take(batch)
        before = batch.data.select(list(file.table.sort)).slice(batch.data.num_rows - 1)


def check_rows(batch: Batch, before: pa.Table | None, raw: frozenset[str], every: int, ledger: Ledger) -> None:
    """Check what shows in the rows themselves, with the last row before them, the raw files that there are.

    The fingerprint is worked out anew for one article in `every`.
    """
    check_values(batch, before, ledger)
    if batch.table in (ARTICLES, ARTICLE_VERSIONS):
        check_hashes(batch, every, ledger)
    if batch.table in (ARTICLES, FETCHES):
        check_raw(batch, raw, ledger)


def _check_days(snapshot: Snapshot, files: dict[str, LakeFile], ledger: Ledger) -> None:
    for mentions in (f for f in files.values() if f.table is EVENT_MENTIONS):
        articles = files.get(path_of(ARTICLES, mentions.folder))
        if articles is not None:
            check_offsets(snapshot, mentions, articles, ledger)
