"""The clients of a worker process: one for each set of options, shared by all threads."""

import atexit
import threading

from transforms.web.client import WebClient
from transforms.web.web_options import WebOptions

_clients: dict[WebOptions, WebClient] = {}
_clients_lock = threading.Lock()


def shared_client(options: WebOptions) -> WebClient:
    """Return the process's client for these options, which shares pace, robots, connections."""
    with _clients_lock:
        client = _clients.get(options)
        if client is None or not client.is_alive:
            client = _clients[options] = WebClient(options)
        return client


def completed_requests() -> int:
    """Return how many requests this process has completed, failed ones included."""
    return sum(client.completed for client in tuple(_clients.values()))


@atexit.register
def close_clients() -> None:
    """Close all shared clients; a later `shared_client` makes new ones."""
    with _clients_lock:
        clients = list(_clients.values())
        _clients.clear()
    for client in clients:
        client.close()
