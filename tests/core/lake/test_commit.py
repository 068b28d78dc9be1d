"""A writer that is killed at any step and run again leaves the bytes of an undisturbed run.

Readers see whole files.
"""

import json
import multiprocessing
import os
import shutil
import signal
import threading
import time
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.helpers.lakes import (
    NOW,
    WORDS,
    article,
    coded,
    hashes,
    make_batch,
    make_lake,
    mention,
    rows,
    run_of,
    sighting,
)
from transforms.core.lake.lake import Lake
from transforms.core.lake.log.commit_file import COMMITS, STAGING, Commit
from transforms.core.lake.log.history import consistent_number, last_number, pending_commit
from transforms.core.lake.log.marker import PUBLISHED
from transforms.core.lake.log.migrate import upgrade
from transforms.core.lake.log.snapshot import read_snapshot
from transforms.core.lake.log.store import LostRaceError, NoRoomError
from transforms.errors import LakeError
from transforms.records import Batch
from transforms.stores import LocalStore

LATER = NOW + timedelta(hours=1)
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.helpers.lakes"])


class KilledStore(LocalStore):
    """A store whose process dies at its n-th step.

    Writing a file is two steps, the first leaves half of it.
    """

    def __init__(self, root: Path, steps: int) -> None:
        super().__init__(root)
        self._left = steps

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
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def first() -> Batch:
    return make_batch(
        coded(article("http://a.test/1"), mention(WORDS)),
        coded(article("http://b.test/1", published_at=NOW - timedelta(days=1)), mention(WORDS)),
        sightings=(sighting("http://a.test/1"),),
    )


def second() -> Batch:
    """Move one article to another day, so that files are written, replaced and deleted."""
    moved = article(
        "http://a.test/1", published_at=NOW - timedelta(days=2), seen_at=NOW + timedelta(hours=1)
    )
    return make_batch(
        coded(moved, mention(WORDS)),
        coded(article("http://c.test/1", "Else. " * 30)),
        run=run_of("r2"),
    )


def write(root: Path, steps: int) -> None:
    lake = Lake(KilledStore(root, steps))
    lake.prepare()
    lake.merge(second())


@pytest.mark.slow
def test_fault_02_killed_at_any_step_and_run_again_is_an_undisturbed_run(tmp_path: Path) -> None:
    base, whole = tmp_path / "base", tmp_path / "whole"
    make_lake(base).merge(first())
    shutil.copytree(base, whole)
    write(whole, 0)
    expected = hashes(whole, frozenset({"runs"}))
    killed = 0
    for steps in range(1, 500):
        root = tmp_path / f"killed-{steps}"
        shutil.copytree(base, root)
        process = CONTEXT.Process(target=write, args=(root, steps))
        process.start()
        process.join()
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
        killed += 1
        assert rows(root, "articles"), "every file that a reader can see is whole"
        write(root, 0)
        assert hashes(root, frozenset({"runs"})) == expected, f"killed at step {steps}"
        assert list((root / STAGING).rglob("*.parquet")) == []
        shutil.rmtree(root)
    assert killed > 30


def test_a_new_lake_killed_while_it_is_made_is_finished_by_the_next(tmp_path: Path) -> None:
    expected = set(hashes_of_new(tmp_path / "whole"))
    for steps in range(1, 30, 3):
        root = tmp_path / f"new-{steps}"
        process = CONTEXT.Process(target=write, args=(root, steps))
        process.start()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        assert set(hashes_of_new(root)) == expected


def hashes_of_new(root: Path) -> dict[str, str]:
    make_lake(root)
    return hashes(root)


def add_one(root: Path, n: int) -> None:
    a = article(f"http://s{n}.test/1", f"{n} " * 30 + WORDS)
    Lake(LocalStore(root)).merge(make_batch(coded(a), run=run_of(f"w{n}")))


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

    make_lake(tmp_path).merge(first())
    Lake(Racing(tmp_path)).merge(second())
    assert len(rows(tmp_path, "articles")) == 3
    assert len(list((tmp_path / "_meta/commits").iterdir())) == 3


def test_a_published_file_that_somebody_changed_is_not_taken_for_the_commits(
    tmp_path: Path,
) -> None:
    lake = make_lake(tmp_path)
    lake.merge(first())
    commit = json.loads((tmp_path / "_meta/commits/000000000001.json").read_text())
    (tmp_path / PUBLISHED).unlink()
    (tmp_path / commit["files"][0]["path"]).write_bytes(b"else")
    with pytest.raises(LakeError, match="changed the lake by hand"):
        lake.prepare()


def half_published(root: Path) -> Commit:
    """Leave a lake as a writer does that dies between two files, and return its commit."""
    make_lake(root).merge(first())

    class Dying(LocalStore):
        left = 3

        def rename(self, source: str, target: str) -> bool:
            Dying.left -= 1
            if not Dying.left:
                raise KeyboardInterrupt
            return super().rename(source, target)

    with pytest.raises(KeyboardInterrupt):
        Lake(Dying(root)).merge(second())
    commit = pending_commit(LocalStore(root))
    assert commit is not None
    assert consistent_number(LocalStore(root)) is None
    return commit


def test_a_half_published_commit_is_finished_before_anything_is_read_settled(
    tmp_path: Path,
) -> None:
    commit = half_published(tmp_path)
    found = read_snapshot(LocalStore(tmp_path), lambda: rows(tmp_path, "articles"))
    assert len(found) == 3
    assert consistent_number(LocalStore(tmp_path)) == commit.number == 2


def test_a_half_published_commit_whose_file_is_lost_is_noticed(tmp_path: Path) -> None:
    commit = half_published(tmp_path)
    (tmp_path / COMMITS / f"{commit.number:012d}.json").unlink()
    with pytest.raises(LakeError, match="rest of a commit"):
        make_lake(tmp_path)


def test_a_half_published_commit_whose_staged_files_are_lost_is_noticed_and_can_be_given_up(
    tmp_path: Path,
) -> None:
    half_published(tmp_path)
    shutil.rmtree(tmp_path / STAGING)
    with pytest.raises(LakeError, match="upgrade --force"):
        make_lake(tmp_path)
    upgrade(LocalStore(tmp_path), force=True)
    make_lake(tmp_path)


@pytest.mark.parametrize("lost", [PUBLISHED, f"{COMMITS}/000000000001.json"])
def test_one_of_the_two_words_on_a_commit_may_be_lost(tmp_path: Path, lost: str) -> None:
    make_lake(tmp_path).merge(first())
    (tmp_path / lost).unlink()
    make_lake(tmp_path).merge(second())
    assert last_number(LocalStore(tmp_path)) == 2
    assert len(rows(tmp_path, "articles")) == 3


def test_what_is_read_while_a_commit_is_written_is_read_again(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    lake.merge(first())
    reads: list[int] = []

    def read() -> int:
        reads.append(len(rows(tmp_path, "articles")))
        if len(reads) == 1:
            lake.merge(second())
        return reads[-1]

    assert read_snapshot(LocalStore(tmp_path), read) == 3
    assert reads == [2, 3]


def test_a_folder_without_rows_keeps_a_file_for_readers_until_its_commit_leaves_the_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transforms.core.lake.log.history.KEPT", 4)
    lake = make_lake(tmp_path)
    lake.merge(first())
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


def test_a_folder_that_gets_rows_again_stays(
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


def test_a_full_disk_while_staging_leaves_the_lake_as_it_was_and_says_what_the_commit_needs(
    tmp_path: Path,
) -> None:
    class Full(LocalStore):
        def put(self, path: str, data: bytes, token: str | None) -> None:
            if path.endswith("000002.parquet"):
                raise NoRoomError(f"{path} cannot be written")
            super().put(path, data, token)

    make_lake(tmp_path).merge(first())
    before = hashes(tmp_path)
    with pytest.raises(
        NoRoomError, match=r"000002\.parquet cannot be written; the whole commit needs [\d.]+ [kM]B"
    ):
        Lake(Full(tmp_path)).merge(second())
    assert hashes(tmp_path) == before
    assert not [p for p in (tmp_path / STAGING).rglob("*") if p.is_file()]


def test_a_writer_whose_lock_was_deleted_writes_nothing_more(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    make_lake(tmp_path)
    with store.locked():
        (tmp_path / "_meta/lock").unlink()
        with pytest.raises(LostRaceError):
            store.put("_meta/mine", b"", None)
    assert not (tmp_path / "_meta/mine").exists()


def test_a_new_file_is_given_to_one_of_two_who_write_it(tmp_path: Path) -> None:
    LocalStore(tmp_path).put("a/b", b"one", None)
    with pytest.raises(LostRaceError):
        LocalStore(tmp_path).put("a/b", b"two", None)
    assert (tmp_path / "a/b").read_bytes() == b"one"
    assert LocalStore(tmp_path).list("_staging") == []


def test_a_commit_leaves_nothing_in_staging(tmp_path: Path) -> None:
    make_lake(tmp_path).merge(first())
    assert list((tmp_path / STAGING).iterdir()) == []


def test_who_waits_for_the_lock_gets_it_from_a_writer_of_many_commits(tmp_path: Path) -> None:
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


def test_a_folder_that_is_no_lake_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").touch()
    with pytest.raises(LakeError, match=r"thesis\.doc"):
        make_lake(tmp_path)
    assert [p.name for p in tmp_path.iterdir() if not p.name.startswith("_")] == ["thesis.doc"]


def test_a_lake_of_another_schema_is_refused(tmp_path: Path) -> None:
    make_lake(tmp_path)
    (tmp_path / "_meta/lake.json").write_text('{"schema_version": 99}')
    with pytest.raises(LakeError, match="schema version 99"):
        make_lake(tmp_path)


def test_a_lake_that_another_writer_keeps_locked_is_given_up(tmp_path: Path) -> None:
    make_lake(tmp_path)
    with LocalStore(tmp_path).locked(), pytest.raises(LakeError, match="locked by another writer"):
        Lake(LocalStore(tmp_path, lock_timeout_s=0.2)).prepare()
