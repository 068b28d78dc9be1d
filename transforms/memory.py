"""Learn what the articles of each site have in common, and clean each with it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import AsDict, PCollection, TaggedOutput
from apache_beam.transforms.util import BatchElements

from transforms.core.clean.furniture import NOTHING, Furniture
from transforms.core.clean.memory import Learned, learn_site
from transforms.core.clean.outline import Outline, outline_of
from transforms.core.clean.strip import load_rules, strip_boilerplate
from transforms.core.lake.lake import Lake
from transforms.core.stories.copies import days_around
from transforms.records import Article, SiteBlock
from transforms.stores import open_store

Group = tuple[str, Iterable[Outline]]


class Remembered(NamedTuple):
    """The articles without the furniture of their sites, and the proof they add to the memory."""

    articles: PCollection[Article]
    blocks: PCollection[SiteBlock]


@dataclass
class RememberSites(beam.PTransform[PCollection[Article], Remembered]):
    """Clean each article with the memory of its site as the slice found it, and with the slice's own articles."""

    lake: str

    def expand(self, pcoll: PCollection[Article]) -> Remembered:
        """Only outlines are grouped by site; what they teach comes back to all articles as a side input."""
        learned = (
            pcoll
            | "Outline" >> beam.FlatMap(_outlined).with_output_types(tuple[str, Outline])
            | "Group by site" >> beam.GroupByKey()
            | "Batch sites" >> BatchElements(min_batch_size=20, max_batch_size=500)
            | "Learn" >> beam.ParDo(_Learn(self.lake)).with_outputs("furniture", main="blocks")
        )
        furniture = AsDict(learned.furniture)
        articles = pcoll | "Remove furniture" >> beam.Map(_without, furniture).with_output_types(Article)
        return Remembered(articles, learned.blocks)


def _outlined(article: Article) -> Iterator[tuple[str, Outline]]:
    if article.body is not None:
        yield article.source_domain, outline_of(article)


def _without(article: Article, furniture: Mapping[str, Furniture]) -> Article:
    known = furniture.get(article.source_domain, NOTHING)
    if article.body is None or not known.hashes:
        return article
    clean = strip_boilerplate(article, load_rules(article.language), known)
    Metrics.counter("memory", "removed").inc(len(clean.removed) - len(article.removed))
    return clean


class _Learn(beam.DoFn):
    """Learn from the articles of each site in a batch of sites; the lake is read once for all of them."""

    def __init__(self, lake: str) -> None:
        self._lake = lake

    def process(
        self, batch: list[Group]
    ) -> Iterator[SiteBlock | TaggedOutput[Literal["furniture"], tuple[str, Furniture]]]:
        """Yield what the articles prove of their sites, and each site's furniture beside it."""
        groups = {site: list(outlines) for site, outlines in batch}
        lake = Lake(open_store(self._lake))
        known = defaultdict[str, list[SiteBlock]](list)
        for block in lake.site_blocks(groups.keys()):
            known[block.site].append(block)
        standing = _standing(lake, groups)
        for site, outlines in groups.items():
            learned: Learned = learn_site(site, outlines, known[site], standing[site])
            yield from learned.blocks
            yield TaggedOutput("furniture", (site, learned.furniture))


def _standing(lake: Lake, groups: Mapping[str, list[Outline]]) -> dict[str, dict[str, int]]:
    """Return the fingerprints of the articles that these could be copies of, by site and article."""
    days = {day for outlines in groups.values() for o in outlines for day in days_around(o.day)}
    found = defaultdict[str, dict[str, int]](dict)
    for site, article_id, fingerprint in lake.fingerprints(days):
        if site in groups:
            found[site][article_id] = fingerprint
    return found
