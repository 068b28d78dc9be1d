"""The stages of every page, whatever its source: keep, extract, clean, code events."""

from collections.abc import Callable, Iterator
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
from transforms.records import (
    Article,
    CodingInput,
    FeedEntry,
    Page,
    PageArticle,
    PendingPage,
    Reject,
)
from transforms.site_memory import CleanBySiteMemory

ArticleFilter = beam.PTransform[PCollection[PageArticle], PCollection[PageArticle]]
"""A step that filters articles by what was extracted."""


class ProcessedPages(NamedTuple):
    """Contents for the lake, the rejects of pages without an article, the pages of feeds that the
    run's deadline cut off, to be fetched again, and the keys of other pages that it cut off.

    The rejects are separate because jobs treat a page without an article differently: a feed's page
    may be retried, a page kept in the lake was rejected before.
    """

    contents: Contents
    no_article: PCollection[Reject]
    owed: PCollection[PendingPage]
    owed_without_feed: PCollection[str]


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
    remembered = clean | "CleanBySiteMemory" >> CleanBySiteMemory(options.lake, options.pool)
    known = remembered.articles | "AddKnownPersons" >> AddKnownPersons(options.lake, options.pool)
    coded = known.articles | "CodeEvents" >> CodeEvents(options.pool)
    contents = (
        coded.good,
        remembered.blocks,
        known.persons,
        coded.rejects,
        *raw,
    )
    cut_off = (
        read.owed | "Unread" >> beam.Map(lambda page: page.entry).with_output_types(FeedEntry),
        coded.owed | "Uncoded" >> beam.Map(entry_of).with_output_types(FeedEntry),
    ) | "Cut off" >> beam.Flatten()
    owed = cut_off | "Owe" >> beam.FlatMap(owed_page, options.clock).with_output_types(PendingPage)
    others = cut_off | "Without feed" >> beam.FlatMap(_key_without_feed).with_output_types(str)
    return ProcessedPages(contents, read.rejects, owed, others)


def entry_of(uncoded: CodingInput) -> FeedEntry:
    """Return the entry of an article that was not coded."""
    article = uncoded.article
    return FeedEntry(
        url=article.url,
        url_key=article.url_key,
        feed_id=article.feed_ids[0] if article.feed_ids else None,
        first_seen_at=article.first_seen_at,
    )


def owed_page(
    entry: FeedEntry, clock: RunClock, timestamp: Any = beam.DoFn.TimestampParam
) -> Iterator[PendingPage]:
    """Yield a page that was cut off for its feed's queue, as it was there."""
    if entry.feed_id is not None:
        Metrics.counter("pages", "owed").inc()
        yield PendingPage(
            feed_id=entry.feed_id,
            url=entry.url,
            attempt=entry.attempt,
            not_before=clock.at(timestamp).now,
        )


def _key_without_feed(entry: FeedEntry) -> Iterator[str]:
    if entry.feed_id is None:
        yield entry.url_key


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
