"""A rebuild changes what better rules change, and not a byte else.

A dry run tells the same and writes nothing.
"""

import dataclasses
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import transforms
from pipelines import cli
from pipelines.jobs import rebuild as rebuilding
from pipelines.jobs.backfill import BackfillPlan
from pipelines.jobs.ingest import IngestPlan
from pipelines.jobs.plan import Progress, Reporter
from pipelines.jobs.rebuild import RebuildPlan
from pipelines.jobs.run_options import RunOptions
from pipelines.jobs.runner import RunSummary, preview_job, run_job
from tests.helpers import web_site as web
from tests.helpers.lakes import hashes, rows
from tests.helpers.warc_files import gz_each, page_html, paragraphs, response
from transforms import clean
from transforms.core.archives.selection import Selection
from transforms.core.clean import strip
from transforms.core.clean.boilerplate_rules import BoilerplateRule, load_rules
from transforms.core.events import coder as coding
from transforms.core.events.coder import code_events
from transforms.core.extract import page as reading
from transforms.core.feeds.lists import read_feed_lists
from transforms.core.lake.encoding.arrow_rows import to_parquet
from transforms.core.lake.schema.tables import ARTICLES, STAMPS
from transforms.pool import PoolOptions
from transforms.records import Article, EventMention, Page
from transforms.sources import find_sources
from transforms.web import WebOptions

pytestmark = pytest.mark.slow

NOW = datetime(2024, 5, 6, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=3)
RUNS = frozenset({"runs"})
GAZETTE = "The harbour gazette is brought to you by the harbour board."
LIVE = {
    "/plain": page_html("Plain"),
    "/gazette": page_html("Gazette", *paragraphs("Gazette"), GAZETTE),
    "/wall": "<html lang='en'><head><title>Wall</title></head><body><nav>Home</nav></body></html>",
}


def options(lake: Path, *, run_id: str = "r1", now: datetime = NOW, **fields: Any) -> RunOptions:
    return RunOptions(lake=str(lake), now=now, run_id=run_id, pool=PoolOptions(size=0), **fields)


def again(
    lake: Path, *, run_id: str = "again", stage: str = "extract", **selected: Any
) -> RunSummary:
    """Rebuild a lake three days after it was made."""
    plan = RebuildPlan(selection=Selection(**selected), stage=stage)
    return run_job(plan, options(lake, run_id=run_id, now=LATER))


def preview(lake: Path, path: Path, **selected: Any) -> list[dict[str, Any]]:
    """Return what a rebuild would change, by URL."""
    path.touch()
    before = every_byte(lake)
    plan = RebuildPlan(selection=Selection(**selected))
    preview_job(plan, options(lake, now=LATER), path)
    assert every_byte(lake) == before
    return [json.loads(line) for line in path.read_text("utf8").splitlines()]


def every_byte(lake: Path) -> dict[str, str]:
    return {
        str(p): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(lake.rglob("*"))
        if p.is_file()
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lake of pages ingested and kept, archived and kept, and archived and not kept.

    Not to be written to.
    """
    lake, folder = tmp_path_factory.mktemp("lake"), tmp_path_factory.mktemp("in")
    items = "".join(f"<item><link>http://live.test{path}</link></item>" for path in LIVE)
    feed = f"<rss version='2.0'><channel><title>Feed</title>{items}</channel></rss>"
    routes = {path: web.respond(text) for path, text in LIVE.items()} | {
        "/robots.txt": web.status(404)
    }
    with web.serve(routes | {"/feed": web.respond(feed, kind="application/rss+xml")}) as site:
        net = WebOptions(connect_to=site.address, spacing_s=0, timeout_s=3)
        feeds = read_feed_lists(("http://live.test/feed",))
        run_job(IngestPlan.of_list(feeds), options(lake, web=net, keep_raw=True))
    first, second = ("2024-05-02T10:00:00Z", "2024-05-03T10:00:00Z")
    kept = [
        response("http://old.test/two", page_html("Two", *paragraphs("Two"), GAZETTE), date=first),
        response(
            "http://old.test/two", page_html("Two anew", *paragraphs("Two"), GAZETTE), date=second
        ),
        response(
            "http://old.test/half", page_html("Half", *paragraphs("Half"), GAZETTE), date=first
        ),
        response(
            "http://old.test/else", page_html("Else", published="2024-04-20T08:00:00Z"), date=first
        ),
    ]
    bare = [
        response("http://old.test/half", page_html("Half anew", *paragraphs("Half")), date=second),
        response("http://bare.test/1", page_html("Bare", *paragraphs("Bare"), GAZETTE), date=first),
    ]
    for name, records, keep in (("kept", kept, True), ("bare", bare, False)):
        (folder / f"{name}.warc.gz").write_bytes(gz_each(records))
        plan = BackfillPlan(sources=find_sources([str(folder / f"{name}.warc.gz")]))
        run_job(plan, options(lake, run_id=name, keep_raw=keep))
    return lake


@pytest.fixture
def lake(made: Path, tmp_path: Path) -> Path:
    """Return a copy of the lake."""
    return Path(shutil.copytree(made, tmp_path / "lake"))


def by_url(lake: Path, table: str = "articles") -> dict[str, dict[str, Any]]:
    return {row["url"]: row for row in rows(lake, table)}


def drop_gazette(patch: pytest.MonkeyPatch) -> None:
    """Have a rule more, that knows the last paragraph of some pages as boilerplate."""
    pattern = re.compile(re.escape(GAZETTE))
    rule = BoilerplateRule(
        name="gazette", language="en", scope="block", where="any", pattern=pattern
    )

    def more(language: str | None) -> tuple[BoilerplateRule, ...]:
        return (*load_rules(language), rule)

    patch.setattr(clean, "load_rules", more)
    patch.setattr(strip, "load_rules", more)


def drop_accusations(patch: pytest.MonkeyPatch) -> None:
    """Have events coded without those of one type."""
    code = code_events

    def fewer(*args: Any, **fields: Any) -> tuple[EventMention, ...]:
        return tuple(m for m in code(*args, **fields) if m.type != "ACCUSE")

    patch.setattr(coding, "code_events", fewer)


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {
        path.split("/")[0]
        for path in before.keys() | after.keys()
        if before.get(path) != after.get(path)
    }


def test_the_same_code_changes_no_byte(lake: Path) -> None:
    before = hashes(lake, RUNS)
    done = again(lake)
    assert (done.status, done.articles_new, done.rejects) == ("ok", 0, {})
    assert hashes(lake, RUNS) == before
    again(lake, run_id="again2", stage="events")
    assert hashes(lake, RUNS) == before


def test_a_dry_run_with_the_same_code_reports_no_change(lake: Path, tmp_path: Path) -> None:
    assert preview(lake, tmp_path / "changes") == []


KEPT_WITH_GAZETTE = {"http://live.test/gazette", "http://old.test/two"}
SAME = (
    "article_id",
    "first_seen_at",
    "seen_at",
    "feed_ids",
    "next_revisit_at",
    "raw_uri",
    "story_id",
    "published_date",
    "version",
)


def test_a_better_rule_changes_the_articles_it_is_about_and_no_other(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    was = by_url(lake)
    assert all(GAZETTE in was[url]["body"] for url in KEPT_WITH_GAZETTE)
    drop_gazette(monkeypatch)
    again(lake)
    now = by_url(lake)
    assert {url for url in now if now[url] != was[url]} == KEPT_WITH_GAZETTE
    for url in KEPT_WITH_GAZETTE:
        assert now[url]["body"] == was[url]["body"].removesuffix("\n\n" + GAZETTE)
        assert now[url]["run_id"] == "again"
        assert {k: now[url][k] for k in SAME} == {k: was[url][k] for k in SAME}


def test_a_text_improved_by_a_rebuild_is_not_an_edit_of_the_newsroom(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def versions() -> dict[str, list[dict[str, Any]]]:
        ids = {row["article_id"]: url for url, row in by_url(lake).items()}
        found: dict[str, list[dict[str, Any]]] = {}
        for row in sorted(rows(lake, "article_versions"), key=lambda r: r["version"]):
            found.setdefault(ids[row["article_id"]], []).append(row)
        return found

    was = versions()
    assert [
        len(was[url])
        for url in ("http://live.test/gazette", "http://old.test/two", "http://old.test/half")
    ] == [
        1,
        2,
        2,
    ]
    drop_gazette(monkeypatch)
    again(lake)
    now = versions()
    for url, before in was.items():
        assert [(v["version"], v["seen_at"], v["title"]) for v in now[url]] == [
            (v["version"], v["seen_at"], v["title"]) for v in before
        ]
    assert not any(GAZETTE in v["body"] for url in KEPT_WITH_GAZETTE for v in now[url])
    assert [GAZETTE in v["body"] for v in now["http://old.test/half"]] == [False, False]


def test_events_keep_their_ids_and_their_makers_where_they_say_the_same(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    was = {m["mention_id"]: m for m in rows(lake, "event_mentions")}
    events = {e["event_id"] for e in rows(lake, "events")}
    drop_gazette(monkeypatch)
    again(lake)
    now = {m["mention_id"]: m for m in rows(lake, "event_mentions")}
    assert now.keys() == was.keys()
    assert {e["event_id"] for e in rows(lake, "events")} == events
    follows = {"body_sha256", *STAMPS}
    for key, mention in now.items():
        assert {k: v for k, v in mention.items() if k not in follows} == {
            k: v for k, v in was[key].items() if k not in follows
        }


@pytest.mark.parametrize("stage", ["extract", "events"])
def test_better_event_rules_reach_every_article_and_touch_no_text(
    stage: str, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, texts = hashes(lake, RUNS), by_url(lake)
    gone = {m["mention_id"] for m in rows(lake, "event_mentions") if m["type"] == "ACCUSE"}
    others = {m["mention_id"]: m for m in rows(lake, "event_mentions") if m["type"] != "ACCUSE"}
    assert {m["article_id"] for m in rows(lake, "event_mentions") if m["type"] == "ACCUSE"} == {
        row["article_id"] for row in texts.values()
    }
    drop_accusations(monkeypatch)
    again(lake, stage=stage)
    now = {m["mention_id"]: m for m in rows(lake, "event_mentions")}
    assert now.keys() == others.keys()
    assert not gone & now.keys()
    assert {m["run_id"] for m in now.values()} == {m["run_id"] for m in others.values()}
    assert "article_versions" not in changed(before, hashes(lake, RUNS))
    for url, row in by_url(lake).items():
        assert {k: v for k, v in row.items() if k not in {"event_count", *STAMPS}} == {
            k: v for k, v in texts[url].items() if k not in {"event_count", *STAMPS}
        }


def test_a_dry_run_reports_the_changes_that_a_rebuild_makes(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop_gazette(monkeypatch)
    report = preview(lake, tmp_path / "one")
    assert {c["url"] for c in report} == KEPT_WITH_GAZETTE
    assert all(
        c["paragraphs_gone"] == [GAZETTE] and not c["paragraphs_new"] and not c["columns"]
        for c in report
    )
    assert not any(c["events_gone"] or c["events_new"] for c in report)
    again(lake)
    assert preview(lake, tmp_path / "two") == []


def test_a_dry_run_reports_pages_that_cannot_be_read(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [
        "rebuild",
        "--lake",
        str(lake),
        "--workers",
        "0",
        "--now",
        LATER.isoformat(),
        "--dry-run",
    ]
    assert cli.run(command) == 0
    assert "rejected" not in capsys.readouterr().err
    for kept in lake.glob("_raw/*/*.warc.gz"):
        kept.write_bytes(kept.read_bytes()[:100])
    before = every_byte(lake)
    assert cli.run(command) == 3
    assert "pages would be rejected: E_ARCHIVE_DAMAGED" in capsys.readouterr().err
    assert every_byte(lake) == before


HOSTILE_URIS = (
    "../outside/secret.warc.gz#1@0",
    "{outside}/secret.warc.gz#1@0",
    "_raw/../../outside/secret.warc.gz#1@0",
    "_meta/lake.json#1@0",
    "_raw/day=2024-05-06/r1.warc.gz#1@100000000000000000000000",
    "nothing at all",
)


def set_raw_uris(lake: Path, uris: dict[str, str]) -> None:
    """Replace the `raw_uri` of articles, by URL."""
    for path in lake.glob("articles/*/*.parquet"):
        found = pq.ParquetFile(path).read().to_pylist()
        for row in found:
            row["raw_uri"] = uris.get(row["canonical_url"], row["raw_uri"])
        path.write_bytes(to_parquet(pa.Table.from_pylist(found, schema=ARTICLES.schema)))


def test_a_raw_uri_that_leaves_the_kept_pages_is_a_reject_and_nothing_else_is_lost(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = lake.parent / "outside"
    outside.mkdir()
    secret = response("http://old.test/two", page_html("Secret", *paragraphs("Secret")))
    (outside / "secret.warc.gz").write_bytes(gz_each([secret]))
    was = by_url(lake)
    # The newest page of an article: its older ones, and the pages of the others, are as they were.
    uris = {
        url: uri.format(outside=outside)
        for url, uri in zip(sorted(was), HOSTILE_URIS, strict=False)
    }
    uris.pop("http://live.test/gazette", None)
    set_raw_uris(lake, uris)
    drop_gazette(monkeypatch)
    done = again(lake)
    assert done.rejects == {"E_ARCHIVE_DAMAGED": len(uris)}
    new = [row for row in rows(lake, "rejects") if row["run_id"] == "again"]
    assert all("is not the place of a kept page" in row["error_message"] for row in new)
    now = by_url(lake)
    assert now.keys() == was.keys()
    assert not [url for url, row in now.items() if "Secret" in f"{row['title']} {row['body']}"]
    assert GAZETTE not in now["http://live.test/gazette"]["body"]


def test_a_file_of_kept_pages_that_is_a_link_is_a_reject_and_nothing_else_is_lost(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = by_url(lake)["http://old.test/two"]["raw_uri"]
    kept = lake / uri.partition("#")[0]
    kept.rename(lake.parent / "moved")
    kept.symlink_to(lake.parent / "moved")
    drop_gazette(monkeypatch)
    assert again(lake).rejects == {"E_ARCHIVE_DAMAGED": 1}
    assert GAZETTE not in by_url(lake)["http://live.test/gazette"]["body"]


@pytest.mark.parametrize("words", [["rebuild"], ["rebuild", "--dry-run"], ["replay"]])
def test_a_missing_lake_is_not_created(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run([*words, "--lake", str(tmp_path / "mistyped")]) == 2
    assert "no lake here" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_names_an_article_of_which_only_events_change(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop_accusations(monkeypatch)
    report = preview(lake, tmp_path / "changes")
    assert {c["url"] for c in report} == set(by_url(lake))
    assert all(
        [e["type"] for e in c["events_gone"]] == ["ACCUSE"] and not c["events_new"] for c in report
    )
    assert not any(c["columns"] or c["paragraphs_gone"] or c["paragraphs_new"] for c in report)


@pytest.mark.parametrize(
    ("selected", "expected"),
    [
        ({"sites": frozenset({"live.test"})}, {"http://live.test/gazette"}),
        ({"sites": frozenset({"bare.test"})}, set()),
        ({"start": date(2024, 5, 2)}, set()),
        ({"end": date(2024, 5, 1)}, KEPT_WITH_GAZETTE),
        ({"start": date(2024, 5, 1), "end": date(2024, 5, 1)}, KEPT_WITH_GAZETTE),
    ],
)
def test_only_requested_days_and_sites_are_processed(
    selected: dict[str, Any], expected: set[str], lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop_gazette(monkeypatch)
    again(lake, **selected)
    assert {url for url, row in by_url(lake).items() if row["run_id"] == "again"} == expected


def test_better_rules_recover_articles_of_rejected_pages(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = hashes(lake, RUNS)
    read = reading.extract_article

    def better(page: Page, **fields: Any) -> Article:
        if page.entry.url.endswith("/wall"):
            page = dataclasses.replace(page, content=page_html("Won back").encode())
        return read(page, **fields)

    monkeypatch.setattr(reading, "extract_article", better)
    assert again(lake, start=date(2024, 5, 9)).articles_new == 0
    assert hashes(lake, RUNS) == before
    assert again(lake, run_id="again2").articles_new == 1
    (row,) = [row for url, row in by_url(lake).items() if url.endswith("/wall")]
    assert (row["title"], row["first_seen_at"], row["feed_ids"]) == (
        "Won back",
        NOW,
        by_url(lake)["http://live.test/plain"]["feed_ids"],
    )
    after = hashes(lake, RUNS)
    again(lake, run_id="again3")
    assert hashes(lake, RUNS) == after


def test_an_article_whose_page_gives_no_text_any_more_is_kept_and_the_page_is_a_reject(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    was, read = by_url(lake), reading.extract_article

    def worse(page: Page, **fields: Any) -> Article:
        return read(dataclasses.replace(page, content=LIVE["/wall"].encode()), **fields)

    monkeypatch.setattr(reading, "extract_article", worse)
    done = again(lake)
    assert done.status == "partial"
    assert by_url(lake) == was
    new = [row for row in rows(lake, "rejects") if row["run_id"] == "again"]
    assert {row["url"] for row in new} == was.keys() - {"http://bare.test/1"}
    assert {row["reason"] for row in new} == {"E_EXTRACT_EMPTY"}


def test_a_rebuild_stopped_and_started_again_recovers_the_same_articles(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "BATCH_ARTICLES", 1)
    drop_gazette(monkeypatch)
    other = Path(shutil.copytree(lake, tmp_path / "other"))
    again(other)
    days = []

    class StoppedError(Exception):
        pass

    class Stop(Reporter):
        """Stops the job after its next commit."""

        def progress(self, progress: Progress) -> None:
            if progress.pages > progress.pages_before:
                days.append(progress)
                raise StoppedError

    for _ in range(3):
        with pytest.raises(StoppedError):
            run_job(RebuildPlan(), options(lake, run_id="again", now=LATER), Stop())
    again(lake, run_id="another name")
    assert hashes(lake, RUNS) == hashes(other, RUNS)
    assert [row["run_id"] for row in rows(lake, "runs") if row["kind"] == "rebuild"] == ["again"]
    assert not any(lake.glob("_meta/backfills/*"))


RULE = """
[[rule]]
name = "harbour-gazette"
pattern = "the harbour gazette is brought to you by .*"
drops = ["The harbour gazette is brought to you by the harbour board."]
keeps = ["The harbour gazette is read by all."]
"""


def newsbeam(root: Path, *words: object) -> "subprocess.Popen[str]":
    """Start a command of the code in a folder."""
    command = [
        sys.executable,
        "-c",
        "from pipelines.cli.app import main; main()",
        *(str(w) for w in words),
    ]
    environment = os.environ | {"PYTHONPATH": str(root), "NO_COLOR": "1"}
    return subprocess.Popen(
        command,
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def output_of(process: "subprocess.Popen[str]") -> str:
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return out


def killed_when(process: "subprocess.Popen[str]", happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not happened() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.005)
    assert process.poll() is None, "it ended before it could be killed"
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def test_a_new_rule_is_previewed_then_applied_and_recorded_in_the_pipeline_version(
    lake: Path, tmp_path: Path
) -> None:
    root = tmp_path / "code"
    for name in ("pipelines", "transforms"):
        shutil.copytree(Path(transforms.__file__).parent.parent / name, root / name)
    rules = root / "transforms" / "rules" / "boilerplate" / "en.toml"
    rules.write_text(rules.read_text("utf8") + RULE, "utf8")
    words = ("rebuild", "--lake", lake, "--workers", 0, "--now", LATER.isoformat())
    before = every_byte(lake)
    report = output_of(newsbeam(root, *words, "--dry-run"))
    assert every_byte(lake) == before
    assert (
        "2 articles change; paragraphs: 2 removed, 0 added; event mentions: 0 removed, 0 added"
        in report
    )
    assert report.count(f"- {GAZETTE}") == 2
    commits = len(list(lake.glob("_meta/commits/*.json")))
    killed_when(
        newsbeam(root, *words), lambda: len(list(lake.glob("_meta/commits/*.json"))) > commits
    )
    output_of(newsbeam(root, *words))
    now = by_url(lake)
    assert {url for url, row in now.items() if GAZETTE in (row["body"] or "")} == {
        "http://bare.test/1"
    }
    versions = {row["pipeline_version"] for url, row in now.items() if url in KEPT_WITH_GAZETTE}
    (others,) = {
        row["pipeline_version"] for url, row in now.items() if url not in KEPT_WITH_GAZETTE
    }
    assert len(versions) == 1
    assert others not in versions
