"""robots.txt of each origin, asked once and remembered for a while."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from transforms.core.fetch.robots import MAX_ROBOTS_BYTES, RobotsRules, read_robots
from transforms.errors import FetchError
from transforms.web.web_options import Response, SubRequest, WebError

_KEEP_S = 3600.0
_KEEP_FAILURE_S = 300.0
_MAX_ORIGINS = 50_000


@dataclass(slots=True)
class _Known:
    """What is known of an origin, until when, and the requests it took that no page's log has yet."""

    until: float
    attempt: int = 0
    task: "asyncio.Task[RobotsRules | WebError] | None" = None
    unlogged: list[SubRequest] = field(default_factory=list)


class RobotsCache:
    """Answers for a link whether its site lets us fetch it. `read` fetches a robots.txt up to a size."""

    def __init__(self, read: Callable[[str, int], Awaitable[Response]], user_agent: str) -> None:
        self._read = read
        self._agent = user_agent
        self._known: dict[str, _Known] = {}

    async def check(self, url: str, trail: list[SubRequest]) -> float:
        """Return the crawl delay that the site asks for; raises FetchError where it forbids the page or cannot say.

        The requests it took are added to the trail of the first who comes to know.
        """
        known = self._origin(url)
        assert known.task is not None  # noqa: S101 - _origin made it
        rules = await asyncio.shield(known.task)
        trail.extend(known.unlogged)
        known.unlogged.clear()
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
            raise FetchError(
                f"robots.txt forbids {url[:300]}", reason="E_FETCH_ROBOTS", status="robots"
            )
        return rules.crawl_delay_s or 0.0

    def _origin(self, url: str) -> _Known:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        known = self._known.get(origin)
        if known is not None and known.until > time.monotonic():
            return known
        if len(self._known) >= _MAX_ORIGINS:
            self._known.pop(next(iter(self._known)))
        attempt = 0 if known is None else known.attempt
        known = self._known[origin] = _Known(time.monotonic() + _KEEP_S, attempt)
        known.task = asyncio.create_task(self._ask(origin, known))
        return known

    async def _ask(self, origin: str, known: _Known) -> RobotsRules | WebError:
        """Return the rules; where the host itself cannot be reached, the error that its pages would meet too."""
        url = f"{origin}/robots.txt"
        try:
            answer = await self._read(url, MAX_ROBOTS_BYTES)
        except WebError as error:
            known.unlogged.extend(_exchanges(url, error, known.attempt))
            rules = self._from_error(error)
        else:
            known.unlogged.extend(_exchanges(url, answer, known.attempt))
            rules = read_robots(answer.status, answer.content, self._agent)
        # What was not asked at all is no attempt: a domain that rests would fill the log with them.
        known.attempt += not (isinstance(rules, WebError) and rules.status == "skipped")
        if isinstance(rules, WebError):
            known.until = time.monotonic() + (0.0 if rules.status == "skipped" else _KEEP_FAILURE_S)
        elif not rules.reachable:
            known.until = time.monotonic() + _KEEP_FAILURE_S
        return rules

    def _from_error(self, error: WebError) -> RobotsRules | WebError:
        if error.reason.startswith("E_FETCH_HTTP_"):
            return read_robots(error.http_status, b"", self._agent)
        if error.reason in {
            "E_FETCH_REDIRECTS",
            "E_FETCH_REFUSED",
            "E_FETCH_ENCODING",
            "E_FETCH_PROTOCOL",
        }:
            return RobotsRules(
                self._agent, reachable=not (error.retryable or error.reason == "E_FETCH_PROTOCOL")
            )
        return error


def _exchanges(url: str, answer: Response | WebError, attempt: int) -> list[SubRequest]:
    """Return the requests that a look at robots.txt took: its redirects, and the whole of it."""
    whole = SubRequest(
        robots=True,
        asked=url,
        attempt=attempt,
        hop=0,
        url=url,
        final_url=answer.final_url,
        fetched_at=datetime.now(UTC),
        duration_ms=answer.duration_ms,
    )
    if isinstance(answer, WebError):
        whole = replace(
            whole,
            status=answer.status,
            http_status=answer.http_status,
            content_type=answer.content_type,
            reason=answer.reason,
            message=str(answer),
        )
    else:
        kind = answer.headers.get("content-type")
        whole = replace(
            whole, http_status=answer.status, bytes=len(answer.content), content_type=kind
        )
    return [*(replace(hop, robots=True, attempt=attempt) for hop in answer.trail), whole]


def _again(error: WebError) -> WebError:
    """Return a new error for each page that meets it: an error takes on the request it is raised for."""
    copy = WebError(str(error), reason=error.reason, retryable=error.retryable, status=error.status)
    copy.retry_after_s = error.retry_after_s
    return copy
