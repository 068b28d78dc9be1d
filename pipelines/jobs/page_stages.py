"""The way of every page, wherever it comes from: kept, extracted, cleaned, and its events coded."""

from collections.abc import Callable
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.pvalue import PCollection

from pipelines.jobs.run_options import RunOptions
from transforms.clean import StripBoilerplate
from transforms.events import CodeEvents
from transforms.extract import ExtractArticles
from transforms.known_persons import AddKnownPersons
from transforms.raw_pages import KeepPages
from transforms.records import Article, CodedArticle, Page, PersonFact, RawPart, Reject, SiteBlock
from transforms.site_memory import CleanBySiteMemory

Articles = beam.PTransform[PCollection[Article], PCollection[Article]]
"""A step from articles to articles."""


class ReadPages(NamedTuple):
    """Articles cleaned and coded, what they prove of their sites and say of persons, and what was refused.

    `unread` are the pages without an article, `rejects` what the later stages refused; `raw` the pages that are kept.
    """

    coded: PCollection[CodedArticle]
    site_blocks: PCollection[SiteBlock]
    persons: PCollection[PersonFact]
    raw: PCollection[RawPart] | None
    unread: PCollection[Reject]
    rejects: tuple[PCollection[Reject], ...]


def read_pages(
    pages: PCollection[Page], options: RunOptions, wanted: Articles | None = None
) -> ReadPages:
    """Read the articles of pages: the way of every page, wherever it comes from. What `wanted` lets through goes on."""
    raw = None
    if options.keep_raw:
        pages, raw = pages | "KeepPages" >> KeepPages(options.lake, options.clock)
    extracted = pages | "ExtractArticles" >> ExtractArticles(options.pool)
    articles = extracted.good
    if wanted is not None:
        articles = articles | "Wanted articles" >> wanted
    clean = articles | "StripBoilerplate" >> StripBoilerplate()
    remembered = clean.good | "CleanBySiteMemory" >> CleanBySiteMemory(options.lake)
    recalled = remembered.articles | "AddKnownPersons" >> AddKnownPersons(
        options.lake, options.pool
    )
    coded = recalled.articles | "CodeEvents" >> CodeEvents(options.pool)
    rejects = (clean.rejects, coded.rejects)
    return ReadPages(
        coded.good, remembered.blocks, recalled.persons, raw, extracted.rejects, rejects
    )


def only(is_wanted: Callable[..., bool], *sides: Any) -> Articles:
    """Return the step that lets the wanted articles through; `sides` are told to the function as well."""
    step: Articles = beam.Filter(is_wanted, *sides).with_output_types(Article)
    return step
