"""The stream's graph: ticks, windows and what is taken once.

Here its ticks are given; tests/engines has an engine's.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.direct.direct_runner import BundleBasedDirectRunner
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner
from apache_beam.testing.test_pipeline import TestPipeline
from apache_beam.testing.test_stream import TestStream
from apache_beam.transforms.window import TimestampedValue
from apache_beam.utils.timestamp import Timestamp

from pipelines.cli.app import run as command
from pipelines.jobs.run_options import RunOptions
from pipelines.jobs.stream import StreamPlan, build_stream, follow, in_windows
from pipelines.terminal import USAGE
from tests.helpers import web_site as web
from tests.helpers.lakes import article, coded, make_batch, make_lake, rows, run_of, state
from tests.helpers.newspapers import LEDE, REST, feed, page
from transforms.clock import RunClock
from transforms.core.feeds.lists import read_feed_lists
from transforms.core.urls import url_key
from transforms.core.windows import is_stale, window_of
from transforms.pool import PoolOptions
from transforms.records import PendingPage
from transforms.stream import MergeWindows
from transforms.web import WebOptions

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
FEED = "http://post.test/feed"
DAY_S = 86_400.0


@pytest.fixture
def site() -> Iterator[web.Site]:
    routes = {
        "post.test/feed": feed("http://post.test/talks"),
        "post.test/talks": page("Talks on the harbour", LEDE, *REST),
        "/robots.txt": web.status(404),
    }
    with web.serve(routes) as found:
        yield found


def options(site: web.Site, lake: Path, **fields: Any) -> RunOptions:
    make_lake(lake)
    net = WebOptions(connect_to=site.address, spacing_s=0, timeout_s=5)
    values: dict[str, Any] = {
        "now": NOW,
        "run_id": "s",
        "web": net,
        "pool": PoolOptions(size=0),
        "window_s": 3600,
    }
    return RunOptions(lake=str(lake), **values | fields)


def tick(
    site: web.Site, lake: Path, ticks: Sequence[datetime], *, revisit: bool = True, **fields: Any
) -> None:
    """Run the graph over ticks, all given at once; a tick is stale only after a day here."""
    sources = read_feed_lists((FEED,)).feeds
    with TestPipeline(runner=FnApiRunner()) as pipeline:
        given = pipeline | beam.Create([at.timestamp() for at in ticks], reshuffle=False)
        timed = given | "Time" >> beam.Map(lambda at: TimestampedValue(at, at))
        plan = StreamPlan(feeds=sources, every_s=DAY_S, revisit=revisit)
        follow(timed, plan, options(site, lake, **fields))


def test_each_window_is_a_run_and_a_feed_is_polled_when_it_is_due(
    site: web.Site, tmp_path: Path
) -> None:
    site.routes["post.test/feed"] = web.in_turn(
        feed("http://post.test/talks"), feed("http://post.test/talks", "http://post.test/more")
    )
    site.routes["post.test/more"] = page("More of the talks", *REST)
    ticks = [NOW - 5 * HOUR, NOW - 4.9 * HOUR, NOW - 2 * HOUR, NOW - 1.9 * HOUR]
    tick(site, tmp_path, ticks)
    articles = {r["url"]: r["first_seen_at"] for r in rows(tmp_path, "articles")}
    assert articles == {"http://post.test/talks": ticks[0], "http://post.test/more": ticks[2]}
    first, second = (window_of("s", 3600, ticks[n]).run_id for n in (0, 2))
    runs = {
        r["run_id"]: (r["kind"], r["status"], r["feeds"], r["articles_new"])
        for r in rows(tmp_path, "runs")
    }
    assert runs == {first: ("stream", "ok", 1, 1), second: ("stream", "ok", 1, 1)}
    assert {r["run_id"] for r in rows(tmp_path, "fetches")} == {first, second}
    assert len(site.requests_for("/feed")) == 2
    assert [len(site.requests_for(name)) for name in ("/talks", "/more")] == [1, 1]


def test_a_stream_goes_on_where_the_lake_is(site: web.Site, tmp_path: Path) -> None:
    tick(site, tmp_path, [NOW - 2 * HOUR])
    tick(site, tmp_path, [NOW - HOUR], run_id="later")
    assert len(site.requests_for("/talks")) == 1
    assert [r["articles_new"] for r in rows(tmp_path, "runs")] == [1, 0]


def test_a_pending_page_is_dequeued_once(site: web.Site, tmp_path: Path) -> None:
    site.routes["post.test/late"] = web.status(503)
    known = state(FEED, last_fetch_at=NOW - HOUR, next_due_at=NOW + HOUR, snapshot_at=NOW - HOUR)
    queued = PendingPage(
        feed_id=url_key(FEED), url="http://post.test/late", attempt=1, not_before=NOW - HOUR
    )
    make_lake(tmp_path).merge(
        make_batch(states=(known,), queued=(queued,), run=run_of("r0", NOW - HOUR))
    )
    tick(site, tmp_path, [NOW - timedelta(minutes=n) for n in (9, 6, 3)])
    assert len(site.requests_for("/late")) == 1
    (left,) = rows(tmp_path, "feeds")
    assert [(p["url"], p["attempt"]) for p in left["pending"]] == [("http://post.test/late", 2)]


def test_articles_are_revisited(site: web.Site, tmp_path: Path) -> None:
    published = (NOW - 9 * HOUR).isoformat()
    site.routes["post.test/talks"] = page("Talks on the harbour", LEDE, *REST, published=published)
    tick(site, tmp_path, [NOW - 8 * HOUR])
    site.routes["post.test/talks"] = page(
        "Talks on the harbour end", LEDE, *REST, published=published
    )
    tick(site, tmp_path, [NOW - HOUR, NOW - timedelta(minutes=30)], run_id="later")
    (found,) = rows(tmp_path, "articles")
    assert (found["version"], found["title"]) == (2, "Talks on the harbour end")
    tick(site, tmp_path, [NOW - timedelta(minutes=1)], run_id="last", revisit=False)
    assert len(site.requests_for("/talks")) == 2


def test_pages_are_kept_by_window(site: web.Site, tmp_path: Path) -> None:
    tick(site, tmp_path, [NOW - HOUR], keep_raw=True)
    (found,) = rows(tmp_path, "articles")
    assert (tmp_path / found["raw_uri"].partition("#")[0]).exists()
    assert not [p for p in (tmp_path / "_raw" / "_parts").rglob("*") if p.is_file()]


def test_ticks_that_come_too_late_are_passed_over(site: web.Site, tmp_path: Path) -> None:
    tick(site, tmp_path, [NOW - timedelta(days=2)])
    assert not site.seen
    assert is_stale(NOW, 5, NOW + timedelta(seconds=61))
    assert not is_stale(NOW, 300, NOW + timedelta(seconds=299))


def test_the_clock_ticks_until_it_is_stopped(site: web.Site, tmp_path: Path) -> None:
    start = datetime.now(UTC)
    own = options(site, tmp_path, now=start, window_s=1)
    pipeline = beam.Pipeline(runner=FnApiRunner(), options=PipelineOptions(streaming=True))
    until = start + timedelta(seconds=3)
    plan = StreamPlan(feeds=read_feed_lists((FEED,)).feeds, every_s=1, until=until)
    build_stream(pipeline, plan, own)
    pipeline.run().wait_until_finish()
    (found,) = rows(tmp_path, "articles")
    assert start <= found["first_seen_at"] < until
    assert len(site.requests_for("/talks")) == 1


def test_elements_later_than_their_window_are_merged(tmp_path: Path) -> None:
    make_lake(tmp_path)
    start = Timestamp.of(NOW.timestamp())
    first, late = (
        coded(article(f"http://a.test/{n}", published_at=NOW - n * 24 * HOUR)) for n in (1, 2)
    )
    stream = TestStream().advance_watermark_to(start).add_elements([TimestampedValue(first, start)])
    stream = stream.advance_watermark_to(start + 7200).add_elements(
        [TimestampedValue(late, start + 1)]
    )
    with beam.Pipeline(
        runner=BundleBasedDirectRunner(), options=PipelineOptions(streaming=True)
    ) as pipeline:
        arrived = pipeline | stream.advance_watermark_to_infinity() | in_windows(3600)
        (arrived,) | MergeWindows(str(tmp_path), run_of("s", NOW), RunClock("s", NOW, 3600))
    days = {r["url"]: r["published_at"] for r in rows(tmp_path, "articles")}
    assert days == {"http://a.test/1": NOW - 24 * HOUR, "http://a.test/2": NOW - 48 * HOUR}
    assert [(r["run_id"], r["articles_new"]) for r in rows(tmp_path, "runs")] == [
        (window_of("s", 3600, NOW).run_id, 2)
    ]


def test_a_window_is_named_by_its_start() -> None:
    window = window_of("s", 300, datetime(2024, 5, 6, 12, 4, 59, tzinfo=UTC))
    assert window.run_id == "s-20240506T120000Z"
    assert window.end - window.start == timedelta(minutes=5)


def test_a_stream_on_the_local_runner_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(["stream", "--feeds", FEED, "--lake", str(tmp_path / "lake")]) == USAGE
    assert "--runner PrismRunner" in capsys.readouterr().err.replace("\n", " ")
    assert not (tmp_path / "lake").exists()


def test_missing_prism_is_reported_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["stream", "--feeds", FEED, "--lake", str(tmp_path), "--runner", "PrismRunner"]
    assert command([*given, "--prism_location", str(tmp_path / "prism")]) == USAGE
    assert "go install" in capsys.readouterr().err
