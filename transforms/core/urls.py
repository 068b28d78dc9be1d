"""Normalise links, make their keys, and find the site that a link belongs to.

Links are normalised much as the WHATWG URL standard (https://url.spec.whatwg.org) and RFC 3986
section 6 say; on top, tracking parameters are dropped, since they record who followed a link, not
what it leads to.
"""

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import SplitResult, quote, unquote_to_bytes, urljoin, urlsplit

import idna
import tld

from transforms.core.ids import stable_id

# The limit of the sitemap protocol (https://www.sitemaps.org/protocol.html).
MAX_URL_LENGTH = 2048

# What newsrooms, mailers and advertisers append. Names that may select a document (id, p, ref,
# source) are not here.
_TRACKING_PREFIXES = (
    "utm_",
    "at_",
    "hsa_",
    "itm_",
    "mtm_",
    "pk_",
    "piwik_",
    "matomo_",
    "oly_",
    "vero_",
    "wt.",
)
_TRACKING_LIST = """
__s __twitter_impression _ga _gl _hsenc _hsmi cmp cmpid dclid ecid fb_action_ids fb_action_types
fb_ref fbclid
ftag gaa_at gaa_n gaa_sig gaa_ts gbraid gclid gclsrc guccounter guce_referrer guce_referrer_sig
icid igsh
igshid ito mc_cid mc_eid mkt_tok mkwid msclkid ncid ns_campaign ns_fee ns_linkname ns_mchannel
ns_source ocid
rb_clickid s_cid sc_cid sfmc_id smid smtyp sref srnd traffic_source ttclid twclid wbraid wickedid
xtor yclid
yptr
"""
_TRACKING_NAMES = frozenset(_TRACKING_LIST.split())

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?")
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PATH_SAFE = "/:@!$&'()*+,;=~-._"
_QUERY_SAFE = _PATH_SAFE + "?"
_DEFAULT_PORTS = {"http": 80, "https": 443}


class UrlError(ValueError):
    """A link that cannot be fetched."""


def normalise_url(url: str) -> str:
    """Return the link as it is fetched and stored: absolute http(s), no fragment, no tracking, no
    default port.

    Raises UrlError for other schemes, credentials, impossible hosts or ports, and links over 2,048
    characters.
    """
    # Normalising may shorten a link (tracking, escapes), rarely to a quarter of its length.
    if len(url) > MAX_URL_LENGTH * 4:
        raise UrlError(
            f"link of {len(url)} characters, over the limit of {MAX_URL_LENGTH}: {url[:80]!r}"
        )
    cleaned = _CONTROLS.sub("", url).strip()
    parts = _split(cleaned)
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS:
        raise UrlError(f"only http and https links can be fetched: {url[:200]!r}")
    host = _host(parts, url)
    path = _remove_dots(_requote(parts.path, _PATH_SAFE)) or "/"
    query = _requote(_without_tracking(parts.query), _QUERY_SAFE)
    normal = f"{scheme}://{host}{_port(parts, scheme, url)}{path}{'?' + query if query else ''}"
    if len(normal) > MAX_URL_LENGTH:
        raise UrlError(
            f"link of {len(normal)} characters, over the limit of {MAX_URL_LENGTH}: {normal[:80]!r}"
        )
    return normal


def url_key(url: str) -> str:
    """Return the id of the page a link leads to: xxh128 of the normalised link without scheme and
    `www.`.
    """
    bare = normalise_url(url).split("://", 1)[1]
    return stable_id(_without_www(bare))


@lru_cache(maxsize=65536)
def registrable_domain(url_or_host: str) -> str:
    """Return the domain a publisher registered (`bbc.co.uk` of `news.bbc.co.uk`), else the host
    itself.
    """
    return _registrable(url_or_host, private=False)


def canonical_article_url(
    entry_url: str, page_url: str, canonical_link: str | None, *, shared: bool
) -> str:
    """Return the link that identifies an article: the page's canonical link if it can be trusted,
    else the normalised entry link.

    A canonical link is not trusted if it leaves the page's registrable domain (names below a shared
    host such as `blogspot.com` are domains of their own here), is a site's front page, or is
    `shared` by several articles.
    """
    entry = normalise_url(entry_url)
    if shared or not canonical_link or not canonical_link.strip():
        return entry
    try:
        canonical = normalise_url(
            urljoin(normalise_url(page_url), _CONTROLS.sub("", canonical_link).strip())
        )
    except ValueError:
        return entry
    if urlsplit(canonical).path == "/" or not _is_same_site(canonical, page_url):
        return entry
    return canonical


def _is_same_site(a: str, b: str) -> bool:
    return _registrable(a, private=True) == _registrable(b, private=True)


def _split(url: str) -> SplitResult:
    authority = url.split("://", 1)[-1].split("/", 1)[0].split("?", 1)[0].split("#", 1)[0]
    if "\\" in authority or "@" in authority:
        raise UrlError(f"a link with credentials or a backslash is not fetched: {url[:200]!r}")
    try:
        return urlsplit(url)
    except ValueError as error:
        raise UrlError(f"not a link: {url[:200]!r} ({error})") from error


def _host(parts: SplitResult, url: str) -> str:
    name = (parts.hostname or "").rstrip(".")
    if ":" in name:
        try:
            return f"[{IPv6Address(name)}]"
        except AddressValueError as error:
            raise UrlError(f"not an IPv6 address: {url[:200]!r}") from error
    try:
        host = name if name.isascii() else idna.encode(name, uts46=True).decode("ascii").rstrip(".")
    except (idna.IDNAError, UnicodeError) as error:
        raise UrlError(f"not a host name: {url[:200]!r}") from error
    # RFC 1035 section 2.3.4: 255 octets on the wire are 253 characters.
    if len(host) > 253 or ".." in host or not _HOST.fullmatch(host):
        raise UrlError(f"not a host name: {url[:200]!r}")
    return host


def _port(parts: SplitResult, scheme: str, url: str) -> str:
    try:
        port = parts.port
    except ValueError as error:
        raise UrlError(f"not a port: {url[:200]!r}") from error
    if port == 0:
        raise UrlError(f"not a port: {url[:200]!r}")
    return "" if port is None or port == _DEFAULT_PORTS[scheme] else f":{port}"


def _requote(text: str, safe: str) -> str:
    """Return the text with normalised percent-escapes (RFC 3986 section 6.2.2): in upper case, and
    only if they are needed.
    """
    if not text:
        return ""
    pieces = re.split(r"((?:%[0-9A-Fa-f]{2})+)", _ESCAPE.sub("%25", text))
    return "".join(
        _requote_escapes(piece) if index % 2 else quote(piece.encode("utf-8", "replace"), safe=safe)
        for index, piece in enumerate(pieces)
    )


def _requote_escapes(escapes: str) -> str:
    return quote(unquote_to_bytes(escapes), safe="")


def _remove_dots(path: str) -> str:
    """Return the path without `.` and `..` segments (RFC 3986 section 5.2.4)."""
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def _without_tracking(query: str) -> str:
    return "&".join(
        field
        for field in query.split("&")
        if field and not _is_tracking(field.split("=", 1)[0].lower())
    )


def _is_tracking(name: str) -> bool:
    return name in _TRACKING_NAMES or name.startswith(_TRACKING_PREFIXES)


def _without_www(host: str) -> str:
    return host.removeprefix("www.") if host.count(".") > 1 else host


def _registrable(url_or_host: str, *, private: bool) -> str:
    host = _bare_host(url_or_host)
    if not host or _is_address(host):
        return host
    found = tld.get_fld(host, fail_silently=True, fix_protocol=True, search_private=private)
    return found or _without_www(host)


def _bare_host(url_or_host: str) -> str:
    text = url_or_host.strip()
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        return (parts.hostname or "").rstrip(".").lower()
    except ValueError:
        return ""


def _is_address(host: str) -> bool:
    if ":" in host:
        return True
    try:
        IPv4Address(host)
    except AddressValueError:
        return False
    return True
