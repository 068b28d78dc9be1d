"""What does a JSON Feed say? Versions 1.0 and 1.1, https://www.jsonfeed.org/version/1.1."""

import json
from datetime import datetime
from urllib.parse import urljoin

from transforms.core.feeds import parsed
from transforms.core.feeds.bounds import MAX_ITEMS
from transforms.core.feeds.dates import from_iso, plausible
from transforms.core.feeds.parsed import ParsedEntry, ParsedFeed
from transforms.errors import FeedError


def parse_json_feed(data: bytes, *, url: str | None, now: datetime | None) -> ParsedFeed:
    """Return the feed; FeedError where the document is other JSON or none."""
    try:
        document = json.loads(data.decode(json.detect_encoding(data), "replace").removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise FeedError(f"not readable as JSON: {error}") from error
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list) or "jsonfeed.org/version/" not in str(document.get("version")):
        raise FeedError("JSON that is no JSON Feed: it lacks a jsonfeed.org `version` or a list of `items`")
    entries = [entry for item in items[:MAX_ITEMS] if (entry := _entry(item, url, now)) is not None]
    return ParsedFeed(
        format="json",
        title=parsed.line(document.get("title")),
        site_url=_link(document.get("home_page_url"), url),
        language=parsed.line(document.get("language"), limit=35),
        entries=parsed.distinct(entries),
        tossed=max(0, len(items) - MAX_ITEMS),
    )


def _entry(item: object, base: str | None, now: datetime | None) -> ParsedEntry | None:
    if not isinstance(item, dict):
        return None
    guid = item.get("id")
    guid = parsed.line(str(guid) if isinstance(guid, int | float) else guid, limit=2048)
    url = _link(item.get("url"), base) or _link(item.get("external_url"), base) or parsed.link(guid)
    title = parsed.line(item.get("title"))
    said = from_iso(item.get("date_published")) or from_iso(item.get("date_modified"))
    published_at = plausible(said, now)
    identity = parsed.entry_id(guid, url, title, published_at)
    if identity is None:
        return None
    return ParsedEntry(
        entry_id=identity,
        url=url,
        title=title,
        published_at=published_at,
        author=_authors(item),
        summary=parsed.paragraphs(item.get("summary"), html=False)
        or parsed.paragraphs(item.get("content_text"), html=False)
        or parsed.paragraphs(item.get("content_html")),
        language=parsed.line(item.get("language"), limit=35),
        date_refused=said is not None and published_at is None,
    )


def _authors(item: dict[str, object]) -> str | None:
    authors = item.get("authors")
    people = authors if isinstance(authors, list) and authors else [item.get("author")]
    names = [parsed.line(person.get("name"), limit=200) for person in people[:50] if isinstance(person, dict)]
    return parsed.line(", ".join(name for name in names if name))


def _link(value: object, base: str | None) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        return parsed.link(urljoin(base, value.strip()) if base else value)
    except ValueError:
        return None
