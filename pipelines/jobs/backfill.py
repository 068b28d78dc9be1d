"""Backfill: process the pages of archives with the stages of every page, batch by batch."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import apache_beam as beam
from apache_beam.io.filesystems import FileSystems

from pipelines.jobs.batches import BEFORE, ArchiveBatch, batches
from pipelines.jobs.page_stages import ArticleFilter, articles_where, process_pages
from pipelines.jobs.plan import Checkpoint, Contents, Plan, PlannedBatch, Run
from pipelines.jobs.run_options import RunOptions
from transforms.archives import ReadArchives
from transforms.core.archives.page_defaults import PageDefaults
from transforms.core.archives.selection import Selection
from transforms.core.ids import stable_id
from transforms.fetch import FetchPages
from transforms.links import LinkOptions
from transforms.records import ArchivePart, Cursor, FeedEntry, Reject
from transforms.seen import PickUnseen
from transforms.sources import Source


@dataclass(frozen=True, kw_only=True)
class BackfillPlan(Plan):
    """The pages of files and links: the selection, and the date of pages that state none."""

    sources: Sequence[Source]
    selection: Selection = field(default_factory=Selection)
    published_at: datetime | None = None
    batch_pages: int | None = None
    """Pages of one commit; None is the default. Part of `config`, since batches of another size may
    result in a different lake."""

    kind = "backfill"

    @property
    def total_bytes(self) -> int:
        """The size of all files."""
        return sum(source.size for source in self.sources)

    @property
    def config(self) -> list[object]:
        """Return files with their sizes, and the selection: a changed file is different work."""
        files = [dataclasses.astuple(source) for source in self.sources]
        selection = [sorted(self.selection.sites), self.selection.start, self.selection.end]
        batches = [] if self.batch_pages is None else [self.batch_pages]
        return [files, selection, self.published_at, *batches]

    def checkpoint(self, options: RunOptions, *, named: bool) -> Checkpoint:
        """Return the checkpoint, so that an interrupted backfill of the same sources is resumed."""
        return Checkpoint(stable_id(self.config, options.run_id if named else None), BEFORE)

    def batches(self, run: Run, cursor: Cursor | None) -> Iterator[PlannedBatch]:
        """Yield batches of pages in files, and of pages behind links."""
        assert cursor is not None  # noqa: S101 - a plan with a checkpoint has a cursor
        options, selection = run.options, self.selection
        FileSystems.set_options(options.beam_options())
        links = LinkOptions(
            web=options.web,
            now=options.now,
            start=selection.start,
            end=selection.end,
            includes_site=selection.includes_url,
        )
        for batch in batches(self.sources, cursor, selection, links, self.batch_pages):
            yield PlannedBatch(
                label=f"up to page {batch.cursor.pages:,}",
                build=partial(self.contents, batch=batch, options=options),
                pages=sum(len(part.places) for part in batch.parts),
                cursor=batch.cursor,
            )

    def contents(
        self, pipeline: beam.Pipeline, *, batch: ArchiveBatch, options: RunOptions
    ) -> Contents:
        """Process one batch: pages of files, or pages fetched from links."""
        add = self._from_links if batch.entries else self._from_files
        damages = pipeline | "Damages" >> beam.Create(
            batch.rejects, reshuffle=False
        ).with_output_types(Reject)
        return (*add(pipeline, batch, options), damages)

    def _from_files(
        self, pipeline: beam.Pipeline, batch: ArchiveBatch, options: RunOptions
    ) -> Contents:
        parts = pipeline | "Parts" >> beam.Create(batch.parts, reshuffle=False).with_output_types(
            ArchivePart
        )
        read = ReadArchives(PageDefaults(options.now, self.published_at), self.selection)
        pages = parts | "ReadArchives" >> read
        processed = process_pages(pages.good, options, self._selected())
        return (*processed.contents, processed.no_article, pages.rejects)

    def _from_links(
        self, pipeline: beam.Pipeline, batch: ArchiveBatch, options: RunOptions
    ) -> Contents:
        """Fetch links that the lake lacks, and all captures: each is a past version of a page."""
        captures = [entry for entry in batch.entries if entry.capture_url]
        live = [entry for entry in batch.entries if not entry.capture_url]
        links = pipeline | "Links" >> beam.Create(live, reshuffle=False).with_output_types(
            FeedEntry
        )
        unseen = links | "PickUnseen" >> PickUnseen(options.lake)
        captured = pipeline | "Captures" >> beam.Create(
            captures, reshuffle=False
        ).with_output_types(FeedEntry)
        entries = (unseen, captured) | "Entries to fetch" >> beam.Flatten()
        fetched = entries | "FetchPages" >> FetchPages(options.web, options.clock)
        processed = process_pages(fetched.pages, options, self._selected())
        return (*processed.contents, processed.no_article, fetched.fetches, fetched.rejects)

    def _selected(self) -> ArticleFilter:
        return articles_where(self.selection.includes_article)
