"""The measure of a backfill counts all processes of a run, kills them all, and sees each byte that
differs.
"""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from bench.backfill import Cost, Usage, differing, kill, processes, table_of, wait_for

pytestmark = pytest.mark.slow

_WORK = "x = bytearray(80_000_000); import time\nwhile time.process_time() < 1.2: pass"


def start(code: str) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, whose child runs the code."""
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}])"
    return subprocess.Popen([sys.executable, "-c", parent], start_new_session=True)


def cost(**fields: float) -> Cost:
    values = {
        "articles": 100,
        "seconds": 10.0,
        "cpu_s": 20.0,
        "peak_bytes": 300e6,
        "lake_bytes": 1_000_000,
    } | fields
    return Cost(archive="a.warc.gz", **values)  # type: ignore[arg-type]


def test_memory_and_cpu_of_children_count_and_those_of_others_do_not() -> None:
    usage = Usage()

    assert wait_for(start(_WORK), usage)
    assert 80e6 < usage.peak_bytes < 400e6
    assert 0.3 < usage.cpu_s < 10


def test_a_run_is_left_when_its_time_has_come_and_its_child_dies_with_it() -> None:
    running = start("import time; time.sleep(600)")
    assert not wait_for(running, Usage(), time.monotonic() + 1)
    assert list(processes(running.pid))

    kill(running)

    assert not list(processes(running.pid))
    assert running.returncode == -9


def test_lakes_differ_by_bytes_and_by_files_but_not_by_tables_about_runs(
    tmp_path: Path,
) -> None:
    for name, text in (("a", "x"), ("b", "y")):
        for table in ("articles", "events", "runs", "fetches", "_meta/commits"):
            path = tmp_path / name / table / "part-00000.parquet"
            path.parent.mkdir(parents=True)
            path.write_text("same" if table == "events" else text)
    (tmp_path / "b" / "events" / "part-00001.parquet").write_text("more")

    assert differing(tmp_path / "a", tmp_path / "b") == [
        "articles/part-00000.parquet",
        "events/part-00001.parquet",
    ]
    assert differing(tmp_path / "a", tmp_path / "a") == []


def test_the_table_has_figures_per_article_and_their_growth() -> None:
    out = Console(width=120)
    with out.capture() as output:
        out.print(
            table_of(
                [cost(), cost(articles=1000, seconds=100.0, cpu_s=300.0, lake_bytes=8_000_000)]
            )
        )
    first, last, ratios = (
        [cell.strip() for cell in line.split("│")[1:-1]]
        for line in output.get().splitlines()
        if line.startswith("│") and "lake MB" not in line
    )

    assert first == ["a.warc.gz", "100", "10.0", "10.0", "200.0", "300", "1.0", "10000"]
    assert last == ["a.warc.gz", "1,000", "100.0", "10.0", "300.0", "300", "8.0", "8000"]
    assert ratios == ["last to first", "10.00", "10.00", "1.00", "1.50", "1.00", "8.00", "0.80"]
