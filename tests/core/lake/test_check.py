"""`check_lake`: a sound lake has no findings.

Each kind of damage is found under its code, where it is.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
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
    sighting,
    state,
)
from transforms.core.ids import stable_id
from transforms.core.lake.checks import check, findings
from transforms.core.lake.checks import parquet_files as files
from transforms.core.lake.checks.across import REFERENCES
from transforms.core.lake.checks.check import Known, Report, check_lake, check_rows
from transforms.core.lake.checks.file_tree import LakeFile, take_snapshot
from transforms.core.lake.checks.findings import CHECKS, MOST, Ledger
from transforms.core.lake.checks.parquet_files import RowBatch
from transforms.core.lake.checks.row_checks import allowed_values
from transforms.core.lake.encoding.arrow_rows import sort_rows, to_arrow, to_parquet
from transforms.core.lake.merge.overlay import PART
from transforms.core.lake.schema.tables import ARTICLES, EVENT_MENTIONS, TABLES
from transforms.records import Actor, Batch, Fetch, PersonFact, Reject, SiteBlock
from transforms.stores import LocalStore

Row = dict[str, Any]
Damage = Callable[[Path], object]
Change = Callable[[list[Row]], list[Row]]
OTHER = "0123456789abcdef0123456789abcdef"
EARLIER = NOW - timedelta(days=2)
SAID = f"Officials said {WORDS}"


def _mentions(at: int = 0, **fields: Any) -> Iterator[Any]:
    envoys = Actor(text="envoys", country="DEU", sector="GOV", start=at + 14, end=at + 20)
    yield mention(WORDS, event=1, recipient=(envoys,), **fields)
    yield mention(WORDS, event=2, trigger="said", type="DEMAND", modality="negated", **fields)


def _claimed() -> Any:
    place: Row = {
        "location": "Lyon",
        "country": "FRA",
        "lat": 45.7,
        "lon": 4.8,
        "geo_precision": "city",
    }
    when: Row = {"date": date(2024, 5, 1), "date_precision": "month", "date_basis": "explicit"}
    cue: Row = {"claimant": "Officials", "cue": "said", "cue_start": 10, "cue_end": 14}
    return mention(SAID, **place, **when, **cue)


def _no_longer_coded() -> Any:
    return mention(SAID, trigger="ceasefire", type="COOPERATE", event=2)


def _fetch(url: str, article_id: str | None) -> Fetch:
    return Fetch(
        fetch_id=stable_id("fetch", url), kind="article", fetched_at=NOW, url=url, host="a.test", status="ok",
        article_id=article_id, http_status=200,
    )  # fmt: skip


def _first() -> Batch:
    wire = article(
        "http://a.test/wire", credit="Reuters", fetch_id=stable_id("fetch", "http://a.test/wire")
    )
    copy = article(
        "http://b.test/copy", feed_ids=("f2", "f3"), published_at=NOW - timedelta(hours=1)
    )
    old = article(
        "http://a.test/old", SAID + " once more", published_at=EARLIER, first_seen_at=EARLIER
    )
    undated = article(
        "http://c.test/undated", None, title=None, published_at=None, published_precision="none"
    )
    empty = article("http://c.test/empty", "", page_kind="video", title=None)
    proof = tuple(sorted((wire.article_id, copy.article_id)))
    return make_batch(
        coded(wire, *_mentions()), coded(copy, *_mentions()), coded(old, _claimed(), _no_longer_coded()), coded(undated), coded(empty),
        sightings=(sighting("http://a.test/wire?utm_source=feed"), sighting("http://d.test/never-fetched", "f9")),
        fetches=(_fetch("http://a.test/wire", None), _fetch("http://d.test/none", None)),
        rejects=(Reject(stage="fetch", reason="E_FETCH_TIMEOUT", key="k", message="late"),),
        states=(state("http://a.test/feed.xml"),),
        site_blocks=(SiteBlock(site="a.test", block_hash=OTHER, zone="edge", sample="Sign up", article_ids=proof,
                               first_seen_at=NOW, last_seen_at=NOW, verdict="boilerplate"),),
        persons=(PersonFact(name="Ann Lee", country="GBR", sector="GOV", article_ids=proof,
                            first_date=NOW.date(), last_date=NOW.date()),),
    )  # fmt: skip


def _second() -> Batch:
    """Return a batch that changes the text of an article, adds a copy of another, and an article
    that says it later.
    """
    later = NOW + timedelta(hours=6)
    changed = article(
        "http://a.test/old",
        SAID + " and again",
        published_at=EARLIER,
        first_seen_at=EARLIER,
        seen_at=later,
    )
    filled = article(
        "http://d.test/copy", WORDS + ".", seen_at=later, published_at=NOW - timedelta(minutes=5)
    )
    return make_batch(
        coded(changed, _claimed()), coded(filled, *_mentions(dead=3)), run=run_of("r2", later)
    )


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "lake"
    lake = make_lake(path)
    lake.merge(_first())
    lake.merge(_second())
    return path


@pytest.fixture
def lake(sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the sound lake, to be read two rows at a time."""
    monkeypatch.setattr(files, "BATCH", 2)
    return Path(shutil.copytree(sound, tmp_path / "lake"))


def _check(path: Path) -> Report:
    return check_lake(LocalStore(path))


def _found(report: Report) -> set[str]:
    return {code for code, count in report.counts.items() if count}


def _write(path: Path, data: pa.Table) -> None:
    path.write_bytes(to_parquet(data))


def _rewrite(path: Path, table: str, change: Change) -> None:
    """Rewrite a table with its rows changed, in order and in the folders that they were in."""
    for file in sorted((path / table).rglob("*.parquet")):
        found = pq.read_table(file, partitioning=None).to_pylist()
        _write(file, sort_rows(TABLES[table], to_arrow(TABLES[table], change(found))))


def _set(only: Callable[[Row], bool] = bool, **values: Any) -> Change:
    """Return a change that sets columns of some rows; a callable gives the value."""

    def changed(row: Row) -> Row:
        return (
            row | {k: v(row) if callable(v) else v for k, v in values.items()} if only(row) else row
        )

    return lambda found: [changed(r) for r in found]


def _on(table: str, change: Change) -> Damage:
    return lambda path: _rewrite(path, table, change)


def _drop(table: str, only: Callable[[Row], bool] = bool) -> Damage:
    return lambda path: _rewrite(path, table, lambda found: [r for r in found if not only(r)])


def _plus(name: str, by: Any = 1) -> Callable[[Row], Any]:
    return lambda row: row[name] + by


def _file(table: str, path: Path) -> Path:
    """Return the greatest file of a table."""
    return max((path / table).rglob("*.parquet"), key=lambda p: pq.read_metadata(p).num_rows)


def _on_file(table: str, change: Callable[[pa.Table], pa.Table]) -> Damage:
    def damage(path: Path) -> None:
        file = _file(table, path)
        _write(file, change(pq.read_table(file, partitioning=None)))

    return damage


def _put(name: str, data: bytes = b"x") -> Damage:
    def damage(path: Path) -> None:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)

    return damage


def _move(table: str, folder: str, *, copy: bool = False, name: str = PART) -> Damage:
    def damage(path: Path) -> None:
        file = _file(table, path)
        target = path / table / (folder or file.parent.name) / name
        target.parent.mkdir(exist_ok=True)
        (shutil.copy if copy else shutil.move)(file, target)

    return damage


def _lose_with_its_commit(table: str, path: Path) -> None:
    shutil.rmtree(path / "_meta/commits")
    _file(table, path).unlink()


def _no_unicode(data: pa.Table, name: str) -> pa.Table:
    """Return rows whose texts in a column are not UTF-8."""
    at, field = data.schema.get_field_index(name), data.schema.field(name)
    bad = pa.array([b"\xff"] * data.num_rows, pa.binary())
    return data.set_column(at, field, pa.Array.from_buffers(pa.string(), len(bad), bad.buffers()))


def _null(name: str) -> Callable[[pa.Table], pa.Table]:
    """Return a change that makes a column null in the first row, and nullable."""

    def change(data: pa.Table) -> pa.Table:
        values = [None, *data[name].to_pylist()[1:]]
        at, field = data.schema.get_field_index(name), data.schema.field(name)
        return data.set_column(at, field.with_nullable(True), pa.array(values, field.type))

    return change


def _cast(name: str, kind: pa.DataType) -> Callable[[pa.Table], pa.Table]:
    def change(data: pa.Table) -> pa.Table:
        at = data.schema.get_field_index(name)
        return data.set_column(
            at,
            pa.field(name, kind, nullable=data.schema.field(name).nullable),
            data[name].cast(kind),
        )

    return change


def _is(name: str, value: Any) -> Callable[[Row], bool]:
    return lambda row: bool(row[name] == value)


def _has(name: str) -> Callable[[Row], bool]:
    return lambda row: row[name] not in (None, [])


WIRE = "http://a.test/wire"
LONG_AGO = datetime(1980, 1, 1, tzinfo=UTC)
LATEST = int((NOW + timedelta(days=2, hours=6)).timestamp() * 1_000_000)
LAYOUT: list[tuple[str, str | None, Damage]] = [
    ("C_LAKE_ABOUT", None, _put("_meta/lake.json", b'{"schema_version": 99}')),
    ("C_LAKE_ABOUT", None, _put("_meta/lake.json", b"no JSON")),
    ("C_LAKE_ABOUT", None, lambda path: (path / "_meta/lake.json").unlink()),
    ("C_VIEWS", None, _put("_meta/views.sql")),
    ("C_VIEWS", None, lambda path: (path / "_meta/views.sql").unlink()),
    ("C_FILE_STRAY", None, _put("notes.txt")),
    ("C_FILE_STRAY", None, _put("_meta/notes.txt")),
    ("C_FILE_STRAY", "articles", _put("articles/day=2024-05-06/_SUCCESS")),
    ("C_FILE_PLACE", "articles", _move("articles", "", copy=True, name="part-00001.parquet")),
    ("C_FILE_PLACE", "articles", _move("articles", "day=2024-02-30", copy=True)),
    ("C_FILE_PLACE", "sightings", _move("sightings", "bucket=g", copy=True)),
    (
        "C_FILE_EMPTY",
        "events",
        lambda p: _put("events/day=2020-01-01/" + PART, to_parquet(_no_rows("events")))(p),
    ),
    ("C_FILE_CHANGED", "stories", _on_file("stories", lambda data: data.slice(1))),
    ("C_FILE_CHANGED", "feeds", lambda path: _file("feeds", path).unlink()),
    ("C_LAKE_ABOUT", None, lambda path: (path / "_meta/files.txt").unlink()),
    ("C_LAKE_ABOUT", None, _put("_meta/files.txt", b"half a list")),
    ("C_FILE_CHANGED", "persons", lambda path: _lose_with_its_commit("persons", path)),
    ("C_FILE_OPEN", "events", lambda path: _file("events", path).write_bytes(b"PAR1 and no more")),
    (
        "C_FILE_OPEN",
        None,
        _put("_meta/commits/000000000009.json", b'{"attempt": "a", "files": [], "deletes": [1]}'),
    ),
    ("C_FILE_OPEN", None, _put("_meta/commits/000000000001.json", b"{}")),
    (
        "C_FILE_OPEN",
        None,
        _put(
            "_meta/commits/000000000009.json",
            b'{"attempt": "a", "files": [], "deletes": ["../x"], "tombstones": [], "run": {}}',
        ),
    ),
    ("C_TABLE_MISSING", "persons", lambda path: shutil.rmtree(path / "persons")),
    ("C_SCHEMA", "articles", _on_file("articles", lambda data: data.drop_columns(["word_count"]))),
    ("C_SCHEMA", "articles", _on_file("articles", _cast("word_count", pa.int64()))),
    (
        "C_SCHEMA",
        "events",
        _on_file("events", lambda data: data.append_column("mood", pa.nulls(data.num_rows))),
    ),
    (
        "C_SCHEMA",
        "runs",
        _on_file("runs", lambda data: data.select([*data.schema.names[1:], "run_id"])),
    ),
    ("C_SCHEMA", "sightings", _on_file("sightings", _cast("first_seen_at", pa.timestamp("us")))),
    ("C_SCHEMA", "event_mentions", _on_file("event_mentions", _null("trigger"))),
]
"""Damages to files, each with the code and the table under which it is found."""
VALUES: list[tuple[str, str, Change]] = [
    ("C_WORD", "event_mentions", _set(modality="maybe")),
    ("C_WORD", "fetches", _set(status="fine")),
    ("C_FORM", "articles", _set(_has("title"), title="")),
    ("C_FORM", "articles", _set(_has("body_sha256"), body_sha256="0")),
    ("C_FORM", "events", _set(country="fr")),
    ("C_LIST", "articles", _set(_has("feed_ids"), feed_ids=["f3", "f2"])),
    ("C_LIST", "sightings", _set(_has("feed_ids"), feed_ids=["f1", "f1"])),
    ("C_RANGE", "event_mentions", _set(confidence=1.5)),
    ("C_RANGE", "articles", _set(word_count=-1)),
    ("C_RANGE", "persons", _set(articles_seen=7)),
    (
        "C_DAY",
        "articles",
        _set(_has("published_at"), published_at=_plus("published_at", timedelta(1))),
    ),
    ("C_DAY", "stories", _set(story_date=date(2024, 1, 1))),
    ("C_TIME", "articles", _set(_has("published_at"), published_at=LONG_AGO)),
    ("C_TIME", "articles", _set(modified_at=NOW + timedelta(days=3))),
    ("C_TIME", "articles", _set(published_precision="none")),
    ("C_TIME", "articles", _set(ingested_at=NOW + timedelta(days=900))),
    ("C_TIME", "stories", _set(updated_at=NOW + timedelta(hours=7))),
    ("C_TIME", "articles", _set(updated_at=None)),
    ("C_TIME", "sightings", _set(last_seen_at=LONG_AGO)),
    ("C_TIME", "persons", _set(last_date=date(2024, 1, 1))),
    ("C_PLACE", "events", _set(_has("lat"), lat=None)),
    ("C_PLACE", "event_mentions", _set(geo_precision="country", lat=1.0, lon=1.0)),
    ("C_PLACE", "event_mentions", _set(geo_precision="city", lat=0.0, lon=0.0)),
    ("C_PERIOD", "events", _set(_has("date"), date=date(2024, 5, 2))),
    ("C_PERIOD", "events", _set(_has("date"), date_precision="year")),
    ("C_PERIOD", "event_mentions", _set(date_precision="none", date=date(2024, 5, 1))),
    ("C_ACTOR", "events", _set(actor_country="XXX")),
    ("C_ACTOR", "event_mentions", _set(_has("recipient"), recipient_country=None)),
    ("C_TEXT_HASH", "articles", _set(_has("body"), body="Another text.")),
    ("C_TEXT_HASH", "articles", _set(word_count=_plus("word_count"))),
    ("C_TEXT_HASH", "articles", _set(_has("fingerprint"), fingerprint=1)),
    ("C_TEXT_HASH", "article_versions", _set(title="Another title")),
    ("C_RAW", "articles", _set(raw_uri="_raw/2024/a.warc.gz#3@100")),
    ("C_RAW", "fetches", _set(raw_uri="elsewhere")),
]
"""Damages to rows that show in the row itself."""
ACROSS: list[tuple[str, str | None, Damage]] = [
    ("C_FILE_OPEN", "articles", lambda path: _torn(_file("articles", path))),
    ("C_NULL", "event_mentions", _on_file("event_mentions", _null("trigger"))),
    (
        "C_ORDER",
        "event_mentions",
        _on_file("event_mentions", lambda data: data.take([*range(1, data.num_rows), 0])),
    ),
    (
        "C_ORDER",
        "articles",
        _on_file("articles", lambda data: data.take([1, 0, *range(2, data.num_rows)])),
    ),
    ("C_FOLDER", "articles", _move("articles", "day=2024-01-01")),
    ("C_FOLDER", "site_blocks", lambda path: _move("site_blocks", _other_bucket(path))(path)),
    (
        "C_KEY_DOUBLE",
        "stories",
        _on_file("stories", lambda data: data.take([0, *range(data.num_rows)])),
    ),
    ("C_KEY_DOUBLE", "articles", _move("articles", "day=2024-01-01", copy=True)),
    ("C_OFFSET", "event_mentions", _on("event_mentions", _set(evidence_start=1))),
    ("C_OFFSET", "event_mentions", _on("event_mentions", _set(evidence_field="title"))),
    ("C_OFFSET", "event_mentions", _on("event_mentions", _set(trigger_start=-1))),
    ("C_OFFSET", "event_mentions", _on("event_mentions", _set(_has("cue"), cue="told"))),
    ("C_OFFSET", "event_mentions", _on("event_mentions", _set(cue_start=3))),
    (
        "C_OFFSET",
        "event_mentions",
        _on("event_mentions", _set(_has("recipient"), recipient=lambda r: _shifted(r))),
    ),
    ("C_MENTION_ARTICLE", "event_mentions", _on("event_mentions", _set(source_domain="z.test"))),
    (
        "C_MENTION_ARTICLE",
        "event_mentions",
        _on("event_mentions", _set(seen_at=NOW + timedelta(days=1))),
    ),
    ("C_VERSION", "article_versions", _on("article_versions", _set(version=_plus("version")))),
    ("C_VERSION", "articles", _on("articles", _set(version=_plus("version")))),
    ("C_VERSION", "articles", _drop("article_versions", _is("version", 2))),
    ("C_VERSION", "articles", _on("articles", _set(_has("title"), title="Another title"))),
    ("C_REFERENCE", "event_mentions", _drop("articles", _is("url", WIRE))),
    ("C_REFERENCE", "articles", _on("articles", _set(story_id=None))),
    ("C_SIGHTING", "articles", _drop("sightings", lambda r: r["url_key"] == r["article_id"])),
    (
        "C_SIGHTING",
        "sightings",
        _on("sightings", _set(_has("article_id"), published_date=date(2024, 1, 1))),
    ),
    ("C_SIGHTING", "sightings", _on("sightings", _set(article_id=None))),
    (
        "C_SIGHTING",
        "articles",
        _on("articles", _set(first_seen_at=_plus("first_seen_at", -timedelta(seconds=1)))),
    ),
    ("C_SIGHTING", "articles", _on("articles", _set(feed_ids=["f77"]))),
    ("C_COPY", "articles", _on("articles", _set(duplicate_kind=None))),
    (
        "C_COPY",
        "articles",
        _on("articles", _set(duplicate_of=lambda r: r["article_id"], duplicate_kind="near")),
    ),
    ("C_COPY", "articles", _on("articles", _set(_has("duplicate_of"), duplicate_kind="exact"))),
    (
        "C_COPY",
        "articles",
        _on("articles", _set(_has("duplicate_of"), published_at=EARLIER - timedelta(days=1))),
    ),
    ("C_EVENT_MENTION", "events", _on("events", _set(evidence="Ministers met."))),
    ("C_EVENT_MENTION", "events", _on("events", _set(headline="Another headline"))),
    (
        "C_EVENT_MENTION",
        "events",
        _on("events", _set(filled_from=[{"field": "dead", "mention_id": OTHER}])),
    ),
    ("C_EVENT_MENTION", "events", lambda path: _other_mention(path)),
    ("C_DELETED", "deleted_rows", lambda path: _deleted_and_there(path)),
    (
        "C_DELETED",
        "deleted_rows",
        _on("deleted_rows", _set(_is("table_name", "events"), replaced_by=OTHER)),
    ),
    ("C_COUNT", "events", _drop("event_mentions")),
    ("C_COUNT", "stories", _drop("articles", _is("url", WIRE))),
]
"""Damages that show only against other rows or tables."""


def _no_rows(table: str) -> pa.Table:
    return TABLES[table].schema.empty_table()


def _torn(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[40:200] = bytes(160)
    file.write_bytes(data)


def _other_bucket(path: Path) -> str:
    return "bucket=1" if _file("site_blocks", path).parent.name != "bucket=1" else "bucket=2"


def _shifted(row: Row) -> list[Row]:
    return [{**one, "start": one["start"] + 1} for one in row["recipient"]]


def _other_mention(path: Path) -> None:
    """Let all events name the same mention, which is that of one of them."""
    _on("events", _set(canonical_mention_id=rows(path, "event_mentions")[0]["mention_id"]))(path)


def _deleted_and_there(path: Path) -> None:
    """Let the mention that is recorded as deleted be one that has not changed since."""
    there = next(m for m in rows(path, "event_mentions") if m["updated_run_id"] == "r1")
    is_mention = _is("table_name", "event_mentions")
    _on("deleted_rows", _set(is_mention, row_key=there["mention_id"]))(path)


@pytest.mark.parametrize("batch", [1, 2, 4_000])
def test_a_sound_lake_has_no_findings(
    batch: int, sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BATCH", batch)
    report = _check(sound)
    assert report.findings == ()
    assert report.warnings == ()
    assert {name: len(rows(sound, name)) for name in TABLES} == report.rows
    assert all(report.rows.values()), "each table has rows, or its checks would check nothing"


def _ids(damages: Sequence[tuple[str, str | None, object]]) -> list[str]:
    return [f"{number}-{code}-{table}" for number, (code, table, _) in enumerate(damages)]


@pytest.mark.parametrize(("code", "table", "damage"), LAYOUT, ids=_ids(LAYOUT))
def test_a_damaged_file_is_found(code: str, table: str | None, damage: Damage, lake: Path) -> None:
    damage(lake)
    ledger = Ledger()
    files.readable(take_snapshot(LocalStore(lake), ledger), ledger)
    assert {f.table for f in ledger.findings if f.check == code} == {table}


@pytest.mark.parametrize(("code", "table", "change"), VALUES, ids=_ids(VALUES))
def test_a_wrong_value_is_found_in_its_row(
    code: str, table: str, change: Change, sound: Path
) -> None:
    found = {}
    for how, changed in (("sound", list[Row]), ("damaged", change)):
        ledger = Ledger()
        for file in sorted((sound / table).rglob("*.parquet")):
            data = to_arrow(
                TABLES[table], changed(pq.read_table(file, partitioning=None).to_pylist())
            )
            if data.num_rows:
                here = LakeFile(table=TABLES[table], path=str(file), folder=file.parent.name)
                check_rows(
                    RowBatch(file=here, rows=np.arange(data.num_rows), data=data),
                    None,
                    Known(raw={}, latest=LATEST, every=1),
                    ledger,
                )
        found[how] = {f.check for f in ledger.findings}
    assert found["sound"] == set()
    assert code in found["damaged"]


@pytest.mark.parametrize(("code", "table", "damage"), ACROSS, ids=_ids(ACROSS))
def test_what_does_not_agree_is_found(
    code: str, table: str | None, damage: Damage, lake: Path
) -> None:
    damage(lake)
    assert table in {f.table for f in _check(lake).findings if f.check == code}


def test_each_reference_is_followed(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "MOST", 1_000)
    for table, column, _ in REFERENCES:
        _on(table, _set(_has(column), **{column: OTHER}))(lake)
    found_values = {(f.table, f.message) for f in _check(lake).findings if f.check == "C_REFERENCE"}
    assert {
        (table, f"its {column} is not in {target}") for table, column, target in REFERENCES
    } <= found_values


def test_each_count_is_recomputed(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "MOST", 1_000)
    counts = {
        "events": ("mention_count", "article_count", "source_count", "origin_count"),
        "stories": ("article_count", "source_count", "event_count"),
        "articles": ("event_count",),
    }
    for table, names in counts.items():
        _on(table, _set(**{name: _plus(name) for name in names}))(lake)
    second = timedelta(seconds=1)
    _on("events", _set(first_published_at=_plus("first_published_at", -second)))(lake)
    _on("stories", _set(first_at=_plus("first_at", -second), last_at=_plus("last_at", second)))(
        lake
    )
    report = _check(lake)
    found_values = {
        (f.table, f.message.split(" is not that of ")[0])
        for f in report.findings
        if f.check == "C_COUNT"
    }
    expected = {(table, name) for table, names in counts.items() for name in names}
    assert found_values == expected | {
        ("stories", "first_at"),
        ("stories", "last_at"),
        ("events", "first_published_at"),
    }
    rows_of = {"events": 5, "stories": 5, "articles": 1}
    assert report.counts["C_COUNT"] == sum(report.rows[table] * n for table, n in rows_of.items())


def test_each_code_has_a_damage() -> None:
    assert {d[0] for d in [*LAYOUT, *VALUES, *ACROSS]} == CHECKS.keys()


def test_wrong_values_are_found_in_a_lake(lake: Path) -> None:
    _on("articles", VALUES[2][2])(lake)
    _on("fetches", VALUES[1][2])(lake)
    assert {"C_FORM", "C_WORD"} <= _found(_check(lake))


def test_a_finding_names_the_file_and_the_key(lake: Path) -> None:
    url = _is("url", WIRE)
    wire = next(filter(url, rows(lake, "articles")))
    _on("articles", _set(url, event_count=9, word_count=1))(lake)
    found = {f.check: f for f in _check(lake).findings}
    assert found.keys() == {"C_COUNT", "C_TEXT_HASH", "C_FILE_CHANGED"}
    for code in ("C_COUNT", "C_TEXT_HASH"):
        assert (found[code].path, found[code].key) == (
            f"articles/day=2024-05-06/{PART}",
            wire["article_id"],
        )


def test_all_findings_are_counted_and_the_first_are_named(tmp_path: Path) -> None:
    many = [
        coded(article(f"http://a.test/{n}", f"Story {n}. {'word ' * n}")) for n in range(MOST + 5)
    ]
    make_lake(tmp_path).merge(make_batch(*many))
    _on("articles", _set(event_count=1))(tmp_path)
    report = _check(tmp_path)
    assert report.counts["C_COUNT"] == MOST + 5
    assert sum(f.check == "C_COUNT" for f in report.findings) == MOST


def test_nullable_columns_that_came_later_may_be_absent(lake: Path) -> None:
    later = ["cue", "cue_start", "cue_end", "updated_at", "updated_run_id"]
    _on_file("event_mentions", lambda data: data.drop_columns(later))(lake)
    assert _found(_check(lake)) == {"C_FILE_CHANGED"}


def test_a_file_that_cannot_be_used_does_not_hide_the_rest(lake: Path) -> None:
    _on_file("articles", lambda data: data.drop_columns(["article_id"]))(lake)
    _on("sightings", _set(last_seen_at=LONG_AGO))(lake)
    assert {"C_SCHEMA", "C_TIME", "C_REFERENCE"} <= _found(_check(lake))


@pytest.mark.parametrize("column", ["article_id", "source_domain", "body", "canonical_url"])
def test_texts_that_are_not_unicode_are_an_unreadable_file(lake: Path, column: str) -> None:
    _on_file("articles", lambda data: _no_unicode(data, column))(lake)
    assert {f.table for f in _check(lake).findings if f.check == "C_FILE_OPEN"} == {"articles"}


def test_raw_files_that_are_there_are_found(lake: Path) -> None:
    _put("_raw/2024/a.warc.gz", b"x" * 101)(lake)
    _on("articles", _set(raw_uri="_raw/2024/a.warc.gz#3@100"))(lake)
    assert _found(_check(lake)) == {"C_FILE_CHANGED"}


@pytest.mark.parametrize(
    "uri", ["_raw/2024/a.warc.gz#3@101", "_raw/2024/a.warc.gz", "_raw/2024/b.warc.gz#3@0", ""]
)
def test_raw_files_that_are_cut_or_gone_are_missed(lake: Path, uri: str) -> None:
    _put("_raw/2024/a.warc.gz", b"x" * 101)(lake)
    _on("articles", _set(raw_uri=uri))(lake)
    assert _found(_check(lake)) == {"C_FILE_CHANGED", "C_RAW" if uri else "C_FORM"}


def test_known_files_of_the_lake_are_not_strays(lake: Path) -> None:
    for name in (
        "_meta/backfills/b1.json",
        "_meta/lock",
        "_meta/demo.json",
        "_raw/any/thing.warc.gz",
    ):
        _put(name)(lake)
    assert _found(_check(lake)) == set()


class _DyingStore(LocalStore):
    """A store that fails once it has put some files of a commit in place."""

    left = 3

    def rename(self, source: str, target: str) -> bool:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return super().rename(source, target)


def test_a_half_published_commit_is_a_warning_and_is_checked_as_completed(
    lake: Path,
) -> None:
    more = make_batch(
        coded(article("http://e.test/new", WORDS + " again"), *_mentions()), run=run_of("r3", NOW)
    )
    with pytest.raises(KeyboardInterrupt):
        type(make_lake(lake))(_DyingStore(lake)).merge(more)
    report = _check(lake)
    assert (report.findings, len(report.warnings)) == ((), 1)
    assert "not published whole" in report.warnings[0]
    assert report.rows["articles"] == 7
    make_lake(lake)
    after = _check(lake)
    assert (after.findings, after.warnings, after.rows) == ((), (), report.rows)


def test_staged_files_of_no_commit_are_a_warning(lake: Path) -> None:
    _put("_staging/abc/000000.parquet")(lake)
    report = _check(lake)
    assert (report.findings, len(report.warnings)) == ((), 1)


def test_a_check_writes_nothing(lake: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in lake.rglob("*")}
    _put("_staging/abc/000000.parquet")(lake)
    _check(lake)
    after = {p: p.stat().st_mtime_ns for p in lake.rglob("*") if "_staging" not in p.parts}
    assert after == {p: at for p, at in before.items() if "_staging" not in p.parts}


def test_fingerprints_are_spread_over_a_large_lake(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "SAMPLED_ARTICLES", 2)
    _on("articles", _set(_has("fingerprint"), fingerprint=1))(lake)
    assert (
        1
        <= _check(lake).counts["C_TEXT_HASH"]
        < sum(r["fingerprint"] == 1 for r in rows(lake, "articles"))
    )


def test_allowed_values_of_a_column_are_those_that_its_description_lists() -> None:
    assert allowed_values(EVENT_MENTIONS)["modality"] == [
        "actual",
        "future",
        "hypothetical",
        "negated",
        "historical",
    ]
    assert allowed_values(ARTICLES)["extraction_basis"][:4] == ["page", "feed", "text", "jsonld"]
    assert set(allowed_values(ARTICLES)) == {
        "published_precision", "published_basis", "page_kind", "extraction_basis", "duplicate_kind",
    }  # fmt: skip


def test_commit_files_name_what_they_wrote(lake: Path) -> None:
    path = lake / "_meta/commits/000000000002.json"
    found_values = json.loads(path.read_bytes())
    found_values["files"][0]["sha256"] = "0" * 64
    path.write_text(json.dumps(found_values))
    report = _check(lake)
    assert [(f.check, f.path) for f in report.findings] == [
        ("C_FILE_CHANGED", found_values["files"][0]["path"])
    ]
