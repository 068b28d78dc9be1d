"""Which pages of an archive are selected: by their site and their day of publication."""

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlsplit

from transforms.records import Article

# Captures are in UTC and publications in local time, which can be a day ahead.
_ZONES = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Selection:
    """Sites and days of publication, both ends included; no sites are all sites.

    A site includes the hosts below it.
    """

    sites: frozenset[str] = frozenset()
    start: date | None = None
    end: date | None = None

    def includes_url(self, url: str) -> bool:
        """Return whether a page's host is one of the sites or below one."""
        if not self.sites:
            return True
        try:
            labels = (urlsplit(url).hostname or "").lower().rstrip(".").split(".")
        except ValueError:
            return False
        return any(".".join(labels[n:]) in self.sites for n in range(len(labels)))

    def may_include_capture(self, day: date | None) -> bool:
        """Return whether a page captured on a day may be selected; None is an unknown day."""
        # Nothing is captured before it is published, but it may be captured at any time after.
        return self.start is None or day is None or day >= self.start - _ZONES

    def includes_day(self, day: date) -> bool:
        """Return whether articles of a day are selected."""
        return (self.start is None or day >= self.start) and (self.end is None or day <= self.end)

    def includes_article(self, article: Article) -> bool:
        """Return whether an article's day is one of the selected days."""
        return self.includes_day(article.day)
