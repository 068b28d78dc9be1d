"""Cost of a backfill per article, its growth with the archive, and its result after kill -9.

    python -m bench.backfill a20k.warc.gz a200k.warc.gz [--folder DIR] [--kill 3]

`newsbeam backfill` reads each archive into its own lake, in its own process. Twice a second the
resident memory of its processes is summed (pages that they share count in each) and their CPU time
is read, from Linux's /proc. With --kill the first archive is backfilled again into a second lake;
its processes are killed and restarted the given number of times, at points drawn from the seed over
the time of the undisturbed run. The files of both lakes are then compared, except those of `runs`
and `fetches`, which describe the runs themselves. The exit code is 4 if they differ.
"""

import argparse
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random

import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from pipelines.terminal import FAILING, OK, PARTIAL

NOW = "2026-01-02T00:00:00Z"
SAMPLE_INTERVAL_S = 0.5
"""Short enough to see the peak of the memory, long enough that reading /proc costs nothing."""
KILL_TIMEOUT_S = 30.0
"""A judgement: the kernel needs time to free the memory of killed processes on a busy machine."""
EXCLUDED = ("_meta", "_staging", "fetches", "runs")
"""Folders of a lake that record its runs, and so depend on how often it was killed."""
_ROOT = Path(__file__).parents[1]
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(slots=True)
class Usage:
    """CPU time and peak memory of the processes of a run, as sampled so far."""

    peak_bytes: int = 0
    cpu_ticks: dict[tuple[int, int], int] = field(default_factory=dict)

    @property
    def cpu_s(self) -> float:
        """CPU seconds, including processes that have ended.

        The time a process used after its last sample is missing.
        """
        return sum(self.cpu_ticks.values()) / _TICKS

    def sample(self, session: int) -> None:
        """Read the current use of the processes of a session."""
        resident = 0
        for pid, start, ticks, size in processes(session):
            resident += size
            # The kernel reuses pids; with the start time they are unique.
            self.cpu_ticks[pid, start] = ticks
        self.peak_bytes = max(self.peak_bytes, resident)


@dataclass(frozen=True, slots=True)
class Cost:
    """Resources that one backfill used, and the size of its lake."""

    archive: str
    articles: int
    seconds: float
    cpu_s: float
    peak_bytes: int
    lake_bytes: int

    @property
    def cpu_ms_each(self) -> float:
        """CPU milliseconds per article."""
        return 1000 * self.cpu_s / max(1, self.articles)


def processes(session: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield pid, start, CPU ticks and resident bytes of each living process of a session
    (proc(5))."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            # The second field is the program's name, which may contain spaces and parentheses.
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[3]) == session and fields[0] not in "ZX":
                yield (
                    int(path.parent.name),
                    int(fields[19]),
                    int(fields[11]) + int(fields[12]),
                    int(fields[21]) * _PAGE,
                )


def start_backfill(archive: Path, lake: Path) -> subprocess.Popen[bytes]:
    """Start the command in its own session, with a fixed clock and run id."""
    command = [
        sys.executable,
        "-m",
        "pipelines.cli",
        "backfill",
        str(archive.resolve()),
        "--lake",
        str(lake.resolve()),
    ]
    return subprocess.Popen(  # noqa: S603
        [*command, "--now", NOW, "--run-id", "bench", "--json"],
        stdout=subprocess.DEVNULL,
        cwd=_ROOT,
        start_new_session=True,
    )


def wait_for(running: subprocess.Popen[bytes], usage: Usage, until: float = float("inf")) -> bool:
    """Sample the processes until the command ends, or until a time of `time.monotonic`.

    Return whether the command has ended.
    """
    while running.poll() is None and time.monotonic() < until:
        usage.sample(running.pid)
        with suppress(subprocess.TimeoutExpired):
            running.wait(min(SAMPLE_INTERVAL_S, max(0.0, until - time.monotonic())))
    return running.poll() is not None


def finish(running: subprocess.Popen[bytes], usage: Usage) -> None:
    """Wait until the command ends; raise ChildProcessError if it failed."""
    wait_for(running, usage)
    if running.returncode not in {OK, PARTIAL}:
        raise ChildProcessError(
            f"newsbeam backfill ended with exit code {running.returncode}; see its messages above"
        )


def measure(archive: Path, lake: Path) -> Cost:
    """Backfill an archive into a new lake and return the cost."""
    usage, start = Usage(), time.monotonic()
    finish(start_backfill(archive, lake), usage)
    seconds = time.monotonic() - start
    size = sum(path.stat().st_size for path in lake.rglob("*") if path.is_file())
    return Cost(archive.name, articles_in(lake), seconds, usage.cpu_s, usage.peak_bytes, size)


def articles_in(lake: Path) -> int:
    """Return the number of articles in a lake, also while a run writes to it."""
    return sum(pq.read_metadata(path).num_rows for path in lake.glob("articles/*/*.parquet"))


def backfill_with_kills(
    archive: Path,
    lake: Path,
    seconds: float,
    kills: int,
    rng: Random,
    report: Callable[[str], object],
) -> None:
    """Backfill an archive, killing the run `kills` times within `seconds`.

    If a run ends before it is killed, start again with an empty lake and half the time.
    """
    # Not in the first or last moments, when there is nothing written yet or nothing left to do.
    points = [0.0, *sorted(rng.uniform(0.05, 0.95) for _ in range(kills))]
    for before, point in pairwise(points):
        running, wait = start_backfill(archive, lake), seconds * (point - before)
        if wait_for(running, Usage(), time.monotonic() + wait):
            finish(running, Usage())
            report(
                f"the run ended before it could be killed after {wait:.1f} s; starting again "
                "with earlier kills"
            )
            shutil.rmtree(lake)
            return backfill_with_kills(archive, lake, seconds / 2, kills, rng, report)
        kill(running)
        report(f"killed after {wait:.1f} s, with {articles_in(lake):,} articles in the lake")
    return finish(start_backfill(archive, lake), Usage())


def kill(running: subprocess.Popen[bytes]) -> None:
    """Kill the command's process group.

    Raise ChildProcessError if a process of its session is still alive after KILL_TIMEOUT_S.
    """
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    deadline = time.monotonic() + KILL_TIMEOUT_S
    while alive := [pid for pid, *_ in processes(running.pid)]:
        if time.monotonic() > deadline:
            raise ChildProcessError(
                f"processes {alive} are still alive {KILL_TIMEOUT_S:.0f} s after the kill"
            )
        time.sleep(0.1)


def hashes(lake: Path) -> dict[str, str]:
    """Return the SHA-256 of each file that depends on the input only, by its path in the lake."""
    found = {}
    for path in sorted(lake.rglob("*")):
        relative = path.relative_to(lake)
        if path.is_file() and relative.parts[0] not in EXCLUDED:
            found[relative.as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def differing(a: Path, b: Path) -> list[str]:
    """Return the paths of files that differ between two lakes, or that only one of them has."""
    in_a, in_b = hashes(a), hashes(b)
    return sorted(name for name in in_a.keys() | in_b.keys() if in_a.get(name) != in_b.get(name))


def table_of(costs: Sequence[Cost]) -> Table:
    """Return the table of costs; its last row has the ratios of the last cost to the first."""
    table = Table(
        "archive", "articles", "s", "articles/s", "CPU ms each", "peak MB", "lake MB", "bytes each"
    )
    for cost in costs:
        table.add_row(
            cost.archive,
            f"{cost.articles:,}",
            f"{cost.seconds:.1f}",
            f"{cost.articles / cost.seconds:.1f}",
            f"{cost.cpu_ms_each:.1f}",
            f"{cost.peak_bytes / 1e6:.0f}",
            f"{cost.lake_bytes / 1e6:.1f}",
            f"{cost.lake_bytes / max(1, cost.articles):.0f}",
        )
    if len(costs) > 1:
        table.add_section()
        table.add_row("last to first", *_ratios(costs[0], costs[-1]))
    return table


def _ratios(a: Cost, b: Cost) -> list[str]:
    each_a, each_b = a.lake_bytes / max(1, a.articles), b.lake_bytes / max(1, b.articles)
    pairs = (
        (a.articles, b.articles),
        (a.seconds, b.seconds),
        (a.articles / a.seconds, b.articles / b.seconds),
        (a.cpu_ms_each, b.cpu_ms_each),
        (a.peak_bytes, b.peak_bytes),
        (a.lake_bytes, b.lake_bytes),
        (each_a, each_b),
    )
    return [f"{y / x:.2f}" if x else "-" for x, y in pairs]


def run(options: argparse.Namespace, folder: Path, out: Console) -> bool:
    """Measure each archive, repeat the first with kills if requested, and print the figures.

    Return whether the lake of the killed runs has the same bytes as that of the undisturbed run.
    """
    costs = []
    for number, archive in enumerate(options.archives):
        costs.append(measure(archive, folder / f"lake-{number}"))
        out.print(
            f"{archive.name}: {costs[-1].articles:,} articles in {costs[-1].seconds:.1f} s",
            highlight=False,
        )
    out.print(table_of(costs))
    if not options.kill:
        return True
    rng = Random(options.seed)
    write = partial(out.print, highlight=False, soft_wrap=True)
    killed_lake = folder / "killed"
    backfill_with_kills(
        options.archives[0], killed_lake, costs[0].seconds, options.kill, rng, write
    )
    wrong = differing(folder / "lake-0", killed_lake)
    result = f"{len(wrong)} files differ" if wrong else "the same bytes"
    write(f"killed {options.kill} times: {result}")
    for name in wrong:
        write(f"  {name}")
    return not wrong


def main() -> None:
    """Read the options and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("archives", nargs="+", type=Path, metavar="ARCHIVE")
    parser.add_argument(
        "--folder", type=Path, help="an empty folder for the lakes (default: temporary, removed)"
    )
    parser.add_argument(
        "--kill", type=int, default=0, metavar="TIMES", help="kill a second run this many times"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the times of the kills")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="newsbeam-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        parser.error(f"--folder {folder}: not empty")
    try:
        same = run(options, folder, Console(width=110))
    finally:
        if options.folder is None:
            shutil.rmtree(folder)
    sys.exit(OK if same else FAILING)


if __name__ == "__main__":
    main()
