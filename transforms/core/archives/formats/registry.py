"""The kinds of files that a backfill takes, in the order in which they are tried."""

from collections.abc import Sequence

from transforms.core.archives.formats.base import ArchiveFormat, SourceKind
from transforms.core.archives.formats.json_lines import JSON_LINES, PACKED_JSON_LINES
from transforms.core.archives.formats.page_file import PAGE_FILE
from transforms.core.archives.formats.parquet import PARQUET
from transforms.core.archives.formats.warc import WARC
from transforms.core.archives.link_lists.kinds import LINK_LISTS

ARCHIVE_FORMATS: tuple[ArchiveFormat, ...] = (
    PAGE_FILE,
    WARC,
    PARQUET,
    JSON_LINES,
    PACKED_JSON_LINES,
)
# Pages come before lists of links: a list in XML is recognised by its first `<`, as HTML is.
SOURCE_KINDS: tuple[SourceKind, ...] = (*ARCHIVE_FORMATS, *LINK_LISTS)
FORMATS_BY_NAME = {archive_format.name: archive_format for archive_format in ARCHIVE_FORMATS}


def kinds_by_ending(file_name: str) -> tuple[SourceKind, ...]:
    """Return the kinds that have the ending of a file name; () if none has."""
    name = file_name.lower()
    return tuple(kind for kind in SOURCE_KINDS if name.endswith(kind.endings))


def sniffed(head: bytes, kinds: Sequence[SourceKind] = SOURCE_KINDS) -> SourceKind | None:
    """Return the first of the kinds whose files begin so, None if there is none."""
    return next((kind for kind in kinds if kind.sniff(head)), None)
