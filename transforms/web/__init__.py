"""The one way to the network: polite, bounded, and closed to private addresses."""

from transforms.web.asking import Asked, AskingDoFn, GatherDomains
from transforms.web.backlog import Backlog
from transforms.web.client import WebClient, Wish, answered, close_clients, shared_client
from transforms.web.options import Exchange, Response, WebError, WebOptions
from transforms.web.trail import answered_row
from transforms.web.turns import Ticket

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
