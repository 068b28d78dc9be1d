"""How a worker process uses the network: its limits, its identity, and what it may connect to."""

import re
from dataclasses import dataclass, field
from ipaddress import ip_network

from transforms.core.fetch.addresses import Network
from transforms.errors import ConfigError

MEGABYTE = 1024 * 1024
"""Bytes; limits in options are given in these."""
# A small test server's listen queue holds five connections; its kernel silently drops more.
_TEST_SERVER_CONCURRENCY = 6
_PRINTABLE_ASCII = re.compile(r"[\x20-\x7e]*")


@dataclass(frozen=True, kw_only=True)
class WebOptions:
    """Limits and identity of all requests of a worker process.

    `contact`, a mail address or a page, tells servers where to complain.

    `connect_to` (HOST:PORT) sends every connection there while URLs and Host headers stay as they
    are: for tests and demos, and the only way to reach loopback.

    `allow_net` lists networks (CIDR) that may be connected to although they are not public, also by
    links in feeds and by redirects.

    `pace_dir` is the folder in which the processes of a machine share the pace of each domain. None
    selects a folder of the user's below the temporary one, or no sharing if `connect_to` is
    given; "" turns sharing off.

    `spacing_s` is the time between the starts of two requests to one domain, `per_domain` the most
    requests to one domain at a time, `concurrency` the most in all. A request that a site's
    Retry-After or Crawl-delay would delay by more than `max_wait_s` is left to a later run.
    `timeout_s` limits a request with its redirects, without its time in queues; `max_bytes` limits
    a body, before and after decompression. `deadline` is the run's end in seconds since the epoch.
    """

    user_agent: str = "newsbeam/0.1"
    contact: str | None = None
    connect_to: str | None = None
    allow_net: tuple[str, ...] = ()
    pace_dir: str | None = None
    # A judgement between the load on small sites and the length of a run.
    spacing_s: float = 1.0
    # Requests mostly wait; more of them would only fill memory with bodies.
    concurrency: int = 64
    # Two, so that one slow response does not stop its whole domain.
    per_domain: int = 2
    # A judgement: slower servers exist, but each would hold its slot for that long.
    timeout_s: float = 30.0
    # A batch waits for its slowest site; what takes longer is cheaper in a later run.
    max_wait_s: float = 60.0
    # 30 times the largest of 1,012 news pages (340 KB).
    max_bytes: int = 10 * MEGABYTE
    # Half of what browsers follow (20, Fetch standard, HTTP-redirect fetch).
    max_redirects: int = 10
    robots: bool = True
    ca_file: str | None = None
    deadline: float | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if min(self.concurrency, self.per_domain, self.max_bytes) < 1 or self.timeout_s <= 0:
            raise ConfigError("concurrency, per_domain, max_bytes and timeout_s must be positive")
        if self.spacing_s < 0 or self.max_wait_s < 0:
            raise ConfigError("spacing_s and max_wait_s must not be negative")
        if not _PRINTABLE_ASCII.fullmatch(self.user_agent + (self.contact or "")):
            raise ConfigError("user_agent and contact must be printable ASCII, in one line")
        # Malformed values raise here, not in a worker.
        self.target()
        self.networks()

    def identity(self) -> dict[str, str]:
        """Return the headers that identify the client (RFC 9110 sections 10.1.5 and 10.1.2)."""
        if not self.contact:
            return {"User-Agent": self.user_agent}
        headers = {"User-Agent": f"{self.user_agent} (+{self.contact})"}
        is_mail_address = "@" in self.contact and "/" not in self.contact
        if is_mail_address:
            headers["From"] = self.contact
        return headers

    def networks(self) -> tuple[Network, ...]:
        """Return `allow_net` parsed; raises ConfigError for a value that is not a network."""
        try:
            return tuple(ip_network(net) for net in self.allow_net)
        except ValueError as error:
            raise ConfigError(f"allow_net must be networks, e.g. 10.1.0.0/16: {error}") from error

    def effective_concurrency(self) -> int:
        """Return how many requests may run at a time: fewer if one server acts as all sites."""
        if self.connect_to is None:
            return self.concurrency
        return min(self.concurrency, _TEST_SERVER_CONCURRENCY)

    def target(self) -> tuple[str, int] | None:
        """Return `connect_to` as host and port; raises ConfigError if it is not HOST:PORT."""
        if self.connect_to is None:
            return None
        host, _, port = self.connect_to.rpartition(":")
        if not host or not port.isdigit() or not 0 < int(port) < 65536:
            raise ConfigError(f"connect_to must be HOST:PORT, not {self.connect_to!r}")
        return host.strip("[]"), int(port)
