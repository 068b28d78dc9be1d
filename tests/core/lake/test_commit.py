"""Commits are atomic: a writer killed at any step and run again leaves the files of a run that was
not killed, and readers see whole files only.
"""

import json
import multiprocessing
import os
import shutil
import signal
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.helpers.lakes import (
    NOW,
    article,
    coded,
    first_batch,
    half_published,
    hashes,
    make_batch,
    make_lake,
    rows,
    run_of,
    second_batch,
    writer_batch,
)
from transforms.core.lake.lake import Lake
from transforms.core.lake.log.history import last_number, pending_commit
from transforms.core.lake.log.marker import PUBLISHED
from transforms.core.lake.log.migrate import upgrade
from transforms.core.lake.log.paths import COMMITS, STAGING
from transforms.core.lake.log.preflight import table_files
from transforms.core.lake.log.reading import ReadOnlyStore
from transforms.core.lake.log.snapshot import read_snapshot
from transforms.core.lake.log.store import LostRaceError, NoRoomError
from transforms.errors import LakeError
from transforms.records import Batch
from transforms.stores import LocalStore

RUNS = frozenset({"runs"})
LATER = NOW + timedelta(hours=1)
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.helpers.lakes"])


class KilledStore(LocalStore):
    """A store whose process dies at its n-th step (0: at none).

    Writing a file takes two steps; a process killed at the second leaves half of the file.
    """

    def __init__(self, root: Path, kill_at: int) -> None:
        super().__init__(root)
        self._kill_at = kill_at
        self.steps = 0

    def put(self, path: str, data: bytes, token: str | None) -> None:
        self._step()
        torn = self.root / STAGING / "put-torn"
        torn.parent.mkdir(exist_ok=True)
        torn.write_bytes(data[: len(data) // 2])
        self._step()
        super().put(path, data, token)

    def rename(self, source: str, target: str) -> bool:
        self._step()
        return super().rename(source, target)

    def delete(self, path: str) -> None:
        self._step()
        super().delete(path)

    def _step(self) -> None:
        self.steps += 1
        if self.steps == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


def second() -> Batch:
    return second_batch(coded(article("http://c.test/1", "Else. " * 30)))


def write(root: Path, kill_at: int) -> None:
    """Create a lake where there is none and merge the second batch; die at a step (0: at none)."""
    write_counted(root, kill_at)


def write_counted(root: Path, kill_at: int = 0) -> int:
    """Do what `write` does and return how many steps it took."""
    store = KilledStore(root, kill_at)
    lake = Lake(store)
    lake.prepare()
    lake.merge(second())
    return store.steps


def exit_code_of_write(root: Path, kill_at: int) -> int | None:
    """Write in a process of its own and return its exit code."""
    process = CONTEXT.Process(target=write, args=(root, kill_at))
    process.start()
    process.join()
    return process.exitcode


KILL_GROUPS = 8
"""Some 60 kill points of 0.3 s each are cut into cases of about 2 s, which several processes of
xdist share.
"""


def kill_points(group: int, steps: int) -> range:
    """Return every eighth step, so that early and late steps are in each group."""
    return range(1 + group, steps + 1, KILL_GROUPS)


@dataclass(frozen=True)
class Undisturbed:
    """A lake with the first batch, the files once the second is merged, and the steps of that."""

    base: Path
    files: dict[str, str]
    steps: int


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    folder = tmp_path_factory.mktemp("undisturbed")
    base, whole = folder / "base", folder / "whole"
    make_lake(base).merge(first_batch())
    shutil.copytree(base, whole)
    steps = write_counted(whole)
    return Undisturbed(base, hashes(whole, RUNS), steps)


@pytest.mark.slow
@pytest.mark.parametrize("group", range(KILL_GROUPS))
def test_fault_02_killed_at_any_step_and_run_again_is_an_undisturbed_run(
    tmp_path: Path, undisturbed: Undisturbed, group: int
) -> None:
    for step in kill_points(group, undisturbed.steps):
        root = tmp_path / f"killed-{step}"
        shutil.copytree(undisturbed.base, root)
        assert exit_code_of_write(root, step) == -signal.SIGKILL
        assert rows(root, "articles"), "every file that a reader can see is whole"
        write(root, 0)
        assert hashes(root, RUNS) == undisturbed.files, f"killed at step {step}"
        assert list((root / STAGING).rglob("*.parquet")) == []
        shutil.rmtree(root)


def test_the_groups_of_kill_points_cover_every_step_of_a_write(
    tmp_path: Path, undisturbed: Undisturbed
) -> None:
    points = [p for group in range(KILL_GROUPS) for p in kill_points(group, undisturbed.steps)]
    assert sorted(points) == list(range(1, undisturbed.steps + 1))
    assert len(points) > 30
    root = tmp_path / "lake"
    shutil.copytree(undisturbed.base, root)
    assert exit_code_of_write(root, undisturbed.steps + 1) == 0, "there is no further step"


@pytest.mark.parametrize("step", range(1, 30, 3))
def test_a_new_lake_killed_while_it_is_created_is_completed_by_the_next_writer(
    tmp_path: Path, step: int
) -> None:
    root = tmp_path / "killed"
    assert exit_code_of_write(root, step) == -signal.SIGKILL
    assert set(hashes_of_new(root)) == set(hashes_of_new(tmp_path / "whole"))


def hashes_of_new(root: Path) -> dict[str, str]:
    make_lake(root)
    return hashes(root)


def add_one(root: Path, writer: int) -> None:
    Lake(LocalStore(root)).merge(writer_batch(writer))


def test_fault_04_writers_at_once_lose_no_row(tmp_path: Path) -> None:
    make_lake(tmp_path)
    writers = [CONTEXT.Process(target=add_one, args=(tmp_path, n)) for n in range(4)]
    for w in writers:
        w.start()
    for w in writers:
        w.join()
    assert {w.exitcode for w in writers} == {0}
    assert len(rows(tmp_path, "articles")) == len(rows(tmp_path, "runs")) == 4


def test_a_lost_race_for_the_commit_merges_again(tmp_path: Path) -> None:
    """A store without a lock, as object stores are: another writer commits between reading and
    committing.
    """

    class Racing(LocalStore):
        others = 1

        def put(self, path: str, data: bytes, token: str | None) -> None:
            if "_meta/commits" in path and Racing.others:
                Racing.others = 0
                shutil.copy(self.root / "_meta/commits/000000000001.json", self.root / path)
            super().put(path, data, token)

    make_lake(tmp_path).merge(first_batch())
    Lake(Racing(tmp_path)).merge(second())
    assert len(rows(tmp_path, "articles")) == 3
    assert len(list((tmp_path / "_meta/commits").iterdir())) == 3


def test_a_published_file_that_was_edited_by_hand_is_refused(
    tmp_path: Path,
) -> None:
    lake = make_lake(tmp_path)
    lake.merge(first_batch())
    commit = json.loads((tmp_path / "_meta/commits/000000000001.json").read_text())
    (tmp_path / PUBLISHED).unlink()
    (tmp_path / commit["files"][0]["path"]).write_bytes(b"else")
    with pytest.raises(LakeError, match="changed the lake by hand"):
        lake.prepare()


def test_a_reader_finds_the_files_of_a_half_published_commit_and_does_not_complete_it(
    tmp_path: Path,
) -> None:
    commit = half_published(tmp_path)
    with pytest.raises(LakeError, match="was cut short"):
        read_snapshot(LocalStore(tmp_path), lambda: rows(tmp_path, "articles"))
    store = ReadOnlyStore(LocalStore(tmp_path))
    places = [store.place(path) for path in store.list("articles")]
    assert sum(pq.read_metadata(tmp_path / at).num_rows for at in places) == 3
    assert any(at.startswith(STAGING) for at in map(store.place, table_files(store)))
    assert pending_commit(LocalStore(tmp_path)) == commit
    make_lake(tmp_path)
    # A reader that began before the writer finishes.
    assert all(store.open(path) and store.get(path) for path in table_files(store))
    after = ReadOnlyStore(LocalStore(tmp_path))
    assert not after.is_pending
    assert all(after.place(path) == path for path in table_files(after))


def test_a_half_published_commit_whose_file_is_lost_is_refused(tmp_path: Path) -> None:
    commit = half_published(tmp_path)
    (tmp_path / COMMITS / f"{commit.number:012d}.json").unlink()
    with pytest.raises(LakeError, match="rest of a commit"):
        make_lake(tmp_path)


def test_a_half_published_commit_whose_staged_files_are_lost_is_refused_unless_forced(
    tmp_path: Path,
) -> None:
    half_published(tmp_path)
    shutil.rmtree(tmp_path / STAGING)
    with pytest.raises(LakeError, match="upgrade --force"):
        make_lake(tmp_path)
    upgrade(LocalStore(tmp_path), force=True)
    make_lake(tmp_path)


@pytest.mark.parametrize("lost", [PUBLISHED, f"{COMMITS}/000000000001.json"])
def test_either_record_of_the_last_commit_may_be_lost(tmp_path: Path, lost: str) -> None:
    make_lake(tmp_path).merge(first_batch())
    (tmp_path / lost).unlink()
    make_lake(tmp_path).merge(second())
    assert last_number(LocalStore(tmp_path)) == 2
    assert len(rows(tmp_path, "articles")) == 3


def test_a_snapshot_that_a_commit_interrupts_is_read_again(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    lake.merge(first_batch())
    reads: list[int] = []

    def read() -> int:
        reads.append(len(rows(tmp_path, "articles")))
        if len(reads) == 1:
            lake.merge(second())
        return reads[-1]

    assert read_snapshot(LocalStore(tmp_path), read) == 3
    assert reads == [2, 3]


def test_a_folder_without_rows_keeps_an_empty_file_until_its_commit_leaves_the_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transforms.core.lake.log.history.KEPT", 4)
    lake = make_lake(tmp_path)
    lake.merge(first_batch())
    lake.merge(second())
    left = tmp_path / "articles" / "day=2024-05-06" / "part-00000.parquet"
    assert pq.read_metadata(left).num_rows == 1
    left = tmp_path / "article_versions" / "day=2024-05-06" / "part-00000.parquet"
    lake.merge(
        make_batch(
            coded(article("http://c.test/1", published_at=NOW - timedelta(days=2), seen_at=LATER))
        )
    )
    for n in range(5):
        assert left.exists() == (n < 4), n
        if left.exists():
            assert pq.read_metadata(left).num_rows == 0
        lake.merge(make_batch(run=run_of(f"empty-{n}")))
    make_lake(tmp_path)


def test_a_folder_that_gets_rows_again_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transforms.core.lake.log.history.KEPT", 3)
    lake = make_lake(tmp_path)
    for days, hours in ((0, 0), (2, 1), (0, 2)):
        dated = NOW - timedelta(days=days)
        moved = article("http://a.test/1", published_at=dated, seen_at=NOW + timedelta(hours=hours))
        lake.merge(make_batch(coded(moved), run=run_of(f"r{hours}")))
    for n in range(6):
        lake.merge(make_batch(run=run_of(f"empty-{n}")))
    assert [r["published_date"] for r in rows(tmp_path, "articles")] == [NOW.date()]
    assert sorted(p.parent.name for p in (tmp_path / "articles").rglob("*.parquet")) == [
        "day=1970-01-01",
        "day=2024-05-06",
    ]


def test_a_full_disk_while_staging_leaves_the_lake_unchanged_and_reports_the_space_needed(
    tmp_path: Path,
) -> None:
    class Full(LocalStore):
        def put(self, path: str, data: bytes, token: str | None) -> None:
            if path.endswith("000002.parquet"):
                raise NoRoomError(f"{path} cannot be written")
            super().put(path, data, token)

    make_lake(tmp_path).merge(first_batch())
    before = hashes(tmp_path)
    with pytest.raises(
        NoRoomError, match=r"000002\.parquet cannot be written; the whole commit needs [\d.]+ [kM]B"
    ):
        Lake(Full(tmp_path)).merge(second())
    assert hashes(tmp_path) == before
    assert not [p for p in (tmp_path / STAGING).rglob("*") if p.is_file()]


def test_a_writer_whose_lock_file_was_deleted_can_no_longer_write(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    make_lake(tmp_path)
    with store.locked():
        (tmp_path / "_meta/lock").unlink()
        with pytest.raises(LostRaceError):
            store.put("_meta/mine", b"", None)
    assert not (tmp_path / "_meta/mine").exists()


def test_of_two_writers_of_a_new_file_the_second_is_refused(tmp_path: Path) -> None:
    LocalStore(tmp_path).put("_meta/a/b", b"one", None)
    with pytest.raises(LostRaceError):
        LocalStore(tmp_path).put("_meta/a/b", b"two", None)
    assert (tmp_path / "_meta/a/b").read_bytes() == b"one"
    assert LocalStore(tmp_path).list("_staging") == []


def test_a_commit_leaves_nothing_in_staging(tmp_path: Path) -> None:
    make_lake(tmp_path).merge(first_batch())
    assert list((tmp_path / STAGING).iterdir()) == []


def test_a_waiting_writer_gets_the_lock_from_a_writer_of_many_commits(tmp_path: Path) -> None:
    ended = threading.Event()

    def hog() -> None:
        store = LocalStore(tmp_path)
        while not ended.is_set():
            with store.locked():
                time.sleep(0.02)

    busy = threading.Thread(target=hog)
    busy.start()
    try:
        started = time.monotonic()
        for _ in range(5):
            with LocalStore(tmp_path, lock_timeout_s=10).locked():
                pass
        assert time.monotonic() - started < 5
    finally:
        ended.set()
        busy.join()


def test_a_folder_that_is_not_a_lake_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").touch()
    with pytest.raises(LakeError, match=r"thesis\.doc"):
        make_lake(tmp_path)
    assert [p.name for p in tmp_path.iterdir() if not p.name.startswith("_")] == ["thesis.doc"]


def test_a_lake_of_another_schema_is_refused(tmp_path: Path) -> None:
    make_lake(tmp_path)
    (tmp_path / "_meta/lake.json").write_text('{"schema_version": 99}')
    with pytest.raises(LakeError, match="schema version 99"):
        make_lake(tmp_path)


def test_waiting_for_a_lake_that_another_writer_keeps_locked_times_out(tmp_path: Path) -> None:
    make_lake(tmp_path)
    with LocalStore(tmp_path).locked(), pytest.raises(LakeError, match="locked by another writer"):
        Lake(LocalStore(tmp_path, lock_timeout_s=0.2)).prepare()
