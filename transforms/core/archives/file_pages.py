"""What page is in a file or in a row that came without the request that got it?"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urljoin

from tld import get_tld

from transforms.core.urls import UrlError, normalise_url, url_key
from transforms.errors import ArchiveError
from transforms.records import FeedEntry, Page

NOWHERE = "file.invalid"
"""The host of pages that name no URL of their own."""
_LINKS = re.compile(rb"<(?:link|meta)\b[^<>]{0,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-z:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""", re.IGNORECASE)
_HEAD_BYTES = 200_000
_MAX_LINKS = 500
_NUMBER = re.compile(r"\d{9,13}(?:\.\d+)?")
_MILLISECONDS = 10**11
"""From here on a number of time is milliseconds: as seconds it would lie in the year 5138."""
_ZONE = re.compile(r"(?<=\d) ?(?:UTC|GMT|Z)$")
_NAMES = {
    "url": ("url", "link", "canonical_url"),
    "html": ("html", "raw_html"),
    "text": ("text", "body", "content", "maintext"),
    "title": ("title", "headline"),
    "published_at": ("published_at", "published", "date_publish", "publication_date", "date"),
    "author": ("author", "byline"),
    "language": ("language", "lang"),
    "seen_at": ("fetched_at", "first_seen_at", "date_download", "crawled_at"),
}
"""Columns by what they hold; of several that a row has, the first one."""
COLUMNS = tuple(name for names in _NAMES.values() for name in names)


@dataclass(frozen=True, slots=True)
class PageDefaults:
    """What the run says of pages that do not say it themselves: its clock, and when they were published."""

    now: datetime
    published_at: datetime | None = None


def page_of_file(content: bytes, inside: str, defaults: PageDefaults) -> Page:
    """Return a file as a page. `inside` is its path within the folder that was named, with forward slashes.

    Its URL is the canonical link it has, else what a mirrored folder (`www.example.com/2020/a.html`) tells, else one at
    `file.invalid`, made of its path.
    """
    is_text = inside.removesuffix(".gz").endswith(".txt")
    own = None if is_text else _own_link(content)
    url = own or mirrored_url(inside) or f"http://{NOWHERE}/{_quoted(inside)}"
    return _page(url, content, defaults, kind="text/plain" if is_text else None)


def page_of_row(row: Mapping[str, Any], defaults: PageDefaults) -> Page:
    """Return a row with a URL and HTML or text as a page. Raises ArchiveError (E_ARCHIVE_ROW, E_ARCHIVE_URL)."""
    lower = {name.lower(): value for name, value in row.items()}
    said = {what: _first(lower, names) for what, names in _NAMES.items()}
    url, content = _text(said["url"]), said["text"] if said["html"] is None else said["html"]
    if url is None or not isinstance(content, str | bytes):
        raise ArchiveError('a row needs "url", and "html" or "text"', reason="E_ARCHIVE_ROW")
    seen_at = _time(said["seen_at"], "time of capture")
    try:
        page = _page(
            url,
            content.encode("utf8", "replace") if isinstance(content, str) else content,
            PageDefaults(
                seen_at or defaults.now,
                _time(said["published_at"], "time of publication") or defaults.published_at,
            ),
            kind="text/html" if said["html"] is not None else "text/plain",
            charset="utf-8" if isinstance(content, str) else None,
            title=_text(said["title"]),
            author=_text(said["author"]),
            language=_text(said["language"]),
        )
    except UrlError as error:
        raise ArchiveError(str(error), reason="E_ARCHIVE_URL") from error
    if seen_at is not None and seen_at > defaults.now:
        raise ArchiveError(
            f"{url[:300]!r} was captured at {seen_at}, after now", reason="E_ARCHIVE_DATE"
        )
    return page


def _page(
    url: str,
    content: bytes,
    defaults: PageDefaults,
    *,
    kind: str | None,
    charset: str | None = None,
    **said: str | None,
) -> Page:
    entry = FeedEntry(
        url=url,
        url_key=url_key(url),
        first_seen_at=defaults.now,
        published_at=defaults.published_at,
        title=said.get("title"),
        author=said.get("author"),
        language=said.get("language"),
    )
    return Page(
        entry=entry,
        final_url=url,
        content_type=kind,
        charset=charset,
        content=content,
        fetched_at=defaults.now,
    )


def _own_link(content: bytes) -> str | None:
    """Return the URL that a page gives as its own: rel=canonical, else og:url."""
    found: dict[str, str] = {}
    for tag, _ in zip(_LINKS.finditer(content[:_HEAD_BYTES]), range(_MAX_LINKS), strict=False):
        text = tag.group().decode("utf8", "replace")
        said = {
            name.lower(): html.unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(text)
        }
        if "canonical" in said.get("rel", "").lower().split():
            found.setdefault("canonical", said.get("href", ""))
        if (said.get("property") or said.get("name", "")).lower() == "og:url":
            found.setdefault("og", said.get("content", ""))
    return next(
        (link for name in ("canonical", "og") if (link := _absolute(found.get(name)))), None
    )


def _absolute(link: str | None) -> str | None:
    try:
        return (
            normalise_url(link.strip())
            if link and link.strip().lower().startswith("http")
            else None
        )
    except UrlError:
        return None


def mirrored_url(inside: str) -> str | None:
    """Return the URL of a file of a mirrored site: its first folder is a host."""
    host, _, path = inside.partition("/")
    if not path or get_tld(f"http://{host}", fail_silently=True) is None:
        return None
    return _absolute(urljoin(f"http://{host}/", _quoted(path, "/%@?=&;,+~")))


def _quoted(path: str, safe: str = "/") -> str:
    """Return a path as part of a URL, be its bytes UTF-8 or not."""
    return quote(path.removesuffix(".gz").encode("utf8", "surrogateescape"), safe)


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((row[name] for name in names if row.get(name) not in (None, "")), None)


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        return value.decode("utf8", "replace")
    return value if isinstance(value, str) else None


def _time(value: object, what: str) -> datetime | None:
    if isinstance(value, str | bytes):
        value = (_text(value) or "").strip()
    if value is None or value == "" or value != value:  # NaN
        return None
    try:
        found = _moment(value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ArchiveError(
            f"a row's {what}, {str(value)[:100]!r}, is no ISO time", reason="E_ARCHIVE_ROW"
        ) from error


def _moment(value: object) -> datetime:
    """Return the time of a date, of an ISO 8601 or RFC 5322 text, or of a number of seconds or milliseconds."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, int | float) or _NUMBER.fullmatch(str(value)):
        number = float(str(value))
        return datetime.fromtimestamp(
            number / 1000 if abs(number) >= _MILLISECONDS else number, UTC
        )
    try:
        return datetime.fromisoformat(_ZONE.sub("+00:00", str(value)))
    except ValueError:
        return parsedate_to_datetime(str(value))
