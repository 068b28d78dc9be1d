"""What does a JSON Feed say? Versions 1.0 and 1.1, https://www.jsonfeed.org/version/1.1."""

import json
from datetime import datetime
from urllib.parse import urljoin

from transforms.core.feeds import parsed
from transforms.core.feeds.bounds import MAX_ITEMS
from transforms.core.feeds.feed_dates import from_epoch, from_iso, settled
from transforms.core.feeds.not_a_feed import json_error
from transforms.core.feeds.parsed import ParsedEntry, ParsedFeed
from transforms.errors import FeedError


def parse_json_feed(data: bytes, *, url: str | None, now: datetime | None) -> ParsedFeed:
    """Return the feed; FeedError where the document is other JSON or none."""
    try:
        document = json.loads(data.decode("utf-8", "replace").removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise FeedError(f"not readable as JSON: {error}") from error
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list) or "jsonfeed.org/version/" not in str(document.get("version")):
        raise json_error(document)
    entries = [entry for item in items[:MAX_ITEMS] if (entry := _entry(item, url, now)) is not None]
    return ParsedFeed(
        format="json",
        title=parsed.line(document.get("title")),
        site_url=_link(document.get("home_page_url"), url),
        language=parsed.line(document.get("language"), limit=35),
        entries=tuple(entries),
        dropped=max(0, len(items) - MAX_ITEMS),
    )


def _entry(item: object, base: str | None, now: datetime | None) -> ParsedEntry | None:
    if not isinstance(item, dict):
        return None
    guid = item.get("id")
    guid = parsed.line(str(guid) if isinstance(guid, int | float) else guid, limit=2048)
    url = _link(item.get("url"), base) or _link(item.get("external_url"), base) or parsed.link(guid)
    title = parsed.line(item.get("title"))
    dates = (item.get("date_published"), item.get("date_modified"))
    said = next(
        (when for value in dates if (when := from_iso(value) or from_epoch(value)) is not None),
        None,
    )
    published_at, flag = settled(said, now)
    summary = (
        parsed.paragraphs(item.get("summary"), html=False)
        or parsed.paragraphs(item.get("content_text"), html=False)
        or parsed.paragraphs(item.get("content_html"))
    )
    identity = parsed.entry_id(guid, url, title, said, summary)
    if identity is None:
        return None
    return ParsedEntry(
        entry_id=identity,
        url=url,
        title=title,
        published_at=published_at,
        author=_authors(item),
        summary=summary,
        language=parsed.line(item.get("language"), limit=35),
        date_flag=flag,
    )


def _authors(item: dict[str, object]) -> str | None:
    authors = item.get("authors")
    people = authors if isinstance(authors, list) and authors else [item.get("author")]
    names = [
        parsed.line(person.get("name"), limit=200)
        for person in people[:50]
        if isinstance(person, dict)
    ]
    return parsed.line(", ".join(name for name in names if name))


def _link(value: object, base: str | None) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        return parsed.link(urljoin(base, value.strip()) if base else value)
    except ValueError:
        return None
