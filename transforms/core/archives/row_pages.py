"""Turn a row (a line of JSON or a row of Parquet) into a page, by the names of its columns."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any

from transforms.core.archives.page_defaults import PageDefaults, page_at
from transforms.core.charsets import UnreadableError, decode
from transforms.core.dates.parsed_time import IMPOSSIBLE
from transforms.core.dates.reading import read_stated
from transforms.core.fetch.headers import MAX_QUOTED_URL
from transforms.core.urls import UrlError
from transforms.errors import ArchiveError
from transforms.records import Page

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
"""Names of columns by their content; the first of them that a row has is used."""
COLUMNS = tuple(chain.from_iterable(_NAMES.values()))

# Seconds from 1973 on (9 digits), milliseconds until 2286 (13); shorter numbers may be years.
_NUMBER = re.compile(r"\d{9,13}(?:\.\d+)?")
# Numbers from here on are milliseconds: as seconds they would be after the year 5138.
_MILLISECONDS = 10**11


def page_of_row(row: Mapping[str, Any], defaults: PageDefaults) -> Page:
    """Return a row with a URL and HTML or text as a page.

    Raises ArchiveError: E_ARCHIVE_ROW, E_ARCHIVE_URL, or E_ARCHIVE_DATE for a capture after now.
    """
    fields = _fields(row)
    url, content = _text(fields["url"]), fields["html"]
    is_html = content is not None
    if not is_html:
        content = fields["text"]
    if url is None or not isinstance(content, str | bytes):
        raise ArchiveError('a row needs "url", and "html" or "text"', reason="E_ARCHIVE_ROW")
    seen_at = _time(fields["seen_at"], "time of capture")
    published_at = _time(fields["published_at"], "time of publication")
    times = PageDefaults(seen_at or defaults.now, published_at or defaults.published_at)
    page = _page(url, content, times, is_html, fields)
    if seen_at is not None and seen_at > defaults.now:
        raise ArchiveError(
            f"{url[:MAX_QUOTED_URL]!r} was captured at {seen_at}, after now",
            reason="E_ARCHIVE_DATE",
        )
    return page


def _page(
    url: str, content: str | bytes, times: PageDefaults, is_html: bool, fields: Mapping[str, Any]
) -> Page:
    is_decoded = isinstance(content, str)
    try:
        return page_at(
            url,
            content.encode("utf8", "replace") if isinstance(content, str) else content,
            times,
            content_type="text/html" if is_html else "text/plain",
            charset="utf-8" if is_decoded else None,
            title=_text(fields["title"]),
            author=_text(fields["author"]),
            language=_text(fields["language"]),
        )
    except UrlError as error:
        raise ArchiveError(str(error), reason="E_ARCHIVE_URL") from error


def _fields(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row's values by the keys of `_NAMES`; None for a missing one."""
    by_name = {name.lower(): value for name, value in row.items()}
    return {field: _first(by_name, names) for field, names in _NAMES.items()}


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((row[name] for name in names if row.get(name) not in (None, "")), None)


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        return _decoded(value)
    return value if isinstance(value, str) else None


def _decoded(value: bytes) -> str:
    """Return bytes of a row as text. Raises ArchiveError if they are in an unknown charset."""
    try:
        return decode(value, is_markup=False).text
    except UnreadableError as error:
        raise ArchiveError(f"a value of a row {error}", reason="E_ARCHIVE_ROW") from error


def _time(value: object, what: str) -> datetime | None:
    """Return a time in UTC, None for none. Raises ArchiveError for a value that is not a time."""
    if isinstance(value, str | bytes):
        value = (_text(value) or "").strip()
    is_nan = value != value
    if value is None or value == "" or is_nan:
        return None
    try:
        found = _parse_time(value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ArchiveError(
            f"a row's {what}, {str(value)[:100]!r}, is not an ISO 8601 time, "
            "e.g. 2024-05-01T10:00:00Z",
            reason="E_ARCHIVE_ROW",
        ) from error


def _parse_time(value: object) -> datetime:
    """Return the time of a date, an ISO 8601 or RFC 5322 text, or a number of s or ms."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, int | float) or _NUMBER.fullmatch(str(value)):
        number = float(str(value))
        is_milliseconds = abs(number) >= _MILLISECONDS
        return datetime.fromtimestamp(number / 1000 if is_milliseconds else number, UTC)
    stated = read_stated(str(value))
    if stated is None or stated.at == IMPOSSIBLE:
        raise ValueError(f"{str(value)[:100]!r} is not a time")
    return stated.at
