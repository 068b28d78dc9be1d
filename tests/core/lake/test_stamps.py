"""When a row last changed, and by which run: stamped where the row changes, kept where it does not,
and never earlier than a stamp of an earlier commit.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
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
from transforms.core.lake.log.migrate import upgrade
from transforms.core.lake.schema.tables import STAMPED, STAMPS
from transforms.stores import LocalStore

HOUR = timedelta(hours=1)
RAIN = "Rain fell on the capital. " * 20
Stamp = tuple[datetime | None, str | None]


def stamps(path: Path, table: str, key: str) -> dict[Any, Stamp]:
    """Return the stamps of a table's rows, by a column."""
    return {r[key]: (r["updated_at"], r["updated_run_id"]) for r in rows(path, table)}


def all_stamps(path: Path) -> set[Stamp]:
    return {stamp for t in STAMPED for stamp in stamps(path, t.name, t.key[-1]).values()}


def test_the_stamped_tables_are_those_of_articles_events_and_stories() -> None:
    names = [table.name for table in STAMPED]
    assert names == ["articles", "article_versions", "event_mentions", "events", "stories"]


def test_a_row_that_a_later_run_makes_again_keeps_its_stamp(tmp_path: Path) -> None:
    lake, one = make_lake(tmp_path), coded(article("http://a.test/1"), mention(WORDS))
    lake.merge(make_batch(one))
    before = hashes(tmp_path, frozenset({"runs"}))
    assert all_stamps(tmp_path) == {(NOW, "r1")}
    lake.merge(make_batch(one, run=run_of("r2", NOW + HOUR)))
    assert hashes(tmp_path, frozenset({"runs"})) == before


def test_a_changed_text_stamps_its_rows_and_no_others(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    lake.merge(
        make_batch(
            coded(article("http://a.test/1"), mention(WORDS)),
            coded(article("http://b.test/1", RAIN, title="Rain")),
        )
    )
    changed = article("http://a.test/1", WORDS + " again", seen_at=NOW + HOUR)
    lake.merge(make_batch(coded(changed, mention(WORDS)), run=run_of("r2", NOW + HOUR)))
    new, old = (NOW + HOUR, "r2"), (NOW, "r1")
    assert stamps(tmp_path, "articles", "source_domain") == {"a.test": new, "b.test": old}
    assert stamps(tmp_path, "stories", "first_source_domain") == {"a.test": new, "b.test": old}
    # The first version of the text is as it was; the second is new.
    assert stamps(tmp_path, "article_versions", "version")[2] == new
    assert [r["updated_run_id"] for r in rows(tmp_path, "article_versions")].count("r1") == 2


def test_a_derived_column_that_changes_stamps_a_row_of_an_older_run(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    late = article("http://a.test/1", published_at=NOW - HOUR)
    lake.merge(make_batch(coded(late, mention(WORDS))))
    early = article("http://b.test/1", published_at=NOW - 3 * HOUR)
    lake.merge(make_batch(coded(early, mention(WORDS)), run=run_of("r2", NOW + HOUR)))
    (copy,) = [a for a in rows(tmp_path, "articles") if a["source_domain"] == "a.test"]
    assert (copy["duplicate_kind"], copy["run_id"]) == ("exact", "r1")
    assert all_stamps(tmp_path) - {(NOW, "r1")} == {(NOW + HOUR, "r2")}
    assert copy["updated_run_id"] == "r2"
    (event,) = rows(tmp_path, "events")
    assert (event["article_count"], event["updated_run_id"]) == (2, "r2")


def test_a_row_that_moves_to_another_day_is_stamped(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    lake.merge(make_batch(coded(article("http://a.test/1"), mention(WORDS))))
    moved = article("http://a.test/1", published_at=NOW - timedelta(days=2), seen_at=NOW + HOUR)
    lake.merge(make_batch(coded(moved, mention(WORDS)), run=run_of("r2", NOW + HOUR)))
    assert all_stamps(tmp_path) == {(NOW + HOUR, "r2")}


def test_a_poll_that_sees_a_known_link_again_stamps_nothing(tmp_path: Path) -> None:
    lake, url = make_lake(tmp_path), "http://a.test/1"
    lake.merge(make_batch(coded(article(url, feed_ids=("f1",))), sightings=(sighting(url),)))
    again = sighting(url, at=NOW + HOUR)
    lake.merge(make_batch(sightings=(again,), run=run_of("r2", NOW + HOUR)))
    assert all_stamps(tmp_path) == {(NOW, "r1")}


def test_a_run_that_began_earlier_commits_with_the_clock_of_the_newest(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    lake.merge(make_batch(coded(article("http://a.test/1")), run=run_of("ingest", NOW)))
    slow = run_of("backfill", NOW - timedelta(days=3))
    lake.merge(make_batch(coded(article("http://b.test/1", RAIN)), run=slow))
    assert stamps(tmp_path, "articles", "source_domain") == {
        "a.test": (NOW, "ingest"),
        "b.test": (NOW, "backfill"),
    }


def test_a_run_that_is_run_again_with_an_earlier_clock_does_not_put_the_lake_s_back(
    tmp_path: Path,
) -> None:
    lake = make_lake(tmp_path)
    lake.merge(make_batch(coded(article("http://a.test/1")), run=run_of("r1", NOW)))
    for n, site in enumerate("bc", 1):
        early = article(f"http://{site}.test/1", RAIN * n)
        lake.merge(make_batch(coded(early), run=run_of("r1", NOW - n * HOUR)))
    assert {at for at, _ in all_stamps(tmp_path)} == {NOW}


@pytest.mark.parametrize("known", [True, False], ids=["run-known", "run-unknown"])
def test_an_upgrade_stamps_rows_with_the_run_that_wrote_them(
    tmp_path: Path, *, known: bool
) -> None:
    lake = make_lake(tmp_path)
    lake.merge(make_batch(coded(article("http://a.test/1"), mention(WORDS))))
    later = run_of("r2", NOW + HOUR)
    lake.merge(make_batch(coded(article("http://b.test/1", RAIN)), run=later))
    expected = {t.name: stamps(tmp_path, t.name, t.key[-1]) for t in STAMPED}
    make_older(tmp_path)
    if not known:
        lose_run(tmp_path, "r1")
        expected["articles"] = {
            key: (NOW + HOUR, run_id) for key, (_, run_id) in expected["articles"].items()
        }
    assert upgrade(LocalStore(tmp_path)) > 0
    found = {t.name: stamps(tmp_path, t.name, t.key[-1]) for t in STAMPED}
    assert found["articles"] == expected["articles"]
    if known:
        assert found == expected


def make_older(path: Path) -> None:
    """Drop the columns of stamps that lakes did not have at first."""
    for table in STAMPED:
        for file in (path / table.name).rglob("*.parquet"):
            data = pq.read_table(file, partitioning=None)
            dropped = [name for name in STAMPS if table.schema.field(name).nullable]
            pq.write_table(data.drop_columns(dropped), file)


def lose_run(path: Path, run_id: str) -> None:
    for file in (path / "runs").rglob("*.parquet"):
        data = pq.read_table(file, partitioning=None)
        kept = pa.array([run != run_id for run in data["run_id"].to_pylist()], pa.bool_())
        pq.write_table(data.filter(kept), file)
