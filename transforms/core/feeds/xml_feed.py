"""Parse a feed in XML: RSS 0.9x to 2.0, RDF and Atom, by feedparser."""

import io
import warnings
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import feedparser
from feedparser.mixin import _FeedParserMixin

from transforms.core.dates.parsed_time import Place
from transforms.core.dates.place import place_of
from transforms.core.feeds import bounds, hints, parsed
from transforms.core.feeds.feed_dates import credible, first_stated
from transforms.core.feeds.feed_document import FeedDocument
from transforms.core.feeds.not_a_feed import page_error
from transforms.core.feeds.parsed import ParsedEntry, ParsedFeed
from transforms.errors import FeedError

# feedparser's warnings about headers, not about the document.
_HARMLESS = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)
_PERIOD, _FREQUENCY = "sy_updateperiod", "sy_updatefrequency"
# By precedence: an update may be years after the publication.
_DATES = ("published", "updated", "created")
# Lengths of messages, in characters: a parser may quote the document in them.
_MAX_ERROR = 500
_MAX_FAULT = 300
# Longest author field that feedparser could not split into names, in characters. A judgement.
_MAX_AUTHOR = 500
# Of one item, each of which feedparser compares with all others. A judgement: no field of a feed's
# item is made of them.
_MAX_CATEGORIES = 1_000


_add_category = _FeedParserMixin._add_tag


def _add_bounded(parser: Any, term: Any, scheme: Any, label: Any) -> None:
    """Add a category to what the parser reads now, up to `_MAX_CATEGORIES`."""
    if len(parser._get_context().get("tags", ())) < _MAX_CATEGORIES:
        _add_category(parser, term, scheme, label)


# All of feedparser's kinds of categories, keywords and tags are added by this one method, and its
# parsers are made by `feedparser.parse` itself: there is no other place for a bound.
_FeedParserMixin._add_tag = _add_bounded


def parse_xml_feed(document: FeedDocument) -> ParsedFeed:
    """Return the feed; raises FeedError if it is not one or is broken before its first item."""
    data, url, now = document.data, document.url, document.now
    text, cut = bounds.cut_items(data)
    bounds.check_tags(text)
    result = _feedparser(text, url)
    items = result["entries"][: bounds.MAX_ITEMS]
    entries = _entries(items, now, _place(result["feed"], items, url))
    fault = _fault(result)
    if not entries or not result.get("version"):
        _check_is_feed(data, result, fault, url)
    feed = result["feed"]
    intervals = (
        hints.ttl_s(feed.get("ttl")),
        hints.update_period_s(feed.get(_PERIOD), feed.get(_FREQUENCY)),
    )
    return ParsedFeed(
        format=result.get("version") or "unknown",
        title=parsed.line(feed.get("title"), html=True),
        site_url=parsed.link(feed.get("link")),
        language=parsed.line(feed.get("language"), limit=parsed.MAX_LANGUAGE),
        requested_interval_s=hints.longest(intervals),
        skip_times=hints.skip_times_in(text),
        entries=entries,
        fault=fault,
        dropped=cut + len(result["entries"]) - len(items),
    )


def _feedparser(data: bytes, url: str | None) -> Any:
    headers = {"content-type": "application/xml; charset=utf-8"}
    if url:
        headers["content-location"] = url
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return feedparser.parse(
                # A stream: bytes that happen to be a file's name would be opened.
                io.BytesIO(data),
                response_headers=headers,
                # Both cost time on HTML that becomes plain text anyway.
                sanitize_html=False,
                resolve_relative_uris=False,
            )
    # The parser raises many kinds of error on broken documents.
    except Exception as error:
        message = f"feedparser cannot read the document: {type(error).__name__}: {error}"
        raise FeedError(message[:_MAX_ERROR]) from error


def _fault(result: Any) -> str | None:
    error = result.get("bozo_exception")
    if not result.get("bozo") or isinstance(error, _HARMLESS):
        return None
    return parsed.line(f"{type(error).__name__}: {error}", limit=_MAX_FAULT)


def _check_is_feed(data: bytes, result: Any, fault: str | None, url: str | None) -> None:
    """Raise FeedError unless a document without items, or of unknown format, is a feed."""
    if bounds.looks_like_html(data):
        raise page_error(data, url)
    if result["entries"]:
        return
    if fault and not bounds.is_closed(data):
        raise FeedError(f"broken before the first item: {fault}")
    if not result.get("version"):
        raise FeedError("neither RSS, RDF, Atom nor JSON Feed")


def _place(feed: Any, items: Iterable[Any], url: str | None) -> Place:
    """Return where the feed is from; the dates of all items tell the order of day and month."""
    dates = (item.get(name) for item in items for name in _DATES)
    return place_of(feed.get("language"), parsed.link(feed.get("link")) or url, dates)


def _entries(items: Iterable[Any], now: datetime | None, place: Place) -> tuple[ParsedEntry, ...]:
    entries = (_entry(item, now, place) for item in items)
    return tuple(entry for entry in entries if entry is not None)


def _entry(item: Any, now: datetime | None, place: Place) -> ParsedEntry | None:
    """Return an item as an entry; None for one without id, link, title, text and date."""
    guid = parsed.line(item.get("id"), limit=parsed.MAX_GUID)
    url = _url(item, guid)
    title_detail = item.get("title_detail")
    title = parsed.line(item.get("title"), html=_is_html(title_detail))
    # feedparser's own readers of dates fill what is missing from the machine's clock.
    stated = first_stated((item.get(name) for name in _DATES), now, place)
    published_at, flag = credible(stated, now)
    summary = _summary(item)
    author = _author(item)
    entry_id = parsed.entry_id(guid, url, title, stated.at if stated else None, summary or author)
    if entry_id is None:
        return None
    language = (title_detail or {}).get("language")
    return ParsedEntry(
        entry_id=entry_id,
        url=url,
        title=title,
        published_at=published_at,
        author=author,
        summary=summary,
        language=parsed.line(language, limit=parsed.MAX_LANGUAGE),
        date_flag=flag,
    )


def _url(item: Any, guid: str | None) -> str | None:
    """Return the article's URL: the original behind a proxy, else the entry's link, else its id."""
    links = item.get("links", ())
    alternates = [link.get("href") for link in links if link.get("rel") in {None, "alternate"}]
    others = {link.get("href") for link in links} - set(alternates)
    candidates = [item.get("feedburner_origlink")]
    # feedparser's link of an entry may be its enclosure.
    if item.get("link") not in others:
        candidates.append(item.get("link"))
    for candidate in [*candidates, *alternates, guid]:
        url = parsed.link(candidate)
        if url:
            return url
    return None


def _author(item: Any) -> str | None:
    authors = item.get("authors", ())[: parsed.MAX_AUTHORS]
    names = parsed.names_line(author.get("name") for author in authors if author)
    return names or parsed.line(item.get("author"), limit=_MAX_AUTHOR)


def _summary(item: Any) -> str | None:
    """Return the summary; the content if there is none."""
    blocks = [(item.get("summary"), item.get("summary_detail"))]
    blocks += [(content.get("value"), content) for content in item.get("content", ())[:1]]
    for value, detail in blocks:
        text = parsed.paragraphs(value, html=_is_html(detail))
        if text:
            return text
    return None


def _is_html(detail: Any) -> bool:
    return not detail or detail.get("type") != "text/plain"
