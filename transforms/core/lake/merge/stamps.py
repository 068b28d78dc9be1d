"""Stamp the rows that a merge changes with the time and the run, and record those that it deletes.

A reader asks for what was stamped at or after the time at which it last began to read, and misses
nothing. For this, stamps must never decrease from commit to commit; but runs overlap, and a run
keeps one clock from its first batch to its last. So a commit's clock is that of its run, or, if
another run has begun since, that of the newest: the greatest `runs.started_at`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from transforms.core.lake.encoding.arrow_rows import Row, key_of
from transforms.core.lake.merge.overlay import Overlay
from transforms.core.lake.schema.schema import Table
from transforms.core.lake.schema.tables import DELETED_ROWS, STAMPED, STAMPS
from transforms.records import RunContext

KEPT = timedelta(days=90)
"""Age up to which deletions are kept at least; older ones are dropped when their file is written
again. A judgement: a copy that is a quarter behind is better loaded anew."""


@dataclass(frozen=True, slots=True)
class _Clock:
    """The time and the run of a commit."""

    at: datetime
    run_id: str

    def stamps(self) -> Row:
        return {"updated_at": self.at, "updated_run_id": self.run_id}


def stamp_changes(ws: Overlay, run: RunContext, newest: datetime | None) -> None:
    """Stamp each row whose other columns a merge has changed, and record each row that it has
    deleted; call it after the merge.

    `newest` is the greatest `started_at` of the runs before it.
    """
    clock = _Clock(max(run.now, newest) if newest else run.now, run.run_id)
    deleted = [row for table in STAMPED for row in _stamp(ws, table, clock)]
    for row in deleted:
        ws.put(DELETED_ROWS, row)
    for folder in sorted({DELETED_ROWS.folder.name(row) for row in deleted}):
        _drop_older(ws, folder, clock.at - KEPT)


def _stamp(ws: Overlay, table: Table, clock: _Clock) -> Iterator[Row]:
    """Stamp the changed rows of a table; yield the records of those that are deleted."""
    compared = [name for name in table.schema.names if name not in STAMPS]
    gone, replaced = list[Row](), dict[str, str]()
    for before, now in ws.changed(table):
        if now is None:
            gone.append(before or {})
            continue
        is_same = before is not None and all(before[n] == now.get(n) for n in compared)
        stamps = {n: before[n] for n in STAMPS} if before and is_same else clock.stamps()
        ws.put(table, now | stamps)
        replaced |= dict.fromkeys(now.get("previous_ids", ()), str(now[table.key[0]]))
    for row in gone:
        key = row_key(table, row)
        yield {
            "table_name": table.name,
            "row_key": key,
            "row_date": row[str(table.folder.column)],
            "replaced_by": replaced.get(key),
            "deleted_at": clock.at,
            "deleted_run_id": clock.run_id,
        }


def row_key(table: Table, row: Row) -> str:
    """Return the key of a row as one text."""
    return "/".join(key_of(table, row))


def _drop_older(ws: Overlay, folder: str, oldest: datetime) -> None:
    for row in ws.scan(DELETED_ROWS, folder, ("deleted_at",)):
        if row["deleted_at"] < oldest:
            ws.delete(DELETED_ROWS, folder, key_of(DELETED_ROWS, row))
