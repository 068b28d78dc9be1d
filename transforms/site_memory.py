"""Remove from each article the boilerplate of its site, learned from the site's articles.

The memory of a site is its rows of `site_blocks` in the lake and the articles of the batch itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal, NamedTuple

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import AsDict, PCollection, TaggedOutput
from apache_beam.transforms.util import BatchElements

from transforms.core.clean.outline import Outline, outline_of
from transforms.core.clean.site_boilerplate import NO_BOILERPLATE, SiteBoilerplate
from transforms.core.clean.site_memory import learn_site
from transforms.core.clean.strip import strip_site_boilerplate
from transforms.core.lake.queries import LakeQueries
from transforms.core.stories.copies import days_around
from transforms.errors import CleanError, NewsbeamError
from transforms.lake_to_read import queries_on
from transforms.outcome import Stage
from transforms.pool import PooledDoFn, PoolOptions
from transforms.processes import is_past
from transforms.records import Article, PageArticle, SiteBlock

SITES_PER_BATCH = (20, 500)
"""Least and most sites whose memory is read from the lake in one query: a query costs about as
much for 500 sites as for one, and the outlines of 500 sites of a batch fit in memory."""

ToClean = tuple[Article, SiteBoilerplate]
"""An article and the boilerplate of its site."""
SiteGroup = tuple[str, Iterable[Outline]]
"""A site and the outlines of its articles in the batch."""


class CleanedArticles(NamedTuple):
    """Articles without the boilerplate of their sites, and the occurrences to add to
    `site_blocks`."""

    articles: PCollection[Article]
    blocks: PCollection[SiteBlock]


@dataclass
class CleanBySiteMemory(Stage[PCollection[Article], CleanedArticles]):
    """Clean each article by the memory of its site in the lake and the other articles of the
    batch.

    An article that takes too long, or meets a bug, stays as the rules have left it. So do all of
    them after the run's deadline, since none of them is coded then.
    """

    lake: str
    pool: PoolOptions = field(default_factory=lambda: PoolOptions(size=0))

    def expand(self, pcoll: PCollection[Article]) -> CleanedArticles:
        """Group only outlines by site; each site's boilerplate returns as a side input.

        What is done in this process is bounded by the number of blocks; cleaning, which takes more,
        is done in the pool.
        """
        learned = (
            pcoll
            | "Outline" >> beam.FlatMap(_outline_by_site).with_output_types(tuple[str, Outline])
            | "Group by site" >> beam.GroupByKey()
            | "Batch sites" >> BatchElements(*SITES_PER_BATCH)
            | "Learn"
            >> beam.ParDo(_LearnSites(self.lake, self.pool.deadline)).with_outputs(
                "boilerplate", main="blocks"
            )
        )
        found = pcoll | "Look up" >> beam.ParDo(_look_up, AsDict(learned.boilerplate)).with_outputs(
            "clean", main="to_clean"
        )
        pooled = PooledDoFn(_cleaned, _as_it_was, CleanError, self.pool, owes=True)
        done = found.to_clean | "Remove site boilerplate" >> beam.ParDo(pooled).with_outputs(
            "rejects", "owed", main="cleaned"
        )
        cleaned = done.cleaned | "Count removed" >> beam.Map(_counted).with_output_types(Article)
        owed = done.owed | "Leave owed" >> beam.Map(lambda item: item[0])
        articles = (found.clean, cleaned, done.rejects, owed) | "Articles" >> beam.Flatten()
        return CleanedArticles(articles, learned.blocks)


def _outline_by_site(article: Article) -> Iterator[tuple[str, Outline]]:
    if article.body is not None:
        yield article.source_domain, outline_of(article)


def _look_up(
    article: Article, boilerplate: Mapping[str, SiteBoilerplate]
) -> Iterator[ToClean | TaggedOutput[Literal["clean"], Article]]:
    """Yield an article with the boilerplate of its site; without any, it is clean."""
    known = boilerplate.get(article.source_domain, NO_BOILERPLATE)
    if article.body is None or not known.hashes:
        yield TaggedOutput("clean", article)
    else:
        yield article, known


def _cleaned(item: ToClean) -> PageArticle:
    return PageArticle(extracted=item[0], clean=strip_site_boilerplate(item))


def _counted(found: PageArticle) -> Article:
    removed = len(found.clean.removed) - len(found.extracted.removed)
    Metrics.counter("memory", "removed").inc(removed)
    return found.clean


def _as_it_was(item: ToClean, _: NewsbeamError) -> Article:
    Metrics.counter("memory", "failed").inc()
    return item[0]


class _LearnSites(beam.DoFn):
    """Learns from the articles of each site in a batch of sites; the lake is read once for all.

    At the deadline, in seconds since the epoch, it ends to learn.
    """

    def __init__(self, lake: str, deadline: float | None) -> None:
        self._lake = lake
        self._deadline = deadline

    def process(
        self, batch: list[SiteGroup]
    ) -> Iterator[SiteBlock | TaggedOutput[Literal["boilerplate"], tuple[str, SiteBoilerplate]]]:
        """Yield the occurrences found in the articles, and each site's boilerplate (tagged)."""
        if is_past(self._deadline):
            return
        groups = {site: list(outlines) for site, outlines in batch}
        lake = queries_on(self._lake)
        fingerprints = _known_fingerprints(lake, groups)
        for site, known in lake.site_blocks(groups.keys()):
            update = learn_site(site, groups[site], known, fingerprints[site])
            yield from update.blocks
            yield TaggedOutput("boilerplate", (site, update.boilerplate))


def _known_fingerprints(
    lake: LakeQueries, groups: Mapping[str, list[Outline]]
) -> dict[str, dict[str, int]]:
    """Return the fingerprints of articles that may have copies here, by site and article id."""
    own_days = {outline.day for outline in chain.from_iterable(groups.values())}
    days = set(chain.from_iterable(map(days_around, own_days)))
    found = defaultdict[str, dict[str, int]](dict)
    for site, article_id, fingerprint in lake.fingerprints(days):
        if site in groups:
            found[site][article_id] = fingerprint
    return found
