"""The links of a CDX server: the columns of a query, its next part, and the URLs of captures.

Servers are those of https://github.com/internetarchive/wayback and
https://github.com/webrecorder/pywb.
"""

import re
from urllib.parse import parse_qs, quote_plus, urlsplit, urlunsplit

from transforms.core.archives.link_lists.cdx import NEEDED, TIME, standard_names
from transforms.core.urls import UrlError, normalise_url

WAYBACK = "https://web.archive.org/web/"
"""Where captures are fetched if their index does not show which server it is from."""

# The Wayback Machine serves captures from another path than its index.
_SEARCH = "/cdx/search/cdx"
_ENDPOINTS = ("/timemap/cdx", "/cdx", "-cdx")
# The slashes of the scheme may be one: servers on the way make one slash of two.
_REPLAY = re.compile(rf"/{TIME}(?:[a-z]{{2}}_)?/(https?:/{{1,2}}[^/].*)", re.IGNORECASE | re.DOTALL)
_SCHEME = re.compile(r"\A(https?):/{1,2}", re.IGNORECASE)
# Keys of some servers are quoted already, and must not be quoted again.
_SAFE_KEY = re.compile(r"[A-Za-z0-9%+._~*()!-]*")


def is_cdx_query(source: str) -> bool:
    """Return whether a link queries a CDX server for captures, with their time as a column."""
    if not _is_link(source) or not urlsplit(source).path.rstrip("/").endswith(_ENDPOINTS):
        return False
    columns = columns_of(source)
    return not columns or set(columns) >= NEEDED


def columns_of(query: str) -> tuple[str, ...]:
    """Return the columns that a query requests (`fl`); () for the server's default."""
    if not _is_link(query):
        return ()
    fields = parse_qs(urlsplit(query).query).get("fl", [""])[0]
    return standard_names(name.strip() for name in fields.split(",") if name.strip())


def replay_base(source: str) -> str | None:
    """Return the start of links to the captures of an index; None for an index without such links.

    An index that is a file, wherever it is, is taken for the Wayback Machine's.
    """
    if not _is_link(source):
        return WAYBACK
    parts = urlsplit(source)
    path = parts.path.rstrip("/")
    # Common Crawl's indexes name files of many captures.
    if path.endswith("-index"):
        return None
    if path.endswith(_SEARCH):
        return urlunsplit(
            (parts.scheme, parts.netloc, path.removesuffix(_SEARCH) + "/web/", "", "")
        )
    endpoint = next((end for end in _ENDPOINTS if path.endswith(end)), None)
    if endpoint is None:
        return WAYBACK
    return urlunsplit((parts.scheme, parts.netloc, path.removesuffix(endpoint) + "/", "", ""))


def resumed_query(query: str, key: str) -> str:
    """Return the query for the rows after those that a server gave with a resume key."""
    parts = urlsplit(query)
    kept = [
        field for field in parts.query.split("&") if field and not field.startswith("resumeKey=")
    ]
    quoted_key = key if _SAFE_KEY.fullmatch(key) else quote_plus(key)
    return urlunsplit(parts._replace(query="&".join([*kept, f"resumeKey={quoted_key}"])))


def captured_url(replay_url: str) -> str | None:
    """Return the URL, normalised, that was captured at a link of an archive; None for others."""
    parts = urlsplit(replay_url)
    query = f"?{parts.query}" if parts.query else ""
    found = _REPLAY.search(parts.path + query)
    if found is None:
        return None
    try:
        return normalise_url(_SCHEME.sub(r"\1://", found[1]))
    except UrlError:
        return None


def _is_link(source: str) -> bool:
    return source.lower().startswith(("http://", "https://"))
