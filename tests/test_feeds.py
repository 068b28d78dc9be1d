import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner
from apache_beam.testing.test_pipeline import TestPipeline

from tests.helpers.beam_outputs import collect, collected
from tests.helpers.web_site import (
    Answer,
    Site,
    endless,
    redirect,
    respond,
    serve,
    slow,
    status,
    with_etag,
)
from transforms.clock import RunClock
from transforms.core.feeds.bounds import MAX_FEED_BYTES, MAX_ITEMS
from transforms.core.feeds.domain_backoff import apply_domain_backoff
from transforms.core.feeds.lists import feed_source
from transforms.core.feeds.moves import polled_url
from transforms.core.feeds.states import new_state
from transforms.feeds import PollFeeds
from transforms.pool import PoolOptions
from transforms.records import FeedState, PendingPage
from transforms.web import WebOptions, close_clients

pytestmark = pytest.mark.slow

NOW = datetime(2022, 10, 11, 12, tzinfo=UTC)
IN_WORKER = PoolOptions(size=0)
RSS = (
    "<rss version='2.0'><channel><title>News</title><item><link>/1</link><title>One</title></item>"
    "<item><link>/2</link></item></channel></rss>"
)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serve(
        {"/rss": with_etag(RSS, '"1"'), "/html": respond("<html>log in"), "/slow": slow()}
    ) as running:
        running.routes |= {
            "/broken": respond(RSS[:-40] + "<item><", kind="text/xml"),
            "/500": status(500),
        }
        running.routes["/empty"] = respond(b"")
        yield running


def run(
    states: list[FeedState],
    site: Site,
    now: datetime = NOW,
    pool: PoolOptions = IN_WORKER,
    timeout_s: float = 1,
) -> dict[str, list[Any]]:
    web = WebOptions(connect_to=site.address, spacing_s=0, timeout_s=timeout_s)
    with TestPipeline(runner=FnApiRunner()) as pipeline:
        polling = PollFeeds(web, RunClock("r", now), pool)
        number = collect(pipeline | "States" >> beam.Create(states) | "Poll" >> polling)
    return collected(number)


def days(url: str, site: Site, *answers: Answer, hours: int = 30) -> list[dict[str, list[Any]]]:
    """Poll a feed once an answer, that many hours apart; return what came of each poll."""
    state, done = feed(url), []
    for number, answer in enumerate(answers):
        site.routes[url.removeprefix("http://")] = answer
        done.append(run([state], site, NOW + timedelta(hours=hours * number)))
        state = done[-1]["states"][0]
    return done


def rss(*items: str) -> str:
    inner = "".join(f"<item>{one}</item>" for one in items)
    return (
        "<?xml version='1.0'?><rss "
        f"version='2.0'><channel><title>News</title>{inner}</channel></rss>"
    )


def feed(url: str) -> FeedState:
    return new_state(feed_source(url), NOW)


def test_a_feed_is_polled_then_not_modified(site: Site) -> None:
    out = run([feed("http://a.test/rss")], site)
    assert sorted(one.url for one in out["entries"]) == ["http://a.test/1", "http://a.test/2"]
    (state,), (row,) = out["states"], out["fetches"]
    assert (row.status, row.kind, row.items_seen, row.feed_id) == (
        "ok",
        "feed",
        2,
        state.source.feed_id,
    )
    assert run([state], site) == {}
    later = run([state], site, NOW + timedelta(hours=1))
    assert set(later) == {"states", "fetches"}
    assert (later["fetches"][0].status, later["fetches"][0].http_status) == ("not_modified", 304)


def test_failing_feeds_are_distinguished_and_affect_no_other_feed(site: Site) -> None:
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


def test_pending_pages_come_even_when_the_feed_rests_or_fails(site: Site) -> None:
    def owing(url: str) -> FeedState:
        state = feed(url)
        pending = [("http://a.test/1", -1), ("http://a.test/9", 2)]
        pages = [
            PendingPage(
                feed_id=state.source.feed_id,
                url=one,
                attempt=2,
                not_before=NOW + timedelta(hours=hours),
            )
            for one, hours in pending
        ]
        return replace(state, pending=tuple(pages))

    resting = replace(owing("http://resting.test/rss"), next_due_at=NOW + timedelta(hours=1))
    out = run([resting, owing("http://failing.test/500"), owing("http://a.test/rss")], site)
    assert [(one.url, one.attempt) for one in out["retries"]] == [("http://a.test/1", 2)] * 3
    assert sorted(one.title or "" for one in out["retries"]) == ["", "", "One"]
    assert [one.url for one in out["entries"]] == ["http://a.test/2"]
    assert {page.url for state in out["states"] for page in state.pending} == {"http://a.test/9"}
    assert len(out["states"]) == 3


def test_feeds_of_a_site_that_asks_for_an_hour_are_deferred_without_a_failure(site: Site) -> None:
    site.routes["busy.test/429"] = status(429, Retry_After="3600")
    out = run([feed(f"http://busy.test/429?{n}") for n in range(20)], site)
    assert len(out["states"]) == 20
    assert {state.next_due_at for state in out["states"]} == {NOW + timedelta(hours=1)}
    defer = [state for state in out["states"] if not state.consecutive_failures]
    assert len(defer) == 20 - len(site.requests_for("busy.test/429")) >= 18
    assert {(state.health, state.last_fetch_at) for state in defer} == {("ok", None)}


def test_states_and_rows_can_be_stored_whatever_the_headers(site: Site) -> None:
    bad = "\xff\x80"
    site.routes["odd.test/rss"] = respond(
        RSS, kind=f"text/xml; charset={bad}", ETag=bad, Last_Modified=bad
    )
    site.routes["odd.test/html"] = respond("<html>", kind=bad, ETag=bad)
    site.routes["odd.test/none"] = respond("", kind=bad, code=404)
    out = run([feed(f"http://odd.test/{path}") for path in ("rss", "html", "none")], site)
    rows = [asdict(row) for name in ("states", "fetches", "rejects") for row in out[name]]
    assert json.dumps(rows, default=str, ensure_ascii=False).encode()
    assert {state.etag for state in out["states"]} == {None}
    assert "\ufffd\ufffd" in {row.etag for row in out["fetches"]}


def test_fault_10_the_body_decides_whatever_the_validators_say(site: Site) -> None:
    one, two = rss("<link>/1</link>"), rss("<link>/1</link>", "<link>/2</link>")
    polls = days(
        "http://f10.test/rss",
        site,
        with_etag(one, '"x"'),
        with_etag(two, '"x"'),
        with_etag(two, '"y"'),
        hours=6,
    )
    assert [poll["fetches"][0].status for poll in polls] == ["ok", "not_modified", "ok"]
    again = days(
        "http://f10b.test/rss", site, with_etag(one, '"x"'), with_etag(two, '"x"'), hours=25
    )
    assert [len(poll["entries"]) for poll in again] == [1, 2]
    sent = [one.headers.get("If-None-Match") for one in site.requests_for("f10b.test")]
    assert sent == [None, None]
    changed = days(
        "http://f10c.test/rss", site, respond(one, ETag='"x"'), respond(one, ETag='"y"'), hours=6
    )
    assert [poll["fetches"][0].status for poll in changed] == ["ok", "not_modified"]
    assert changed[1]["states"][0].etag == '"y"'
    lied = days("http://f10d.test/rss", site, respond(b"", code=304))
    assert [one.reason for one in lied[0]["rejects"]] == ["E_FEED_304"]


def test_fault_11_a_feed_that_is_gone_is_muted_and_one_that_is_not_found_is_not(site: Site) -> None:
    gone = days("http://f11.test/gone", site, status(410))[0]
    (state,), (reject,) = gone["states"], gone["rejects"]
    assert (state.health, reject.reason, reject.retryable) == ("gone", "E_FETCH_HTTP_410", False)
    assert run([state], site, NOW + timedelta(days=20)) == {}
    missing = days("http://f11.test/none", site, respond(RSS), *[status(404)] * 3, respond(RSS))
    assert [poll["states"][0].health for poll in missing] == ["ok", "ok", "ok", "failing", "ok"]
    never = days("http://f11.test/never", site, *[status(404)] * 2, respond(RSS))
    assert [poll["states"][0].health for poll in never] == ["failing", "failing", "ok"]


def test_fault_11_a_move_is_stored_after_three_polls_and_a_detour_never(site: Site) -> None:
    site.routes["new.test/rss"] = respond(rss("<link>/1</link>"))
    moved = days(
        "http://f11.test/moved", site, *[redirect("http://new.test/rss", 301)] * 3, status(500)
    )
    assert [polled_url(poll["states"][0]) for poll in moved][1:] == ["http://f11.test/moved"] + [
        "http://new.test/rss"
    ] * 2
    assert len(site.requests_for("f11.test/moved")) == 3
    assert moved[3]["fetches"][0].url == "http://new.test/rss"
    assert moved[3]["states"][0].source == moved[0]["states"][0].source
    detour = days("http://f11.test/detour", site, *[redirect("http://new.test/rss", 302)] * 4)
    assert {poll["states"][0].moved_to for poll in detour} == {None}


@pytest.mark.parametrize(
    ("retry_after", "least", "most"),
    [
        ("7200", 7200, 7200),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 86_400, 86_400),
        ("315360000", 86_400, 86_400),
        ("soon", 60, 7200),
        ("-5", 60, 7200),
    ],
)
def test_fault_12_all_feeds_of_a_domain_are_delayed_when_one_gets_retry_after(
    retry_after: str, least: int, most: int
) -> None:
    with serve({"/": status(429, Retry_After=retry_after), "/other": respond(RSS)}) as site:
        delayed, sibling, other = (
            feed(f"http://{name}")
            for name in ("one.example.com/", "two.example.com/other", "b.test/other")
        )
        (after,) = run([delayed], site)["states"]
        assert least <= (after.backoff_until - NOW).total_seconds() <= most
        assert after.next_due_at - NOW <= timedelta(days=1)
        now = NOW + timedelta(seconds=least - 1)
        out = run(apply_domain_backoff([after, sibling, other], [after], now), site, now)
        assert {one.host for one in site.requests_for("/other")} == {"b.test"}
        assert len(out["states"]) == 1
        close_clients()
        later = after.backoff_until + timedelta(seconds=1)
        assert (
            len(run(apply_domain_backoff([sibling], [after], later), site, later)["entries"]) == 2
        )


LOGIN = (
    "<!doctype html><html><head><title>Sign in</title><link rel='alternate' "
    "type='application/rss+xml' href='/real'>"
)


@pytest.mark.parametrize(
    ("body", "reason", "says"),
    [
        (LOGIN, "E_FEED_LOGIN", "it links to the feed http://f13.test/real"),
        ("<html><title>Just a moment...</title><body>", "E_FEED_CHALLENGE", "whether we are human"),
        ("<html><title>Before you continue to X</title>", "E_FEED_CONSENT", "consent"),
        ("<html><title>News</title><body>All the news", "E_FEED_IS_HTML", "a web page ('News')"),
        ("", "E_FEED_EMPTY", "empty"),
        (" \n\ufeff ", "E_FEED_EMPTY", "empty"),
        ('{"error": "rate limited"}', "E_FEED_JSON", "rate limited"),
        ("[]", "E_FEED_JSON", "not a JSON Feed"),
        ("Service unavailable", "E_FEED_MALFORMED", ""),
    ],
)
def test_fault_13_html_where_a_feed_should_be(
    site: Site, body: str, reason: str, says: str
) -> None:
    out = days("http://f13.test/rss", site, respond(body))[0]
    (reject,), (state,), (row,) = out["rejects"], out["states"], out["fetches"]
    assert (reject.reason, row.error_class, row.status) == (reason, reason, "ok")
    assert says in reject.message
    assert state.health_reason == f"{reason}: {reject.message}"[:400]
    assert (state.consecutive_failures, state.body_sha256, out["entries"]) == (1, None, [])


ITEMS = rss("<title>Größe</title><link>/1</link>", "<title>Two</title><link>/2</link>")


@pytest.mark.parametrize(
    ("body", "kind", "titles", "flagged"),
    [
        (ITEMS[:-40], "text/xml", ["Größe"], True),
        (ITEMS.replace("Two", "A & B"), "text/xml", ["Größe", "A & B"], True),
        (ITEMS.replace("Two", "caf&eacute;"), "text/xml", ["Größe", "café"], True),
        (ITEMS.replace("<item>", "<item><x:y>z</x:y>", 1), "text/xml", ["Größe", "Two"], True),
        (ITEMS.replace("Two", "T\x0bw\x01o"), "text/xml", ["Größe", "Two"], True),
        (ITEMS.encode("utf-16-le"), "text/xml", ["Größe", "Two"], False),
        (ITEMS.encode(), "text/xml; charset=no-such", ["Größe", "Two"], False),
        (ITEMS.encode(), "text/xml; charset=us-ascii", ["Größe", "Two"], False),
        (ITEMS.encode("latin-1"), "text/xml; charset=utf-8", ["Größe", "Two"], False),
    ],
)
def test_fault_14_items_before_a_fault_are_kept(
    site: Site, body: str | bytes, kind: str, titles: list[str], flagged: bool
) -> None:
    out = days("http://f14.test/rss", site, respond(body, kind=kind))[0]
    assert sorted(one.title for one in out["entries"]) == sorted(titles)
    assert (out["fetches"][0].error_class == "E_FEED_FAULT") == flagged
    assert ("E_FEED_FAULT" in (out["states"][0].health_reason or "")) == flagged
    assert "rejects" not in out


def test_fault_15_too_many_items_are_dropped_and_counted(site: Site) -> None:
    many = rss(*(f"<link>/{n}</link>" for n in range(100_000)))
    out = days("http://f15.test/rss", site, respond(many))[0]
    (row,), (reject,) = out["fetches"], out["rejects"]
    assert (len(out["entries"]), row.items_seen) == (MAX_ITEMS, 100_000)
    assert (reject.reason, reject.message) == (
        "E_FEED_ITEMS_DROPPED",
        "90000 items over the 10000 that are read were dropped",
    )
    deep = days("http://f15.test/deep", site, respond(rss("<a>" * 200_000)))[0]
    assert [one.reason for one in deep["rejects"]] == ["E_FEED_TOO_DEEP"]


def test_fault_15_a_feed_without_end_is_cut_at_the_cap(site: Site) -> None:
    def without_end(handler: Any) -> None:
        handler.wfile.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n\r\n"
        )
        handler.close_connection = True
        handler.wfile.write(
            rss("<link>/1</link>", "<link>/2</link>").removesuffix("</channel></rss>").encode()
        )
        while True:
            handler.wfile.write(b" " * 65536)

    site.routes |= {"f15.test/endless": without_end, "f15.test/x": endless()}
    out = run([feed("http://f15.test/endless"), feed("http://f15.test/x")], site, timeout_s=20)
    assert sorted(one.url for one in out["entries"]) == ["http://f15.test/1", "http://f15.test/2"]
    assert {one.bytes for one in out["fetches"]} == {MAX_FEED_BYTES}
    assert {one.reason for one in out["rejects"]} == {"E_FEED_CUT", "E_FEED_TOO_LARGE"}


def test_fault_15_a_document_that_hangs_the_parser_is_refused_and_harms_no_other(
    site: Site,
) -> None:
    slow_to_read = rss("<link>/1</link>").replace("<item>", "<a/>" * 590_000 + "<item>")
    site.routes |= {
        "f15.test/hangs": respond(slow_to_read),
        "f15.test/sound": respond(rss("<link>/1</link>")),
    }
    states = [feed(f"http://f15.test/{name}") for name in ("hangs", "sound", "sound?2")]
    out = run(states, site, pool=PoolOptions(size=1, timeout_s=2), timeout_s=10)
    (reject,) = out["rejects"]
    assert (reject.reason, reject.retryable, reject.url) == (
        "E_FEED_PARSE_TIMEOUT",
        True,
        "http://f15.test/hangs",
    )
    assert (len(out["entries"]), len(out["states"])) == (2, 3)


def test_fault_16_identity_is_the_link_then_the_guid(site: Site) -> None:
    def urls(*items: str) -> list[str]:
        out = days("http://f16.test/rss", site, respond(rss(*items)))[0]
        return sorted(one.url.removeprefix("http://f16.test") for one in out["entries"])

    assert urls(*(f"<guid>same</guid><link>/{n}</link>" for n in range(10))) == [
        f"/{n}" for n in range(10)
    ]
    assert urls(*(f"<guid>{n}</guid><link>/1</link>" for n in range(10))) == ["/1"]
    assert (
        urls("<link>/a/../1</link>", "<title>no guid</title><link>http://www.f16.test/2#x</link>")[
            0
        ]
        == "/1"
    )
    assert urls(
        "<guid>http://f16.test/g</guid>", "<guid isPermaLink='false'>tag:1</guid><link>/l</link>"
    ) == [
        "/g",
        "/l",
    ]
    polls = days(
        "http://f16.test/changing",
        site,
        *(respond(rss(f"<guid>{n}</guid><link>/1</link>")) for n in range(2)),
    )
    assert len({one.url_key for poll in polls for one in poll["entries"]}) == 1
    unlinked = days(
        "http://f16.test/none", site, respond(rss("<title>x</title>", "<link>/1</link>"))
    )[0]
    assert unlinked["states"][0].health_reason == "E_FEED_NO_LINK: 1 of 2 items have no link"


def test_fault_17_dates_are_in_utc_or_unknown(site: Site) -> None:
    retry_after = {
        "": None,
        "Tue, 11 Oct 2022 08:00:00 EDT": "2022-10-11T12:00",
        "Tue, 11 Oct 2022 08:00:00 CST": "2022-10-11T14:00",
        "1665475200": "2022-10-11T08:00",
        "0000-01-01T00:00:00Z": None,
        "2099-01-01T00:00:00Z": None,
        "2022-10-13T11:00:00Z": "2022-10-13T11:00",
        "2022-10-13T13:00:00Z": "2022-10-11T12:00",
        "mardi 11 octobre 2022": "2022-10-11T00:00",
        "dies Martis": None,
    }
    items = [f"<link>/{n}</link><pubDate>{date}</pubDate>" for n, date in enumerate(retry_after)]
    out = days("http://f17.test/rss", site, respond(rss(*items)))[0]
    found = {int(one.url.rsplit("/", 1)[1]): one for one in out["entries"]}
    at = [found[n].published_at for n in range(len(retry_after))]
    assert [one and one.strftime("%Y-%m-%dT%H:%M") for one in at] == list(retry_after.values())
    assert {n: one.date_flag for n, one in found.items() if one.date_flag} == {
        4: "date_refused",
        5: "date_refused",
        7: "date_clamped",
    }
