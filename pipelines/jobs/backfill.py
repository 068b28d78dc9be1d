"""Archives into the lake: by the way of every page, slice by slice, each one commit, resumed where it was cut short."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.io.filesystems import FileSystems
from apache_beam.pvalue import PCollection

from pipelines.jobs.batches import BEFORE, PlannedBatch, batches
from pipelines.jobs.page_stages import ReadPages, only, read_pages
from pipelines.jobs.run_options import RunOptions
from pipelines.jobs.runner import RunSummary, begin_run, close_run, resumed, run_to_end
from transforms.archives import ReadArchives
from transforms.core.archives.page_defaults import PageDefaults
from transforms.core.archives.selection import Selection
from transforms.core.ids import stable_id
from transforms.fetch import FetchPages
from transforms.lake import Arrivals, MergeIntoLake, open_lake
from transforms.links import LinkOptions
from transforms.records import ArchivePart, FeedEntry, Fetch, Reject, RunContext
from transforms.seen import PickUnseen
from transforms.sources import Source


@dataclass(frozen=True, kw_only=True)
class Backfill:
    """What is backfilled: files and links, the pages wanted of them, and when those that do not say were published."""

    sources: Sequence[Source]
    wanted: Selection = field(default_factory=Selection)
    published_at: datetime | None = None
    batch_pages: int | None = None
    """Pages of one commit; None: the usual number. Other slices are other work, and may end in another lake."""

    @property
    def config(self) -> list[Any]:
        """What the work is: another listing of files is other work, with other slices."""
        files = [dataclasses.astuple(source) for source in self.sources]
        wanted = [sorted(self.wanted.sites), self.wanted.start, self.wanted.end]
        sliced = [] if self.batch_pages is None else [self.batch_pages]
        return [files, wanted, self.published_at, *sliced]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backfill has come: pages and bytes behind it, those of earlier runs, and the bytes of all files."""

    pages: int
    read_bytes: int
    pages_before: int
    bytes_before: int
    all_bytes: int


def backfill(
    work: Backfill,
    options: RunOptions,
    told: Callable[[Progress], None] = lambda _: None,
    named: bool = False,
) -> RunSummary:
    """Backfill; what was cut short goes on behind its last commit, under its own name and clock.

    `named` says that the user named the run: then only a run of that name is gone on with. `told` hears how far it is.
    """
    FileSystems.set_options(options.beam_options())
    lake = open_lake(options.lake)
    key = stable_id(work.config, options.run_id if named else None)
    cursor, options = resumed(lake, options, key, BEFORE)
    run = begin_run(lake, options, "backfill", work.config)
    counters = Counter[str]()
    wanted = work.wanted
    links = LinkOptions(
        web=options.web,
        now=options.now,
        start=wanted.start,
        end=wanted.end,
        wants_site=wanted.wants_url,
    )
    all_bytes = sum(s.size for s in work.sources)
    for batch in batches(work.sources, cursor, wanted, links, work.batch_pages):
        pipeline = options.pipeline()
        build_backfill(pipeline, batch, work, options, run)
        counters.update(run_to_end(pipeline))
        done = batch.cursor
        told(Progress(done.pages, done.read_bytes, cursor.pages, cursor.read_bytes, all_bytes))
    return close_run(lake, run, counters, options, done=key)


def build_backfill(
    pipeline: beam.Pipeline,
    batch: PlannedBatch,
    work: Backfill,
    options: RunOptions,
    run: RunContext,
) -> None:
    """Add the graph of one slice to a pipeline: its pages come from files, or are fetched from links."""
    make = _from_links if batch.entries else _from_files
    read, fetches, rejects = make(pipeline, batch, work, options)
    told = pipeline | "Damages" >> beam.Create(batch.rejects, reshuffle=False).with_output_types(
        Reject
    )
    arrivals = Arrivals(
        coded=read.coded,
        fetches=fetches,
        rejects=(told, *rejects, read.unread, *read.rejects) | "Rejects" >> beam.Flatten(),
        site_blocks=read.site_blocks,
        persons=read.persons,
        raw=read.raw,
    )
    arrivals.all() | "MergeIntoLake" >> MergeIntoLake(
        options.lake, run, options.started, batch.cursor
    )


class _Source(NamedTuple):
    """The pages of a slice, read, with the requests made for them and what was refused before a page was had."""

    read: ReadPages
    fetches: PCollection[Fetch] | None
    rejects: tuple[PCollection[Reject], ...]


def _from_files(
    pipeline: beam.Pipeline, batch: PlannedBatch, work: Backfill, options: RunOptions
) -> _Source:
    parts = pipeline | "Parts" >> beam.Create(batch.parts, reshuffle=False).with_output_types(
        ArchivePart
    )
    pages = parts | "ReadArchives" >> ReadArchives(
        PageDefaults(options.now, work.published_at), work.wanted
    )
    return _Source(
        read_pages(pages.good, options, only(work.wanted.wants_article)), None, (pages.rejects,)
    )


def _from_links(
    pipeline: beam.Pipeline, batch: PlannedBatch, work: Backfill, options: RunOptions
) -> _Source:
    """Fetch what the lake has not; a capture is an article as it once was, and is fetched in any case."""
    captures = [e for e in batch.entries if e.capture_url]
    live = [e for e in batch.entries if not e.capture_url]
    links = pipeline | "Links" >> beam.Create(live, reshuffle=False).with_output_types(FeedEntry)
    unseen = links | "PickUnseen" >> PickUnseen(options.lake)
    captured = pipeline | "Captures" >> beam.Create(captures, reshuffle=False).with_output_types(
        FeedEntry
    )
    entries = (unseen, captured) | "Wanted" >> beam.Flatten()
    fetched = entries | "FetchPages" >> FetchPages(options.web, options.clock)
    read = read_pages(fetched.pages, options, only(work.wanted.wants_article))
    return _Source(read, fetched.fetches, (fetched.rejects,))
