"""A lake made by somebody else changes nothing outside its folder: its files are checked before they
are used, and it has no links, pipes or devices.
"""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.helpers.lakes import first_batch, make_batch, make_lake, rows, run_of
from transforms.core.lake.lake import Lake
from transforms.core.lake.log.commit_file import parse_commit
from transforms.core.lake.log.history import last_number
from transforms.core.lake.log.marker import PUBLISHED
from transforms.core.lake.log.migrate import upgrade
from transforms.core.lake.log.paths import (
    COMMITS,
    MAX_META_BYTES,
    MAX_NUMBER,
    STAGING,
    checked,
    checked_to_write,
    is_commit_path,
    is_raw_file,
    is_table_file,
)
from transforms.core.lake.merge.raw_parts import parts_folder
from transforms.core.lake.queries import LakeQueries
from transforms.errors import LakeError
from transforms.stores import LocalStore

TABLE_FILE = "articles/day=2024-05-06/part-00000.parquet"
STAGED = f"{STAGING}/mine/000000.parquet"


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """Return a lake beside a folder that does not belong to it."""
    root = tmp_path / "lake"
    make_lake(root).merge(first_batch())
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "diary").write_text("mine")
    return root


def tree(folder: Path) -> dict[str, bytes | None]:
    """Return each file below a folder with its bytes, None for what is no file."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def add_commit(root: Path, **changes: Any) -> None:
    """Write the file of a commit that is not published yet."""
    fields = json.loads((root / COMMITS / "000000000001.json").read_text())
    fields |= {"number": 2, "attempt": "mine", "files": [], "tombstones": [], "deletes": []}
    (root / COMMITS / "000000000002.json").write_text(json.dumps(fields | changes))
    (root / STAGED).parent.mkdir(parents=True, exist_ok=True)
    (root / STAGED).write_bytes(b"theirs")


def written(path: str, staged: str = STAGED) -> dict[str, Any]:
    return {"files": [{"staged": staged, "path": path, "sha256": "0" * 64, "rows": 1}]}


def prepare(root: Path) -> None:
    Lake(LocalStore(root)).prepare()


def upgrade_lake(root: Path) -> None:
    upgrade(LocalStore(root))


def merge(root: Path) -> None:
    Lake(LocalStore(root)).merge(make_batch(run=run_of("r2")))


WRITERS = [prepare, upgrade_lake, merge]
HOSTILE: dict[str, Callable[[Path], dict[str, Any]]] = {
    "absolute": lambda home: written(str(home / "diary")),
    "above": lambda home: written("../home/diary"),
    "above inside": lambda home: written("articles/../../home/diary"),
    "staged above": lambda home: written(TABLE_FILE, "../home/diary"),
    "staged from above": lambda home: written(TABLE_FILE, f"{STAGING}/../../home/diary"),
    "staged elsewhere": lambda home: written(TABLE_FILE, "_meta/lake.json"),
    "delete absolute": lambda home: {"deletes": [str(home / "diary")]},
    "delete above": lambda home: {"deletes": ["../home/diary"]},
    "delete the commits": lambda home: {"deletes": [f"{COMMITS}/000000000001.json"]},
    "delete a letter": lambda home: {"deletes": "../home/diary"},
    "tombstone above": lambda home: {"tombstones": ["../home/diary"]},
    "attempt": lambda home: {"attempt": "../../home"},
    "attempt in lines": lambda home: {"attempt": "a\nb"},
    "no text": lambda home: {"deletes": [7]},
    "nul": lambda home: {"deletes": ["articles/\0"]},
    "another name": lambda home: written("articles/day=2024-05-06/other.parquet"),
    "no date": lambda home: written("articles/day=2024-13-06/part-00000.parquet"),
    "the lock": lambda home: written("_meta/lock"),
    "the marker": lambda home: written(PUBLISHED),
    "views": lambda home: written("_meta/views.sql"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_commit_file_that_names_what_no_commit_writes_is_refused_and_nothing_is_touched(
    lake: Path, name: str
) -> None:
    add_commit(lake, **HOSTILE[name](lake.parent / "home"))
    before = tree(lake.parent)
    for write in WRITERS:
        with pytest.raises(LakeError, match="which no commit writes") as raised:
            write(lake)
        assert raised.value.reason == "E_LAKE_DAMAGED"
    changed = {path for path, data in tree(lake.parent).items() if before.get(path, b"-") != data}
    assert changed <= {"lake/_meta/turn", "lake/_meta/lock"}
    assert before.keys() <= tree(lake.parent).keys()


def test_an_upgrade_that_accepts_the_loss_gives_up_a_hostile_commit(lake: Path) -> None:
    add_commit(lake, **written("../home/diary"))
    upgrade(LocalStore(lake), force=True)
    merge(lake)
    assert (lake.parent / "home" / "diary").read_text() == "mine"
    assert len(rows(lake, "articles")) == 2


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"[" * 100_000, b'{"files": [{"path": 1}]}', b"\xff", b"null", b"1" * 9999],
    ids=range(8),
)
def test_what_is_no_commit_file_is_damage(content: bytes) -> None:
    with pytest.raises(LakeError, match="restore it") as raised:
        parse_commit(f"{COMMITS}/000000000002.json", content)
    assert raised.value.reason == "E_LAKE_DAMAGED"


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "..",
        "../x",
        "a/../x",
        "a//x",
        "a/",
        "",
        ".",
        "a/.",
        "a\\..\\x",
        "a/\0",
        "a\n",
    ],
    ids=range(12),
)
def test_a_path_that_may_leave_the_lake_is_refused_by_every_operation(
    lake: Path, path: str
) -> None:
    store = LocalStore(lake)
    operations: list[Callable[[], Any]] = [
        lambda: checked(path),
        lambda: checked_to_write(path),
        lambda: store.get(path),
        lambda: store.open(path),
        lambda: store.put(path, b"", None),
        lambda: store.rename(path, TABLE_FILE),
        lambda: store.rename(TABLE_FILE, path),
        lambda: store.delete(path),
        lambda: store.list(path),
    ]
    for operation in operations:
        with pytest.raises(LakeError, match="not a path within a lake"):
            operation()


def test_paths_of_a_lake_are_accepted() -> None:
    assert is_table_file(TABLE_FILE)
    assert is_table_file("seen_urls/bucket=f/part-00012.parquet")
    assert is_table_file("feeds/all=0/part-00000.parquet")
    assert is_raw_file("_raw/day=2024-05-06/r..1-0a.warc.gz")
    assert is_commit_path(f"{COMMITS}/{MAX_NUMBER:012d}.json")
    for path in (TABLE_FILE, PUBLISHED, "_staging/..a/b", "_raw/_parts/é/x.warc.gz"):
        assert checked_to_write(checked(path)) == path


@pytest.mark.parametrize(
    "name", ["²", "999999999999", "000000000000", "1", "0000000000002", "00000000000٣"]
)
def test_a_commit_file_of_an_impossible_number_is_no_commit(lake: Path, name: str) -> None:
    shutil.copy(lake / COMMITS / "000000000001.json", lake / COMMITS / f"{name}.json")
    assert last_number(LocalStore(lake)) == 1
    merge(lake)
    assert last_number(LocalStore(lake)) == 2


@pytest.mark.parametrize(
    "number", [str(10**23), "9" * 5000, str(MAX_NUMBER + 1), "-1", "1e9", "٣", "²"], ids=range(7)
)
def test_an_impossible_number_in_the_marker_is_not_believed(lake: Path, number: str) -> None:
    (lake / PUBLISHED).write_text(f"{number}\n")
    merge(lake)
    assert last_number(LocalStore(lake)) == 2
    assert (lake / PUBLISHED).read_text() == "2\n"


def test_a_marker_beyond_the_kept_commits_is_believed(lake: Path) -> None:
    (lake / PUBLISHED).write_text("41\n")
    merge(lake)
    assert last_number(LocalStore(lake)) == 42


@pytest.mark.parametrize("path", ["../home/diary", "/etc/passwd", "_meta/lock", "articles/x"])
def test_a_manifest_that_names_what_is_no_table_file_is_damage(lake: Path, path: str) -> None:
    (lake / "_meta/files.txt").write_text(f"# files of the tables of this lake: 1\n{path}\n")
    with pytest.raises(LakeError, match="not the list of files"):
        merge(lake)


@pytest.mark.parametrize("name", ["_staging", "_meta", "articles", "_meta/commits"])
@pytest.mark.parametrize("write", [prepare, upgrade_lake])
def test_a_folder_that_is_a_link_is_refused_and_what_it_points_to_stays(
    lake: Path, name: str, write: Callable[[Path], None]
) -> None:
    outside = lake.parent / "home" / "moved"
    if (lake / name).exists():
        shutil.move(lake / name, outside)
    else:
        outside.mkdir()
    (outside / "kept").write_text("mine")
    (lake / name).symlink_to(outside)
    before = tree(outside)
    with pytest.raises(LakeError, match="is a symbolic link"):
        write(lake)
    assert tree(outside) == before


@pytest.mark.parametrize("name", ["_staging/a/b", "_staging/a", "_meta/lock", "_meta/turn"])
def test_a_link_in_the_own_folders_is_refused_and_what_it_points_to_stays(
    lake: Path, name: str
) -> None:
    (lake / name).parent.mkdir(exist_ok=True)
    (lake / name).unlink(missing_ok=True)
    (lake / name).symlink_to(lake.parent / "home" / "made")
    before = tree(lake.parent / "home")
    with pytest.raises(LakeError, match="is a symbolic link"):
        merge(lake)
    assert tree(lake.parent / "home") == before


@pytest.mark.parametrize(
    "name", [PUBLISHED, "_meta/lake.json", "_meta/lock", TABLE_FILE, "_staging/x", "_meta/turn"]
)
def test_a_pipe_is_refused_and_never_waited_for(lake: Path, name: str) -> None:
    (lake / name).unlink(missing_ok=True)
    (lake / name).parent.mkdir(exist_ok=True)
    os.mkfifo(lake / name)
    with pytest.raises(LakeError, match="is a pipe, a socket or a device"):
        prepare(lake)


@pytest.mark.parametrize(
    "name", [PUBLISHED, "_meta/files.txt", "_meta/lake.json", f"{COMMITS}/000000000002.json"]
)
def test_a_record_of_gigabytes_is_refused_unread(lake: Path, name: str) -> None:
    (lake / name).touch()
    os.truncate(lake / name, 64 * MAX_META_BYTES)
    with pytest.raises(LakeError, match="no file of a lake's own records"):
        LocalStore(lake).get(name)


def test_a_lake_that_is_itself_reached_by_a_link_is_used(lake: Path) -> None:
    (lake.parent / "link").symlink_to(lake)
    merge(lake.parent / "link")
    assert last_number(LocalStore(lake)) == 2


@pytest.mark.parametrize("run_id", ["..", ".", "../x", "...", "./.."])
def test_the_parts_of_a_run_are_in_a_folder_of_their_own(run_id: str) -> None:
    folder = parts_folder(run_id)
    assert folder.startswith("_raw/_parts/")
    assert folder.count("/") == 2
    assert not folder.endswith(("/..", "/."))


def rewrite(path: Path, column: str, change: Callable[[pa.Table, int], pa.Table]) -> None:
    """Write a file again with another column in the place of one of its columns."""
    data = pq.read_table(path)
    pq.write_table(change(data, data.schema.get_field_index(column)), path)


@pytest.mark.parametrize(
    ("column", "change"),
    [
        ("title", lambda t, at: t.set_column(at, "title", pa.array([[1]] * len(t)))),
        ("canonical_url", lambda t, at: t.remove_column(at)),
        ("article_id", lambda t, at: t.set_column(at, "article_id", t.column(at))),
        ("published_at", lambda t, at: t.set_column(at, "published_at", pa.nulls(len(t)))),
        ("title", lambda t, at: t.append_column("title2", t.column(at))),
    ],
    ids=["list for text", "absent", "nullable key", "untyped", "unknown"],
)
def test_a_file_with_columns_of_another_kind_is_refused_when_it_is_read(
    lake: Path, column: str, change: Callable[[pa.Table, int], pa.Table]
) -> None:
    rewrite(lake / TABLE_FILE, column, change)
    with pytest.raises(LakeError, match="is not as this newsbeam writes it"):
        LakeQueries(LocalStore(lake)).read(TABLE_FILE, ("article_id",))


def test_a_file_without_a_column_that_may_be_null_is_read(lake: Path) -> None:
    rewrite(lake / TABLE_FILE, "raw_uri", lambda t, at: t.remove_column(at))
    found = LakeQueries(LocalStore(lake)).read(TABLE_FILE, ("article_id", "raw_uri"))
    assert found is not None
    assert found.column_names == ["article_id"]
