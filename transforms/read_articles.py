"""Extract and clean the article of each page, as one task of the pool under one time limit."""

from dataclasses import dataclass

import apache_beam as beam
from apache_beam.pvalue import PCollection

from transforms.activity import Part
from transforms.clean import clean_article
from transforms.core.extract.page import read_page
from transforms.errors import CleanError, ExtractError, NewsbeamError
from transforms.extract import count_kind, reject_of
from transforms.outcome import Stage, TimedOutcome
from transforms.pool import PooledDoFn, PoolOptions
from transforms.records import Page, PageArticle


@dataclass
class ReadArticles(Stage[PCollection[Page], TimedOutcome[PageArticle, Page]]):
    """Do what `ExtractArticles` and then `StripBoilerplate` do, without a second way to the pool.

    A page that takes too long in either is a reject (E_EXTRACT_TIMEOUT). One that is not read at
    the deadline is owed.
    """

    pool: PoolOptions

    def expand(self, pcoll: PCollection[Page]) -> TimedOutcome[PageArticle, Page]:
        """Keep it fused with the step before it, so that HTML is never shuffled."""
        pooled = PooledDoFn(
            read_clean_page, reject_of, ExtractError, self.pool, Part.READING, owes=True
        )
        found = pcoll | "Read" >> beam.ParDo(pooled).with_outputs(
            "rejects", "owed", main="articles"
        )
        articles = found.articles | "Count kinds" >> beam.Map(_counted).with_output_types(
            PageArticle
        )
        return TimedOutcome(articles, found.rejects, found.owed)


def read_clean_page(page: Page) -> PageArticle:
    """Return the article of a page. Raises ExtractError, and CleanError if cleaning fails."""
    article = read_page(page)
    try:
        return clean_article(article)
    # What may be the machine's fault is told apart by the pool.
    except (NewsbeamError, MemoryError, OSError, ImportError):
        raise
    except Exception as error:
        raise CleanError(f"{type(error).__name__}: {error}", reason="E_CLEAN_BUG") from error


def _counted(found: PageArticle) -> PageArticle:
    count_kind(found.extracted)
    return found
