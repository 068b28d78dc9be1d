"""What does a feed's document say? RSS 0.9x to 2.0, RDF, Atom (feedparser reads them) and JSON Feed."""

import io
import warnings
from datetime import datetime
from typing import Any

import feedparser

from transforms.core.feeds import bounds, hints, parsed
from transforms.core.feeds.feed_dates import (
    from_epoch,
    from_struct,
    from_words,
    knows_better,
    settled,
)
from transforms.core.feeds.json_feed import parse_json_feed
from transforms.core.feeds.not_a_feed import page_error
from transforms.core.feeds.parsed import ParsedEntry, ParsedFeed
from transforms.core.fetch.headers import charset_of
from transforms.errors import FeedError

PARSE_TIMEOUT_S = 30.0
"""For one document. The costliest known within the bounds, 600,000 tags, takes 17 s."""

# feedparser's remarks on headers, not on the document.
_HARMLESS = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)
_PERIOD, _FREQUENCY = "sy_updateperiod", "sy_updatefrequency"
_DATES = ("published", "updated", "created")


def parse_feed(
    data: bytes,
    *,
    content_type: str | None = None,
    url: str | None = None,
    now: datetime | None = None,
) -> ParsedFeed:
    """Return what the document says; `url` is where it came from, and dates over 48 h after `now` are not believed.

    Raises FeedError when it is empty, something else than a feed, too deep, or broken before its first item.
    """
    bounds.check_bytes(data)
    data, is_utf8 = bounds.as_utf8(data)
    if data.lstrip(b" \t\r\n\xef\xbb\xbf")[:1] in (b"{", b"["):
        return parse_json_feed(data, url=url, now=now)
    document, dropped = bounds.cut_items(data)
    bounds.check_tags(document)
    result = _feedparser(
        document, "application/xml; charset=utf-8" if is_utf8 else _xml_type(content_type), url
    )
    items = result["entries"][: bounds.MAX_ITEMS]
    entries = [entry for item in items if (entry := _entry(item, now)) is not None]
    fault = _fault(result)
    if not entries or not result.get("version"):
        _check_is_feed(data, result, fault, url)
    feed = result["feed"]
    asked = (
        hints.ttl_s(feed.get("ttl")),
        hints.update_period_s(feed.get(_PERIOD), feed.get(_FREQUENCY)),
    )
    return ParsedFeed(
        format=result.get("version") or "unknown",
        title=parsed.line(feed.get("title"), html=True),
        site_url=parsed.link(feed.get("link")),
        language=parsed.line(feed.get("language"), limit=35),
        requested_interval_s=hints.longest(asked),
        skip_times=hints.skip_times_in(document),
        entries=tuple(entries),
        fault=fault,
        dropped=dropped + len(result["entries"]) - len(items),
    )


def _feedparser(data: bytes, content_type: str, url: str | None) -> Any:
    headers = {"content-type": content_type}
    if url:
        headers["content-location"] = url
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # A stream: bytes that happen to be a file's name would be opened. Links in summaries are dropped anyway.
            return feedparser.parse(
                io.BytesIO(data),
                response_headers=headers,
                sanitize_html=False,
                resolve_relative_uris=False,
            )
    except Exception as error:  # whatever breaks inside the parser is the document's doing
        raise FeedError(
            f"feedparser cannot read the document: {type(error).__name__}: {error}"[:500]
        ) from error


def _xml_type(content_type: str | None) -> str:
    """Return the charset that the server declared under a type that lets the document's own declaration speak too."""
    charset = charset_of(content_type)
    return f"application/xml; charset={charset}" if charset else "application/xml"


def _fault(result: Any) -> str | None:
    error = result.get("bozo_exception")
    if not result.get("bozo") or isinstance(error, _HARMLESS):
        return None
    return parsed.line(f"{type(error).__name__}: {error}", limit=300)


def _check_is_feed(data: bytes, result: Any, fault: str | None, url: str | None) -> None:
    """Raise FeedError unless a document without items, or of no known kind, is a feed."""
    if bounds.looks_like_html(data):
        raise page_error(data, url)
    if result["entries"]:
        return
    if fault and not bounds.is_closed(data):
        raise FeedError(f"broken before the first item: {fault}")
    if not result.get("version"):
        raise FeedError("neither RSS, RDF, Atom nor JSON Feed")


def _entry(item: Any, now: datetime | None) -> ParsedEntry | None:
    guid = parsed.line(item.get("id"), limit=2048)
    url = _url(item, guid)
    title = parsed.line(item.get("title"), html=_is_html(item.get("title_detail")))
    said = next((when for name in _DATES if (when := _date(item, name)) is not None), None)
    published_at, flag = settled(said, now)
    summary = _summary(item)
    identity = parsed.entry_id(guid, url, title, said, summary or _author(item))
    if identity is None:
        return None
    return ParsedEntry(
        entry_id=identity,
        url=url,
        title=title,
        published_at=published_at,
        author=_author(item),
        summary=summary,
        language=parsed.line((item.get("title_detail") or {}).get("language"), limit=35),
        date_flag=flag,
    )


def _date(item: Any, name: str) -> datetime | None:
    """Return one of an item's dates: feedparser's reading of it, or our own where feedparser errs."""
    text = item.get(name)
    own = from_epoch(text) or (from_words(text) if knows_better(text) else None)
    return own or from_struct(item.get(f"{name}_parsed")) or from_words(text)


def _url(item: Any, guid: str | None) -> str | None:
    """Return the article's link: where a proxy names the original, that; else the entry's, a fitting one, its id.

    What feedparser takes for the entry's link may be its enclosure.
    """
    links = item.get("links", ())
    alternates = [one.get("href") for one in links if one.get("rel") in {None, "alternate"}]
    others = {one.get("href") for one in links} - set(alternates)
    own = [item.get("link")] if item.get("link") not in others else []
    candidates = [item.get("feedburner_origlink"), *own, *alternates, guid]
    return next((url for value in candidates if (url := parsed.link(value))), None)


def _author(item: Any) -> str | None:
    names = [parsed.line(one.get("name"), limit=200) for one in item.get("authors", ())[:50] if one]
    return parsed.line(", ".join(name for name in names if name)) or parsed.line(
        item.get("author"), limit=500
    )


def _summary(item: Any) -> str | None:
    blocks = [(item.get("summary"), item.get("summary_detail"))]
    blocks += [(one.get("value"), one) for one in item.get("content", ())[:1]]
    texts = (parsed.paragraphs(value, html=_is_html(detail)) for value, detail in blocks)
    return next((text for text in texts if text), None)


def _is_html(detail: Any) -> bool:
    return not detail or detail.get("type") != "text/plain"
