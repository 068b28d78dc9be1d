"""What a request brings back: a response or an error, each with its sub-requests."""

from dataclasses import dataclass
from datetime import datetime

from transforms.core.fetch.headers import MAX_QUOTED_URL, clean_text
from transforms.errors import FetchError

# Error messages become a column of `fetches` and `rejects`; they may quote the network.
_MAX_MESSAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SubRequest:
    """One request on the way to a response: a redirect, or (a part of) a fetch of robots.txt.

    `requested_url` is the URL that the caller requested. `hop` numbers the redirects from it,
    starting at 1; 0 is a whole fetch of robots.txt. `status` is a value of `fetches.status`.
    `attempt` counts the fetches of one robots.txt.
    """

    robots: bool = False
    requested_url: str
    attempt: int = 0
    hop: int
    url: str
    final_url: str | None
    status: str = "ok"
    http_status: int | None = None
    fetched_at: datetime
    duration_ms: int | None = None
    bytes: int | None = None
    content_type: str | None = None
    reason: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A successful response (2xx) or a 304.

    Header names are in lower case, header values cleaned; `content` is decompressed.
    """

    status: int
    final_url: str
    headers: dict[str, str]
    content: bytes
    duration_ms: int
    sub_requests: tuple[SubRequest, ...] = ()

    @property
    def redirects(self) -> tuple[SubRequest, ...]:
        """Return the redirect chain."""
        return tuple(request for request in self.sub_requests if not request.robots)

    @property
    def is_downgraded(self) -> bool:
        """Return whether a redirect led from https to http.

        Old sites do so: such redirects are followed, but `moved_to` does not trust them.
        """
        return any(
            _is_https(redirect.url) and not _is_https(redirect.final_url)
            for redirect in self.redirects
        )

    @property
    def moved_to(self) -> str | None:
        """Return where the URL has moved permanently: by redirects 301 or 308, none to http."""
        redirects = self.redirects
        permanent = bool(redirects) and all(r.http_status in {301, 308} for r in redirects)
        return self.final_url if permanent and not self.is_downgraded else None


class WebError(FetchError):
    """A FetchError with what is known of the request: its last URL, its status, its duration.

    The message is cleaned and cut to 500 characters.
    """

    final_url: str | None = None
    http_status: int | None = None
    content_type: str | None = None
    retry_after_s: float | None = None
    duration_ms: int | None = None
    sub_requests: tuple[SubRequest, ...] = ()

    def __init__(
        self,
        message: str,
        *,
        reason: str | None = None,
        retryable: bool | None = None,
        status: str = "http_error",
    ) -> None:
        super().__init__(
            clean_text(message, _MAX_MESSAGE), reason=reason, retryable=retryable, status=status
        )

    @classmethod
    def http(cls, status: int, url: str, retry_after_s: float | None = None) -> "WebError":
        """Return the error for an HTTP status that brings no document."""
        error = cls(
            f"{url[:MAX_QUOTED_URL]} answered {status}",
            reason=f"E_FETCH_HTTP_{status}",
            retryable=status in {408, 425, 429} or status >= 500,
        )
        error.http_status, error.retry_after_s = status, retry_after_s
        return error

    @classmethod
    def max_wait(cls, domain: str, wait_s: float) -> "WebError":
        """Return the error for a request not made, because its site asks for too long a wait."""
        error = cls(
            f"{domain} asks to wait for {wait_s:.0f} s",
            reason="E_FETCH_MAX_WAIT",
            retryable=True,
            status="skipped",
        )
        error.retry_after_s = wait_s
        return error

    @classmethod
    def of(cls, error: FetchError) -> "WebError":
        """Return a FetchError as a WebError."""
        if isinstance(error, cls):
            return error
        return cls(str(error), reason=error.reason, retryable=error.retryable, status=error.status)


FetchResult = Response | WebError


def _is_https(url: str | None) -> bool:
    return (url or "").startswith("https:")
