"""newsbeam on a real Flink cluster of two task managers: the same lakes, also where one of them is
killed in mid-run.

    python -m tests.engines.flink [--cache FOLDER] [--job-server-jar PATH]

Flink comes by pip, Beam's job server by Maven, unless its jar is named. Exit codes: 0 all lakes are
the same, 1 they are not, 77 the engine cannot be had here.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.engines.common import (
    DIFFERENT,
    NOT_TO_BE_HAD,
    SAME,
    TASKS,
    Material,
    NotToBeHadError,
    all_pages,
    compare,
    finish,
    material,
    newsbeam,
    say,
    start_newsbeam,
)
from tests.engines.flink_cluster import (
    CACHE,
    SLOTS,
    Cluster,
    get_flink,
    get_job_server,
    running,
    wait_until,
)
from tests.engines.worker_pool import worker_pool

_INTO_THE_RUN_S = 5.0
"""A task manager is killed so long after the job began."""


def external(pool: str) -> tuple[str, ...]:
    """Return Beam's options for SDK workers that a pool starts."""
    return "--environment_type=EXTERNAL", f"--environment_config={pool}"


def on_flink(cluster: Cluster, job_server: Path, pool: str) -> tuple[str, ...]:
    """Return the options that bring a run to a cluster; every task manager has a share of it."""
    workers = len(cluster.managers) * SLOTS
    return (
        "--runner=FlinkRunner",
        f"--flink_master={cluster.master}",
        f"--flink_job_server_jar={job_server}",
        f"--parallelism={workers}",
        *external(pool),
    )


def is_same(task: str, given: Material, folder: Path, engine: Sequence[str]) -> bool:
    """Run a task here and on an engine, and tell whether the lakes are the same."""
    say(f"{task}, on this machine alone")
    newsbeam(*given.words(task, folder / f"{task}-alone"))
    say(f"{task}, on the engine")
    newsbeam(*given.words(task, folder / f"{task}-engine", *engine))
    return compare(task, folder / f"{task}-alone", folder / f"{task}-engine")


def survives(
    task: str, given: Material, folder: Path, engine: Sequence[str], cluster: Cluster
) -> bool:
    """Run a task while a task manager is killed, and tell whether it was hit and the lake is the
    same nevertheless.
    """
    before = cluster.jobs().keys()
    started = start_newsbeam(*given.words(task, folder / f"{task}-killed", *engine), "--json")
    try:
        wait_until(lambda: "RUNNING" in cluster.jobs().values(), "the job")
        time.sleep(_INTO_THE_RUN_S)
        cluster.kill_task_manager()
        cluster.add_task_manager()
        say(f"{task}, a task manager killed")
    finally:
        finish(started)
    hit = any(cluster.failures(job) for job in cluster.jobs().keys() - before)
    say(f"{task}: the job {'began again' if hit else 'was not hit'}")
    return compare(f"{task}, killed", folder / f"{task}-alone", folder / f"{task}-killed") and hit


def check(cluster: Cluster, job_server: Path, folder: Path) -> bool:
    """Run all tasks, and tell whether all their lakes are the same."""
    with material(folder, all_pages()) as given, worker_pool(folder / "worker-pool.log") as pool:
        engine = on_flink(cluster, job_server, pool)
        results = [
            is_same(task, given, folder, engine) and survives(task, given, folder, engine, cluster)
            for task in TASKS
        ]
    return all(results)


def main(args: Sequence[str] | None = None) -> int:
    """Run the check and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cache", type=Path, default=CACHE, help="where downloads are kept")
    parser.add_argument(
        "--job-server-jar", type=Path, help="Beam's job server for Flink, else it is fetched"
    )
    given = parser.parse_args(args)
    if given.job_server_jar and not given.job_server_jar.is_file():
        parser.error(f"there is no {given.job_server_jar}")
    try:
        job_server = given.job_server_jar or get_job_server(given.cache)
        home = get_flink(given.cache)
    except NotToBeHadError as error:
        say(f"not to be had: {error}")
        return NOT_TO_BE_HAD
    with tempfile.TemporaryDirectory() as name, running(home, Path(name, "flink")) as cluster:
        return SAME if check(cluster, job_server, Path(name)) else DIFFERENT


if __name__ == "__main__":
    sys.exit(main())
