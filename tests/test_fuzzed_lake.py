"""A lake made by somebody else, damaged in any way: its readers change no byte, its writers none
outside it, and both raise newsbeam's own errors alone.
"""

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.inspect import feed_health, machine
from pipelines.inspect.explanation import explain
from pipelines.inspect.lake_check import check
from pipelines.inspect.query import QueryOptions, run_query
from tests.helpers.examples import examples
from tests.helpers.lakes import NOW, half_published, make_batch, make_lake, run_of
from transforms import lake_to_read as reading
from transforms.core.lake.checks.check import check_lake
from transforms.core.lake.lake import Lake
from transforms.core.lake.log.migrate import upgrade
from transforms.errors import NewsbeamError
from transforms.lake_to_read import lake_to_read, queries_on
from transforms.lake_views import connect
from transforms.stores import LocalStore

COMMIT = "_meta/commits/{:012d}.json"
Change = Callable[[Path], None]

HOSTILE_NAMES = st.sampled_from(
    [
        "../outside/diary",
        "../../etc/passwd",
        "articles/../../outside/diary",
        "_staging/../../outside/diary",
        "_staging/..",
        "articles/day=2024-05-06/part-00000.parquet",
        "articles/day=9999-99-99/part-00000.parquet",
        "articles/day=2024-05-06/part-00000.parquet\n",
        "_meta/lock",
        "_meta/published",
        "_raw/../../outside/diary",
        "",
        ".",
        "/",
        "\0",
        "\ud800",
        "é" * 300,
    ]
) | st.text(max_size=20)
NUMBERS = st.integers() | st.sampled_from([10**11, 10**23, -1, 0, 1, 2, 2**63]) | st.floats()
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | HOSTILE_NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(HOSTILE_NAMES, inner, max_size=3),
    max_leaves=8,
)
PLACES = st.sampled_from(
    [
        "_meta/published",
        "_meta/lake.json",
        "_meta/files.txt",
        "_meta/views.sql",
        "_meta/lock",
        "_meta/turn",
        COMMIT.format(1),
        COMMIT.format(2),
        COMMIT.format(3),
        COMMIT.format(10**12 - 1),
        "_meta/commits/x.json",
        "_meta/backfills/k.json",
        "_staging/a/000000.parquet",
        "articles/stray",
        "articles/day=2024-05-06/part-00000.parquet",
        "articles/day=1970-01-01/part-00000.parquet",
        "articles/day=2024-99-99/part-00000.parquet",
        "articles/a/b/c.parquet",
        "feeds/all=0/part-00000.parquet",
        "runs/day=2024-05-06/part-00000.parquet",
        "runs/day=9999-12-31/part-00000.parquet",
        "sightings/bucket=0/part-00000.parquet",
        "_raw/day=2024-05-06/a.warc.gz",
        "articles",
        "_meta",
        "_meta/commits",
        "_staging",
        "runs",
        "stray.txt",
    ]
)


def put(root: Path, place: str, data: bytes) -> None:
    """Write a file, in the place of whatever was there."""
    clear(root / place)
    (root / place).write_bytes(data)


def clear(path: Path) -> None:
    """Make room for an entry of a lake, where a link does not lead out of it."""
    for above in [*reversed(path.parents)]:
        if above.is_symlink() or (above.exists() and not above.is_dir()):
            above.unlink()
            above.mkdir()
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)


@st.composite
def bytes_in_place(draw: st.DrawFn) -> Change:
    """Random bytes, JSON, or a marker's text."""
    place = draw(PLACES)
    content = draw(
        st.binary(max_size=40)
        | JSON.map(lambda value: json.dumps(value).encode())
        | NUMBERS.map(lambda number: f"{number} x\n".encode())
        | st.sampled_from([b"[" * 50_000, b"9" * 5_000, b"PAR1" * 3])
    )
    return lambda root: put(root, place, content)


@st.composite
def cut_or_swapped(draw: st.DrawFn) -> Change:
    """A file that is cut short, or has the bytes of another."""
    place, other, share = draw(PLACES), draw(PLACES), draw(st.floats(0, 1))

    def apply(root: Path) -> None:
        data = b""
        with contextlib.suppress(OSError):
            data = (root / other).read_bytes() if (root / other).is_file() else b""
        put(root, place, data[: int(len(data) * share)] if share < 0.9 else data)

    return apply


@st.composite
def commit(draw: st.DrawFn) -> Change:
    """A commit file that is as it should be but for some of its fields."""
    number = draw(st.sampled_from([1, 2, 3, 10**11, 10**12 - 1]))
    keys = st.sampled_from(["attempt", "files", "tombstones", "deletes", "run", "number", "more"])
    fields = draw(st.dictionaries(keys, JSON, max_size=2))
    names = draw(st.lists(HOSTILE_NAMES, max_size=2))
    shape = draw(st.sampled_from(["files", "staged", "deletes", "tombstones", "none"]))

    def apply(root: Path) -> None:
        whole: dict[str, Any] = {"attempt": "a", "files": [], "tombstones": [], "deletes": []}
        whole |= {"number": number, "run": {}}
        path = "articles/day=2024-05-06/part-00000.parquet"
        entry = {"staged": "_staging/a/0.parquet", "path": path, "sha256": "0" * 64, "rows": 1}
        if shape in {"files", "staged"}:
            key = "path" if shape == "files" else "staged"
            whole["files"] = [entry | {key: name} for name in names]
        elif shape != "none":
            whole[shape] = names
        put(root, COMMIT.format(number), json.dumps(whole | fields).encode())

    return apply


@st.composite
def no_file(draw: st.DrawFn) -> Change:
    """A link, a pipe, a folder, or nothing, in the place of a file or a folder."""
    place = draw(PLACES)
    kind = draw(
        st.sampled_from(["link", "link to a file", "pipe", "folder", "gone", "loop", "deep"])
    )

    def apply(root: Path) -> None:
        clear(root / place)
        outside = root.parent / "outside"
        if kind == "link":
            (root / place).symlink_to(outside)
        elif kind == "link to a file":
            (root / place).symlink_to(outside / "diary")
        elif kind == "pipe":
            os.mkfifo(root / place)
        elif kind == "loop":
            (root / place).symlink_to(root / place)
        elif kind == "deep":
            (root / place / "/".join("a" * 300)).mkdir(parents=True)
        elif kind == "folder":
            (root / place).mkdir()

    return apply


CHANGES = st.lists(
    bytes_in_place() | cut_or_swapped() | commit() | no_file(), min_size=1, max_size=3
)


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return a lake in order, and one whose last commit is half published."""
    folder = tmp_path_factory.mktemp("lakes")
    half_published(folder / "pending")
    shutil.copytree(folder / "pending", folder / "whole")
    make_lake(folder / "whole")
    return [folder / "whole", folder / "pending"]


@contextlib.contextmanager
def changed(lake: Path, changes: list[Change]) -> Iterator[Path]:
    """Yield a changed copy of a lake, beside a folder that does not belong to it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "lake"
        shutil.copytree(lake, root)
        (Path(folder) / "outside" / "inner").mkdir(parents=True)
        (Path(folder) / "outside" / "diary").write_text("mine")
        (Path(folder) / "outside" / "inner" / "letter").write_text("mine")
        for change in changes:
            change(root)
        yield root


def state(folder: Path) -> dict[str, tuple[int, object]]:
    """Return the time of change and the content of all below a folder, without following links."""
    found = {}
    for at, folders, names in os.walk(folder):
        for path in (Path(at), *(Path(at, name) for name in [*folders, *names])):
            content: object = None
            if path.is_symlink():
                content = os.readlink(path)
            elif path.is_file():
                content = path.read_bytes()
            found[str(path)] = path.lstat().st_mtime_ns, content
    return found


def all_tables(root: Path) -> None:
    with connect(str(root)) as connection:
        names = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal")
        assert names.fetchall()


def all_rows(root: Path) -> None:
    lake = lake_to_read(str(root))
    for day in lake.days():
        list(lake.articles(day, ()))
    lake.seen(["x"])
    lake.person_facts(["x"])
    list(lake.site_blocks(["a.test"]))
    lake.due_revisits(NOW, 5)
    lake.cursor("k")


def count_articles(root: Path) -> None:
    run_query("SELECT count(*) FROM articles", QueryOptions(lake=str(root), format="json"))


READERS: dict[str, Callable[[Path], object]] = {
    "views": all_tables,
    "sql": count_articles,
    "explain": lambda root: explain(str(root), "http://a.test/1"),
    "rows": all_rows,
    "days": lambda root: queries_on(str(root)).days(),
    "feeds check": lambda root: feed_health.health_rows(str(root)),
    "feeds export": lambda root: feed_health.lake_feeds(str(root)),
    "doctor": lambda root: machine.check_lake(str(root), NOW, 60),
    "check": lambda root: check_lake(LocalStore(root)),
}


def merge(root: Path) -> None:
    Lake(LocalStore(root)).merge(make_batch(run=run_of("r9", NOW + timedelta(days=1))))


WRITERS: dict[str, Callable[[Path], object]] = {
    "prepare": make_lake,
    "merge": merge,
    "upgrade": lambda root: upgrade(LocalStore(root)),
    "forced": lambda root: upgrade(LocalStore(root), force=True),
}
BOUNDED = settings(
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pending commit stays pending: nobody is at work here."""
    monkeypatch.setattr(reading, "_WAITS", 0)


@settings(BOUNDED, max_examples=examples(30))
@given(st.integers(0, 1), CHANGES)
def test_readers_of_a_damaged_lake_change_no_byte_and_raise_only_errors_of_newsbeam(
    lakes: list[Path], which: int, changes: list[Change]
) -> None:
    with changed(lakes[which], changes) as root:
        before = state(root.parent)
        for name, read in READERS.items():
            with contextlib.suppress(NewsbeamError):
                read(root)
            assert state(root.parent) == before, name


@settings(BOUNDED, max_examples=examples(6))
@given(st.integers(0, 1), CHANGES)
def test_a_check_with_all_readers_changes_no_byte(
    lakes: list[Path], which: int, changes: list[Change]
) -> None:
    with changed(lakes[which], changes) as root:
        before = state(root.parent)
        with contextlib.suppress(NewsbeamError):
            check(str(root), lambda _: None)
        assert state(root.parent) == before


@settings(BOUNDED, max_examples=examples(60))
@given(st.integers(0, 1), st.sampled_from(sorted(WRITERS)), CHANGES)
def test_writers_to_a_damaged_lake_change_nothing_outside_and_raise_only_errors_of_newsbeam(
    lakes: list[Path], which: int, writer: str, changes: list[Change]
) -> None:
    with changed(lakes[which], changes) as root:
        outside = root.parent / "outside"
        before = state(outside)
        with contextlib.suppress(NewsbeamError):
            WRITERS[writer](root)
        assert state(outside) == before
        assert {path.name for path in root.parent.iterdir()} == {"lake", "outside"}


def test_a_dry_run_passes_over_a_stray_file_of_a_table(lakes: list[Path]) -> None:
    with changed(lakes[0], []) as root:
        days = queries_on(str(root)).days()
        for stray in ("articles/notes.txt", "articles/day=soon/part-00000.parquet", "articles/x/y"):
            put(root, stray, b"stray")
        assert lake_to_read(str(root)).days() == days
        all_rows(root)


@pytest.mark.parametrize("name", READERS)
def test_readers_of_lakes_in_order_raise_nothing(
    lakes: list[Path], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for lake in lakes:
        with changed(lake, []) as root:
            READERS[name](root)


@pytest.mark.parametrize("name", WRITERS)
def test_writers_finish_a_half_published_commit(lakes: list[Path], name: str) -> None:
    with changed(lakes[1], []) as root:
        WRITERS[name](root)
        assert not reading.has_pending_commit(str(root))
