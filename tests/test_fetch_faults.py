"""The faults of the web, by their numbers: the real client against a site that misbehaves, over
real sockets.

No test sends a byte to an address that is neither public nor loopback: resolver and connect are
stubbed.
"""

import asyncio
import json
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers.beam_outputs import collect, collected
from tests.helpers.certificates import DAY, Authority
from tests.helpers.examples import examples
from tests.helpers.web_site import (
    PACKERS,
    Answer,
    Site,
    bomb,
    endless,
    hang_up,
    huge,
    late,
    raw,
    redirect,
    respond,
    serve,
    slow,
    status,
    with_etag,
    without_end,
)
from transforms.clock import RunClock
from transforms.core.extract.page import extract_article
from transforms.core.feeds.lists import feed_source
from transforms.core.feeds.parse import parse_feed
from transforms.core.feeds.states import new_state
from transforms.core.urls import url_key
from transforms.errors import ExtractError, FeedError
from transforms.feeds import PollFeeds
from transforms.fetch import FetchPages
from transforms.records import FeedEntry, Page
from transforms.web import FetchRequest, WebClient, WebError, WebOptions
from transforms.web.shared_pace import FilePace, Wait, _locked, shared_pace

pytestmark = pytest.mark.slow

NOW = datetime(2022, 10, 11, 12, tzinfo=UTC)
LIMIT = 1 << 20
GIGABYTE = 1 << 30
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
plain = partial(respond, kind="text/plain")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serve({"/ok": respond("<p>news"), "/robots.txt": status(404)}) as running:
        yield running


@pytest.fixture(scope="module")
def client(site: Site) -> Iterator[WebClient]:
    client = WebClient(
        WebOptions(connect_to=site.address, spacing_s=0, timeout_s=2, max_bytes=LIMIT)
    )
    yield client
    client.close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


def refusal(client: WebClient, url: str, request: FetchRequest | None = None) -> WebError:
    """Return the error that a link ends in."""
    with pytest.raises(WebError) as caught:
        client.get(url, request)
    return caught.value


def entry(url: str, **fields: Any) -> FeedEntry:
    return FeedEntry(url=url, url_key=url_key(url), feed_id="f", first_seen_at=NOW, **fields)


def run(
    entries: list[FeedEntry], web: WebOptions, *, workers: int = 1
) -> tuple[dict[str, list[Any]], dict[str, int]]:
    """Fetch pages in a pipeline; return its outputs and counters."""
    options = PipelineOptions(
        ["--direct_num_workers", str(workers), "--direct_running_mode", "multi_threading"]
    )
    pipeline = beam.Pipeline(runner=FnApiRunner(), options=options)
    fetched = (
        pipeline
        | "Entries" >> beam.Create(entries)
        | "Fetch" >> FetchPages(web, RunClock("r", NOW))
    )
    number = collect(fetched)
    result = pipeline.run()
    result.wait_until_finish()
    counters = result.metrics().query()["counters"]
    return collected(number), {
        f"{c.key.metric.namespace}.{c.key.metric.name}": c.committed for c in counters
    }


def test_fault_09_one_feed_in_twenty_is_dead() -> None:
    command = [
        sys.executable,
        "-m",
        "bench.feeds_10k",
        "--feeds",
        "200",
        "--deadline",
        "120",
        "--json",
    ]
    done = subprocess.run(
        command, capture_output=True, check=True, timeout=240, cwd=Path(__file__).parents[1]
    )
    found = json.loads(done.stdout)
    assert found["within_deadline"]
    assert (found["live"], found["live_complete"], found["left"]) == (190, 190, 0)
    assert sorted(found["outcomes"]) == [
        ["404", "http_error", "E_FETCH_HTTP_404", 2],
        ["dns", "dns", "E_FETCH_DNS", 2],
        ["hang", "timeout", "E_FETCH_TIMEOUT", 2],
        ["live", "ok", None, 190],
        ["refused", "http_error", "E_FETCH_CONNECT", 2],
        ["tls", "tls", "E_FETCH_TLS", 2],
    ]


@pytest.mark.parametrize(
    "answer",
    [
        slow(),
        slow(interval=1.0),
        without_end(b"", b"H", interval=0.3),
        without_end(HEAD, b"X-A: 1\r\n", interval=0.1),
        without_end(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", interval=0.05),
        without_end(CHUNKED + b"5", b"0", interval=0.3),
        without_end(CHUNKED, b"1;" + b"x" * 100 + b"\r\nx\r\n", interval=0.1),
        raw(b"", hold_s=20),
        raw(HEAD + b"Content-Length: 10\r\n\r\n", hold_s=20),
        redirect("/drip"),
    ],
)
def test_fault_20_slowloris_meets_the_total_deadline(
    site: Site, client: WebClient, answer: Any
) -> None:
    site.routes |= {"slow.test/": answer, "slow.test/drip": slow()}
    started = time.monotonic()
    error = refusal(client, "http://slow.test/")
    assert time.monotonic() - started < client.options.timeout_s + 3
    assert (error.reason, error.status, error.retryable) in {
        ("E_FETCH_TIMEOUT", "timeout", True),
        ("E_FETCH_PROTOCOL", "http_error", False),
        ("E_FETCH_CONNECT", "http_error", True),
    }


def test_fault_20_a_silent_server_ends_at_the_timeout_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        client = WebClient(WebOptions(connect_to=address, spacing_s=0, timeout_s=1))
        for scheme in ("http", "https"):
            started = time.monotonic()
            assert refusal(client, f"{scheme}://mute.test/").reason == "E_FETCH_TIMEOUT"
            assert time.monotonic() - started < 3
        client.close()


def test_fault_20_slow_hops_share_one_deadline(site: Site, client: WebClient) -> None:
    for n in range(10):
        site.routes[f"hops.test/{n}"] = late(redirect(f"/{n + 1}"), 0.4)
    started = time.monotonic()
    assert refusal(client, "http://hops.test/0").reason == "E_FETCH_TIMEOUT"
    assert time.monotonic() - started < 4


def test_fault_20_a_run_ends_at_its_deadline(site: Site) -> None:
    site.routes["never.test/"] = slow()
    web = WebOptions(connect_to=site.address, spacing_s=0, timeout_s=60, deadline=time.time() + 5)
    started = time.monotonic()
    out, counters = run([entry("http://never.test/"), entry("http://quick.test/ok")], web)
    assert time.monotonic() - started < 30
    assert [page.final_url for page in out["pages"]] == ["http://quick.test/ok"]
    assert [(one.url, one.attempt) for one in out["queued"]] == [("http://never.test/", 0)]
    assert (counters["fetch.skipped"], counters["fetch.E_FETCH_DEADLINE"]) == (1, 1)


# Made when their case runs: to pack them takes seconds.
LARGE: dict[str, Callable[[], Answer]] = {
    "declared": partial(huge, GIGABYTE, declared=True),
    "undeclared": partial(huge, GIGABYTE, declared=False),
    "endless chunks": endless,
    "one endless chunk": partial(without_end, CHUNKED + b"ffffffff\r\n", b"x" * 65536),
    "false gzip": partial(
        without_end, HEAD + b"Content-Encoding: gzip\r\n\r\n", b"\x1f\x8b" + b"x" * 65536
    ),
    **{coding: partial(bomb, 256 << 20, coding) for coding in PACKERS},
    **{f"{coding} twice": partial(bomb, 256 << 20, f"{coding}, {coding}") for coding in PACKERS},
    "br in gzip": partial(bomb, 256 << 20, "br, gzip"),
    "empty members": partial(
        respond, PACKERS["gzip"](PACKERS["gzip"](b"") * 200_000), Content_Encoding="gzip, gzip"
    ),
}


@pytest.mark.parametrize("kind", LARGE)
def test_fault_21_large_bodies_and_bombs_stop_at_the_cap(
    site: Site, client: WebClient, kind: str
) -> None:
    site.routes["large.test/"] = LARGE[kind]()
    started = time.monotonic()
    error = refusal(client, "http://large.test/")
    assert time.monotonic() - started < 5
    assert (error.reason, error.retryable) == (
        ("E_FETCH_ENCODING", False) if kind == "false gzip" else ("E_FETCH_TOO_LARGE", False)
    )


def test_fault_21_memory_stays_below_the_cap_and_64_mb() -> None:
    command = [
        sys.executable,
        "-m",
        "bench.fetch_memory",
        "--json",
        "--size-mb",
        "256",
        "--together",
    ]
    done = subprocess.run(
        command, capture_output=True, check=True, timeout=200, cwd=Path(__file__).parents[1]
    )
    found = json.loads(done.stdout)
    assert len(found["kinds"]) >= 12
    assert {
        one["kind"]: one["mb"] for one in found["kinds"] if one["mb"] > found["cap_mb"] + 64
    } == {}


@pytest.mark.parametrize(
    "head",
    [
        b"X-A: " + b"x" * (1 << 20) + b"\r\n",
        b"x" * (1 << 20) + b": 1\r\n",
        b"".join(b"X-%d: 1\r\n" % n for n in range(1000)),
    ],
)
def test_fault_21_huge_heads_are_refused(site: Site, client: WebClient, head: bytes) -> None:
    site.routes["head.test/"] = raw(HEAD + head + b"\r\n<p>", hold_s=1)
    assert refusal(client, "http://head.test/").reason in {"E_FETCH_PROTOCOL", "E_FETCH_CONNECT"}
    site.routes["csp.test/"] = respond("<p>", Content_Security_Policy="x" * 20_000)
    assert client.get("http://csp.test/").status == 200


@pytest.mark.parametrize("piece", [b"X-A: 1\r\n", b"X-A: " + b"x" * 8000 + b"\r\n", b"x" * 8000])
def test_fault_21_endless_heads_are_refused(site: Site, client: WebClient, piece: bytes) -> None:
    site.routes["head.test/"] = without_end(HEAD, piece * 100)
    started = time.monotonic()
    assert refusal(client, "http://head.test/").reason in {
        "E_FETCH_PROTOCOL",
        "E_FETCH_CONNECT",
        "E_FETCH_TIMEOUT",
    }
    assert time.monotonic() - started < 5


@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.one_of(st.binary(max_size=200), st.binary(max_size=200).map(lambda tail: HEAD + tail)))
def test_fault_21_whatever_a_server_sends_only_web_errors_come_out(
    site: Site, client: WebClient, data: bytes
) -> None:
    site.routes["odd.test/"] = raw(data)
    with suppress(WebError):
        assert client.get("http://odd.test/").status


AWAY_TEXT = """
file:///etc/passwd data:text/html,x javascript:alert(1) ftp://a.test/ gopher://a.test/ about:blank ws://a.test/
http://a.test:25/ http://a.test:22/ http://a.test:6667/ http://a.test:x/ http://a%2etest/
http://u:p@a.test/ http://u@a.test/ //u@a.test/
"""
AWAY = AWAY_TEXT.split()


def test_fault_22_redirect_loops_and_21_hops_end(site: Site, client: WebClient) -> None:
    for n in range(25):
        site.routes[f"far.test/{n}"] = redirect(f"/{n + 1}")
    site.routes |= {
        "far.test/a": redirect("/b"),
        "far.test/b": redirect("/a"),
        "far.test/self": redirect("/self"),
    }
    error = refusal(client, "http://far.test/0")
    assert (error.reason, error.retryable) == ("E_FETCH_REDIRECTS", False)
    assert len(site.requests_for("far.test/")) == client.options.max_redirects + 1
    for path in ("a", "self"):
        assert refusal(client, f"http://far.test/{path}").reason == "E_FETCH_REDIRECTS"
    site.routes["far.test/25"] = respond("<p>")
    assert client.get("http://far.test/15").final_url == "http://far.test/25"


@pytest.mark.parametrize("target", [*AWAY, "http://a.test/" + "x" * 10_000])
def test_fault_22_redirects_elsewhere_are_refused(
    site: Site, client: WebClient, target: str
) -> None:
    site.routes["away.test/"] = redirect(target)
    before = len(site.seen)
    error = refusal(client, "http://away.test/")
    assert (error.reason, error.status, error.retryable) == ("E_FETCH_REFUSED", "refused", False)
    assert len(site.seen) == before + 1


def test_fault_22_https_to_http_is_followed_counted_and_not_trusted(authority: Authority) -> None:
    with (
        serve({"/ok": respond("<p>news")}) as plain,
        serve(tls=authority.context("old.test")) as secure,
    ):
        port = plain.address.rsplit(":", 1)[1]
        secure.routes["/"] = redirect(f"http://old.test:{port}/ok", 301)
        client = WebClient(
            WebOptions(
                spacing_s=0, timeout_s=3, ca_file=str(authority.ca_file), allow_net=("127.0.0.0/8",)
            )
        )
        _resolve_to(client, {"old.test": ["127.0.0.1"]})
        answer = client.get(f"https://old.test:{secure.address.rsplit(':', 1)[1]}/")
        client.close()
    assert answer.final_url.startswith("http://old.test:")
    assert (answer.is_downgraded, answer.moved_to) == (True, None)


INSIDE_TEXT = """
127.0.0.1 127.8.9.10 10.1.2.3 172.16.0.1 172.31.255.254 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0
2130706433 0x7f000001 0x7f.0.0.1 017700000001 0177.0.0.1 127.1 127.0.1 0 127.0.0.1. 0x7f.1
[::1] [::] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] [fe80::1] [fc00::1] [fd00:ec2::254] [64:ff9b::7f00:1]
[64:ff9b::169.254.169.254] [64:ff9b:1::1] [2002:7f00:1::] [2002:a9fe:a9fe::1] [2001:0:7f00:1::] [ff02::1]
127。0。0。1 127．0．0．1 127｡0｡0｡1 １２７.０.０.１ ①②⑦.0.0.1 127。1 2130706433。 169。254。169。254 [fe80::1%25lo]
"""
INSIDE = INSIDE_TEXT.split()


@pytest.mark.parametrize("host", INSIDE)
def test_fault_23_addresses_inside_are_refused(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    client = WebClient(WebOptions(spacing_s=0, timeout_s=3, pace_dir=""))
    connected = _no_network(client, monkeypatch)
    for url in (f"http://{host}/", f"https://{host}:8443/x"):
        assert refusal(client, url).reason == "E_FETCH_REFUSED"
    client.close()
    assert connected == []


@pytest.mark.parametrize("host", INSIDE)
def test_fault_23_redirects_inside_are_refused(site: Site, client: WebClient, host: str) -> None:
    site.routes["lure.test/"] = redirect("/again")
    site.routes["lure.test/again"] = raw(
        f"HTTP/1.1 302 Found\r\nLocation: http://{host}/\r\n\r\n".encode()
    )
    before = len(site.seen)
    assert refusal(client, "http://lure.test/").reason == "E_FETCH_REFUSED"
    assert len(site.seen) == before + 2


@pytest.mark.parametrize(
    "url", ["http://a.test@127.0.0.1/", "http://127.0.0.1\\@a.test/", "http://a.test:80@10.0.0.1/"]
)
def test_fault_23_userinfo_tricks_are_refused(client: WebClient, site: Site, url: str) -> None:
    before = len(site.seen)
    assert refusal(client, url).reason == "E_FETCH_REFUSED"
    assert len(site.seen) == before


def test_fault_23_names_that_lead_inside_are_refused_at_each_hop(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = site.address.rsplit(":", 1)[1]
    names = {
        "own.test": ["127.0.0.1"],
        "in.test": ["10.0.0.5"],
        "meta.test": ["169.254.169.254", "fe80::1"],
    }
    client = WebClient(
        WebOptions(spacing_s=0, timeout_s=3, pace_dir="", allow_net=("127.0.0.1/32",))
    )
    _resolve_to(client, names)
    connected: list[str] = []
    connect = client.loop.sock_connect

    async def watch(sock: Any, address: Any) -> None:
        connected.append(address[0])
        assert address[0] == "127.0.0.1"
        await connect(sock, address)

    monkeypatch.setattr(client.loop, "sock_connect", watch)
    for name in ("in.test", "meta.test"):
        site.routes["/inward"] = redirect(f"http://{name}:{port}/ok")
        assert refusal(client, f"http://own.test:{port}/inward").reason == "E_FETCH_REFUSED"
        assert refusal(client, f"http://{name}:{port}/ok").reason == "E_FETCH_REFUSED"
    client.close()
    assert set(connected) == {"127.0.0.1"}


def test_fault_23_a_name_that_answers_public_then_private_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = WebClient(WebOptions(spacing_s=0, timeout_s=3, pace_dir=""))
    connected = _no_network(client, monkeypatch)
    names = {"rebind.test": ["8.8.8.8"]}
    _resolve_to(client, names)
    assert refusal(client, "http://rebind.test/").reason == "E_FETCH_CONNECT"
    names["rebind.test"] = ["127.0.0.1"]
    assert refusal(client, "http://rebind.test/").reason == "E_FETCH_CONNECT", (
        "the first answer is kept for a while"
    )
    connector: Any = client._session.connector
    client.loop.call_soon_threadsafe(connector.clear_dns_cache)
    assert refusal(client, "http://rebind.test/").reason == "E_FETCH_REFUSED"
    with pytest.raises(OSError, match="not public"):
        connector._socket((2, 1, 6, "", ("127.0.0.1", 80)))
    client.close()
    assert set(connected) == {"8.8.8.8"}


def test_fault_23_private_networks_can_be_allowed(site: Site) -> None:
    host, port = site.address.split(":")
    client = WebClient(
        WebOptions(spacing_s=0, timeout_s=3, pace_dir="", allow_net=("127.0.0.0/8",))
    )
    _resolve_to(client, {"intranet.test": ["127.0.0.1"]})
    for name in (host, "intranet.test", "[::ffff:127.0.0.1]"):
        assert client.get(f"http://{name}:{port}/ok").status == 200
    for other in ("http://10.0.0.1/", "http://[::1]/", "http://127.1/", "http://127.0.0.1:25/"):
        assert refusal(client, other).reason == "E_FETCH_REFUSED"
    client.close()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (status(404), None),
        (status(410), None),
        (status(403), None),
        (plain("User-agent: *\nDisallow: /other"), None),
        (huge(GIGABYTE, declared=True), None),
        (endless(), None),
        (bomb(64 << 20), None),
        (respond("<html>not found</html>"), None),
        (redirect("/loop/robots.txt"), None),
        (redirect("http://127.0.0.1/robots.txt"), None),
        (plain("User-agent: *\nDisallow: /"), "E_FETCH_ROBOTS"),
        (
            plain("\ufeffUser-agent: other\n\nUser-agent: NewsBeam/9\nDisallow: /ok"),
            "E_FETCH_ROBOTS",
        ),
        (plain("User-agent: *\nAllow: /\nDisallow: /o*$\n"), "E_FETCH_ROBOTS"),
        (plain(f"{'#' * 499_999}\nUser-agent: *\nDisallow: /\n"), "E_FETCH_ROBOTS"),
        (plain(f"{'#' * 512_001}\nUser-agent: *\nDisallow: /\n"), None),
        (
            plain(PACKERS["br"](b"User-agent: *\nDisallow: /"), Content_Encoding="br"),
            "E_FETCH_ROBOTS",
        ),
        (status(500), "E_FETCH_ROBOTS_UNREACHABLE"),
        (status(503), "E_FETCH_ROBOTS_UNREACHABLE"),
        (status(429), "E_FETCH_ROBOTS_UNREACHABLE"),
        (slow(), "E_FETCH_TIMEOUT"),
        (hang_up(), "E_FETCH_CONNECT"),
    ],
)
def test_fault_24_robots(
    site: Site, request: pytest.FixtureRequest, answer: Any, reason: str | None
) -> None:
    host = f"{url_key('http://a.test/' + request.node.name)}.test"
    site.routes |= {
        f"{host}/robots.txt": answer,
        f"{host}/loop/robots.txt": redirect("/robots.txt"),
    }
    web = WebOptions(connect_to=site.address, spacing_s=0, timeout_s=2)
    out, counters = run([entry(f"http://{host}/ok"), entry(f"http://{host}/ok?2")], web)
    later = reason is not None and reason != "E_FETCH_ROBOTS"
    assert len(site.requests_for(f"{host}/ok")) == (0 if reason else 2)
    assert [row.reason for row in out["rejects"]] == ([reason] * 2 if reason else [])
    assert len(out["queued"]) == (2 if later else 0)
    robots = [row for row in out["fetches"] if row.kind == "robots" and not row.is_redirect]
    assert len(robots) == 1, "asked once for both pages"
    assert counters[f"robots.{robots[0].status}"] == 1


def test_fault_24_a_robots_txt_that_failed_is_requested_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transforms.web.robots_cache._CACHE_FAILURE_S", 0.0)
    site.routes["back.test/robots.txt"] = status(500)
    web = WebOptions(connect_to=site.address, spacing_s=0, per_domain=1)
    first, _ = run([entry("http://back.test/ok")], web)
    site.routes["back.test/robots.txt"] = status(404)
    second, _ = run([entry("http://back.test/ok", attempt=1)], web)
    assert (len(first["pages"]), len(first["queued"]), len(second["pages"])) == (0, 1, 1)
    revisits = [row for out in (first, second) for row in out["fetches"] if row.kind == "robots"]
    assert [(row.attempt, row.http_status) for row in revisits] == [(0, 500), (1, 404)]
    assert revisits[0].fetch_id != revisits[1].fetch_id


@pytest.mark.parametrize(("hops", "allowed"), [(5, False), (6, True)])
def test_fault_24_five_redirects_of_robots_are_followed(
    site: Site, hops: int, allowed: bool
) -> None:
    host = f"hop-{hops}.test"
    site.routes[f"{host}/robots.txt"] = redirect("http://hop0.test/r")
    for n in range(hops):
        site.routes[f"hop{n}.test/r"] = redirect(f"http://hop{n + 1}.test/r")
    site.routes[f"hop{hops - 1}.test/r"] = plain("User-agent: *\nDisallow: /")
    out, counters = run(
        [entry(f"http://{host}/ok")], WebOptions(connect_to=site.address, spacing_s=0)
    )
    assert bool(out["pages"]) is allowed
    assert counters["robots.redirects"] == hops
    assert len({row.fetch_id for row in out["fetches"]}) == len(out["fetches"]) == hops + 2


def test_fault_24_crawl_delay_is_kept_to_a_cap(site: Site) -> None:
    site.routes["calm.test/robots.txt"] = plain("User-agent: *\nCrawl-delay: 0.5")
    site.routes["calmest.test/robots.txt"] = plain("User-agent: *\nCrawl-delay: 86400")
    web = WebOptions(connect_to=site.address, spacing_s=0)
    out, _ = run([entry(f"http://calm.test/ok?{n}") for n in range(4)], web)
    assert len(out["pages"]) == 4
    times = [seen.at for seen in site.requests_for("calm.test/ok")]
    assert times[-1] - times[0] > 1.3, "three times half a second, but for the server's own delays"
    out, _ = run(
        [entry(f"http://calmest.test/ok?{n}") for n in range(3)],
        WebOptions(connect_to=site.address, max_wait_s=1),
    )
    waits = [one.not_before - NOW for one in out["queued"] if one.attempt == 0]
    assert waits
    assert all(wait <= timedelta(seconds=180) for wait in waits), "no day, a minute a page"


def spans_of(site: Site, part: str) -> list[tuple[float, float]]:
    return sorted((begun, ended) for begun, ended, url in site.spans if part in url)


# The client has an answer, and may start the next request, before the server's thread has noted
# the end; requests take ten times as long.
NOTED_S = 0.03


def at_once(spans: list[tuple[float, float]]) -> int:
    """Return how many requests were under way at one time, at most."""
    return max(sum(b <= begun < e - NOTED_S for b, e in spans) for begun, _ in spans)


_PROCESS = """
import sys
from transforms.web import WebClient, WebOptions
address, folder, name, spacing = sys.argv[1:]
client = WebClient(WebOptions(connect_to=address, pace_dir=folder, spacing_s=float(spacing), per_domain=2))
jobs = [client.submit(client.fetch(f"http://{name}{n}.shared.co.uk/late?{name}{n}")) for n in range(5)]
print(sum(job.result(timeout=60).status == 200 for job in jobs))
client.close()
"""


def _processes(site: Site, folder: Path, spacing: float) -> list[tuple[float, float]]:
    """Let three processes ask one domain at the same time.

    Return when the server had each request.
    """
    site.routes["/late"] = late(respond("<p>"), 0.3)
    site.spans.clear()
    command = [sys.executable, "-c", _PROCESS, site.address, str(folder)]
    started = [
        subprocess.Popen(
            [*command, name, str(spacing)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]
        )
        for name in "abc"
    ]
    assert [one.communicate(timeout=120)[0].strip() for one in started] == [b"5"] * 3
    return spans_of(site, ".shared.co.uk/late")


def test_fault_25_spacing_holds_across_processes(site: Site, tmp_path: Path) -> None:
    spans = _processes(site, tmp_path, 0.25)
    assert len(spans) == 15
    assert spans[-1][0] - spans[0][0] > 14 * 0.25 - 0.2
    assert all(later - earlier > 0.1 for (earlier, _), (later, _) in pairwise(spans))


def test_fault_25_concurrency_holds_across_processes(site: Site, tmp_path: Path) -> None:
    spans = _processes(site, tmp_path, 0.0)
    assert len(spans) == 15
    assert at_once(spans) == 2


def test_fault_25_pace_holds_across_bundles_and_threads(site: Site) -> None:
    site.routes["/late"] = late(respond("<p>"), 0.2)
    site.spans.clear()
    entries = [entry(f"http://w{n}.lane{n % 4}.co.uk/late?{n}") for n in range(24)]
    web = WebOptions(connect_to=site.address, spacing_s=0.15, per_domain=2)
    with ThreadPoolExecutor(2) as pool:
        parts = pool.map(lambda part: run(part, web, workers=4), (entries[:12], entries[12:]))
        assert sum(len(out["pages"]) for out, _ in parts) == 24
    for lane in range(4):
        spans = spans_of(site, f".lane{lane}.co.uk/late")
        assert len(spans) == 6
        assert spans[-1][0] - spans[0][0] > 5 * 0.15 - 0.1
        assert at_once(spans) <= 2


def test_fault_25_a_429_is_heard_by_all_processes(site: Site, tmp_path: Path) -> None:
    site.routes["one.told.co.uk/"] = status(429, Retry_After="1800")
    options = WebOptions(connect_to=site.address, spacing_s=0, pace_dir=str(tmp_path))
    first, second = WebClient(options), WebClient(options)
    assert refusal(first, "http://one.told.co.uk/").reason == "E_FETCH_HTTP_429"
    error = refusal(second, "http://two.told.co.uk/ok")
    assert (error.reason, error.status) == ("E_FETCH_MAX_WAIT", "skipped")
    assert 1700 < (error.retry_after_s or 0) <= 1800
    assert not site.requests_for("two.told.co.uk")
    first.close()
    second.close()


@pytest.mark.parametrize("value", [None, "soon", "-1"])
def test_fault_12_a_429_without_a_time_holds_the_domain_too(site: Site, value: str | None) -> None:
    client = WebClient(WebOptions(connect_to=site.address, spacing_s=0))
    site.routes["a.unsaid.co.uk/"] = status(429, **({"Retry_After": value} if value else {}))
    assert refusal(client, "http://a.unsaid.co.uk/").retry_after_s is None
    assert refusal(client, "http://b.unsaid.co.uk/ok").reason == "E_FETCH_MAX_WAIT"
    client.close()


def test_fault_25_a_folder_that_fails_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert not isinstance(shared_pace(WebOptions(pace_dir=str(tmp_path / "file"))), FilePace)
    pace = FilePace(tmp_path / "gone", 1)
    assert not isinstance(pace.enter("a.test", 1.0), Wait)
    pace.back_off("a.test", 1.0)


def test_fault_25_a_request_that_waits_for_a_lock_blocks_no_other(tmp_path: Path) -> None:
    ours, theirs = FilePace(tmp_path, 1), FilePace(tmp_path, 1)
    with _locked(ours._file("a.test")):
        started = time.monotonic()
        assert not isinstance(theirs.enter("a.test", 0.0), Wait)
        assert time.monotonic() - started < 2


def test_fault_25_places_and_times_are_shared(tmp_path: Path) -> None:
    ours, theirs = FilePace(tmp_path, 1), FilePace(tmp_path, 1)
    lease = ours.enter("a.test", 0.0)
    assert isinstance(theirs.enter("a.test", 0.0), Wait)
    assert not isinstance(theirs.enter("b.test", 0.0), Wait)
    assert not isinstance(lease, Wait)
    lease.release()
    assert not isinstance(theirs.enter("a.test", 5.0), Wait)
    wait = ours.enter("a.test", 5.0)
    assert isinstance(wait, Wait)
    assert 4 < wait.seconds <= 5
    ours.back_off("c.test", 1e9)
    held = theirs.enter("c.test", 0.0)
    assert isinstance(held, Wait)
    assert held.is_backoff
    assert 3590 < held.seconds <= 3600
    busy = ours.enter("d.test", 0.0)
    assert not isinstance(busy, Wait)
    assert isinstance(theirs.enter("d.test", 0.0), Wait)
    for file in tmp_path.glob("*.0"):
        os.utime(file, (1, time.time() - 3600))
    assert not isinstance(theirs.enter("d.test", 0.0), Wait), (
        "a process that was stopped keeps nobody for ever"
    )
    busy.release()
    old = time.time() - 2 * 86400
    for file in tmp_path.iterdir():
        os.utime(file, (old, old))
    ours.sweep()
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret.txt"
    file.write_text("TOP-SECRET-WORD")
    return file


LOLS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
PROSE = "".join(
    f"<p>The minister met the envoy of the other country on day {n} and both spoke of the port.</p>"
    for n in range(9)
)


def doctypes(secret: Path, site: Site) -> dict[str, str]:
    return {
        "xxe file": f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>',
        "xxe http": f'<!DOCTYPE x [<!ENTITY e SYSTEM "http://{site.address}/xxe">]>',
        "external dtd": f'<!DOCTYPE x SYSTEM "http://{site.address}/dtd"><!-- -->',
        "parameter": f'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://{site.address}/p"> %p;]>',
        "billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "lol">{LOLS}<!ENTITY e "&l11;">]>',
        "quadratic": f'<!DOCTYPE x [<!ENTITY e "{"a" * 50_000}">]>',
    }


@pytest.mark.parametrize(
    "kind", ["xxe file", "xxe http", "external dtd", "parameter", "billion laughs", "quadratic"]
)
@pytest.mark.parametrize("content_type", ["text/html", "application/xhtml+xml"])
def test_fault_26_entities_of_a_page_give_nothing(
    secret: Path, site: Site, kind: str, content_type: str
) -> None:
    uses = "&e;" * (20_000 if kind == "quadratic" else 3)
    start = f"<?xml version='1.0'?>{doctypes(secret, site)[kind]}"
    markup = f"{start}<html><body><h1>Talks</h1>{PROSE}<p>{uses}</p></body></html>"
    page = Page(
        entry=entry("http://a.test/1"), final_url="http://a.test/1", content_type=content_type, content=markup.encode(),
        fetched_at=NOW,
    )  # fmt: skip
    started, before = time.monotonic(), len(site.seen)
    article = extract_article(page, now=NOW)
    assert time.monotonic() - started < 10
    assert len(article.body or "") < 200_000
    assert "TOP-SECRET" not in repr(article)
    assert "lollol" not in repr(article)
    assert len(site.seen) == before


@pytest.mark.parametrize(
    "kind", ["xxe file", "xxe http", "external dtd", "parameter", "billion laughs", "quadratic"]
)
def test_fault_26_entities_of_a_feed_give_nothing(secret: Path, site: Site, kind: str) -> None:
    uses = "&e;" * (20_000 if kind == "quadratic" else 3)
    item = f"<item><title>{uses}</title><link>http://a.test/1</link></item>"
    start = f"<?xml version='1.0'?>{doctypes(secret, site)[kind]}"
    text = f"{start}<rss version='2.0'><channel><title>x</title>{item}</channel></rss>"
    started, before = time.monotonic(), len(site.seen)
    try:
        feed = parse_feed(
            text.encode(), content_type="application/rss+xml", url="http://a.test/feed", now=NOW
        )
    except FeedError:
        feed = None
    assert time.monotonic() - started < 10
    assert "TOP-SECRET" not in repr(feed)
    assert "lollol" not in repr(feed)
    assert len(repr(feed)) < 200_000
    assert len(site.seen) == before


def test_fault_26_200k_nested_tags_of_a_page_cost_little() -> None:
    markup = "<html><body>" + "<div>" * 200_000 + "deep" + PROSE
    page = Page(
        entry=entry("http://a.test/1"), final_url="http://a.test/1", content_type="text/html", content=markup.encode(),
        fetched_at=NOW,
    )  # fmt: skip
    started = time.monotonic()
    with pytest.raises(ExtractError):
        extract_article(page, now=NOW)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("title", "text", "kind"),
    [
        (
            "Before you continue",
            "We and our 812 partners store and use data on your device.",
            "consent_wall",
        ),
        ("Just a moment...", "Verifying you are human. This may take a few seconds.", "challenge"),
    ],
)
def test_fault_27_a_wall_is_typed_and_no_article(
    site: Site, title: str, text: str, kind: str
) -> None:
    markup = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><div><p>{text}</p></div></body></html>"
    site.routes["wall.test/"] = respond(markup)
    out, _ = run([entry("http://wall.test/")], WebOptions(connect_to=site.address, spacing_s=0))
    article = extract_article(out["pages"][0], now=NOW)
    assert (article.page_kind, article.body) == (kind, None)


@pytest.mark.parametrize(
    "flaw",
    ["self-signed", "expired", "other name", "unknown authority", "no tls at all", "old protocol"],
)
def test_fault_28_bad_certificates_are_refused_and_counted(
    authority: Authority, site: Site, flaw: str
) -> None:
    context = authority.context(
        "other.test" if flaw == "other name" else "tls.test",
        until=datetime.now(UTC) - DAY if flaw == "expired" else None,
        own=flaw == "self-signed",
    )
    if flaw == "old protocol":
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
    trusted = None if flaw == "unknown authority" else str(authority.ca_file)
    with serve({"/ok": respond("<p>")}, tls=None if flaw == "no tls at all" else context) as secure:
        web = WebOptions(connect_to=secure.address, spacing_s=0, timeout_s=5, ca_file=trusted)
        out, counters = run([entry("https://tls.test/ok")], web)
        assert not secure.seen
    assert not out["pages"]
    assert len(out["queued"]) == (1 if flaw in {"no tls at all", "old protocol"} else 0)
    assert {row.status for row in out["fetches"]} == {"tls"}
    assert {row.reason for row in out["rejects"]} == {"E_FETCH_TLS"}
    assert (counters["fetch.tls"], counters["fetch.E_FETCH_TLS"], counters["robots.tls"]) == (
        1,
        1,
        1,
    )


def test_fault_28_a_sound_certificate_is_taken(authority: Authority) -> None:
    routes = {"/ok": respond("<p>news"), "/old": redirect("/ok", 301)}
    with serve(routes, tls=authority.context("tls.test")) as secure:
        client = WebClient(
            WebOptions(connect_to=secure.address, spacing_s=0, ca_file=str(authority.ca_file))
        )
        assert client.get("https://tls.test/ok").content == b"<p>news"
        assert client.get("https://tls.test/old").moved_to == "https://tls.test/ok"
        client.close()


HOSTILE = "a\r\nERROR fake line\x1b[31m\x00\u2028\u202etxt=cmd|'/c calc'!A0"


def test_fault_29_hostile_metadata_stays_in_one_line(site: Site) -> None:
    sent = HOSTILE.replace("\r\n", "\x0b").encode().decode("latin-1")
    site.routes["mean.test/"] = raw(
        f"HTTP/1.1 404 {sent}\r\nContent-Type: {sent}\r\n\r\n".encode("latin-1")
    )
    site.routes["mean.test/to"] = redirect("http://in.test/" + sent)
    site.routes["in.test/"] = status(404)
    out, _ = run(
        [entry("http://mean.test/", title=HOSTILE, author=HOSTILE), entry("http://mean.test/to")],
        WebOptions(connect_to=site.address, spacing_s=0),
    )
    assert len(out["rejects"]) == 2
    rows = [*out["fetches"], *out["rejects"]]
    texts = [getattr(row, name) for row in rows for name in row.__dataclass_fields__]
    assert all(len(text.splitlines()) <= 1 for text in texts if isinstance(text, str))
    assert not any(
        set("\x1b\x00\x0b\u2028\u202e") & set(text) for text in texts if isinstance(text, str)
    )
    assert all((row.url or "").startswith("http") for row in rows)
    kept = [json.loads(row.payload)["title"] for row in out["rejects"]]
    assert HOSTILE in kept, "what is to be replayed is kept as it was, escaped"


def test_fault_30_a_page_that_cannot_be_fetched_is_a_reject_that_can_be_replayed(
    site: Site,
) -> None:
    site.routes["sick.test/"] = status(500)
    requested = entry("http://sick.test/", attempt=2, title="Talks", etag='"1"')
    out, counters = run(
        [requested, entry("http://well.test/ok")], WebOptions(connect_to=site.address, spacing_s=0)
    )
    assert [page.final_url for page in out["pages"]] == ["http://well.test/ok"]
    (reject,) = out["rejects"]
    assert (reject.stage, reject.reason, reject.attempt) == ("fetch", "E_FETCH_HTTP_500", 2)
    again = json.loads(reject.payload)
    assert (again["url"], again["title"], again["attempt"], again["etag"]) == (
        requested.url,
        "Talks",
        2,
        '"1"',
    )
    assert (counters["fetch.http_error"], counters["fetch.ok"]) == (1, 1)


def test_every_request_has_its_row(site: Site) -> None:
    site.routes |= {
        "log.test/a": redirect("/b", 301),
        "log.test/b": redirect("http://log2.test/ok?x=1"),
    }
    out, counters = run(
        [entry("http://log.test/a")], WebOptions(connect_to=site.address, spacing_s=0)
    )
    (page,) = out["pages"]
    assert {
        (row.kind, row.url, row.status, row.http_status, row.final_url) for row in out["fetches"]
    } == {
        ("robots", "http://log.test/robots.txt", "http_error", 404, "http://log.test/robots.txt"),
        ("robots", "http://log2.test/robots.txt", "http_error", 404, "http://log2.test/robots.txt"),
        ("article", "http://log.test/a", "ok", 301, "http://log.test/b"),
        ("article", "http://log.test/b", "ok", 302, "http://log2.test/ok?x=1"),
        ("article", "http://log.test/a", "ok", 200, "http://log2.test/ok?x=1"),
    }
    assert len(out["fetches"]) == len({row.fetch_id for row in out["fetches"]}) == 5
    assert page.fetch_id in {row.fetch_id for row in out["fetches"] if row.http_status == 200}
    assert len(site.requests_for("//log.test/")) + len(site.requests_for("//log2.test/")) == 5
    assert (counters["fetch.ok"], counters["fetch.redirects"], counters["robots.http_error"]) == (
        1,
        2,
        2,
    )
    assert counters["fetch.bytes"] == 7


def test_a_redirect_of_a_feed_has_its_row_too(site: Site) -> None:
    site.routes["moved.test/feed"] = redirect("http://new.test/feed", 301)
    site.routes["new.test/feed"] = respond(
        "<rss version='2.0'><channel><title>x</title></channel></rss>"
    )
    web = WebOptions(connect_to=site.address, spacing_s=0)
    pipeline = beam.Pipeline(runner=FnApiRunner())
    states = pipeline | "Feeds" >> beam.Create(
        [new_state(feed_source("http://moved.test/feed"), NOW)]
    )
    number = collect(states | "Poll" >> PollFeeds(web, RunClock("r", NOW)))
    pipeline.run().wait_until_finish()
    rows = collected(number)["fetches"]
    assert {(row.kind, row.url, row.http_status, row.is_redirect) for row in rows} == {
        ("feed", "http://moved.test/feed", 200, False),
        ("feed", "http://moved.test/feed", 301, True),
    }
    assert len({row.fetch_id for row in rows}) == 2
    assert len({row.feed_id for row in rows}) == 1


def test_a_page_that_has_not_changed_is_a_row_alone(site: Site) -> None:
    site.routes["same.test/"] = with_etag("<p>news", '"1"', kind="text/html")
    site.routes["rude.test/"] = raw(b"HTTP/1.1 304 Not Modified\r\n\r\n")
    web = WebOptions(connect_to=site.address, spacing_s=0)
    entries = [
        entry("http://same.test/", etag='"1"', last_modified="Tue, 11 Oct 2022 08:00:00 GMT"),
        entry("http://same.test/?new", etag='"0"'),
        entry("http://rude.test/"),
    ]
    out, counters = run(entries, web)
    assert [page.final_url for page in out["pages"]] == ["http://same.test/?new"]
    rows = {row.url: row for row in out["fetches"] if row.kind == "article"}
    row = rows["http://same.test/"]
    assert (row.status, row.http_status, row.etag, row.body_sha256) == (
        "not_modified",
        304,
        '"1"',
        None,
    )
    (seen,) = [one for one in site.requests_for("same.test/") if one.path == "/"]
    assert seen.headers["If-Modified-Since"] == "Tue, 11 Oct 2022 08:00:00 GMT"
    assert [one.reason for one in out["rejects"]] == ["E_FETCH_HTTP_304"], "nobody asked it"
    assert (counters["fetch.not_modified"], counters["fetch.ok"]) == (1, 1)


def test_requests_name_their_sender_and_a_contact(site: Site) -> None:
    client = WebClient(WebOptions(connect_to=site.address, spacing_s=0, contact="desk@example.org"))
    client.get("http://who.test/ok")
    client.close()
    (seen,) = site.requests_for("who.test")
    assert seen.headers["User-Agent"] == "newsbeam/0.1 (+desk@example.org)"
    assert seen.headers["From"] == "desk@example.org"


def _resolve_to(client: WebClient, names: dict[str, list[str]]) -> None:
    """Let the client's resolver know these names and no others; the dict may change later."""

    async def resolve(host: str, port: int = 0, family: int = 0) -> list[dict[str, Any]]:
        await asyncio.sleep(0)
        return [
            {"hostname": host, "host": one, "port": port, "family": family, "proto": 0, "flags": 0}
            for one in names[host]
        ]

    connector: Any = client._session.connector
    connector._resolver.resolve = resolve


def _no_network(client: WebClient, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let every name resolve to loopback and every connection fail.

    Return who was to be connected to.
    """
    connected: list[str] = []

    async def connect(sock: object, address: tuple[str, int]) -> None:
        connected.append(address[0])
        raise ConnectionRefusedError("stubbed")

    async def resolve(host: str, port: int = 0, family: int = 0) -> list[dict[str, Any]]:
        return [
            {
                "hostname": host,
                "host": "127.0.0.1",
                "port": port,
                "family": family,
                "proto": 0,
                "flags": 0,
            }
        ]

    connector: Any = client._session.connector
    monkeypatch.setattr(connector._resolver, "resolve", resolve)
    monkeypatch.setattr(client.loop, "sock_connect", connect)
    return connected
