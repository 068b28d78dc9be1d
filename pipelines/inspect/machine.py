"""Checks of this machine and of the runs of a lake, for `newsbeam doctor`."""

import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata

from packaging.requirements import Requirement

from pipelines import __version__
from transforms.core.lake.encoding.arrow_rows import Row
from transforms.core.lake.log.paths import STAGING
from transforms.core.lake.log.preflight import ABOUT, check_is_ours
from transforms.core.lake.log.store import LakeStore, is_there
from transforms.core.lake.merge.overlay import path_of
from transforms.core.lake.queries import LakeQueries
from transforms.core.lake.schema.tables import RUNS, TABLES
from transforms.errors import ExtractError, NewsbeamError
from transforms.lake_to_read import queries_on
from transforms.processes import ordered_map
from transforms.stores import LocalStore, existing_folder, open_store

MIN_FREE_BYTES = 2**30
"""Free space that the temporary folder needs: runs with --keep-raw stage a batch of 4,000 pages in
it, which at 170 KB a page is 0.7 GB.
"""
SCHEDULED_KINDS = frozenset({"scheduled", "stream"})
"""Kinds of runs that a schedule starts: a backfill must not hide a schedule that stopped."""
_PACKAGES = ("pipelines", "transforms")
_JAVA_TIMEOUT_S = 20
"""A cold JVM prints its version within a second or two; this only ends one that hangs."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: whether it passed, and what was found."""

    name: str
    ok: bool
    message: str


def check_machine() -> list[Check]:
    """Check what the commands need of the machine."""
    checks = (
        ("versions", _versions),
        ("model", _model),
        ("processes", _processes),
        ("temporary files", _temporary),
    )
    return [_run_check(name, run) for name, run in checks] + [Check("java", True, _java())]


def check_lake(lake: str, now: datetime, max_age_s: float) -> list[Check]:
    """Check that a lake is writable, has room, and its last run succeeded at most `max_age_s`
    seconds ago.

    A lake that is yet to be made passes if it can be made.
    """
    checks: tuple[tuple[str, Callable[[], str]], ...] = (
        ("write access", lambda: _write_access(lake)),
        ("free space", lambda: _free_space(lake)),
        ("last run", lambda: _last_run(lake, now, max_age_s)),
    )
    return [_run_check(name, run) for name, run in checks]


class _FailingError(Exception):
    """A check failed; the message says why."""


def _run_check(name: str, run: Callable[[], str]) -> Check:
    try:
        return Check(name, True, run())
    except (_FailingError, NewsbeamError, OSError) as error:
        return Check(name, False, str(error))


def _versions() -> str:
    """Return the main versions; raises if an installed version does not meet the requirements."""
    wrong = [problem for problem in map(_problem, _requirements()) if problem]
    if wrong:
        raise _FailingError(f"{'; '.join(wrong)}; install what requirements.txt pins")
    if others := _same_packages():
        raise _FailingError(
            f"{', '.join(others)} also has packages named {' or '.join(_PACKAGES)}, whose files "
            "may have replaced newsbeam's: install newsbeam into an environment of its own"
        )
    named = ", ".join(
        f"{name} {metadata.version(name)}" for name in ("apache-beam", "pyarrow", "duckdb", "spacy")
    )
    return f"newsbeam {__version__} on Python {platform.python_version()}, {named}"


def _same_packages() -> list[str]:
    """Return the other installed projects that have a package of the same name as one of ours."""
    owners = metadata.packages_distributions()
    return sorted(
        {name for package in _PACKAGES for name in owners.get(package, ())} - {"newsbeam"}
    )


def _requirements() -> Iterator[Requirement]:
    try:
        texts = metadata.requires("newsbeam") or ()
    except metadata.PackageNotFoundError as error:
        raise _FailingError(
            "newsbeam is not installed, only importable: run pip install in its folder"
        ) from error
    for requirement in map(Requirement, texts):
        # Requirements of extras have a marker that is false without an extra.
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield requirement


def _problem(requirement: Requirement) -> str | None:
    try:
        installed = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return f"{requirement.name} is missing"
    if requirement.specifier.contains(installed, prereleases=True):
        return None
    return f"{requirement.name} is {installed}, not {requirement.specifier}"


def _model() -> str:
    """Load the syntax model, which verifies the hash of its weights."""
    from transforms.core.events.parse.model import load_model

    model = load_model("en")
    return f"{model.meta['lang']}_{model.meta['name']} {model.meta['version']}, weights verified"


def _processes() -> str:
    """Run a function in another process, as pages are processed."""
    ((_, pid),) = ordered_map(_pid, [0], ExtractError, size=1, preloaded=())
    if isinstance(pid, NewsbeamError):
        raise _FailingError(f"a child process failed: {pid}")
    return f"{os.cpu_count()} cores, child processes work"


def _pid(_: int) -> int:
    return os.getpid()


def _temporary() -> str:
    folder = tempfile.gettempdir()
    with tempfile.TemporaryFile() as file:
        file.write(b"newsbeam")
    free = shutil.disk_usage(folder).free
    if free < MIN_FREE_BYTES:
        raise _FailingError(
            f"{folder} has {free // 2**20} MB free; runs stage pages there: make room for "
            "1 GB or set TMPDIR"
        )
    return f"{folder} is writable, {free // 2**30} GB free"


def _java() -> str:
    java = shutil.which("java")
    if java is None:
        return "not installed; only Flink's job server needs it"
    done = subprocess.run(  # noqa: S603 - the machine's own java
        [java, "-version"], capture_output=True, text=True, timeout=_JAVA_TIMEOUT_S, check=False
    )
    return (done.stderr.splitlines() or [f"{java} prints nothing"])[0]


def _write_access(lake: str) -> str:
    """Return that runs may write to a lake; a missing lake is not created.

    A lake in a folder may be somebody else's, and is not written to. Of a bucket, only a try shows
    what its owner permits: a file is written to the staging folder, and deleted.
    """
    store = _existing(lake)
    if store is None:
        return _can_be_made(lake)
    if isinstance(store, LocalStore):
        store.check_writable()
        return f"{lake} is writable"
    path = f"{STAGING}/doctor-{platform.node()}-{os.getpid()}"
    store.put(path, b"", None)
    store.delete(path)
    return f"{lake} is writable"


def _existing(lake: str) -> LakeStore | None:
    """Return the store of a lake, None if there is none yet.

    Raises LakeError if there is something else, or a lake that has lost its own files.
    """
    store = open_store(lake)
    if is_there(store, ABOUT):
        return store
    check_is_ours(store)
    lost = [name for name in store.names() if name in TABLES]
    if lost:
        raise _FailingError(f"{lake} has tables of a lake, but {ABOUT} is gone; restore it")
    return None


def _can_be_made(lake: str) -> str:
    if "://" not in lake:
        folder = existing_folder(lake)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise _FailingError(f"{folder} cannot be written, so that no lake can be made in it")
    return f"there is no lake at {lake} yet; the first run makes it"


def _free_space(lake: str) -> str:
    if "://" in lake:
        return "a bucket has no limit that could be asked for"
    folder = existing_folder(lake)
    free = shutil.disk_usage(folder).free
    if free < MIN_FREE_BYTES:
        raise _FailingError(
            f"{folder} has {free // 2**20} MB free; a commit writes whole files beside the old "
            "ones: make room for 1 GB"
        )
    return f"{folder} has {free // 2**30} GB free"


def _last_run(lake: str, now: datetime, max_age_s: float) -> str:
    if _existing(lake) is None:
        return "none yet"
    run = _newest_run(queries_on(lake))
    if run is None:
        raise _FailingError(f"{lake} has no run yet")
    age = (now - (run["ended_at"] or run["started_at"])).total_seconds()
    summary = (
        f"{run['run_id']} ({run['kind']}): {run['status']}, {_duration(age)} ago, "
        f"{run['articles_new']} new articles"
    )
    if run["status"] == "failed" or age > max_age_s:
        raise _FailingError(
            f"{summary}; expected within {_duration(max_age_s)}: see the log of the scheduler"
        )
    return summary


def _duration(seconds: float) -> str:
    """Return a time in the largest unit of which there are two, e.g. `772 days`."""
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        count = seconds / length
        if count >= 2:
            # One decimal of a small number, so that what is over a limit is not shown as the limit.
            return f"{count:.0f} {unit}" if count >= 10 else f"{round(count, 1):g} {unit}"
    return f"{seconds:.0f} s"


def _newest_run(lake: LakeQueries) -> Row | None:
    """Return the newest scheduled run, else the newest run of any kind."""
    newest = None
    for day in reversed(lake.days(RUNS)):
        data = lake.read(path_of(RUNS, f"day={day.isoformat()}"), None)
        rows = data.to_pylist() if data is not None else []
        for row in sorted(rows, key=_end_of_run, reverse=True):
            if row["kind"] in SCHEDULED_KINDS:
                return dict(row)
            newest = newest or dict(row)
    return newest


def _end_of_run(row: Row) -> tuple[datetime, str]:
    return row["ended_at"] or row["started_at"], row["run_id"]
