"""The end of a run: its pipelines run, its last word in the lake, and what it tells its user."""

import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import apache_beam as beam

from pipelines.options import RunOptions
from transforms.core.lake.lake import Lake
from transforms.records import RunContext, Slice


@dataclass(frozen=True, kw_only=True)
class Ingested:
    """What a run did, as the lake tells it: counts of new rows, and this run's rejects by reason.

    `feeds_left` were due, but the run's time was up, or their servers asked for patience.
    """

    run_id: str
    status: str
    feeds: int
    feeds_left: int
    articles_new: int
    events_new: int
    rejects: dict[str, int]
    seconds: float
    counters: dict[str, int]


def run_to_end(pipeline: beam.Pipeline) -> dict[str, int]:
    """Run a bounded pipeline and return Beam's counters by name; a pipeline that fails raises."""
    result = pipeline.run()
    result.wait_until_finish()
    found = result.metrics().query()["counters"]
    return {f"{c.key.metric.namespace}.{c.key.metric.name}": c.committed or 0 for c in found}


def close_run(lake: Lake, run: RunContext, counters: Counter[str], options: RunOptions) -> Ingested:
    """Write the run's last word, its counters and status, and return what it did."""
    seconds = round(time.time() - options.started, 1)
    row = lake.merge(Slice(run=run, metrics=tuple(counters.items()), ended_at=run.now + timedelta(seconds=seconds)))
    return Ingested(
        run_id=run.run_id,
        status=row["status"],
        feeds=row["feeds"] - counters["feeds.skipped"],
        feeds_left=counters["feeds.skipped"],
        articles_new=row["articles_new"],
        events_new=row["events_new"],
        rejects={m["name"][8:]: m["value"] for m in row["metrics"] if m["name"].startswith("rejects.")},
        seconds=seconds,
        counters={m["name"]: m["value"] for m in row["metrics"] if not m["name"].startswith("rejects.")},
    )
