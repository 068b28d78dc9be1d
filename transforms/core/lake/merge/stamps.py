"""Stamp the rows that a merge changes: when, and by which run.

A reader asks for the rows stamped at or after the time at which it last began to read, and misses
none. For this, stamps must never decrease from commit to commit; but runs overlap, and a run keeps
one clock from its first batch to its last. So a commit's clock is that of its run, or, if another
run has begun since, that of the newest: the greatest `runs.started_at`.
"""

from datetime import datetime

from transforms.core.lake.encoding.arrow_rows import Row
from transforms.core.lake.merge.overlay import Overlay
from transforms.core.lake.schema.schema import Table
from transforms.core.lake.schema.tables import STAMPED, STAMPS
from transforms.records import RunContext


def stamp_changes(ws: Overlay, run: RunContext, newest: datetime | None) -> None:
    """Stamp each row whose other columns a merge has changed; call it after the merge.

    `newest` is the greatest `started_at` of the runs before it.
    """
    at = max(run.now, newest) if newest else run.now
    for table in STAMPED:
        _stamp(ws, table, {"updated_at": at, "updated_run_id": run.run_id})


def _stamp(ws: Overlay, table: Table, new: Row) -> None:
    compared = [name for name in table.schema.names if name not in STAMPS]
    for before, now in ws.changed(table):
        if now is None:
            continue
        if before is not None and all(before[name] == now.get(name) for name in compared):
            ws.put(table, now | {name: before[name] for name in STAMPS})
        else:
            ws.put(table, now | new)
