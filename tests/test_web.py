import asyncio
import gzip
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from tests.helpers.web_site import (
    Site,
    bomb,
    endless,
    hang_up,
    huge,
    redirect,
    respond,
    serve,
    slow,
    status,
)
from transforms.core.fetch.pacer import Pacer
from transforms.errors import ConfigError, FetchError
from transforms.web import (
    Backlog,
    FetchRequest,
    Permit,
    WebClient,
    WebError,
    WebOptions,
    shared_client,
)
from transforms.web.rate_limiter import RateLimiter
from transforms.web.shared_pace import UnsharedPace

pytestmark = pytest.mark.slow

LIMIT = 1 << 20
ROUTES = {
    "/ok": respond("<p>news"),
    "/gzip": respond(gzip.compress(b"news"), Content_Encoding="gzip"),
    "/to-ok": redirect("/ok", 301),
    "/for-now": redirect("/to-ok", 302),
    "/loop": redirect("/loop2"),
    "/loop2": redirect("/loop"),
    "/to-file": redirect("file:///etc/passwd"),
    "/to-script": redirect("javascript:alert(1)"),
    "/to-data": redirect("data:text/html,x"),
    "/to-smtp": redirect("http://a.test:25/"),
    "/to-metadata": redirect("http://169.254.169.254/latest/"),
    "/to-decimal": redirect("http://2130706433/"),
    "/to-credentials": redirect("http://user:pw@a.test/"),
    "/slow": slow(),
    "/endless": endless(),
    "/huge": huge(200 << 20, declared=True),
    "/huge-unsaid": huge(200 << 20, declared=False),
    "/bomb": bomb(50 << 20),
    "/twice": respond(b"no gzip", Content_Encoding="gzip, gzip"),
    "/unasked": respond(b"x", Content_Encoding="compress"),
    "/hang-up": hang_up(),
    "/half": hang_up(b"<p>"),
    "/pdf": respond(b"%PDF", kind="application/pdf"),
    "/410": status(410),
    "/429": status(429, Retry_After="7"),
    "/429-30": status(429, Retry_After="30"),
    "/429-3600": status(429, Retry_After="3600"),
    "/500": status(500),
}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serve(ROUTES) as running:
        yield running


@pytest.fixture(scope="module")
def client(site: Site) -> Iterator[WebClient]:
    client = WebClient(
        WebOptions(connect_to=site.address, spacing_s=0, timeout_s=1, max_bytes=LIMIT)
    )
    yield client
    client.close()


@pytest.mark.parametrize(("path", "content"), [("ok", b"<p>news"), ("gzip", b"news")])
def test_fetches(client: WebClient, path: str, content: bytes) -> None:
    answer = client.get(f"http://a.test/{path}")
    assert (answer.status, answer.content, answer.final_url) == (
        200,
        content,
        f"http://a.test/{path}",
    )


def test_redirects_are_followed_and_remembered(client: WebClient) -> None:
    moved = client.get("http://a.test/to-ok")
    assert (moved.final_url, moved.moved_to) == ("http://a.test/ok", "http://a.test/ok")
    answer = client.get("http://a.test/for-now")
    assert [hop.http_status for hop in answer.redirects] == [302, 301]
    assert answer.moved_to is None


@pytest.mark.parametrize(
    ("path", "reason", "status_word", "retryable"),
    [
        ("none", "E_FETCH_HTTP_404", "http_error", False),
        ("410", "E_FETCH_HTTP_410", "http_error", False),
        ("429", "E_FETCH_HTTP_429", "http_error", True),
        ("500", "E_FETCH_HTTP_500", "http_error", True),
        ("loop", "E_FETCH_REDIRECTS", "http_error", False),
        ("to-file", "E_FETCH_REFUSED", "refused", False),
        ("to-script", "E_FETCH_REFUSED", "refused", False),
        ("to-data", "E_FETCH_REFUSED", "refused", False),
        ("to-smtp", "E_FETCH_REFUSED", "refused", False),
        ("to-metadata", "E_FETCH_REFUSED", "refused", False),
        ("to-decimal", "E_FETCH_REFUSED", "refused", False),
        ("to-credentials", "E_FETCH_REFUSED", "refused", False),
        ("slow", "E_FETCH_TIMEOUT", "timeout", True),
        ("endless", "E_FETCH_TOO_LARGE", "too_large", False),
        ("huge", "E_FETCH_TOO_LARGE", "too_large", False),
        ("huge-unsaid", "E_FETCH_TOO_LARGE", "too_large", False),
        ("bomb", "E_FETCH_TOO_LARGE", "too_large", False),
        ("twice", "E_FETCH_ENCODING", "http_error", False),
        ("unasked", "E_FETCH_ENCODING", "http_error", False),
        ("hang-up", "E_FETCH_CONNECT", "http_error", True),
        ("half", "E_FETCH_CONNECT", "http_error", True),
        ("pdf", "E_FETCH_NOT_HTML", "not_html", False),
    ],
)
def test_failures_have_stable_codes(
    client: WebClient, path: str, reason: str, status_word: str, retryable: bool
) -> None:
    started = time.monotonic()
    with pytest.raises(WebError) as caught:
        client.get(
            f"http://{path}.test/{path}", FetchRequest(content_types=frozenset({"text/html"}))
        )
    error = caught.value
    assert (error.reason, error.status, error.retryable) == (reason, status_word, retryable)
    assert time.monotonic() - started < 15
    if path == "429":
        assert error.retry_after_s == 7.0


def test_a_429_delays_the_whole_domain(client: WebClient) -> None:
    with pytest.raises(WebError):
        client.get("http://one.is_held.co.uk/429")
    with pytest.raises(WebError) as caught:
        client.get("http://two.is_held.co.uk/ok", FetchRequest(deadline=time.time() + 0.2))
    assert caught.value.reason == "E_FETCH_DEADLINE"


def test_a_long_delay_ends_the_wait_of_all_queued_requests(site: Site, client: WebClient) -> None:
    urls = [f"http://w{n}.busy.co.uk/429-3600?{n}" for n in range(100)]
    started = time.monotonic()
    errors = _all(client, urls)
    assert time.monotonic() - started < 30
    made = len(site.requests_for(".busy.co.uk"))
    assert 1 <= made <= client.options.per_domain
    assert sum(error.reason == "E_FETCH_HTTP_429" for error in errors) == made
    (skipped,) = {
        (error.status, error.retryable, error.retry_after_s)
        for error in errors
        if error.reason == "E_FETCH_MAX_WAIT"
    }
    assert skipped == ("skipped", True, 3600)


def test_short_holds_do_not_add_up_for_ever(site: Site) -> None:
    options = WebOptions(connect_to=site.address, spacing_s=0, max_wait_s=1.5, per_domain=1)
    client = WebClient(options)
    site.routes["again.test/"] = status(503, Retry_After="1")
    reasons = [
        error.reason for error in _all(client, [f"http://again.test/?{n}" for n in range(20)])
    ]
    client.close()
    assert sorted(set(reasons)) == ["E_FETCH_HTTP_503", "E_FETCH_MAX_WAIT"]
    assert reasons.count("E_FETCH_HTTP_503") == 2


@pytest.mark.parametrize(("delay", "refused"), [(30, 17), (59, 18)])
def test_of_a_long_crawl_delay_only_what_fits_is_waited_for(
    site: Site, delay: int, refused: int
) -> None:
    client = WebClient(WebOptions(connect_to=site.address, spacing_s=0))
    site.routes[f"crawl{delay}.test/robots.txt"] = respond(
        f"User-agent: *\nCrawl-delay: {delay}", kind="text/plain"
    )
    deadline = time.time() + 1.5
    errors = _all(
        client,
        [f"http://crawl{delay}.test/ok?{n}" for n in range(20)],
        FetchRequest(robots=True, deadline=deadline),
    )
    client.close()
    assert len(site.requests_for(f"crawl{delay}.test/ok")) == 1
    waits = [error.retry_after_s for error in errors if error.reason == "E_FETCH_MAX_WAIT"]
    assert len(waits) == refused
    assert all(60 < wait <= 120 for wait in waits if wait is not None)


def test_an_error_of_robots_txt_is_reported_for_each_page(site: Site) -> None:
    client = WebClient(WebOptions(connect_to=site.address, spacing_s=0, timeout_s=2))
    site.routes["cut.test/robots.txt"] = hang_up()
    urls = [f"http://cut.test/ok?{n}" for n in range(5)]
    errors = _all(client, urls, FetchRequest(robots=True))
    client.close()
    assert [error.final_url for error in errors] == urls


def _all(client: WebClient, urls: list[str], request: FetchRequest | None = None) -> list[WebError]:
    """Fetch all at once; return the errors."""

    async def get(url: str) -> WebError | None:
        try:
            await client.fetch(url, request)
        except WebError as error:
            return error
        return None

    answers = [client.submit(get(url)) for url in urls]
    return [error for answer in answers if (error := answer.result(timeout=30)) is not None]


@pytest.mark.parametrize("bad", ["\xff\xfe", "\x80", "\xed\xa0\x80", "x" * 6000])
def test_header_values_can_be_stored(site: Site, client: WebClient, bad: str) -> None:
    site.routes["bytes.test/"] = respond(
        b"<p>", kind=f"text/html; charset={bad}", ETag=bad, Last_Modified=bad, X_Odd=bad
    )
    site.routes["bytes.test/no"] = respond(b"", kind=f"text/{bad}", code=404)
    answer = client.get("http://bytes.test/")
    for name in ("etag", "last-modified", "content-type", "x-odd"):
        assert 0 < len(answer.headers[name].encode()) <= 3000
        assert len(answer.headers[name]) <= 1000
    with pytest.raises(WebError) as caught:
        client.get("http://bytes.test/no")
    assert caught.value.content_type is not None
    assert len(caught.value.content_type.encode()) <= 3000


@pytest.mark.parametrize(
    "bad", ["/\xff\xfe", "http://\xff.test/", "/\x80" + "x" * 6000, "\xff://x"]
)
def test_hostile_redirects_can_be_stored(site: Site, client: WebClient, bad: str) -> None:
    site.routes["sent.test/"] = redirect(bad)
    with pytest.raises(WebError) as caught:
        client.get("http://sent.test/")
    assert len(str(caught.value).encode()) <= 1500
    assert (caught.value.final_url or "").isascii()


def test_a_message_that_quotes_the_network_is_cleaned() -> None:
    error = WebError.of(FetchError("Bad \udcff\r\n" + "x" * 1000, status="dns"))
    assert str(error) == "Bad " + "\ufffd" * 3 + "x" * 493
    assert error.status == "dns"


def test_host_headers_and_queries_stay_as_they_are(site: Site, client: WebClient) -> None:
    with pytest.raises(WebError):
        client.get("http://as-is.test:8080/%7Ea?b=%2F&c")
    (seen,) = site.requests_for("as-is.test")
    assert (seen.host, seen.path) == ("as-is.test:8080", "/%7Ea?b=%2F&c")
    assert seen.headers["Accept-Encoding"] == "gzip, deflate, br, zstd"


def test_tls_stays_verified(client: WebClient) -> None:
    with pytest.raises(WebError) as caught:
        client.get("https://a.test/ok")
    assert caught.value.status == "tls"


@pytest.mark.parametrize(
    "answers", [["127.0.0.1"], ["10.0.0.1", "fd00::1"], ["169.254.169.254"], ["::ffff:127.0.0.1"]]
)
def test_names_that_resolve_inside_are_refused(
    answers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = WebClient(WebOptions(spacing_s=0, timeout_s=5, pace_dir=""))
    connected = _stub_network(client, monkeypatch, answers)
    with pytest.raises(WebError) as caught:
        client.get("http://rebound.test/")
    client.close()
    assert caught.value.reason == "E_FETCH_REFUSED"
    assert connected == []


def test_of_mixed_answers_only_the_public_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    client = WebClient(WebOptions(spacing_s=0, timeout_s=5, pace_dir=""))
    connected = _stub_network(client, monkeypatch, ["10.0.0.1", "8.8.8.8", "127.0.0.1"])
    with pytest.raises(WebError) as caught:
        client.get("http://mixed.test/")
    client.close()
    assert caught.value.reason == "E_FETCH_CONNECT"
    assert set(connected) == {"8.8.8.8"}


_IPV4 = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 80))
# What the system answers for a name with IPv6 addresses alone if Python cannot use these.
_UNUSABLE = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (10, b"\x00"))


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([], "E_FETCH_DNS"),
        ([_UNUSABLE], "E_FETCH_DNS"),
        ([_UNUSABLE, _UNUSABLE], "E_FETCH_DNS"),
        (socket.gaierror(socket.EAI_NODATA, "no address"), "E_FETCH_DNS"),
        (UnicodeError("label too long"), "E_FETCH_PROTOCOL"),
        ([_UNUSABLE, _IPV4], "E_FETCH_CONNECT"),
        ([_IPV4], "E_FETCH_CONNECT"),
    ],
    ids=["none", "unusable", "two-unusable", "no-such-name", "bad-name", "one-usable", "usable"],
)
def test_a_name_without_an_address_is_a_failed_look_up(
    answers: Any, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = WebClient(WebOptions(spacing_s=0, timeout_s=5, pace_dir=""))

    async def look_up(*_: object, **__: object) -> Any:
        if isinstance(answers, Exception):
            raise answers
        return answers

    async def connect(sock: object, address: tuple[str, int]) -> None:
        raise ConnectionRefusedError("stubbed")

    monkeypatch.setattr(client.loop, "getaddrinfo", look_up)
    monkeypatch.setattr(client.loop, "sock_connect", connect)
    urls = ["http://a.test/1", "http://a.test/2", "http://b.test/"]
    requests = [client.submit(client.fetch(url)) for url in urls]
    for request in [*requests, client.submit(client.fetch("http://a.test/again"))]:
        with pytest.raises(WebError) as caught:
            request.result(timeout=20)
        assert caught.value.reason == reason
    client.close()


def _stub_network(
    client: WebClient, monkeypatch: pytest.MonkeyPatch, answers: list[str]
) -> list[str]:
    """Let every name resolve to the answers and every connection fail.

    Return who was to be connected to.
    """
    connected: list[str] = []

    async def resolve(host: str, port: int = 0, family: int = 0) -> list[dict[str, Any]]:
        return [
            {"hostname": host, "host": one, "port": port, "family": family, "proto": 0, "flags": 0}
            for one in answers
        ]

    async def connect(sock: object, address: tuple[str, int]) -> None:
        connected.append(address[0])
        raise ConnectionRefusedError("stubbed")

    connector: Any = client._session.connector
    monkeypatch.setattr(connector._resolver, "resolve", resolve)
    monkeypatch.setattr(client.loop, "sock_connect", connect)
    return connected


def test_robots(site: Site) -> None:
    site.routes["no.test/robots.txt"] = respond("User-agent: *\nDisallow: /ok", kind="text/plain")
    site.routes["down.test/robots.txt"] = status(503)
    site.routes["long.test/robots.txt"] = endless()
    site.routes["cut.test/robots.txt"] = hang_up()
    client = WebClient(WebOptions(connect_to=site.address, spacing_s=0, timeout_s=3))
    request = FetchRequest(robots=True)
    for host in ("yes.test", "yes.test", "long.test"):
        assert client.get(f"http://{host}/ok", request).status == 200
    assert len(site.requests_for("yes.test/robots.txt")) == 1
    for host, reason, retryable in (
        ("no.test", "E_FETCH_ROBOTS", False),
        ("down.test", "E_FETCH_ROBOTS_UNREACHABLE", True),
        ("cut.test", "E_FETCH_CONNECT", True),
    ):
        with pytest.raises(WebError) as caught:
            client.get(f"http://{host}/ok", request)
        assert (caught.value.reason, caught.value.retryable) == (reason, retryable)
        assert not site.requests_for(f"{host}/ok")
    assert client.get("http://no.test/ok").status == 200
    client.close()


def test_domains_interleave_and_each_keeps_its_pace(site: Site) -> None:
    client = WebClient(WebOptions(connect_to=site.address, spacing_s=0.2))
    urls = [
        f"http://w{page}.pace{domain}.co.uk/ok?{page}" for domain in range(10) for page in range(3)
    ]
    started = time.monotonic()
    with ThreadPoolExecutor(30) as pool:
        assert all(answer.status == 200 for answer in pool.map(client.get, urls))
    assert time.monotonic() - started < 5, "one domain after the other takes 6 s"
    for domain in range(10):
        times = [seen.at for seen in site.requests_for(f".pace{domain}.co.uk/")]
        assert times[-1] - times[0] > 0.25, "0.4 s, but for the server's own delays"
    client.close()


def test_one_client_a_process() -> None:
    options = WebOptions(connect_to="127.0.0.1:9", deadline=1.0)
    with ThreadPoolExecutor(8) as pool:
        clients = set(pool.map(lambda _: shared_client(options), range(16)))
    assert len(clients) == 1
    assert shared_client(WebOptions(connect_to="127.0.0.1:9", deadline=2.0)) in clients
    clients.pop().close()


def test_answers_in_memory_are_bounded(site: Site) -> None:
    client = WebClient(WebOptions(connect_to=site.address, spacing_s=0, per_domain=50))
    backlog: Backlog[int] = Backlog(client, max_results=3)

    async def work(permit: Permit) -> int:
        return (await client.fetch("http://bounded.test/ok", FetchRequest(permit=permit))).status

    for _ in range(12):
        backlog.add(work)
    time.sleep(0.3)
    assert len(site.requests_for("bounded.test")) == 3
    assert list(backlog.drain()) == [200] * 12
    client.close()


def test_redirects_into_a_busy_domain_do_not_block_it(site: Site) -> None:
    site.routes["from.test/ok"] = redirect("http://into.test/ok")
    client = WebClient(WebOptions(connect_to=site.address, spacing_s=0.01, concurrency=4))
    backlog: Backlog[str] = Backlog(client, max_results=8)

    async def work(url: str, permit: Permit) -> str:
        return (await client.fetch(url, FetchRequest(robots=True, permit=permit))).final_url

    for host in ("into.test", "from.test"):
        for _ in range(40):
            backlog.add(partial(work, f"http://{host}/ok"))
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(lambda: list(backlog.drain()))
        try:
            assert done.result(timeout=20) == ["http://into.test/ok"] * 80
        finally:
            backlog.cancel()
            client.close()


def test_a_request_that_waits_for_pace_holds_no_permit() -> None:
    async def check() -> None:
        limiter = RateLimiter(
            Pacer(0.2), UnsharedPace(), concurrency=2, per_domain=2, max_wait_s=60
        )
        gate = asyncio.Semaphore(9)
        permits = [Permit(gate) for _ in range(2)]

        async def one(permit: Permit) -> None:
            async with limiter.slot("a.test", permit):
                await asyncio.sleep(0.1)
                assert sum(each.is_held for each in permits) == 1
            permit.release()

        async with limiter.slot("b.test", Permit()), limiter.slot("c.test", Permit()):
            both = asyncio.gather(*map(one, permits))
            await asyncio.sleep(0.05)
            assert all(each.is_held for each in permits)
        await both

    asyncio.run(check())


def test_a_bug_is_raised_not_hidden(client: WebClient) -> None:
    backlog: Backlog[int] = Backlog(client, max_results=3)

    async def work(permit: Permit) -> int:
        raise ZeroDivisionError(str(permit))

    backlog.add(work)
    with pytest.raises(ZeroDivisionError):
        list(backlog.drain())


@pytest.mark.parametrize(
    "options",
    [
        {"connect_to": "nowhere"},
        {"connect_to": "a:0"},
        {"concurrency": 0},
        {"spacing_s": -1},
        {"max_wait_s": -1},
        {"allow_net": ("10.0.0.1/8",)},
        {"allow_net": ("intranet",)},
        {"contact": "a@b.test\r\nX: y"},
        {"user_agent": "névé"},
    ],
)
def test_options_are_checked(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        WebOptions(**options)


@pytest.mark.parametrize(
    ("contact", "headers"),
    [
        (None, {"User-Agent": "n/1"}),
        ("https://a.test/bot", {"User-Agent": "n/1 (+https://a.test/bot)"}),
        ("desk@a.test", {"User-Agent": "n/1 (+desk@a.test)", "From": "desk@a.test"}),
    ],
)
def test_identity_headers(contact: str | None, headers: dict[str, str]) -> None:
    assert WebOptions(user_agent="n/1", contact=contact).identity() == headers


def test_a_closed_client_leaves_no_thread() -> None:
    client = WebClient(WebOptions())
    client.close()
    assert not client.is_alive
