"""A writer that is killed at any step and run again leaves the bytes of an undisturbed run; readers see whole files."""

import json
import multiprocessing
import os
import shutil
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from tests.lakes import NOW, WORDS, article, coded, hashes, make_lake, mention, piece, rows, run_of, sighting
from transforms.core.lake.commit import STAGING
from transforms.core.lake.lake import Lake
from transforms.errors import LakeError
from transforms.records import Slice
from transforms.stores import LocalStore

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.lakes"])


class KilledStore(LocalStore):
    """A store whose process dies at its n-th step; writing a file is two steps, the first leaves half of it."""

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


def first() -> Slice:
    return piece(
        coded(article("http://a.test/1"), mention(WORDS)),
        coded(article("http://b.test/1", published_at=NOW - timedelta(days=1)), mention(WORDS)),
        sightings=(sighting("http://a.test/1"),),
    )


def second() -> Slice:
    """Move one article to another day, so that files are written, replaced and deleted."""
    moved = article("http://a.test/1", published_at=NOW - timedelta(days=2), seen_at=NOW + timedelta(hours=1))
    return piece(coded(moved, mention(WORDS)), coded(article("http://c.test/1", "Else. " * 30)), run=run_of("r2"))


def write(root: Path, steps: int) -> None:
    lake = Lake(KilledStore(root, steps))
    lake.prepare()
    lake.merge(second())


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
    Lake(LocalStore(root)).merge(piece(coded(a), run=run_of(f"w{n}")))


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
    """A store without a lock, as object stores are: another writer commits between reading and committing."""

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


def test_a_published_file_that_somebody_changed_is_not_taken_for_the_commits(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    lake.merge(first())
    commit = json.loads((tmp_path / "_meta/commits/000000000001.json").read_text())
    (tmp_path / STAGING / commit["attempt"]).mkdir(parents=True)
    (tmp_path / STAGING / commit["attempt"] / "open").touch()
    (tmp_path / commit["files"][0]["path"]).write_bytes(b"else")
    with pytest.raises(LakeError, match="changed the lake by hand"):
        lake.prepare()


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
