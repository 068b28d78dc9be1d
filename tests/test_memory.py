"""The memory of sites through the lake: what one run learns, the next knows.

A lake does not depend on how it ran.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from pipelines.jobs.ingest import IngestPlan
from pipelines.jobs.run_options import RunOptions
from pipelines.jobs.runner import run_job
from tests.helpers import web_site as web
from tests.helpers.lakes import NETWORK, article, coded, hashes, make_batch, make_lake, rows, run_of
from tests.helpers.synthetic_sites import Story, SyntheticSite, newspaper, paragraphs, recipe_site
from transforms.core.clean.outline import outline_of
from transforms.core.clean.site_memory import learn_site
from transforms.core.feeds.lists import read_feed_lists
from transforms.pool import PoolOptions
from transforms.web import WebOptions

pytestmark = pytest.mark.slow

NOW = datetime(2024, 5, 6, 12, tzinfo=UTC)


def routes(site: SyntheticSite, stories: Sequence[Story]) -> dict[str, web.Answer]:
    links = [f"http://{site.domain}/{s.name}" for s in stories]
    items = "".join(
        f"<item><title>Story</title><link>{escape(link)}</link></item>" for link in links
    )
    feed = web.respond(
        f"<rss version='2.0'><channel>{items}</channel></rss>", kind="application/rss+xml"
    )
    pages = {f"{site.domain}/{s.name}": web.respond(s.html(site.domain)) for s in site.stories}
    return {f"{site.domain}/feed": feed, "/robots.txt": web.status(404), **pages}


def run(
    site: SyntheticSite, stories: Sequence[Story], lake: Path, number: int, workers: int = 1
) -> None:
    with web.serve(routes(site, stories)) as server:
        options = RunOptions(
            lake=str(lake),
            now=NOW + timedelta(hours=2 * number),
            run_id=f"r{number}",
            web=WebOptions(connect_to=server.address, spacing_s=0, timeout_s=5),
            pool=PoolOptions(size=workers),
        )
        feeds = read_feed_lists((f"http://{site.domain}/feed",))
        run_job(IngestPlan.of_list(feeds), options)


def bodies(lake: Path) -> dict[str, list[str]]:
    return {
        r["canonical_url"].rsplit("/", 1)[1]: r["body"].split("\n\n")
        for r in rows(lake, "articles")
    }


def test_a_run_cleans_by_its_own_articles_and_by_those_before_it(tmp_path: Path) -> None:
    site = newspaper(7)
    run(site, site.stories[:6], tmp_path, 1)
    run(site, site.stories, tmp_path, 2)
    assert bodies(tmp_path) == {s.name: s.own for s in site.stories}
    reasons = {r["reason"] for a in rows(tmp_path, "articles") for r in a["removed"]}
    assert "site-memory" in reasons
    boilerplate = {
        r["sample"] for r in rows(tmp_path, "site_blocks") if r["verdict"] == "boilerplate"
    }
    assert boilerplate == set(site.boilerplate)
    assert all(r["memory_version"] for r in rows(tmp_path, "articles"))


def test_titles_of_lists_stay_in_a_language_without_rules(tmp_path: Path) -> None:
    site = recipe_site()
    run(site, site.stories, tmp_path, 1)
    for story in site.stories:
        body = bodies(tmp_path)[story.name]
        assert set(site.traps) <= set(body)
        assert not set(site.boilerplate) & set(body)


def test_the_same_run_remembers_the_same_whatever_its_workers(tmp_path: Path) -> None:
    site = newspaper(5)
    run(site, site.stories, tmp_path / "one", 1, workers=1)
    run(site, site.stories[::-1], tmp_path / "two", 1, workers=2)
    assert hashes(tmp_path / "one", NETWORK) == hashes(tmp_path / "two", NETWORK)


def test_articles_that_come_one_by_one_teach_what_they_teach_at_once(tmp_path: Path) -> None:
    site = newspaper(6)
    lake = make_lake(tmp_path)
    for n, story in enumerate(site.stories):
        found = story.article(site.domain)
        learned = learn_site(
            site.domain, [outline_of(found)], dict(lake.site_blocks({site.domain}))[site.domain]
        )
        lake.merge(make_batch(coded(found), run=run_of(f"r{n}"), site_blocks=learned.blocks))
    boilerplate = {
        b.sample
        for b in dict(lake.site_blocks({site.domain}))[site.domain]
        if b.verdict == "boilerplate"
    }
    assert boilerplate == set(site.boilerplate)
    assert list(lake.site_blocks({"other.test"})) == [("other.test", [])]


def test_the_fingerprints_of_a_day_are_read_from_the_lake(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    long = " ".join(newspaper().stories[0].own)
    lake.merge(make_batch(coded(article("http://a.test/1", long))))
    assert [(site, i) for site, i, _ in lake.fingerprints([NOW.date()])] == [
        ("a.test", rows(tmp_path, "articles")[0]["article_id"])
    ]


def profile_story(name: str, who: str, seed: int) -> Story:
    event = (
        f"{who} accused Libya on Monday of a breach of the border treaty, and ministers met "
        "in Nairobi at once."
    )
    own = [event, *paragraphs(seed, 3)]
    return Story(name, own, own)


def test_a_person_is_identified_from_earlier_articles_and_those_of_the_batch(
    tmp_path: Path,
) -> None:
    site = SyntheticSite(
        "post.test",
        [
            profile_story("one", "Kenyan President Amina Otieno", 1),
            profile_story("two", "Kenyan President Amina Otieno", 2),
            profile_story("three", "Amina Otieno", 3),
            profile_story("four", "Joseph Mwangi", 4),
            profile_story("five", "Amina Otieno", 5),
        ],
        (),
    )
    run(site, site.stories[:4], tmp_path, 1)
    run(site, site.stories, tmp_path, 2)
    names = {
        r["article_id"]: r["canonical_url"].rsplit("/", 1)[1] for r in rows(tmp_path, "articles")
    }
    found = {
        names[m["article_id"]]: m["actor_country"]
        for m in rows(tmp_path, "event_mentions")
        if m["type"] == "ACCUSE"
    }
    assert found == {"one": "KEN", "two": "KEN", "three": "KEN", "four": None, "five": "KEN"}
    (person,) = rows(tmp_path, "persons")
    assert (person["name"], person["country"], person["sector"], person["articles_seen"]) == (
        "Amina Otieno",
        "KEN",
        "GOV",
        2,
    )
