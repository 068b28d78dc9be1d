"""WARC files, plain or compressed; ARC files are recognised and rejected with advice."""

from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from fastwarc.warc import WarcRecord

from transforms.core.archives.formats.base import (
    ArchiveFormat,
    PageRead,
    beginning,
    from_place,
    page_or_error,
)
from transforms.core.archives.page_defaults import PageDefaults
from transforms.core.archives.page_refs import Damage, PageRef, Place
from transforms.core.archives.warc_listing import list_records
from transforms.core.archives.warc_records import read_records
from transforms.core.archives.warc_to_page import page_of_record
from transforms.records import ArchivePart, Page


def _is_warc(head: bytes) -> bool:
    return beginning(head).startswith((b"warc/", b"filedesc:"))


def _list_pages(file: BinaryIO, name: str, start: Place | None) -> Iterator[PageRef | Damage]:
    if start is None:
        return list_records(file, name)
    found = list_records(file, name, start.offset)
    # Within a member that holds many records, a listing can only begin with its first.
    return from_place(found, start) if start.skip else found


def _read_pages(file: BinaryIO, part: ArchivePart, defaults: PageDefaults) -> Iterator[PageRead]:
    places = [Place(*place) for place in part.places]
    for at, record in read_records(file, places):
        yield at, page_or_error(partial(_page, record, defaults))


def _page(record: WarcRecord | Exception, defaults: PageDefaults) -> Page | None:
    if isinstance(record, Exception):
        raise record
    return page_of_record(record, now=defaults.now)


WARC = ArchiveFormat(
    name="warc",
    endings=(".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz"),
    sniff=_is_warc,
    list_pages=_list_pages,
    read_pages=_read_pages,
    is_seekable=True,
)
