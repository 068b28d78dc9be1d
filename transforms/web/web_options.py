"""How the network is used, and what a request brings back."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_network

from transforms.core.fetch.addresses import Network
from transforms.core.fetch.headers import clean_text
from transforms.errors import ConfigError, FetchError

MEGABYTE = 1024 * 1024
_ONE_SERVER = 6
_MAX_MESSAGE = 500
_SAYABLE = re.compile(r"[\x20-\x7e]*")


@dataclass(frozen=True, kw_only=True)
class WebOptions:
    """Limits and manners of all requests of a worker process.

    `connect_to` (HOST:PORT) sends every connection there while URLs and Host headers stay as they are: for tests and
    demos, and the only way to reach loopback. `deadline` is the run's end in seconds since the epoch. A request that a
    site's Retry-After or Crawl-delay would keep waiting for over `max_wait_s` is left to a later run.

    `contact`, a mail address or a page, is where servers can complain. `allow_net` are one's own networks (CIDR), not
    public and still to be reached, by links in feeds and by redirects too. `pace_dir` is where the processes of a
    machine agree on the pace of each domain: None is a folder of the user's below the temporary one, none at all where
    `connect_to` is given; "" is none.
    """

    user_agent: str = "newsbeam/0.1"
    contact: str | None = None
    connect_to: str | None = None
    allow_net: tuple[str, ...] = ()
    pace_dir: str | None = None
    spacing_s: float = 1.0
    concurrency: int = 64
    per_domain: int = 2
    timeout_s: float = 30.0
    max_wait_s: float = 60.0
    max_bytes: int = 10 * MEGABYTE
    max_redirects: int = 10
    robots: bool = True
    ca_file: str | None = None
    deadline: float | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if min(self.concurrency, self.per_domain, self.max_bytes) < 1 or self.timeout_s <= 0:
            raise ConfigError("concurrency, per_domain, max_bytes and timeout_s must be positive")
        if self.spacing_s < 0 or self.max_wait_s < 0:
            raise ConfigError("spacing_s and max_wait_s must not be negative")
        if not _SAYABLE.fullmatch(self.user_agent + (self.contact or "")):
            raise ConfigError("user_agent and contact must be printable ASCII, in one line")
        self.target()
        self.networks()

    def identity(self) -> dict[str, str]:
        """Return the headers that say who asks and where to complain (RFC 9110 sections 10.1.5 and 10.1.2)."""
        if not self.contact:
            return {"User-Agent": self.user_agent}
        told = {"User-Agent": f"{self.user_agent} (+{self.contact})"}
        return told | (
            {"From": self.contact} if "@" in self.contact and "/" not in self.contact else {}
        )

    def networks(self) -> tuple[Network, ...]:
        """Return `allow_net` as networks; raises ConfigError where one is none."""
        try:
            return tuple(ip_network(net) for net in self.allow_net)
        except ValueError as error:
            raise ConfigError(f"allow_net must be networks such as 10.1.0.0/16: {error}") from error

    def at_once(self) -> int:
        """Return how many requests may run at a time: fewer where one server answers for all sites.

        A small server's queue of connections holds five; what comes on top is dropped by its kernel without a word.
        """
        return self.concurrency if self.connect_to is None else min(self.concurrency, _ONE_SERVER)

    def target(self) -> tuple[str, int] | None:
        """Return `connect_to` as host and port; raises ConfigError where it is neither."""
        if self.connect_to is None:
            return None
        host, _, port = self.connect_to.rpartition(":")
        if not host or not port.isdigit() or not 0 < int(port) < 65536:
            raise ConfigError(f"connect_to must be HOST:PORT, not {self.connect_to!r}")
        return host.strip("[]"), int(port)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubRequest:
    """One request on the way to an answer and what came of it: a redirect, or all of a look at robots.txt.

    `asked` is the link that was to be had, and `hop` the number of this redirect towards it from 1, 0 for the whole;
    `status` is the value of `fetches.status`; `attempt` counts the looks at one robots.txt.
    """

    robots: bool = False
    asked: str
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
    """An answer of success (2xx) or 304. Header names are in lower case, values cleaned; `content` is decompressed."""

    status: int
    final_url: str
    headers: dict[str, str]
    content: bytes
    duration_ms: int
    trail: tuple[SubRequest, ...] = ()

    @property
    def hops(self) -> tuple[SubRequest, ...]:
        """Return the redirects on the way."""
        return tuple(one for one in self.trail if not one.robots)

    @property
    def is_downgraded(self) -> bool:
        """Return whether a redirect led from https to http: it is followed, since old sites do it, but not believed."""
        return any(_is_https(hop.url) and not _is_https(hop.final_url) for hop in self.hops)

    @property
    def moved_to(self) -> str | None:
        """Return where the link has moved for good: every redirect on the way was a 301 or 308, none to plain http."""
        hops = self.hops
        permanent = bool(hops) and all(hop.http_status in {301, 308} for hop in hops)
        return self.final_url if permanent and not self.is_downgraded else None


class WebError(FetchError):
    """A FetchError with what is known of the request: the last link asked, its status, how long it took.

    The message, which may quote the network, is cleaned and cut to 500 characters.
    """

    final_url: str | None = None
    http_status: int | None = None
    content_type: str | None = None
    retry_after_s: float | None = None
    duration_ms: int | None = None
    trail: tuple[SubRequest, ...] = ()

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
            f"{url[:300]} answered {status}",
            reason=f"E_FETCH_HTTP_{status}",
            retryable=status in {408, 425, 429} or status >= 500,
        )
        error.http_status, error.retry_after_s = status, retry_after_s
        return error

    @classmethod
    def patience(cls, domain: str, wait_s: float) -> "WebError":
        """Return the error for a request that its site would keep waiting too long: not made, to be made later."""
        error = cls(
            f"{domain} asks to wait for {wait_s:.0f} s",
            reason="E_FETCH_PATIENCE",
            retryable=True,
            status="skipped",
        )
        error.retry_after_s = wait_s
        return error

    @classmethod
    def of(cls, error: FetchError) -> "WebError":
        """Return the error as one that can carry what is known of the request."""
        if isinstance(error, cls):
            return error
        return cls(str(error), reason=error.reason, retryable=error.retryable, status=error.status)


def _is_https(url: str | None) -> bool:
    return (url or "").startswith("https:")
