"""What is new since: the job of docs/lake.md keeps a copy of a lake's tables in another database,
run after run, by reading only what changed.
"""

# ruff: noqa: S608 - the lakes are the tests' own

import dataclasses
import random
import re
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.helpers.lakes import (
    NOW,
    WORDS,
    article,
    coded,
    make_batch,
    make_lake,
    mention,
    rows,
    run_of,
)
from transforms.core.lake.checks.check import check_lake
from transforms.core.lake.schema.tables import STAMPED
from transforms.errors import ConfigError
from transforms.lake_views import connect, rows_of
from transforms.records import Batch, CodedArticle, RunContext
from transforms.stores import LocalStore

PAGE = (Path(__file__).parent.parent / "docs" / "lake.md").read_text()
(JOB,) = [b for b in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "copy.duckdb" in b]
HOUR = timedelta(hours=1)
RAIN = "Rain fell on the capital. " * 20
CopyChanges = Callable[[], None]


@pytest.fixture
def copy_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CopyChanges:
    """Return the job of the documentation, for the lake in `tmp_path / "lake"`."""
    monkeypatch.chdir(tmp_path)

    def run() -> None:
        exec(compile(JOB, "lake.md", "exec"), {})  # noqa: S102 - our own documentation

    return run


def differences(root: Path) -> dict[str, int]:
    """Return how many rows only one of the lake and its copy has, by table."""
    found = {}
    with duckdb.connect(str(root / "copy.duckdb"), read_only=True) as copy:
        for table in STAMPED:
            lake = f"read_parquet('{root}/lake/{table.name}/*/*.parquet', hive_partitioning=false)"
            only_one = (
                f"((FROM {lake}) EXCEPT ALL (FROM {table.name})) UNION ALL "
                f"((FROM {table.name}) EXCEPT ALL (FROM {lake}))"
            )
            found[table.name] = copy.execute(f"SELECT count(*) FROM ({only_one})").fetchall()[0][0]
    return found


SAME = {table.name: 0 for table in STAMPED}


def deleted(root: Path) -> set[tuple[str, str | None]]:
    return {(r["table_name"], r["replaced_by"]) for r in rows(root / "lake", "deleted_rows")}


def clocks(hours: int, run_id: str, kind: str = "scheduled") -> RunContext:
    return dataclasses.replace(run_of(run_id, NOW + hours * HOUR), kind=kind)


def one(url: str, body: str, *triggers: str, hours: int = 0, days: int = 0) -> CodedArticle:
    """Return an article that was seen some hours from now, published some days ago."""
    a = article(
        url, body, seen_at=NOW + hours * HOUR, published_at=NOW - timedelta(days=days, hours=1)
    )
    return coded(a, *(mention(body, t, event=n) for n, t in enumerate(triggers, 1)))


def test_new_changed_and_deleted_rows_reach_the_copy(
    tmp_path: Path, copy_changes: CopyChanges
) -> None:
    lake = make_lake(tmp_path / "lake")
    a, b = "http://a.test/1", "http://b.test/1"
    lake.merge(make_batch(one(a, WORDS, "met", "fled"), run=clocks(0, "new")))
    copy_changes()
    assert differences(tmp_path) == SAME
    # A correction without one of the events, on another day.
    lake.merge(make_batch(one(a, WORDS + " Sorry.", "met", hours=1, days=2), run=clocks(1, "fix")))
    assert deleted(tmp_path) >= {("event_mentions", None), ("events", None)}
    assert differences(tmp_path)["events"] > 0
    copy_changes()
    assert differences(tmp_path) == SAME
    # An older copy in an archive, by a run that began before the others.
    lake.merge(make_batch(one(b, WORDS, "met", days=3), run=clocks(-90, "archive", "backfill")))
    copy_changes()
    assert differences(tmp_path) == SAME
    # Coded again: no event is left.
    lake.merge(
        make_batch(
            *(one(a, WORDS + " Sorry.", hours=1, days=2), one(b, WORDS, days=3)),
            run=clocks(2, "again", "rebuild"),
        )
    )
    assert rows(tmp_path / "lake", "events") == []
    copy_changes()
    assert differences(tmp_path) == SAME


def test_a_story_and_an_event_that_are_merged_into_others_name_them(
    tmp_path: Path, copy_changes: CopyChanges
) -> None:
    lake = make_lake(tmp_path / "lake")
    # Copies of a text, too far apart in days to be one story without a third between them.
    outer = [one(f"http://{site}.test/1", WORDS, "met", days=d) for site, d in (("a", 6), ("c", 0))]
    lake.merge(make_batch(*outer))
    copy_changes()
    before = {r["event_id"] for r in rows(tmp_path / "lake", "events")}
    between = one("http://b.test/1", WORDS, "met", days=3)
    lake.merge(make_batch(between, run=clocks(1, "r2")))
    (story,) = rows(tmp_path / "lake", "stories")
    (event,) = rows(tmp_path / "lake", "events")
    assert deleted(tmp_path) == {("stories", story["story_id"]), ("events", event["event_id"])}
    assert {*event["previous_ids"], event["event_id"]} == before
    copy_changes()
    assert differences(tmp_path) == SAME
    # They fall apart again: what comes back is written after what was deleted.
    gone = one("http://b.test/1", "Gone.", hours=2, days=3)
    lake.merge(make_batch(gone, run=clocks(2, "r3")))
    assert len(rows(tmp_path / "lake", "stories")) == 3
    copy_changes()
    assert differences(tmp_path) == SAME


def test_what_is_committed_while_the_job_reads_is_copied_the_next_time(
    tmp_path: Path, copy_changes: CopyChanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake, run = make_lake(tmp_path / "lake"), clocks(0, "long")
    lake.merge(make_batch(one("http://a.test/1", WORDS, "met"), run=run))
    seen = list[str]()
    connect_to = duckdb.connect

    class Interrupted:
        """A connection before each of whose reads of `events` a run commits one batch more."""

        def __init__(self, name: str) -> None:
            self.inner = connect_to(name)

        def __enter__(self) -> "Interrupted":
            return self

        def __exit__(self, *_: object) -> None:
            self.inner.close()

        def execute(self, query: str) -> None:
            if "'events'" in query or "lake/stories" in query:
                seen.append(query)
                url = f"http://s{len(seen)}.test/1"
                lake.merge(make_batch(one(url, f"{RAIN} {len(seen)} {WORDS}", "met"), run=run))
            self.inner.execute(query)

        def begin(self) -> None:
            self.inner.begin()

        def commit(self) -> None:
            self.inner.commit()

    with monkeypatch.context() as patch:
        patch.setattr(duckdb, "connect", Interrupted)
        copy_changes()
    assert len(seen) > 2
    assert any(differences(tmp_path).values())
    copy_changes()
    assert differences(tmp_path) == SAME


@pytest.mark.parametrize("seed", range(6))
def test_any_runs_in_any_order_reach_the_copy(
    seed: int, tmp_path: Path, copy_changes: CopyChanges
) -> None:
    draw = random.Random(seed)
    lake = make_lake(tmp_path / "lake")
    texts = [WORDS, WORDS + " Sorry.", WORDS.replace("Monday", "Tuesday"), RAIN, RAIN + "met", ""]
    for step in range(14):
        lake.merge(drawn_batch(draw, step, texts))
        if draw.random() < 0.6:
            copy_changes()
            assert differences(tmp_path) == SAME
    copy_changes()
    assert differences(tmp_path) == SAME
    assert deleted(tmp_path)
    report = check_lake(LocalStore(tmp_path / "lake"))
    # Folders that have lost their rows keep a file without rows for a while.
    assert [f for f in report.findings if f.check != "C_FILE_EMPTY"] == []


def drawn_batch(draw: random.Random, step: int, texts: list[str]) -> Batch:
    """Return a batch of new pages, corrections, archived pages or pages coded again."""
    kind = draw.choice(["scheduled", "scheduled", "backfill", "rebuild"])
    hours = draw.choice([step, step, step - 5]) // 2
    run = clocks(hours, f"r{hours}-{kind}", kind)
    items = {}
    for _ in range(draw.randint(1, 3)):
        url, body = f"http://s{draw.randint(1, 4)}.test/1", draw.choice(texts)
        known = [t for t in ("met", "fled", "discuss") if t in body and draw.random() < 0.7]
        items[url] = one(url, body, *known, hours=step, days=draw.choice([0, 0, 1, 3]))
    return make_batch(*items.values(), run=run)


def test_changes_since_lists_writes_and_deletes(tmp_path: Path) -> None:
    lake, root = make_lake(tmp_path / "lake"), tmp_path / "lake"
    lake.merge(make_batch(one("http://a.test/1", WORDS, "met", "fled")))
    lake.merge(make_batch(one("http://a.test/1", WORDS, "met", hours=1), run=clocks(1, "r2")))
    with connect(str(root)) as views:
        everything = rows_of(views, "FROM changes_since('1970-01-01'::TIMESTAMPTZ)")
        last = rows_of(views, "FROM changes_since(?)", NOW + HOUR)
        none = rows_of(views, "FROM changes_since(?)", NOW + 2 * HOUR)
    written = [r for r in everything if r["change"] == "write"]
    assert len(written) == sum(len(rows(root, t.name)) for t in STAMPED)
    gone = {r["row_key"] for r in everything if r["change"] == "delete"}
    assert gone.isdisjoint(r["row_key"] for r in written)
    assert {r["change"] for r in last} == {"write", "delete"}
    assert {(r["updated_at"], r["updated_run_id"]) for r in last} == {(NOW + HOUR, "r2")}
    assert none == []


def test_a_lake_of_before_is_read_without_the_table_and_the_columns(tmp_path: Path) -> None:
    lake, root = make_lake(tmp_path / "lake"), tmp_path / "lake"
    lake.merge(make_batch(one("http://a.test/1", WORDS, "met")))
    shutil.rmtree(root / "deleted_rows")
    for file in (root / "events").rglob("*.parquet"):
        data = pq.read_table(file, partitioning=None)
        pq.write_table(data.drop_columns(["updated_at", "updated_run_id"]), file)
    with connect(str(root)) as views:
        assert len(rows_of(views, "FROM events")) == 1
        assert rows_of(views, "FROM deleted_rows") == []
        with pytest.raises(duckdb.CatalogException, match="changes_since"):
            views.execute("FROM changes_since('1970-01-01'::TIMESTAMPTZ)")
    shutil.rmtree(root / "stories")
    with pytest.raises(ConfigError, match="not all tables can be read"):
        connect(str(root))


def test_old_deletions_go_when_their_file_is_written_again(tmp_path: Path) -> None:
    lake, root, url = make_lake(tmp_path / "lake"), tmp_path / "lake", "http://a.test/1"
    day = timedelta(days=1)
    for n, (after, triggers) in enumerate(
        [(0 * day, ("met",)), (1 * day, ()), (80 * day, ("fled",)), (92 * day, ())]
    ):
        a = article(url, f"{WORDS} {n}.", seen_at=NOW + after)
        found = [mention(WORDS, trigger) for trigger in triggers]
        lake.merge(make_batch(coded(a, *found), run=run_of(f"r{n}", NOW + after)))
    assert deletion_times(root) == {NOW + 92 * day}


def deletion_times(root: Path) -> set[datetime]:
    return {r["deleted_at"] for r in rows(root, "deleted_rows")}
