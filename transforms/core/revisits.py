"""When is an article looked at again, and is what came back still that article?

News is mended and added to within hours of its publication, and rarely after a week. So each is fetched again three
times at most, and none that was old when it was first seen.
"""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from transforms.core.urls import url_key
from transforms.records import Article, FeedEntry, Revisit

REVISIT_AFTER = (timedelta(hours=6), timedelta(days=1), timedelta(days=7))
"""How long after its first sight an article is looked at again."""
MAX_AGE = timedelta(days=7)
"""Older articles are not looked at again."""
WHOLE = frozenset({"article", "live_blog"})


def next_revisit(
    published_at: datetime | None, first_seen_at: datetime, looked_at: datetime
) -> datetime | None:
    """Return the time of the next look after one, None where there is none."""
    if published_at is not None and first_seen_at - published_at > MAX_AGE:
        return None
    return next(
        (first_seen_at + wait for wait in REVISIT_AFTER if first_seen_at + wait > looked_at), None
    )


def later_revisit(a: datetime | None, b: datetime | None) -> datetime | None:
    """Return the later of two plans for one article: whoever has looked has the later one, and the last has none."""
    return None if a is None or b is None else max(a, b)


def revisit_entry(look: Revisit) -> FeedEntry:
    """Return the request for an article's page, to be answered only where it has changed since."""
    return FeedEntry(
        url=look.url,
        url_key=url_key(look.url),
        first_seen_at=look.first_seen_at,
        last_modified=format_datetime(look.seen_at.astimezone(UTC), usegmt=True),
    )


def is_same_article(article: Article, article_id: str | None) -> bool:
    """Return whether a page looked at again still has its article: not a wall, not another article's page."""
    return (
        article.article_id == article_id and article.body is not None and article.page_kind in WHOLE
    )
