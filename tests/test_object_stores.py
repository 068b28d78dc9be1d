"""Lakes in buckets keep the port's promises, and a lake there is byte for byte that of a local
folder.

moto compares ETags on `put` and `delete`, not on `copy`; fake-gcs-server compares generations on
uploads alone; gcp-storage-emulator compares none. What only AWS and Google themselves would refuse
is not seen to be refused here.
"""

import contextlib
import dataclasses
import hashlib
import io
import itertools
import json
import multiprocessing
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.helpers import buckets
from tests.helpers.buckets import BUCKET, Killed, MortalBucket, PausedBucket
from tests.helpers.lakes import (
    NOW,
    WORDS,
    article,
    coded,
    hashes,
    make_batch,
    make_lake,
    mention,
    run_of,
    sighting,
)
from transforms.cloud.blind_bucket import compares_tokens
from transforms.cloud.bucket import Bucket, BusyError, PatientBucket
from transforms.cloud.bucket_addresses import open_bucket_store
from transforms.cloud.bucket_store import BucketStore
from transforms.cloud.lease import LOCK
from transforms.cloud.object_file import SMALL
from transforms.core.lake.lake import Lake
from transforms.core.lake.log.commit_file import COMMITS, STAGING
from transforms.core.lake.log.history import last_number
from transforms.core.lake.log.store import LakeStore, LostRaceError
from transforms.core.lake.schema.tables import TABLES
from transforms.errors import LakeError
from transforms.records import Batch
from transforms.stores import LocalStore

pytestmark = pytest.mark.slow

CONTEXT = multiprocessing.get_context("forkserver")
SHORT_S = 0.4
"""A lease for tests in which its holder dies; renewed in time on a busy machine all the same."""
FEWEST, REQUESTS = 120, 190
"""Of a merge of two articles: reads, a commit of ten files and its publishing, renewals of the
lease.
"""
RUNS = frozenset({"runs"})
_NUMBERS = itertools.count()
SERVERS = {
    "s3": ("s3", buckets.s3, buckets.s3_at),
    "gcs": ("gs", buckets.gcs, buckets.gcs_at),
    "gcs_blind": ("gs", buckets.gcs_blind, buckets.gcs_at),
}


@dataclasses.dataclass(frozen=True)
class Place:
    """An empty folder in a bucket."""

    kind: str
    scheme: str
    prefix: str
    bucket: Bucket
    environment: dict[str, str]

    @property
    def address(self) -> str:
        return f"{self.scheme}://{BUCKET}/{self.prefix}"

    def store(
        self, bucket: Any = None, *, lease_s: float = 30, lock_timeout_s: float = 60
    ) -> BucketStore:
        blind = self.kind == "gcs_blind"
        return BucketStore(
            bucket or self.bucket, emulator=blind, lease_s=lease_s, lock_timeout_s=lock_timeout_s
        )

    def hashes(self, without: frozenset[str] = frozenset()) -> dict[str, str]:
        """Return what `tests.helpers.lakes.hashes` does, of the lake in this folder."""
        paths = [p for name in TABLES.keys() - without for p in self.bucket.list(f"{name}/")]
        return {p: hashlib.sha256(whole(self.bucket, p)).hexdigest() for p in sorted(paths)}

    def fill(self, folder: Path) -> None:
        """Copy a lake from a local folder."""
        for path in (p for p in folder.rglob("*") if p.is_file() and p.name != "lock"):
            self.bucket.put(path.relative_to(folder).as_posix(), path.read_bytes(), None)
        with self.store().locked():
            pass


def whole(bucket: Bucket, path: str) -> bytes:
    found = bucket.get(path)
    assert found is not None
    return found[0]


@pytest.fixture(scope="module", params=list(SERVERS))
def server(request: pytest.FixtureRequest) -> Iterator[tuple[str, dict[str, str]]]:
    with SERVERS[request.param][1]() as environment, buckets.environ(environment):
        yield request.param, environment


@pytest.fixture
def place(server: tuple[str, dict[str, str]]) -> Place:
    kind, environment = server
    scheme, _, at = SERVERS[kind]
    prefix = f"lake-{next(_NUMBERS)}/"
    return Place(kind, scheme, prefix, at(prefix), environment)


@pytest.fixture(params=["local", "bucket"])
def store(request: pytest.FixtureRequest, place: Place, tmp_path: Path) -> LakeStore:
    if request.param == "local" and place.kind != "s3":
        pytest.skip("a local folder is the same whatever the server")
    return LocalStore(tmp_path) if request.param == "local" else place.store()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a local lake with one slice in it."""
    folder = tmp_path_factory.mktemp("base")
    make_lake(folder).merge(first())
    return folder


def first() -> Batch:
    yesterday = NOW - timedelta(days=1)
    return make_batch(
        coded(article("http://a.test/1"), mention(WORDS)),
        coded(article("http://b.test/1", published_at=yesterday), mention(WORDS)),
        sightings=(sighting("http://a.test/1"),),
    )


def second() -> Batch:
    """Move one article to another day, so that files are written, replaced and deleted."""
    moved = article(
        "http://a.test/1", published_at=NOW - timedelta(days=2), seen_at=NOW + timedelta(hours=1)
    )
    return make_batch(coded(moved, mention(WORDS)), run=run_of("r2"))


def third() -> Batch:
    return make_batch(coded(article("http://c.test/1", "Else. " * 30)), run=run_of("r3"))


# The port


def test_a_file_is_written_only_where_its_token_is_unchanged(store: LakeStore) -> None:
    assert store.get("a/b") is None
    with pytest.raises(LostRaceError):
        store.put("a/b", b"zero", "1")
    store.put("a/b", b"one", None)
    with pytest.raises(LostRaceError):
        store.put("a/b", b"one", None)
    data, token = store.get("a/b") or (b"", "")
    assert data == b"one"
    store.put("a/b", b"two", token)
    with pytest.raises(LostRaceError):
        store.put("a/b", b"three", token)
    assert (store.get("a/b") or [b""])[0] == b"two"


def test_of_writers_at_once_one_wins(place: Place) -> None:
    if place.kind == "gcs_blind":
        pytest.skip("gcp-storage-emulator lets all of them write")
    won: list[int] = []

    def write(n: int) -> None:
        with contextlib.suppress(LostRaceError):
            place.store().put("a", str(n).encode(), None)
            won.append(n)

    in_threads([partial(write, n) for n in range(8)])
    assert len(won) == 1
    assert whole(place.bucket, "a") == str(won[0]).encode()


def test_a_rename_replaces_and_is_harmless_when_done_twice(store: LakeStore) -> None:
    store.put(f"{STAGING}/x", b"new", None)
    store.put("t/day=1/p", b"old", None)
    assert store.rename(f"{STAGING}/x", "t/day=1/p")
    assert not store.rename(f"{STAGING}/x", "t/day=1/p")
    assert (store.get("t/day=1/p") or [b""])[0] == b"new"
    assert store.get(f"{STAGING}/x") is None


def test_a_folder_lists_what_is_below_it_and_no_neighbour(store: LakeStore) -> None:
    for path in ("t/b/2", "t/a/1", "t/b/10", "tt/1", "t2", "t/ä b+%2F=&.json"):
        store.put(path, b"x", None)
    assert store.list("t") == sorted(["t/b/2", "t/a/1", "t/b/10", "t/ä b+%2F=&.json"])
    assert store.list("none") == []
    assert set(store.names()) - {"_staging"} == {"t", "tt", "t2"}


def test_more_objects_than_fit_a_page_are_listed(place: Place) -> None:
    if place.kind == "gcs_blind":
        pytest.skip("gcp-storage-emulator has no pages, and takes minutes for so many objects")
    names = [f"t/{n:04d}" for n in range(1_050)]
    for name in names:
        if place.kind == "s3":
            buckets.moto_put(place.prefix + name, b"")
        else:
            place.bucket.put(name, b"", None)
    assert place.store().list("t") == names
    assert place.store().names() == ("t",)


def test_deleting_what_is_not_there_is_no_error(store: LakeStore) -> None:
    store.put("a/b", b"x", None)
    store.delete("a/b")
    store.delete("a/b")
    assert store.get("a/b") is None
    assert store.list("a") == []


def test_a_big_file_is_read_in_parts(store: LakeStore) -> None:
    data = os.urandom(1 << 20) * 9
    store.put("big", data, None)
    file = store.open("big")
    assert file is not None
    with file:
        assert file.seek(-10, io.SEEK_END) == len(data) - 10
        assert file.read() == data[-10:]
        assert file.seek(5_000_000) == 5_000_000
        assert file.read(3) == data[5_000_000:5_000_003]
        assert file.seek(0) == 0
        assert file.read() == data
    assert store.open("none") is None


def test_some_columns_of_a_big_table_cost_a_part_of_it(place: Place) -> None:
    table = pa.table({"n": range(1_000), "blob": [os.urandom(9_000) for _ in range(1_000)]})
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="none")
    place.bucket.put("t.parquet", sink.getvalue(), None)
    counted = CountedBucket(place.bucket)
    read = Lake(place.store(counted)).read("t.parquet", ("n",))
    assert read is not None
    assert read.column("n").to_pylist() == list(range(1_000))
    assert sink.tell() > 2 * SMALL
    assert 0 < counted.bytes_read < sink.tell() / 3


class CountedBucket:
    """A bucket that counts the bytes read from it."""

    def __init__(self, raw: Bucket) -> None:
        self._raw, self.bytes_read = raw, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def get(self, path: str) -> tuple[bytes, str] | None:
        found = self._raw.get(path)
        self.bytes_read += len(found[0]) if found else 0
        return found

    def read(self, path: str, start: int, length: int, token: str) -> bytes:
        self.bytes_read += length
        return self._raw.read(path, start, length, token)


def test_a_file_that_is_replaced_while_it_is_read_is_no_mixture(place: Place) -> None:
    place.bucket.put("t", b"a" * (SMALL + 2), None)
    file = place.store().open("t")
    assert file is not None
    found = place.bucket.head("t")
    assert found is not None
    place.bucket.put("t", b"b", found.token)
    with file, pytest.raises(LostRaceError, match="t "):
        file.read()


def test_a_bucket_that_is_not_there_is_told(place: Place) -> None:
    with pytest.raises(LakeError, match="no bucket nowhere") as told:
        Lake(open_bucket_store(f"{place.scheme}://nowhere/lake")).prepare()
    assert told.value.reason == "E_LAKE_ADDRESS"


def test_a_server_that_ignores_conditions_is_found_out(place: Place) -> None:
    assert compares_tokens(place.bucket) == (place.kind != "gcs_blind")
    if place.kind == "gcs_blind":
        with pytest.raises(LakeError, match="ignores the conditions"):
            Lake(BucketStore(place.bucket)).prepare()
        assert place.bucket.list("") == []


@pytest.mark.parametrize(
    "address", ["s3://", "gs:///x", "ftp://a/b", "s3://a/b?c", "gs://a/*.parquet"]
)
def test_an_address_that_names_no_folder_of_a_bucket_is_refused(address: str) -> None:
    with pytest.raises(LakeError, match="BUCKET/FOLDER"):
        open_bucket_store(address)


# A lake on it


def test_a_lake_in_a_bucket_is_byte_for_byte_that_of_a_folder(place: Place, tmp_path: Path) -> None:
    local, remote = make_lake(tmp_path), Lake(open_bucket_store(place.address))
    remote.prepare()
    for one in (first(), second(), third(), first()):
        assert remote.merge(one) == local.merge(one)
    assert place.hashes() == hashes(tmp_path)
    for path in ("_meta/lake.json", "_meta/views.sql"):
        assert whole(place.bucket, path) == (tmp_path / path).read_bytes()
    assert place.bucket.list(f"{STAGING}/") == []
    assert [whole(place.bucket, p)[-200:] for p in sorted(place.bucket.list(f"{COMMITS}/"))] == [
        p.read_bytes()[-200:] for p in sorted((tmp_path / COMMITS).iterdir())
    ]


def test_a_folder_that_is_no_lake_is_left_as_it_is(place: Place) -> None:
    place.bucket.put("thesis.doc", b"", None)
    with pytest.raises(LakeError, match=r"thesis\.doc"):
        Lake(place.store()).prepare()
    assert place.bucket.list("") == ["thesis.doc"]


def add_one(environment: dict[str, str], address: str, n: int) -> None:
    with buckets.environ(environment):
        a = article(f"http://s{n}.test/1", f"{n} " * 30 + WORDS)
        Lake(open_bucket_store(address)).merge(make_batch(coded(a), run=run_of(f"w{n}")))


@pytest.mark.parametrize("many", ["threads", "processes"])
def test_fault_04_writers_at_once_lose_no_row(place: Place, base: Path, many: str) -> None:
    place.fill(base)
    if many == "threads":
        in_threads([partial(add_one, place.environment, place.address, n) for n in range(4)])
    else:
        writers = [
            CONTEXT.Process(target=add_one, args=(place.environment, place.address, n))
            for n in range(2)
        ]
        for w in writers:
            w.start()
        for w in writers:
            w.join()
        assert {w.exitcode for w in writers} == {0}
    found = rows(place, "articles")
    assert len(found) == 2 + (4 if many == "threads" else 2)


def rows(place: Place, table: str) -> list[dict[str, Any]]:
    paths = sorted(place.bucket.list(f"{table}/"))
    return [r for p in paths for r in pq.read_table(io.BytesIO(whole(place.bucket, p))).to_pylist()]


def in_threads(work: list[Callable[[], object]]) -> None:
    """Do all at once; raise what one of them raises."""
    failed: list[BaseException] = []

    def run(one: Callable[[], object]) -> None:
        try:
            one()
        except BaseException as error:  # handed to the caller
            failed.append(error)

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if failed:
        raise failed[0]


# The lease


def test_a_lake_that_another_writer_keeps_locked_is_given_up(place: Place) -> None:
    with place.store(lease_s=SHORT_S).locked():
        began = time.monotonic()
        with pytest.raises(LakeError, match="locked by another writer") as told:
            Lake(place.store(lock_timeout_s=3 * SHORT_S)).prepare()
        assert told.value.reason == "E_LAKE_LOCKED"
        assert time.monotonic() - began > 2 * SHORT_S, "it was renewed all the while"


def test_a_lease_that_was_given_back_is_had_at_once_and_without_a_fence(place: Place) -> None:
    for _ in range(3):
        with place.store(lease_s=60, lock_timeout_s=1).locked():
            assert json.loads(whole(place.bucket, LOCK))["state"] == "held"
    assert place.bucket.list(f"{COMMITS}/") == []


def test_what_failed_leaves_the_lease_free_and_is_fenced_off(place: Place, base: Path) -> None:
    place.fill(base)
    before = last_number(place.store())
    with pytest.raises(ZeroDivisionError), place.store(lease_s=60).locked():
        raise ZeroDivisionError
    with place.store(lock_timeout_s=1).locked():
        assert last_number(place.store()) == before + 1


def test_who_lost_the_lease_can_neither_write_nor_sweep(place: Place, base: Path) -> None:
    place.fill(base)
    slow = place.store(UnrenewedBucket(place.bucket), lease_s=SHORT_S)
    article_path = sorted(place.bucket.list("articles/"))[0]
    with slow.locked():
        number = last_number(slow) + 1
        slow.put(f"{STAGING}/mine/open", b"", None)
        with place.store().locked():
            assert last_number(place.store()) == number, "a fence"
            for refused in (
                lambda: slow.put(f"{STAGING}/mine/1", b"", None),
                lambda: slow.put(f"{COMMITS}/{number:012d}.json", b"{}", None),
                lambda: slow.put(f"{COMMITS}/{number + 1:012d}.json", b"{}", None),
                lambda: slow.rename(f"{STAGING}/mine/open", article_path),
                lambda: slow.delete(article_path),
                lambda: slow.list(STAGING),
            ):
                with pytest.raises(LostRaceError):
                    refused()
    assert whole(place.bucket, article_path) == (base / article_path).read_bytes()


class UnrenewedBucket:
    """A bucket that takes a lease, and is not heard of when it is to be renewed."""

    def __init__(self, raw: Bucket) -> None:
        self._raw, self._taken = raw, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def put(self, path: str, data: bytes, token: str | None) -> str:
        if path == LOCK and self._taken and b'"held"' in data:
            raise BusyError("no way to the server")
        self._taken = self._taken or path == LOCK
        return self._raw.put(path, data, token)


def test_a_write_whose_answer_was_lost_is_no_lost_race(place: Place) -> None:
    if place.kind == "gcs_blind":
        pytest.skip("gcp-storage-emulator refuses nothing")
    bucket = PatientBucket(DeafBucket(place.bucket))
    token = bucket.put("a", b"mine", None)
    assert place.bucket.get("a") == (b"mine", token)
    with pytest.raises(LostRaceError):
        PatientBucket(DeafBucket(place.bucket)).put("a", b"other", None)


class DeafBucket:
    """A bucket whose first answer to a `put` is not heard."""

    def __init__(self, raw: Bucket) -> None:
        self._raw, self._heard = raw, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def put(self, path: str, data: bytes, token: str | None) -> str:
        heard, self._heard = self._heard, True
        try:
            return self._raw.put(path, data, token)
        finally:
            if not heard:
                raise BusyError("no answer")


def test_fault_02_killed_at_any_request_and_run_again_is_an_undisturbed_run(
    place: Place, base: Path, tmp_path: Path
) -> None:
    """Each time another slice, on the lake as the last one left it.

    A local lake gets the same slices, undisturbed.
    """
    place.fill(base)
    local, killed = Lake(LocalStore(shutil.copytree(base, tmp_path / "local"))), 0
    for n, at in enumerate(steps(place)):
        dying = MortalBucket(place.bucket, at, late=n % 2 == 0)
        with contextlib.suppress(Killed):
            Lake(place.store(dying, lease_s=SHORT_S)).merge(moving(n, "a"))
        killed += dying.dead
        Lake(place.store()).merge(moving(n, "a"))
        local.merge(moving(n, "a"))
        assert staged(place) == []
    assert place.hashes(RUNS) == hashes(tmp_path / "local", RUNS)
    assert killed >= 2


def test_a_paused_writer_whose_lease_was_taken_over_neither_commits_nor_destroys(
    place: Place, base: Path, tmp_path: Path
) -> None:
    """What it asked for, and what it goes on to ask for, reaches the server after another has
    committed.
    """
    if place.kind == "gcs_blind":
        pytest.skip("gcp-storage-emulator carries out what it is asked, however late")
    place.fill(base)
    before = base
    for n, at in enumerate(steps(place)):
        paused = PausedBucket(place.bucket, at)
        writer = threading.Thread(
            target=merge_or_lose, args=(place.store(paused, lease_s=SHORT_S), moving(n, "a"))
        )
        writer.start()
        while writer.is_alive() and not paused.is_paused.wait(0.05):
            pass
        if not paused.is_paused.is_set():
            assert at > FEWEST
            break
        Lake(place.store()).merge(moving(n, "b"))
        paused.go_on()
        writer.join()
        after = [
            in_turn(before, tmp_path / f"{n}{x}{y}", moving(n, x), moving(n, y))
            for x, y in ("ab", "ba")
        ]
        ends = [hashes(folder, RUNS) for folder in after]
        assert place.hashes(RUNS) in ends, f"paused at request {at}"
        before = after[ends.index(place.hashes(RUNS))]
        assert staged(place) == []


def steps(place: Place) -> list[int]:
    """Return which requests of a merge to stop at: some, others for each server.

    All if NEWSBEAM_STEPS is 1.
    """
    every, start = (
        int(os.environ.get("NEWSBEAM_STEPS", "34")),
        5 + 11 * list(SERVERS).index(place.kind),
    )
    return list(range(1 + start % every, REQUESTS, every))


def moving(n: int, name: str) -> Batch:
    """Return a slice of a new article, and of one that moves to another day: files come, change and
    go.
    """
    at: dict[str, Any] = {
        "published_at": NOW - timedelta(days=n % 3),
        "seen_at": NOW + timedelta(hours=n + 1),
    }
    moved = coded(article(f"http://{name}.test/1", **at), mention(WORDS))
    return make_batch(
        moved,
        coded(article(f"http://{name}.test/{n}", f"{name}{n} " * 30)),
        run=run_of(f"r-{name}{n}"),
    )


def merge_or_lose(store: BucketStore, one: Batch) -> None:
    """Merge as a run does that is started again when it lost a race."""
    try:
        Lake(store).merge(one)
    except LostRaceError:
        Lake(store).merge(one)


def in_turn(before: Path, folder: Path, *slices: Batch) -> Path:
    shutil.copytree(before, folder)
    for one in slices:
        Lake(LocalStore(folder)).merge(one)
    return folder


def staged(place: Place) -> list[str]:
    return place.bucket.list(f"{STAGING}/")
