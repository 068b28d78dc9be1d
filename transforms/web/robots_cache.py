"""robots.txt of each origin, fetched once and cached for a while."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from transforms.core.fetch.headers import MAX_QUOTED_URL
from transforms.core.fetch.robots import MAX_ROBOTS_BYTES, RobotsRules, read_robots
from transforms.errors import FetchError
from transforms.web.responses import FetchResult, Response, SubRequest, WebError

# RFC 9309 section 2.4 allows a day; an hour lets a stream follow a site that changes its rules.
_CACHE_S = 3600.0
# A failure is cached for less, so that a short outage does not exclude a site for an hour.
_CACHE_FAILURE_S = 300.0
# Bounds the memory of a stream; the oldest entry goes first.
_MAX_ORIGINS = 50_000
# Errors of the file itself; others concern the host, and so its pages too.
_UNREADABLE_FILE = frozenset(
    {
        "E_FETCH_REDIRECTS",
        "E_FETCH_REFUSED",
        "E_FETCH_ENCODING",
        "E_FETCH_TOO_LARGE",
        "E_FETCH_PARTIAL",
        "E_FETCH_PROTOCOL",
    }
)


@dataclass(slots=True)
class _CacheEntry:
    """An origin's rules, until when they hold, and the requests for them not logged yet."""

    until: float
    attempt: int = 0
    task: "asyncio.Task[RobotsRules | WebError] | None" = None
    unlogged: list[SubRequest] = field(default_factory=list)

    @property
    def is_fresh(self) -> bool:
        """Return whether the entry may still be used."""
        return self.until > time.monotonic()


class RobotsCache:
    """Checks URLs against robots.txt; `read` fetches one, up to a number of bytes."""

    def __init__(self, read: Callable[[str, int], Awaitable[Response]], user_agent: str) -> None:
        self._read = read
        self._agent = user_agent
        self._cache: dict[str, _CacheEntry] = {}

    async def check(self, url: str, sub_requests: list[SubRequest]) -> float:
        """Return the site's crawl delay in seconds; raises FetchError if it forbids the URL.

        An unreachable robots.txt forbids it too. The requests that were made for robots.txt are
        added to the `sub_requests` of the first caller that gets their result.
        """
        entry = self._entry(url)
        assert entry.task is not None  # noqa: S101 - _entry made it
        # Shielded: other pages wait for the same task.
        rules = await asyncio.shield(entry.task)
        sub_requests.extend(entry.unlogged)
        entry.unlogged.clear()
        if isinstance(rules, WebError):
            raise _copy(rules)
        if not rules.reachable:
            raise FetchError(
                f"robots.txt of {url[:MAX_QUOTED_URL]} is unreachable now",
                reason="E_FETCH_ROBOTS_UNREACHABLE",
                retryable=True,
                status="robots",
            )
        if not rules.allows(url):
            raise FetchError(
                f"robots.txt forbids {url[:MAX_QUOTED_URL]}",
                reason="E_FETCH_ROBOTS",
                status="robots",
            )
        return rules.crawl_delay_s or 0.0

    def _entry(self, url: str) -> _CacheEntry:
        """Return the entry of a URL's origin, and start the fetch for it if it is needed."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        cached = self._cache.get(origin)
        if cached is not None and cached.is_fresh:
            return cached
        if len(self._cache) >= _MAX_ORIGINS:
            oldest = next(iter(self._cache))
            self._cache.pop(oldest)
        attempt = 0 if cached is None else cached.attempt
        entry = self._cache[origin] = _CacheEntry(time.monotonic() + _CACHE_S, attempt)
        entry.task = asyncio.create_task(self._fetch(origin, entry))
        return entry

    async def _fetch(self, origin: str, entry: _CacheEntry) -> RobotsRules | WebError:
        """Return the rules, or an error that applies to the pages of the host too."""
        url = f"{origin}/robots.txt"
        try:
            response = await self._read(url, MAX_ROBOTS_BYTES)
        except WebError as error:
            entry.unlogged.extend(_logged(url, error, entry.attempt))
            rules = self._rules_after(error)
        else:
            entry.unlogged.extend(_logged(url, response, entry.attempt))
            rules = read_robots(response.status, response.content, self._agent)
        was_skipped = isinstance(rules, WebError) and rules.status == "skipped"
        if was_skipped:
            # A request that was not made is not an attempt: a domain in backoff would fill the log.
            entry.until = 0.0
            return rules
        entry.attempt += 1
        if isinstance(rules, WebError) or not rules.reachable:
            entry.until = time.monotonic() + _CACHE_FAILURE_S
        return rules

    def _rules_after(self, error: WebError) -> RobotsRules | WebError:
        """Return the rules that an error implies, or the error if it concerns the host."""
        if error.reason.startswith("E_FETCH_HTTP_"):
            return read_robots(error.http_status, b"", self._agent)
        if error.reason not in _UNREADABLE_FILE:
            return error
        is_unreachable = error.retryable or error.reason == "E_FETCH_PROTOCOL"
        return RobotsRules(self._agent, reachable=not is_unreachable)


def _logged(url: str, result: FetchResult, attempt: int) -> list[SubRequest]:
    """Return the requests that one fetch of robots.txt took: its redirects, and the whole."""
    redirects = [
        replace(redirect, robots=True, attempt=attempt) for redirect in result.sub_requests
    ]
    whole = SubRequest(
        robots=True,
        requested_url=url,
        attempt=attempt,
        hop=0,
        url=url,
        final_url=result.final_url,
        fetched_at=datetime.now(UTC),
        duration_ms=result.duration_ms,
    )
    if isinstance(result, WebError):
        whole = replace(
            whole,
            status=result.status,
            http_status=result.http_status,
            content_type=result.content_type,
            reason=result.reason,
            message=str(result),
        )
    else:
        whole = replace(
            whole,
            http_status=result.status,
            bytes=len(result.content),
            content_type=result.headers.get("content-type"),
        )
    return [*redirects, whole]


def _copy(error: WebError) -> WebError:
    """Return a new error for a page: `complete_error` writes the page's request into it."""
    copy = WebError(str(error), reason=error.reason, retryable=error.retryable, status=error.status)
    copy.retry_after_s = error.retry_after_s
    return copy
