"""The stages of every page, whatever its source: keep, extract, clean, code events."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection

from pipelines.jobs.plan import Contents
from pipelines.jobs.run_options import RunOptions
from transforms.activity import Part, activity
from transforms.clean import take_clean
from transforms.clock import RunClock
from transforms.events import CodeEvents
from transforms.known_persons import AddKnownPersons
from transforms.raw_pages import KeepPages
from transforms.read_articles import ReadArticles
from transforms.records import Article, CodingInput, Page, PageArticle, PendingPage, Reject
from transforms.site_memory import CleanBySiteMemory

ArticleFilter = beam.PTransform[PCollection[PageArticle], PCollection[PageArticle]]
"""A step that filters articles by what was extracted."""


class ProcessedPages(NamedTuple):
    """Contents for the lake, the rejects of pages without an article, and the pages of feeds that
    the run's deadline cut off, to be fetched again.

    The rejects are separate because jobs treat a page without an article differently: a feed's page
    may be retried, a page kept in the lake was rejected before.
    """

    contents: Contents
    no_article: PCollection[Reject]
    owed: PCollection[PendingPage]


def process_pages(
    pages: PCollection[Page], options: RunOptions, keep: ArticleFilter | None = None
) -> ProcessedPages:
    """Extract, clean and code the articles of pages; `keep` filters the extracted articles."""
    raw: Contents = ()
    if options.keep_raw:
        pages, records = pages | "KeepPages" >> KeepPages(options.lake, options.clock)
        raw = (records,)
    read = pages | "ReadArticles" >> ReadArticles(options.pool)
    articles = read.good
    if keep is not None:
        articles = articles | "Filter articles" >> keep
    clean = articles | "Take clean" >> beam.Map(_to_code).with_output_types(Article)
    remembered = clean | "CleanBySiteMemory" >> CleanBySiteMemory(options.lake)
    known = remembered.articles | "AddKnownPersons" >> AddKnownPersons(options.lake, options.pool)
    coded = known.articles | "CodeEvents" >> CodeEvents(options.pool)
    contents = (
        coded.good,
        remembered.blocks,
        known.persons,
        coded.rejects,
        *raw,
    )
    owed = (
        read.owed | "Owe pages" >> beam.FlatMap(owed_page, options.clock),
        coded.owed | "Owe articles" >> beam.FlatMap(owed_article, options.clock),
    ) | "Owed" >> beam.Flatten().with_output_types(PendingPage)
    return ProcessedPages(contents, read.rejects, owed)


def owed_page(
    page: Page, clock: RunClock, timestamp: Any = beam.DoFn.TimestampParam
) -> Iterator[PendingPage]:
    """Yield a page that was not read for its feed's queue, as it was there."""
    entry = page.entry
    yield from _owed(entry.feed_id, entry.url, entry.attempt, clock.at(timestamp).now)


def owed_article(
    coding_input: CodingInput, clock: RunClock, timestamp: Any = beam.DoFn.TimestampParam
) -> Iterator[PendingPage]:
    """Yield the page of an article that was not coded, for the queue of its feed."""
    article = coding_input.article
    feed_id = article.feed_ids[0] if article.feed_ids else None
    yield from _owed(feed_id, article.url, 0, clock.at(timestamp).now)


def _owed(feed_id: str | None, url: str, attempt: int, now: datetime) -> Iterator[PendingPage]:
    # A revisited page has no feed, and its article is in the lake.
    if feed_id is not None:
        Metrics.counter("pages", "owed").inc()
        yield PendingPage(feed_id=feed_id, url=url, attempt=attempt, not_before=now)


def _to_code(found: PageArticle) -> Article:
    """Return the clean article, which is one more to code."""
    activity.expect(Part.CODING)
    return take_clean(found)


def articles_where(predicate: Callable[..., bool], *side_inputs: Any) -> ArticleFilter:
    """Return a filter of articles; `predicate` takes the extracted article and the side inputs."""
    step: ArticleFilter = beam.Filter(_holds, predicate, *side_inputs).with_output_types(
        PageArticle
    )
    return step


def _holds(found: PageArticle, predicate: Callable[..., bool], *side_inputs: Any) -> bool:
    return predicate(found.extracted, *side_inputs)
