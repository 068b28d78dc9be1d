"""What articles teach of their sites and of persons: learned, and used for each article of the slice."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import AsDict, PCollection, TaggedOutput
from apache_beam.transforms.util import BatchElements

from transforms.core.clean.outline import Outline, outline_of
from transforms.core.clean.site_boilerplate import NO_BOILERPLATE, SiteBoilerplate
from transforms.core.clean.site_memory import Learned, learn_site
from transforms.core.clean.strip import load_rules, strip_boilerplate
from transforms.core.events.entities.known_persons import known_persons, learn_persons, surnames_in
from transforms.core.lake.lake import Lake
from transforms.core.stories.copies import days_around
from transforms.errors import EventsError, NewsbeamError
from transforms.pool import PooledDoFn, PoolOptions
from transforms.records import Article, Briefed, PersonFact, SiteBlock
from transforms.stores import open_store

Group = tuple[str, Iterable[Outline]]


class Remembered(NamedTuple):
    """The articles without the boilerplate of their sites, and the proof they add to the memory."""

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
            | "Learn" >> beam.ParDo(_Learn(self.lake)).with_outputs("boilerplate", main="blocks")
        )
        boilerplate = AsDict(learned.boilerplate)
        articles = pcoll | "Remove site boilerplate" >> beam.Map(
            _without, boilerplate
        ).with_output_types(Article)
        return Remembered(articles, learned.blocks)


class Recalled(NamedTuple):
    """The articles with what is known of the persons in them, and what they say of persons themselves."""

    briefed: PCollection[Briefed]
    persons: PCollection[PersonFact]


@dataclass
class RecallPersons(beam.PTransform[PCollection[Article], Recalled]):
    """Give each article what others agree on of persons: those of the lake as the slice found it, and of the slice."""

    lake: str
    pool: PoolOptions

    def expand(self, pcoll: PCollection[Article]) -> Recalled:
        """What the slice teaches is a side input, by surname; the lake is asked for batches of articles."""
        learning = PooledDoFn(learn_persons, _forget, EventsError, self.pool)
        taught = pcoll | "Learn persons" >> beam.ParDo(learning).with_outputs(
            "rejects", main="facts"
        )
        facts = taught.facts | "Facts" >> beam.FlatMap(tuple).with_output_types(PersonFact)
        by_surname = (
            facts
            | "Key by surname"
            >> beam.Map(lambda f: (f.surname, f)).with_output_types(tuple[str, PersonFact])
            | "Group by surname" >> beam.GroupByKey()
            | "Sort facts" >> beam.MapTuple(lambda surname, found: (surname, _sorted(found)))
        )
        briefed = (
            pcoll
            | "Batch articles" >> BatchElements(min_batch_size=500, max_batch_size=1_000)
            | "Recall"
            >> beam.FlatMap(_briefed, AsDict(by_surname), lake=self.lake).with_output_types(Briefed)
        )
        return Recalled(briefed, facts)


def _forget(_: Article, error: NewsbeamError) -> NewsbeamError:
    """What cannot be learned from is refused where it is coded."""
    return error


def _sorted(facts: Iterable[PersonFact]) -> list[PersonFact]:
    return sorted(facts, key=lambda f: (f.name, f.country, f.sector or "", f.article_ids))


def _briefed(
    batch: list[Article], taught: Mapping[str, list[PersonFact]], lake: str
) -> Iterator[Briefed]:
    surnames = [surnames_in(article) for article in batch]
    known = defaultdict[str, list[PersonFact]](list)
    for fact in Lake(open_store(lake)).person_facts(frozenset().union(*surnames)):
        known[fact.surname].append(fact)
    for article, here in zip(batch, surnames, strict=True):
        facts = (f for name in sorted(here) for f in [*known.get(name, ()), *taught.get(name, ())])
        yield Briefed(article=article, persons=known_persons(facts, article.day))


def _outlined(article: Article) -> Iterator[tuple[str, Outline]]:
    if article.body is not None:
        yield article.source_domain, outline_of(article)


def _without(article: Article, boilerplate: Mapping[str, SiteBoilerplate]) -> Article:
    known = boilerplate.get(article.source_domain, NO_BOILERPLATE)
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
    ) -> Iterator[SiteBlock | TaggedOutput[Literal["boilerplate"], tuple[str, SiteBoilerplate]]]:
        """Yield what the articles prove of their sites, and each site's boilerplate beside it."""
        groups = {site: list(outlines) for site, outlines in batch}
        lake = Lake(open_store(self._lake))
        standing = _standing(lake, groups)
        for site, known in lake.site_blocks(groups.keys()):
            learned: Learned = learn_site(site, groups[site], known, standing[site])
            yield from learned.blocks
            yield TaggedOutput("boilerplate", (site, learned.boilerplate))


def _standing(lake: Lake, groups: Mapping[str, list[Outline]]) -> dict[str, dict[str, int]]:
    """Return the fingerprints of the articles that these could be copies of, by site and article."""
    days = {day for outlines in groups.values() for o in outlines for day in days_around(o.day)}
    found = defaultdict[str, dict[str, int]](dict)
    for site, article_id, fingerprint in lake.fingerprints(days):
        if site in groups:
            found[site][article_id] = fingerprint
    return found
