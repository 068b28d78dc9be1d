"""`newsbeam_run_ok` tells runs that did their work from those that did not."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pipelines import cli
from pipelines.jobs.metrics import did_its_work, write_metrics_of_failure
from pipelines.jobs.runner import RunSummary
from tests.helpers import web_site as web
from tests.helpers.newspapers import LEDE, feed, page
from transforms.errors import ConfigError, LakeError
from transforms.run_lease import RunningError

CODING = {"E_EVENTS_TIMEOUT": 3}
RUNS: dict[str, tuple[dict[str, Any], bool]] = {
    "nothing was due": ({}, True),
    "nothing new": ({"feeds": 9}, True),
    "articles without events": (
        {"feeds": 9, "articles_new": 5, "counters": {"feeds.items": 9}},
        True,
    ),
    "some feeds failed": (
        {"feeds": 9, "rejects": {"E_FETCH_DNS": 8}, "counters": {"feeds.items": 20}},
        True,
    ),
    "unchanged and failed feeds": ({"feeds": 9, "rejects": {"E_FETCH_DNS": 8}}, True),
    "all feeds failed": ({"feeds": 9, "rejects": {"E_FETCH_DNS": 5, "E_FETCH_404": 4}}, False),
    "failed": ({"status": "failed"}, False),
    "one was not coded": ({"articles_new": 4, "rejects": CODING}, True),
    "none was coded": ({"articles_new": 3, "rejects": CODING}, False),
    "old ones were not coded": ({"rejects": CODING}, False),
    "some were coded": (
        {"articles_new": 3, "rejects": CODING, "counters": {"events.mentions": 2}},
        True,
    ),
    "pages were rejected": (
        {"articles_new": 1, "rejects": {"E_EXTRACT_EMPTY": 9}, "counters": {"feeds.items": 9}},
        True,
    ),
}


@pytest.mark.parametrize("run", RUNS)
def test_a_run_is_ok_if_it_did_its_work(run: str) -> None:
    fields, expected = RUNS[run]
    summary = RunSummary(
        run_id="r",
        status="ok",
        feeds=0,
        feeds_left=0,
        articles_new=0,
        events_new=0,
        rejects={},
        seconds=1.0,
        counters={},
    )
    assert did_its_work(replace(summary, **fields)) is expected


def gauges(target: Path) -> dict[str, float]:
    families = text_string_to_metric_families(target.read_text())
    return {
        "/".join((one.name, *one.labels.values())): one.value for f in families for one in f.samples
    }


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "newsbeam.prom"


def test_metrics_go_into_a_pipe_and_do_not_replace_it(tmp_path: Path) -> None:
    pipe = tmp_path / "metrics"
    os.mkfifo(pipe)
    # Opened for both, so that the writer does not wait for a reader.
    with os.fdopen(os.open(pipe, os.O_RDWR), "rb", buffering=0) as reader:
        write_metrics_of_failure(str(tmp_path), str(pipe))
        assert b"newsbeam_run_ok 0.0" in reader.read(10_000)
    assert pipe.is_fifo()


def test_metrics_go_through_a_link_to_a_device(tmp_path: Path) -> None:
    link = tmp_path / "metrics"
    link.symlink_to(os.devnull)
    write_metrics_of_failure(str(tmp_path), str(link))
    assert link.is_symlink()


def test_metrics_replace_a_file(target: Path) -> None:
    target.write_text("old")
    write_metrics_of_failure(str(target.parent), str(target))
    assert gauges(target)["newsbeam_run_ok"] == 0
    assert [path.name for path in target.parent.iterdir()] == [target.name]


@pytest.mark.parametrize("name", [".", "nowhere/newsbeam.prom"])
def test_metrics_that_cannot_be_written_are_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        write_metrics_of_failure(str(tmp_path), str(tmp_path / name))


def ingest(site: web.Site, target: Path) -> int:
    words = ["--connect-to", site.address, "--spacing", "0", "--workers", "0"]
    lake = ["--lake", str(target.parent / "lake"), "--metrics-file", str(target)]
    return cli.run(["ingest", "--feeds", "http://post.test/feed", *lake, *words])


@pytest.mark.slow
def test_a_run_with_rejects_is_ok(target: Path) -> None:
    routes = {
        "post.test/feed": feed("http://post.test/a", "http://post.test/gone"),
        "post.test/a": page("Talks", LEDE),
        "/robots.txt": web.status(404),
    }
    with web.serve(routes) as site:
        assert ingest(site, target) == 3
    found = gauges(target)
    assert found["newsbeam_run_ok"] == 1
    assert found["newsbeam_free_bytes/lake"] > 0
    assert found["newsbeam_free_bytes/temporary"] > 0


@pytest.mark.slow
def test_a_run_without_an_answer_is_not_ok(target: Path) -> None:
    with web.serve({"/robots.txt": web.status(404)}) as site:
        assert ingest(site, target) == 3
    assert gauges(target)["newsbeam_run_ok"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("error", [LakeError("full", reason="E_LAKE_DISK"), MemoryError()])
def test_a_failed_run_is_not_ok(
    target: Path, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("pipelines.jobs.runner.run_to_end", fail)
    with web.serve() as site:
        assert ingest(site, target) == 1
    found = gauges(target)
    assert found["newsbeam_run_ok"] == 0
    assert found["newsbeam_run_ended_timestamp_seconds"] > 0


@pytest.mark.slow
def test_a_run_that_waited_in_vain_leaves_the_metrics_of_the_other(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise RunningError("another run is at work")

    monkeypatch.setattr("pipelines.jobs.runner.only_run", busy)
    target.write_text("newsbeam_run_ok 1\n")
    with web.serve() as site:
        assert ingest(site, target) == 1
    assert target.read_text() == "newsbeam_run_ok 1\n"
