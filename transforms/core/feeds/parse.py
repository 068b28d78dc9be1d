"""What does a feed's document say? RSS 0.9x to 2.0, RDF, Atom (feedparser reads them) and JSON Feed."""

import io
import warnings
from datetime import datetime
from email.message import Message
from typing import Any

import feedparser

from transforms.core.feeds import bounds, parsed
from transforms.core.feeds.dates import from_struct, plausible
from transforms.core.feeds.jsonfeed import parse_json_feed
from transforms.core.feeds.parsed import ParsedEntry, ParsedFeed
from transforms.errors import FeedError

# feedparser's remarks on headers, not on the document.
_HARMLESS = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)
_DATES = ("published_parsed", "updated_parsed", "created_parsed")


def parse_feed(
    data: bytes, *, content_type: str | None = None, url: str | None = None, now: datetime | None = None
) -> ParsedFeed:
    """Return what the document says; `url` is where it came from, and dates over 48 h after `now` are refused.

    Raises FeedError when it is empty, a web page, too large or deep, or broken before its first item.
    """
    bounds.check_bytes(data)
    if data.lstrip(b" \t\r\n\xef\xbb\xbf\xff\xfe\x00")[:1] == b"{":
        return parse_json_feed(data, url=url, now=now)
    bounds.check_depth(data)
    document, tossed = bounds.cut_items(data)
    result = _feedparser(document, content_type, url)
    entries = [entry for item in result["entries"] if (entry := _entry(item, now)) is not None]
    fault = _fault(result)
    if not entries:
        _check_is_feed(data, result, fault)
    feed = result["feed"]
    return ParsedFeed(
        format=result.get("version") or "unknown",
        title=parsed.line(feed.get("title"), html=True),
        site_url=parsed.link(feed.get("link")),
        language=parsed.line(feed.get("language"), limit=35),
        ttl_s=_ttl(feed.get("ttl")),
        entries=parsed.distinct(entries),
        fault=fault,
        tossed=tossed,
    )


def _feedparser(data: bytes, content_type: str | None, url: str | None) -> Any:
    headers = {"content-type": _xml_type(content_type)}
    if url:
        headers["content-location"] = url
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # A stream: bytes that happen to be a file's name would be opened. Links in summaries are dropped anyway.
            return feedparser.parse(
                io.BytesIO(data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
            )
    except Exception as error:  # whatever breaks inside the parser is the document's doing
        raise FeedError(f"feedparser cannot read the document: {type(error).__name__}: {error}"[:500]) from error


def _xml_type(content_type: str | None) -> str:
    """Return the charset that the server declared under a type that lets the document's own declaration speak too."""
    message = Message()
    message["content-type"] = (content_type or "").replace("\r", "").replace("\n", "")
    charset = message.get_content_charset()
    return f"application/xml; charset={charset}" if charset else "application/xml"


def _fault(result: Any) -> str | None:
    error = result.get("bozo_exception")
    if not result.get("bozo") or isinstance(error, _HARMLESS):
        return None
    return parsed.line(f"{type(error).__name__}: {error}", limit=300)


def _check_is_feed(data: bytes, result: Any, fault: str | None) -> None:
    """Raise FeedError unless a document without items is a feed that merely has none now."""
    if bounds.looks_like_html(data):
        raise FeedError("a web page stands where the feed should be", reason="E_FEED_IS_HTML")
    if fault:
        raise FeedError(f"broken before the first item: {fault}")
    if not result.get("version"):
        raise FeedError("neither RSS, RDF, Atom nor JSON Feed")


def _entry(item: Any, now: datetime | None) -> ParsedEntry | None:
    guid = parsed.line(item.get("id"), limit=2048)
    url = _url(item, guid)
    title = parsed.line(item.get("title"), html=_is_html(item.get("title_detail")))
    said = next((when for name in _DATES if (when := from_struct(item.get(name))) is not None), None)
    published_at = plausible(said, now)
    identity = parsed.entry_id(guid, url, title, published_at)
    if identity is None:
        return None
    return ParsedEntry(
        entry_id=identity,
        url=url,
        title=title,
        published_at=published_at,
        author=_author(item),
        summary=_summary(item),
        language=parsed.line((item.get("title_detail") or {}).get("language"), limit=35),
        date_refused=said is not None and published_at is None,
    )


def _url(item: Any, guid: str | None) -> str | None:
    """Return the article's link: where a proxy names the original, that; else the entry's, a fitting one, its id."""
    candidates = [item.get("feedburner_origlink"), item.get("link")]
    candidates += [one.get("href") for one in item.get("links", ()) if one.get("rel") in {None, "alternate"}]
    return next((url for value in (*candidates, guid) if (url := parsed.link(value))), None)


def _author(item: Any) -> str | None:
    names = [parsed.line(one.get("name"), limit=200) for one in item.get("authors", ())[:50] if one]
    return parsed.line(", ".join(name for name in names if name)) or parsed.line(item.get("author"), limit=500)


def _summary(item: Any) -> str | None:
    blocks = [(item.get("summary"), item.get("summary_detail"))]
    blocks += [(one.get("value"), one) for one in item.get("content", ())[:1]]
    texts = (parsed.paragraphs(value, html=_is_html(detail)) for value, detail in blocks)
    return next((text for text in texts if text), None)


def _is_html(detail: Any) -> bool:
    return not detail or detail.get("type") != "text/plain"


def _ttl(value: object) -> int | None:
    """Return RSS's time to live, given in minutes, in seconds."""
    text = str(value or "").strip()
    return int(text) * 60 if text.isascii() and text.isdigit() and len(text) < 7 else None
