"""Commands that read a lake write nothing to it, also where its last writer was killed, and say so."""

import json
import shutil
from pathlib import Path

import pytest

from pipelines.cli.app import run
from tests.helpers.lakes import half_published, make_lake
from transforms.errors import ConfigError, LakeError
from transforms.lake_to_read import lake_to_read, queries_on
from transforms.lake_views import connect, rows_of
from transforms.stores import LocalStore

DIED = "died while it put a commit in place"
COMMANDS = {
    "sql": ["sql", "SELECT count(*) AS n FROM articles", "--json"],
    "explain": ["explain", "http://a.test/1"],
    "check": ["check", "--json"],
    "feeds check": ["feeds", "check", "--json"],
    "feeds export": ["feeds", "export"],
    "doctor": ["doctor", "--json"],
    "rebuild": ["rebuild", "--dry-run", "--json"],
    "rebuild events": ["rebuild", "--dry-run", "--stage", "events"],
}
_SLOW = {"doctor", "rebuild", "rebuild events"}
READERS = [pytest.param(name, marks=[pytest.mark.slow] * (name in _SLOW)) for name in COMMANDS]


def state(root: Path) -> dict[str, tuple[int, bytes]]:
    """Return the time of change and the bytes of each file and folder of a lake."""
    return {
        path.relative_to(root).as_posix(): (
            path.lstat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in [root, *root.rglob("*")]
    }


@pytest.mark.parametrize("name", READERS)
def test_a_command_that_reads_leaves_a_half_published_commit_to_the_next_writer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    half_published(tmp_path)
    before = state(tmp_path)
    code = run([*COMMANDS[name], "--lake", str(tmp_path)])
    captured = capsys.readouterr()
    assert state(tmp_path) == before
    # No run of that lake is young, no feed has succeeded, and its texts are coded otherwise.
    assert code in {0, 3, 4}, captured.err
    told = " ".join(captured.err.split())
    assert name == "doctor" or DIED in told or "its writer died" in told
    assert make_lake(tmp_path).days() == queries_on(str(tmp_path)).days()


@pytest.mark.parametrize("name", READERS)
def test_a_command_that_reads_a_copy_without_locks_makes_no_file_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    half_published(tmp_path)
    make_lake(tmp_path)
    for path in ("lock", "turn", "views.sql"):
        (tmp_path / "_meta" / path).unlink()
    shutil.rmtree(tmp_path / "_staging")
    before = state(tmp_path)
    assert run([*COMMANDS[name], "--lake", str(tmp_path)]) in {0, 3, 4}
    assert state(tmp_path) == before
    assert DIED not in " ".join(capsys.readouterr().err.split())


def test_the_statements_of_a_lake_are_made_without_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ddl", "--dialect", "duckdb", "--location", str(tmp_path / "lake")]) == 0
    assert "articles" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_a_query_sees_all_rows_of_the_half_published_commit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    half_published(tmp_path)
    assert run([*COMMANDS["sql"], "--lake", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out) == {"n": 3}
    lake = lake_to_read(str(tmp_path))
    assert lake.days() == make_lake(tmp_path).days()


def test_readers_have_no_way_to_write(tmp_path: Path) -> None:
    make_lake(tmp_path)
    store = vars(queries_on(str(tmp_path)))["_store"]
    assert not {"put", "rename", "delete", "locked"} & set(dir(store))


def test_a_writer_that_was_killed_with_a_hostile_commit_is_refused(tmp_path: Path) -> None:
    half_published(tmp_path)
    path = tmp_path / "_meta/commits/000000000002.json"
    path.write_text(path.read_text().replace("articles/day", "articles/../../day"))
    for read in (connect, lake_to_read, queries_on):
        with pytest.raises(LakeError, match="which no commit writes"):
            read(str(tmp_path))


@pytest.mark.parametrize("name", ["articles", "articles/day=1970-01-01", "runs"])
def test_queries_of_a_lake_with_a_link_are_refused(tmp_path: Path, name: str) -> None:
    lake, outside = tmp_path / "lake", tmp_path / "outside"
    make_lake(lake)
    (lake / name).rename(outside)
    (lake / name).symlink_to(outside)
    with pytest.raises(LakeError, match="is a symbolic link"):
        connect(str(lake))


def test_a_folder_without_a_lake_is_none_to_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no lake"):
        connect(str(tmp_path))
    with pytest.raises(LakeError, match="is gone"):
        lake_to_read(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_the_folder_of_links_is_deleted_with_its_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake, temporary = tmp_path / "lake", tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    half_published(lake)
    connection = connect(str(lake))
    assert rows_of(connection, "SELECT count(*) AS n FROM articles") == [{"n": 3}]
    assert list(temporary.glob("newsbeam-lake-*"))
    del connection
    assert not list(temporary.glob("newsbeam-lake-*"))


def test_a_reader_waits_for_a_writer_and_writers_wait_for_a_reader(tmp_path: Path) -> None:
    make_lake(tmp_path)
    with LocalStore(tmp_path).shared() as first, LocalStore(tmp_path).shared() as second:
        assert (first, second) == (True, True)
        with (
            pytest.raises(LakeError, match="locked"),
            LocalStore(tmp_path, lock_timeout_s=0.1).locked(),
        ):
            pass
    with (
        LocalStore(tmp_path).locked(),
        pytest.raises(LakeError, match="locked"),
        LocalStore(tmp_path, lock_timeout_s=0.1).shared(),
    ):
        pass
