"""Start an article: its ids and links, and the limits on its size."""

from collections.abc import Sequence
from datetime import datetime

from transforms.core.urls import UrlError, canonical_article_url, registrable_domain, url_key
from transforms.errors import ExtractError
from transforms.records import Article, FeedEntry

# The longest live blogs stay under a tenth of this; longer texts are data dumps, and take minutes
# to clean. The longest of 1,500 pages has 79,000 characters in 2,700 blocks, interface included.
MAX_BODY_CHARS = 1_000_000
MAX_BLOCKS = 10_000
# Enough of a URL to find the page by; some are thousands of characters long.
MAX_MESSAGE_URL_CHARS = 300


def check_size(blocks: Sequence[str], url: str) -> None:
    """Raise ExtractError (E_EXTRACT_TOO_LARGE) if the blocks are longer than any article."""
    if len(blocks) > MAX_BLOCKS or sum(map(len, blocks)) > MAX_BODY_CHARS:
        what = f"the text of {url[:MAX_MESSAGE_URL_CHARS]!r} is too long for an article"
        limits = f"the limits are {MAX_BODY_CHARS} characters and {MAX_BLOCKS} paragraphs"
        raise ExtractError(f"{what}: {limits}", reason="E_EXTRACT_TOO_LARGE")


def new_article(
    entry: FeedEntry,
    *,
    page_url: str,
    canonical: str | None,
    seen_at: datetime,
    fetch_id: str | None,
) -> Article:
    """Return an article with its identity and no content yet.

    Raises ExtractError (E_EXTRACT_URL) if no link identifies it.
    """
    try:
        link = canonical_article_url(
            entry.url, page_url, canonical, shared=entry.canonical_is_shared
        )
        article_id, domain = url_key(link), registrable_domain(link)
    except UrlError as error:
        raise ExtractError(
            f"the link {entry.url[:MAX_MESSAGE_URL_CHARS]!r} does not identify an article: {error}",
            reason="E_EXTRACT_URL",
        ) from error
    return Article(
        article_id=article_id,
        url_key=entry.url_key,
        url=entry.url,
        canonical_url=link,
        source_domain=domain,
        feed_ids=(entry.feed_id,) if entry.feed_id else (),
        first_seen_at=entry.first_seen_at,
        seen_at=seen_at,
        fetch_id=fetch_id,
    )
