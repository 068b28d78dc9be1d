"""Where connections go: to public addresses only, or all of them to one test server.

The address is checked when the socket is made, so that a name that resolves to another address in
the meantime (DNS rebinding) is checked too.
"""

import errno
import socket
import ssl
from collections.abc import Sequence
from functools import partial
from typing import Any

import aiohttp
from aiohttp.abc import ResolveResult
from aiohttp.client_proto import ResponseHandler

from transforms.core.fetch.addresses import Network, is_sane_port, may_connect
from transforms.core.fetch.headers import MAX_QUOTED_URL
from transforms.errors import FetchError
from transforms.web.response_protocol import ResponseProtocol
from transforms.web.web_options import WebOptions

_NOT_PUBLIC = "address is not public"
# As long as other messages in `fetches.error_message`, in characters.
_MAX_MESSAGE = 500
# Long enough that a feed and the pages it links to share a look-up, short enough for a site that
# moves during a run.
_DNS_TTL_S = 300
# Bounds the memory of a stream, which meets new hosts for as long as it runs.
_DNS_CACHE_ENTRIES = 50_000
# Long enough for the next request to a paced domain, short enough that idle connections do not use
# up the descriptors.
_KEEP_ALIVE_S = 3.0


class _Resolver(aiohttp.ThreadedResolver):
    """Resolves names as the system does; an answer without an address is a failed look-up."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host; raises OSError if there are none."""
        resolved = await super().resolve(host, port, family)
        # aiohttp's cache takes the first address of any answer, also of an empty one.
        if not resolved:
            raise OSError(errno.EADDRNOTAVAIL, f"no address of {host} can be used")
        return resolved


class _Connector(aiohttp.TCPConnector):
    """Resolves every host, literal addresses too, to one server if `target` is given."""

    def __init__(
        self, target: tuple[str, int] | None, allowed: Sequence[Network], **options: Any
    ) -> None:
        super().__init__(socket_factory=self._socket, resolver=_Resolver(), **options)
        protocol: type[ResponseHandler] = ResponseProtocol
        self._factory = partial(protocol, loop=self._loop)
        self._target = target
        self._allowed = allowed

    async def _resolve_host(
        self, host: str, port: int, traces: Sequence[aiohttp.tracing.Trace] | None = None
    ) -> list[ResolveResult]:
        if self._target is not None:
            return await super()._resolve_host(*self._target, traces)
        resolved = await super()._resolve_host(host, port, traces)
        public = [result for result in resolved if may_connect(result["host"], self._allowed)]
        if resolved and not public:
            raise OSError(errno.EACCES, f"{_NOT_PUBLIC}: {host} is {resolved[0]['host']}")
        return public

    def _socket(self, info: Any) -> socket.socket:
        """Make the socket for one resolved address."""
        family, kind, protocol, _, address = info
        host, port = address[0], address[1]
        if self._target is None and not (may_connect(host, self._allowed) and is_sane_port(port)):
            raise OSError(errno.EACCES, f"{_NOT_PUBLIC}: {host} port {port}")
        return socket.socket(family=family, type=kind, proto=protocol)


def make_connector(options: WebOptions) -> aiohttp.TCPConnector:
    """Return the connector; call it on the loop that will use it."""
    context = ssl.create_default_context(cafile=options.ca_file) if options.ca_file else True
    return _Connector(
        options.target(),
        options.networks(),
        # The rate limiter bounds the connections.
        limit=0,
        keepalive_timeout=_KEEP_ALIVE_S,
        ttl_dns_cache=_DNS_TTL_S,
        dns_cache_max_size=_DNS_CACHE_ENTRIES,
        ssl=context,
    )


def as_fetch_error(error: Exception, url: str) -> FetchError:
    """Return what aiohttp raised as a FetchError with a stable reason."""
    message = f"{url[:MAX_QUOTED_URL]}: {type(error).__name__}: {error}"[:_MAX_MESSAGE]
    if _NOT_PUBLIC in f"{error} {getattr(error, 'os_error', '')}":
        return FetchError(message, reason="E_FETCH_REFUSED", status="refused")
    if isinstance(error, TimeoutError):
        return FetchError(message, reason="E_FETCH_TIMEOUT", retryable=True, status="timeout")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return FetchError(message, reason="E_FETCH_DNS", retryable=True, status="dns")
    if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError):
        is_bad_certificate = isinstance(
            error, aiohttp.ClientConnectorCertificateError | ssl.SSLCertVerificationError
        )
        return FetchError(
            message, reason="E_FETCH_TLS", retryable=not is_bad_certificate, status="tls"
        )
    if isinstance(error, aiohttp.ClientConnectionError | aiohttp.ClientPayloadError | OSError):
        return FetchError(message, reason="E_FETCH_CONNECT", retryable=True)
    return FetchError(message, reason="E_FETCH_PROTOCOL")
