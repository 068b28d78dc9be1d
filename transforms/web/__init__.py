"""The only way to the network: polite, bounded, and closed to private addresses.

The files in the order of a request: `async_fetch` starts a request (`fetch_request`) for each of
Beam's elements, `backlog` keeps the open ones, `shared_clients` finds the process's client.
`client` waits for `robots_cache` and `rate_limiter`, whose pace `shared_pace` shares between
processes, and connects through `connector`. `responses` has the results, and `request_log` turns
them into rows of `fetches`. `web_options` has the limits.
"""

from transforms.web.async_fetch import AsyncFetchDoFn, Exchange, GatherDomains
from transforms.web.backlog import Backlog
from transforms.web.client import WebClient
from transforms.web.fetch_request import FetchRequest
from transforms.web.rate_limiter import Permit
from transforms.web.request_log import with_result
from transforms.web.responses import FetchResult, Response, WebError
from transforms.web.shared_clients import close_clients, completed_requests, shared_client
from transforms.web.web_options import WebOptions

__all__ = [
    "AsyncFetchDoFn",
    "Backlog",
    "Exchange",
    "FetchRequest",
    "FetchResult",
    "GatherDomains",
    "Permit",
    "Response",
    "WebClient",
    "WebError",
    "WebOptions",
    "close_clients",
    "completed_requests",
    "shared_client",
    "with_result",
]
