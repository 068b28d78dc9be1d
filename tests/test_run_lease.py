"""Two runs on one lake ask publishers once: the second waits for the first, or ends."""

import itertools
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner

from pipelines import cli
from pipelines.cli import template
from pipelines.cli.commands import OptionValues
from pipelines.cli.option_table import options_of
from pipelines.cli.parameters import parse
from pipelines.cli.run_plan import run_options
from pipelines.jobs.run_options import RunOptions
from pipelines.jobs.stream import StreamPlan, run_stream
from tests.helpers import buckets
from tests.helpers import web_site as web
from tests.helpers.lakes import make_lake, rows
from tests.helpers.newspapers import LEDE, REST, feed, page
from transforms.lake import open_lake
from transforms.run_lease import (
    POLLING,
    RunLease,
    RunningError,
    end_job,
    extend_job,
    note_of,
    only_job,
    only_run,
    open_lease,
)
from transforms.stores import open_store

pytestmark = pytest.mark.slow

_NUMBERS = itertools.count()
FEEDS = ("http://post.test/feed", "http://herald.test/feed")


class Newspapers:
    """Two newspapers; the page of one is held until `go_on`."""

    def __init__(self) -> None:
        self.asked, self.go_on = threading.Event(), threading.Event()
        self.routes = {
            "post.test/feed": feed("http://post.test/a"),
            "herald.test/feed": feed("http://herald.test/b"),
            "post.test/a": self._held,
            "herald.test/b": page("Harvest", *REST),
            "/robots.txt": web.status(404),
        }

    def _held(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.set()
        self.go_on.wait(60)
        page("Talks", LEDE, *REST)(handler)


@pytest.fixture
def papers() -> Iterator[tuple[Newspapers, web.Site]]:
    found = Newspapers()
    with web.serve(found.routes) as site:
        yield found, site
        found.go_on.set()


@contextmanager
def started(
    lake: str, site: web.Site, *more: str, command: str = "ingest"
) -> Iterator[subprocess.Popen[str]]:
    """Run a command that polls the feeds in a process of its own."""
    feeds = [word for url in FEEDS for word in ("--feeds", url)]
    words = ["--lake", lake, "--connect-to", site.address, "--spacing", "0", "--workers", "0"]
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "pipelines.cli", command, *feeds, *words, *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def streaming(lake: str, site: web.Site, *more: str) -> Any:
    """Run a stream of a single tick, on the local runner under a name for which it is no local one.

    The engines that run streams without end are not to be had on every machine.
    """
    until = (datetime.now(UTC) + timedelta(seconds=STREAM_S)).isoformat()
    words = ["--runner", f"{FnApiRunner.__module__}.{FnApiRunner.__name__}", "--every", "600"]
    return started(lake, site, *words, "--until", until, *more, command="stream")


def ended(process: subprocess.Popen[str], timeout: float = 120) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=timeout)
    return process.returncode, out, " ".join(err.split())


def told(process: subprocess.Popen[str], words: str) -> str:
    """Return the line of standard error that has the words."""
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return line
    raise AssertionError(f"the process ended without {words!r}")


def counts(site: web.Site) -> dict[str, int]:
    urls = [one.url for one in site.seen if not one.url.endswith("/robots.txt")]
    return {url: urls.count(url) for url in urls}


def hold(lease: RunLease, **options: Any) -> None:
    with only_run(lease, **options):
        pass


STREAM_S = 90
"""Seconds that a stream may take to start, on a machine with much else to do; its only tick is the
time at which it has started."""
ONCE = dict.fromkeys((*FEEDS, "http://post.test/a", "http://herald.test/b"), 1)


def test_the_second_run_waits_and_asks_for_nothing_again(
    papers: tuple[Newspapers, web.Site], tmp_path: Path
) -> None:
    newspapers, site = papers
    lake = str(tmp_path / "lake")
    with started(lake, site, "--run-id", "first") as first:
        assert newspapers.asked.wait(60)
        with started(lake, site) as second:
            line = told(second, "waiting for another run")
            assert f"run first, process {first.pid} on " in line
            assert "--skip-if-running" in line
            newspapers.go_on.set()
            assert ended(first)[0] == 0
            code, out, _ = ended(second)
    assert (code, "0 feeds polled" in out) == (0, True)
    assert counts(site) == ONCE
    assert sorted(row["articles_new"] for row in rows(tmp_path / "lake", "runs")) == [0, 2]
    assert (tmp_path / "lake" / POLLING).read_bytes() == b""


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["text", "json"])
def test_the_second_run_ends_with_skip_if_running(
    papers: tuple[Newspapers, web.Site], tmp_path: Path, form: list[str]
) -> None:
    newspapers, site = papers
    lake = str(tmp_path / "lake")
    with started(lake, site, "--run-id", "first") as first:
        assert newspapers.asked.wait(60)
        with started(lake, site, "--skip-if-running", "--run-id", "second", *form) as second:
            code, out, err = ended(second)
        assert (code, "skipped: another run is at work on this lake (run first" in err) == (0, True)
        skipped = {"run_id": "second", "status": "skipped", "lake": lake}
        assert skipped.items() <= json.loads(out).items() if form else out == ""
        newspapers.go_on.set()
        assert ended(first)[0] == 0
    assert counts(site) == ONCE
    assert [row["run_id"] for row in rows(tmp_path / "lake", "runs")] == ["first"]


def test_a_killed_run_does_not_block_the_next(
    papers: tuple[Newspapers, web.Site], tmp_path: Path
) -> None:
    newspapers, site = papers
    lake = str(tmp_path / "lake")
    with started(lake, site) as first:
        assert newspapers.asked.wait(60)
        first.send_signal(signal.SIGKILL)
        first.wait()
    newspapers.go_on.set()
    with started(lake, site, "--skip-if-running") as second:
        code, out, err = ended(second)
    assert (code, "2 new articles" in out, "waiting" in err) == (0, True, False)


def test_runs_of_other_lakes_and_backfills_do_not_wait(
    papers: tuple[Newspapers, web.Site], tmp_path: Path
) -> None:
    newspapers, site = papers
    newspapers.go_on.set()
    lake = tmp_path / "lake"
    make_lake(lake)
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.txt").write_text("Chad bombed Libya on Monday, officials said.")
    with only_run(open_lease(str(lake), note_of("one"))):
        with started(str(tmp_path / "other"), site) as other:
            assert ended(other)[0] == 0
        words = ["--lake", str(lake), "--workers", "0"]
        assert cli.run(["backfill", str(tmp_path / "pages"), *words]) in {0, 3}
        assert cli.run(["rebuild", *words]) == 0


def test_a_run_waits_no_longer_than_its_deadline(
    papers: tuple[Newspapers, web.Site], tmp_path: Path
) -> None:
    make_lake(tmp_path)
    first = only_run(open_lease(str(tmp_path), note_of("one")))
    with first, started(str(tmp_path), papers[1], "--deadline", "1") as second:
        code, _, err = ended(second)
    assert (code, "E_LAKE_BUSY: another run has been at work" in err) == (1, True)
    assert not papers[1].seen


def test_a_lease_that_is_not_freed_in_time_is_an_error(tmp_path: Path) -> None:
    make_lake(tmp_path)
    notes: list[str] = []
    with only_run(open_lease(str(tmp_path), "the first")):
        second = open_lease(str(tmp_path), "the second")
        with pytest.raises(RunningError, match="the first"):
            hold(second, wait_s=1.2, waiting=notes.append)
    assert notes == ["the first"]
    with only_run(second, wait_s=0):
        pass


def test_a_note_of_a_lake_from_elsewhere_is_no_more_than_text(tmp_path: Path) -> None:
    make_lake(tmp_path)
    holder = open_lease(str(tmp_path), "\x1b[31m" + "x" * 5_000)
    with only_run(holder):
        second = open_lease(str(tmp_path), "")
        assert not second.try_take()
        assert len(second.other) <= 300


def test_a_lease_whose_file_was_deleted_is_free(tmp_path: Path) -> None:
    make_lake(tmp_path)
    with only_run(open_lease(str(tmp_path), "the first")):
        (tmp_path / POLLING).unlink()
        with only_run(open_lease(str(tmp_path), "the second"), wait_s=0):
            pass


def test_a_stream_has_the_lease_until_it_ends(
    papers: tuple[Newspapers, web.Site], tmp_path: Path
) -> None:
    newspapers, site = papers
    lake = str(tmp_path / "lake")
    with streaming(lake, site, "--run-id", "flow") as stream:
        assert newspapers.asked.wait(60)
        with started(lake, site, "--skip-if-running") as skipped:
            code, out, err = ended(skipped)
        assert (code, out) == (0, "")
        assert "skipped: another run is at work on this lake (run flow, process " in err
        with streaming(lake, site, "--skip-if-running") as skipped:
            assert "skipped: another run" in ended(skipped)[2]
        with started(lake, site) as second:
            told(second, "waiting for another run")
            newspapers.go_on.set()
            code, _, err = ended(stream)
            assert (code, "the stream ended: DONE" in err) == (0, True)
            code, out, _ = ended(second)
    assert (code, "0 feeds polled" in out) == (0, True)
    assert counts(site) == ONCE
    assert (tmp_path / "lake" / POLLING).read_bytes() == b""


def test_a_stream_waits_for_a_run_and_polls_nothing_again(
    papers: tuple[Newspapers, web.Site], tmp_path: Path
) -> None:
    newspapers, site = papers
    lake = str(tmp_path / "lake")
    with started(lake, site, "--run-id", "first") as first:
        assert newspapers.asked.wait(60)
        with streaming(lake, site) as stream:
            assert "run first, process " in told(stream, "waiting for another run")
            newspapers.go_on.set()
            assert ended(first)[0] == 0
            assert ended(stream)[0] == 0
    assert counts(site) == ONCE


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_stream_that_is_ended_frees_the_lease(
    papers: tuple[Newspapers, web.Site], tmp_path: Path, number: signal.Signals
) -> None:
    newspapers, site = papers
    lake = str(tmp_path / "lake")
    with streaming(lake, site) as stream:
        assert newspapers.asked.wait(60)
        assert not free(lake)
        stream.send_signal(number)
        stream.wait(60)
    assert free(lake)


def test_a_stream_that_cannot_start_frees_the_lease(tmp_path: Path) -> None:
    lake = str(tmp_path / "lake")
    plan = StreamPlan(feeds=())
    options = RunOptions(
        lake=lake,
        now=datetime.now(UTC),
        run_id="flow",
        # Refuses the graph of a stream when it is to run it.
        runner="BundleBasedDirectRunner",
        window_s=300,
    )
    with pytest.raises(RuntimeError, match="not replaced as expected"):
        run_stream(plan, options)
    assert free(lake)


SERVERS = {
    "s3": (buckets.s3, "s3"),
    "gcs": (buckets.gcs, "gs"),
    "gcs_blind": (buckets.gcs_blind, "gs"),
}
HOLDER = """
import sys, time
from transforms.cloud.bucket_addresses import open_bucket_store
from transforms.run_lease import POLLING
store = open_bucket_store(sys.argv[1])
store._lease_s = 1.0
assert store.lease(POLLING, "the holder").attempt() is not None
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture(params=SERVERS)
def bucket_lake(request: pytest.FixtureRequest) -> Iterator[str]:
    """Yield the address of a lake in a bucket of a real server."""
    serve, scheme = SERVERS[request.param]
    with serve() as environment, buckets.environ(environment):
        yield f"{scheme}://{buckets.BUCKET}/lake-{next(_NUMBERS)}"


@contextmanager
def holding(lake: str) -> Iterator[subprocess.Popen[str]]:
    """Run a process that holds the lease of a lake for a minute."""
    words = [sys.executable, "-c", HOLDER, lake]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_the_lease_of_a_bucket_is_kept_while_its_holder_lives(bucket_lake: str) -> None:
    open_lake(bucket_lake)
    notes: list[str] = []
    with holding(bucket_lake):
        lease = open_lease(bucket_lake, "the next")
        with pytest.raises(RunningError, match="the holder"):
            hold(lease, wait_s=2.5, waiting=notes.append)
        with pytest.raises(RunningError, match="the holder"):
            hold(open_lease(bucket_lake, "a third"), skip=True)
    assert notes == ["the holder"]


def test_the_lease_of_a_killed_holder_in_a_bucket_is_taken_over(bucket_lake: str) -> None:
    open_lake(bucket_lake)
    with holding(bucket_lake) as holder:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        started_at = time.monotonic()
        with only_run(open_lease(bucket_lake, "the next"), skip=True):
            assert time.monotonic() - started_at < 5
        with only_run(open_lease(bucket_lake, "one more"), wait_s=0):
            pass


def test_two_runs_on_a_lake_in_a_bucket_ask_once(
    papers: tuple[Newspapers, web.Site], s3: dict[str, str]
) -> None:
    newspapers, site = papers
    lake = f"s3://{buckets.BUCKET}/lake-{next(_NUMBERS)}"
    with started(lake, site, "--run-id", "first") as first:
        assert newspapers.asked.wait(60)
        with started(lake, site) as second:
            told(second, "waiting for another run")
            with pytest.raises(RunningError, match="run first"):
                hold(open_lease(lake, "a third"), skip=True)
            newspapers.go_on.set()
            # 3: on a busy machine the page was held for too long.
            assert ended(first)[0] in {0, 3}
            assert ended(second)[0] in {0, 3}
    assert counts(site) == ONCE


@pytest.mark.parametrize(
    "record",
    ["[" * 5_000, '{"holder": "x", "state": "held", "seconds": NaN}', "null", "\x00", "{}"],
)
def test_a_damaged_lease_in_a_bucket_is_taken_over(s3: dict[str, str], record: str) -> None:
    lake = f"s3://{buckets.BUCKET}/lake-{next(_NUMBERS)}"
    open_lake(lake)
    open_store(lake).put(POLLING, record.encode(), None)
    lease = open_lease(lake, "the next")
    if "held" in record:
        assert not lease.try_take()
        return
    with only_run(lease, wait_s=0):
        pass


def free(lake: str) -> bool:
    """Return whether a run can take the lease of a lake at once."""
    try:
        hold(open_lease(lake, "a run"), skip=True)
    except RunningError:
        return False
    return True


def test_a_lease_that_is_left_to_a_job_lasts_until_the_job_ends_it(bucket_lake: str) -> None:
    open_lake(bucket_lake)
    with only_job(bucket_lake, "j1", 3600):
        pass
    with pytest.raises(RunningError, match="run j1, a job"):
        hold(open_lease(bucket_lake, "a run"), skip=True)
    extend_job(bucket_lake, "j1", 3600)
    for other in (end_job, lambda lake, run: extend_job(lake, run, 1)):
        other(bucket_lake, "j2")
    assert not free(bucket_lake)
    end_job(bucket_lake, "j1")
    assert free(bucket_lake)
    extend_job(bucket_lake, "j1", 3600)
    assert free(bucket_lake)


def test_a_lease_that_was_left_to_a_job_expires(bucket_lake: str) -> None:
    open_lake(bucket_lake)
    with only_job(bucket_lake, "j1", 0.2):
        pass
    time.sleep(0.3)
    assert free(bucket_lake)


def test_a_job_that_cannot_be_submitted_frees_the_lease(bucket_lake: str) -> None:
    open_lake(bucket_lake)
    with pytest.raises(KeyError), only_job(bucket_lake, "j1", 3600):
        raise KeyError("no such engine")
    assert free(bucket_lake)


@pytest.mark.parametrize("until", ["NaN", "Infinity", "1e300", "-1", "1"])
def test_a_lease_without_a_sensible_end_is_taken_over(s3: dict[str, str], until: str) -> None:
    lake = f"s3://{buckets.BUCKET}/lake-{next(_NUMBERS)}"
    open_lake(lake)
    record = f'{{"holder": "job j1", "state": "held", "seconds": 30, "until": {until}}}'
    open_store(lake).put(POLLING, record.encode(), None)
    assert free(lake)


def _locally(values: OptionValues) -> RunOptions:
    return replace(run_options(values, (), workers=0)[0], runner="DirectRunner")


def _template(lake: str, site: web.Site, *more: str) -> None:
    words = [f"--connect_to={site.address}", "--spacing=0", "--workers=0", f"--feeds={FEEDS[0]}"]
    template.start(parse(["--task=ingest", f"--lake={lake}", *words, *more]))


def test_a_template_waits_or_is_skipped_and_its_job_frees_the_lease(
    papers: tuple[Newspapers, web.Site],
    s3: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    newspapers, site = papers
    newspapers.go_on.set()
    lake = f"s3://{buckets.BUCKET}/lake-{next(_NUMBERS)}"
    open_lake(lake)
    monkeypatch.setattr(template, "template_options", options_of)
    monkeypatch.setattr(template, "template_run_options", _locally)
    with only_run(open_lease(lake, "the first")):
        _template(lake, site, "--skip_if_running=true")
    assert "skipped: another run is at work on this lake (the first)" in capsys.readouterr().err
    assert not site.seen
    _template(lake, site)
    assert len(site.requests_for("/feed")) == 1
    assert free(lake)
