"""The one way to the network: polite, bounded, and closed to private addresses."""

from transforms.web.async_fetch import Asked, AskingDoFn, GatherDomains
from transforms.web.backlog import Backlog
from transforms.web.client import WebClient, Wish, answered, close_clients, shared_client
from transforms.web.rate_limiter import Ticket
from transforms.web.request_log import answered_row
from transforms.web.web_options import Exchange, Response, WebError, WebOptions

__all__ = [
    "Asked",
    "AskingDoFn",
    "Backlog",
    "Exchange",
    "GatherDomains",
    "Response",
    "Ticket",
    "WebClient",
    "WebError",
    "WebOptions",
    "Wish",
    "answered",
    "answered_row",
    "close_clients",
    "shared_client",
]
