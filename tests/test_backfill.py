"""Archives into a lake: the same articles as live, in batches, resumed after a kill."""

import contextlib
import dataclasses
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from pipelines import cli
from pipelines.cli.app import app
from pipelines.cli.progress import describe
from pipelines.jobs import batches as batches_module
from pipelines.jobs.backfill import BackfillPlan
from pipelines.jobs.batches import BEFORE, ArchiveBatch, batches
from pipelines.jobs.ingest import IngestPlan
from pipelines.jobs.plan import Progress, Reporter
from pipelines.jobs.run_options import RunOptions
from pipelines.jobs.runner import RunSummary, run_job
from tests.helpers import buckets
from tests.helpers import web_site as web
from tests.helpers.examples import examples
from tests.helpers.lakes import hashes, rows
from tests.helpers.warc_files import (
    FORMS,
    gz_each,
    gz_whole,
    http,
    page_html,
    paragraphs,
    plain,
    record,
    response,
)
from transforms.archives import open_source
from transforms.core.archives.page_refs import Place
from transforms.core.archives.page_to_warc import parse_raw_uri
from transforms.core.archives.selection import Selection
from transforms.core.archives.warc_records import read_record
from transforms.core.feeds.lists import read_feed_lists
from transforms.errors import ConfigError
from transforms.links import LinkOptions
from transforms.pool import PoolOptions
from transforms.records import Cursor
from transforms.sources import Source, find_sources
from transforms.web import WebOptions

pytestmark = pytest.mark.slow

NOW = datetime(2024, 5, 6, 12, tzinfo=UTC)
CLOCK = frozenset({"runs", "fetches"})


def options(
    lake: Path | str, *, run_id: str = "b1", connect_to: str | None = None, keep_raw: bool = False
) -> RunOptions:
    return RunOptions(
        lake=str(lake),
        now=NOW,
        run_id=run_id,
        web=WebOptions(connect_to=connect_to, spacing_s=0, timeout_s=3),
        pool=PoolOptions(size=0),
        keep_raw=keep_raw,
    )


def fill(
    lake: Path, *words: Path | str, selected: Selection | None = None, **fields: Any
) -> RunSummary:
    """Backfill files into a lake."""
    plan = BackfillPlan(
        sources=find_sources([str(w) for w in words]), selection=selected or Selection()
    )
    return run_job(plan, options(lake, **fields))


def write(path: Path, data: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def lines(count: int, site: str = "l.test") -> bytes:
    some = [{"url": f"http://{site}/{n}", "html": page_html(f"Line {n}")} for n in range(count)]
    return b"".join(json.dumps(row).encode() + b"\n" for row in some)


# Slices


def make_sources(folder: Path) -> list[Source]:
    """Return a source of every kind, some of them damaged."""
    records = [response(f"http://w.test/{n}") for n in range(5)]
    table = pa.Table.from_pylist([json.loads(line) for line in lines(5, "p.test").splitlines()])
    write(folder / "a.warc.gz", gz_each(records))
    write(folder / "b.warc.gz", gz_whole(records))
    write(folder / "c.warc", plain(records[:3]) + records[3][:200])
    write(
        folder / "d.warc.gz",
        gz_each(records[:1]) + gz_whole(records[1:4]) + b"garbage" + gz_each(records[4:]),
    )
    write(folder / "e.jsonl", lines(5))
    write(folder / "f.jsonl.gz", gzip.compress(lines(5, "g.test")))
    write(folder / "g.warc.gz", b"nothing of use")
    for n in range(3):
        write(folder / "h" / f"{n}.html", page_html(f"File {n}"))
    pq.write_table(table, folder / "i.parquet", row_group_size=2)
    write(folder / "j.txt", "".join(f"http://u.test/{n}\n" for n in range(5)) + "http://\n")
    write(folder / "k.parquet", b"no parquet")
    write(folder / "l.txt", "".join(f"http://v.test/{n}\n" for n in range(3)))
    words = [folder, folder / "j.txt", folder / "l.txt"]
    return sorted(find_sources([str(w) for w in words]), key=lambda s: s.path)


def cut(
    sources: list[Source], cursor: Cursor | None = None, pages: int | None = None
) -> list[ArchiveBatch]:
    begin = Cursor(key="k", run_id="r", now=NOW, source=0, place=BEFORE, pages=0, read_bytes=0)
    links = LinkOptions(web=WebOptions(), now=NOW)
    return list(batches(sources, cursor or begin, Selection(), links, pages))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches_module, "BATCH_PAGES", 3)
    monkeypatch.setattr(batches_module, "BATCH_LINKS", 2)


def test_every_page_is_in_one_slice_and_every_damage_in_one(small: None, tmp_path: Path) -> None:
    planned = cut(make_sources(tmp_path))
    places = [(part.path, at) for batch in planned for part in batch.parts for at in part.places]
    assert len(places) == len(set(places)) == 5 + 5 + 3 + 5 + 5 + 5 + 3 + 5
    assert [e.url for p in planned for e in p.entries] == [
        f"http://{h}.test/{n}" for h, c in (("u", 5), ("v", 3)) for n in range(c)
    ]
    assert sorted(r.reason for p in planned for r in p.rejects) == [
        "E_ARCHIVE_DAMAGED",
        "E_ARCHIVE_DAMAGED",
        "E_ARCHIVE_FORMAT",
        "E_ARCHIVE_FORMAT",
        "E_ARCHIVE_LINK",
    ]
    assert not any(batch.parts and batch.entries for batch in planned)
    assert max(sum(len(part.places) for part in batch.parts) for batch in planned) == 3


@given(
    pages=st.integers(1, 12),
    chosen=st.lists(st.integers(0, 13), min_size=1, max_size=14, unique=True),
)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    max_examples=examples(25),
)
def test_from_any_cursor_on_the_slices_are_those_that_were_to_come(
    tmp_path: Path, pages: int, chosen: list[int]
) -> None:
    every = make_sources(tmp_path)
    sources = [every[n] for n in chosen if n < len(every)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches_module, "BATCH_PAGES", pages)
        patch.setattr(batches_module, "BATCH_LINKS", pages)
        whole = cut(sources)
        for number, batch in enumerate(whole):
            assert cut(sources, batch.cursor) == whole[number + 1 :]


def test_a_link_without_a_scheme_is_a_source_unless_it_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "w.test" / "page.html", page_html("here"))
    (link, file) = find_sources(["u.test/sitemap.xml", "w.test/page.html"])
    assert (link.path, link.is_links) == ("https://u.test/sitemap.xml", True)
    assert (file.path, file.is_links) == ("w.test/page.html", False)
    for missing in ("u.warc.gz", "pages/u.html", "u.test"):
        with pytest.raises(ConfigError, match="not a file or folder"):
            find_sources([missing])


def test_a_slice_ends_by_its_bytes_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        batches_module, "BATCH_BYTES", 2.5 * len(http(page_html("http://w.test/0")))
    )
    source = write(tmp_path / "a.warc", plain([response(f"http://w.test/{n}") for n in range(6)]))
    assert [
        sum(len(part.places) for part in batch.parts) for batch in cut(find_sources([str(source)]))
    ] == [3, 3]


def test_the_batch_size_is_an_option_and_another_size_is_another_job(tmp_path: Path) -> None:
    source = write(tmp_path / "a.warc", plain([response(f"http://w.test/{n}") for n in range(6)]))
    links = write(tmp_path / "l.txt", "".join(f"http://v.test/{n}\n" for n in range(3)))
    sources = find_sources([str(source), str(links)])
    planned = cut(sources, pages=4)
    assert [sum(len(part.places) for part in batch.parts) for batch in planned if batch.parts] == [
        4,
        2,
    ]
    assert [len(batch.entries) for batch in planned if batch.entries] == [2, 1]
    assert (
        BackfillPlan(sources=sources).config != BackfillPlan(sources=sources, batch_pages=4).config
    )


def test_a_list_of_links_that_was_changed_is_taken_from_its_beginning(
    small: None, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.txt", "".join(f"http://u.test/{n}\n" for n in range(5)))
    sources = find_sources([str(path)])
    first = cut(sources)[0]
    write(path, "http://u.test/new\n" + "".join(f"http://u.test/{n}\n" for n in range(5)))
    again = [e.url for batch in cut(sources, first.cursor) for e in batch.entries]
    assert again == ["http://u.test/new", *(f"http://u.test/{n}" for n in range(5))]


def test_parts_of_a_large_file_are_many_and_of_one_member_is_one(tmp_path: Path) -> None:
    records = [response(f"http://w.test/{n}", "x") for n in range(250)]
    for form, sizes in ((gz_each, [100, 100, 50]), (plain, [100, 100, 50]), (gz_whole, [250])):
        path = write(tmp_path / "a.warc.gz", form(records))
        (batch,) = cut(find_sources([str(path)]))
        assert [len(part.places) for part in batch.parts] == sizes


def test_pages_outside_the_selection_are_not_read(tmp_path: Path) -> None:
    some = [
        response("http://www.a.test/1"),
        response("http://b.test/1"),
        response("http://a.test/2", date="2023-01-01T00:00:00Z"),
    ]
    sources = find_sources([str(write(tmp_path / "a.warc", plain(some)))])
    begin = Cursor(key="k", run_id="r", now=NOW, source=0, place=BEFORE, pages=0, read_bytes=0)
    selected = Selection(frozenset({"a.test"}), date(2024, 1, 1))
    (batch,) = batches(sources, begin, selected, LinkOptions(web=WebOptions(), now=NOW))
    assert [part.places for part in batch.parts] == [((0, 0),)]


# Sources


def test_folders_globs_and_files_are_sources_each_once_and_in_order(tmp_path: Path) -> None:
    make_sources(tmp_path)
    write(tmp_path / "notes.md", "no page")
    write(tmp_path / "page", "<!doctype html><p>x")
    found = find_sources([str(tmp_path / "h" / "*.html"), str(tmp_path)])
    kinds = {Path(s.path).name: s.kind for s in found}
    assert [s.inside for s in found[:3]] == ["0.html", "1.html", "2.html"]
    assert (kinds["page"], kinds["a.warc.gz"]) == ("page", "warc")
    assert not {"notes.md", "j.txt"} & kinds.keys()
    assert len(found) == len({s.path for s in found}) == 13
    assert [s.kind for s in find_sources([str(tmp_path / "j.txt")])] == ["links"]
    with pytest.raises(ConfigError, match="nothing-here"):
        find_sources([str(tmp_path / "nothing-here")])


def test_pages_of_one_name_are_distinguished_by_their_folders(tmp_path: Path) -> None:
    for name in (
        "p/index.html",
        "q/index.html",
        "q/index.txt",
        "q/www.example.com/a.html",
        "p/www.example.com/a.html",
    ):
        write(tmp_path / name, page_html(name))
    assert [s.inside for s in find_sources([str(tmp_path / "*/index.html")])] == [
        "p/index.html",
        "q/index.html",
    ]
    found = [s.inside for s in find_sources([str(tmp_path / "p"), str(tmp_path / "q")])]
    folder = str(tmp_path).lstrip("/")
    assert found == [
        f"{folder}/p/index.html",
        "www.example.com/a.html",
        f"{folder}/q/index.html",
        "index.txt",
        "www.example.com/a.html",
    ]


def test_damage_before_the_first_line_of_a_compressed_file_is_reported_once(
    small: None, tmp_path: Path
) -> None:
    good = lines(5)
    plain_named_gz = find_sources([str(write(tmp_path / "a.jsonl.gz", good))])
    assert [r.reason for p in cut(plain_named_gz) for r in p.rejects] == ["E_ARCHIVE_DAMAGED"]
    long = find_sources(
        [str(write(tmp_path / "b.jsonl.gz", gzip.compress(b"x" * 40_000_000 + b"\n" + good)))]
    )
    planned = cut(long)
    assert [len(part.places) for p in planned for part in p.parts] == [3, 2]
    assert [r.reason for p in planned for r in p.rejects] == ["E_ARCHIVE_TOO_LARGE"]
    assert [len(part.places) for p in cut(long, planned[0].cursor) for part in p.parts] == [2]
    assert [r.reason for p in cut(long, planned[0].cursor) for r in p.rejects] == []


# The same articles as live

LIVE = {f"/{n}": page_html(f"Live {n}") for n in range(6)}
ELSE = frozenset({"feed_ids", "next_revisit_at", "raw_uri"})


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lake that has ingested six pages and kept them; tests must not write to it."""
    lake = tmp_path_factory.mktemp("live")
    items = "".join(f"<item><link>http://live.test{path}</link></item>" for path in LIVE)
    feed = f"<rss version='2.0'><channel><title>Feed</title>{items}</channel></rss>"
    routes = {path: web.respond(text) for path, text in LIVE.items()} | {
        "/robots.txt": web.status(404)
    }
    with web.serve(routes | {"/feed": web.respond(feed, kind="application/rss+xml")}) as site:
        sources = read_feed_lists(("http://live.test/feed",)).feeds
        run_job(IngestPlan(feeds=sources), options(lake, connect_to=site.address, keep_raw=True))
    return lake


def but(table: list[dict[str, Any]], *without: str) -> list[dict[str, Any]]:
    return [{k: v for k, v in row.items() if k not in without} for row in table]


def test_a_page_from_an_archive_gives_the_row_that_it_gave_live(live: Path, tmp_path: Path) -> None:
    at = NOW.isoformat().replace("+00:00", "Z")
    records = [response(f"http://live.test{path}", text, date=at) for path, text in LIVE.items()]
    fill(tmp_path / "lake", write(tmp_path / "a.warc.gz", gz_each(records)))
    expected = rows(live, "articles")
    assert len(expected) == len(LIVE)
    assert but(rows(tmp_path / "lake", "articles"), *ELSE) == but(expected, *ELSE)
    for table in ("event_mentions", "events", "stories", "site_blocks", "persons"):
        assert rows(tmp_path / "lake", table) == rows(live, table), table
    versions = rows(tmp_path / "lake", "article_versions")
    assert but(versions, "fetch_id", "raw_uri") == but(
        rows(live, "article_versions"), "fetch_id", "raw_uri"
    )
    assert all(
        row["next_revisit_at"] is None and not row["feed_ids"]
        for row in rows(tmp_path / "lake", "articles")
    )


@pytest.mark.parametrize("form", ["plain", "one gz", "zst"])
def test_however_the_archive_is_packed_the_lake_is_the_same(form: str, tmp_path: Path) -> None:
    records = [response(f"http://w.test/{n}") for n in range(4)]
    fill(tmp_path / "one", write(tmp_path / "a.warc", gz_each(records)))
    fill(tmp_path / "two", write(tmp_path / "b.warc", FORMS[form](records)))
    assert hashes(tmp_path / "one", CLOCK) == hashes(tmp_path / "two", CLOCK)


def test_the_pages_a_lake_has_kept_make_the_same_lake_again(live: Path, tmp_path: Path) -> None:
    fill(tmp_path / "lake", live / "_raw")
    for table in (
        "articles",
        "event_mentions",
        "events",
        "stories",
        "site_blocks",
        "persons",
        "article_versions",
    ):
        made, had = (
            but(rows(lake, table), "raw_uri", "next_revisit_at", "fetch_id")
            for lake in (tmp_path / "lake", live)
        )
        assert made == had, table


def test_a_kept_page_is_at_the_raw_uri_of_its_article(live: Path) -> None:
    for row in rows(live, "articles"):
        path, offset = parse_raw_uri(row["raw_uri"])
        with (live / path).open("rb") as file:
            kept = read_record(file, Place(offset))
            kept.parse_http()
            assert kept.reader.read().decode() == LIVE["/" + row["url"].rpartition("/")[2]]
    fetched = {
        row["article_id"]: row["raw_uri"]
        for row in rows(live, "fetches")
        if row["kind"] == "article"
    }
    assert fetched == {row["article_id"]: row["raw_uri"] for row in rows(live, "articles")}


def raw_files(lake: Path) -> dict[str, bytes]:
    return {
        p.relative_to(lake).as_posix(): p.read_bytes()
        for p in sorted((lake / "_raw").rglob("*"))
        if p.is_file()
    }


def test_nothing_waits_beside_the_kept_pages_after_a_commit(live: Path) -> None:
    (path,) = raw_files(live)
    assert path.startswith("_raw/day=2024-05-06/b1-")


def test_first_sight_is_the_archives_own_and_a_later_archive_of_an_older_capture_moves_it(
    tmp_path: Path,
) -> None:
    late, early = "2024-05-03T10:00:00Z", "2024-05-02T10:00:00Z"
    url = "http://w.test/1"
    fill(
        tmp_path / "lake",
        write(tmp_path / "late.warc", response(url, page_html("Text"), date=late)),
    )
    fill(
        tmp_path / "lake",
        write(tmp_path / "early.warc", response(url, page_html("Text"), date=early)),
        run_id="b2",
    )
    (row,) = rows(tmp_path / "lake", "articles")
    assert row["first_seen_at"] == datetime(2024, 5, 2, 10, tzinfo=UTC)
    assert row["seen_at"] == datetime(2024, 5, 3, 10, tzinfo=UTC)


def test_two_captures_of_a_page_are_two_versions_in_any_order(tmp_path: Path) -> None:
    url = "http://w.test/1"
    first = response(url, page_html("Before"), date="2024-05-02T10:00:00Z")
    second = response(url, page_html("After"), date="2024-05-03T10:00:00Z")
    for name, records in (("one", [first, second]), ("two", [second, first])):
        fill(tmp_path / name, write(tmp_path / f"{name}.warc", plain(records)))
        versions = sorted(rows(tmp_path / name, "article_versions"), key=lambda v: v["version"])
        assert [v["title"] for v in versions] == ["Before", "After"]
        assert [r["title"] for r in rows(tmp_path / name, "articles")] == ["After"]
    assert hashes(tmp_path / "one", CLOCK) == hashes(tmp_path / "two", CLOCK)


def test_a_list_of_links_is_fetched_into_the_rows_of_live_pages(live: Path, tmp_path: Path) -> None:
    links = write(
        tmp_path / "links.txt", "".join(f"http://live.test{path}\n" for path in [*LIVE, "/missing"])
    )
    plan = BackfillPlan(sources=find_sources([str(links)]))
    routes = {path: web.respond(text) for path, text in LIVE.items()} | {
        "/robots.txt": web.status(404)
    }
    with web.serve(routes) as site:
        done = run_job(plan, options(tmp_path / "lake", connect_to=site.address))
        requests_before = len(site.seen)
        second = options(tmp_path / "lake", connect_to=site.address, run_id="b2")
        assert run_job(plan, second).articles_new == 0
        assert [one.path for one in site.seen[requests_before:] if one.path in LIVE] == []
    assert (done.status, done.rejects) == ("partial", {"E_FETCH_HTTP_404": 1})
    assert but(rows(tmp_path / "lake", "articles"), *ELSE) == but(rows(live, "articles"), *ELSE)


# Selections and refusals


def test_only_requested_days_and_sites_are_processed(tmp_path: Path) -> None:
    days = {
        "http://a.test/1": "2024-04-30",
        "http://a.test/2": "2024-05-01",
        "http://www.b.test/1": "2024-05-01",
    }
    records = [
        response(url, page_html(url, published=f"{day}T08:00:00Z"), date="2024-05-02T00:00:00Z")
        for url, day in days.items()
    ]
    archive = write(tmp_path / "a.warc", plain(records))
    for number, (selected, expected) in enumerate(
        [
            (Selection(start=date(2024, 5, 1)), {"http://a.test/2", "http://www.b.test/1"}),
            (Selection(end=date(2024, 4, 30)), {"http://a.test/1"}),
            (Selection(frozenset({"b.test"})), {"http://www.b.test/1"}),
            (
                Selection(frozenset({"a.test"}), date(2024, 5, 1), date(2024, 5, 1)),
                {"http://a.test/2"},
            ),
            (Selection(frozenset({"c.test"})), set()),
        ]
    ):
        lake = tmp_path / str(number)
        assert fill(lake, archive, selected=selected).status == "ok"
        assert {row["url"] for row in rows(lake, "articles")} == expected


def test_what_cannot_be_read_is_a_reject_and_the_rest_an_article(tmp_path: Path) -> None:
    whole = response("http://w.test/1")
    some = [
        whole,
        response("http://w.test/2", date=None),
        record("http://w.test/3", http("", status="404 None")),
    ]
    done = fill(
        tmp_path / "lake", write(tmp_path / "a.warc.gz", gz_each(some) + gz_each([whole])[:100])
    )
    assert (done.status, done.articles_new) == ("partial", 1)
    assert done.rejects == {"E_ARCHIVE_DATE": 1, "E_ARCHIVE_DAMAGED": 1}
    output = {r["reason"]: r["error_message"] for r in rows(tmp_path / "lake", "rejects")}
    assert "a.warc.gz" in output["E_ARCHIVE_DAMAGED"]
    assert "a.warc.gz" in output["E_ARCHIVE_DATE"]
    assert {r["stage"] for r in rows(tmp_path / "lake", "rejects")} == {"archive"}


def test_a_page_without_an_article_is_a_reject_of_its_own_stage(tmp_path: Path) -> None:
    empty = response("http://w.test/1", "<html><body><nav>Home</nav></body></html>")
    done = fill(tmp_path / "lake", write(tmp_path / "a.warc", empty))
    assert done.rejects == {"E_EXTRACT_EMPTY": 1}


def test_rows_files_and_texts_become_articles(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write(folder / "a.jsonl.gz", gzip.compress(lines(2) + b"not json\n"))
    write(
        folder / "www.example.com" / "2020" / "a.html.gz",
        gzip.compress(page_html("Mirrored").encode()),
    )
    write(folder / "text.txt", "\n\n".join(["A text", *paragraphs("text")]))
    table = pa.table(
        {"url": ["http://p.test/1", "http://p.test/2"], "html": [page_html("Row").encode(), None]}
    )
    pq.write_table(table, folder / "b.parquet")
    done = fill(tmp_path / "lake", folder)
    found = {row["url"] for row in rows(tmp_path / "lake", "articles")}
    assert {
        "http://l.test/0",
        "http://l.test/1",
        "http://www.example.com/2020/a.html",
        "http://p.test/1",
    } <= found
    assert len(found) == 5
    assert done.rejects == {"E_ARCHIVE_ROW": 2}


# The command


def newsbeam(*words: object) -> Any:
    return CliRunner().invoke(app, [str(w) for w in words])


def test_exit_codes_report_whether_all_was_read(tmp_path: Path) -> None:
    good = write(tmp_path / "good.warc", plain([response("http://w.test/1")]))
    bad = write(tmp_path / "bad.warc", plain([response("http://w.test/1")])[:-300])
    always = ("--lake", tmp_path / "lake", "--workers", 0, "--now", NOW.isoformat())
    assert newsbeam("backfill", good, *always).exit_code == 0
    output = newsbeam("backfill", bad, *always, "--json")
    assert (output.exit_code, json.loads(output.stdout.splitlines()[-1])["rejects"]) == (
        3,
        {"E_ARCHIVE_DAMAGED": 1},
    )
    assert (
        newsbeam(
            "backfill", good, *always, "--sites", "w.test,x.test", "--from", "2024-05-01"
        ).exit_code
        == 0
    )


@pytest.mark.parametrize(
    "words",
    [
        ["nothing-here.warc"],
        ["{good}", "--from", "yesterday"],
        ["{good}", "--from", "2024-05-02", "--to", "2024-05-01"],
        ["{good}", "--sites", "no site"],
        ["{good}", "--sites", ""],
        ["{good}", ""],
        ["{good}", "--published-at", "soon"],
        ["{good}", "--no-such-option"],
        [],
    ],
)
def test_errors_of_the_user_are_reported_before_anything_is_written(
    words: list[str], tmp_path: Path
) -> None:
    good = write(tmp_path / "good.warc", plain([response("http://w.test/1")]))
    command = [
        "backfill",
        *(w.format(good=good) for w in words),
        "--lake",
        str(tmp_path / "lake"),
    ]
    assert cli.run(command) == 2
    assert not (tmp_path / "lake").exists()


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ((1200, 50, 0, 0, 200), "1,200 pages, 120.0 a second, 25.0% read, about 0:00:30 left"),
        ((1200, 150, 1000, 100, 200), "1,200 pages, 20.0 a second, 75.0% read, about 0:00:10 left"),
        ((1200, 0, 0, 0, 0), "1,200 pages, 120.0 a second"),
        ((0, 0, 0, 0, 100), "up to page 7"),
    ],
)
def test_progress_reports_rate_and_time_left_of_this_run(
    counts: tuple[int, int, int, int, int], text: str
) -> None:
    pages, read, pages_before, bytes_before, total = counts
    progress = Progress(
        label="up to page 7",
        pages=pages,
        read_bytes=read,
        pages_before=pages_before,
        bytes_before=bytes_before,
        total_bytes=total,
    )
    assert describe(progress, 10.0) == text


# Killed and started again

SCRIPT = """
import sys
from pipelines import cli
from pipelines.jobs import batches
batches.BATCH_PAGES = batches.BATCH_LINKS = 3
cli.main()
"""


def started(*words: object) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-c", SCRIPT, *(str(w) for w in words)]
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )


def finished(process: "subprocess.Popen[bytes]") -> int:
    _, output = process.communicate(timeout=120)
    assert b"Traceback" not in output, output.decode()
    return process.returncode


def killed_when(process: "subprocess.Popen[bytes]", happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not happened() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.005)
    assert process.poll() is None, "it ended before it could be killed"
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def test_killed_twice_and_run_again_it_ends_in_the_same_lake(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write(
        folder / "a.warc.gz",
        gz_each([response(f"http://w.test/{n}") for n in range(3)]) + b"garbage",
    )
    write(folder / "b.jsonl.gz", gzip.compress(lines(3) + b"not json\n"))
    always = ("--workers", 0, "--now", NOW.isoformat(), "--keep-raw", "--run-id", "r1")
    assert finished(started("backfill", folder, "--lake", tmp_path / "whole", *always)) == 3
    root = tmp_path / "killed"
    again = "backfill", folder, "--lake", root, *always
    killed_when(started(*again), lambda: any((root / "_raw").glob("_parts/*/*")))
    killed_when(started(*again), lambda: len(list(root.glob("_meta/commits/*.json"))) == 2)
    assert finished(started(*again)) == 3
    assert hashes(root, CLOCK) == hashes(tmp_path / "whole", CLOCK)
    assert raw_files(root) == raw_files(tmp_path / "whole")
    assert len(raw_files(root)) == 2
    (run,) = rows(root, "runs")
    assert (run["run_id"], run["articles_new"], run["articles_rejected"], run["status"]) == (
        "r1",
        6,
        2,
        "partial",
    )
    assert not any(root.glob("_meta/backfills/*"))


def test_a_backfill_without_a_run_id_is_resumed_under_its_earlier_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches_module, "BATCH_PAGES", 2)
    archive = write(tmp_path / "a.warc", plain([response(f"http://w.test/{n}") for n in range(4)]))
    plan = BackfillPlan(sources=find_sources([str(archive)]))

    class StoppedError(Exception):
        pass

    class Stop(Reporter):
        """Stops the job after its first commit."""

        def progress(self, progress: Progress) -> None:
            if progress.pages:
                raise StoppedError

    class Listen(Reporter):
        """Remembers the last word."""

        last: Progress | None = None

        def progress(self, progress: Progress) -> None:
            self.last = progress

    with pytest.raises(StoppedError):
        run_job(plan, options(tmp_path / "lake"), Stop())
    later = dataclasses.replace(
        options(tmp_path / "lake", run_id="b2"), now=datetime(2024, 5, 7, tzinfo=UTC)
    )
    heard = Listen()
    assert run_job(plan, later, heard).run_id == "b1"
    assert heard.last is not None
    assert (heard.last.pages_before, heard.last.pages) == (2, 4)
    fill(tmp_path / "whole", archive)
    assert hashes(tmp_path / "lake", CLOCK) == hashes(tmp_path / "whole", CLOCK)
    assert run_job(plan, later).run_id == "b2"
    assert hashes(tmp_path / "lake", CLOCK) == hashes(tmp_path / "whole", CLOCK)


# Buckets


@pytest.mark.usefixtures("s3")
def test_archives_in_a_bucket_are_read_like_files(tmp_path: Path) -> None:
    client = buckets.s3_at("").client
    with contextlib.suppress(client.exceptions.BucketAlreadyOwnedByYou):
        client.create_bucket(Bucket="archives")
    records = [response(f"http://w.test/{n}") for n in range(4)]
    inputs = {
        "in/a.warc.gz": gz_each(records),
        "in/deep/b.jsonl": lines(2),
        "in/c.jsonl.gz": gzip.compress(lines(2, "g.test")),
    }
    for name, data in inputs.items():
        client.put_object(Bucket="archives", Key=name, Body=data)
        write(tmp_path / name, data)
    fill(tmp_path / "local", tmp_path / "in")
    fill(tmp_path / "prefix", "s3://archives/in")
    fill(tmp_path / "globs", "s3://archives/in/*.gz", "s3://archives/in/deep/b.jsonl")
    expected = {row["url"] for row in rows(tmp_path / "local", "articles")}
    assert len(expected) == 8
    for name in ("prefix", "globs"):
        assert {row["url"] for row in rows(tmp_path / name, "articles")} == expected
    with open_source("s3://archives/in/a.warc.gz") as file:
        file.seek(len(gz_each(records[:2])))
        assert file.read() == gz_each(records[2:])
    with pytest.raises(ConfigError, match="no-such"):
        find_sources(["s3://archives/no-such.warc"])
