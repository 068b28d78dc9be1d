"""Read the pages of archives, from files of this machine or of any file system that Beam knows."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, cast

import apache_beam as beam
from apache_beam.io.filesystem import CompressionTypes
from apache_beam.io.filesystems import FileSystems
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection, TaggedOutput

from transforms.core.archives.formats.registry import FORMATS_BY_NAME
from transforms.core.archives.page_defaults import PageDefaults
from transforms.core.archives.page_refs import Damage, Place
from transforms.core.archives.page_to_warc import raw_uri, record_id
from transforms.core.archives.selection import Selection
from transforms.core.ids import stable_id
from transforms.core.lake.log.paths import is_raw_file
from transforms.errors import ArchiveError, LakeError
from transforms.lake_to_read import store_to_read
from transforms.outcome import Outcome, Stage
from transforms.records import ArchivePart, Page, Reject

_UNREADABLE = (OSError, EOFError, zlib.error, ValueError)


@dataclass
class ReadArchives(Stage[PCollection[ArchivePart], Outcome[Page]]):
    """Read the selected pages of each part; what cannot be read becomes a reject."""

    defaults: PageDefaults
    selection: Selection
    lake: str | None = None
    """The lake that has kept the parts as raw pages: their paths are within it, and the pages get
    their `raw_uri`. None for archives."""

    def expand(self, pcoll: PCollection[ArchivePart]) -> Outcome[Page]:
        """Spread the parts over the workers: places are shuffled, not pages."""
        read = (
            pcoll
            | "Spread" >> beam.Reshuffle()
            | "Read" >> beam.ParDo(_ReadPartDoFn(self)).with_outputs("rejects", main="pages")
        )
        return Outcome(read.pages, read.rejects)


class _ReadPartDoFn(beam.DoFn):
    """Opens a part's file and yields its pages."""

    def __init__(self, settings: ReadArchives) -> None:
        self._defaults = settings.defaults
        self._selection = settings.selection
        self._lake = settings.lake

    def process(self, part: ArchivePart) -> Iterator[Any]:
        """Yield the pages that are selected, and a reject for each that cannot be read."""
        archive_format = FORMATS_BY_NAME[part.kind]
        try:
            with self._open(part) as file:
                for at, read in archive_format.read_pages(file, part, self._defaults):
                    yield from self._outputs(part, at, read)
        except _UNREADABLE as error:
            message = f"{part.path} cannot be read: {error}"
            yield TaggedOutput("rejects", reject_of(Damage("E_ARCHIVE_DAMAGED", message)))

    def _outputs(
        self, part: ArchivePart, at: Place, read: Page | ArchiveError | None
    ) -> Iterator[Any]:
        if isinstance(read, ArchiveError):
            skip = f" and {at.skip}" if at.skip else ""
            message = f"{part.path}, at {at.offset}{skip}: {read}"
            yield TaggedOutput("rejects", reject_of(Damage(read.reason, message)))
        elif read is None:
            Metrics.counter("archive", "no_page").inc()
        elif self._is_selected(read):
            Metrics.counter("archive", "pages").inc()
            yield replace(read, raw_uri=self._raw_uri(part, at, read))

    def _is_selected(self, page: Page) -> bool:
        captured_on = page.fetched_at.date()
        return self._selection.includes_url(page.entry.url) and self._selection.may_include_capture(
            captured_on
        )

    def _raw_uri(self, part: ArchivePart, at: Place, page: Page) -> str | None:
        """Return where the lake has kept the page, None for a page of an archive."""
        return None if self._lake is None else raw_uri(part.path, record_id(page), at.offset)

    def _open(self, part: ArchivePart) -> BinaryIO:
        if self._lake is None:
            is_packed = FORMATS_BY_NAME[part.kind].is_packed(part.path)
            return open_source(part.path, unpack=is_packed)
        if not is_raw_file(part.path):
            raise ValueError("it is not a file of kept pages")
        file = _open_kept(self._lake, part.path)
        if file is None:
            raise FileNotFoundError("it is not in the lake any more")
        return file


def _open_kept(lake: str, path: str) -> BinaryIO | None:
    try:
        return store_to_read(lake).open(path)
    except LakeError as error:
        # A link or a pipe in the place of the file; a disk that fails is no fault of the file.
        if error.reason != "E_LAKE_DAMAGED":
            raise
        raise ValueError(str(error)) from error


def open_source(path: str, *, unpack: bool = False) -> BinaryIO:
    """Return a file opened for random access, of this machine or a file system that Beam knows.

    With `unpack` it is gunzipped. The caller closes it.
    """
    if "://" in path:
        file: BinaryIO = FileSystems.open(
            path, "application/octet-stream", compression_type=CompressionTypes.UNCOMPRESSED
        )
    else:
        file = Path(path).open("rb")  # noqa: SIM115 - the caller closes it
    return cast(BinaryIO, gzip.GzipFile(fileobj=file)) if unpack else file


def reject_of(damage: Damage) -> Reject:
    """Return the reject for a part of an archive that cannot be read."""
    return Reject(
        stage=ArchiveError.stage,
        reason=damage.reason,
        key=stable_id(damage.message),
        message=damage.message,
        error_class=ArchiveError.__name__,
        url=damage.url,
    )
