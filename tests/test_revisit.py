"""Articles are looked at again: what changed becomes a version, what is gone or walled off stays as
it was.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.jobs.ingest import IngestPlan
from pipelines.jobs.run_options import RunOptions
from pipelines.jobs.runner import RunSummary, run_job
from tests.helpers import web_site as web
from tests.helpers.lakes import NETWORK, hashes, rows
from tests.helpers.newspapers import LEDE, REST, feed, page
from transforms.core.feeds.lists import read_feed_lists
from transforms.core.lake.schema.tables import STAMPS
from transforms.core.revisits import REVISIT_AFTER, later_revisit, next_revisit
from transforms.pool import PoolOptions
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
    site: web.Site, lake: Path, after: timedelta = timedelta(), *, revisit: bool = True
) -> RunSummary:
    options = RunOptions(
        lake=str(lake),
        now=NOW + after,
        run_id=f"r{after.total_seconds():.0f}",
        web=WebOptions(connect_to=site.address, spacing_s=0, timeout_s=5),
        pool=PoolOptions(size=0),
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
