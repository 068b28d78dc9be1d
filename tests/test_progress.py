"""What is shown of a run while it goes on: every part of its work, in 80 columns."""

import io
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from pipelines.cli import progress
from pipelines.cli.run_log import RunLog
from pipelines.jobs.backfill import BackfillPlan
from pipelines.jobs.ingest import IngestPlan
from pipelines.jobs.plan import Plan, Progress
from pipelines.jobs.rebuild import RebuildPlan
from pipelines.jobs.run_options import RunOptions
from pipelines.jobs.runner import run_job
from tests.helpers.lakes import NOW
from tests.helpers.long_runs import archive, papers
from transforms.activity import Activity, Part, PartCount, activity
from transforms.core.feeds.lists import read_feed_lists
from transforms.pool import PoolOptions
from transforms.sources import find_sources
from transforms.web import WebOptions

HUGE = 123_456


def shown(screen: object, width: int = 80) -> list[str]:
    out = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    out.print(screen)
    text = out.file.getvalue()  # type: ignore[attr-defined]
    return [line.rstrip() for line in text.splitlines()]


def counted(monkeypatch: pytest.MonkeyPatch, *counts: PartCount) -> None:
    monkeypatch.setattr(activity, "counts", lambda: list(counts))


@pytest.mark.parametrize(
    "label",
    [
        "feeds 1 to 500 of 1,200",
        "feeds 119,501 to 120,000 of 120,000 " + "and more " * 20,
        "漢" * 90,
    ],
    ids=["usual", "long", "wide"],
)
def test_it_fits_80_columns(monkeypatch: pytest.MonkeyPatch, label: str) -> None:
    counts = [PartCount(part, HUGE, 10 * HUGE, 9.5) for part in Part]
    counted(monkeypatch, *counts)
    screen = progress._Screen()
    screen.progress(Progress(label=label))
    lines = shown(screen)
    assert len(lines) == 1 + len(Part)
    assert all(len(line) <= 80 for line in lines)
    for part, line in zip(Part, lines[1:], strict=True):
        assert part in line
        assert "123,456/1,234,560" in line
        assert "12,995.4/s" in line
        assert "0:01:26 left" in line


def test_a_part_that_has_not_begun_has_an_empty_line(monkeypatch: pytest.MonkeyPatch) -> None:
    counted(monkeypatch, PartCount(Part.READING, 0, 40, 1.0))
    lines = shown(progress._Screen())
    assert [re.findall(r"\S+/\S+", line) for line in lines[1:]] == [[], [], ["0/40"], [], []]


def test_rate_and_time_left_follow_from_what_is_done() -> None:
    assert progress.describe_part(PartCount(Part.CODING, 20, 50, 10.0)) == (
        "coding 20 of 50, 2.0 a second, about 0:00:15 left"
    )
    assert progress.describe_part(PartCount(Part.CODING, 50, 50, 10.0)).endswith("5.0 a second")
    assert progress.describe_part(PartCount(Part.CODING, 0, 50, 10.0)).endswith("0.0 a second")


def test_what_was_expected_is_the_total_until_more_comes() -> None:
    work = Activity()
    work.expect(Part.READING, 3)
    assert work.counts() == []
    for n in range(1, 5):
        work.begin(Part.READING)
        work.finish(Part.READING)
        (count,) = work.counts()
        assert (count.done, count.total) == (n, max(3, n))
    work.restart()
    assert work.counts() == []


def test_the_rate_of_a_part_that_is_done_stays() -> None:
    work = Activity()
    work.begin(Part.POLLING)
    work.finish(Part.POLLING)
    first = work.counts()
    time.sleep(0.02)
    assert work.counts() == first


def ingested(lake: Path) -> None:
    with papers(2, 3) as (site, feeds):
        plan = IngestPlan.of_list(read_feed_lists(feeds))
        run_job(plan, options(lake, connect_to=site.address))


def backfilled(lake: Path) -> None:
    pages = archive(lake.parent / "a.warc", 5)
    run(lake, BackfillPlan(sources=find_sources([str(pages)])))


def rebuilt(lake: Path) -> None:
    backfilled(lake)
    run(lake, RebuildPlan(stage="events"))


def run(lake: Path, plan: Plan) -> None:
    run_job(plan, options(lake))


def options(lake: Path, connect_to: str | None = None) -> RunOptions:
    return RunOptions(
        lake=str(lake),
        now=NOW,
        run_id="r1" if connect_to else f"r{time.monotonic_ns()}",
        web=WebOptions(connect_to=connect_to, spacing_s=0, timeout_s=3),
        pool=PoolOptions(size=0),
    )


RUNS: dict[str, tuple[Callable[[Path], None], dict[Part, tuple[int, int]]]] = {
    "ingest": (ingested, dict.fromkeys(Part, (6, 6)) | {Part.POLLING: (2, 2)}),
    "backfill": (
        backfilled,
        {Part.READING: (5, 5), Part.CODING: (5, 5), Part.MERGING: (5, 5)},
    ),
    "rebuild": (rebuilt, {Part.CODING: (5, 5), Part.MERGING: (5, 5)}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNS)
def test_all_parts_of_a_run_are_counted_to_their_end(tmp_path: Path, name: str) -> None:
    job, expected = RUNS[name]
    job(tmp_path / "lake")
    assert {c.part: (c.done, c.total) for c in activity.counts()} == expected


@pytest.mark.slow
def test_a_log_has_lines_while_a_batch_is_at_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "_LOG_EVERY_S", 0.05)
    with papers(2, 5, late_s=0.3) as (site, feeds):
        plan = IngestPlan.of_list(read_feed_lists(feeds))
        with progress.reporter(RunLog([])) as heard:
            run_job(plan, options(tmp_path / "lake", site.address), heard)
    lines = capsys.readouterr().err.splitlines()
    assert any("feeds 1 to 2 of 2; polling 0 of 2" in line for line in lines)
    parts: list[Any] = [re.findall(r"fetching (\d+) of 10", line) for line in lines]
    assert len({int(found[0]) for found in parts if found}) > 1
