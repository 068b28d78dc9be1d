import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import apache_beam as beam
import pytest
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner
from apache_beam.testing.test_pipeline import TestPipeline

from tests.helpers.beam_outputs import collect, collected
from tests.helpers.web_site import Site, hang_up, redirect, respond, serve, status
from transforms.clock import RunClock
from transforms.core.feeds.lists import feed_source
from transforms.core.feeds.states import new_state
from transforms.core.urls import url_key
from transforms.feeds import fetch_row as feed_row
from transforms.fetch import FetchPages, fetch_row, pending_page
from transforms.records import FeedEntry, Fetch, Page, PendingPage, Reject
from transforms.web import WebError, WebOptions

pytestmark = pytest.mark.slow

NOW = datetime(2022, 10, 11, 12, tzinfo=UTC)


def entry(url: str, attempt: int = 0) -> FeedEntry:
    return FeedEntry(url=url, url_key=url_key(url), feed_id="f", first_seen_at=NOW, attempt=attempt)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serve({"/ok": respond("<p>news", kind="text/html; charset=UTF-8", ETag='"1"')}) as running:
        running.routes |= {
            "/500": status(500),
            "/cut": hang_up(),
            "/pdf": respond(b"%PDF", kind="application/pdf"),
        }
        running.routes["no.test/robots.txt"] = respond(
            "User-agent: *\nDisallow: /", kind="text/plain"
        )
        yield running


class Out(NamedTuple):
    """What a run gave, by output."""

    pages: list[Page]
    fetches: list[Fetch]
    queued: list[PendingPage]
    rejects: list[Reject]
    others: list[Fetch]
    """Rows of the requests on the way: robots.txt and redirects."""


def run(entries: list[FeedEntry], site: Site, **options: Any) -> Out:
    web = WebOptions(connect_to=site.address, **{"spacing_s": 0, "timeout_s": 2, **options})
    with TestPipeline(runner=FnApiRunner()) as pipeline:
        fetched = (
            pipeline
            | "Entries" >> beam.Create(entries)
            | "Fetch" >> FetchPages(web, RunClock("r", NOW))
        )
        number = collect(fetched)
    rows = collected(number)
    whole = [row for row in rows["fetches"] if row.kind == "article" and not row.is_redirect]
    others = [row for row in rows["fetches"] if row not in whole]
    return Out(rows["pages"], whole, rows["queued"], rows["rejects"], others)


def test_a_page_with_its_row(site: Site) -> None:
    out = run([entry("http://a.test/ok")], site)
    (page,), (row,) = out.pages, out.fetches
    assert (page.content, page.charset, page.fetched_at, page.fetch_id) == (
        b"<p>news",
        "utf-8",
        NOW,
        row.fetch_id,
    )
    assert page.entry == entry("http://a.test/ok")
    assert (row.status, row.http_status, row.bytes, row.etag, row.host) == (
        "ok",
        200,
        7,
        '"1"',
        "a.test",
    )
    assert not out.queued
    assert not out.rejects


def test_failures_are_rejected_and_queued_where_worth_it(site: Site) -> None:
    urls = [
        "http://a.test/500",
        "http://b.test/cut",
        "http://c.test/pdf",
        "http://d.test/none",
        "http://no.test/ok",
    ]
    out = run(
        [*map(entry, urls), entry("http://e.test/500", attempt=4), entry("http://f.test/ok")], site
    )
    assert [page.final_url for page in out.pages] == ["http://f.test/ok"]
    assert sorted((one.url, one.attempt, one.not_before - NOW) for one in out.queued) == [
        ("http://a.test/500", 1, timedelta(minutes=5)),
        ("http://b.test/cut", 1, timedelta(minutes=5)),
    ]
    assert sorted((one.url or "", one.reason, one.retryable) for one in out.rejects) == [
        ("http://a.test/500", "E_FETCH_HTTP_500", True),
        ("http://b.test/cut", "E_FETCH_CONNECT", True),
        ("http://c.test/pdf", "E_FETCH_NOT_HTML", False),
        ("http://d.test/none", "E_FETCH_HTTP_404", False),
        ("http://e.test/500", "E_FETCH_HTTP_500", False),
        ("http://no.test/ok", "E_FETCH_ROBOTS", False),
    ]
    assert json.loads(out.rejects[0].payload or "")["first_seen_at"] == NOW.isoformat()
    assert {row.url: row.status for row in out.fetches}["http://no.test/ok"] == "robots"


def test_what_the_deadline_cuts_off_is_queued_as_it_was(site: Site) -> None:
    entries = [entry(f"http://late.test/ok?{n}", attempt=1) for n in range(5)]
    started = time.monotonic()
    out = run(entries, site, spacing_s=5.0, robots=False, deadline=time.time() + 1.0)
    assert time.monotonic() - started < 15, "without the deadline it takes 20 s"
    assert (len(out.pages), len(out.queued)) == (1, 4)
    assert {(one.attempt, one.not_before) for one in out.queued} == {(1, NOW)}
    assert out.rejects == []


def test_what_no_feed_can_queue_is_a_reject_that_may_be_replayed(site: Site) -> None:
    entries = [replace(entry(f"http://late.test/ok?{n}"), feed_id=None) for n in range(3)]
    out = run(entries, site, robots=False, deadline=time.time() - 1.0)
    assert (out.pages, out.queued) == ([], [])
    assert {(one.reason, one.retryable) for one in out.rejects} == {("E_FETCH_DEADLINE", True)}


def test_a_site_that_asks_for_an_hour_is_given_up_at_once(site: Site) -> None:
    site.routes["busy.test/"] = status(429, Retry_After="3600")
    started = time.monotonic()
    out = run([entry(f"http://busy.test/?{n}", attempt=1) for n in range(100)], site)
    assert time.monotonic() - started < 30
    made = len(site.requests_for("busy.test/?"))
    assert made <= 2
    assert {one.not_before for one in out.queued} == {NOW + timedelta(hours=1)}
    assert Counter(one.attempt for one in out.queued) == {1: 100 - made, 2: made}
    assert Counter(row.status for row in out.fetches) == {"skipped": 100 - made, "http_error": made}
    assert {row.reason for row in out.rejects} == {"E_FETCH_HTTP_429"}


def test_rows_can_be_stored_whatever_the_headers(site: Site) -> None:
    bad = "\xff\x80"
    answer = respond("<p>", kind=f"text/html; charset={bad}", ETag=bad, Last_Modified=bad)
    site.routes |= {"odd.test/": answer, "odd.test/no": respond("", code=404, kind=bad)}
    site.routes["odd.test/to"] = redirect(f"http://{bad}.test/")
    out = run([entry(f"http://odd.test/{path}") for path in ("", "no", "to")], site)
    assert len(out.fetches) == 3
    rows = [*map(asdict, out.pages), *map(asdict, out.fetches), *map(asdict, out.rejects)]
    assert json.dumps(rows, default=str, ensure_ascii=False).encode()
    assert {row.etag for row in out.fetches} == {None, "\ufffd\ufffd"}


def test_a_page_and_a_poll_of_one_link_are_two_rows() -> None:
    url, error = "http://a.test/rss", WebError("none")
    state = new_state(feed_source(url), NOW)
    article = fetch_row(entry(url), error, "r", NOW)
    assert article.fetch_id != feed_row(state, error, "r", NOW).fetch_id
    assert article.fetch_id == fetch_row(entry(url), error, "r", NOW).fetch_id
    assert article.fetch_id != fetch_row(entry(url, attempt=1), error, "r", NOW).fetch_id


def test_domains_interleave(site: Site) -> None:
    entries = [
        entry(f"http://lane{domain}.test/ok?{page}") for domain in range(10) for page in range(3)
    ]
    assert len(run(entries, site, spacing_s=0.2).pages) == 30
    times = sorted(seen.at for seen in site.requests_for("http://lane"))
    assert times[-1] - times[0] < 1.5
    for domain in range(10):
        lane = [seen.at for seen in site.requests_for(f"lane{domain}.test")]
        assert all(later - earlier > 0.15 for earlier, later in pairwise(lane))


def test_many_pages_through_few_places(site: Site) -> None:
    entries = [entry(f"http://m{n % 7}.test/ok?{n}") for n in range(100)]
    assert len(run(entries, site, concurrency=2).pages) == 100


def test_waits_grow_and_heed_the_server() -> None:
    error = WebError.http(429, "http://a.test/", 7200.0)
    queued = pending_page(entry("http://a.test/"), error, NOW)
    assert queued is not None
    assert queued.not_before == NOW + timedelta(hours=2)
    assert pending_page(replace(entry("http://a.test/"), feed_id=None), error, NOW) is None
