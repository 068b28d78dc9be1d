"""The HTTP client of a worker process: one session, one event loop, one thread for all requests."""

import asyncio
import threading
import time
from collections.abc import Coroutine, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urljoin

import aiohttp
import yarl

from transforms.core.fetch.addresses import Network, check_url
from transforms.core.fetch.backoff import domain_backoff_s, retry_after_s
from transforms.core.fetch.bodies import BodyReader
from transforms.core.fetch.codings import ACCEPT_ENCODING
from transforms.core.fetch.headers import MAX_QUOTED_URL, clean_headers, is_part
from transforms.core.fetch.pacer import Pacer
from transforms.core.urls import registrable_domain
from transforms.errors import FetchError
from transforms.web.connector import as_fetch_error, make_connector
from transforms.web.fetch_request import FetchRequest, RequestState
from transforms.web.rate_limiter import RateLimiter
from transforms.web.responses import Response, WebError
from transforms.web.robots_cache import RobotsCache
from transforms.web.shared_pace import shared_pace
from transforms.web.web_options import WebOptions

T = TypeVar("T")

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# The size in which bodies are read: large enough for few calls, and so small that the slowest
# coding (1 MB/s) holds the loop for some milliseconds.
_CHUNK = 1 << 14
# The time for which decoding holds the loop before other requests have a turn: with all 64 slots
# taken by such bodies, a turn comes every third of a second.
_TURN_S = 0.005
# Longer Location headers are not parsed: joining and checking them takes time in their length.
_MAX_LOCATION = 8192
# RFC 9309 section 2.3.1.2: crawlers should follow at least five.
_ROBOTS_REDIRECTS = 5
# News sites send policies of 10 KB and more in one header; aiohttp's limit of 128 headers still
# bounds all of them.
_MAX_HEADER = 32 * 1024
# A look-up of a dead name blocks its thread for long. With a thread for each request none waits
# for another; 32 is the most that asyncio's own default executor has.
_MIN_DNS_THREADS = 32
# As much of a Location header as a message needs, in characters.
_MAX_QUOTED = 200
# Bounds the end of a process: its network thread is a daemon, so what has not closed ends with it.
_CLOSE_TIMEOUT_S = 10


class WebClient:
    """Fetches URLs: one per process, from `shared_client`. `submit` runs coroutines on its loop."""

    def __init__(self, options: WebOptions) -> None:
        self.options = options
        self._allowed = options.networks()
        self.completed = 0
        self.loop = asyncio.new_event_loop()
        threads = max(_MIN_DNS_THREADS, options.concurrency)
        self.loop.set_default_executor(
            ThreadPoolExecutor(threads, thread_name_prefix="newsbeam-dns")
        )
        self._thread = threading.Thread(
            target=self.loop.run_forever, name="newsbeam-web", daemon=True
        )
        self._thread.start()
        self._pacer = Pacer(options.spacing_s)
        self._session = self.submit(self._open()).result()
        self._limiter = RateLimiter(
            self._pacer,
            shared_pace(options),
            concurrency=options.effective_concurrency(),
            per_domain=options.per_domain,
            max_wait_s=options.max_wait_s,
        )
        self._robots = RobotsCache(self._fetch_robots_file, options.user_agent)

    @property
    def is_alive(self) -> bool:
        """Return whether the network thread runs."""
        return self._thread.is_alive()

    def submit(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Start a coroutine on the client's loop, from any thread."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def get(self, url: str, request: FetchRequest | None = None) -> Response:
        """Fetch and wait, from any thread but the client's own."""
        return self.submit(self.fetch(url, request)).result()

    def close(self) -> None:
        """Close the session and end the loop."""
        if self.is_alive:
            self.submit(self._session.close()).result(timeout=_CLOSE_TIMEOUT_S)
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join(timeout=_CLOSE_TIMEOUT_S)

    async def fetch(self, url: str, request: FetchRequest | None = None) -> Response:
        """Return the response to a URL, redirects followed.

        Raises WebError with a stable reason for anything but success and 304.
        """
        request = request or FetchRequest()
        state = RequestState(url, url)
        started = time.monotonic()
        try:
            async with asyncio.timeout(_seconds_left(request.deadline)) as limit:
                return await self._follow_redirects(state, request)
        except TimeoutError as error:
            if not limit.expired():
                raise
            late = WebError(
                "the run's deadline has passed",
                reason="E_FETCH_DEADLINE",
                retryable=True,
                status="skipped",
            )
            raise state.complete_error(late, started) from error
        except FetchError as error:
            raise state.complete_error(WebError.of(error), started) from error
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

    async def _follow_redirects(self, state: RequestState, request: FetchRequest) -> Response:
        max_redirects = request.max_redirects
        if max_redirects is None:
            max_redirects = self.options.max_redirects
        while True:
            check_url(state.url, self._allowed)
            domain = registrable_domain(state.url)
            if request.robots and self.options.robots:
                crawl_delay_s = await self._robots.check(state.url, state.sub_requests)
                self._pacer.slow_down(domain, crawl_delay_s)
            async with self._limiter.slot(domain, request.permit):
                response = await self._request_in_time(state, request)
            if isinstance(response, Response):
                return response
            # A redirect has no body in memory, and the next request may have to wait for others
            # that need a permit.
            request.permit.release()
            state.follow(response, max_redirects)

    async def _request_in_time(self, state: RequestState, request: FetchRequest) -> Response | str:
        """Make one request in what is left of `timeout_s`; time spent in queues does not count."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(max(0.0, self.options.timeout_s - state.active_s)):
                return await self._request(state, request)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise as_fetch_error(error, state.url) from error
        finally:
            state.active_s += time.monotonic() - started

    async def _request(self, state: RequestState, request: FetchRequest) -> Response | str:
        """Return the response, or the URL that it redirects to."""
        url = yarl.URL(state.url, encoded=True)
        started = time.monotonic()
        async with self._session.get(url, headers=request.headers, allow_redirects=False) as raw:
            headers = clean_headers(raw.headers.items())
            state.status, state.content_type = raw.status, headers.get("content-type")
            location = raw.headers.get("Location")
            if raw.status in _REDIRECTS and location:
                state.record_redirect(location, time.monotonic() - started)
                return _redirect_target(state.url, location, self._allowed)
            is_unchanged = raw.status == 304
            if not is_unchanged and not 200 <= raw.status < 300:
                raise self._http_error(state.url, raw)
            if not is_unchanged:
                _check_complete(raw, state.url)
            _check_content_type(state.content_type, request.content_types)
            content = b"" if is_unchanged else await self._read_body(raw, request)
            return Response(
                status=raw.status,
                final_url=state.url,
                headers=headers,
                content=content,
                duration_ms=int((state.active_s + time.monotonic() - started) * 1000),
                sub_requests=tuple(state.sub_requests),
            )

    async def _read_body(self, raw: aiohttp.ClientResponse, request: FetchRequest) -> bytes:
        body = BodyReader(
            raw.headers.get("Content-Encoding"),
            request.max_bytes or self.options.max_bytes,
            truncate=request.truncate,
        )
        if raw.content_length is not None:
            body.expect(raw.content_length)
        async for chunk in raw.content.iter_chunked(_CHUNK):
            await _in_turns(body.steps(chunk))
            if body.is_full:
                break
        return body.content()

    def _http_error(self, url: str, raw: aiohttp.ClientResponse) -> WebError:
        """Return the error for a status; a requested wait applies to the whole domain."""
        wait_s = retry_after_s(raw.headers.get("Retry-After"), datetime.now(UTC))
        backoff_s = domain_backoff_s(raw.status, wait_s)
        if backoff_s is not None:
            self._limiter.back_off(registrable_domain(url), backoff_s)
        return WebError.http(raw.status, url, wait_s)

    async def _fetch_robots_file(self, url: str, max_bytes: int) -> Response:
        request = FetchRequest(max_bytes=max_bytes, max_redirects=_ROBOTS_REDIRECTS, truncate=True)
        return await self.fetch(url, request)


async def _in_turns(steps: Iterable[None]) -> None:
    """Take all steps, and let other requests go on every few milliseconds."""
    turn_ends = time.monotonic() + _TURN_S
    for _ in steps:
        if time.monotonic() >= turn_ends:
            await asyncio.sleep(0)
            turn_ends = time.monotonic() + _TURN_S


def _seconds_left(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - time.time())


def _redirect_target(base: str, location: str, allowed: Sequence[Network]) -> str:
    """Return the absolute URL that a redirect leads to.

    It is not normalised: without tracking parameters some redirects loop.
    """
    if len(location) > _MAX_LOCATION:
        raise _refused(f"redirect to a URL of {len(location)} characters")
    try:
        target = str(yarl.URL(urljoin(base, location.strip())).with_fragment(None))
    except ValueError as error:
        raise _refused(f"redirect to {location[:_MAX_QUOTED]!r}: {error}") from error
    check_url(target, allowed)
    return target


def _refused(message: str) -> FetchError:
    return FetchError(message, reason="E_FETCH_REFUSED", status="refused")


def _check_complete(raw: aiohttp.ClientResponse, url: str) -> None:
    """Raise FetchError for a part of a document; none is requested."""
    content_range = raw.headers.get("Content-Range")
    if is_part(raw.status, content_range):
        raise FetchError(
            f"{url[:MAX_QUOTED_URL]} answered {raw.status} with a part of the document"
            f" (Content-Range {(content_range or '')[:_MAX_QUOTED]!r})",
            reason="E_FETCH_PARTIAL",
            # A cache may have kept what another client requested.
            retryable=True,
        )


def _check_content_type(content_type: str | None, allowed: frozenset[str] | None) -> None:
    media_type = (content_type or "").split(";", 1)[0].strip().lower()
    if allowed is not None and media_type and media_type not in allowed:
        raise FetchError(
            f"content type {media_type[:100]!r} is not HTML",
            reason="E_FETCH_NOT_HTML",
            status="not_html",
        )
