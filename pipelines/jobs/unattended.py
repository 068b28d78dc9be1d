"""A plan as the graph of an unattended job, which is submitted and not waited for.

The launcher of a Dataflow flex template starts one job and exits. So the plan must have a single
batch, and a step after the merge writes the last row of the run. That row lacks Beam's counters,
which only a process that waits for the job can read.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice

import apache_beam as beam
from apache_beam.pvalue import PCollection

from pipelines.jobs.plan import Plan, PlannedBatch, Reporter, Run
from pipelines.jobs.requirements import require_coder
from pipelines.jobs.run_options import RunOptions
from pipelines.jobs.runner import add_batch, begin
from transforms.errors import ConfigError
from transforms.lake import open_lake
from transforms.records import Batch, RunContext
from transforms.run_lease import end_job, only_job
from transforms.ticks import STREAM_LEASE_S

_JOB_S = 4 * 3600.0
"""Seconds for which a job of one commit has the lease of a lake's runs, unless it ends before. A
judgement: longer than such a job takes, against how long one that was cancelled blocks others."""


def unattended_pipeline(
    plan: Plan, options: RunOptions, reporter: Reporter | None = None
) -> beam.Pipeline:
    """Return the pipeline of a plan, not started; the checks are those of an attended run.

    Raises ConfigError if the plan has more than one batch, and whatever `runner.begin` raises.
    """
    run, cursor = begin(plan, options, reporter or Reporter())
    batches = list(islice(plan.batches(run, cursor), 2))
    if len(batches) > 1:
        raise ConfigError(
            f"this {plan.kind} run has more than one batch, and an unattended job has one graph"
        )
    pipeline = run.options.pipeline()
    merged = _merged(pipeline, batches, run)
    merged | "Close" >> beam.Map(
        _close, lake=options.lake, context=run.context, started=options.started
    )
    return pipeline


def _merged(pipeline: beam.Pipeline, batches: Sequence[PlannedBatch], run: Run) -> PCollection[str]:
    """Return the run's id once its batch is merged; immediately if there is no batch."""
    if not batches:
        nothing: PCollection[str] = pipeline | "Nothing to do" >> beam.Create([run.context.run_id])
        return nothing
    return add_batch(pipeline, batches[0], run)


def _close(_: str, *, lake: str, context: RunContext, started: float) -> None:
    ended_at = context.now + timedelta(seconds=time.time() - started)
    open_lake(lake).merge(Batch(run=context, ended_at=ended_at))
    end_job(lake, context.run_id)


@contextmanager
def only_submission(options: RunOptions, reporter: Reporter) -> Iterator[None]:
    """Hold the lease of a lake's runs while a job is built and submitted; it is left to the job.

    What the machine and the engine lack is told before.
    """
    require_coder()
    options.pipeline()
    open_lake(options.lake)
    lease = only_job(
        options.lake,
        options.run_id,
        STREAM_LEASE_S if options.window_s else _JOB_S,
        skip=options.skip_if_running,
        waiting=reporter.waiting,
    )
    with lease:
        yield
