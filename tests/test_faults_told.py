"""What goes wrong around a run is told in one sentence: a lake that disappears, a name, an option,
too little memory, and what a worker of an engine reports.
"""

import errno
import json
import os
import resource
import shutil
import subprocess
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

import apache_beam as beam
import pytest

from pipelines import cli, start
from pipelines.cli import option_table
from pipelines.jobs.plan import Contents, Plan, PlannedBatch
from tests.helpers import web_site as web
from tests.helpers.lakes import article, coded, make_batch, make_lake, run_of
from tests.helpers.newspapers import LEDE, REST, feed, page
from transforms.core.lake.log.manifest import MANIFEST
from transforms.core.lake.log.store import NoRoomError
from transforms.errors import ConfigError, FetchError, LakeError, MachineError, NewsbeamError
from transforms.machine_faults import fault_of_command, machine_fault_told

pytestmark = pytest.mark.slow

NEWSBEAM = Path(sys.executable).parent / "newsbeam"


def newsbeam(*words: str | bytes, before: Callable[[], None] | None = None) -> tuple[int, str]:
    done = subprocess.run(
        [NEWSBEAM, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=before,
    )
    return done.returncode, done.stderr


LOSSES: dict[str, Callable[[Path], object]] = {
    "lake": shutil.rmtree,
    "moved": lambda lake: lake.rename(lake.with_name("elsewhere")),
    "meta": lambda lake: shutil.rmtree(lake / "_meta"),
    "about": lambda lake: (lake / "_meta" / "lake.json").unlink(),
    "manifest": lambda lake: (lake / MANIFEST).unlink(),
    "table": lambda lake: shutil.rmtree(lake / "articles"),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_a_lake_that_is_deleted_during_a_run_is_not_written_to(loss: str, tmp_path: Path) -> None:
    root = tmp_path / "lake"
    lake = make_lake(root)
    lake.merge(make_batch(coded(article("http://a.test/1"))))
    LOSSES[loss](root)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(LakeError, match="deleted or moved") as caught:
        lake.merge(make_batch(coded(article("http://a.test/2")), run=run_of("r2")))
    assert caught.value.reason == "E_LAKE_GONE"
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("folder", ["_staging", "_raw"])
def test_folders_that_a_lake_may_lack_are_not_missed(folder: str, tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    shutil.rmtree(tmp_path / folder, ignore_errors=True)
    assert lake.merge(make_batch(coded(article("http://a.test/1"))))["articles_new"] == 1


@pytest.mark.parametrize("command", ["sql", "check", "ingest", "rebuild", "replay", "upgrade"])
def test_a_lake_whose_name_is_not_utf8_is_refused(command: str, tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/lake-\xff"
    own = {"sql": ["SELECT 1"], "ingest": ["--feeds", "http://a.test/rss"]}
    code, told = newsbeam(command, *own.get(command, []), b"--lake=" + name)
    assert code == 2, told
    assert "is not UTF-8" in " ".join(told.split())
    assert "Traceback" not in told
    assert not os.path.exists(name)


def test_a_lake_whose_name_is_utf8_is_read(tmp_path: Path) -> None:
    make_lake(tmp_path / "Übersee 湖")
    assert newsbeam("sql", "SELECT 1", "--lake", str(tmp_path / "Übersee 湖")) == (0, "")


def test_an_engine_that_lacks_options_is_told_before_a_lake_is_made(tmp_path: Path) -> None:
    pytest.importorskip("google.cloud.storage")
    words = ["ingest", "--feeds", "http://a.test/rss", "--lake", str(tmp_path / "lake")]
    code, told = newsbeam(*words, "--runner", "DataflowRunner")
    assert code == 2, told
    assert "project" in told
    assert "Traceback" not in told
    assert not (tmp_path / "lake").exists()


@pytest.mark.parametrize("name", ["../x", ".", "..x.Runner", "nowhere.Runner", "os.path"])
def test_a_runner_that_is_none_is_a_usage_error(name: str, tmp_path: Path) -> None:
    words = ["ingest", "--feeds", "http://a.test/rss", "--lake", str(tmp_path / "lake")]
    code, told = newsbeam(*words, "--runner", name)
    assert code == 2, told
    assert "Traceback" not in told
    assert not (tmp_path / "lake").exists()


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"])
def test_a_clock_at_the_end_of_the_calendar_is_a_usage_error(text: str, tmp_path: Path) -> None:
    words = ["ingest", "--feeds", "http://a.test/rss", "--lake", str(tmp_path / "lake")]
    code, told = newsbeam(*words, "--now", text)
    assert code == 2, told
    assert "is not between the years" in " ".join(told.split())
    assert not (tmp_path / "lake").exists()


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1), (0, 1, 2)], ids=str)
def test_standard_files_that_are_closed_are_nowhere(
    closed: tuple[int, ...], tmp_path: Path
) -> None:
    lake = tmp_path / "lake"
    make_lake(lake).merge(make_batch(coded(article("http://a.test/1"))))
    rows = tmp_path / "rows.json"
    before = {path: path.read_bytes() for path in lake.rglob("*") if path.is_file()}

    def close() -> None:
        for number in closed:
            os.close(number)

    for words in (["SELECT title FROM articles"], ["SELECT 1", "--json", "-o", str(rows)]):
        command = [str(NEWSBEAM), "sql", *words, "--lake", str(lake)]
        done = subprocess.run(
            command, check=False, timeout=120, capture_output=True, preexec_fn=close
        )
        assert done.returncode == 0
        assert done.stderr == b""
    assert json.loads(rows.read_text()) == [{"1": 1}]
    assert {path: path.read_bytes() for path in lake.rglob("*") if path.is_file()} == before


def test_a_limit_of_the_size_of_files_is_told(tmp_path: Path) -> None:
    make_lake(tmp_path / "lake")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    code, told = newsbeam("sql", "SELECT 1", "--lake", str(tmp_path / "lake"), before=limit)
    assert code == 1
    assert "E_MACHINE" in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("error", "is_of_machine"),
    [
        (OSError(errno.EFBIG, "File too large"), True),
        (FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']"), True),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "a"), False),
        (FileNotFoundError("No usable page"), False),
    ],
    ids=["size", "temporary", "file", "text"],
)
def test_limits_of_files_are_faults_of_the_machine(error: OSError, *, is_of_machine: bool) -> None:
    assert (fault_of_command(error) is not None) is is_of_machine


def test_check_takes_no_lack_of_files_for_a_fault_of_the_lake(tmp_path: Path) -> None:
    batch = make_batch(*(coded(article(f"http://a.test/{number}")) for number in range(40)))
    make_lake(tmp_path / "lake").merge(batch)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))

    code, told = newsbeam("check", "--lake", str(tmp_path / "lake"), before=limit)
    assert (code, "E_MACHINE" in told, "Traceback" in told) == (1, True, False), told
    assert newsbeam("check", "--lake", str(tmp_path / "lake"))[0] == 0


@pytest.mark.parametrize(
    ("message", "is_of_machine"),
    [
        ('IO Error: Cannot open file "a": Too many open files', True),
        ("No space left on device (os error 28)", True),
        ("[Errno 5] Error reading bytes from file. Input/output error", True),
        ("IO Error: No files found that match the pattern", False),
        ("Invalid Input Error: No magic bytes found at end of file 'a'", False),
    ],
)
def test_a_library_that_tells_of_the_machine_is_understood(
    message: str, *, is_of_machine: bool
) -> None:
    assert (machine_fault_told(message) is not None) is is_of_machine


def test_a_folder_that_duckdb_cannot_name_is_told(tmp_path: Path) -> None:
    make_lake(tmp_path / "a\\b")
    code, told = newsbeam("sql", "SELECT 1", "--lake", str(tmp_path / "a\\b"))
    assert code == 2
    assert "rename the folder" in " ".join(told.split())


def test_a_run_whose_lake_is_deleted_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = tmp_path / "lake"

    def delete(handler: object) -> None:
        shutil.rmtree(lake)
        page("Talks", LEDE, *REST)(handler)  # type: ignore[arg-type]

    routes = {
        "post.test/feed": feed("http://post.test/a"),
        "post.test/a": delete,
        "/robots.txt": web.status(404),
    }
    with web.serve(routes) as site:
        words = ["--connect-to", site.address, "--spacing", "0", "--workers", "0"]
        feeds = ["--feeds", "http://post.test/feed", "--lake", str(lake)]
        assert cli.run(["ingest", *feeds, *words]) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert "E_LAKE_GONE: the lake was deleted or moved" in told
    assert "[while running" not in told
    assert not lake.exists()


def _limit_memory(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


@pytest.mark.parametrize("megabytes", [150, 300, 520, 800, 1200, 1500])
def test_too_little_memory_is_one_sentence(megabytes: int, tmp_path: Path) -> None:
    words = ["ingest", "--feeds", "http://a.test/rss", "--lake", str(tmp_path / "lake")]
    code, told = newsbeam(*words, before=partial(_limit_memory, megabytes * 2**20))
    assert code == 1, told
    assert "newsbeam: E_MACHINE: " in told
    assert "ulimit -v" in " ".join(told.split())
    assert "Traceback" not in told
    assert not (tmp_path / "lake").exists()


def test_the_commands_that_need_more_memory_are_the_jobs() -> None:
    assert {*option_table.JOBS, "demo"} == start.JOBS


@pytest.mark.parametrize("words", [["--version"], ["sql", "SELECT 1"]])
def test_commands_on_files_need_less_memory(words: list[str], tmp_path: Path) -> None:
    make_lake(tmp_path / "lake")
    lake = ["--lake", str(tmp_path / "lake")] if "sql" in words else []
    code, told = newsbeam(*words, *lake, before=partial(_limit_memory, 1400 * 2**20))
    assert code == 0, told


class _Failing(Plan):
    """A plan whose only batch raises an error in a worker."""

    kind = "scheduled"
    config = "none"

    def __init__(self, error: Exception) -> None:
        self._error = error

    def batches(self, run: object, cursor: object) -> list[PlannedBatch]:  # type: ignore[override]
        return [PlannedBatch(label="", build=self._build)]

    def _build(self, pipeline: beam.Pipeline) -> Contents:
        return (pipeline | beam.Create([self._error]) | "Fail" >> beam.Map(_raise),)


def _raise(error: Exception) -> None:
    raise error


WORKER_FAULTS = {
    "machine": (MachineError("no model", reason="E_EVENTS_MODEL"), "E_EVENTS_MODEL: no model"),
    "machine, by itself": (MachineError("no disk"), "E_MACHINE: no disk"),
    "memory": (MemoryError(), "E_MACHINE: this machine"),
    "system": (SystemError("error return without exception set"), "E_MACHINE: this machine"),
    "threads": (RuntimeError("can't start new thread"), "E_MACHINE: this machine"),
    "import": (ImportError("No module named 'lxml'"), "E_MACHINE: a package"),
    "lake": (LakeError("it is gone", reason="E_LAKE_GONE"), "E_LAKE_GONE: it is gone"),
}


@pytest.mark.parametrize("runner", ["", "multi_processing"])
@pytest.mark.parametrize("fault", WORKER_FAULTS)
def test_a_fault_on_a_worker_is_one_sentence(
    fault: str,
    runner: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    error, expected = WORKER_FAULTS[fault]
    monkeypatch.setattr(
        "pipelines.jobs.ingest.IngestPlan.of_list", lambda *_, **__: _Failing(error)
    )
    words = ["ingest", "--feeds", "http://a.test/rss", "--lake", str(tmp_path / "lake")]
    mode = [f"--direct_running_mode={runner}"] if runner else []
    assert cli.run([*words, *mode]) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert f"newsbeam: {expected}" in told


def _text_of(error: Exception) -> str:
    try:
        raise error
    except Exception:
        return f"bundle failed: {traceback.format_exc()}\n[while running 'Fetch']"


@pytest.mark.parametrize(
    "error",
    [
        MachineError("no model\nat all", reason="E_EVENTS_MODEL"),
        LakeError("gone: restore it", reason="E_LAKE_GONE"),
        NoRoomError("the disk is full"),
        FetchError("no answer", status="timeout"),
    ],
)
def test_an_error_in_the_text_of_an_engine_is_found(error: NewsbeamError) -> None:
    found = fault_of_command(RuntimeError(_text_of(error)))
    assert found is not None
    assert (str(found), found.reason) == (str(error), error.reason)


@pytest.mark.parametrize(
    "error",
    [
        KeyError("a bug"),
        ValueError("a page about MemoryError: and what it means"),
        RuntimeError(_text_of(KeyError("a bug that quotes E_LAKE_GONE"))),
        OSError(errno.ENOENT, "No such file"),
    ],
    ids=["key", "quoted", "engine", "file"],
)
def test_a_bug_is_no_fault_of_the_machine(error: Exception) -> None:
    assert fault_of_command(error) is None


def _bug_while_handling() -> None:
    try:
        raise ConfigError("no feeds")
    except ConfigError:
        raise KeyError("a bug")  # noqa: B904 - as a bug would


def test_a_bug_while_an_error_is_handled_is_a_bug() -> None:
    with pytest.raises(KeyError) as caught:
        _bug_while_handling()
    assert fault_of_command(caught.value) is None
