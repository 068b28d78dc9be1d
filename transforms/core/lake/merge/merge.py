"""The merge of one batch: base tables, then the tables derived from them, then the run's row."""

from collections import Counter
from collections.abc import Iterable

from transforms.core.lake.encoding.arrow_rows import Row, as_stored
from transforms.core.lake.merge.base_tables import merge_base_tables
from transforms.core.lake.merge.derived_tables import derive
from transforms.core.lake.merge.learned_tables import merge_persons, merge_site_blocks
from transforms.core.lake.merge.overlay import Overlay
from transforms.core.lake.schema.tables import ARTICLES, EVENTS, FETCHES, REJECTS, RUNS
from transforms.records import Batch

_COUNTS = ("feeds", "articles_new", "articles_rejected", "events_new")


def merge_batch(ws: Overlay, batch: Batch) -> Row:
    """Merge a batch into the overlay; return the run's row with the batch's counts added to it.

    Only rows that are new are counted, so a batch that is merged again, because a worker died after
    its commit, adds nothing.
    """
    touched = merge_base_tables(ws, batch)
    derive(ws, touched)
    merge_site_blocks(ws, batch)
    merge_persons(ws, batch)
    times = [t.now["published_at"] for t in touched.values() if t.now["published_at"]]
    rejected = _rejected(ws, batch)
    counts = {
        "feeds": _new_polls(ws, batch),
        "articles_new": ws.count_new(ARTICLES),
        "articles_rejected": rejected.total(),
        # Below zero if the batch merged more events into one another than it added.
        "events_new": max(0, ws.count_new(EVENTS)),
    }
    row = _run_row(batch, counts, rejected) | {
        "window_start_at": min(times, default=None),
        "window_end_at": max(times, default=None),
    }
    old = ws.get(RUNS, RUNS.folder.name(row), (batch.run.run_id,))
    row = as_stored(RUNS, [_sum_of_batches(old, row) if old else row])[0]
    ws.put(RUNS, row)
    return row


def _new_polls(ws: Overlay, batch: Batch) -> int:
    """Count the polls of feeds that the lake did not have; the hops of a redirect do not count."""
    polls = {f.fetch_id for f in batch.fetches if f.kind == "feed" and not f.is_redirect}
    return sum(
        before is None and now is not None and now["fetch_id"] in polls
        for before, now in ws.changed(FETCHES)
    )


def _rejected(ws: Overlay, batch: Batch) -> Counter[str]:
    """Count the rejects that this batch adds to the run, by reason."""
    run_id = batch.run.run_id
    return Counter(
        now["reason"]
        for before, now in ws.changed(REJECTS)
        if now is not None and (before is None or before["run_id"] != run_id)
    )


def _run_row(batch: Batch, counts: dict[str, int], rejected: Counter[str]) -> Row:
    run = batch.run
    rejects = {f"rejects.{reason}": count for reason, count in rejected.items()}
    return {
        "run_id": run.run_id,
        "kind": run.kind,
        "status": _status(batch),
        "run_date": run.now.date(),
        "started_at": run.now,
        "ended_at": batch.ended_at,
        "runner": run.runner,
        "pipeline_version": run.pipeline_version,
        "config_sha256": run.config_sha256,
        "metrics": _metrics_column([*batch.metrics, *rejects.items()]),
        **counts,
    }


def _status(batch: Batch) -> str:
    if batch.run_state == "done":
        return "partial" if batch.rejects else "ok"
    return batch.run_state


def _metrics_column(metrics: Iterable[tuple[str, int]]) -> list[Row]:
    return [{"name": name, "value": value} for name, value in sorted(metrics)]


def _sum_of_batches(old: Row, new: Row) -> Row:
    """Return the row of a run after one more of its batches."""
    counts = {name: old[name] + new[name] for name in _COUNTS}
    # The last batch of a run may have no rejects although an earlier one had some.
    is_partial = new["status"] == "ok" and counts["articles_rejected"] > 0
    starts = [r["window_start_at"] for r in (old, new) if r["window_start_at"]]
    ends = [r["window_end_at"] for r in (old, new) if r["window_end_at"]]
    return {
        **new,
        **counts,
        "status": "partial" if is_partial else new["status"],
        # The lake's clock must not go back if the run is run again with an earlier one.
        "started_at": max(old["started_at"], new["started_at"]),
        "window_start_at": min(starts, default=None),
        "window_end_at": max(ends, default=None),
        "metrics": _metrics_column(_summed_metrics(old, new)),
    }


def _summed_metrics(old: Row, new: Row) -> Iterable[tuple[str, int]]:
    total = Counter[str]()
    for metric in [*old["metrics"], *new["metrics"]]:
        total[metric["name"]] += metric["value"]
    return total.items()
