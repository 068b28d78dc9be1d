"""The only way to the network: polite, bounded, and closed to private addresses.

In the order of a request: `async_fetch` starts requests for Beam's elements and `backlog` keeps
those that are open; `client` makes them, after `robots` and `rate_limiter` (whose pace
`shared_pace` shares between processes) have let them pass, through the sockets of `connector`;
`request_log` turns them into rows of `fetches`.
"""

from transforms.web.async_fetch import AsyncFetchDoFn, Exchange, GatherDomains
from transforms.web.backlog import Backlog
from transforms.web.client import (
    FetchRequest,
    WebClient,
    close_clients,
    completed_requests,
    shared_client,
)
from transforms.web.rate_limiter import Permit
from transforms.web.request_log import with_result
from transforms.web.web_options import Response, SubRequest, WebError, WebOptions

__all__ = [
    "AsyncFetchDoFn",
    "Backlog",
    "Exchange",
    "FetchRequest",
    "GatherDomains",
    "Permit",
    "Response",
    "SubRequest",
    "WebClient",
    "WebError",
    "WebOptions",
    "close_clients",
    "completed_requests",
    "shared_client",
    "with_result",
]
