"""Parse a JSON Feed, version 1.0 or 1.1: https://www.jsonfeed.org/version/1.1."""

import json
from datetime import datetime
from urllib.parse import urljoin

from transforms.core.feeds import parsed
from transforms.core.feeds.bounds import MAX_ITEMS
from transforms.core.feeds.feed_dates import credible, from_epoch, from_iso
from transforms.core.feeds.feed_document import FeedDocument
from transforms.core.feeds.not_a_feed import json_error
from transforms.core.feeds.parsed import ParsedEntry, ParsedFeed
from transforms.errors import FeedError


def parse_json_feed(feed: FeedDocument) -> ParsedFeed:
    """Return the feed; raises FeedError if the document is not JSON, or other JSON."""
    url, now = feed.url, feed.now
    try:
        document = json.loads(feed.data.decode("utf-8", "replace").removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise FeedError(f"not readable as JSON: {error}") from error
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list) or "jsonfeed.org/version/" not in str(document.get("version")):
        raise json_error(document)
    entries = (_entry(item, url, now) for item in items[:MAX_ITEMS])
    return ParsedFeed(
        format="json",
        title=parsed.line(document.get("title")),
        site_url=_link(document.get("home_page_url"), url),
        language=parsed.line(document.get("language"), limit=parsed.MAX_LANGUAGE),
        entries=tuple(entry for entry in entries if entry is not None),
        dropped=max(0, len(items) - MAX_ITEMS),
    )


def _entry(item: object, base: str | None, now: datetime | None) -> ParsedEntry | None:
    """Return an item as an entry; None for one without id, link, title, text and date."""
    if not isinstance(item, dict):
        return None
    guid = _guid(item)
    url = _url(item, base) or parsed.link(guid)
    title = parsed.line(item.get("title"))
    stated_at = _stated_date(item)
    published_at, flag = credible(stated_at, now)
    summary = _summary(item)
    entry_id = parsed.entry_id(guid, url, title, stated_at, summary)
    if entry_id is None:
        return None
    return ParsedEntry(
        entry_id=entry_id,
        url=url,
        title=title,
        published_at=published_at,
        author=_authors(item),
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


def _stated_date(item: dict[str, object]) -> datetime | None:
    for name in ("date_published", "date_modified"):
        value = item.get(name)
        date = from_iso(value) or from_epoch(value)
        if date is not None:
            return date
    return None


def _summary(item: dict[str, object]) -> str | None:
    return (
        parsed.paragraphs(item.get("summary"), html=False)
        or parsed.paragraphs(item.get("content_text"), html=False)
        or parsed.paragraphs(item.get("content_html"))
    )


def _authors(item: dict[str, object]) -> str | None:
    authors = item.get("authors")
    # Version 1.0 has one `author`.
    people = authors if isinstance(authors, list) and authors else [item.get("author")]
    return parsed.names_line(
        person.get("name") for person in people[: parsed.MAX_AUTHORS] if isinstance(person, dict)
    )


def _link(value: object, base: str | None) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        return parsed.link(urljoin(base, value.strip()) if base else value)
    except ValueError:
        return None
