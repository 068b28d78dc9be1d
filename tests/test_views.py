"""The views that a lake brings along: their rows, and that a filter on a day opens the files of
that day alone.
"""

# ruff: noqa: S608 - the lakes are the tests' own

import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.helpers.lakes import NOW, make_lake, rows
from tests.helpers.sample_lake import STRIKE
from transforms.core.lake.schema.tables import TABLES
from transforms.core.lake.schema.views import VIEWS_PATH
from transforms.core.urls import url_key
from transforms.errors import ConfigError, LakeError
from transforms.lake_views import connect, rows_of

pytestmark = pytest.mark.slow

TODAY = NOW.date()
JOINED = ("current_articles", "events_with_evidence", "stories_with_sources")


@pytest.fixture
def lake(sample_lake: Path) -> Path:
    return sample_lake


def ask(lake: Path, query: str, *values: object) -> list[dict[str, Any]]:
    with connect(str(lake)) as views:
        return rows_of(views, query, *values)


@pytest.mark.parametrize("table", TABLES)
def test_a_table_s_view_holds_what_its_files_hold(lake: Path, table: str) -> None:
    columns = ", ".join(f'"{name}"' for name in TABLES[table].schema.names)
    glob = f"read_parquet('{lake}/{table}/*/*.parquet', hive_partitioning = false)"
    order = ", ".join(TABLES[table].key)
    found = [
        ask(lake, f"SELECT {columns} FROM {source} ORDER BY {order}") for source in (table, glob)
    ]
    assert found[0] == found[1]
    assert len(found[0]) == len(rows(lake, table))


def test_current_articles_are_those_with_a_text(lake: Path) -> None:
    expected = {
        r["article_id"]
        for r in rows(lake, "articles")
        if r["page_kind"] in ("article", "live_blog") and r["body"]
    }
    found = ask(lake, "SELECT * FROM current_articles")
    assert {r["article_id"] for r in found} == expected
    assert len(found) == len(expected) < len(rows(lake, "articles"))
    assert [r["title"] for r in found if r["version"] == 2] == ["Minister innocent"]
    assert [r["duplicate_kind"] for r in found if r["duplicate_of"]] == ["exact"]
    assert (
        not {"run_id", "ingested_at", "fingerprint", "memory_version", "next_revisit_at"}
        & found[0].keys()
    )
    assert all(r["day"] == r["published_date"] for r in found)


def test_events_with_evidence_has_a_row_a_mention(lake: Path) -> None:
    found = {r["mention_id"]: r for r in ask(lake, "SELECT * FROM events_with_evidence")}
    mentions = {m["mention_id"]: m for m in rows(lake, "event_mentions")}
    events = {e["event_id"]: e for e in rows(lake, "events")}
    articles = {a["article_id"]: a for a in rows(lake, "articles")}
    assert found.keys() == mentions.keys()
    for mention_id, row in found.items():
        m, e, a = mentions[mention_id], events[row["event_id"]], articles[row["article_id"]]
        text = a["title"] if m["evidence_field"] == "title" else a["body"]
        assert (
            row["in_text"]
            is (text[m["evidence_start"] : m["evidence_end"]] == m["evidence"])
            is True
        )
        assert (row["modality"], row["mention_modality"]) == (e["modality"], m["modality"])
        assert (row["confidence"], row["mention_confidence"]) == (e["confidence"], m["confidence"])
        assert (row["claimant"], row["canonical_url"], row["headline"]) == (
            m["claimant"],
            a["canonical_url"],
            a["title"],
        )
        assert (row["first_published_date"], row["published_date"]) == (
            e["published_date"],
            m["published_date"],
        )


def test_a_claim_and_its_denial_are_both_contradicted(lake: Path) -> None:
    found = ask(
        lake,
        (
            "SELECT modality, mention_modality, claimant FROM events_with_evidence WHERE "
            "contradicted ORDER BY claimant"
        ),
    )
    assert [tuple(r.values()) for r in found] == [
        ("actual", "negated", "Argentina"),
        ("actual", "actual", "Uruguay"),
    ]


def test_evidence_that_is_not_in_the_text_is_found(lake: Path, tmp_path: Path) -> None:
    broken = tmp_path / "lake"
    shutil.copytree(lake, broken)
    file = next((broken / "event_mentions" / f"day={TODAY}").glob("*.parquet"))
    pl.read_parquet(file).with_columns(pl.col("evidence_start") + 1).write_parquet(file)
    assert {
        r["in_text"]
        for r in ask(broken, f"SELECT in_text FROM events_with_evidence WHERE day = '{TODAY}'")
    } == {False}


def test_stories_with_sources_name_the_first_source_and_its_lead(lake: Path) -> None:
    found = {
        r["first_source_domain"]: r
        for r in ask(lake, "SELECT * FROM stories_with_sources WHERE source_count > 1")
    }
    strike, wire = found["north.test"], found["daily.test"]
    assert strike["sources"] == ["north.test", "south.test", "east.test"]
    assert strike["lead_minutes"] == STRIKE[1][1]
    assert [a["article_id"] for a in strike["articles"]] == [url_key(url) for url, _, _ in STRIKE]
    assert strike["headlines"] == [text.split(",")[0] for _, _, text in STRIKE]
    assert strike["headline"] == strike["headlines"][0]
    assert (wire["sources"], wire["lead_minutes"]) == (["daily.test", "walled.test"], 45)
    assert [a["duplicate_kind"] for a in wire["articles"]] == [None, "exact"]
    assert wire["headlines"] == ["Ministers meet envoys"]


def test_each_story_is_one_row_with_all_its_articles(lake: Path) -> None:
    found = ask(
        lake,
        (
            "SELECT story_id, article_count, len(articles) AS n, lead_minutes FROM "
            "stories_with_sources"
        ),
    )
    assert sorted(r["story_id"] for r in found) == sorted(
        s["story_id"] for s in rows(lake, "stories")
    )
    assert all(r["n"] == r["article_count"] for r in found)
    assert {r["lead_minutes"] for r in found if r["n"] == 1} == {None}


@pytest.mark.parametrize(
    ("view", "condition"),
    [
        ("articles", f"published_date = DATE '{TODAY}'"),
        ("articles", f"day = DATE '{TODAY}'"),
        ("event_mentions", f"published_date >= DATE '{TODAY}'"),
        ("fetches", f"fetch_date = DATE '{TODAY}'"),
        ("current_articles", f"published_date BETWEEN DATE '{TODAY}' AND DATE '{TODAY}'"),
        ("current_articles", f"day > DATE '{TODAY - timedelta(days=1)}'"),
        ("events_with_evidence", f"first_published_date >= DATE '{TODAY}'"),
        ("stories_with_sources", f"story_date >= DATE '{TODAY}'"),
        ("stories_with_sources", f"day >= DATE '{TODAY}'"),
    ],
)
def test_a_filter_on_a_day_opens_the_files_of_those_days_alone(
    lake: Path, tmp_path: Path, view: str, condition: str
) -> None:
    torn = tear(lake, tmp_path / "lake", tables=TABLES)
    expected = ask(
        lake, f"SELECT count(*) AS n FROM (SELECT DISTINCT * FROM {view} WHERE {condition})"
    )
    assert (
        ask(torn, f"SELECT count(*) AS n FROM (SELECT DISTINCT * FROM {view} WHERE {condition})")
        == expected
    )
    assert expected[0]["n"] > 0
    with pytest.raises(LakeError, match="cannot be read"):
        ask(torn, f"SELECT count(*) AS n FROM (SELECT DISTINCT * FROM {view})")


@pytest.mark.parametrize("column", ["published_date", "day"])
def test_a_filter_on_the_report_s_day_spares_texts_and_mentions_of_other_days(
    lake: Path, tmp_path: Path, column: str
) -> None:
    torn = tear(lake, tmp_path / "lake", tables=("articles", "event_mentions"))
    query = (
        "SELECT count(*) AS n, bool_and(in_text) AS good FROM events_with_evidence WHERE "
        f"{column} = DATE '{TODAY}'"
    )
    assert ask(torn, query) == ask(lake, query)
    assert ask(lake, query)[0]["n"] > 0


def tear(lake: Path, to: Path, tables: Any) -> Path:
    """Copy a lake, and make the files of all days but the newest and the first, which has no rows,
    unreadable.
    """
    shutil.copytree(lake, to)
    for table in tables:
        for folder in (to / table).glob("day=*"):
            if folder.name not in {"day=1970-01-01", f"day={TODAY}"}:
                (folder / "part-00000.parquet").write_bytes(b"torn")
    return to


def test_the_script_works_in_the_lake_s_folder(lake: Path) -> None:
    code = (
        f"import duckdb; c = duckdb.connect(); c.execute(open('{VIEWS_PATH}').read()); "
        "print([c.execute(f'SELECT count(*) FROM {v}').fetchall()[0][0] for v in "
        f"{JOINED!r}])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=lake, capture_output=True, text=True, check=True
    )
    with connect(str(lake)) as views:
        expected = [views.execute(f"SELECT count(*) FROM {v}").fetchall()[0][0] for v in JOINED]
    assert done.stdout.strip() == str(expected)


@pytest.mark.parametrize("view", [*JOINED, *TABLES])
def test_views_of_an_empty_lake_are_empty(tmp_path: Path, view: str) -> None:
    make_lake(tmp_path)
    assert ask(tmp_path, f"SELECT * FROM {view}") == []


def test_the_views_say_what_columns_mean(lake: Path) -> None:
    found = ask(lake, "SELECT * FROM column_descriptions")
    assert {(r["table_name"], r["column_name"]): r["description"] for r in found} == {
        (t.name, f.name): f.metadata[b"description"].decode()
        for t in TABLES.values()
        for f in t.schema
    }


def test_a_lake_without_one_of_its_tables_is_named(tmp_path: Path) -> None:
    make_lake(tmp_path)
    shutil.rmtree(tmp_path / "stories")
    with pytest.raises(ConfigError, match=r"stories.*newsbeam check"):
        connect(str(tmp_path))


def test_days_are_dates(lake: Path) -> None:
    (row,) = ask(lake, "SELECT max(published_date) AS typed, max(day) AS folder FROM articles")
    assert row == {"typed": TODAY, "folder": TODAY}
    assert isinstance(row["folder"], date)
