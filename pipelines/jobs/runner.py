"""The beginning and the end of a run: its name, its pipelines run, its last word in the lake, and what it tells."""

import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta

import apache_beam as beam

from pipelines.jobs.allocator import bound_arenas, give_back
from pipelines.jobs.run_options import RunOptions
from transforms.core.lake.lake import Lake
from transforms.errors import ConfigError
from transforms.records import Batch, Cursor, RunContext


@dataclass(frozen=True, kw_only=True)
class RunSummary:
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


def resumed(
    lake: Lake, options: RunOptions, key: str, place: tuple[int, int], *, anew: bool = False
) -> tuple[Cursor, RunOptions]:
    """Return how far the work of a key has come, and the options with the name and the clock that it has.

    `place` is where it begins; `anew`, or where nothing of it was cut short, it begins there.
    """
    begun = None if anew else lake.cursor(key)
    cursor = begun or Cursor(
        key=key,
        run_id=options.run_id,
        now=options.now,
        source=0,
        place=place,
        pages=0,
        read_bytes=0,
    )
    return cursor, replace(options, run_id=cursor.run_id, now=cursor.now)


def begin_run(lake: Lake, options: RunOptions, kind: str, config: object) -> RunContext:
    """Return the run as the lake will record it; raise ConfigError for a name that a run of another day has."""
    run = options.context(kind, config)
    used = lake.day_of_run(run.run_id, but=run.now.date())
    if used is not None:
        raise ConfigError(
            f"--run-id {run.run_id} names a run of {used}; give another name, or --now of that day to repeat it"
        )
    return run


def run_to_end(pipeline: beam.Pipeline) -> dict[str, int]:
    """Run a bounded pipeline and return our counters by name, of all steps; a pipeline that fails raises."""
    bound_arenas()
    result = pipeline.run()
    result.wait_until_finish()
    found = result.metrics().query()["counters"]
    give_back()
    counted = Counter[str]()
    for one in found:
        metric = one.key.metric
        if metric.namespace != "beam":
            counted[f"{metric.namespace}.{metric.name}"] += one.committed or 0
    return counted


def close_run(
    lake: Lake,
    run: RunContext,
    counters: Counter[str],
    options: RunOptions,
    done: str | None = None,
) -> RunSummary:
    """Write the run's last word, its counters and status, and return what it did. `done` is the backfill that ends."""
    seconds = round(time.time() - options.started, 1)
    ended_at = run.now + timedelta(seconds=seconds)
    row = lake.merge(Batch(run=run, metrics=tuple(counters.items()), ended_at=ended_at, done=done))
    return RunSummary(
        run_id=run.run_id,
        status=row["status"],
        feeds=row["feeds"] - counters["feeds.skipped"],
        feeds_left=counters["feeds.skipped"],
        articles_new=row["articles_new"],
        events_new=row["events_new"],
        rejects={
            m["name"][8:]: m["value"] for m in row["metrics"] if m["name"].startswith("rejects.")
        },
        seconds=seconds,
        counters={
            m["name"]: m["value"] for m in row["metrics"] if not m["name"].startswith("rejects.")
        },
    )
