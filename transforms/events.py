"""Code the events of each article, in a pool of processes."""

from dataclasses import dataclass

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection

from transforms.activity import Part
from transforms.core.events.coder import code_article
from transforms.errors import EventsError, NewsbeamError
from transforms.outcome import Stage, TimedOutcome
from transforms.pool import PooledDoFn, PoolOptions
from transforms.records import Article, CodedArticle, CodingInput, Reject


@dataclass
class CodeEvents(Stage[PCollection[CodingInput], TimedOutcome[CodedArticle, CodingInput]]):
    """Code events by the PLOVER ontology; an article whose coding fails is kept, without events.

    One that is not coded at the deadline is owed.
    """

    pool: PoolOptions

    def expand(self, pcoll: PCollection[CodingInput]) -> TimedOutcome[CodedArticle, CodingInput]:
        """Return all articles with their mentions, and a reject for each whose coding failed."""
        pooled = PooledDoFn(code_article, _uncoded, EventsError, self.pool, Part.CODING, owes=True)
        found = pcoll | "Code" >> beam.ParDo(pooled).with_outputs("rejects", "owed", main="coded")
        failed = found.rejects | "Keep uncoded" >> beam.Map(lambda f: CodedArticle(article=f[0]))
        rejects = found.rejects | "Take rejects" >> beam.Map(lambda f: f[1]).with_output_types(
            Reject
        )
        coded = (found.coded, failed) | "Join" >> beam.Flatten()
        counted = coded | "Count" >> beam.Map(_counted).with_output_types(CodedArticle)
        return TimedOutcome(counted, rejects, found.owed)


def _uncoded(coding_input: CodingInput, error: NewsbeamError) -> tuple[Article, Reject]:
    article = coding_input.article
    return article, Reject(
        stage=error.stage,
        reason=error.reason,
        key=article.article_id,
        message=str(error),
        error_class=type(error).__name__,
        article_id=article.article_id,
        url=article.url,
    )


def _counted(coded: CodedArticle) -> CodedArticle:
    Metrics.counter("events", "mentions").inc(len(coded.mentions))
    return coded
