"""Pages from files, not requests: the run's defaults for the times that they do not state."""

from dataclasses import dataclass
from datetime import datetime

from transforms.core.urls import url_key
from transforms.records import FeedEntry, Page

NOWHERE = "file.invalid"
"""The host of pages that do not state their URL."""


@dataclass(frozen=True, slots=True)
class PageDefaults:
    """The times of pages that state none: of capture (the run's clock) and of publication."""

    now: datetime
    published_at: datetime | None = None


def page_at(
    url: str,
    content: bytes,
    defaults: PageDefaults,
    *,
    content_type: str | None,
    charset: str | None = None,
    title: str | None = None,
    author: str | None = None,
    language: str | None = None,
) -> Page:
    """Return content as the page at a URL, with the times of `defaults`. Raises UrlError."""
    entry = FeedEntry(
        url=url,
        url_key=url_key(url),
        first_seen_at=defaults.now,
        published_at=defaults.published_at,
        title=title,
        author=author,
        language=language,
    )
    return Page(
        entry=entry,
        final_url=url,
        content_type=content_type,
        charset=charset,
        content=content,
        fetched_at=defaults.now,
    )
