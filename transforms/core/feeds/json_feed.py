"""Parse a JSON Feed, version 1.0 or 1.1: https://www.jsonfeed.org/version/1.1."""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urljoin

from transforms.core.dates.parsed_time import Place
from transforms.core.dates.place import place_of
from transforms.core.feeds import parsed
from transforms.core.feeds.bounds import MAX_ITEMS
from transforms.core.feeds.feed_dates import credible, first_stated
from transforms.core.feeds.feed_document import FeedDocument
from transforms.core.feeds.not_a_feed import json_error
from transforms.core.feeds.parsed import ParsedEntry, ParsedFeed
from transforms.errors import FeedError

# Some feeds state the bare number of the version, which other JSON does too: then the first items
# must be those of a feed.
_BARE_VERSION = re.compile(r"1(?:\.[01])?")
_SNIFFED_ITEMS = 5
_CONTENTS = frozenset({"url", "external_url", "content_html", "content_text"})
# By precedence: an update may be years after the publication.
_DATES = ("date_published", "date_modified")


def parse_json_feed(feed: FeedDocument) -> ParsedFeed:
    """Return the feed; raises FeedError if the document is not JSON, or other JSON."""
    url, now = feed.url, feed.now
    try:
        document = json.loads(feed.data.decode("utf-8", "replace").removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise FeedError(f"not readable as JSON: {error}") from error
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list) or not _is_feed(str(document.get("version")), items):
        raise json_error(document)
    place = place_of(parsed.line(document.get("language")), url)
    authors = _authors(document)
    entries = (_entry(item, url, now, place, authors) for item in items[:MAX_ITEMS])
    return ParsedFeed(
        format="json",
        title=parsed.line(document.get("title")),
        site_url=_link(document.get("home_page_url"), url),
        language=parsed.line(document.get("language"), limit=parsed.MAX_LANGUAGE),
        entries=tuple(entry for entry in entries if entry is not None),
        dropped=max(0, len(items) - MAX_ITEMS),
    )


def _is_feed(version: str, items: Sequence[object]) -> bool:
    """Return whether a version, and the items it goes with, are those of a JSON Feed."""
    if "jsonfeed.org/version/" in version:
        return True
    sniffed = items[:_SNIFFED_ITEMS]
    return bool(sniffed and _BARE_VERSION.fullmatch(version)) and all(map(_is_item, sniffed))


def _is_item(item: object) -> bool:
    return isinstance(item, dict) and "id" in item and not _CONTENTS.isdisjoint(item)


def _entry(
    item: object,
    base: str | None,
    now: datetime | None,
    place: Place,
    feed_authors: str | None,
) -> ParsedEntry | None:
    """Return an item as an entry; None for one without id, link, title, text and date.

    An item that names no authors has those of its feed.
    """
    if not isinstance(item, dict):
        return None
    guid = _guid(item)
    url = _url(item, base) or parsed.link(guid)
    title = parsed.line(item.get("title"))
    stated = first_stated((item.get(name) for name in _DATES), now, place)
    published_at, flag = credible(stated, now)
    summary = _summary(item)
    entry_id = parsed.entry_id(guid, url, title, stated.at if stated else None, summary)
    if entry_id is None:
        return None
    return ParsedEntry(
        entry_id=entry_id,
        url=url,
        title=title,
        published_at=published_at,
        author=_authors(item) or feed_authors,
        summary=summary,
        language=parsed.line(item.get("language"), limit=parsed.MAX_LANGUAGE),
        date_flag=flag,
    )


def _guid(item: dict[str, object]) -> str | None:
    guid = item.get("id")
    # The standard requires a string, but numbers occur.
    text = str(guid) if isinstance(guid, int | float) else guid
    return parsed.line(text, limit=parsed.MAX_GUID)


def _url(item: dict[str, object], base: str | None) -> str | None:
    return _link(item.get("url"), base) or _link(item.get("external_url"), base)


def _summary(item: dict[str, object]) -> str | None:
    return (
        parsed.paragraphs(item.get("summary"), html=False)
        or parsed.paragraphs(item.get("content_text"), html=False)
        or parsed.paragraphs(item.get("content_html"))
    )


def _authors(item: dict[str, object]) -> str | None:
    """Return the names in `authors`, else in the `author` of version 1.0."""
    return _names(item.get("authors")) or _names(item.get("author"))


def _names(authors: object) -> str | None:
    """Return the names of a list of authors; many feeds have one object, or plain names."""
    people = authors if isinstance(authors, list) else [authors]
    return parsed.names_line(
        person.get("name") if isinstance(person, dict) else person
        for person in people[: parsed.MAX_AUTHORS]
    )


def _link(value: object, base: str | None) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        return parsed.link(urljoin(base, value.strip()) if base else value)
    except ValueError:
        return None
