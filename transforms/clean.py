"""Take out of each article what is not the article."""

from dataclasses import dataclass

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection

from transforms.core.clean.strip import load_rules, strip_boilerplate
from transforms.records import Article


@dataclass
class StripBoilerplate(beam.PTransform[PCollection[Article], PCollection[Article]]):
    """Remove the blocks that a rule of the article's language knows; each is remembered in `removed`."""

    def expand(self, pcoll: PCollection[Article]) -> PCollection[Article]:
        """Clean each article by itself."""
        clean: PCollection[Article] = pcoll | "Strip" >> beam.Map(_strip).with_output_types(Article)
        return clean


def _strip(article: Article) -> Article:
    before = len(article.removed)
    clean = strip_boilerplate(article, load_rules(article.language))
    Metrics.counter("clean", "removed").inc(len(clean.removed) - before)
    return clean
