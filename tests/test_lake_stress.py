"""Lakes with real processes, kills, full and read-only disks and readers, and lakes that lost files."""

import contextlib
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from tests.helpers import web_site as web
from tests.helpers.lakes import (
    NOW,
    article,
    coded,
    hashes,
    make_batch,
    make_lake,
    mention,
    rows,
    run_of,
    sighting,
    state,
)
from transforms.core.lake.lake import Lake
from transforms.core.lake.log.migrate import upgrade
from transforms.core.lake.log.preflight import FIRST_FILES
from transforms.core.lake.log.snapshot import read_snapshot
from transforms.core.lake.schema.tables import TABLES
from transforms.core.urls import url_key
from transforms.errors import LakeError
from transforms.records import Batch
from transforms.stores import LocalStore

pytestmark = pytest.mark.slow

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.helpers.lakes"])
RUNS = frozenset({"runs"})
ROOT = Path(__file__).parent.parent


def text(n: int) -> str:
    """Return a text unlike all others, with one sentence that can be evidence."""
    words = random.Random(n)
    letters = "abcdefghijklmnoprstuvwz"
    return f"Envoys met in town {n}. " + " ".join(
        "".join(words.choices(letters, k=7)) for _ in range(60)
    )


def batch_of(n: int, *, days: int = 0, hours: int = 0) -> tuple[Batch, str]:
    """Return a batch of one article, published `days` before and seen `hours` after NOW, and its
    id.
    """
    url = f"http://s{n}.test/{n}"
    seen = NOW + timedelta(hours=hours)
    a = article(
        url,
        text(n),
        title=f"Title {n}",
        published_at=NOW - timedelta(days=days, hours=1),
        seen_at=seen,
    )
    return make_batch(
        coded(a, mention(f"Envoys met in town {n}.")), sightings=(sighting(url),)
    ), a.article_id


def joined(first: Batch, second: Batch) -> Batch:
    return replace(
        first, coded=first.coded + second.coded, sightings=first.sightings + second.sightings
    )


def writer_batches(writer: int, count: int) -> list[Batch]:
    """Return the batches of one writer: articles of three days, in a run of its own."""
    run = run_of(f"w{writer}")
    made = [
        joined(batch_of(10 * writer + n, days=n % 3)[0], batch_of(1000 + n, days=n % 3)[0])
        for n in range(count)
    ]
    return [
        replace(s, run=run, run_state="done" if n == count - 1 else "running")
        for n, s in enumerate(made)
    ]


def write(root: Path, writer: int, count: int) -> None:
    lake = Lake(LocalStore(root))
    lake.prepare()
    for batch in writer_batches(writer, count):
        lake.merge(batch)


@contextlib.contextmanager
def process(
    target: Callable[..., None], *args: object
) -> Iterator[multiprocessing.process.BaseProcess]:
    started = CONTEXT.Process(target=target, args=args)
    started.start()
    try:
        yield started
    finally:
        if started.is_alive():
            started.kill()
        started.join()


def facts(root: Path, table: str) -> list[dict[str, object]]:
    """Return a table's rows without the run that wrote them first, which may be either of two."""
    made_by = {"run_id", "pipeline_version"}
    return [{k: v for k, v in r.items() if k not in made_by} for r in rows(root, table)]


@pytest.mark.parametrize("writers", [2, 3])
def test_fault_04_concurrent_writers_of_the_same_days_end_in_the_rows_of_successive_ones(
    tmp_path: Path, writers: int
) -> None:
    for n in range(writers):
        write(tmp_path / "turns", n, 3)
    with contextlib.ExitStack() as stack:
        started = [
            stack.enter_context(process(write, tmp_path / "once", n, 3)) for n in range(writers)
        ]
        for p in started:
            p.join()
    assert [p.exitcode for p in started] == [0] * writers
    for table in TABLES.keys() - {"runs"}:
        assert facts(tmp_path / "once", table) == facts(tmp_path / "turns", table), table
    assert len(rows(tmp_path / "once", "articles")) == 3 * writers + 3
    assert sorted(r["articles_new"] for r in rows(tmp_path / "once", "runs"))[0] >= 3


def hold(root: Path, ready: str) -> None:
    with LocalStore(root).locked():
        Path(ready).touch()
        time.sleep(60)


def test_fault_04_the_lock_of_a_killed_writer_is_free(tmp_path: Path) -> None:
    make_lake(tmp_path / "lake")
    with process(hold, tmp_path / "lake", str(tmp_path / "ready")) as holder:
        while not (tmp_path / "ready").exists():
            time.sleep(0.01)
        holder.kill()
        Lake(LocalStore(tmp_path / "lake", lock_timeout_s=5)).merge(batch_of(1)[0])
    assert len(rows(tmp_path / "lake", "articles")) == 1


def test_fault_04_killed_at_any_time_and_run_again_is_an_undisturbed_run(tmp_path: Path) -> None:
    write(tmp_path / "whole", 1, 4)
    write(tmp_path / "killed", 1, 1)
    times, killed = random.Random(7), 0
    for _ in range(10):
        with process(write, tmp_path / "killed", 1, 4) as writer:
            writer.join(times.uniform(0.05, 0.9))
        killed += writer.exitcode == -signal.SIGKILL
        assert keys(tmp_path / "killed")
    write(tmp_path / "killed", 1, 4)
    assert hashes(tmp_path / "killed", RUNS) == hashes(tmp_path / "whole", RUNS)
    assert killed >= 3


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a small file system cannot be mounted by this user")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path, leave: int) -> Path:
    """Fill a disk up to `leave` bytes, and return the file that does."""
    filler = disk / "filler"
    filler.write_bytes(b"\0" * max(0, shutil.disk_usage(disk).free - leave))
    return filler


def refusal(act: Callable[[], object]) -> LakeError | None:
    """Return the error that a call raises, None where it raises none."""
    try:
        act()
    except LakeError as error:
        return error
    return None


def test_fault_05_a_full_disk_is_reported_with_path_and_space_and_the_run_again_is_an_undisturbed_run(
    tmp_path: Path,
) -> None:
    moves = replace(batch_of(1, days=2, hours=1)[0], run=run_of("r2"))
    make_lake(tmp_path / "whole").merge(batch_of(1)[0])
    Lake(LocalStore(tmp_path / "whole")).merge(moves)
    with small_disk(tmp_path / "disk", 4) as disk:
        lake = make_lake(disk / "lake")
        lake.merge(batch_of(1)[0])
        before = hashes(disk / "lake")
        refused = 0
        for leave in range(0, 400_000, 20_000):
            filler = fill(disk, leave)
            error = refusal(lambda: lake.merge(moves))
            if error is not None:
                refused += 1
                assert error.reason == "E_LAKE_DISK"
                assert str(disk / "lake") in str(error)
                assert "the whole commit needs" in str(error)
                assert hashes(disk / "lake") == before
                assert not [p for p in (disk / "lake" / "_staging").rglob("*") if p.is_file()]
            filler.unlink()
        assert 2 < refused < 20
        assert hashes(disk / "lake", RUNS) == hashes(tmp_path / "whole", RUNS)


def move(root: Path, count: int) -> None:
    """Bring new articles, and move article 1 to and fro between days."""
    lake = Lake(LocalStore(root))
    for n in range(count):
        lake.merge(
            joined(batch_of(100 + n, days=n % 2)[0], batch_of(1, days=3 * (n % 2), hours=n + 1)[0])
        )


def keys(root: Path) -> list[tuple[str, int]]:
    """Return each article's id and how often a plain glob has it."""
    query = f"SELECT article_id, count(*) FROM '{root}/articles/**/*.parquet' GROUP BY 1"  # noqa: S608
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()


def orphans(root: Path) -> int:
    query = f"""SELECT count(*) FROM '{root}/event_mentions/*/*.parquet'
        ANTI JOIN '{root}/articles/*/*.parquet' USING (article_id, published_date)"""  # noqa: S608
    with duckdb.connect() as connection:
        return int(connection.execute(query).fetchall()[0][0])


def test_fault_04_readers_never_fail_and_read_each_row_once_while_files_change(
    tmp_path: Path,
) -> None:
    """Readers of snapshots see one state; readers of plain files do unless they open a file while it
    is replaced.
    """
    lake = make_lake(tmp_path)
    for n in range(1, 6):
        lake.merge(batch_of(n, days=n % 3)[0])
    stay = {batch_of(n)[1] for n in range(2, 6)}
    moved = batch_of(1)[1]
    ended, errors = threading.Event(), list[BaseException]()
    plain, reads = list[bool](), list[int]()

    def is_sound() -> bool:
        """Return whether a query of plain files has each article that stays once, and no other
        twice.
        """
        try:
            found = dict(keys(tmp_path))
        except duckdb.Error:
            return False
        return {k for k, n in found.items() if n == 1} >= stay and {
            n for k, n in found.items() if k != moved
        } == {1}

    def query() -> None:
        try:
            while not ended.is_set():
                plain.append(is_sound())
                assert dict(read_snapshot(LocalStore(tmp_path), lambda: keys(tmp_path)))[moved] == 1
                assert read_snapshot(LocalStore(tmp_path), lambda: orphans(tmp_path)) == 0
                reads.append(1)
        except BaseException as error:
            errors.append(error)

    readers = [threading.Thread(target=query) for _ in range(2)]
    with process(move, tmp_path, 14) as writer:
        for r in readers:
            r.start()
        writer.join()
        ended.set()
        for r in readers:
            r.join()
    assert errors == []
    assert writer.exitcode == 0
    assert len(reads) > 5
    assert plain.count(True) > 0.8 * len(plain), "a plain read fails only while a file is replaced"


def other_user() -> list[str]:
    """Return the prefix of a command that runs it as a user who may not write to this folder."""
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("setpriv is not installed, and nothing is read-only to root")
        return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    return []


def command(
    *args: str, prefix: Sequence[str] = (), temporary: Path | None = None
) -> "subprocess.CompletedProcess[str]":
    words = [*prefix, sys.executable, "-m", "pipelines.cli", *args]
    env = dict(os.environ) | ({"TMPDIR": str(temporary)} if temporary else {})
    return subprocess.run(
        words, capture_output=True, text=True, check=False, cwd=ROOT, timeout=120, env=env
    )


@pytest.fixture
def read_only() -> Iterator[Path]:
    """Return a lake that all may read and nobody may write to.

    Pytest's own folder is closed to other users.
    """
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder) / "lake"
        make_lake(lake).merge(batch_of(1)[0])
        Path(folder).chmod(0o755)
        inside = [lake, *lake.rglob("*")]
        for p in inside:
            p.chmod(0o555 if p.is_dir() else 0o444)
        yield lake
        for p in inside:
            p.chmod(0o755)


WRITES = """
import sys
from transforms.lake import open_lake
from transforms.errors import LakeError
try:
    open_lake(sys.argv[1])
except LakeError as error:
    sys.exit(f"{error.reason}: {error}")
"""


def test_a_read_only_lake_refuses_a_run_and_answers_queries(read_only: Path) -> None:
    queried = command(
        "sql",
        "SELECT count(*) AS n FROM articles",
        "--json",
        "--lake",
        str(read_only),
        prefix=other_user(),
    )
    assert (queried.returncode, queried.stdout) == (0, '{"n": 1}\n'), queried.stderr
    words = [*other_user(), sys.executable, "-c", WRITES, str(read_only)]
    refused_parts = subprocess.run(
        words, capture_output=True, text=True, check=False, cwd=ROOT, timeout=60
    )
    assert refused_parts.returncode == 1
    [message] = [
        line for line in refused_parts.stderr.splitlines() if not line.startswith("WARNING:")
    ]
    assert message.startswith("E_LAKE_READONLY: ")
    assert "Permission denied" in message


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lake with a history; tests must not write to it."""
    root = tmp_path_factory.mktemp("sound") / "lake"
    lake = make_lake(root)
    feeds = {"states": (state("http://a.test/feed"),)}
    for n in range(1, 4):
        lake.merge(replace(batch_of(n, days=n % 2)[0], run=run_of(f"r{n}"), **feeds))  # type: ignore[arg-type]
    return root


def last() -> Batch:
    return replace(joined(batch_of(1, days=2, hours=2)[0], batch_of(9)[0]), run=run_of("last"))


def run_on(root: Path) -> None:
    """Do what a run does: open the lake, look up sightings, merge."""
    lake = make_lake(root)
    assert lake.feed_states()
    assert len(lake.seen(url_key(f"http://s{n}.test/{n}") for n in range(1, 5))) == 3
    lake.merge(last())


def parts(root: Path) -> list[str]:
    """Return every file and folder of `_meta`, and for each table its folder, its first file, and
    one with rows.
    """
    meta = list((root / "_meta").rglob("*"))
    found = ["_meta", "_staging", *(p.relative_to(root).as_posix() for p in meta)]
    for name in TABLES:
        files = sorted((root / name).rglob("*.parquet"))
        full = [p for p in files if pq.read_metadata(p).num_rows]
        found += [
            name,
            *(p.relative_to(root).as_posix() for p in dict.fromkeys([files[0], *full[-1:]])),
        ]
    return found


def delete(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def garble(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(max(64, path.stat().st_size)))


@pytest.mark.parametrize("harm", [delete, truncate, garble])
def test_fault_06_a_lake_that_lost_a_part_repairs_itself_or_is_refused(
    sound: Path, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    shutil.copytree(sound, tmp_path / "whole")
    run_on(tmp_path / "whole")
    expected = hashes(tmp_path / "whole")
    refused_parts, repaired = dict[str, str](), set[str]()
    for part in parts(sound):
        root = tmp_path / "harmed"
        shutil.copytree(sound, root)
        if harm is not delete and (root / part).is_dir():
            shutil.rmtree(root)
            continue
        harm(root / part)
        left = (root / part).read_bytes() if (root / part).is_file() else None
        error = refusal(lambda: run_on(root))  # noqa: B023 - called at once
        if error is not None:
            refused_parts[part] = str(error)
            assert error.reason.startswith("E_LAKE_"), part
            assert "\n" not in str(error), part
        else:
            repaired.add(part)
            found = hashes(root)
            if left is not None and part.split("/")[0] in TABLES and found[part] != expected[part]:
                assert (root / part).read_bytes() == left, (
                    "a file that no run reads is as it was, for `check` to find"
                )
                del found[part]
            assert {k: expected[k] for k in found} == found, part
        shutil.rmtree(root)
    full = {p for p in parts(sound) if p.startswith("sightings/") and p.endswith(".parquet")}
    assert full & refused_parts.keys(), "lost sightings are never ignored"
    if harm is delete:
        with_rows = {p.split("/")[0] for p in expected if "1970-01-01" not in p} - {
            "rejects",
            "fetches",
        }
        assert {"_meta", "_meta/lake.json", "_meta/files.txt", *with_rows} <= refused_parts.keys()
        assert not [
            p for p in repaired if "/" in p and p.split("/")[0] in TABLES and "1970-01-01" not in p
        ]
    assert {"_meta/lock", "_meta/views.sql", "_meta/published"} <= repaired


def test_upgrade_force_accepts_a_lake_that_lost_files(sound: Path, tmp_path: Path) -> None:
    root = tmp_path / "lake"
    shutil.copytree(sound, root)
    shutil.rmtree(root / "stories")
    words = ["upgrade", "--lake", str(root)]
    with pytest.raises(LakeError, match=r"stories/.* and .* more should be in the lake"):
        CliRunner().invoke(app, words, catch_exceptions=False)
    done = CliRunner().invoke(app, [*words, "--force"], catch_exceptions=False)
    assert done.exit_code == 0
    make_lake(root).merge(last())


def without_columns(root: Path, table: str, dropped: tuple[str, ...]) -> None:
    """Drop columns from a table's files, as an older newsbeam wrote them."""
    for path in (root / table).rglob("*.parquet"):
        data = pq.read_table(path, partitioning=None)
        pq.write_table(data.drop_columns(list(dropped)), path)


def columns(root: Path, table: str) -> list[str]:
    """Return the columns that a plain glob gives, after all its rows have been read."""
    with duckdb.connect() as connection:
        result = connection.execute(f"SELECT * FROM '{root}/{table}/*/*.parquet'")  # noqa: S608
        names = [d[0] for d in result.description or ()]
        result.fetchall()
    return names


def nullable_at_end(table: str) -> tuple[str, ...]:
    names: list[str] = []
    for field in reversed(list(TABLES[table].schema)):
        if not field.nullable or len(names) == 2:
            break
        names.append(field.name)
    return tuple(names)


GROWN = sorted(t for t in TABLES if nullable_at_end(t))


def test_fault_06_a_lake_without_later_columns_is_refused_and_upgraded(
    sound: Path, tmp_path: Path
) -> None:
    root = tmp_path / "lake"
    shutil.copytree(sound, root)
    assert GROWN
    for table in GROWN:
        without_columns(root, table, nullable_at_end(table))
    before = hashes(root)
    with pytest.raises(
        LakeError, match=r"has no column \w+; run `newsbeam upgrade --lake`"
    ) as caught:
        make_lake(root)
    assert caught.value.reason == "E_LAKE_OLD"
    assert hashes(root) == before
    assert upgrade(LocalStore(root)) > len(GROWN)
    assert upgrade(LocalStore(root)) == 0
    for table in GROWN:
        found = columns(root, table)
        assert set(nullable_at_end(table)) <= set(found)
        assert all(
            pq.read_schema(p).names == TABLES[table].schema.names
            for p in (root / table).rglob("*.parquet")
        )
    make_lake(root).merge(last())


def upgrade_in_steps(root: Path) -> None:
    from transforms.core.lake.log import migrate as module

    module.FILES = 1
    module.upgrade(LocalStore(root))


def test_fault_06_a_killed_upgrade_is_resumed_and_readers_never_fail(
    sound: Path, tmp_path: Path
) -> None:
    root, whole = tmp_path / "lake", tmp_path / "whole"
    shutil.copytree(sound, root)
    for table in GROWN:
        without_columns(root, table, nullable_at_end(table))
    shutil.copytree(root, whole)
    upgrade(LocalStore(whole))
    for seconds in (0.3, 0.4):
        with process(upgrade_in_steps, root) as started:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                for table in GROWN:
                    assert columns(root, table)
            started.kill()
    upgrade(LocalStore(root))
    assert hashes(root) == hashes(whole)


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ('{"schema_version": 3}', "schema version 3, .* a newer one"),
        ('{"schema_version": 1}', "schema version 1: .* a new lake"),
        ('{"schema_version": 0}', "schema version 0"),
        ('{"schema_version": true}', "does not say"),
        ("[]", "does not say"),
    ],
)
def test_fault_06_a_lake_of_another_schema_is_refused(
    sound: Path, tmp_path: Path, about: str, message: str
) -> None:
    shutil.copytree(sound, tmp_path / "lake")
    (tmp_path / "lake/_meta/lake.json").write_text(about)
    before = hashes(tmp_path / "lake")
    with pytest.raises(LakeError, match=message):
        make_lake(tmp_path / "lake")
    assert hashes(tmp_path / "lake") == before


def test_fault_06_a_lake_with_unknown_columns_is_refused(sound: Path, tmp_path: Path) -> None:
    shutil.copytree(sound, tmp_path / "lake")
    path = tmp_path / "lake" / next(p for p, t in FIRST_FILES.items() if t.name == "articles")
    data = pq.read_table(path, partitioning=None)
    pq.write_table(data.append_column("mood", data["title"]), path)
    with pytest.raises(LakeError, match=r"column 'mood' of .* is not as this newsbeam writes it"):
        make_lake(tmp_path / "lake")


def as_before_the_first_release(root: Path) -> None:
    """Rename a column and set the schema version, as in lakes of before the first release."""
    (root / "_meta/lake.json").write_text('{"format": "newsbeam lake", "schema_version": 1}\n')
    for path in (root / "articles").rglob("*.parquet"):
        data = pq.read_table(path, partitioning=None)
        names = ["next_look_at" if n == "next_revisit_at" else n for n in data.schema.names]
        pq.write_table(data.rename_columns(names), path)


def test_fault_06_a_lake_from_before_the_first_release_is_refused_by_runs_and_upgrade(
    sound: Path, tmp_path: Path
) -> None:
    root = tmp_path / "lake"
    shutil.copytree(sound, root)
    as_before_the_first_release(root)
    before = hashes(root)
    calls: list[Callable[[], object]] = [
        lambda: make_lake(root),
        lambda: upgrade(LocalStore(root)),
        lambda: upgrade(LocalStore(root), force=True),
    ]
    for call in calls:
        with pytest.raises(LakeError, match="fill a new lake with `newsbeam ingest`") as refused:
            call()
        assert refused.value.reason == "E_LAKE_VERSION"
    assert hashes(root) == before


def test_fault_06_columns_of_other_names_are_refused_where_the_version_is_lost(
    sound: Path, tmp_path: Path
) -> None:
    root = tmp_path / "lake"
    shutil.copytree(sound, root)
    as_before_the_first_release(root)
    (root / "_meta/lake.json").unlink()
    with pytest.raises(LakeError, match=r"column 'next_look_at' of .* is not as this newsbeam"):
        upgrade(LocalStore(root), force=True)


BERLIN = ZoneInfo("Europe/Berlin")
CLOCKS = [
    datetime(2024, 10, 27, 2, 30, fold=0, tzinfo=BERLIN),
    datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=BERLIN),
    datetime(2024, 10, 27, 0, 10, tzinfo=BERLIN),
    datetime(2024, 10, 26, 23, 59, 59, tzinfo=UTC),
    datetime(2024, 10, 27, 0, 0, 1, tzinfo=UTC),
    datetime(2019, 1, 1, tzinfo=UTC),
]


def test_fault_07_clocks_that_jump_duplicate_no_row_and_move_no_article(tmp_path: Path) -> None:
    """A repeated hour, midnight of two zones, and a clock that was set back by years."""
    lake = make_lake(tmp_path)
    for n, clock in enumerate(CLOCKS):
        now = clock.astimezone(UTC)
        a = article("http://s1.test/1", text(1), published_at=NOW, first_seen_at=now, seen_at=now)
        lake.merge(
            make_batch(
                coded(a, mention("Envoys met in town 1.")),
                sightings=(sighting("http://s1.test/1", at=now),),
                run=run_of(f"r{n}", now),
            )
        )
    for table in (
        "articles",
        "article_versions",
        "event_mentions",
        "events",
        "sightings",
        "stories",
    ):
        assert len(rows(tmp_path, table)) == 1, table
    assert rows(tmp_path, "articles")[0]["published_date"] == NOW.date()
    assert rows(tmp_path, "articles")[0]["first_seen_at"] == min(c.astimezone(UTC) for c in CLOCKS)
    assert len(rows(tmp_path, "runs")) == len(CLOCKS)
    before = hashes(tmp_path, RUNS)
    lake.merge(
        replace(batch_of(1)[0], coded=(), sightings=(), run=run_of("r0", CLOCKS[0].astimezone(UTC)))
    )
    assert hashes(tmp_path, RUNS) == before


FEED = """<rss version='2.0'><channel><title>Feed</title><item><title>Talks</title>
<link>http://post.test/talks</link></item></channel></rss>"""
TALKS = (
    (
        "<html lang='en'><head><title>Talks on the "
        "harbour</title></head><body><article><h1>Talks on the harbour</h1>"
    )
    + "".join(
        f"<p>French ministers met Kenyan envoys in Nairobi on Monday for round {n} of talks.</p>"
        for n in range(9)
    )
    + "</article></body></html>"
)


@pytest.mark.parametrize("full", ["lake", "temporary"])
def test_fault_05_ingest_on_a_full_disk_prints_one_line(tmp_path: Path, full: str) -> None:
    routes = {
        "post.test/feed": web.respond(FEED, kind="application/rss+xml"),
        "post.test/talks": web.respond(TALKS),
    }
    with small_disk(tmp_path / "disk", 3) as disk, web.serve(routes) as site:
        root = disk / "lake" if full == "lake" else tmp_path / "lake"
        make_lake(root)
        words = [
            "ingest",
            "--feeds",
            "http://post.test/feed",
            "--lake",
            str(root),
            "--connect-to",
            site.address,
        ]
        options = [
            *words,
            "--spacing",
            "0",
            "--now",
            NOW.isoformat(),
            "--run-id",
            "r1",
            "--workers",
            "1",
        ]
        filler = fill(disk, 30_000 if full == "lake" else 0)
        refused_parts = command(*options, temporary=disk if full == "temporary" else None)
        assert refused_parts.returncode == (1 if full == "lake" else 0), refused_parts.stderr
        if full == "lake":
            [message] = [
                line
                for line in refused_parts.stderr.splitlines()
                if not line.startswith("WARNING:")
            ]
            assert message.startswith("newsbeam: E_LAKE_DISK: ")
            assert str(disk) in message
            assert "the whole commit needs" in message
        filler.unlink()
        assert command(*options).returncode == 0
        assert len(rows(root, "articles")) == 1
