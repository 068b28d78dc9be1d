"""Revisit: fetch articles of the lake again when they are due, to record changes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import apache_beam as beam
from apache_beam.pvalue import PCollection

from pipelines.jobs.page_stages import ArticleFilter, articles_where, process_pages
from pipelines.jobs.plan import Contents, Plan, PlannedBatch, Run, split_into_batches
from pipelines.jobs.run_options import RunOptions
from transforms.core.revisits import MAX_REVISITS, is_same_article, revisit_entry
from transforms.fetch import FetchPages
from transforms.processes import is_past
from transforms.records import Article, Cursor, FeedEntry, Reject, Revisit

BATCH_REVISITS = 2_000
"""Pages of one commit, as in a batch of links: fetched pages are kept in memory until the merge."""


@dataclass(frozen=True, kw_only=True)
class RevisitPlan(Plan):
    """The articles that are due, in batches of `batch_revisits`."""

    batch_revisits: int = BATCH_REVISITS

    kind = "scheduled"
    is_polling = True

    @property
    def config(self) -> object:
        """Return the job's name; which articles are due depends on the lake alone."""
        return "revisit"

    def batches(self, run: Run, cursor: Cursor | None) -> Iterator[PlannedBatch]:
        """Yield the batches of revisits."""
        return revisit_batches(run, self.batch_revisits)


def revisit_batches(run: Run, batch_revisits: int = BATCH_REVISITS) -> Iterator[PlannedBatch]:
    """Yield the revisits that are due; none if the run's deadline has passed."""
    if is_past(run.options.web.deadline):
        return
    due = run.lake.due_revisits(run.options.now, MAX_REVISITS)
    for label, revisits in split_into_batches(due, batch_revisits, "revisits"):
        yield PlannedBatch(
            label=label,
            build=partial(revisit_contents, revisits=revisits, options=run.options),
        )


def revisit_contents(
    pipeline: beam.Pipeline, revisits: Sequence[Revisit], options: RunOptions
) -> Contents:
    """Fetch and process pages of articles; a page that no longer has its article is ignored.

    A revisit that the run's deadline cut off is due again in the next run.
    """
    ids = {revisit_entry(revisit).url_key: revisit.article_id for revisit in revisits}
    revisited = pipeline | "Revisits" >> beam.Create(revisits)
    entries = revisited | "Entries" >> beam.Map(revisit_entry).with_output_types(FeedEntry)
    fetched = entries | "FetchPages" >> FetchPages(options.web, options.clock)
    processed = process_pages(fetched.pages, options, articles_where(_is_same_article, ids))
    cut_off = (
        fetched.rejects | "Unfetched" >> beam.FlatMap(_cut_off),
        processed.owed_without_feed,
    ) | "Revisits cut off" >> beam.Flatten().with_output_types(str)
    made = revisited | "Made" >> beam.Filter(
        _is_made, beam.pvalue.AsDict(cut_off | "By key" >> beam.Map(lambda key: (key, None)))
    ).with_output_types(Revisit)
    return (*processed.contents, fetched.fetches, made)


def _cut_off(reject: Reject) -> Iterator[str]:
    if reject.reason == "E_FETCH_DEADLINE":
        yield reject.key


def _is_made(revisit: Revisit, cut_off: Mapping[str, None]) -> bool:
    return revisit_entry(revisit).url_key not in cut_off


def still_there(revisited: PCollection[Revisit]) -> ArticleFilter:
    """Return a filter of articles: a revisited page must still have the article it had."""
    ids = revisited | "Revisited links" >> beam.Map(
        lambda revisit: (revisit_entry(revisit).url_key, revisit.article_id)
    )
    return articles_where(_is_same_or_new_article, beam.pvalue.AsDict(ids))


def _is_same_or_new_article(article: Article, ids: Mapping[str, str]) -> bool:
    return article.url_key not in ids or _is_same_article(article, ids)


def _is_same_article(article: Article, ids: Mapping[str, str]) -> bool:
    return is_same_article(article, ids.get(article.url_key))
