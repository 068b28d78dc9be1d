"""Stores in buckets keep the contract of `LakeStore`, and a lake in a bucket has the bytes of one in
a local folder.

moto compares ETags on `put` and `delete`, not on `copy`; fake-gcs-server compares generations on
uploads only; gcp-storage-emulator compares none. Requests that only AWS and Google themselves
refuse are not tested.
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
    first_batch,
    hashes,
    make_batch,
    make_lake,
    mention,
    run_of,
    second_batch,
    writer_batch,
)
from transforms.cloud.bucket import Bucket, BusyError, RetryingBucket
from transforms.cloud.bucket_addresses import open_bucket_store
from transforms.cloud.bucket_store import BucketStore
from transforms.cloud.client_checked_bucket import checks_preconditions
from transforms.cloud.lease import LOCK
from transforms.cloud.object_file import SMALL
from transforms.core.lake.lake import Lake
from transforms.core.lake.log import paths
from transforms.core.lake.log.history import last_number
from transforms.core.lake.log.paths import COMMITS, STAGING
from transforms.core.lake.log.store import LakeStore, LostRaceError
from transforms.core.lake.schema.tables import TABLES
from transforms.errors import LakeError
from transforms.records import Batch
from transforms.stores import LocalStore

pytestmark = pytest.mark.slow

CONTEXT = multiprocessing.get_context("forkserver")
SHORT_S = 0.4
"""A lease for tests in which its holder dies; renewed in time on a busy machine all the same."""
FEWEST, REQUESTS = 120, 238
"""Bounds of the number of requests of a merge of two articles: reads, a commit of ten files and its
publishing. It is highest without renewals of the lease at 224, on gcp-storage-emulator.
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
    """Return a local lake of one batch."""
    folder = tmp_path_factory.mktemp("base")
    make_lake(folder).merge(first_batch())
    return folder


def third() -> Batch:
    return make_batch(coded(article("http://c.test/1", "Else. " * 30)), run=run_of("r3"))


# The port


def test_a_file_is_written_only_where_its_token_is_unchanged(store: LakeStore) -> None:
    assert store.get("_meta/a/b") is None
    with pytest.raises(LostRaceError):
        store.put("_meta/a/b", b"zero", "1")
    store.put("_meta/a/b", b"one", None)
    with pytest.raises(LostRaceError):
        store.put("_meta/a/b", b"one", None)
    data, token = store.get("_meta/a/b") or (b"", "")
    assert data == b"one"
    store.put("_meta/a/b", b"two", token)
    with pytest.raises(LostRaceError):
        store.put("_meta/a/b", b"three", token)
    assert (store.get("_meta/a/b") or [b""])[0] == b"two"


def test_of_writers_at_once_one_wins(place: Place) -> None:
    if place.kind == "gcs_blind":
        pytest.skip("gcp-storage-emulator lets all of them write")
    won: list[int] = []

    def write(n: int) -> None:
        with contextlib.suppress(LostRaceError):
            place.store().put("_raw/a", str(n).encode(), None)
            won.append(n)

    in_threads([partial(write, n) for n in range(8)])
    assert len(won) == 1
    assert whole(place.bucket, "_raw/a") == str(won[0]).encode()


def test_a_rename_replaces_its_target_and_is_idempotent(store: LakeStore) -> None:
    store.put(f"{STAGING}/x", b"new", None)
    store.put("runs/day=2024-05-06/part-00000.parquet", b"old", None)
    assert store.rename(f"{STAGING}/x", "runs/day=2024-05-06/part-00000.parquet")
    assert not store.rename(f"{STAGING}/x", "runs/day=2024-05-06/part-00000.parquet")
    assert (store.get("runs/day=2024-05-06/part-00000.parquet") or [b""])[0] == b"new"
    assert store.get(f"{STAGING}/x") is None


def test_a_folder_lists_the_files_below_it_and_not_those_of_a_neighbour(store: LakeStore) -> None:
    for path in ("t/b/2", "t/a/1", "t/b/10", "tt/1", "t2", "t/ä b+%2F=&.json"):
        store.put(f"_raw/{path}", b"x", None)
    listed = sorted(["t/b/2", "t/a/1", "t/b/10", "t/ä b+%2F=&.json"])
    assert store.list("_raw/t") == [f"_raw/{path}" for path in listed]
    assert store.list("none") == []
    assert set(store.names()) - {"_staging"} == {"_raw"}


def test_a_listing_of_several_pages_is_complete(place: Place) -> None:
    if place.kind == "gcs_blind":
        pytest.skip("gcp-storage-emulator has no pages, and takes minutes for 1,050 objects")
    names = [f"t/{n:04d}" for n in range(1_050)]
    for name in names:
        if place.kind == "s3":
            buckets.moto_put(place.prefix + name, b"")
        else:
            place.bucket.put(name, b"", None)
    assert place.store().list("t") == names
    assert place.store().names() == ("t",)


def test_deleting_a_missing_file_is_not_an_error(store: LakeStore) -> None:
    store.put("_meta/a/b", b"x", None)
    store.delete("_meta/a/b")
    store.delete("_meta/a/b")
    assert store.get("_meta/a/b") is None
    assert store.list("_meta/a") == []


def test_a_large_file_is_read_in_ranges(store: LakeStore) -> None:
    data = os.urandom(1 << 20) * 9
    store.put("_raw/big", data, None)
    file = store.open("_raw/big")
    assert file is not None
    with file:
        assert file.seek(-10, io.SEEK_END) == len(data) - 10
        assert file.read() == data[-10:]
        assert file.seek(5_000_000) == 5_000_000
        assert file.read(3) == data[5_000_000:5_000_003]
        assert file.seek(0) == 0
        assert file.read() == data
    assert store.open("none") is None


def test_reading_some_columns_of_a_large_table_reads_a_part_of_its_bytes(place: Place) -> None:
    path, schema = "rejects/day=2024-05-06/part-00000.parquet", TABLES["rejects"].schema
    texts = dict.fromkeys(("stage", "reason", "run_id", "pipeline_version"), "x")
    flags = {"retryable": False, "payload_truncated": False, "attempt": 1}
    small = {"rejected_at": NOW, "reject_date": NOW.date(), **texts, **flags}
    keys = [str(n) for n in range(1_000)]
    rows = [{**small, "reject_id": key, "payload": os.urandom(4_500).hex()} for key in keys]
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), sink, compression="none")
    place.bucket.put(path, sink.getvalue(), None)
    counted = CountedBucket(place.bucket)
    read = Lake(place.store(counted)).read(path, ("reject_id",))
    assert read is not None
    assert read.column("reject_id").to_pylist() == keys
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


def test_reading_a_file_that_is_replaced_meanwhile_fails(place: Place) -> None:
    place.bucket.put("t", b"a" * (SMALL + 2), None)
    file = place.store().open("t")
    assert file is not None
    found = place.bucket.head("t")
    assert found is not None
    place.bucket.put("t", b"b", found.token)
    with file, pytest.raises(LostRaceError, match="t "):
        file.read()


def test_a_record_that_is_too_large_is_refused(
    store: LakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("_meta/files.txt", b"x" * 65, None)
    monkeypatch.setattr(paths, "MAX_META_BYTES", 64)
    with pytest.raises(LakeError, match="has 65 bytes"):
        store.get("_meta/files.txt")
    monkeypatch.setattr(paths, "MAX_META_BYTES", 65)
    assert store.get("_meta/files.txt") is not None


def test_a_missing_bucket_is_an_error(place: Place) -> None:
    with pytest.raises(LakeError, match="no bucket nowhere") as caught:
        Lake(open_bucket_store(f"{place.scheme}://nowhere/lake")).prepare()
    assert caught.value.reason == "E_LAKE_ADDRESS"


def test_a_server_that_ignores_conditions_is_refused(place: Place) -> None:
    assert checks_preconditions(place.bucket) == (place.kind != "gcs_blind")
    if place.kind == "gcs_blind":
        with pytest.raises(LakeError, match="ignores the conditions"):
            Lake(BucketStore(place.bucket)).prepare()
        assert place.bucket.list("") == []


@pytest.mark.parametrize(
    "address", ["s3://", "gs:///x", "ftp://a/b", "s3://a/b?c", "gs://a/*.parquet"]
)
def test_an_address_without_a_folder_of_a_bucket_is_refused(address: str) -> None:
    with pytest.raises(LakeError, match="BUCKET/FOLDER"):
        open_bucket_store(address)


# A lake on it


def test_a_lake_in_a_bucket_has_the_bytes_of_one_in_a_folder(place: Place, tmp_path: Path) -> None:
    local, remote = make_lake(tmp_path), Lake(open_bucket_store(place.address))
    remote.prepare()
    for batch in (first_batch(), second_batch(), third(), first_batch()):
        assert remote.merge(batch) == local.merge(batch)
    assert place.hashes() == hashes(tmp_path)
    for path in ("_meta/lake.json", "_meta/views.sql"):
        assert whole(place.bucket, path) == (tmp_path / path).read_bytes()
    assert place.bucket.list(f"{STAGING}/") == []
    assert [whole(place.bucket, p)[-200:] for p in sorted(place.bucket.list(f"{COMMITS}/"))] == [
        p.read_bytes()[-200:] for p in sorted((tmp_path / COMMITS).iterdir())
    ]


def test_a_folder_that_is_not_a_lake_is_refused_and_left_unchanged(place: Place) -> None:
    place.bucket.put("thesis.doc", b"", None)
    with pytest.raises(LakeError, match=r"thesis\.doc"):
        Lake(place.store()).prepare()
    assert place.bucket.list("") == ["thesis.doc"]


def add_one(environment: dict[str, str], address: str, writer: int) -> None:
    with buckets.environ(environment):
        Lake(open_bucket_store(address)).merge(writer_batch(writer))


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
    """Run calls at once, each in a thread; raise the first error of any."""
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


def test_waiting_for_a_lake_that_another_writer_keeps_locked_times_out(place: Place) -> None:
    with place.store(lease_s=SHORT_S).locked():
        began = time.monotonic()
        with pytest.raises(LakeError, match="locked by another writer") as caught:
            Lake(place.store(lock_timeout_s=3 * SHORT_S)).prepare()
        assert caught.value.reason == "E_LAKE_LOCKED"
        assert time.monotonic() - began > 2 * SHORT_S, "the holder renewed its lease meanwhile"


def test_a_released_lease_is_acquired_at_once_and_without_a_fence(place: Place) -> None:
    for _ in range(3):
        with place.store(lease_s=60, lock_timeout_s=1).locked():
            assert json.loads(whole(place.bucket, LOCK))["state"] == "held"
    assert place.bucket.list(f"{COMMITS}/") == []


def test_a_writer_that_fails_releases_the_lease_and_is_fenced_off(place: Place, base: Path) -> None:
    place.fill(base)
    before = last_number(place.store())
    with pytest.raises(ZeroDivisionError), place.store(lease_s=60).locked():
        raise ZeroDivisionError
    with place.store(lock_timeout_s=1).locked():
        assert last_number(place.store()) == before + 1


def test_a_writer_that_lost_its_lease_can_neither_write_nor_list(place: Place, base: Path) -> None:
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
    """A bucket that acquires a lease and cannot reach the server to renew it."""

    def __init__(self, raw: Bucket) -> None:
        self._raw, self._taken = raw, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def put(self, path: str, data: bytes, token: str | None) -> str:
        if path == LOCK and self._taken and b'"held"' in data:
            raise BusyError("no way to the server")
        self._taken = self._taken or path == LOCK
        return self._raw.put(path, data, token)


def test_a_write_whose_response_was_lost_is_not_a_lost_race(place: Place) -> None:
    if place.kind == "gcs_blind":
        pytest.skip("gcp-storage-emulator refuses nothing")
    bucket = RetryingBucket(DeafBucket(place.bucket))
    token = bucket.put("a", b"mine", None)
    assert place.bucket.get("a") == (b"mine", token)
    with pytest.raises(LostRaceError):
        RetryingBucket(DeafBucket(place.bucket)).put("a", b"other", None)


class DeafBucket:
    """A bucket that loses the response to its first `put`."""

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
                raise BusyError("no response")


STOP_EVERY = int(os.environ.get("NEWSBEAM_STEPS", "34"))
"""At which requests a merge is killed or paused: every 34th, which takes a second each; all with
NEWSBEAM_STEPS=1."""
STOPS = range(-(-REQUESTS // STOP_EVERY))


def stop_request(place: Place, stop: int) -> int:
    """Return the number of the request to stop at, from 1, which differs between the servers."""
    offset = 5 + 11 * list(SERVERS).index(place.kind)
    return 1 + offset % STOP_EVERY + stop * STOP_EVERY


@pytest.mark.parametrize("stop", STOPS)
def test_fault_02_killed_at_any_request_and_run_again_is_an_undisturbed_run(
    place: Place, base: Path, tmp_path: Path, stop: int
) -> None:
    place.fill(base)
    request = stop_request(place, stop)
    dying = MortalBucket(place.bucket, request, late=stop % 2 == 0)
    with contextlib.suppress(Killed):
        Lake(place.store(dying, lease_s=SHORT_S)).merge(moving(1, "a"))
    assert dying.dead or request > FEWEST
    batches = (moving(1, "a"), moving(2, "a"))
    for batch in batches:
        Lake(place.store()).merge(batch)
        assert staged(place) == []
    assert place.hashes(RUNS) == hashes(in_turn(base, tmp_path / "local", *batches), RUNS)


def test_the_kill_points_reach_over_all_requests_of_a_merge(place: Place, base: Path) -> None:
    place.fill(base)
    counting = MortalBucket(place.bucket, 0)
    Lake(place.store(counting, lease_s=60)).merge(moving(1, "a"))
    assert FEWEST < counting.requests < REQUESTS
    points = [stop_request(place, stop) for stop in STOPS]
    assert points[0] <= STOP_EVERY
    assert points[-1] + STOP_EVERY > counting.requests
    assert {after - before for before, after in itertools.pairwise(points)} == {STOP_EVERY}


@pytest.mark.parametrize("stop", STOPS)
def test_a_paused_writer_whose_lease_was_taken_over_neither_commits_nor_destroys(
    place: Place, base: Path, tmp_path: Path, stop: int
) -> None:
    """Requests of the paused writer reach the server after another writer has committed."""
    if place.kind == "gcs_blind":
        pytest.skip("gcp-storage-emulator carries out each request, however late")
    place.fill(base)
    request = stop_request(place, stop)
    paused = PausedBucket(place.bucket, request)
    writer = threading.Thread(
        target=merge_or_lose, args=(place.store(paused, lease_s=SHORT_S), moving(1, "a"))
    )
    writer.start()
    while writer.is_alive() and not paused.is_paused.wait(0.05):
        pass
    assert paused.is_paused.is_set() or request > FEWEST
    Lake(place.store()).merge(moving(1, "b"))
    paused.go_on()
    writer.join()
    orders = [
        in_turn(base, tmp_path / order, *(moving(1, name) for name in order))
        for order in ("ab", "ba")
    ]
    ends = [hashes(folder, RUNS) for folder in orders]
    assert place.hashes(RUNS) in ends, f"paused at request {request}"
    assert staged(place) == []
    local = orders[ends.index(place.hashes(RUNS))]
    Lake(place.store()).merge(moving(2, "a"))
    Lake(LocalStore(local)).merge(moving(2, "a"))
    assert place.hashes(RUNS) == hashes(local, RUNS)


def moving(n: int, name: str) -> Batch:
    """Return a batch of a new article, and of one that moves to another day: its commit writes,
    replaces and deletes files.
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


def merge_or_lose(store: BucketStore, batch: Batch) -> None:
    """Merge as a run does that is started again when it lost a race."""
    try:
        Lake(store).merge(batch)
    except LostRaceError:
        Lake(store).merge(batch)


def in_turn(before: Path, folder: Path, *batches: Batch) -> Path:
    """Copy a local lake to a folder, merge batches into it one by one, and return the folder."""
    shutil.copytree(before, folder)
    for batch in batches:
        Lake(LocalStore(folder)).merge(batch)
    return folder


def staged(place: Place) -> list[str]:
    return place.bucket.list(f"{STAGING}/")
