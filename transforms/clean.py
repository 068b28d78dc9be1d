"""Remove boilerplate from each article by the rules."""

from dataclasses import dataclass, field

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection

from transforms.core.clean.strip import load_rules, strip_boilerplate
from transforms.errors import CleanError, NewsbeamError
from transforms.outcome import Outcome, Stage
from transforms.pool import PooledDoFn, PoolOptions
from transforms.records import Article, PageArticle, Reject


@dataclass
class StripBoilerplate(Stage[PCollection[Article], Outcome[Article]]):
    """Remove the blocks that match a rule of the article's language; `removed` records each."""

    pool: PoolOptions = field(default_factory=lambda: PoolOptions(size=0))

    def expand(self, pcoll: PCollection[Article]) -> Outcome[Article]:
        """Clean each article by itself; one that fails or takes too long becomes a reject."""
        pooled = PooledDoFn(clean_article, _reject, CleanError, self.pool)
        found = pcoll | "Strip" >> beam.ParDo(pooled).with_outputs("rejects", main="clean")
        clean = found.clean | "Count removed" >> beam.Map(take_clean).with_output_types(Article)
        return Outcome(clean, found.rejects)


def clean_article(article: Article) -> PageArticle:
    """Return an article as it was extracted, and without boilerplate."""
    clean = strip_boilerplate(article, load_rules(article.language))
    return PageArticle(extracted=article, clean=clean)


def take_clean(found: PageArticle) -> Article:
    """Return the clean article, and count what was removed from it."""
    removed = len(found.clean.removed) - len(found.extracted.removed)
    Metrics.counter("clean", "removed").inc(removed)
    return found.clean


def _reject(article: Article, error: NewsbeamError) -> Reject:
    return Reject(
        stage=error.stage,
        reason=error.reason,
        key=article.url_key,
        message=str(error),
        error_class=type(error).__name__,
        feed_id=article.feed_ids[0] if article.feed_ids else None,
        article_id=article.article_id,
        url=article.url,
    )
