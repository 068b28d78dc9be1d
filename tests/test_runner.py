"""The runner of all jobs: its guards, attended and unattended, and the last row of a run that failed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import apache_beam as beam
import pytest

from pipelines.cli.commands import OptionValues
from pipelines.cli.template import GRAPHS
from pipelines.jobs.backfill import BackfillPlan
from pipelines.jobs.ingest import IngestPlan
from pipelines.jobs.plan import Contents, Plan, PlannedBatch, Reporter, Run
from pipelines.jobs.rebuild import RebuildPlan
from pipelines.jobs.replay import ReplayPlan
from pipelines.jobs.revisit import RevisitPlan
from pipelines.jobs.run_options import RunOptions
from pipelines.jobs.runner import run_job
from pipelines.jobs.unattended import unattended_pipeline
from tests.helpers.lakes import article, coded, rows
from transforms.core.feeds.lists import read_feed_lists
from transforms.core.lake.checks.row_checks import allowed_values
from transforms.core.lake.schema.tables import RUNS
from transforms.errors import ConfigError
from transforms.pool import PoolOptions
from transforms.records import CodedArticle, Cursor

pytestmark = pytest.mark.slow

NOW = datetime(2024, 5, 6, 12, tzinfo=UTC)


class BrokenError(Exception):
    """Something that no stage foresees."""


@dataclass(frozen=True, kw_only=True)
class ArticlesPlan(Plan):
    """A batch for each article; the one numbered `broken` raises."""

    count: int = 2
    broken: int | None = None

    kind = "backfill"

    @property
    def config(self) -> object:
        return self.count

    def batches(self, run: Run, cursor: Cursor | None) -> Iterator[PlannedBatch]:
        for number in range(self.count):
            if number == self.broken:
                raise BrokenError
            made = coded(article(f"http://a.test/{number}"))
            yield PlannedBatch(label=str(number), build=partial(_contents, made=made))


def _contents(pipeline: beam.Pipeline, made: CodedArticle) -> Contents:
    return (pipeline | beam.Create([made]),)


def options(lake: Path, run_id: str = "r1", now: datetime = NOW) -> RunOptions:
    return RunOptions(lake=str(lake), now=now, run_id=run_id, pool=PoolOptions(size=0))


def test_a_run_that_failed_is_recorded_as_failed_and_keeps_its_commits(tmp_path: Path) -> None:
    with pytest.raises(BrokenError):
        run_job(ArticlesPlan(broken=1), options(tmp_path))
    (run,) = rows(tmp_path, "runs")
    assert (run["status"], run["articles_new"]) == ("failed", 1)
    assert run["ended_at"] is not None
    summary = run_job(ArticlesPlan(), options(tmp_path))
    assert (summary.status, summary.articles_new) == ("ok", 2)
    assert [r["status"] for r in rows(tmp_path, "runs")] == ["ok"]


def test_a_run_id_of_another_day_is_refused_attended_and_unattended(tmp_path: Path) -> None:
    run_job(ArticlesPlan(), options(tmp_path))
    later = options(tmp_path, now=NOW + timedelta(days=1))
    with pytest.raises(ConfigError, match="is the id of a run of 2024-05-06"):
        run_job(ArticlesPlan(), later)
    values = OptionValues({"feeds": ["https://a.test/rss"]})
    for task in ("ingest", "revisit"):
        with pytest.raises(ConfigError, match="is the id of a run of 2024-05-06"):
            GRAPHS[task](values, later)
    assert GRAPHS["ingest"](values, replace(later, run_id="r2")) is not None


def test_entries_that_lead_to_no_feed_are_reported_attended_and_unattended(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    feeds = tmp_path / "feeds.txt"
    feeds.write_text("https://a.test/rss\nnot a link\n")
    heard: list[str] = []

    class Listen(Reporter):
        def skipped_inputs(self, lines: Sequence[str]) -> None:
            heard.extend(lines)

    plan = IngestPlan.of_list(read_feed_lists([str(feeds)]), batch_feeds=10, revisit=False)
    unattended_pipeline(plan, options(tmp_path / "lake"), Listen())
    assert len(heard) == 1
    GRAPHS["ingest"](OptionValues({"feeds": [str(feeds)]}), options(tmp_path / "lake"))
    assert "not a link" in capfd.readouterr().err


def test_an_unattended_job_has_one_batch(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="more than one batch"):
        unattended_pipeline(ArticlesPlan(count=2), options(tmp_path))
    unattended_pipeline(ArticlesPlan(count=1), options(tmp_path)).run().wait_until_finish()
    unattended_pipeline(ArticlesPlan(count=0), options(tmp_path, "r0")).run().wait_until_finish()
    found = {r["run_id"]: (r["status"], r["articles_new"]) for r in rows(tmp_path, "runs")}
    assert found == {"r1": ("ok", 1), "r0": ("ok", 0)}


def test_check_allows_the_kinds_of_all_plans() -> None:
    plans = (IngestPlan, RevisitPlan, BackfillPlan, RebuildPlan, ReplayPlan)
    assert {plan.kind for plan in plans} | {"stream"} == set(allowed_values(RUNS)["kind"])
