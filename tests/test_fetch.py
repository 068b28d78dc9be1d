import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import apache_beam as beam
import pytest
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner
from apache_beam.testing.test_pipeline import TestPipeline

from tests.collected import collect, collected
from tests.site import Site, hang_up, respond, serve, status
from transforms.core.urls import url_key
from transforms.fetch import FetchPages, owed_page
from transforms.records import FeedEntry, Fetch, OwedPage, Page, Reject
from transforms.web import WebError, WebOptions

NOW = datetime(2022, 10, 11, 12, tzinfo=UTC)


def entry(url: str, attempt: int = 0) -> FeedEntry:
    return FeedEntry(url=url, url_key=url_key(url), feed_id="f", first_seen_at=NOW, attempt=attempt)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serve({"/ok": respond("<p>news", kind="text/html; charset=UTF-8", ETag='"1"')}) as running:
        running.routes |= {"/500": status(500), "/cut": hang_up(), "/pdf": respond(b"%PDF", kind="application/pdf")}
        running.routes["no.test/robots.txt"] = respond("User-agent: *\nDisallow: /", kind="text/plain")
        yield running


class Out(NamedTuple):
    """What a run gave, by output."""

    pages: list[Page]
    fetches: list[Fetch]
    owed: list[OwedPage]
    rejects: list[Reject]


def run(entries: list[FeedEntry], site: Site, **options: Any) -> Out:
    web = WebOptions(connect_to=site.address, **{"spacing_s": 0, "timeout_s": 2, **options})
    with TestPipeline(runner=FnApiRunner()) as pipeline:
        fetched = pipeline | "Entries" >> beam.Create(entries) | "Fetch" >> FetchPages(web=web, now=NOW, run_id="r")
        number = collect(fetched)
    rows = collected(number)
    return Out(rows["pages"], rows["fetches"], rows["owed"], rows["rejects"])


def test_a_page_with_its_row(site: Site) -> None:
    out = run([entry("http://a.test/ok")], site)
    (page,), (row,) = out.pages, out.fetches
    assert (page.content, page.charset, page.fetched_at, page.fetch_id) == (b"<p>news", "utf-8", NOW, row.fetch_id)
    assert page.entry == entry("http://a.test/ok")
    assert (row.status, row.http_status, row.bytes, row.etag, row.host) == ("ok", 200, 7, '"1"', "a.test")
    assert not out.owed
    assert not out.rejects


def test_failures_are_rejected_and_owed_where_worth_it(site: Site) -> None:
    urls = ["http://a.test/500", "http://b.test/cut", "http://c.test/pdf", "http://d.test/none", "http://no.test/ok"]
    out = run([*map(entry, urls), entry("http://e.test/500", attempt=4), entry("http://f.test/ok")], site)
    assert [page.final_url for page in out.pages] == ["http://f.test/ok"]
    assert sorted((one.url, one.attempt, one.not_before - NOW) for one in out.owed) == [
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


def test_what_the_deadline_cuts_off_is_owed_as_it_was(site: Site) -> None:
    entries = [entry(f"http://late.test/ok?{n}", attempt=1) for n in range(5)]
    started = time.monotonic()
    out = run(entries, site, spacing_s=5.0, robots=False, deadline=time.time() + 1.0)
    assert time.monotonic() - started < 4
    assert (len(out.pages), len(out.owed)) == (1, 4)
    assert {(one.attempt, one.not_before) for one in out.owed} == {(1, NOW)}
    assert {row.reason for row in out.rejects} == {"E_FETCH_DEADLINE"}


def test_domains_interleave(site: Site) -> None:
    entries = [entry(f"http://lane{domain}.test/ok?{page}") for domain in range(10) for page in range(3)]
    assert len(run(entries, site, spacing_s=0.2).pages) == 30
    times = sorted(seen.at for seen in site.asked("http://lane"))
    assert times[-1] - times[0] < 1.5
    for domain in range(10):
        lane = [seen.at for seen in site.asked(f"lane{domain}.test")]
        assert all(later - earlier > 0.15 for earlier, later in pairwise(lane))


def test_many_pages_through_few_places(site: Site) -> None:
    entries = [entry(f"http://m{n % 7}.test/ok?{n}") for n in range(100)]
    assert len(run(entries, site, concurrency=2).pages) == 100


def test_waits_grow_and_heed_the_server() -> None:
    error = WebError.http(429, "http://a.test/", 7200.0)
    owed = owed_page(entry("http://a.test/"), error, NOW)
    assert owed is not None
    assert owed.not_before == NOW + timedelta(hours=2)
    assert owed_page(replace(entry("http://a.test/"), feed_id=None), error, NOW) is None
