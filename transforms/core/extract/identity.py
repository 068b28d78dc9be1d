"""Which article is it: the ids and links every article starts from."""

from datetime import datetime

from transforms.core.urls import UrlError, canonical_article_url, registrable_domain, url_key
from transforms.errors import ExtractError
from transforms.records import Article, FeedEntry


def new_article(
    entry: FeedEntry, *, page_url: str, canonical: str | None, seen_at: datetime, fetch_id: str | None
) -> Article:
    """Return an article that has its identity and no content yet. Raises ExtractError (E_EXTRACT_URL)."""
    try:
        link = canonical_article_url(entry.url, page_url, canonical, shared=entry.canonical_is_shared)
        article_id, domain = url_key(link), registrable_domain(link)
    except UrlError as error:
        raise ExtractError(
            f"the link {entry.url[:300]!r} identifies no article: {error}", reason="E_EXTRACT_URL"
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
