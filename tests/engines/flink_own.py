"""Does the cluster keep what it promises, whatever runs on it? A stream of Flink's own is counted,
without Beam.

    python -m tests.engines.flink_own [--cache FOLDER]

Numbers go into files while a task manager is killed, and again after a savepoint: each must be
there once.
"""

import argparse
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.engines.common import DIFFERENT, NOT_TO_BE_HAD, SAME, NotToBeHadError, say
from tests.engines.flink_cluster import CACHE, SLOTS, Cluster, get_flink, running, wait_until

NUMBERS = 9_000
A_SECOND = 150
_NUMBERS = f"""CREATE TABLE numbers (n BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '{A_SECOND}',
    'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '{NUMBERS}')"""
_FOUND = (
    "CREATE TABLE found (n BIGINT) WITH ('connector' = 'filesystem', 'path' = '{found}', "
    "'format' = 'csv')"
)
_INSERT = "INSERT INTO found SELECT n FROM numbers"
_OPTIONS = (f"parallelism.default={2 * SLOTS}", "execution.checkpointing.interval=2 s")


def count_through_faults(cluster: Cluster) -> bool:
    """Count numbers while a task manager is killed, then across a savepoint.

    Tell whether each came out once.
    """
    found = cluster.folder / "found"
    job = submit(cluster, found)
    wait_until(lambda: cluster.checkpoints(job) >= 2, "checkpoints")
    before = len(committed(found))
    cluster.kill_task_manager()
    cluster.add_task_manager()
    wait_until(
        lambda: cluster.failures(job) > 0 and cluster.state(job) == "RUNNING", "the recovery"
    )
    again = cluster.checkpoints(job)
    wait_until(lambda: cluster.checkpoints(job) > again, "a checkpoint after the recovery")
    say(
        f"a task manager was killed at {before} numbers: job {cluster.state(job)}, "
        f"{len(committed(found))} by now"
    )
    saved = cluster.cancel_with_savepoint(job)
    held = len(committed(found))
    second = submit(cluster, found, f"execution.savepoint.path={saved}")
    wait_until(
        lambda: cluster.state(second) == "FINISHED", "the end", timeout_s=NUMBERS / A_SECOND + 120
    )
    counts = Counter(committed(found))
    lost, doubled = NUMBERS - len(counts), sum(counts.values()) - len(counts)
    say(
        f"cancelled with a savepoint at {held} numbers, resumed: {len(counts)} of "
        f"{NUMBERS}, {doubled} doubled"
    )
    return not lost and not doubled and 0 < before < held < NUMBERS


def submit(cluster: Cluster, found: Path, *more: str) -> str:
    """Start the stream, with more options, and return the job's id."""
    options = (*_OPTIONS, *more)
    statements = (_NUMBERS, _FOUND.format(found=found.as_uri()), _INSERT)
    client = cluster.start(
        str(Path(__file__).with_name("Sql.java")), "sql", str(len(options)), *options, *statements
    )
    failed = client.wait(timeout=120)
    log = (cluster.folder / "sql.log").read_text()
    ids: list[str] = re.findall(r"Job ID: ([0-9a-f]{32})", log)
    if failed or not ids:
        raise RuntimeError(f"the stream was not started:\n{log[-2000:]}")
    return ids[-1]


def committed(found: Path) -> list[int]:
    """Return the numbers of the files that Flink has committed.

    What is in progress has a name with a dot before it.
    """
    return [int(line) for path in found.glob("part-*") for line in path.read_text().split()]


def main(args: Sequence[str] | None = None) -> int:
    """Run the check and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cache", type=Path, default=CACHE, help="where downloads are kept")
    given = parser.parse_args(args)
    try:
        home = get_flink(given.cache)
    except NotToBeHadError as error:
        say(f"not to be had: {error}")
        return NOT_TO_BE_HAD
    with tempfile.TemporaryDirectory() as folder, running(home, Path(folder, "flink")) as cluster:
        well = count_through_faults(cluster)
    say(
        "each number is there once"
        if well
        else "numbers were lost or doubled, or nothing was seen to happen"
    )
    return SAME if well else DIFFERENT


if __name__ == "__main__":
    sys.exit(main())
