"""Decide when an article is fetched again, and whether the page still has that article.

News is corrected and added to within hours of its publication, and rarely after a week. So an
article is fetched again three times at most, and not at all if it was old when first seen.
"""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from transforms.core.urls import url_key
from transforms.records import Article, FeedEntry, Revisit

REVISIT_AFTER = (timedelta(hours=6), timedelta(days=1), timedelta(days=7))
"""Time from the first fetch of an article to each of its revisits: corrections come within hours,
follow-ups within a day, and the last one finds late corrections and deletions."""
MAX_AGE = timedelta(days=7)
"""Age at its first fetch from which an article is not revisited: as after the last revisit, little
changes after a week. Articles of an archive or of a long feed list would otherwise double the
requests."""
MAX_REVISITS = 20_000
"""Articles that one query of the lake returns for revisiting: for one run, or for a quarter of an
hour of a stream.

It bounds the memory and the time of a run, not the rate: with three revisits an article, hourly
runs keep up with 160,000 new articles a day, and a stream with four times as many. The articles
longest due come first. Those over the bound stay due and are returned by a later query: of the next
run, or of the next quarter of an hour in which earlier ones have been merged.
"""
COMPLETE_KINDS = frozenset({"article", "live_blog"})
"""Page kinds whose body may replace the one in the lake: not the teaser of a wall or a gallery."""


def next_revisit(
    published_at: datetime | None, first_seen_at: datetime, fetched_at: datetime
) -> datetime | None:
    """Return the time of the first revisit after `fetched_at`, None if there are no more."""
    if published_at is not None and first_seen_at - published_at > MAX_AGE:
        return None
    for wait in REVISIT_AFTER:
        if first_seen_at + wait > fetched_at:
            return first_seen_at + wait
    return None


def later_revisit(a: datetime | None, b: datetime | None) -> datetime | None:
    """Return the later of two plans for one article, where None is the latest: no more revisits.

    The run that has fetched the article has the later plan, so a merge in any order keeps it.
    """
    return None if a is None or b is None else max(a, b)


def revisit_entry(revisit: Revisit) -> FeedEntry:
    """Return the entry for an article's page, to be fetched only if modified since the last
    fetch."""
    return FeedEntry(
        url=revisit.url,
        url_key=url_key(revisit.url),
        first_seen_at=revisit.first_seen_at,
        last_modified=format_datetime(revisit.seen_at.astimezone(UTC), usegmt=True),
    )


def is_same_article(article: Article, article_id: str | None) -> bool:
    """Return whether a revisited page still has its article: not a wall, not another article."""
    if article.article_id != article_id or article.body is None:
        return False
    return article.page_kind in COMPLETE_KINDS
