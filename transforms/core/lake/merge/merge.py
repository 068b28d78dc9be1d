"""The merge of one slice: facts, then what follows from them, then the run's own row."""

from collections import Counter

from transforms.core.lake.encoding.arrow_rows import Row, as_stored
from transforms.core.lake.merge.base_tables import merge_base_tables
from transforms.core.lake.merge.derived_tables import derive
from transforms.core.lake.merge.learned_tables import merge_persons, merge_site_blocks
from transforms.core.lake.merge.overlay import Overlay
from transforms.core.lake.schema.tables import ARTICLES, EVENTS, FETCHES, REJECTS, RUNS
from transforms.records import Batch

_COUNTS = ("feeds", "articles_new", "articles_rejected", "events_new")


def merge_batch(ws: Overlay, batch: Batch) -> Row:
    """Merge a slice into the workspace and return the run's row with the slice's counts added to
    it.

    Only rows that are new are counted: a slice that was merged before, by a worker that did not
    live to say so, adds nothing.
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
        "events_new": max(0, ws.count_new(EVENTS)),
    }
    row = _run_row(batch, counts, rejected) | {
        "window_start_at": min(times, default=None),
        "window_end_at": max(times, default=None),
    }
    old = ws.get(RUNS, RUNS.folder.name(row), (batch.run.run_id,))
    row = as_stored(RUNS, [_added(old, row) if old else row])[0]
    ws.put(RUNS, row)
    return row


def _new_polls(ws: Overlay, batch: Batch) -> int:
    """Count the polls of feeds that the lake did not have; a redirect's hops are no polls."""
    polls = {f.fetch_id for f in batch.fetches if f.kind == "feed" and not f.is_redirect}
    return sum(
        before is None and now is not None and now["fetch_id"] in polls
        for before, now in ws.changed(FETCHES)
    )


def _rejected(ws: Overlay, batch: Batch) -> Counter[str]:
    """Count what is now rejected by this run and was not, by reason."""
    run_id = batch.run.run_id
    changed = ws.changed(REJECTS)
    return Counter(
        now["reason"]
        for was, now in changed
        if now is not None and (was is None or was["run_id"] != run_id)
    )


def _run_row(batch: Batch, counts: dict[str, int], rejected: Counter[str]) -> Row:
    run = batch.run
    status = batch.run_state
    if status == "done":
        status = "partial" if batch.rejects else "ok"
    return {
        "run_id": run.run_id,
        "kind": run.kind,
        "status": status,
        "run_date": run.now.date(),
        "started_at": run.now,
        "ended_at": batch.ended_at,
        "runner": run.runner,
        "pipeline_version": run.pipeline_version,
        "config_sha256": run.config_sha256,
        "metrics": [
            {"name": n, "value": v}
            for n, v in sorted(
                [*batch.metrics, *((f"rejects.{reason}", n) for reason, n in rejected.items())]
            )
        ],
        **counts,
    }


def _added(old: Row, new: Row) -> Row:
    """Return the row of a run after one more of its slices."""
    rejected = old["articles_rejected"] + new["articles_rejected"] > 0
    metrics = {m["name"]: m["value"] for m in old["metrics"]}
    for m in new["metrics"]:
        metrics[m["name"]] = metrics.get(m["name"], 0) + m["value"]
    starts = [r["window_start_at"] for r in (old, new) if r["window_start_at"]]
    ends = [r["window_end_at"] for r in (old, new) if r["window_end_at"]]
    return (
        new
        | {k: old[k] + new[k] for k in _COUNTS}
        | {
            "status": "partial" if rejected and new["status"] == "ok" else new["status"],
            "window_start_at": min(starts, default=None),
            "window_end_at": max(ends, default=None),
            "metrics": [{"name": n, "value": v} for n, v in sorted(metrics.items())],
        }
    )
