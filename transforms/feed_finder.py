"""Find the feeds and news sitemaps of a site: ask its pages and the usual places, and read what
comes.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from urllib.parse import urljoin

from transforms.core.feeds import discover
from transforms.core.feeds.bounds import MAX_FEED_BYTES
from transforms.core.feeds.discover import FeedLink
from transforms.core.feeds.parse import PARSE_TIMEOUT_S, parse_feed
from transforms.core.feeds.parsed import ParsedFeed
from transforms.core.urls import UrlError, normalise_url
from transforms.errors import ConfigError, FeedError, NewsbeamError
from transforms.processes import ordered_map
from transforms.web import FetchRequest, Response, WebError, WebOptions, shared_client

Ask = Callable[[str], Response | None]
Row = dict[str, object]
_ENOUGH = 30
_DEADLINE_S = 180.0
"""What has not answered by then is passed over."""


def find_feeds(url: str, web: WebOptions) -> list[Row]:
    """Return the feeds and news sitemaps of a site, those its own page names first.

    Raises the error of the page itself where that cannot be had; what else is missing is passed
    over.
    """
    start = _start(url)
    client = shared_client(web)
    request = FetchRequest(
        robots=True, max_bytes=MAX_FEED_BYTES, truncate=True, deadline=time.time() + _DEADLINE_S
    )

    def ask(link: str) -> Response | None:
        try:
            return client.get(link, request)
        except WebError:
            return None

    page = client.get(start, request)
    origin = urljoin(page.final_url, "/")
    links = [
        FeedLink(page.final_url, None, "url"),
        *discover.feed_links(page.content, page.final_url),
    ]
    links += discover.common_links(origin)
    asked = ((link, page if link.how == "url" else ask(link.url)) for link in _once(links))
    feeds = list(_feeds((link, answer) for link, answer in asked if answer is not None))
    return feeds + list(_news_sitemaps(origin, ask))


def _start(url: str) -> str:
    try:
        return normalise_url(url if "://" in url else f"https://{url}")
    except UrlError as error:
        raise ConfigError(str(error)) from error


def _once(links: Iterable[FeedLink]) -> list[FeedLink]:
    first: dict[str, FeedLink] = {}
    for link in links:
        first.setdefault(link.url, link)
    return list(first.values())[:_ENOUGH]


def _feeds(answers: Iterable[tuple[FeedLink, Response]]) -> Iterator[Row]:
    """Yield a row for each answer that is a feed; two links that lead to one feed are one."""
    seen: set[str] = set()
    done = ordered_map(
        _read,
        answers,
        FeedError,
        size=1,
        timeout_s=PARSE_TIMEOUT_S,
        preloaded=[parse_feed.__module__],
    )
    for (link, answer), feed in done:
        if isinstance(feed, NewsbeamError) or answer.final_url in seen:
            continue
        seen.add(answer.final_url)
        newest = max((e.published_at for e in feed.entries if e.published_at), default=None)
        yield _row(
            "feed",
            answer.final_url,
            feed.title or link.title,
            feed.format,
            len(feed.entries),
            newest,
            link.how,
        )


def _read(item: tuple[FeedLink, Response]) -> ParsedFeed:
    _, answer = item
    kind = answer.headers.get("content-type")
    return parse_feed(
        answer.content, content_type=kind, url=answer.final_url, now=datetime.now(UTC)
    )


def _news_sitemaps(origin: str, ask: Ask) -> Iterator[Row]:
    """Yield a row for each news sitemap that robots.txt names, itself or by an index, or that is in
    a usual place.
    """
    robots = ask(urljoin(origin, "/robots.txt"))
    named = discover.sitemap_lines(robots.content, origin) if robots else ()
    waiting = [(link, "robots.txt") for link in named]
    waiting += [
        (link.url, "path") for link in discover.common_links(origin, discover.NEWS_SITEMAPS)
    ]
    seen: set[str] = set()
    while waiting and len(seen) < _ENOUGH:
        link, how = waiting.pop(0)
        answer = ask(link) if link not in seen else None
        seen.add(link)
        if answer is None:
            continue
        waiting[:0] = [
            (inner, how) for inner in discover.news_sitemaps_in(answer.content, answer.final_url)
        ]
        if discover.is_news_sitemap(answer.content):
            count = answer.content.count(b"<loc>")
            yield _row("news_sitemap", answer.final_url, None, "sitemap", count, None, how)


def _row(
    kind: str,
    url: str,
    title: str | None,
    form: str,
    entries: int,
    newest: datetime | None,
    found_by: str,
) -> Row:
    said = newest.isoformat().replace("+00:00", "Z") if newest else None
    named = {"kind": kind, "url": url, "title": title, "format": form}
    return named | {"entries": entries, "newest_at": said, "found_by": found_by}
