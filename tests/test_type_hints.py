"""Beam takes the type hints of all transforms without a complaint, and checks those it
understands."""

from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.typehints.decorators import TypeCheckError

from pipelines.jobs.backfill import BackfillPlan
from pipelines.jobs.batches import ArchiveBatch
from pipelines.jobs.ingest import feed_contents
from pipelines.jobs.run_options import RunOptions
from tests.helpers.lakes import NOW, make_lake, state
from transforms.extract import ExtractArticles
from transforms.pool import PoolOptions
from transforms.records import Cursor

COMPLAINT = "type hint will be ignored"


@pytest.fixture
def options(tmp_path: Path) -> RunOptions:
    make_lake(tmp_path)
    pool = PoolOptions(size=0)
    return RunOptions(lake=str(tmp_path), now=NOW, run_id="r1", pool=pool, keep_raw=True)


def test_the_graph_of_an_ingest_is_built_without_a_complaint(
    options: RunOptions, caplog: pytest.LogCaptureFixture
) -> None:
    feed_contents(beam.Pipeline(), [state("http://a.test/feed")], options)
    assert COMPLAINT not in caplog.text


def test_the_graph_of_a_backfill_is_built_without_a_complaint(
    options: RunOptions, caplog: pytest.LogCaptureFixture
) -> None:
    cursor = Cursor(key="k", run_id="r1", now=NOW, source=0, place=(0, 0), pages=0, read_bytes=0)
    batch = ArchiveBatch(cursor=cursor)
    BackfillPlan(sources=()).contents(beam.Pipeline(), batch=batch, options=options)
    assert COMPLAINT not in caplog.text


def test_an_input_of_another_type_is_refused_when_the_graph_is_built() -> None:
    numbers = beam.Pipeline() | beam.Create([1])
    with pytest.raises(TypeCheckError):
        numbers | ExtractArticles(PoolOptions(size=0))
