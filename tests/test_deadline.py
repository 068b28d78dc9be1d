"""The time of a run bounds all its work; what is not done then is owed, and no reject."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner
from apache_beam.testing.util import assert_that, equal_to

from pipelines.cli.run_plan import deadlines
from pipelines.jobs.ingest import IngestPlan
from pipelines.jobs.run_options import RunOptions
from pipelines.jobs.runner import RunSummary, run_job
from tests.helpers import web_site as web
from tests.helpers.lakes import NOW, rows
from tests.helpers.newspapers import LEDE, REST, feed, page
from transforms.core.feeds.lists import read_feed_lists
from transforms.errors import ExtractError, NewsbeamError
from transforms.pool import PooledDoFn, PoolOptions
from transforms.web import WebOptions

pytestmark = pytest.mark.slow

PAGES = 12


def wait(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def refuse(item: float, error: NewsbeamError) -> tuple[float, str]:
    return item, error.reason


@pytest.mark.parametrize(
    ("after_s", "owes", "done", "owed"),
    [
        (20.0, True, [0.0, 0.01], [600.0]),
        (0.0, True, [], [0.0, 0.01, 600.0]),
        (0.0, False, [0.0, 0.01], []),
    ],
    ids=["a piece of work that hangs", "passed before", "a stage that owes nothing"],
)
def test_work_that_is_not_done_at_the_deadline_is_owed(
    after_s: float, owes: bool, done: list[float], owed: list[float]
) -> None:
    start = time.monotonic()
    items = [*done, *owed] if owes else done
    options = PoolOptions(size=2, timeout_s=900, deadline=time.time() + after_s)
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        pooled: Any = PooledDoFn(wait, refuse, ExtractError, options, owes=owes)
        out = (
            pipeline
            | beam.Create(items, reshuffle=False)
            | beam.ParDo(pooled).with_outputs("rejects", "owed", main="good")
        )
        assert_that(out.good, equal_to(done), label="good")
        assert_that(out.owed, equal_to(owed), label="owed")
        assert_that(out.rejects, equal_to([]), label="rejects")
    assert time.monotonic() - start < 300


@pytest.fixture
def site() -> Iterator[web.Site]:
    links = [f"http://post.test/{n}" for n in range(PAGES)]
    # Half a second to code.
    body = [f"On day {day}, {LEDE} {' '.join(REST)}" for day in range(40)]
    routes = {f"post.test/{n}": page(f"Talks {n}", f"Talks {n}", *body) for n in range(PAGES)}
    routes |= {"post.test/feed": feed(*links), "/robots.txt": web.status(404)}
    with web.serve(routes) as found:
        yield found


def run(site: web.Site, lake: Path, run_id: str, hours: int, pool: PoolOptions) -> RunSummary:
    options = RunOptions(
        lake=str(lake),
        now=NOW + timedelta(hours=hours),
        run_id=run_id,
        web=WebOptions(connect_to=site.address, spacing_s=0),
        pool=pool,
    )
    plan = IngestPlan.of_list(read_feed_lists(["http://post.test/feed"]), revisit=False)
    return run_job(plan, options)


@pytest.mark.parametrize("after_s", [-1.0, 15.0], ids=["before reading", "while coding"])
def test_what_a_run_owes_is_done_by_the_next(
    site: web.Site, tmp_path: Path, after_s: float
) -> None:
    pool = PoolOptions(size=1)
    cut_off = replace(pool, deadline=time.time() + after_s)
    first = run(site, tmp_path / "lake", "r1", 0, cut_off)
    assert first.rejects == {}
    assert first.articles_new + first.pages_left == PAGES
    if after_s < 0:
        assert first.pages_left == PAGES
    assert rows(tmp_path / "lake", "rejects") == []
    second = run(site, tmp_path / "lake", "r2", 3, pool)
    assert (second.pages_left, second.rejects) == (0, {})
    assert first.articles_new + second.articles_new == PAGES

    run(site, tmp_path / "whole", "r1", 0, pool)
    for table, key in (("articles", "article_id"), ("event_mentions", "mention_id")):
        found, whole = (
            {row[key] for row in rows(tmp_path / lake, table)} for lake in ("lake", "whole")
        )
        assert found == whole
        assert found


def test_a_run_keeps_time_for_reading_and_for_the_merge() -> None:
    requests, work = deadlines(1000.0, 600.0)
    assert 1000 < requests < work < 1600
    assert deadlines(1000.0, 0.0) == (1000.0, 1000.0)
