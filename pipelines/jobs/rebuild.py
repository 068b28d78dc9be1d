"""Rebuild: extract and code the lake's articles again, after rules or code have changed.

An article whose newest page was kept is extracted again from it; the events of another are coded
again from its text. Kept pages without an article are tried again; those that still have none were
rejected when they were fetched and are not rejected again. Unchanged rows are not written.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial

import apache_beam as beam

from pipelines.jobs.page_stages import articles_where, process_pages
from pipelines.jobs.plan import Checkpoint, Contents, Plan, PlannedBatch, Run
from pipelines.jobs.run_options import RunOptions
from transforms.archives import ReadArchives, reject_of
from transforms.core.archives.formats.warc import WARC
from transforms.core.archives.page_defaults import PageDefaults
from transforms.core.archives.page_refs import Damage
from transforms.core.archives.selection import Selection
from transforms.core.ids import stable_id
from transforms.core.lake.merge.raw_parts import (
    KeptArticle,
    kept_articles,
    kept_place,
    pages_without_article,
)
from transforms.core.lake.merge.rebuilt import KIND
from transforms.core.lake.queries import LakeQueries
from transforms.core.lake.schema.tables import FETCHES
from transforms.errors import ArchiveError
from transforms.events import CodeEvents
from transforms.known_persons import AddKnownPersons
from transforms.records import ArchivePart, Cursor, Reject, StoredPart
from transforms.stored_articles import ReadStoredArticles

BATCH_ARTICLES = 4_000
"""Articles of one commit, as in a batch of an archive."""
EXTRACT, EVENTS = STAGES = ("extract", "events")
"""The stage a rebuild starts at: extraction, from kept pages, or event coding, from stored texts.
"""
_EPOCH = date(1970, 1, 1)
"""Cursor places count days from here."""
_PLACES_A_PART = 100
"""Pages of one part: enough to amortise opening its file, few enough to share among workers."""
_ARTICLES, _WITHOUT_ARTICLE = 0, 1
"""Values of a rebuild's `Cursor.source`: it goes through articles first, then pages without one."""


@dataclass(frozen=True, kw_only=True)
class RebuildPlan(Plan):
    """The articles of the selected days and sites, from a stage on."""

    selection: Selection = field(default_factory=Selection)
    stage: str = EXTRACT

    kind = KIND

    @property
    def config(self) -> list[object]:
        """Return the selection and the stage."""
        selection = self.selection
        return [sorted(selection.sites), selection.start, selection.end, self.stage]

    def checkpoint(self, options: RunOptions, *, named: bool) -> Checkpoint:
        """Return the checkpoint; a change of code or rules starts the job from the beginning."""
        version = options.context(self.kind, self.config).pipeline_version
        key = stable_id(self.kind, version, self.config, options.run_id if named else None)
        return Checkpoint(key, (0, 0))

    def batches(self, run: Run, cursor: Cursor | None) -> Iterator[PlannedBatch]:
        """Yield batches of days: of articles, then of kept pages without an article."""
        assert cursor is not None  # noqa: S101 - a plan with a checkpoint has a cursor
        if cursor.source == _ARTICLES:
            yield from self._article_batches(run, cursor)
            cursor = dataclasses.replace(cursor, source=_WITHOUT_ARTICLE, place=(0, 0))
        if self.stage == EXTRACT:
            yield from self._no_article_batches(run, cursor)

    def _article_batches(self, run: Run, cursor: Cursor) -> Iterator[PlannedBatch]:
        """Yield batches of the days after a cursor: several small days, or part of a large day."""
        days: list[_DayOfArticles] = []
        for day, articles, offset in self._selected_articles(run.lake, cursor):
            days.append(_DayOfArticles(day, articles))
            cursor = dataclasses.replace(
                cursor,
                place=(_day_number(day), offset + len(articles)),
                pages=cursor.pages + len(articles),
            )
            if sum(len(day_of_articles.articles) for day_of_articles in days) >= BATCH_ARTICLES:
                yield self._batch_of_articles(run, days, cursor)
                days = []
        if days:
            yield self._batch_of_articles(run, days, cursor)

    def _selected_articles(
        self, lake: LakeQueries, cursor: Cursor
    ) -> Iterator[tuple[date, Sequence[KeptArticle], int]]:
        """Yield the selected articles of each day, at most a batch at a time, with their offset."""
        cursor_day, cursor_offset = cursor.place
        for day in lake.days():
            number = _day_number(day)
            if number < cursor_day or not self.selection.includes_day(day):
                continue
            kept = kept_articles(lake.read, day)
            articles = [article for article in kept if self.selection.includes_url(article.url)]
            first = cursor_offset if number == cursor_day else 0
            for offset in range(first, len(articles), BATCH_ARTICLES):
                yield day, articles[offset : offset + BATCH_ARTICLES], offset

    def _batch_of_articles(
        self, run: Run, days: "Sequence[_DayOfArticles]", cursor: Cursor
    ) -> PlannedBatch:
        places = _Places()
        stored = []
        for day in days:
            if self.stage == EXTRACT:
                places.add(uri for article in day.articles for uri in sorted(article.pages))
                texts = [a.article_id for a in day.articles if not a.has_newest]
            else:
                texts = [a.article_id for a in day.articles]
            if texts:
                stored.append(StoredPart(day=day.day, article_ids=tuple(texts)))
        build = partial(
            self._contents,
            places=places,
            stored=stored,
            options=run.options,
        )
        return PlannedBatch(label=_label(cursor), build=build, pages=places.count, cursor=cursor)

    def _no_article_batches(self, run: Run, cursor: Cursor) -> Iterator[PlannedBatch]:
        """Yield batches of kept pages by whole days of fetching, after a cursor."""
        places = _Places()
        for day in run.lake.days(FETCHES):
            if _day_number(day) <= cursor.place[0] or not self.selection.may_include_capture(day):
                continue
            pages = pages_without_article(run.lake.read, day)
            places.add(uri for url, uri in pages if self.selection.includes_url(url))
            cursor = dataclasses.replace(cursor, place=(_day_number(day), 0))
            if places.count >= BATCH_ARTICLES:
                yield self._batch_without_article(run, places, cursor)
                places = _Places()
        if places.count:
            yield self._batch_without_article(run, places, cursor)

    def _batch_without_article(self, run: Run, places: "_Places", cursor: Cursor) -> PlannedBatch:
        build = partial(
            self._contents,
            places=places,
            stored=(),
            options=run.options,
            had_no_article=True,
        )
        return PlannedBatch(label=_label(cursor), build=build, pages=places.count, cursor=cursor)

    def _contents(
        self,
        pipeline: beam.Pipeline,
        *,
        places: "_Places",
        stored: Sequence[StoredPart],
        options: RunOptions,
        had_no_article: bool = False,
    ) -> Contents:
        """Process kept pages with the stages of every page, and code stored texts again."""
        kept = pipeline | "Parts" >> beam.Create(places.parts(), reshuffle=False).with_output_types(
            ArchivePart
        )
        unplaced = pipeline | "Unplaced" >> beam.Create(
            places.rejects, reshuffle=False
        ).with_output_types(Reject)
        pages = kept | "ReadKept" >> ReadArchives(
            PageDefaults(options.now), Selection(), options.lake
        )
        # Days select by publication, which is unknown before extraction. Batches of articles are
        # already selected.
        keep = articles_where(self.selection.includes_article) if had_no_article else None
        without_raw = dataclasses.replace(options, keep_raw=False)
        processed = process_pages(pages.good, without_raw, keep)
        no_article = () if had_no_article else (processed.no_article,)
        return (
            *processed.contents,
            *no_article,
            pages.rejects,
            unplaced,
            *_recoded(pipeline, stored, options),
        )


@dataclass(frozen=True, slots=True)
class _DayOfArticles:
    day: date
    articles: Sequence[KeptArticle]


class _Places:
    """Records of kept pages, by the file they are in.

    Of a lake from elsewhere, a `raw_uri` may name any file: those that name no kept page of the
    lake are `rejects`.
    """

    def __init__(self) -> None:
        self._offsets = defaultdict[str, set[int]](set)
        self.rejects = list[Reject]()

    def add(self, uris: Iterable[str]) -> None:
        """Add the records of `raw_uri`s."""
        for uri in uris:
            try:
                path, offset = kept_place(uri)
            except ArchiveError as error:
                self.rejects.append(reject_of(Damage(error.reason, str(error))))
            else:
                self._offsets[path].add(offset)

    @property
    def count(self) -> int:
        """Return the number of records and rejects."""
        return len(self.rejects) + sum(map(len, self._offsets.values()))

    def parts(self) -> list[ArchivePart]:
        """Return the records as parts of files, in order."""
        parts = []
        for path, offsets in sorted(self._offsets.items()):
            ordered = [(offset, 0) for offset in sorted(offsets)]
            for start in range(0, len(ordered), _PLACES_A_PART):
                places = tuple(ordered[start : start + _PLACES_A_PART])
                parts.append(ArchivePart(path=path, kind=WARC.name, inside=path, places=places))
        return parts


def _recoded(
    pipeline: beam.Pipeline, stored: Sequence[StoredPart], options: RunOptions
) -> Contents:
    ids = pipeline | "Stored" >> beam.Create(stored, reshuffle=False).with_output_types(StoredPart)
    texts = ids | "ReadStored" >> ReadStoredArticles(options.lake)
    known = texts | "AddKnownPersonsAgain" >> AddKnownPersons(options.lake, options.pool)
    coded = known.articles | "CodeAgain" >> CodeEvents(options.pool)
    return (coded.good, coded.rejects)


def _day_number(day: date) -> int:
    return (day - _EPOCH).days


def _label(cursor: Cursor) -> str:
    day = _EPOCH + timedelta(days=cursor.place[0])
    what = "articles" if cursor.source == _ARTICLES else "pages without an article"
    return f"{what} up to {day}"
