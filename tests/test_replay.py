"""`newsbeam replay`: what was refused is tried again once it has been mended.

And what a run tells Prometheus.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pipelines import cli
from tests.helpers import web_site as web
from tests.helpers.lakes import rows
from tests.helpers.newspapers import LEDE, REST, feed, page

pytestmark = pytest.mark.slow

NOW = ["--now", "2024-05-06T12:00:00Z", "--run-id", "r1"]
LATER = ["--now", "2024-05-06T15:00:00Z", "--run-id", "r2"]


@pytest.fixture
def site() -> Iterator[web.Site]:
    routes = {
        "post.test/feed": feed(
            "http://post.test/gone", "http://post.test/nothing", "http://post.test/sound"
        ),
        "post.test/nothing": web.respond("<html><body><nav>Home</nav></body></html>"),
        "post.test/sound": page("Sound talks", *REST),
        "torn.test/feed": web.respond("<rss><channel><title>Torn</ti", kind="application/rss+xml"),
        "/robots.txt": web.status(404),
    }
    with web.serve(routes) as found:
        yield found


def newsbeam(command: str, site: web.Site, lake: Path, *more: str) -> int:
    shared = [
        "--lake",
        str(lake),
        "--connect-to",
        site.address,
        "--spacing",
        "0",
        "--workers",
        "0",
        "--json",
    ]
    return cli.run([command, *shared, *more])


def fix(site: web.Site) -> None:
    site.routes["post.test/gone"] = page("Back again", LEDE, *REST)
    site.routes["post.test/nothing"] = page("Something after all", LEDE, REST[1], REST[0])
    site.routes["torn.test/feed"] = feed("http://torn.test/mended")
    site.routes["torn.test/mended"] = page("Mended", LEDE, REST[2])


def titles(lake: Path) -> set[str]:
    return {r["title"] for r in rows(lake, "articles")}


def test_a_rejected_page_is_fetched_once_its_cause_is_fixed(
    site: web.Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feeds = ["--feeds", "http://post.test/feed", "http://torn.test/feed"]
    assert newsbeam("ingest", site, tmp_path, *feeds, *NOW) == 3
    assert titles(tmp_path) == {"Sound talks"}
    fix(site)
    requests = len(site.requests_for("/sound"))
    assert newsbeam("replay", site, tmp_path, *LATER) == 0
    assert titles(tmp_path) == {"Sound talks", "Back again", "Something after all", "Mended"}
    assert len(site.requests_for("/sound")) == requests
    done = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (done["articles_new"], done["rejects"]) == (3, {})
    (run,) = (r for r in rows(tmp_path, "runs") if r["run_id"] == "r2")
    assert (run["kind"], run["status"]) == ("replay", "ok")


def test_only_rejects_of_the_requested_reason_are_replayed(site: web.Site, tmp_path: Path) -> None:
    newsbeam(
        "ingest", site, tmp_path, "--feeds", "http://post.test/feed", "http://torn.test/feed", *NOW
    )
    fix(site)
    assert newsbeam("replay", site, tmp_path, "--reason", "E_FETCH_HTTP_404", *LATER) == 0
    assert titles(tmp_path) == {"Sound talks", "Back again"}


def test_what_is_refused_again_is_a_reject_again(site: web.Site, tmp_path: Path) -> None:
    newsbeam("ingest", site, tmp_path, "--feeds", "http://post.test/feed", *NOW)
    before = {r["reason"] for r in rows(tmp_path, "rejects")}
    assert newsbeam("replay", site, tmp_path, *LATER) == 3
    assert {r["reason"] for r in rows(tmp_path, "rejects") if r["run_id"] == "r2"} == before


def test_a_replay_takes_no_other_words(
    site: web.Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    newsbeam("ingest", site, tmp_path, "--feeds", "http://post.test/feed", *NOW)
    assert newsbeam("replay", site, tmp_path, "everything") == 2
    assert "everything" in capsys.readouterr().err


def test_prometheus_reads_what_a_run_did(site: web.Site, tmp_path: Path) -> None:
    target = tmp_path / "newsbeam.prom"
    newsbeam(
        "ingest",
        site,
        tmp_path / "lake",
        "--feeds",
        "http://post.test/feed",
        "--metrics-file",
        str(target),
        *NOW,
    )
    found = {(s.name, *s.labels.values()): s.value for s in samples(target)}
    assert found["newsbeam_run_articles_new",] == 1
    assert found["newsbeam_run_ok",] == 1
    assert found["newsbeam_free_bytes", "lake"] > 0
    assert found["newsbeam_run_rejects", "E_EXTRACT_EMPTY"] == 1
    assert found["newsbeam_run_counter", "extract.article"] == 1


def samples(target: Path) -> list[Any]:
    return [
        s for family in text_string_to_metric_families(target.read_text()) for s in family.samples
    ]
