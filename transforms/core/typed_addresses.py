"""Addresses as people type them: without a scheme, beside names of files."""

import re
from ipaddress import AddressValueError, IPv4Address

import tld

_HOST_AND_REST = re.compile(r"([^\s/?#:@\\]{1,253})(:[0-9]{1,5})?([/?#]\S*)?")
_RESERVED = frozenset({"test", "example", "invalid", "localhost"})
"""The top-level domains of RFC 2606, which the list of public ones lacks."""


def typed_address(text: str) -> str | None:
    """Return the address that a text without a scheme means, with https; None if it means none.

    `example.org/rss` and `www.example.org` are addresses. `feeds.opml` and `lists/feeds.opml` are
    not, as their hosts would not be below a top-level domain, nor is `notes.md`, which is more
    likely a file: a host alone must begin with `www.`.
    """
    found = _HOST_AND_REST.fullmatch(text.strip())
    if found is None:
        return None
    host, _, rest = found.groups()
    is_whole = host.lower().startswith("www.") or bool(rest)
    return f"https://{found[0]}" if is_whole and is_host(host) else None


def is_host(text: str) -> bool:
    """Return whether a text is an IPv4 address, or a name below a top-level domain."""
    above, _, top = text.rstrip(".").rpartition(".")
    if not above or text.startswith("."):
        return False
    if top.lower() in _RESERVED or _is_ipv4(text):
        return True
    return tld.get_fld(text, fail_silently=True, fix_protocol=True) is not None


def _is_ipv4(text: str) -> bool:
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True
