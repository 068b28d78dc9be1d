"""What does a backfill cost an article, does that stay flat as archives grow, and does kill -9
change a byte?

    python -m bench.backfill a20k.warc.gz a200k.warc.gz [--folder DIR] [--kill 3]

Each archive is backfilled into a lake of its own by `newsbeam backfill`, as a process. Twice a
second the resident memory of its processes is added up (pages that they share count in each) and
their CPU time read, from Linux's /proc. With --kill the first archive is backfilled once more, its
processes killed so often at points drawn by the seed over the time it took undisturbed, and begun
again each time; then the two lakes' files are compared, but those of `runs` and `fetches`, which
tell of the running. Exit code 4: they differ.
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
EVERY_S = 0.5
DIES_WITHIN_S = 30.0
LEFT_OUT = ("_meta", "_staging", "fetches", "runs")
_ROOT = Path(__file__).parents[1]
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(slots=True)
class Usage:
    """What the processes of a run have used so far, as far as it was seen."""

    peak_bytes: int = 0
    cpu_ticks: dict[tuple[int, int], int] = field(default_factory=dict)

    @property
    def cpu_s(self) -> float:
        """CPU seconds, of those too that have ended.

        What a process used after the last look at it is not in it.
        """
        return sum(self.cpu_ticks.values()) / _TICKS

    def look(self, session: int) -> None:
        """Add what the processes of a session use now."""
        resident = 0
        for pid, start, ticks, size in processes(session):
            resident += size
            self.cpu_ticks[pid, start] = ticks
        self.peak_bytes = max(self.peak_bytes, resident)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one backfill took and left."""

    archive: str
    articles: int
    seconds: float
    cpu_s: float
    peak_bytes: int
    lake_bytes: int

    @property
    def cpu_ms_each(self) -> float:
        """CPU milliseconds an article."""
        return 1000 * self.cpu_s / max(1, self.articles)


def processes(session: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield pid, start, CPU ticks and resident bytes of each living process of a session
    (proc(5))."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[3]) == session and fields[0] not in "ZX":
                yield (
                    int(path.parent.name),
                    int(fields[19]),
                    int(fields[11]) + int(fields[12]),
                    int(fields[21]) * _PAGE,
                )


def start_backfill(archive: Path, lake: Path) -> subprocess.Popen[bytes]:
    """Start the command in a session of its own, its clock and its name fixed."""
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
    """Look at the processes until the command ends or the time has come.

    Return whether it has ended.
    """
    while running.poll() is None and time.monotonic() < until:
        usage.look(running.pid)
        with suppress(subprocess.TimeoutExpired):
            running.wait(min(EVERY_S, max(0.0, until - time.monotonic())))
    return running.poll() is not None


def finish(running: subprocess.Popen[bytes], usage: Usage) -> None:
    """Wait for the command's end; raise ChildProcessError where it failed."""
    wait_for(running, usage)
    if running.returncode not in {OK, PARTIAL}:
        raise ChildProcessError(
            f"newsbeam backfill ended with exit code {running.returncode}; see its words above"
        )


def measure(archive: Path, lake: Path) -> Cost:
    """Backfill an archive into a new lake and return what it took."""
    usage, start = Usage(), time.monotonic()
    finish(start_backfill(archive, lake), usage)
    seconds = time.monotonic() - start
    size = sum(path.stat().st_size for path in lake.rglob("*") if path.is_file())
    return Cost(archive.name, articles_in(lake), seconds, usage.cpu_s, usage.peak_bytes, size)


def articles_in(lake: Path) -> int:
    """Return how many articles a lake has."""
    return sum(pq.read_metadata(path).num_rows for path in lake.glob("articles/*/*.parquet"))


def disturb(
    archive: Path,
    lake: Path,
    seconds: float,
    kills: int,
    rng: Random,
    said: Callable[[str], object],
) -> None:
    """Backfill an archive, killed so often over the seconds.

    Where it ends before, all begins anew over half.
    """
    points = [0.0, *sorted(rng.uniform(0.05, 0.95) for _ in range(kills))]
    for before, point in pairwise(points):
        running, wait = start_backfill(archive, lake), seconds * (point - before)
        if wait_for(running, Usage(), time.monotonic() + wait):
            finish(running, Usage())
            said(
                f"it ended before it could be killed after {wait:.1f} s; all anew, with "
                "the kills sooner"
            )
            shutil.rmtree(lake)
            return disturb(archive, lake, seconds / 2, kills, rng, said)
        kill(running)
        said(f"killed after {wait:.1f} s, with {articles_in(lake):,} articles in the lake")
    return finish(start_backfill(archive, lake), Usage())


def kill(running: subprocess.Popen[bytes]) -> None:
    """Kill the command's group of processes.

    Raise ChildProcessError where one of its session lives on.
    """
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    late = time.monotonic() + DIES_WITHIN_S
    while left := [pid for pid, *_ in processes(running.pid)]:
        if time.monotonic() > late:
            raise ChildProcessError(
                f"processes {left} live on {DIES_WITHIN_S:.0f} s after their run was killed"
            )
        time.sleep(0.1)


def hashes(lake: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of the tables that are a function of the input, by its path
    in the lake.
    """
    files = (path for path in sorted(lake.rglob("*")) if path.is_file())
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if (name := path.relative_to(lake).as_posix()).split("/")[0] not in LEFT_OUT
    }


def differing(a: Path, b: Path) -> list[str]:
    """Return the files of two lakes that only one has, or that differ."""
    ours, theirs = hashes(a), hashes(b)
    return sorted(
        name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)
    )


def table_of(costs: Sequence[Cost]) -> Table:
    """Return the table of costs, and under it what the last took of the first an article."""
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
    """Measure, kill where that is asked, and print.

    Return whether the killed lake has the undisturbed one's bytes.
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
    say = partial(out.print, highlight=False, soft_wrap=True)
    disturb(options.archives[0], folder / "killed", costs[0].seconds, options.kill, rng, say)
    wrong = differing(folder / "lake-0", folder / "killed")
    say(
        f"killed {options.kill} times: "
        f"{'the same bytes' if not wrong else f'{len(wrong)} files differ'}"
    )
    for name in wrong:
        say(f"  {name}")
    return not wrong


def main() -> None:
    """Read the options and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("archives", nargs="+", type=Path, metavar="ARCHIVE")
    parser.add_argument(
        "--folder", type=Path, help="where the lakes stay afterwards; they are removed without it"
    )
    parser.add_argument("--kill", type=int, default=0, metavar="TIMES")
    parser.add_argument("--seed", type=int, default=1, help="of the points of the kills")
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
