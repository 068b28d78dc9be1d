"""Which addresses may be connected to: only public ones, so that a feed cannot reach inside.

After the IANA registries of IPv4 and IPv6 special-purpose addresses, and for ports
https://fetch.spec.whatwg.org/#port-blocking.
"""

import re
import unicodedata
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from transforms.errors import FetchError

_GLOBAL_V6 = IPv6Network("2000::/3")
# IPv6 addresses that contain an IPv4 one (6to4, Teredo), and public addresses at which clouds serve
# their own metadata.
_REFUSED = tuple(
    ip_network(net)
    for net in ("2002::/16", "2001::/23", "192.88.99.0/24", "168.63.129.16/32", "192.0.0.0/24")
)
_BAD_PORTS = frozenset(
    {1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6697, 10080}
) | frozenset(range(6665, 6670))
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x20\x7f]")
# What IDNA reads as a dot (RFC 3490 section 3.1); NFKC leaves two of them.
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")
# As much of a refused URL as a message needs, in characters.
_MAX_QUOTED = 200

Network = IPv4Network | IPv6Network


def is_public(address: str) -> bool:
    """Return whether a text is an IPv4 or IPv6 address that is public and unicast."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        return _is_public_v6(ip)
    return _is_public_v4(ip)


def may_connect(address: str, allowed: Sequence[Network] = ()) -> bool:
    """Return whether an address may be connected to: a public one, or one in `allowed`."""
    return is_public(address) or (bool(allowed) and _is_in(address, allowed))


def check_url(url: str, allowed: Sequence[Network] = ()) -> None:
    """Raise FetchError for a URL that must not be requested.

    That is one with another scheme, a port of other services, credentials, or an address that is
    not public.
    """
    if _CONTROL.search(url):
        raise _refused(url, "white space or control characters in the URL")
    try:
        parts = urlsplit(url)
        port, host = parts.port, (parts.hostname or "").rstrip(".")
    except ValueError as error:
        raise _refused(url, str(error)) from error
    if parts.scheme not in {"http", "https"}:
        raise _refused(url, f"scheme {parts.scheme!r}, only http and https are fetched")
    if "@" in parts.netloc or "\\" in parts.netloc:
        raise _refused(url, "credentials in the URL")
    if not is_sane_port(port if port is not None else 443):
        raise _refused(url, f"port {port}")
    _check_host(unicodedata.normalize("NFKC", host.translate(_DOTS)).rstrip("."), url, allowed)


def is_sane_port(port: int) -> bool:
    """Return whether a web server may be expected on the port."""
    return port in {80, 443} or (1024 <= port <= 65535 and port not in _BAD_PORTS)


def _check_host(host: str, url: str, allowed: Sequence[Network]) -> None:
    if not host or "%" in host.split(":", 1)[0]:
        raise _refused(url, "no host, or one that is escaped")
    if ":" in host:
        if not may_connect(host, allowed):
            raise _refused(url, "address is not public")
        return
    if _NUMERIC_LABEL.fullmatch(host.rsplit(".", 1)[-1]):
        try:
            dotted = str(IPv4Address(host))
        except ValueError as error:
            raise _refused(url, "an IPv4 address in a non-standard form") from error
        if not may_connect(dotted, allowed):
            raise _refused(url, "address is not public")


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    plain = (ip.ipv4_mapped or ip) if isinstance(ip, IPv6Address) else ip
    return any(plain.version == net.version and plain in net for net in networks)


def _is_public_v4(ip: IPv4Address) -> bool:
    return ip.is_global and not ip.is_multicast and not _is_listed(ip)


def _is_public_v6(ip: IPv6Address) -> bool:
    if ip.ipv4_mapped is not None:
        return _is_public_v4(ip.ipv4_mapped)
    return ip in _GLOBAL_V6 and ip.scope_id is None and ip.is_global and not _is_listed(ip)


def _is_listed(ip: IPv4Address | IPv6Address) -> bool:
    return any(ip.version == net.version and ip in net for net in _REFUSED)


def _refused(url: str, why: str) -> FetchError:
    return FetchError(
        f"refused to request {url[:_MAX_QUOTED]!r}: {why}",
        reason="E_FETCH_REFUSED",
        status="refused",
    )
