"""Find the feeds and news sitemaps of a site: those it links to, and those at common paths."""

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

Fetch = Callable[[str], Response | None]
Row = dict[str, object]
# Each candidate costs a request to one site, a second apart: half a minute at most for feeds.
_MAX_CANDIDATES = 30
# The user waits for the answer: candidates not fetched by then are left out.
_DEADLINE_S = 180.0


def find_feeds(url: str, web: WebOptions) -> list[Row]:
    """Return the feeds and news sitemaps of a site, those that its own page names first.

    Raises the error of the page itself if it cannot be fetched; other candidates that cannot be
    fetched are left out.
    """
    client = shared_client(web)
    request = FetchRequest(
        robots=True, max_bytes=MAX_FEED_BYTES, truncate=True, deadline=time.time() + _DEADLINE_S
    )

    def fetch(url: str) -> Response | None:
        try:
            return client.get(url, request)
        except WebError:
            return None

    page = client.get(_start(url), request)
    origin = urljoin(page.final_url, "/")
    responses = _responses(_candidates(page, origin), page, fetch)
    return [*_feeds(responses), *_news_sitemaps(origin, fetch)]


def _start(url: str) -> str:
    try:
        return normalise_url(url if "://" in url else f"https://{url}")
    except UrlError as error:
        raise ConfigError(str(error)) from error


def _candidates(page: Response, origin: str) -> list[FeedLink]:
    """Return the URLs to try, each once: the page itself, those it links to, common paths."""
    links = [
        FeedLink(page.final_url, None, "url"),
        *discover.feed_links(page.content, page.final_url),
        *discover.common_links(origin),
    ]
    first: dict[str, FeedLink] = {}
    for link in links:
        first.setdefault(link.url, link)
    return list(first.values())[:_MAX_CANDIDATES]


def _responses(
    links: Iterable[FeedLink], page: Response, fetch: Fetch
) -> Iterator[tuple[FeedLink, Response]]:
    """Yield the links that can be fetched with their responses; the page is fetched already."""
    for link in links:
        response = page if link.how == "url" else fetch(link.url)
        if response is not None:
            yield link, response


def _feeds(responses: Iterable[tuple[FeedLink, Response]]) -> Iterator[Row]:
    """Yield a row for each response that is a feed; links to the same feed yield one row."""
    seen: set[str] = set()
    parsed = ordered_map(
        _parse,
        responses,
        FeedError,
        size=1,
        timeout_s=PARSE_TIMEOUT_S,
        preloaded=[parse_feed.__module__],
    )
    for (link, response), feed in parsed:
        if isinstance(feed, NewsbeamError) or response.final_url in seen:
            continue
        seen.add(response.final_url)
        dates = [entry.published_at for entry in feed.entries if entry.published_at]
        yield _row(
            "feed",
            response.final_url,
            feed.title or link.title,
            feed.format,
            len(feed.entries),
            max(dates, default=None),
            link.how,
        )


def _parse(item: tuple[FeedLink, Response]) -> ParsedFeed:
    _, response = item
    return parse_feed(
        response.content,
        content_type=response.headers.get("content-type"),
        url=response.final_url,
        now=datetime.now(UTC),
    )


def _news_sitemaps(origin: str, fetch: Fetch) -> Iterator[Row]:
    """Yield a row for each news sitemap that robots.txt names or that is at a common path.

    The sitemaps that an index lists are tried right after it.
    """
    queue = _sitemap_candidates(origin, fetch)
    seen: set[str] = set()
    while queue and len(seen) < _MAX_CANDIDATES:
        url, how = queue.pop(0)
        response = fetch(url) if url not in seen else None
        seen.add(url)
        if response is None:
            continue
        inner = discover.news_sitemaps_in(response.content, response.final_url)
        queue = [(inner_url, how) for inner_url in inner] + queue
        if discover.is_news_sitemap(response.content):
            count = response.content.count(b"<loc>")
            yield _row("news_sitemap", response.final_url, None, "sitemap", count, None, how)


def _sitemap_candidates(origin: str, fetch: Fetch) -> list[tuple[str, str]]:
    """Return the URLs of sitemaps to try, and how each was found."""
    robots = fetch(urljoin(origin, "/robots.txt"))
    named = discover.sitemap_lines(robots.content, origin) if robots else ()
    usual = discover.common_links(origin, discover.NEWS_SITEMAPS)
    return [(url, "robots.txt") for url in named] + [(link.url, "path") for link in usual]


def _row(
    kind: str,
    url: str,
    title: str | None,
    form: str,
    entries: int,
    newest: datetime | None,
    found_by: str,
) -> Row:
    newest_at = newest.isoformat().replace("+00:00", "Z") if newest else None
    named = {"kind": kind, "url": url, "title": title, "format": form}
    return named | {"entries": entries, "newest_at": newest_at, "found_by": found_by}
