"""The way of every article, wherever it comes from: cleaned, then its events coded."""

from typing import NamedTuple

from apache_beam.pvalue import PCollection

from pipelines.options import RunOptions
from transforms.clean import StripBoilerplate
from transforms.events import CodeEvents
from transforms.memory import RecallPersons, RememberSites
from transforms.records import Article, CodedArticle, PersonFact, Reject, SiteBlock


class ReadArticles(NamedTuple):
    """Articles cleaned and coded, what they prove of their sites and say of persons, and what was refused."""

    coded: PCollection[CodedArticle]
    site_blocks: PCollection[SiteBlock]
    persons: PCollection[PersonFact]
    rejects: tuple[PCollection[Reject], ...]


def read_articles(articles: PCollection[Article], options: RunOptions) -> ReadArticles:
    """Clean articles and code their events: the way of every article, wherever it comes from."""
    clean = articles | "StripBoilerplate" >> StripBoilerplate()
    remembered = clean.good | "RememberSites" >> RememberSites(options.lake)
    recalled = remembered.articles | "RecallPersons" >> RecallPersons(options.lake, options.pool)
    coded = recalled.briefed | "CodeEvents" >> CodeEvents(options.pool)
    return ReadArticles(coded.good, remembered.blocks, recalled.persons, (clean.rejects, coded.rejects))
