"""Runs ended by a signal, in each part of their work: in seconds, in one sentence, the lake whole."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines import cli
from tests.helpers.lakes import NETWORK, NOW, hashes, rows
from tests.helpers.long_runs import archive, living, papers, start
from transforms.activity import Part

pytestmark = pytest.mark.slow

NAMES = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM", signal.SIGHUP: "SIGHUP"}
SECONDS = 10
"""Docker kills what has not ended by then."""
ALWAYS = ["--now", NOW.isoformat(), "--run-id", "r1"]
CASES = [
    ("ingest", Part.POLLING, signal.SIGTERM, "service"),
    ("ingest", Part.FETCHING, signal.SIGINT, "terminal"),
    ("ingest", Part.READING, signal.SIGHUP, "terminal"),
    ("ingest", Part.READING, signal.SIGTERM, "service"),
    ("ingest", Part.CODING, signal.SIGTERM, "service"),
    ("ingest", Part.CODING, signal.SIGINT, "process"),
    ("ingest", Part.MERGING, signal.SIGTERM, "process"),
    ("backfill", Part.READING, signal.SIGTERM, "process"),
    ("backfill", Part.READING, signal.SIGINT, "terminal"),
    ("backfill", Part.CODING, signal.SIGHUP, "process"),
    ("backfill", Part.MERGING, signal.SIGINT, "terminal"),
]
"""The job, the part it is in, the signal, and who gets it: the process alone, as from Docker, or
all processes of the run, as from a terminal or systemd.
"""


EXPECTED_LINE = "newsbeam: |WARNING:root:apitools"
"""Progress, and what Beam says on being imported before the command sets up logging."""


class Job:
    """A job that can be started on several lakes, and the lake that it makes undisturbed."""

    def __init__(self, words: list[object], folder: Path) -> None:
        self.words = words
        self.folder = folder
        self.whole = folder / "whole"
        assert finish(self.start(self.whole)) == 0

    def start(self, lake: Path, *more: str) -> "subprocess.Popen[bytes]":
        return start([*self.words, "--lake", lake, *ALWAYS, *more])


def finish(process: "subprocess.Popen[bytes]") -> int:
    _, errors = process.communicate(timeout=120)
    assert b"Traceback" not in errors, errors.decode()
    return process.returncode


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Job]]:
    folder = tmp_path_factory.mktemp("jobs")
    with papers(3, 6, late_s=0.2, parts=2) as (site, feeds):
        web = ["--connect-to", site.address, "--spacing", 0]
        lists = [word for url in feeds for word in ("--feeds", url)]
        (folder / "b").mkdir()
        pages = archive(folder / "a.warc", 12, parts=2)
        yield {
            "ingest": Job(["ingest", *lists, *web], folder / "i"),
            "backfill": Job(["backfill", pages], folder / "b"),
        }


def events_until(process: "subprocess.Popen[bytes]", part: Part) -> list[dict[str, Any]]:
    """Read the events of a run until it is in a part of its work."""
    assert process.stdout is not None
    seen: list[dict[str, Any]] = []
    for line in process.stdout:
        seen.append(json.loads(line))
        count = seen[-1].get("parts", {}).get(part)
        if count and count["done"] < count["total"] and (count["done"] or part in AT_ONCE):
            return seen
    raise AssertionError(f"it ended before it was {part}: {seen[-1:]}")


AT_ONCE = {Part.POLLING, Part.MERGING}
"""Parts whose items are done nearly at once."""


@pytest.mark.parametrize(
    ("name", "part", "number", "whom"),
    CASES,
    ids=[f"{name}-{part}-{number.name}-{whom}" for name, part, number, whom in CASES],
)
def test_a_signal_ends_a_run_and_the_next_one_completes_it(
    jobs: dict[str, Job], tmp_path: Path, name: str, part: Part, number: signal.Signals, whom: str
) -> None:
    lake = tmp_path / "lake"
    process = jobs[name].start(lake, "--json")
    events = events_until(process, part)
    at = time.monotonic()
    (os.kill if whom == "process" else os.killpg)(process.pid, number)
    output, errors = process.communicate(timeout=60)
    assert time.monotonic() - at < SECONDS
    assert process.returncode == 128 + number
    sentence = f"newsbeam: ended by {NAMES[number]}; its commits are in the lake, the next run does the rest"
    lines = errors.decode().splitlines()
    assert lines[-1] == sentence
    assert [line for line in lines if not re.match(EXPECTED_LINE, line)] == []
    events += map(json.loads, output.splitlines())
    assert (events[-1]["event"], events[-1]["status"]) == ("run_ended", "failed")
    assert (events[-1]["reason"], events[-1]["message"]) == (NAMES[number], sentence)
    time.sleep(0.5)
    assert living(process.pid) == []

    assert [row["status"] for row in rows(lake, "runs")] == ["failed"]
    assert {row["reason"] for row in rows(lake, "rejects")} == set()
    assert cli.run(["check", "--lake", str(lake)]) == 0
    assert finish(jobs[name].start(lake)) == 0
    assert hashes(lake, NETWORK) == hashes(jobs[name].whole, NETWORK)
    assert [row["status"] for row in rows(lake, "runs")] == ["ok"]
    assert cli.run(["check", "--lake", str(lake)]) == 0


def test_a_second_ctrl_c_ends_at_once(jobs: dict[str, Job], tmp_path: Path) -> None:
    process = jobs["ingest"].start(tmp_path / "lake", "--json")
    events_until(process, Part.FETCHING)
    for _ in range(2):
        os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    assert errors.decode().splitlines()[-1].startswith("newsbeam: ended by Ctrl-C")
    assert "Traceback" not in errors.decode()


def test_a_signal_that_a_shell_ignores_does_not_end_a_run(
    jobs: dict[str, Job], tmp_path: Path
) -> None:
    words = [*jobs["backfill"].words, "--lake", tmp_path / "lake", *ALWAYS, "--json"]
    process = start(words, ignored=[signal.SIGHUP])
    events_until(process, Part.CODING)
    process.send_signal(signal.SIGHUP)
    assert finish(process) == 0
