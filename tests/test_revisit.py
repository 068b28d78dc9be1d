"""Articles are looked at again: what changed becomes a version, what is gone or walled off stays as
it was.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.jobs.ingest import IngestPlan
from pipelines.jobs.page_stages import entry_of, owed_page
from pipelines.jobs.run_options import RunOptions
from pipelines.jobs.runner import RunSummary, run_job
from tests.helpers import web_site as web
from tests.helpers.lakes import NETWORK, article, hashes, rows
from tests.helpers.newspapers import LEDE, REST, feed, page
from transforms.clock import RunClock
from transforms.core.feeds.lists import read_feed_lists
from transforms.core.lake.schema.tables import STAMPS
from transforms.core.revisits import REVISIT_AFTER, later_revisit, next_revisit
from transforms.pool import PoolOptions
from transforms.records import CodingInput
from transforms.web import WebOptions

pytestmark = pytest.mark.slow

NOW = datetime(2024, 5, 6, 12, tzinfo=UTC)
ADDED = (
    "Kenyan police arrested two French engineers in Nairobi on Monday evening, a police "
    "spokesman said."
)
WALL = (
    "<html><body><article><h1>Talks</h1><p>Subscribe to read this "
    "article.</p></article></body></html>"
)


@pytest.fixture
def site() -> Iterator[web.Site]:
    routes = {
        "post.test/feed": feed("http://post.test/talks"),
        "post.test/talks": page("Talks on the harbour", LEDE, *REST),
        "/robots.txt": web.status(404),
    }
    with web.serve(routes) as found:
        yield found


def run(
    site: web.Site,
    lake: Path,
    after: timedelta = timedelta(),
    *,
    revisit: bool = True,
    requests_until: float | None = None,
    work_until: float | None = None,
) -> RunSummary:
    options = RunOptions(
        lake=str(lake),
        now=NOW + after,
        run_id=f"r{after.total_seconds():.0f}",
        web=WebOptions(connect_to=site.address, spacing_s=0, timeout_s=30, deadline=requests_until),
        pool=PoolOptions(size=0, deadline=work_until),
    )
    feeds = read_feed_lists(("http://post.test/feed",))
    return run_job(IngestPlan.of_list(feeds, revisit=revisit), options)


def test_fault_19_a_text_that_changed_is_a_new_version_of_the_same_article(
    site: web.Site, tmp_path: Path
) -> None:
    run(site, tmp_path)
    (before,) = rows(tmp_path, "articles")
    site.routes["post.test/talks"] = page("Talks on the harbour end in arrests", LEDE, ADDED, *REST)
    run(site, tmp_path, timedelta(hours=7))
    (after,) = rows(tmp_path, "articles")
    assert after["article_id"] == before["article_id"]
    assert (before["version"], after["version"]) == (1, 2)
    assert after["first_seen_at"] == before["first_seen_at"] == NOW
    assert ADDED in after["body"]
    assert any(m["trigger"] == "arrested" for m in rows(tmp_path, "event_mentions"))
    first, second = sorted(rows(tmp_path, "article_versions"), key=lambda r: r["version"])
    assert (second["title_changed"], second["chars_removed"]) == (True, 0)
    assert second["chars_added"] > 0.8 * len(ADDED)
    assert (first["body"], second["body"]) == (before["body"], after["body"])


def test_revisits_come_after_hours_a_day_and_a_week_and_then_end(
    site: web.Site, tmp_path: Path
) -> None:
    run(site, tmp_path)
    plans = [rows(tmp_path, "articles")[0]["next_revisit_at"]]
    for wait in (timedelta(hours=5), *REVISIT_AFTER, timedelta(days=9)):
        run(site, tmp_path, wait)
        plans.append(rows(tmp_path, "articles")[0]["next_revisit_at"])
    assert plans == [
        NOW + REVISIT_AFTER[0],
        NOW + REVISIT_AFTER[0],
        NOW + REVISIT_AFTER[1],
        NOW + REVISIT_AFTER[2],
        None,
        None,
    ]
    requests = site.requests_for("/talks")
    assert len(requests) == 1 + len(REVISIT_AFTER)
    assert ["If-Modified-Since" in one.headers for one in requests] == [False, True, True, True]
    assert len(rows(tmp_path, "article_versions")) == 1


@pytest.mark.parametrize(
    "answer",
    [web.status(304), web.status(404), web.status(500), web.respond(WALL), web.hang_up()],
    ids=["unchanged", "gone", "broken", "walled", "hung up"],
)
def test_a_page_that_is_not_the_article_any_more_leaves_it_unchanged(
    site: web.Site, tmp_path: Path, answer: web.Answer
) -> None:
    run(site, tmp_path)
    before = hashes(tmp_path, NETWORK | {"articles"})
    (row,) = rows(tmp_path, "articles")
    site.routes["post.test/talks"] = answer
    assert run(site, tmp_path, REVISIT_AFTER[0]).rejects == {}
    assert hashes(tmp_path, NETWORK | {"articles"}) == before
    (now,) = rows(tmp_path, "articles")
    assert {name for name in row if row[name] != now[name]} == {"next_revisit_at", *STAMPS}
    assert now["next_revisit_at"] == NOW + REVISIT_AFTER[1]


LATE_S = 25.0
"""Longer than the run's time for requests, which is long enough to begin them on a busy machine."""


@pytest.mark.parametrize(
    ("late_s", "requests_s", "work_s"),
    [(LATE_S, 12.0, 3600.0), (0.0, 3600.0, -1.0), (0.0, -1.0, 3600.0)],
    ids=["fetching", "reading", "not begun"],
)
def test_a_revisit_that_the_deadline_cuts_off_is_due_in_the_next_run(
    site: web.Site, tmp_path: Path, late_s: float, requests_s: float, work_s: float
) -> None:
    run(site, tmp_path)
    before = hashes(tmp_path, NETWORK)
    changed = page("Talks on the harbour end in arrests", LEDE, ADDED, *REST)
    site.routes["post.test/talks"] = web.late(changed, late_s)
    site.routes["post.test/feed"] = web.status(304)
    cut_off = run(
        site,
        tmp_path,
        timedelta(hours=7),
        requests_until=time.time() + requests_s,
        work_until=time.time() + work_s,
    )
    assert cut_off.rejects == {}
    (row,) = rows(tmp_path, "articles")
    assert (row["version"], row["next_revisit_at"]) == (1, NOW + REVISIT_AFTER[0])
    assert hashes(tmp_path, NETWORK | {"feeds"}).items() <= before.items()
    site.routes["post.test/talks"] = changed
    run(site, tmp_path, timedelta(hours=8))
    (row,) = rows(tmp_path, "articles")
    assert (row["version"], row["next_revisit_at"]) == (2, NOW + REVISIT_AFTER[1])


def test_what_is_cut_off_is_due_and_what_was_done_before_is_not(
    site: web.Site, tmp_path: Path
) -> None:
    site.routes["post.test/feed"] = feed("http://post.test/talks", "http://post.test/more")
    site.routes["post.test/more"] = page("More of the talks", *REST, ADDED)
    run(site, tmp_path)
    site.routes["post.test/more"] = web.late(web.status(304), LATE_S)
    run(site, tmp_path, timedelta(hours=7), requests_until=time.time() + 12)
    planned = {r["url"]: r["next_revisit_at"] for r in rows(tmp_path, "articles")}
    assert planned == {
        "http://post.test/talks": NOW + REVISIT_AFTER[1],
        "http://post.test/more": NOW + REVISIT_AFTER[0],
    }


def test_an_article_that_is_not_coded_in_time_is_owed_by_its_feed_or_by_none() -> None:
    of_feed = replace(article("http://post.test/talks"), feed_ids=("feed",))
    entry = entry_of(CodingInput(article=of_feed))
    (owed,) = owed_page(entry, RunClock("r1", NOW))
    assert (owed.url, owed.feed_id, owed.not_before) == (of_feed.url, of_feed.feed_ids[0], NOW)
    revisited = entry_of(CodingInput(article=replace(of_feed, feed_ids=())))
    assert list(owed_page(revisited, RunClock("r1", NOW))) == []
    assert revisited.url_key == of_feed.url_key


def test_revisits_can_be_turned_off(site: web.Site, tmp_path: Path) -> None:
    run(site, tmp_path)
    run(site, tmp_path, timedelta(days=1), revisit=False)
    assert len(site.requests_for("/talks")) == 1


def test_an_article_that_was_old_when_first_seen_is_not_revisited() -> None:
    assert next_revisit(NOW - timedelta(days=8), NOW, NOW) is None
    assert next_revisit(NOW - timedelta(days=6), NOW, NOW) == NOW + REVISIT_AFTER[0]
    assert next_revisit(None, NOW, NOW + REVISIT_AFTER[1]) == NOW + REVISIT_AFTER[2]
    assert later_revisit(NOW, None) is None
    assert later_revisit(NOW, NOW + REVISIT_AFTER[0]) == NOW + REVISIT_AFTER[0]
