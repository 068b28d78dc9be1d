"""The whole graph against a site that misbehaves as real ones do.

Killed, repeated, and with any workers.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest

from pipelines.jobs.ingest import IngestPlan
from pipelines.jobs.run_options import RunOptions
from pipelines.jobs.runner import RunSummary, run_job
from tests.helpers import web_site as web
from tests.helpers.lakes import NETWORK, NOW, hashes, rows
from tests.helpers.newspapers import FEEDS, LEDE, REST, page, routes
from transforms.core.feeds.lists import read_feed_lists
from transforms.core.lake.schema.tables import TABLES
from transforms.lake_views import connect
from transforms.pool import PoolOptions
from transforms.web import WebOptions

pytestmark = pytest.mark.slow


def run(
    site: web.Site, lake: Path, *, run_id: str = "r1", now: datetime = NOW, workers: int = 2
) -> RunSummary:
    options = RunOptions(
        lake=str(lake),
        now=now,
        run_id=run_id,
        web=WebOptions(connect_to=site.address, spacing_s=0, timeout_s=3),
        pool=PoolOptions(size=workers),
    )
    return run_job(IngestPlan.of_list(read_feed_lists(FEEDS)), options)


@pytest.fixture(scope="module")
def site() -> Iterator[web.Site]:
    with web.serve(routes()) as site:
        yield site


@pytest.fixture(scope="module")
def lake(site: web.Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lake after one run; tests must not write to it."""
    path = tmp_path_factory.mktemp("lake")
    run(site, path)
    return path


def test_articles_are_clean_and_copies_are_marked(lake: Path) -> None:
    found = {r["canonical_url"]: r for r in rows(lake, "articles")}
    assert set(found) == {"http://post.test/harbour", "http://herald.test/a"}
    assert {r["body"] for r in found.values()} == {"\n\n".join([LEDE, *REST])}
    assert {r["published_at"] for r in found.values()} == {datetime(2024, 5, 6, 8, tzinfo=UTC)}
    assert sorted(r["duplicate_kind"] or "" for r in found.values()) == ["", "exact"]
    assert [s["article_count"] for s in rows(lake, "stories")] == [2]


def test_events_have_evidence_that_the_article_contains(lake: Path) -> None:
    bodies = {r["article_id"]: r for r in rows(lake, "articles")}
    mentions = rows(lake, "event_mentions")
    assert {"CONSULT", "ACCUSE"} <= {m["type"] for m in mentions}
    for m in mentions:
        text = bodies[m["article_id"]][m["evidence_field"]]
        assert text[m["evidence_start"] : m["evidence_end"]] == m["evidence"]
        assert text[m["trigger_start"] : m["trigger_end"]] == m["trigger"]
    assert len(rows(lake, "events")) * 2 == len(mentions)


def test_a_failure_is_a_reject_row_with_its_reason_and_the_other_rows_are_complete(
    lake: Path,
) -> None:
    found = {(r["url"], r["reason"]): r["retryable"] for r in rows(lake, "rejects")}
    reasons = {url: (reason, retry) for (url, reason), retry in found.items()}
    assert reasons["http://broken.test/feed"][0] == "E_FEED_MALFORMED"
    assert reasons["http://gone.test/feed"] == ("E_FETCH_CONNECT", True)
    assert reasons["http://post.test/huge"] == ("E_FETCH_TOO_LARGE", False)
    assert reasons["http://post.test/endless"] == ("E_FETCH_TIMEOUT", True)
    assert reasons["http://herald.test/missing"] == ("E_FETCH_HTTP_404", False)
    assert reasons["http://herald.test/nothing"] == ("E_EXTRACT_EMPTY", False)
    statuses = {r["url"]: r["status"] for r in rows(lake, "fetches")}
    assert statuses["http://post.test/huge"] == "too_large"
    assert [r["status"] for r in rows(lake, "runs")] == ["partial"]


def test_what_can_be_tried_again_is_pending_in_its_feed(lake: Path) -> None:
    pending = {r["feed_url"]: [p["url"] for p in r["pending"]] for r in rows(lake, "feeds")}
    assert pending.pop("http://post.test/feed") == ["http://post.test/endless"]
    assert set(map(tuple, pending.values())) == {()}


def test_a_page_that_failed_is_fetched_by_a_later_run_although_its_feed_has_not_changed(
    tmp_path: Path,
) -> None:
    with web.serve(routes()) as site:
        run(site, tmp_path)
        site.routes["post.test/endless"] = page("It ended", *REST)
        run(site, tmp_path, run_id="r2", now=NOW + timedelta(hours=3))
    found = {r["canonical_url"]: r for r in rows(tmp_path, "articles")}
    late = found["http://post.test/endless"]
    assert (late["first_seen_at"], late["seen_at"]) == (NOW, NOW + timedelta(hours=3))
    assert all(not r["pending"] for r in rows(tmp_path, "feeds"))


def test_a_second_run_over_unchanged_feeds_changes_only_tables_about_runs(
    site: web.Site, lake: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "lake"
    subprocess.run(["cp", "-r", lake, copy], check=True)
    before = hashes(copy, NETWORK | {"rejects"})
    done = run(site, copy, run_id="r2", now=NOW + timedelta(hours=3))
    assert done.articles_new == 0
    assert hashes(copy, NETWORK | {"rejects"}) == before


@pytest.mark.parametrize("workers", [0, 1, 4])
def test_fault_03_the_lake_does_not_depend_on_the_number_of_workers(
    site: web.Site, lake: Path, tmp_path: Path, workers: int
) -> None:
    run(site, tmp_path, workers=workers)
    assert hashes(tmp_path, NETWORK) == hashes(lake, NETWORK)


def started(site: web.Site, lake: Path) -> "subprocess.Popen[bytes]":
    lists = [w for url in FEEDS[:2] for w in ("--feeds", url)]
    options = [
        "--connect-to",
        site.address,
        "--spacing",
        "0",
        "--now",
        NOW.isoformat(),
        "--run-id",
        "r1",
    ]
    command = [
        sys.executable,
        "-m",
        "pipelines.cli",
        "ingest",
        *lists,
        "--lake",
        str(lake),
        *options,
    ]
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def wait_for(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not happened() and time.monotonic() < end:
        time.sleep(0.01)
    assert happened()


def test_fault_01_killed_at_three_moments_and_run_again_it_ends_in_the_same_lake(
    tmp_path: Path,
) -> None:
    sound = {k: v for k, v in routes().items() if "huge" not in k and "endless" not in k}
    with web.serve(sound) as site:
        assert started(site, tmp_path / "whole").wait() == 3
        expected = hashes(tmp_path / "whole", NETWORK)
        moments: dict[str, Callable[[Path], bool]] = {
            "polling": lambda root: bool(site.requests_for("/feed")),
            "fetching": lambda root: bool(site.requests_for("/harbour")),
            "writing": lambda root: (
                any((root / "_staging").glob("*/*.parquet")) or any(root.glob("_meta/commits/*"))
            ),
        }
        for name, moment in moments.items():
            root = tmp_path / name
            site.seen.clear()
            process = started(site, root)
            wait_for(lambda root=root, moment=moment: moment(root))  # type: ignore[misc]
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            assert started(site, root).wait() in {0, 3}
            assert hashes(root, NETWORK) == expected, name


def test_duckdb_polars_and_pandas_read_every_table(lake: Path) -> None:
    for name, table in TABLES.items():
        count = len(rows(lake, name))
        query = f"SELECT * FROM read_parquet('{lake}/{name}/*/*.parquet', hive_partitioning = true)"  # noqa: S608
        assert len(duckdb.execute(query).fetchall()) == count
        polar = pl.read_parquet(f"{lake}/{name}/**/*.parquet", hive_partitioning=True)
        assert polar.height == count
        assert polar.columns[: len(table.schema)] == table.schema.names
        frame = pd.read_parquet(lake / name)
        assert list(frame.columns[: len(table.schema)]) == table.schema.names
        assert len(frame) == count
    assert str(pl.read_parquet(f"{lake}/articles/**/*.parquet").schema["published_date"]) == "Date"


def test_every_table_is_a_view(lake: Path) -> None:
    with connect(str(lake)) as views:
        for name, table in TABLES.items():
            found: list[Any] = [
                d[0]
                for d in views.execute(f"SELECT * FROM {name}").description or []  # noqa: S608
            ]
            assert found[: len(table.schema)] == table.schema.names
