"""Read and code again what the lake has kept, after rules or code have changed; what says the same is not written.

An article whose newest page was kept is extracted anew from it; another is coded anew from its text. Pages that were
fetched and kept but gave no article are tried again: what still gives none was refused before, and is no reject anew.
"""

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import apache_beam as beam

from pipelines.jobs.page_stages import only, read_pages
from pipelines.jobs.run_options import RunOptions
from pipelines.jobs.runner import RunSummary, begin_run, close_run, resumed, run_to_end
from transforms.archives import ReadArchives
from transforms.core.archives.formats.warc import WARC
from transforms.core.archives.page_defaults import PageDefaults
from transforms.core.archives.page_to_warc import parse_raw_uri
from transforms.core.archives.selection import Selection
from transforms.core.ids import stable_id
from transforms.core.lake.lake import Lake
from transforms.core.lake.merge.raw_parts import KeptArticle, kept_articles, unread
from transforms.core.lake.merge.rebuilt import KIND
from transforms.core.lake.schema.tables import FETCHES
from transforms.events import CodeEvents
from transforms.known_persons import AddKnownPersons
from transforms.lake import Arrivals, MergeIntoLake, open_lake
from transforms.preview import PreviewMerge
from transforms.records import ArchivePart, Cursor, RunContext, StoredPart
from transforms.stored_articles import ReadStoredArticles

BATCH_ARTICLES = 4_000
STAGES = ("extract", "events")
"""From which stage on: from the pages that were kept, or from the texts."""
_NO_DAY = date(1970, 1, 1)
_PART = 100
_ARTICLES, _UNREAD = 0, 1
"""What a cursor's `source` says: which of the two it has come to."""


@dataclass(frozen=True, kw_only=True)
class Rebuild:
    """What is read again: articles of these days and sites, from a stage on.

    With `preview`, a file of this machine, the changes are written there and the lake stays as it is.
    """

    wanted: Selection = field(default_factory=Selection)
    stage: str = STAGES[0]
    preview: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """How far a rebuild has come: articles so far, and the day it has come to."""

    articles: int
    day: date


@dataclass(frozen=True, slots=True)
class _Piece:
    """The articles of one commit: where their pages are, those that have none, and how far it brings the work."""

    cursor: Cursor
    parts: tuple[ArchivePart, ...]
    stored: tuple[StoredPart, ...] = ()
    is_unread: bool = False
    """The pages gave no article when they were fetched: what still gives none was refused before."""


def rebuild(
    work: Rebuild,
    options: RunOptions,
    told: Callable[[Told], None] = lambda _: None,
    named: bool = False,
) -> RunSummary | None:
    """Rebuild, slice by slice; what was cut short goes on behind its last commit. None for a preview."""
    lake = open_lake(options.lake)
    wanted = work.wanted
    config = [sorted(wanted.sites), wanted.start, wanted.end, work.stage]
    version = options.context(KIND, config).pipeline_version
    key = stable_id(KIND, version, config, options.run_id if named else None)
    cursor, options = resumed(lake, options, key, (0, 0), anew=work.preview is not None)
    run = options.context(KIND, config) if work.preview else begin_run(lake, options, KIND, config)
    counters = Counter[str]()
    for piece in _pieces(lake, work, cursor):
        pipeline = options.pipeline()
        build_rebuild(pipeline, piece, work, options, run)
        counters.update(run_to_end(pipeline))
        told(Told(piece.cursor.pages, _NO_DAY + timedelta(days=piece.cursor.place[0])))
    if work.preview:
        return None
    return close_run(lake, run, counters, options, done=key)


def build_rebuild(
    pipeline: beam.Pipeline, piece: _Piece, work: Rebuild, options: RunOptions, run: RunContext
) -> None:
    """Add the graph of one slice to a pipeline: kept pages go the way of every page, texts are coded again."""
    parts = pipeline | "Parts" >> beam.Create(piece.parts, reshuffle=False).with_output_types(
        ArchivePart
    )
    pages = parts | "ReadKept" >> ReadArchives(PageDefaults(options.now), Selection(), options.lake)
    wanted = only(work.wanted.wants_article) if piece.is_unread else None
    read = read_pages(pages.good, dataclasses.replace(options, keep_raw=False), wanted)
    ids = pipeline | "Stored" >> beam.Create(piece.stored, reshuffle=False).with_output_types(
        StoredPart
    )
    texts = ids | "ReadStored" >> ReadStoredArticles(options.lake)
    recalled = texts | "RecallAgain" >> AddKnownPersons(options.lake, options.pool)
    recoded = recalled.articles | "CodeAgain" >> CodeEvents(options.pool)
    refused = () if piece.is_unread else (read.unread,)
    rejects = (pages.rejects, *refused, *read.rejects, recoded.rejects)
    arrivals = Arrivals(
        coded=(read.coded, recoded.good) | "Coded" >> beam.Flatten(),
        rejects=rejects | "Rejects" >> beam.Flatten(),
        site_blocks=read.site_blocks,
        persons=read.persons,
    )
    if work.preview:
        arrivals.all() | "PreviewMerge" >> PreviewMerge(options.lake, run, work.preview)
    else:
        arrivals.all() | "MergeIntoLake" >> MergeIntoLake(
            options.lake, run, options.started, piece.cursor
        )


def _pieces(lake: Lake, work: Rebuild, cursor: Cursor) -> Iterator[_Piece]:
    """Yield the slices behind a cursor: those of articles, then those of kept pages that gave none."""
    if cursor.source == _ARTICLES:
        yield from _of_articles(lake, work, cursor)
        cursor = dataclasses.replace(cursor, source=_UNREAD, place=(0, 0))
    if work.stage == STAGES[0]:
        yield from _of_unread(lake, work, cursor)


def _of_unread(lake: Lake, work: Rebuild, cursor: Cursor) -> Iterator[_Piece]:
    """Yield the slices of whole days of fetching behind a cursor, without those that were not wanted."""
    places = defaultdict[str, set[int]](set)
    for day in lake.days(FETCHES):
        number = (day - _NO_DAY).days
        if number <= cursor.place[0] or not work.wanted.wants_capture(day):
            continue
        found = [
            parse_raw_uri(uri) for url, uri in unread(lake.read, day) if work.wanted.wants_url(url)
        ]
        for path, offset in found:
            places[path].add(offset)
        cursor = dataclasses.replace(cursor, place=(number, 0))
        if sum(map(len, places.values())) >= BATCH_ARTICLES:
            yield _Piece(cursor, tuple(_parts(places)), is_unread=True)
            places.clear()
    if places:
        yield _Piece(cursor, tuple(_parts(places)), is_unread=True)


def _of_articles(lake: Lake, work: Rebuild, cursor: Cursor) -> Iterator[_Piece]:
    """Yield the slices of the lake's days behind a cursor: many small days in one, a large one in several."""
    taken: list[tuple[date, list[KeptArticle]]] = []
    place, pages = cursor.place, cursor.pages
    for day in lake.days():
        number = (day - _NO_DAY).days
        if not work.wanted.wants_day(day) or number < cursor.place[0]:
            continue
        mine = [kept for kept in kept_articles(lake.read, day) if work.wanted.wants_url(kept.url)]
        for start in range(
            cursor.place[1] if number == cursor.place[0] else 0, len(mine), BATCH_ARTICLES
        ):
            some = mine[start : start + BATCH_ARTICLES]
            taken.append((day, some))
            place, pages = (number, start + len(some)), pages + len(some)
            if sum(len(kept) for _, kept in taken) >= BATCH_ARTICLES:
                yield _piece(
                    taken, work.stage, dataclasses.replace(cursor, place=place, pages=pages)
                )
                taken = []
    if taken:
        yield _piece(taken, work.stage, dataclasses.replace(cursor, place=place, pages=pages))


def _piece(days: Sequence[tuple[date, list[KeptArticle]]], stage: str, cursor: Cursor) -> _Piece:
    places = defaultdict[str, set[int]](set)
    stored = []
    for day, articles in days:
        texts = [one.article_id for one in articles if stage != STAGES[0] or not one.has_newest]
        if texts:
            stored.append(StoredPart(day=day, article_ids=tuple(texts)))
        for one in articles if stage == STAGES[0] else ():
            for path, offset in map(parse_raw_uri, one.pages):
                places[path].add(offset)
    return _Piece(cursor, tuple(_parts(places)), tuple(stored))


def _parts(places: dict[str, set[int]]) -> Iterator[ArchivePart]:
    for path in sorted(places):
        offsets = sorted(places[path])
        for start in range(0, len(offsets), _PART):
            some = tuple((offset, 0) for offset in offsets[start : start + _PART])
            yield ArchivePart(path=path, kind=WARC.name, inside=path, places=some)
