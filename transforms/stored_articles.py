"""Read articles of the lake, to be coded again."""

from collections.abc import Iterator
from dataclasses import dataclass

import apache_beam as beam
from apache_beam.pvalue import PCollection

from transforms.activity import Part, activity
from transforms.lake_to_read import queries_on
from transforms.records import Article, StoredPart


@dataclass
class ReadStoredArticles(beam.PTransform[PCollection[StoredPart], PCollection[Article]]):
    """Read the articles of the lake that the parts name."""

    lake: str

    def expand(self, pcoll: PCollection[StoredPart]) -> PCollection[Article]:
        """Distribute the parts over the workers: ids are shuffled, not articles."""
        found: PCollection[Article] = (
            pcoll
            | "Spread" >> beam.Reshuffle()
            | "Read" >> beam.FlatMap(_stored, lake=self.lake).with_output_types(Article)
        )
        return found


def _stored(part: StoredPart, *, lake: str) -> Iterator[Article]:
    for article in queries_on(lake).articles(part.day, part.article_ids):
        activity.expect(Part.CODING)
        yield article
