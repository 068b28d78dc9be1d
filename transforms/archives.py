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

from transforms.core.archives.file_pages import PageDefaults
from transforms.core.archives.formats import FILE, PACKED_LINES, read_part
from transforms.core.archives.page_to_warc import raw_uri, record_id
from transforms.core.archives.places import Damage
from transforms.core.archives.selection import Selection
from transforms.core.ids import stable_id
from transforms.errors import ArchiveError
from transforms.outcome import Outcome
from transforms.records import ArchivePart, Page, Reject
from transforms.stores import open_store

_UNREADABLE = (OSError, EOFError, zlib.error, ValueError)


@dataclass
class ReadArchives(beam.PTransform[PCollection[ArchivePart], Outcome[Page]]):
    """Read the wanted pages of each part; what cannot be read is a reject, and the rest goes on."""

    defaults: PageDefaults
    wanted: Selection
    lake: str | None = None
    """Where the parts are pages that this lake has kept: paths are within it, and pages say where they are from."""

    def expand(self, pcoll: PCollection[ArchivePart]) -> Outcome[Page]:
        """Spread the parts over the workers: places are shuffled, not pages."""
        read = (
            pcoll
            | "Spread" >> beam.Reshuffle()
            | "Read" >> beam.ParDo(_Read(self)).with_outputs("rejects", main="pages")
        )
        return Outcome(read.pages, read.rejects)


class _Read(beam.DoFn):
    """Opens a part's file and gives its pages."""

    def __init__(self, about: ReadArchives) -> None:
        self._defaults = about.defaults
        self._wanted = about.wanted
        self._lake = about.lake

    def process(self, part: ArchivePart) -> Iterator[Any]:
        """Yield the pages that are wanted, and a reject for each that cannot be read."""
        try:
            with self._open(part) as file:
                for at, found in read_part(part, file, self._defaults):
                    yield from self._outputs(part, at, found)
        except _UNREADABLE as error:
            yield TaggedOutput(
                "rejects",
                reject_of(Damage("E_ARCHIVE_DAMAGED", f"{part.path} cannot be read: {error}")),
            )

    def _outputs(
        self, part: ArchivePart, at: Any, found: Page | ArchiveError | None
    ) -> Iterator[Any]:
        if isinstance(found, ArchiveError):
            message = f"{part.path}, at {at.offset}{f' and {at.skip}' if at.skip else ''}: {found}"
            yield TaggedOutput("rejects", reject_of(Damage(found.reason, message)))
        elif found is None:
            Metrics.counter("archive", "no_page").inc()
        elif self._wanted.wants_url(found.entry.url) and self._wanted.wants_capture(
            found.fetched_at.date()
        ):
            Metrics.counter("archive", "pages").inc()
            kept = None if self._lake is None else raw_uri(part.path, record_id(found), at.offset)
            yield replace(found, raw_uri=kept)

    def _open(self, part: ArchivePart) -> BinaryIO:
        if self._lake is None:
            return open_source(part.path, unpack=is_packed(part))
        file = open_store(self._lake).open(part.path)
        if file is None:
            raise FileNotFoundError("it is gone from the lake")
        return file


def is_packed(part: ArchivePart) -> bool:
    """Return whether a part's file is to be gunzipped as a whole."""
    return part.kind == PACKED_LINES or (part.kind == FILE and part.path.lower().endswith(".gz"))


def open_source(path: str, *, unpack: bool = False) -> BinaryIO:
    """Return a file opened for reading at random, of this machine or of a file system that Beam knows."""
    if "://" in path:
        kind = "application/octet-stream"
        file: BinaryIO = FileSystems.open(
            path, kind, compression_type=CompressionTypes.UNCOMPRESSED
        )
    else:
        file = Path(path).open("rb")  # noqa: SIM115 - who asked closes it
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
