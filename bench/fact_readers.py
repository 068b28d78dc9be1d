"""The readers of title, authors and date that are compared, each called as its manual recommends.

A function here returns a reader and imports its library only then, since any of them may be
missing, and each is measured in a process that has not loaded the others.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module

OURS = "newsbeam"
FETCHED_AT = datetime(2026, 11, 1, tzinfo=UTC)
"""When newsbeam is told that it fetched the pages: later than the newest gold date."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a reader says of a page; `date` is a day or a time in ISO 8601."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    date: str | None = None


Read = Callable[[bytes, str], Facts]
"""A reader of a page's bytes; its URL is known too."""


def newsbeam() -> Read:
    """Return newsbeam's extraction, without a feed entry or what it learns from other pages."""
    from transforms.core.extract.page import extract_article
    from transforms.errors import ExtractError
    from transforms.records import FeedEntry, Page

    def read(content: bytes, url: str) -> Facts:
        entry = FeedEntry(url=url, url_key="page", first_seen_at=FETCHED_AT)
        page = Page(
            entry=entry, final_url=url, content_type=None, content=content, fetched_at=FETCHED_AT
        )
        try:
            article = extract_article(page, now=FETCHED_AT)
        except ExtractError:
            return Facts()
        at = article.published_at
        # A day has no zone to convert it from.
        day_only = article.published_precision == "day"
        date = (at.date().isoformat() if day_only else at.isoformat()) if at else None
        return Facts(article.title, article.authors, date)

    return read


def trafilatura() -> Read:
    """Return trafilatura's default with metadata."""
    from trafilatura import bare_extraction

    def read(content: bytes, url: str) -> Facts:
        found = bare_extraction(content.decode(), url=url, with_metadata=True)
        if found is None or isinstance(found, dict):
            return Facts()
        authors = tuple(filter(None, (found.author or "").split("; ")))
        return Facts(found.title, authors, found.date)

    return read


def newspaper4k() -> Read:
    """Return newspaper4k, given the HTML so that it does not fetch the page."""
    article = import_module("newspaper").Article

    def read(content: bytes, url: str) -> Facts:
        parsed = article(url, fetch_images=False)
        parsed.download(input_html=content.decode())
        parsed.parse()
        at = parsed.publish_date
        return Facts(parsed.title, tuple(parsed.authors), at.isoformat() if at else None)

    return read


READERS: dict[str, Callable[[], Read]] = {
    OURS: newsbeam,
    "trafilatura": trafilatura,
    "newspaper4k": newspaper4k,
}
