"""Open a lake, and merge the records of a batch into it."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import PCollection

from transforms.activity import Part, activity
from transforms.core.lake.batch import fill_batch
from transforms.core.lake.lake import Lake
from transforms.lake_to_read import named_errors
from transforms.outcome import Stage
from transforms.processes import check_not_ending
from transforms.records import Batch, Cursor, RunContext
from transforms.stores import open_store


def open_lake(address: str) -> Lake:
    """Return the lake at an address, created or recovered if that is needed."""
    lake = Lake(open_store(address))
    with named_errors(address):
        lake.prepare()
    return lake


@dataclass
class MergeIntoLake(Stage[tuple[PCollection[Any], ...], PCollection[str]]):
    """Merge collections of records into the lake in one commit; yields the run's id after it.

    Records may be of any type that `Batch` has a field for, in any of the collections.
    """

    lake: str
    run: RunContext
    started: float
    """When the run began, in seconds since the epoch, for its length."""
    cursor: Cursor | None = None
    """The position of a backfill after this batch."""

    def expand(self, records: tuple[PCollection[Any], ...]) -> PCollection[str]:
        """Pass all records to one function call, since a commit is one unit of work."""
        pipeline = records[0].pipeline
        joined = records | "Join" >> beam.Flatten(pipeline=pipeline)
        start = pipeline | "Start" >> beam.Create([None])
        merged: PCollection[str] = start | "Merge" >> beam.Map(
            _merge,
            beam.pvalue.AsIter(joined),
            lake=self.lake,
            empty=Batch(run=self.run, cursor=self.cursor),
            started=self.started,
        ).with_output_types(str)
        return merged


def _merge(_: None, records: Iterable[Any], *, lake: str, empty: Batch, started: float) -> str:
    batch = fill_batch(empty, records)
    check_not_ending()
    # An empty batch is one commit too.
    articles = max(1, len(batch.coded))
    activity.begin(Part.MERGING, articles)
    ended = empty.run.now + timedelta(seconds=time.time() - started)
    Lake(open_store(lake)).merge(replace(batch, ended_at=ended, run_state="running"))
    activity.finish(Part.MERGING, articles)
    return batch.run.run_id
