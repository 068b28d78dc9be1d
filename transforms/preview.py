"""Report what a merge would change, without changing the lake."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import PCollection

from transforms.core.lake.batch import fill_batch
from transforms.lake_to_read import queries_on
from transforms.outcome import Stage
from transforms.records import Batch, RunContext


@dataclass
class PreviewMerge(Stage[tuple[PCollection[Any], ...], PCollection[str]]):
    """Append what the records would change to a local file, as one JSON line per article or reject.

    Yields the file's path.
    """

    lake: str
    run: RunContext
    path: str

    def expand(self, records: tuple[PCollection[Any], ...]) -> PCollection[str]:
        """Collect all records in one worker, as the merge does."""
        pipeline = records[0].pipeline
        joined = records | "Join" >> beam.Flatten(pipeline=pipeline)
        start = pipeline | "Start" >> beam.Create([None])
        previewed: PCollection[str] = start | "Compare" >> beam.Map(
            _preview, beam.pvalue.AsIter(joined), lake=self.lake, run=self.run, path=self.path
        ).with_output_types(str)
        return previewed


def _preview(_: None, records: Iterable[Any], *, lake: str, run: RunContext, path: str) -> str:
    batch = fill_batch(Batch(run=run), records)
    changes = queries_on(lake).preview(batch)
    with Path(path).open("a", encoding="utf8") as file:
        for reject in batch.rejects:
            file.write(json.dumps({"rejected": reject.reason}) + "\n")
        for change in changes:
            file.write(json.dumps(asdict(change), default=str, ensure_ascii=False) + "\n")
    return path
