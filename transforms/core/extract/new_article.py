"""Which article is it: the ids and links every article starts from."""

from collections.abc import Sequence
from datetime import datetime

from transforms.core.urls import UrlError, canonical_article_url, registrable_domain, url_key
from transforms.errors import ExtractError
from transforms.records import Article, FeedEntry

# The longest live blogs stay under a tenth of this; what is longer is a data dump, and costs minutes to clean.
MAX_BODY_CHARS = 1_000_000
MAX_BLOCKS = 10_000


def check_size(blocks: Sequence[str], url: str) -> None:
    """Raise ExtractError (E_EXTRACT_TOO_LARGE) where the blocks are more text than an article can have."""
    if len(blocks) > MAX_BLOCKS or sum(map(len, blocks)) > MAX_BODY_CHARS:
        what = f"the text of {url[:300]!r} is too long for an article"
        limits = f"at most {MAX_BODY_CHARS} characters in {MAX_BLOCKS} paragraphs are taken"
        raise ExtractError(f"{what}: {limits}", reason="E_EXTRACT_TOO_LARGE")


def new_article(
    entry: FeedEntry,
    *,
    page_url: str,
    canonical: str | None,
    seen_at: datetime,
    fetch_id: str | None,
) -> Article:
    """Return an article that has its identity and no content yet. Raises ExtractError (E_EXTRACT_URL)."""
    try:
        link = canonical_article_url(
            entry.url, page_url, canonical, shared=entry.canonical_is_shared
        )
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
