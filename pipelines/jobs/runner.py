"""The runner of every job: begin the run, run the plan's batches one after the other, close it.

It does what all jobs have in common: check the run's id and clock, resume an interrupted job,
commit each batch, report progress, collect counters, and write the last row of the run, also of a
failed one.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import apache_beam as beam
from apache_beam.pvalue import PCollection

from pipelines.jobs.allocator import limit_arenas, trim_allocator
from pipelines.jobs.plan import Plan, PlannedBatch, Progress, Reporter, Run
from pipelines.jobs.requirements import require_coder
from pipelines.jobs.run_options import RunOptions
from transforms.activity import Part, activity
from transforms.core.feeds.health import count_by_health
from transforms.core.lake.encoding.arrow_rows import Row
from transforms.core.lake.lake import Lake
from transforms.errors import ConfigError, NewsbeamError
from transforms.lake import MergeIntoLake, open_lake
from transforms.lake_to_read import lake_to_read
from transforms.preview import PreviewMerge
from transforms.records import Batch, Cursor, RunContext
from transforms.run_lease import WAIT_S, note_of, only_run, open_lease
from transforms.stores import open_store

REJECT_METRIC = "rejects."
"""Prefix of the metrics that count rejects by reason; the other metrics are Beam's counters."""


@dataclass(frozen=True, kw_only=True)
class RunSummary:
    """Result of a run, as stored in `runs`: numbers of new rows, and of rejects by reason.

    `feeds_left` were due but not polled: the deadline had passed, or their servers had requested a
    pause. So were `pages_left`, which wait in the queues of their feeds and are no rejects.
    `reject_samples` has one reject of each reason. `feeds_by_health` counts the feeds of the lake.
    """

    run_id: str
    status: str
    feeds: int
    feeds_left: int
    pages_left: int = 0
    articles_new: int
    events_new: int
    rejects: dict[str, int]
    seconds: float
    counters: dict[str, int]
    reject_samples: Sequence[Row] = ()
    feeds_by_health: dict[str, int] = field(default_factory=dict)

    @property
    def mentions_coded(self) -> int:
        """The event mentions that the run coded, of which events are merged."""
        return self.counters.get("events.mentions", 0)


def run_job(
    plan: Plan, options: RunOptions, reporter: Reporter | None = None, *, named: bool = False
) -> RunSummary:
    """Run all batches of a plan, each in one commit, and return the result.

    An interrupted job with a checkpoint continues after its last commit, with the id and clock of
    the interrupted run. `named` means that the user chose the run's id. Raises ConfigError for
    invalid options, RunningError if another run of the lake does not end, and whatever a batch
    raises, after recording in `runs` that the run failed.
    """
    reporter = reporter or Reporter()
    run, cursor = begin(plan, options, reporter, named=named)
    counters = Counter[str]()
    with only_polling(plan.is_polling, run.options, reporter), _failure_recorded(run, counters):
        reporter.begun(run)
        for batch in _reported(plan, run, cursor, reporter):
            pipeline = run.options.pipeline()
            add_batch(pipeline, batch, run)
            counters.update(run_to_end(pipeline))
        return close(run, counters, finished=cursor.key if cursor else None)


def preview_job(plan: Plan, options: RunOptions, path: Path) -> None:
    """Write what a plan would change in the lake to a local file, as JSON lines."""
    require_coder()
    run = Run(
        lake=lake_to_read(options.lake),
        options=options,
        context=options.context(plan.kind, plan.config),
    )
    for batch in plan.batches(run, _first_cursor(plan, options, named=False)):
        pipeline = options.pipeline()
        preview = PreviewMerge(options.lake, run.context, str(path))
        batch.build(pipeline) | "PreviewMerge" >> preview
        run_to_end(pipeline)


def begin(
    plan: Plan, options: RunOptions, reporter: Reporter, *, named: bool = False
) -> tuple[Run, Cursor | None]:
    """Begin a run: report skipped input, open the lake, resume a job, check the run's id.

    Returns the run, and the cursor after which its batches start (None for plans that cannot be
    resumed). Raises ConfigError if a run of another day has that id, and MachineError if this
    machine cannot code events.
    """
    require_coder()
    reporter.skipped_inputs(plan.skipped_inputs)
    # Options that the engine refuses are reported before a lake is made.
    options.pipeline()
    lake = open_lake(options.lake)
    cursor = _first_cursor(plan, options, named=named)
    if cursor is not None:
        cursor = lake.cursor(cursor.key) or cursor
        options = replace(options, run_id=cursor.run_id, now=cursor.now)
    context = options.context(plan.kind, plan.config)
    _check_run_id(lake, context)
    return Run(lake=lake, options=options, context=context), cursor


def _first_cursor(plan: Plan, options: RunOptions, *, named: bool) -> Cursor | None:
    checkpoint = plan.checkpoint(options, named=named)
    if checkpoint is None:
        return None
    return Cursor(
        key=checkpoint.key,
        run_id=options.run_id,
        now=options.now,
        source=0,
        place=checkpoint.first_place,
        pages=0,
        read_bytes=0,
    )


def _check_run_id(lake: Lake, context: RunContext) -> None:
    """Raise ConfigError if a run of another day has the id: a run has one row, under its day."""
    other_day = lake.day_of_run(context.run_id, but=context.now.date())
    if other_day is not None:
        raise ConfigError(
            f"--run-id {context.run_id} is the id of a run of {other_day}; choose another id, "
            "or repeat that run with --now of that day"
        )


def _reported(
    plan: Plan, run: Run, cursor: Cursor | None, reporter: Reporter
) -> Iterator[PlannedBatch]:
    """Yield the batches of a plan, reporting progress before and after each."""
    done = start = Progress(
        label="",
        pages=cursor.pages if cursor else 0,
        read_bytes=cursor.read_bytes if cursor else 0,
        pages_before=cursor.pages if cursor else 0,
        bytes_before=cursor.read_bytes if cursor else 0,
        total_bytes=plan.total_bytes,
    )
    for batch in plan.batches(run, cursor):
        activity.restart()
        activity.expect(Part.READING, batch.pages)
        reporter.progress(replace(done, label=batch.label))
        yield batch
        if batch.cursor is not None:
            done = replace(start, pages=batch.cursor.pages, read_bytes=batch.cursor.read_bytes)
        reporter.progress(replace(done, label=batch.label, is_committed=True))


def add_batch(pipeline: beam.Pipeline, batch: PlannedBatch, run: Run) -> PCollection[str]:
    """Add a batch's graph and merge to a pipeline; returns the run's id once all is merged."""
    merge = MergeIntoLake(run.options.lake, run.context, run.options.started, batch.cursor)
    merged: PCollection[str] = batch.build(pipeline) | "MergeIntoLake" >> merge
    return merged


def run_to_end(pipeline: beam.Pipeline) -> Counter[str]:
    """Run a bounded pipeline and return newsbeam's counters, summed over all steps.

    Raises if it fails.
    """
    limit_arenas()
    result = pipeline.run()
    result.wait_until_finish()
    found = result.metrics().query()["counters"]
    trim_allocator()
    counters = Counter[str]()
    for counter in found:
        metric = counter.key.metric
        # Prism also reports counters of Beam itself.
        if metric.namespace != "beam":
            counters[f"{metric.namespace}.{metric.name}"] += counter.committed or 0
    return counters


def only_polling(
    is_polling: bool, options: RunOptions, reporter: Reporter
) -> AbstractContextManager[None]:
    """Return a context in which no other run asks publishers for the lake, if this one does.

    A run waits for the other no longer than until its own deadline.
    """
    if not is_polling:
        return nullcontext()
    wait_s, deadline = WAIT_S, options.web.deadline
    if deadline is not None:
        wait_s = min(wait_s, max(0.0, deadline - time.time()))
    lease = open_lease(options.lake, note_of(options.run_id))
    return only_run(lease, wait_s=wait_s, skip=options.skip_if_running, waiting=reporter.waiting)


@contextmanager
def _failure_recorded(run: Run, counters: Counter[str]) -> Iterator[None]:
    """Record that the run failed if the block raises."""
    try:
        yield
    except (Exception, KeyboardInterrupt):
        # The cause of the failure, such as a full disk, may also prevent this commit. The first
        # error is the useful one.
        with suppress(NewsbeamError, OSError):
            _merge(run, _last_batch(run, counters, _seconds(run), failed=True))
        raise


def close(run: Run, counters: Counter[str], finished: str | None = None) -> RunSummary:
    """Write the run's last row with its counters and status, and return its result.

    `finished` is the key of the checkpoint that is no longer needed and is removed.
    """
    seconds = _seconds(run)
    row = _merge(run, _last_batch(run, counters, seconds, finished=finished))
    metrics = {m["name"]: m["value"] for m in row["metrics"]}
    return RunSummary(
        run_id=run.context.run_id,
        status=row["status"],
        feeds=row["feeds"] - counters["feeds.skipped"],
        feeds_left=counters["feeds.skipped"],
        pages_left=counters["fetch.owed"] + counters["pages.owed"],
        articles_new=row["articles_new"],
        events_new=row["events_new"],
        rejects={
            name.removeprefix(REJECT_METRIC): count
            for name, count in metrics.items()
            if name.startswith(REJECT_METRIC)
        },
        seconds=seconds,
        counters={n: count for n, count in metrics.items() if not n.startswith(REJECT_METRIC)},
        reject_samples=run.lake.reject_samples(run.context.run_id, run.context.now.date()),
        feeds_by_health=count_by_health(run.lake.feed_states().values()),
    )


def _merge(run: Run, batch: Batch) -> Row:
    return Lake(open_store(run.options.lake)).merge(batch)


def _last_batch(
    run: Run,
    counters: Counter[str],
    seconds: float,
    *,
    failed: bool = False,
    finished: str | None = None,
) -> Batch:
    return Batch(
        run=run.context,
        metrics=tuple(counters.items()),
        ended_at=run.context.now + timedelta(seconds=seconds),
        done=finished,
        run_state="failed" if failed else "done",
    )


def _seconds(run: Run) -> float:
    return round(time.time() - run.options.started, 1)
