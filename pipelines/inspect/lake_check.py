"""`newsbeam check`: whether a lake is consistent, and whether the usual Parquet readers read all of
it, with its types.
"""

import contextlib
import dataclasses
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipelines.inspect.reader_checks import READERS, footers, read_by
from pipelines.terminal import console, safe_line
from transforms.core.lake.checks.check import check_lake
from transforms.core.lake.checks.findings import CHECKS, Finding, Ledger
from transforms.core.lake.log.history import consistent_number
from transforms.core.lake.log.preflight import ABOUT
from transforms.core.lake.log.store import LakeStore
from transforms.core.lake.schema.tables import TABLES
from transforms.lake_views import no_lake
from transforms.stores import LocalStore, open_store

GUARANTEES = CHECKS | {
    "C_READER": "DuckDB and Polars by glob, pandas and pyarrow by folder read all rows and types"
}
"""What each check verifies, by its code."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """The findings of a check and the outcome for each reader.

    All findings are in `counts`; `findings` has at most 20 of each code.
    """

    lake: str
    ok: bool
    rows: dict[str, int]
    counts: dict[str, int]
    findings: tuple[Finding, ...]
    readers: dict[str, str]
    warnings: tuple[str, ...]
    seconds: float


def check(lake: str, on_progress: Callable[[str], None]) -> CheckResult:
    """Check a lake; `on_progress` receives what is being checked.

    Raises ConfigError if there is no lake. Nothing is written to it.
    """
    started = time.monotonic()
    store = open_store(lake)
    if store.get(ABOUT) is None and not TABLES.keys() & set(store.names()):
        raise no_lake(lake)
    with _writers_wait(store) as warnings:
        on_progress("checking: rows and references")
        report = check_lake(store)
        ledger = Ledger()
        readers = _read_all(store, ledger, on_progress)
    counts = report.counts | {"C_READER": ledger.counts["C_READER"]}
    return CheckResult(
        lake=lake,
        ok=not any(counts.values()),
        rows=report.rows,
        counts=counts,
        findings=(*report.findings, *ledger.findings),
        readers=readers,
        warnings=(*warnings, *report.warnings),
        seconds=round(time.monotonic() - started, 1),
    )


@contextlib.contextmanager
def _writers_wait(store: LakeStore) -> Iterator[list[str]]:
    """Let writers wait, so that no half of a commit is read; yields warnings, to which is added.

    Where they cannot be made to wait without writing to the lake, a commit that came is a warning.
    """
    warnings = list[str]()
    with store.shared() as is_unchanging:
        before = consistent_number(store)
        yield warnings
        if not is_unchanging and consistent_number(store) != before:
            warnings.append(
                "a writer committed during the check, which may show as findings; check again"
            )


def _read_all(
    store: LakeStore, ledger: Ledger, on_progress: Callable[[str], None]
) -> dict[str, str]:
    """Read every table with every installed reader; return the outcome of each reader."""
    if not isinstance(store, LocalStore):
        return dict.fromkeys(READERS, "not tried: the lake is not in a local folder")
    expected = footers(Path(store.root))
    outcomes = {}
    for reader in READERS:
        on_progress(f"checking: {reader}")
        before = ledger.counts["C_READER"]
        installed = read_by(reader, Path(store.root), expected, ledger)
        found = ledger.counts["C_READER"] - before
        outcomes[reader] = _outcome(installed, found)
    return outcomes


def _outcome(installed: bool, findings: int) -> str:
    if not installed:
        return "not installed"
    return f"findings: {findings}" if findings else "ok"


def to_json(result: CheckResult) -> dict[str, Any]:
    """Return the result of a check as one JSON object."""
    return dataclasses.asdict(result)


def show(result: CheckResult) -> None:
    """Print the number of findings of each check, then the findings."""
    out = console(pipe_width=200)
    table = Table(box=None, pad_edge=False)
    table.add_column("found", justify="right")
    table.add_column("check", no_wrap=True)
    table.add_column("verifies", overflow="fold")
    for code, count in result.counts.items():
        table.add_row(Text(str(count), "red" if count else "green"), code, GUARANTEES[code])
    out.print(table)
    for finding in result.findings:
        at = " ".join(part for part in (finding.path or finding.table, finding.key) if part)
        out.print(safe_line(f"{finding.check}  {at}: {finding.message}"), soft_wrap=True)
    _show_summary(result, out)


def _show_summary(result: CheckResult, out: Console) -> None:
    readers = ", ".join(f"{name} {outcome}" for name, outcome in result.readers.items())
    rows = ", ".join(f"{count} {name}" for name, count in result.rows.items())
    total = f"{_total(result)}, {result.seconds} s"
    for line in (f"readers: {readers}", f"rows: {rows}", total):
        out.print(safe_line(line), soft_wrap=True)


def _total(result: CheckResult) -> str:
    if result.ok:
        return "no findings"
    found = sum(result.counts.values())
    not_listed = found - len(result.findings)
    return f"findings: {found}" + (f", {not_listed} of them not listed" if not_listed else "")
