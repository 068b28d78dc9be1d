import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner
from apache_beam.testing.test_pipeline import TestPipeline

from tests.collected import collect, collected
from tests.site import Site, respond, serve, slow, status, with_etag
from transforms.core.feeds.lists import feed_source
from transforms.core.feeds.poll import new_state
from transforms.feeds import PollFeeds
from transforms.records import FeedState, OwedPage
from transforms.web import WebOptions

NOW = datetime(2022, 10, 11, 12, tzinfo=UTC)
RSS = (
    "<rss version='2.0'><channel><title>News</title><item><link>/1</link><title>One</title></item>"
    "<item><link>/2</link></item></channel></rss>"
)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serve({"/rss": with_etag(RSS, '"1"'), "/html": respond("<html>log in"), "/slow": slow()}) as running:
        running.routes |= {"/broken": respond(RSS[:-40] + "<item><", kind="text/xml"), "/500": status(500)}
        running.routes["/empty"] = respond(b"")
        yield running


def run(states: list[FeedState], site: Site, now: datetime = NOW) -> dict[str, list[Any]]:
    web = WebOptions(connect_to=site.address, spacing_s=0, timeout_s=1)
    with TestPipeline(runner=FnApiRunner()) as pipeline:
        polled = pipeline | "States" >> beam.Create(states) | "Poll" >> PollFeeds(web=web, now=now, run_id="r")
        number = collect(polled)
    return collected(number)


def feed(url: str) -> FeedState:
    return new_state(feed_source(url), NOW)


def test_a_feed_is_polled_then_not_modified(site: Site) -> None:
    out = run([feed("http://a.test/rss")], site)
    assert sorted(one.url for one in out["entries"]) == ["http://a.test/1", "http://a.test/2"]
    (state,), (row,) = out["states"], out["fetches"]
    assert (row.status, row.kind, row.items_seen, row.feed_id) == ("ok", "feed", 2, state.source.feed_id)
    assert run([state], site) == {}
    later = run([state], site, NOW + timedelta(hours=1))
    assert set(later) == {"states", "fetches"}
    assert (later["fetches"][0].status, later["fetches"][0].http_status) == ("not_modified", 304)


def test_failing_feeds_are_told_apart_and_harm_none(site: Site) -> None:
    paths = ["html", "slow", "broken", "500", "empty", "none", "rss"]
    out = run([feed(f"http://{path}.test/{path}") for path in paths], site)
    assert {one.url.rsplit("/", 1)[1]: one.reason for one in out["rejects"]} == {
        "html": "E_FEED_IS_HTML",
        "slow": "E_FETCH_TIMEOUT",
        "500": "E_FETCH_HTTP_500",
        "empty": "E_FEED_EMPTY",
        "none": "E_FETCH_HTTP_404",
    }
    assert len(out["states"]) == len(out["fetches"]) == 7
    assert {one.url.split("/")[2] for one in out["entries"]} == {"broken.test", "rss.test"}


def test_owed_pages_come_even_when_the_feed_rests_or_fails(site: Site) -> None:
    def owing(url: str) -> FeedState:
        state = feed(url)
        owed = [("http://a.test/1", -1), ("http://a.test/9", 2)]
        pages = [
            OwedPage(feed_id=state.source.feed_id, url=one, attempt=2, not_before=NOW + timedelta(hours=hours))
            for one, hours in owed
        ]
        return replace(state, pending=tuple(pages))

    resting = replace(owing("http://resting.test/rss"), next_due_at=NOW + timedelta(hours=1))
    out = run([resting, owing("http://failing.test/500"), owing("http://a.test/rss")], site)
    assert [(one.url, one.attempt) for one in out["owed"]] == [("http://a.test/1", 2)] * 3
    assert sorted(one.title or "" for one in out["owed"]) == ["", "", "One"]
    assert [one.url for one in out["entries"]] == ["http://a.test/2"]
    assert {page.url for state in out["states"] for page in state.pending} == {"http://a.test/9"}
    assert len(out["states"]) == 3


def test_feeds_of_a_site_that_asks_for_an_hour_are_put_off_unharmed(site: Site) -> None:
    site.routes["busy.test/429"] = status(429, Retry_After="3600")
    out = run([feed(f"http://busy.test/429?{n}") for n in range(20)], site)
    assert len(out["states"]) == 20
    assert {state.next_due_at for state in out["states"]} == {NOW + timedelta(hours=1)}
    put_off = [state for state in out["states"] if not state.consecutive_failures]
    assert len(put_off) == 20 - len(site.asked("busy.test/429")) >= 18
    assert {(state.health, state.last_fetch_at) for state in put_off} == {("ok", None)}


def test_states_and_rows_can_be_stored_whatever_the_headers(site: Site) -> None:
    bad = "\xff\x80"
    site.routes["odd.test/rss"] = respond(RSS, kind=f"text/xml; charset={bad}", ETag=bad, Last_Modified=bad)
    site.routes["odd.test/html"] = respond("<html>", kind=bad, ETag=bad)
    site.routes["odd.test/none"] = respond("", kind=bad, code=404)
    out = run([feed(f"http://odd.test/{path}") for path in ("rss", "html", "none")], site)
    rows = [asdict(row) for name in ("states", "fetches", "rejects") for row in out[name]]
    assert json.dumps(rows, default=str, ensure_ascii=False).encode()
    assert {state.etag for state in out["states"]} == {None}
    assert "\ufffd\ufffd" in {row.etag for row in out["fetches"]}
