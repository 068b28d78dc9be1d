"""`newsbeam check`: the lake's promises, and whether the four readers people use see all of it,
with true types.
"""

import contextlib
import dataclasses
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipelines.inspect.reader_checks import READERS, footers, read_by
from transforms.core.lake.checks.check import check_lake
from transforms.core.lake.checks.findings import CHECKS, Finding, Ledger
from transforms.core.lake.log.preflight import ABOUT
from transforms.core.lake.log.store import LakeStore
from transforms.core.lake.schema.tables import TABLES
from transforms.errors import LakeError
from transforms.lake_views import no_lake
from transforms.stores import LocalStore, open_store

PROMISES = CHECKS | {
    "C_READER": "DuckDB and Polars by glob, pandas and pyarrow by folder read all, with true types"
}
"""What each code promises."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check found: at most 20 findings of a code are named, all are counted.

    And how each reader fared.
    """

    lake: str
    ok: bool
    rows: dict[str, int]
    counts: dict[str, int]
    findings: tuple[Finding, ...]
    readers: dict[str, str]
    warnings: tuple[str, ...]
    seconds: float


def check(lake: str, said: Callable[[str], None]) -> Checked:
    """Check a lake, and say what is being done.

    Raise ConfigError where there is none. Nothing is written to it.
    """
    started = time.monotonic()
    store = open_store(lake)
    if store.get(ABOUT) is None and not TABLES.keys() & set(store.names()):
        raise no_lake(lake)
    with _undisturbed(store) as remarks:
        said("checking: rows and references")
        report = check_lake(store)
        ledger = Ledger()
        readers = _read_all(store, ledger, said)
    counts = report.counts | {"C_READER": ledger.counts["C_READER"]}
    return Checked(
        lake=lake,
        ok=not any(counts.values()),
        rows=report.rows,
        counts=counts,
        findings=(*report.findings, *ledger.findings),
        readers=readers,
        warnings=(*remarks, *report.warnings),
        seconds=round(time.monotonic() - started, 1),
    )


@contextlib.contextmanager
def _undisturbed(store: LakeStore) -> Iterator[tuple[str, ...]]:
    """Keep writers out, so that no half of a commit is seen.

    Where the lock cannot be written, say so and go on.
    """
    with contextlib.ExitStack() as stack:
        remarks: tuple[str, ...] = ()
        try:
            stack.enter_context(store.locked())
        except LakeError as error:
            if error.reason == "E_LAKE_LOCKED":
                raise
            remarks = (
                (
                    f"checked without the lake's lock ({error}); what a writer does meanwhile "
                    "may show as findings"
                ),
            )
        yield remarks


def _read_all(store: LakeStore, ledger: Ledger, said: Callable[[str], None]) -> dict[str, str]:
    """Read every table with every reader that is installed; return how each fared."""
    if not isinstance(store, LocalStore):
        return dict.fromkeys(READERS, "not tried: the lake is in no local folder")
    expected = footers(Path(store.root))
    fared = {}
    for reader in READERS:
        said(f"checking: {reader}")
        before = ledger.counts["C_READER"]
        installed = read_by(reader, Path(store.root), expected, ledger)
        wrong = ledger.counts["C_READER"] - before
        fared[reader] = (
            "not installed" if not installed else f"wrong in {wrong} tables" if wrong else "ok"
        )
    return fared


def to_json(checked: Checked) -> dict[str, Any]:
    """Return what a check found as one JSON object."""
    return dataclasses.asdict(checked)


def show(checked: Checked) -> None:
    """Print what a check found: a line a check with its count, then the findings."""
    console = Console(width=None if sys.stdout.isatty() else 200)
    table = Table(box=None, pad_edge=False)
    table.add_column("found", justify="right")
    table.add_column("check", no_wrap=True)
    table.add_column("what is promised", overflow="fold")
    for code, count in checked.counts.items():
        table.add_row(f"[red]{count}[/]" if count else "[green]0[/]", code, escape(PROMISES[code]))
    console.print(table, highlight=False)
    for finding in checked.findings:
        at = " ".join(part for part in (finding.path or finding.table, finding.key) if part)
        console.print(
            escape(_printable(f"{finding.check}  {at}: {finding.message}")),
            highlight=False,
            soft_wrap=True,
        )
    _show_sum(checked, console)


def _show_sum(checked: Checked, console: Console) -> None:
    readers = ", ".join(f"{name} {fared}" for name, fared in checked.readers.items())
    rows = ", ".join(f"{count} {name}" for name, count in checked.rows.items())
    found = sum(checked.counts.values())
    more = found - len(checked.findings)
    told = (
        "no findings"
        if checked.ok
        else f"findings: {found}" + (f", {more} of them only counted" if more else "")
    )
    for line in (f"readers: {readers}", f"rows: {rows}", f"{told}, {checked.seconds} s"):
        console.print(escape(line), highlight=False, soft_wrap=True)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "\ufffd" for c in text)
