"""A plan as the one graph of an unattended job: an engine is given it, and nobody waits for its
end.

A flex template of Dataflow starts one job and leaves. So the plan may have one batch only, and the
last row of the run is written by a step after the merge. Beam's counters are missing from that row:
they can only be read by who waits.
"""

import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import islice

import apache_beam as beam
from apache_beam.pvalue import PCollection

from pipelines.jobs.plan import Plan, PlannedBatch, Reporter, Run
from pipelines.jobs.run_options import RunOptions
from pipelines.jobs.runner import add_batch, begin
from transforms.errors import ConfigError
from transforms.lake import open_lake
from transforms.records import Batch, RunContext


def unattended_pipeline(
    plan: Plan, options: RunOptions, reporter: Reporter | None = None
) -> beam.Pipeline:
    """Return the pipeline of a plan, with the same guards as an attended run; it is not started.

    Raises ConfigError where the plan has more than one batch, and whatever `runner.begin` refuses.
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
    """Return the run's id once its batch is merged; at once where there is nothing to do."""
    if not batches:
        nothing: PCollection[str] = pipeline | "Nothing to do" >> beam.Create([run.context.run_id])
        return nothing
    return add_batch(pipeline, batches[0], run)


def _close(_: str, *, lake: str, context: RunContext, started: float) -> None:
    ended_at = context.now + timedelta(seconds=time.time() - started)
    open_lake(lake).merge(Batch(run=context, ended_at=ended_at))
