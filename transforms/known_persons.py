"""Add to each article what other articles agree on about the persons whose surnames it has."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import apache_beam as beam
from apache_beam.pvalue import AsDict, PCollection
from apache_beam.transforms.util import BatchElements

from transforms.core.events.entities.known_persons import known_persons, learn_persons, surnames_in
from transforms.errors import EventsError, NewsbeamError
from transforms.lake_to_read import queries_on
from transforms.outcome import Stage
from transforms.pool import PooledDoFn, PoolOptions
from transforms.records import Article, CodingInput, PersonFact

ARTICLES_PER_BATCH = (500, 1_000)
"""Least and most articles whose surnames are looked up in one query of the lake: fewer would read
the folders of `persons` more often, more would delay the first article of a batch."""


class ArticlesWithPersons(NamedTuple):
    """The articles ready to be coded, and the facts about persons that they state themselves."""

    articles: PCollection[CodingInput]
    persons: PCollection[PersonFact]


@dataclass
class AddKnownPersons(Stage[PCollection[Article], ArticlesWithPersons]):
    """Add to each article the persons known from the lake and from the other articles of the
    batch."""

    lake: str
    pool: PoolOptions

    def expand(self, pcoll: PCollection[Article]) -> ArticlesWithPersons:
        """Pass the batch's own facts as a side input, by surname; query the lake in batches."""
        learning = PooledDoFn(learn_persons, _drop_input, EventsError, self.pool)
        learned = pcoll | "Learn persons" >> beam.ParDo(learning).with_outputs(
            "rejects", main="facts"
        )
        facts = learned.facts | "Facts" >> beam.FlatMap(tuple).with_output_types(PersonFact)
        by_surname = (
            facts
            | "Key by surname" >> beam.Map(_by_surname).with_output_types(tuple[str, PersonFact])
            | "Group by surname" >> beam.GroupByKey()
            | "Sort facts" >> beam.MapTuple(lambda surname, found: (surname, _sorted(found)))
        )
        articles = (
            pcoll
            | "Batch articles" >> BatchElements(*ARTICLES_PER_BATCH)
            | "Add persons"
            >> beam.FlatMap(_with_persons, AsDict(by_surname), lake=self.lake).with_output_types(
                CodingInput
            )
        )
        return ArticlesWithPersons(articles, facts)


def _drop_input(_: Article, error: NewsbeamError) -> NewsbeamError:
    """Make no reject of a text that fails here: `CodeEvents` fails on it too and makes one."""
    return error


def _by_surname(fact: PersonFact) -> tuple[str, PersonFact]:
    return fact.surname, fact


def _sorted(facts: Iterable[PersonFact]) -> list[PersonFact]:
    return sorted(facts, key=lambda f: (f.name, f.country, f.sector or "", f.article_ids))


def _with_persons(
    batch: list[Article], in_batch: Mapping[str, list[PersonFact]], lake: str
) -> Iterator[CodingInput]:
    surnames = [surnames_in(article) for article in batch]
    in_lake = defaultdict[str, list[PersonFact]](list)
    for fact in queries_on(lake).person_facts(frozenset().union(*surnames)):
        in_lake[fact.surname].append(fact)
    for article, names in zip(batch, surnames, strict=True):
        facts: list[PersonFact] = []
        for name in sorted(names):
            facts += in_lake.get(name, ())
            facts += in_batch.get(name, ())
        yield CodingInput(article=article, persons=known_persons(facts, article.day))
