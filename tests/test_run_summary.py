"""What the end of a run says: which feeds failed, what was rejected and why, what comes next."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pipelines import cli
from tests.helpers import web_site as web
from tests.helpers.newspapers import LEDE, REST, feed, page
from transforms.lake_views import connect

pytestmark = pytest.mark.slow

AT_NOON = ["--now", "2024-05-06T12:00:00Z", "--run-id", "r1"]
AT_ONE_PAST = ["--now", "2024-05-06T12:01:00Z", "--run-id", "r2"]
FEEDS = ["http://post.test/feed", "http://dead.test/feed", "http://torn.test/feed"]


@pytest.fixture
def site() -> Iterator[web.Site]:
    routes = {
        "post.test/feed": feed("http://post.test/a", "http://post.test/gone"),
        "post.test/a": page("Talks", LEDE, *REST),
        "torn.test/feed": web.respond("<rss><channel><ti", kind="application/rss+xml"),
        "/robots.txt": web.status(404),
    }
    with web.serve(routes) as found:
        yield found


def newsbeam(command: str, site: web.Site, lake: Path, *more: str) -> int:
    shared = ["--lake", str(lake), "--connect-to", site.address, "--spacing", "0"]
    return cli.run([command, *shared, "--workers", "0", *more])


def ingest(site: web.Site, lake: Path, *more: str, feeds: list[str] = FEEDS) -> int:
    return newsbeam("ingest", site, lake, "--feeds", *feeds, *more)


def test_each_reason_has_a_sample_and_what_to_do(
    site: web.Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ingest(site, tmp_path, *AT_NOON) == 3
    out = capsys.readouterr().out
    assert "rejected 2 x E_FETCH_HTTP_404: the page is gone" in out
    assert "e.g. http://dead.test/feed answered 404\n" in out
    assert "rejected 1 x E_FEED_MALFORMED: not a feed" in out
    assert "e.g. http://torn.test/feed: " in out
    assert "feeds (2 failing) of the lake need attention: newsbeam feeds check" in out


def test_json_has_the_samples_beside_the_counts(
    site: web.Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ingest(site, tmp_path, "--json", *AT_NOON)
    done = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert done["rejects"] == {"E_FEED_MALFORMED": 1, "E_FETCH_HTTP_404": 2}
    first = done["reject_samples"][0]
    assert (first["reason"], first["count"]) == ("E_FETCH_HTTP_404", 2)
    assert (first["url"], first["stage"]) == ("http://dead.test/feed", "fetch")
    assert "404" in first["message"]
    assert first["what_to_do"].startswith("the page is gone")
    assert done["feeds_by_health"]["failing"] == 2


def test_a_run_without_rejects_shows_none(
    site: web.Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.routes["post.test/gone"] = page("Back", LEDE, *REST)
    assert ingest(site, tmp_path, *AT_NOON, feeds=FEEDS[:1]) == 0
    out = capsys.readouterr().out
    assert "rejected" not in out
    assert "attention" not in out


def test_mentions_and_events_are_told_apart(
    site: web.Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.routes["post.test/gone"] = page("Talks", f"{LEDE} Again.", *REST)
    ingest(site, tmp_path, *AT_NOON, feeds=FEEDS[:1])
    out = capsys.readouterr().out
    with connect(str(tmp_path)) as views:
        ((mentions, events),) = views.execute(
            "SELECT (SELECT count(*) FROM event_mentions), (SELECT count(*) FROM events)"
        ).fetchall()
    assert mentions > events > 0
    assert f"{mentions} event mentions coded, {events} new events" in out


def test_a_feed_that_never_succeeded_is_failing_at_once(
    site: web.Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "newsbeam.prom"
    ingest(site, tmp_path / "lake", "--metrics-file", str(target), *AT_NOON)
    capsys.readouterr()
    assert cli.run(["feeds", "check", "--lake", str(tmp_path / "lake"), "--json"]) == 4
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {row["feed_url"]: row["health"] for row in rows} == {
        "http://dead.test/feed": "failing",
        "http://torn.test/feed": "failing",
        "http://post.test/feed": "ok",
    }
    assert gauges(target)["newsbeam_feeds", "failing"] == 2
    assert gauges(target)["newsbeam_feeds", "gone"] == 0


def test_a_feed_that_has_succeeded_is_not_failing_after_one_outage(
    site: web.Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ingest(site, tmp_path, *AT_NOON, feeds=FEEDS[:1])
    site.routes["post.test/feed"] = web.status(503)
    ingest(site, tmp_path, "--poll-now", *AT_ONE_PAST, feeds=FEEDS[:1])
    capsys.readouterr()
    assert cli.run(["feeds", "check", "--lake", str(tmp_path)]) == 0


def gauges(target: Path) -> dict[tuple[Any, ...], float]:
    families = text_string_to_metric_families(target.read_text())
    return {(s.name, *s.labels.values()): s.value for f in families for s in f.samples}


def test_not_due_yet_says_when_and_poll_now_polls(
    site: web.Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ingest(site, tmp_path, *AT_NOON, feeds=FEEDS[:1])
    capsys.readouterr()
    polls = len(site.requests_for("/feed"))
    ingest(site, tmp_path, *AT_ONE_PAST, feeds=FEEDS[:1])
    assert "1 not due yet (the next at 2024-05-06 1" in capsys.readouterr().out
    assert len(site.requests_for("/feed")) == polls
    ingest(site, tmp_path, "--poll-now", *AT_ONE_PAST, feeds=FEEDS[:1])
    assert "1 feeds polled" in capsys.readouterr().out
    assert len(site.requests_for("/feed")) == polls + 1


def test_poll_now_keeps_a_pause_that_a_server_asked_for(site: web.Site, tmp_path: Path) -> None:
    site.routes["post.test/feed"] = web.status(429)
    ingest(site, tmp_path, *AT_NOON, feeds=FEEDS[:1])
    polls = len(site.requests_for("/feed"))
    ingest(site, tmp_path, "--poll-now", *AT_ONE_PAST, feeds=FEEDS[:1])
    assert len(site.requests_for("/feed")) == polls


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("E_FETCH_HTTP_40", "E_FETCH_HTTP_404"),
        ("E_FEED_MALFORMD", "E_FEED_MALFORMED"),
        ("e_extract_empty", "E_EXTRACT_EMPTY"),
        ("EXTRACT_EMPTY", "E_EXTRACT_EMPTY"),
        ("E_EVENTS_MODELS", "E_EVENTS_MODEL"),
    ],
)
def test_an_unknown_reason_is_a_usage_error_that_names_the_nearest(
    site: web.Site, tmp_path: Path, typed: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ingest(site, tmp_path, *AT_NOON)
    requests = len(site.seen)
    assert newsbeam("replay", site, tmp_path, "--reason", typed) == 2
    assert meant in capsys.readouterr().err
    assert len(site.seen) == requests


def test_a_known_reason_that_no_reject_has_is_no_error(site: web.Site, tmp_path: Path) -> None:
    ingest(site, tmp_path, *AT_NOON)
    assert newsbeam("replay", site, tmp_path, "--reason", "E_FETCH_TLS", *AT_ONE_PAST[:2]) == 0
