"""One session, one event loop, one thread for all requests of a worker process."""

import asyncio
import atexit
import threading
import time
from collections.abc import Coroutine, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urljoin

import aiohttp
import yarl

from transforms.core.fetch.addresses import Network, check_url
from transforms.core.fetch.backoff import domain_backoff_s, retry_after_s
from transforms.core.fetch.bodies import BodyReader
from transforms.core.fetch.codings import ACCEPT_ENCODING
from transforms.core.fetch.headers import clean_headers, clean_text
from transforms.core.fetch.pacer import Pacer
from transforms.core.urls import MAX_URL_LENGTH, registrable_domain
from transforms.errors import FetchError
from transforms.web.connector import as_fetch_error, make_connector
from transforms.web.rate_limiter import Permit, RateLimiter
from transforms.web.robots import RobotsCache
from transforms.web.shared_pace import shared_pace
from transforms.web.web_options import Response, SubRequest, WebError, WebOptions

T = TypeVar("T")

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 1 << 16
_MAX_TARGET = 8192
_ROBOTS_REDIRECTS = 5
# News sites send policies of 10 KB and more in one header; with at most 128 of them a head is still bounded.
_MAX_HEADER = 32 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRequest:
    """What a caller asks of a request beyond its link."""

    headers: dict[str, str] = field(default_factory=dict)
    kinds: frozenset[str] | None = None
    max_bytes: int | None = None
    max_redirects: int | None = None
    truncate: bool = False
    robots: bool = False
    deadline: float | None = None
    ticket: Permit = field(default_factory=Permit)


@dataclass(slots=True)
class _Journey:
    """A request on its way through redirects."""

    asked: str
    url: str
    hops: int = 0
    been: set[str] = field(default_factory=set)
    trail: list[SubRequest] = field(default_factory=list)
    active_s: float = 0.0
    status: int | None = None
    content_type: str | None = None


class WebClient:
    """Fetches links politely. Create one per process with `shared_client`; `submit` runs a coroutine on its loop."""

    def __init__(self, options: WebOptions) -> None:
        self.options = options
        self._allowed = options.networks()
        self.completed = 0
        self.loop = asyncio.new_event_loop()
        # Name look-ups block a thread each, dead ones for long: with one for each request no live one waits for them.
        threads = max(32, options.concurrency)
        self.loop.set_default_executor(
            ThreadPoolExecutor(threads, thread_name_prefix="newsbeam-dns")
        )
        self._thread = threading.Thread(
            target=self.loop.run_forever, name="newsbeam-web", daemon=True
        )
        self._thread.start()
        self._pacer = Pacer(options.spacing_s)
        self._session = self.submit(self._open()).result()
        self._shared = shared_pace(options)
        self._turns = RateLimiter(
            self._pacer,
            self._shared,
            concurrency=options.at_once(),
            per_domain=options.per_domain,
            max_wait_s=options.max_wait_s,
        )
        self._robots = RobotsCache(self._robots_file, options.user_agent)

    @property
    def is_alive(self) -> bool:
        """Return whether requests are being worked on."""
        return self._thread.is_alive()

    def submit(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Start a coroutine on the client's loop, from any thread."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def get(self, url: str, wish: FetchRequest | None = None) -> Response:
        """Fetch and wait, from any thread but the client's own."""
        return self.submit(self.fetch(url, wish)).result()

    def close(self) -> None:
        """Close the session and end the loop."""
        if self.is_alive:
            self.submit(self._session.close()).result(timeout=10)
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join(timeout=10)

    async def fetch(self, url: str, wish: FetchRequest | None = None) -> Response:
        """Return the answer to a link, redirects followed; raises WebError with a stable code for anything else."""
        wish = wish or FetchRequest()
        journey = _Journey(url, url)
        started = time.monotonic()
        try:
            async with asyncio.timeout(_left(wish.deadline)) as limit:
                return await self._follow(journey, wish)
        except TimeoutError as error:
            if not limit.expired():
                raise
            late = WebError(
                "the run's time is up", reason="E_FETCH_DEADLINE", retryable=True, status="skipped"
            )
            raise _with_journey(late, journey, started) from error
        except FetchError as error:
            raise _with_journey(WebError.of(error), journey, started) from error
        finally:
            self.completed += 1

    async def _open(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=make_connector(self.options),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
            headers=self.options.identity() | {"Accept-Encoding": ACCEPT_ENCODING},
            max_line_size=_MAX_HEADER,
            max_field_size=_MAX_HEADER,
        )

    async def _follow(self, journey: _Journey, wish: FetchRequest) -> Response:
        while True:
            check_url(journey.url, self._allowed)
            domain = registrable_domain(journey.url)
            if wish.robots and self.options.robots:
                self._pacer.slow_down(domain, await self._robots.check(journey.url, journey.trail))
            async with self._turns.turn(domain, wish.ticket):
                answer = await self._timed(journey, wish)
            if isinstance(answer, Response):
                return answer
            # A redirect holds no body, and what comes next may wait for those who wait for a ticket.
            wish.ticket.give_back()
            self._redirect(journey, answer, wish)

    def _redirect(self, journey: _Journey, target: str, wish: FetchRequest) -> None:
        journey.been.add(journey.url)
        journey.trail[-1] = replace(journey.trail[-1], final_url=target)
        limit = self.options.max_redirects if wish.max_redirects is None else wish.max_redirects
        if journey.hops > limit or target in journey.been:
            raise FetchError(
                f"{journey.hops} redirects from {journey.asked[:300]}", reason="E_FETCH_REDIRECTS"
            )
        journey.url = target

    async def _timed(self, journey: _Journey, wish: FetchRequest) -> Response | str:
        """Make one request within what is left of the total time; time spent waiting for a turn does not count."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(max(0.0, self.options.timeout_s - journey.active_s)):
                return await self._request(journey, wish)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise as_fetch_error(error, journey.url) from error
        finally:
            journey.active_s += time.monotonic() - started

    async def _request(self, journey: _Journey, wish: FetchRequest) -> Response | str:
        """Return the answer, or the link that it redirects to."""
        url = yarl.URL(journey.url, encoded=True)
        started = time.monotonic()
        async with self._session.get(url, headers=wish.headers, allow_redirects=False) as answer:
            headers = clean_headers(answer.headers.items())
            journey.status, journey.content_type = answer.status, headers.get("content-type")
            location = answer.headers.get("Location")
            if answer.status in _REDIRECTS and location:
                _log_redirect(journey, location, time.monotonic() - started)
                return _target(journey.url, location, self._allowed)
            if answer.status != 304 and not 200 <= answer.status < 300:
                raise self._http_error(journey.url, answer)
            _check_kind(journey.content_type, wish.kinds)
            content = b"" if answer.status == 304 else await self._read(answer, wish)
            return Response(
                status=answer.status,
                final_url=journey.url,
                headers=headers,
                content=content,
                duration_ms=int((journey.active_s + time.monotonic() - started) * 1000),
                trail=tuple(journey.trail),
            )

    async def _read(self, answer: aiohttp.ClientResponse, wish: FetchRequest) -> bytes:
        body = BodyReader(
            answer.headers.get("Content-Encoding"),
            wish.max_bytes or self.options.max_bytes,
            truncate=wish.truncate,
        )
        if answer.content_length is not None:
            body.expect(answer.content_length)
        async for chunk in answer.content.iter_chunked(_CHUNK):
            body.feed(chunk)
            if body.is_full:
                break
        return body.content()

    def _http_error(self, url: str, answer: aiohttp.ClientResponse) -> WebError:
        """Return the error for a status; one that asks for patience holds the whole domain."""
        wait = retry_after_s(answer.headers.get("Retry-After"), datetime.now(UTC))
        hold = domain_backoff_s(answer.status, wait)
        if hold is not None:
            self._turns.hold(registrable_domain(url), hold)
        return WebError.http(answer.status, url, wait)

    async def _robots_file(self, url: str, max_bytes: int) -> Response:
        return await self.fetch(
            url, FetchRequest(max_bytes=max_bytes, max_redirects=_ROBOTS_REDIRECTS, truncate=True)
        )


_clients: dict[WebOptions, WebClient] = {}
_clients_lock = threading.Lock()


def shared_client(options: WebOptions) -> WebClient:
    """Return the process's client for these options: pace, robots and connections are shared by all threads."""
    with _clients_lock:
        client = _clients.get(options)
        if client is None or not client.is_alive:
            client = _clients[options] = WebClient(options)
        return client


def completed_requests() -> int:
    """Return how many requests this process has made so far, whatever came of them."""
    return sum(client.completed for client in tuple(_clients.values()))


@atexit.register
def close_clients() -> None:
    """Close all shared clients; a later `shared_client` makes new ones."""
    with _clients_lock:
        clients = list(_clients.values())
        _clients.clear()
    for client in clients:
        client.close()


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - time.time())


def _log_redirect(journey: _Journey, location: str, seconds: float) -> None:
    journey.hops += 1
    hop = SubRequest(
        asked=journey.asked,
        hop=journey.hops,
        url=journey.url,
        final_url=clean_text(location, MAX_URL_LENGTH),
        http_status=journey.status,
        fetched_at=datetime.now(UTC),
        duration_ms=int(seconds * 1000),
        content_type=journey.content_type,
    )
    journey.trail.append(hop)


def _target(base: str, location: str, allowed: Sequence[Network]) -> str:
    """Return the link a redirect names, as it was meant: tracking parameters too, since leaving them out may loop."""
    if len(location) > _MAX_TARGET:
        raise FetchError(
            f"redirect to a link of {len(location)} characters",
            reason="E_FETCH_REFUSED",
            status="refused",
        )
    try:
        target = str(yarl.URL(urljoin(base, location.strip())).with_fragment(None))
    except ValueError as error:
        raise FetchError(
            f"redirect to {location[:200]!r}: {error}", reason="E_FETCH_REFUSED", status="refused"
        ) from error
    check_url(target, allowed)
    return target


def _check_kind(content_type: str | None, kinds: frozenset[str] | None) -> None:
    kind = (content_type or "").split(";", 1)[0].strip().lower()
    if kinds is not None and kind and kind not in kinds:
        raise FetchError(
            f"content type {kind[:100]!r} is not HTML", reason="E_FETCH_NOT_HTML", status="not_html"
        )


def _with_journey(error: WebError, journey: _Journey, started: float) -> WebError:
    error.final_url = journey.url
    error.http_status = error.http_status or journey.status
    error.content_type = journey.content_type
    error.duration_ms = int((time.monotonic() - started) * 1000)
    error.trail = tuple(journey.trail)
    return error
