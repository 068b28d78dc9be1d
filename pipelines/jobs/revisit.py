"""Articles of the lake that are due are fetched again, to have what was changed in them."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import apache_beam as beam
from apache_beam.pvalue import PCollection

from pipelines.jobs.page_stages import Articles, only, read_pages
from pipelines.jobs.run_options import RunOptions
from pipelines.jobs.runner import run_to_end
from transforms.core.lake.lake import Lake
from transforms.core.revisits import MAX_REVISITS, is_same_article, revisit_entry
from transforms.fetch import FetchPages
from transforms.lake import Arrivals, MergeIntoLake
from transforms.records import Article, FeedEntry, Revisit, RunContext

BATCH_REVISITS = 2_000


def revisit(
    lake: Lake, options: RunOptions, run: RunContext, said: Callable[[str], None]
) -> Counter[str]:
    """Look again at the articles that are due, and return Beam's counters."""
    revisits = due_revisits(lake, options)
    counters = Counter[str]()
    for start in range(0, len(revisits), BATCH_REVISITS):
        said(f"looking again at {len(revisits)} articles")
        pipeline = options.pipeline()
        build_revisits(pipeline, revisits[start : start + BATCH_REVISITS], options, run)
        counters.update(run_to_end(pipeline))
    return counters


def due_revisits(lake: Lake, options: RunOptions) -> list[Revisit]:
    """Return the articles to look at again, none where the run's time for requests is up or looks are not wanted."""
    late = options.web.deadline is not None and time.time() >= options.web.deadline
    return [] if late or not options.revisit else lake.due_revisits(options.now, MAX_REVISITS)


def build_revisits(
    pipeline: beam.Pipeline, revisits: Sequence[Revisit], options: RunOptions, run: RunContext
) -> PCollection[str]:
    """Add the graph that looks again at articles; a page that no longer has its article changes nothing.

    Gives the run's id once all is merged.
    """
    ids = {revisit_entry(look).url_key: look.article_id for look in revisits}
    revisited = pipeline | "Revisits" >> beam.Create(revisits)
    entries = revisited | "Entries" >> beam.Map(revisit_entry).with_output_types(FeedEntry)
    fetched = entries | "FetchPages" >> FetchPages(options.web, options.clock)
    read = read_pages(fetched.pages, options, only(_is_same_article, ids))
    arrivals = Arrivals(
        coded=read.coded,
        fetches=fetched.fetches,
        rejects=read.rejects | "Rejects" >> beam.Flatten(),
        site_blocks=read.site_blocks,
        persons=read.persons,
        raw=read.raw,
        revisited=revisited,
    )
    merged: PCollection[str] = arrivals.all() | "MergeIntoLake" >> MergeIntoLake(
        options.lake, run, options.started
    )
    return merged


def still_there(revisited: PCollection[Revisit]) -> Articles:
    """Return the step that lets articles through: of those looked at again only what is still that article."""
    ids = revisited | "Revisited links" >> beam.Map(
        lambda look: (revisit_entry(look).url_key, look.article_id)
    )
    return only(_is_same_or_new_article, beam.pvalue.AsDict(ids))


def _is_same_or_new_article(article: Article, ids: Mapping[str, str]) -> bool:
    return article.url_key not in ids or _is_same_article(article, ids)


def _is_same_article(article: Article, ids: Mapping[str, str]) -> bool:
    return is_same_article(article, ids.get(article.url_key))
