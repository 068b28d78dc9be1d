"""Keep fetched pages in the lake, so that better rules can process them again."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.pvalue import PCollection, TaggedOutput

from transforms.clock import RunClock
from transforms.core.archives.page_to_warc import raw_record, record_id
from transforms.core.lake.merge.raw_parts import parts_folder
from transforms.outcome import Stage
from transforms.records import Page, RawPart
from transforms.stores import open_store

# A file of parts is held in memory until it is written: a few hundred pages, gzipped.
MAX_PART_BYTES = 32 * 2**20


class KeptPages(NamedTuple):
    """The pages, each with the id of its record as `raw_uri`, and the places of the records."""

    pages: PCollection[Page]
    parts: PCollection[RawPart]


@dataclass
class KeepPages(Stage[PCollection[Page], KeptPages]):
    """Write each page as a WARC record into the lake, beside its tables.

    The files are parts, in the order of the workers; the commit copies the records into files in
    the order of their ids.
    """

    lake: str
    clock: RunClock

    def expand(self, pcoll: PCollection[Page]) -> KeptPages:
        """Write pages where they were fetched, so that they are not shuffled."""
        keep = beam.ParDo(_KeepPagesDoFn(self.lake, self.clock))
        written = pcoll | "Write records" >> keep.with_outputs("parts", main="pages")
        return KeptPages(written.pages, written.parts)


class _KeepPagesDoFn(beam.DoFn):
    """Writes the pages of a bundle into one file or several, each with pages of one run."""

    def __init__(self, lake: str, clock: RunClock) -> None:
        self._lake = lake
        self._clock = clock

    def start_bundle(self) -> None:
        """Start without data."""
        # A bundle that failed may have left some, and is run again.
        self._begin("")

    def process(self, page: Page, timestamp: Any = beam.DoFn.TimestampParam) -> Iterator[Any]:
        """Yield the page with the id of its record, and the place of the record."""
        run_id = self._clock.at(timestamp).run_id
        if run_id != self._run_id or len(self._data) > MAX_PART_BYTES:
            self._write()
            self._begin(run_id)
        record = raw_record(page)
        part = RawPart(
            record_id=record_id(page),
            fetch_id=page.fetch_id,
            path=self._path,
            offset=len(self._data),
            length=len(record),
        )
        self._data += record
        yield TaggedOutput("parts", part)
        yield replace(page, raw_uri=part.record_id)

    def finish_bundle(self) -> None:
        """Write the last file."""
        self._write()

    def _begin(self, run_id: str) -> None:
        self._run_id = run_id
        self._path = f"{parts_folder(run_id)}/{uuid.uuid4().hex}.warc.gz"
        self._data = bytearray()

    def _write(self) -> None:
        if self._data:
            open_store(self._lake).put(self._path, bytes(self._data), None)
