"""Which links of a source are selected, and the limits of the requests for its documents."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from transforms.core.archives.link_lists.sitemaps import SitemapLink
from transforms.records import FeedEntry
from transforms.web import WebOptions

# The key of a link that was seen takes 82 bytes: a million take 82 MB.
MAX_LINKS = 1_000_000


def _every_site(_: str) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class LinkOptions:
    """Which links are selected, and how the documents that list them are requested.

    `start` and `end` are days of publication, both included. What is known to be published on
    another day is left out, and so is what was last changed or captured before `start`.
    `includes_site` is called with each link.
    """

    web: WebOptions
    now: datetime
    start: date | None = None
    end: date | None = None
    includes_site: Callable[[str], bool] = _every_site
    max_links: int = MAX_LINKS

    def includes(self, entry: FeedEntry) -> bool:
        """Return whether an entry may be of the selected days and sites."""
        if self._is_old_capture(entry):
            return False
        return self._includes_day(entry.published_at) and self.includes_site(entry.url)

    def is_too_old(self, link: SitemapLink) -> bool:
        """Return whether nothing at a link can have been published since the first selected day."""
        return self.start is not None and link.last_day is not None and link.last_day < self.start

    def _is_old_capture(self, entry: FeedEntry) -> bool:
        if entry.capture_url is None or self.start is None:
            return False
        return entry.first_seen_at.date() < self.start

    def _includes_day(self, published_at: datetime | None) -> bool:
        if published_at is None:
            return True
        day = published_at.date()
        is_early = self.start is not None and day < self.start
        is_late = self.end is not None and day > self.end
        return not (is_early or is_late)
