"""Commands that read a lake whose last writer was killed write nothing to it, and say so."""

import hashlib
from pathlib import Path

import pytest

from pipelines.inspect.explanation import explain
from pipelines.inspect.query import QueryOptions, run_query
from tests.helpers.lakes import half_published
from transforms.errors import ConfigError, LakeError
from transforms.lake import lake_to_read
from transforms.lake_views import connect, rows_of

_LOCKS = {"lock", "turn"}


def state(root: Path) -> dict[str, str]:
    """Return the hash of each file of a lake, without its locks."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file() and path.name not in _LOCKS
    }


def test_readers_see_a_half_published_commit_whole_and_leave_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    half_published(tmp_path)
    before = state(tmp_path)
    run_query("SELECT count(*) AS n FROM articles", QueryOptions(lake=str(tmp_path), format="json"))
    captured = capsys.readouterr()
    assert captured.out == '{"n": 3}\n'
    assert "died while it put a commit in place" in " ".join(captured.err.split())
    assert explain(str(tmp_path), "http://a.test/1").article is not None
    with pytest.raises(LakeError, match="the next run"):
        lake_to_read(str(tmp_path))
    assert state(tmp_path) == before


def test_a_lake_in_order_is_read_without_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from transforms.lake import open_lake

    open_lake(str(tmp_path))
    before = state(tmp_path)
    run_query("SELECT count(*) AS n FROM articles", QueryOptions(lake=str(tmp_path), format="json"))
    lake_to_read(str(tmp_path))
    assert capsys.readouterr().err == ""
    assert state(tmp_path) == before


@pytest.mark.parametrize("name", ["articles", "articles/day=1970-01-01", "runs"])
def test_queries_of_a_lake_with_a_link_are_refused(tmp_path: Path, name: str) -> None:
    from transforms.lake import open_lake

    lake, outside = tmp_path / "lake", tmp_path / "outside"
    open_lake(str(lake))
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
