"""newsbeam from Python: one page, one text, one lake, and jobs.

Nothing here needs a running pipeline.
"""

from datetime import UTC, datetime

from pipelines.jobs.backfill import BackfillPlan
from pipelines.jobs.ingest import IngestPlan
from pipelines.jobs.plan import Plan, Progress, Reporter
from pipelines.jobs.rebuild import RebuildPlan
from pipelines.jobs.replay import ReplayPlan
from pipelines.jobs.revisit import RevisitPlan
from pipelines.jobs.run_options import RunOptions
from pipelines.jobs.runner import RunSummary, run_job
from transforms.core.archives.page_defaults import NOWHERE, PageDefaults, page_at
from transforms.core.clean.strip import load_rules, strip_boilerplate
from transforms.core.events.coder import code_events as _code_text
from transforms.core.events.loading import load_coder
from transforms.core.extract.page import extract_article
from transforms.lake import open_lake
from transforms.records import Article, EventMention

__all__ = [
    "Article",
    "BackfillPlan",
    "EventMention",
    "IngestPlan",
    "Plan",
    "Progress",
    "RebuildPlan",
    "ReplayPlan",
    "Reporter",
    "RevisitPlan",
    "RunOptions",
    "RunSummary",
    "code_events",
    "extract",
    "open_lake",
    "run_job",
]


def extract(
    html: str | bytes,
    url: str | None = None,
    *,
    published_at: datetime | None = None,
    now: datetime | None = None,
) -> Article:
    """Return the article of a page: clean text, title, authors, dates, and what was removed with
    its reason.

    `published_at` is the date if the page has none. Dates after `now`, the current time by
    default, are refused. Raises ExtractError for a page without an article, UrlError for an invalid
    URL.
    """
    clock = now or datetime.now(UTC)
    address = url or f"http://{NOWHERE}/page"
    page = page_at(
        address,
        html.encode("utf-8", "replace") if isinstance(html, str) else html,
        PageDefaults(clock, published_at),
        content_type="text/html",
        charset="utf-8" if isinstance(html, str) else None,
    )
    article = extract_article(page, now=clock)
    return strip_boilerplate(article, load_rules(article.language))


def code_events(
    article: Article | str, *, published_at: datetime | None = None
) -> tuple[EventMention, ...]:
    """Return the political events that an article, or a plain text, reports, each with its exact
    evidence.

    `published_at` resolves dates such as "on Monday" if the article has none. Raises EventsError
    for a text in a language without event rules.
    """
    coder = load_coder()
    if isinstance(article, str):
        return _code_text(article, title=None, published_at=published_at, coder=coder)
    return _code_text(
        article.body or "",
        title=article.title,
        published_at=article.published_at or published_at,
        language=article.language,
        coder=coder,
    )
