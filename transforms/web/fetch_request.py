"""The options of a request, and its state while redirects are followed."""

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from transforms.core.fetch.headers import MAX_QUOTED_URL, clean_text
from transforms.core.urls import MAX_URL_LENGTH
from transforms.errors import FetchError
from transforms.web.rate_limiter import Permit
from transforms.web.responses import SubRequest, WebError


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRequest:
    """The options of a request beyond its URL; None is the client's default.

    `content_types` are those that are read, `truncate` keeps the first `max_bytes` of a longer body
    instead of refusing it, `robots` obeys robots.txt, `deadline` is in seconds since the epoch.
    """

    headers: dict[str, str] = field(default_factory=dict)
    content_types: frozenset[str] | None = None
    max_bytes: int | None = None
    max_redirects: int | None = None
    truncate: bool = False
    robots: bool = False
    deadline: float | None = None
    permit: Permit = field(default_factory=Permit)


@dataclass(slots=True)
class RequestState:
    """A request while its redirects are followed.

    `requested_url` is the first URL, `url` the one that is requested now. `active_s` is the time
    spent in requests so far, without queues.
    """

    requested_url: str
    url: str
    redirect_count: int = 0
    visited: set[str] = field(default_factory=set)
    sub_requests: list[SubRequest] = field(default_factory=list)
    active_s: float = 0.0
    status: int | None = None
    content_type: str | None = None

    def record_redirect(self, location: str, seconds: float) -> None:
        """Add a redirect to the chain; `location` is the header's value as it came."""
        self.redirect_count += 1
        redirect = SubRequest(
            requested_url=self.requested_url,
            hop=self.redirect_count,
            url=self.url,
            final_url=clean_text(location, MAX_URL_LENGTH),
            http_status=self.status,
            fetched_at=datetime.now(UTC),
            duration_ms=int(seconds * 1000),
            content_type=self.content_type,
        )
        self.sub_requests.append(redirect)

    def follow(self, target: str, max_redirects: int) -> None:
        """Go on to a redirect's target; raises FetchError for a loop or too long a chain."""
        self.visited.add(self.url)
        self.sub_requests[-1] = replace(self.sub_requests[-1], final_url=target)
        if self.redirect_count > max_redirects or target in self.visited:
            raise FetchError(
                f"{self.redirect_count} redirects from {self.requested_url[:MAX_QUOTED_URL]}",
                reason="E_FETCH_REDIRECTS",
            )
        self.url = target

    def complete_error(self, error: WebError, started: float) -> WebError:
        """Return the error with what is known of the request; `started` is a monotonic time."""
        error.final_url = self.url
        error.http_status = error.http_status or self.status
        error.content_type = self.content_type
        error.duration_ms = int((time.monotonic() - started) * 1000)
        error.sub_requests = tuple(self.sub_requests)
        return error
