"""Remove boilerplate from each article by the rules."""

from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection

from transforms.core.clean.strip import load_rules, strip_boilerplate
from transforms.outcome import Outcome, Stage
from transforms.records import Article, Reject


@dataclass
class StripBoilerplate(Stage[PCollection[Article], Outcome[Article]]):
    """Remove the blocks that match a rule of the article's language; `removed` records each."""

    def expand(self, pcoll: PCollection[Article]) -> Outcome[Article]:
        """Clean each article by itself; one that fails on a bug becomes a reject."""
        clean, failed = (
            pcoll | "Strip" >> beam.Map(_strip).with_output_types(Article).with_exception_handling()
        )
        return Outcome(clean, failed | "Refuse" >> beam.MapTuple(_reject).with_output_types(Reject))


def _strip(article: Article) -> Article:
    before = len(article.removed)
    clean = strip_boilerplate(article, load_rules(article.language))
    Metrics.counter("clean", "removed").inc(len(clean.removed) - before)
    return clean


def _reject(article: Article, error: tuple[Any, str, list[str]]) -> Reject:
    kind, message, _ = error
    return Reject(
        stage="clean",
        reason="E_CLEAN_BUG",
        key=article.url_key,
        message=message,
        error_class=getattr(kind, "__name__", str(kind)),
        feed_id=article.feed_ids[0] if article.feed_ids else None,
        article_id=article.article_id,
        url=article.url,
    )
