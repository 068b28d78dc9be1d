"""robots.txt of each origin, asked once and remembered for a while."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from transforms.core.fetch.robots import MAX_ROBOTS_BYTES, RobotsRules, read_robots
from transforms.errors import FetchError
from transforms.web.options import Response, WebError

_KEEP_S = 3600.0
_KEEP_FAILURE_S = 300.0
_MAX_ORIGINS = 50_000


class RobotsCache:
    """Answers for a link whether its site lets us fetch it. `read` fetches a robots.txt up to a size."""

    def __init__(self, read: Callable[[str, int], Awaitable[Response]], user_agent: str) -> None:
        self._read = read
        self._agent = user_agent
        self._known: dict[str, tuple[float, asyncio.Task[RobotsRules | WebError]]] = {}

    async def check(self, url: str) -> float:
        """Return the crawl delay that the site asks for; raises FetchError where it forbids the page or cannot say."""
        rules = await asyncio.shield(self._rules(url))
        if isinstance(rules, WebError):
            raise _again(rules)
        if not rules.reachable:
            raise FetchError(
                f"robots.txt of {url[:300]} cannot be had now",
                reason="E_FETCH_ROBOTS_UNREACHABLE",
                retryable=True,
                status="robots",
            )
        if not rules.allows(url):
            raise FetchError(f"robots.txt forbids {url[:300]}", reason="E_FETCH_ROBOTS", status="robots")
        return rules.crawl_delay_s or 0.0

    def _rules(self, url: str) -> "asyncio.Task[RobotsRules | WebError]":
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        until, task = self._known.get(origin, (0.0, None))
        if task is not None and until > time.monotonic():
            return task
        if len(self._known) >= _MAX_ORIGINS:
            self._known.pop(next(iter(self._known)))
        task = asyncio.create_task(self._ask(origin))
        self._known[origin] = (time.monotonic() + _KEEP_S, task)
        return task

    async def _ask(self, origin: str) -> RobotsRules | WebError:
        """Return the rules; where the host itself cannot be reached, the error that its pages would meet too."""
        try:
            answer = await self._read(f"{origin}/robots.txt", MAX_ROBOTS_BYTES)
            return read_robots(answer.status, answer.content, self._agent)
        except WebError as error:
            rules = self._from_error(error)
        if isinstance(rules, WebError):
            self._keep(origin, 0.0 if rules.status == "skipped" else _KEEP_FAILURE_S)
        elif not rules.reachable:
            self._keep(origin, _KEEP_FAILURE_S)
        return rules

    def _keep(self, origin: str, seconds: float) -> None:
        known = self._known.get(origin)
        if known is not None:
            self._known[origin] = (time.monotonic() + seconds, known[1])

    def _from_error(self, error: WebError) -> RobotsRules | WebError:
        if error.reason.startswith("E_FETCH_HTTP_"):
            return read_robots(error.http_status, b"", self._agent)
        if error.reason in {"E_FETCH_REDIRECTS", "E_FETCH_REFUSED", "E_FETCH_ENCODING", "E_FETCH_PROTOCOL"}:
            return RobotsRules(self._agent, reachable=error.reason != "E_FETCH_PROTOCOL")
        return error


def _again(error: WebError) -> WebError:
    """Return a new error for each page that meets it: an error takes on the request it is raised for."""
    copy = WebError(str(error), reason=error.reason, retryable=error.retryable, status=error.status)
    copy.retry_after_s = error.retry_after_s
    return copy
