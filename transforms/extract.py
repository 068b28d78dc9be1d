"""Extract the article of each page, in a pool of processes."""

from dataclasses import dataclass

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection

from transforms.core.extract.page import read_page
from transforms.core.replay import entry_payload
from transforms.errors import ExtractError, NewsbeamError
from transforms.outcome import Outcome, Stage
from transforms.pool import PooledDoFn, PoolOptions
from transforms.records import Article, Page, Reject


@dataclass
class ExtractArticles(Stage[PCollection[Page], Outcome[Article]]):
    """Extract body, title, authors, dates and language; pages without an article are rejects.

    A page's dates are checked against the time it was fetched (for a live page, the run's clock).
    """

    pool: PoolOptions

    def expand(self, pcoll: PCollection[Page]) -> Outcome[Article]:
        """Keep extraction fused with the step before it, so that HTML is never shuffled."""
        pooled = PooledDoFn(read_page, reject_of, ExtractError, self.pool)
        found = pcoll | "Extract" >> beam.ParDo(pooled).with_outputs("rejects", main="articles")
        articles = found.articles | "Count kinds" >> beam.Map(count_kind).with_output_types(Article)
        return Outcome(articles, found.rejects)


def reject_of(page: Page, error: NewsbeamError) -> Reject:
    """Return the reject of a page from which no article could be read."""
    entry = page.entry
    payload, cut = entry_payload(entry)
    return Reject(
        stage=error.stage,
        reason=error.reason,
        key=entry.url_key,
        message=str(error),
        error_class=type(error).__name__,
        feed_id=entry.feed_id,
        url=entry.url,
        retryable=error.retryable,
        attempt=entry.attempt,
        payload=payload,
        payload_truncated=cut,
    )


def count_kind(article: Article) -> Article:
    """Return an article, and count the kind of its page."""
    Metrics.counter("extract", article.page_kind).inc()
    return article
