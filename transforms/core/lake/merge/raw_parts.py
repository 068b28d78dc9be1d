"""The pages that a lake keeps as they were fetched: WARC files under `_raw/`, written by commits.

Workers write records into parts as they fetch; the commit copies them into files in the order of
their ids, so that a run that was cut short and run again ends in the same bytes.
"""

import dataclasses
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from transforms.core.archives.page_to_warc import parse_raw_uri, raw_uri
from transforms.core.ids import stable_id
from transforms.core.lake.encoding.arrow_rows import Row
from transforms.core.lake.log.commit_file import NewFile
from transforms.core.lake.log.paths import is_raw_file
from transforms.core.lake.log.store import LakeStore, is_there
from transforms.core.lake.merge.overlay import Reader, path_of
from transforms.core.lake.schema.schema import Table
from transforms.core.lake.schema.tables import ARTICLE_VERSIONS, ARTICLES, FETCHES
from transforms.errors import ArchiveError, LakeError
from transforms.records import Article, Batch, RawPart

RAW = "_raw"
MAX_RAW_BYTES = 64 * 2**20
"""Bytes of one file, unless a single record is longer.

A judgement: a file is put together in memory and written in one request. Smaller files would be
more objects to list and open.
"""
_MAX_OFFSET = 2**63 - 1
"""What file systems take as an offset; seeking beyond it raises OverflowError."""
_MAX_NAME_CHARS = 80
"""Characters of a run's id in a file's name, of which file systems take 255 bytes."""


def parts_folder(run_id: str) -> str:
    """Return the folder in which a run's records wait for their commit."""
    return f"{RAW}/_parts/{_name_of(run_id)}"


def place_raw_pages(store: LakeStore, batch: Batch) -> tuple[Batch, list[NewFile]]:
    """Return the batch with the `raw_uri` (file, record, offset) of articles and requests, and the
    files of records.
    """
    if not batch.raw:
        return batch, []
    files, places = [], dict[str, str]()
    by_id = {part.record_id: part for part in batch.raw}
    for group in _groups([part for _, part in sorted(by_id.items())]):
        path = _file_path(batch, group)
        offset = 0
        for part in group:
            places[part.record_id] = raw_uri(path, part.record_id, offset)
            offset += part.length
        if not _is_written(store, path, group):
            files.append(NewFile(path, _joined(store, group), len(group)))
    by_fetch = {p.fetch_id: places[p.record_id] for p in batch.raw}
    coded = tuple(dataclasses.replace(c, article=_placed(c.article, places)) for c in batch.coded)
    fetches = tuple(dataclasses.replace(f, raw_uri=by_fetch.get(f.fetch_id)) for f in batch.fetches)
    return dataclasses.replace(batch, coded=coded, fetches=fetches), files


def delete_parts(store: LakeStore, run_id: str) -> None:
    """Delete a run's parts: their records are in files now, or are of tries that were cut short."""
    for path in store.list(parts_folder(run_id)):
        store.delete(path)


@dataclasses.dataclass(frozen=True, slots=True)
class KeptArticle:
    """An article, the places of the kept pages of all its versions, and whether the newest page is
    among them.
    """

    article_id: str
    url: str
    pages: frozenset[str]
    has_newest: bool


def kept_place(uri: str) -> tuple[str, int]:
    """Return the file and the offset of a kept page; raise ArchiveError for a `raw_uri` that names
    no file of kept pages.
    """
    try:
        path, offset = parse_raw_uri(uri)
    except ValueError:
        path, offset = "", -1
    if not is_raw_file(path) or not 0 <= offset <= _MAX_OFFSET:
        raise ArchiveError(
            f"{uri[:200]!r} is not the place of a kept page of this lake; see newsbeam check",
            reason="E_ARCHIVE_DAMAGED",
        )
    return path, offset


def kept_articles(read: Reader, day: date) -> list[KeptArticle]:
    """Return the articles of a day, by id."""
    articles = _rows(read, ARTICLES, day, ("article_id", "canonical_url", "raw_uri"))
    pages = defaultdict[str, set[str]](set)
    for row in [*articles, *_rows(read, ARTICLE_VERSIONS, day, ("article_id", "raw_uri"))]:
        # A file of an older lake lacks the column.
        if row.get("raw_uri"):
            pages[row["article_id"]].add(row["raw_uri"])
    by_id = {row["article_id"]: row for row in articles}
    return [
        KeptArticle(
            article_id=article_id,
            url=row["canonical_url"],
            pages=frozenset(pages[article_id]),
            has_newest=row.get("raw_uri") is not None,
        )
        for article_id, row in sorted(by_id.items())
    ]


def _rows(read: Reader, table: Table, day: date, columns: Sequence[str]) -> list[Row]:
    data = read(path_of(table, f"day={day.isoformat()}"), columns)
    return data.to_pylist() if data is not None else []


def pages_without_article(read: Reader, day: date) -> list[tuple[str, str]]:
    """Return URL and place of each page fetched on a day that was kept and gave no article, by
    place.
    """
    rows = _rows(read, FETCHES, day, ("kind", "url", "article_id", "raw_uri"))
    found = [
        r for r in rows if r["kind"] == "article" and r["article_id"] is None and r.get("raw_uri")
    ]
    return sorted(((r["url"], r["raw_uri"]) for r in found), key=lambda page: page[1])


def _groups(parts: Sequence[RawPart]) -> Iterator[list[RawPart]]:
    group, size = list[RawPart](), 0
    for part in parts:
        if group and size + part.length > MAX_RAW_BYTES:
            yield group
            group, size = [], 0
        group.append(part)
        size += part.length
    if group:
        yield group


def _file_path(batch: Batch, parts: Sequence[RawPart]) -> str:
    """Return the path of the file of these records: the same for the same records."""
    name = stable_id(*(part.record_id for part in parts))[:16]
    day = batch.run.now.date().isoformat()
    return f"{RAW}/day={day}/{_name_of(batch.run.run_id)}-{name}.warc.gz"


def _is_written(store: LakeStore, path: str, parts: Sequence[RawPart]) -> bool:
    """Return whether an earlier try of this commit has written the file and deleted its parts."""
    if not is_there(store, path):
        return False
    part_paths = {part.path for part in parts}
    return not all(is_there(store, part_path) for part_path in part_paths)


def _joined(store: LakeStore, parts: Sequence[RawPart]) -> bytes:
    """Return the bytes of these records, in their order."""
    # By file, since opening one is a request of an object store.
    by_file: dict[str, list[RawPart]] = {}
    for part in parts:
        by_file.setdefault(part.path, []).append(part)
    records: dict[str, bytes] = {}
    for path, group in sorted(by_file.items()):
        file = store.open(path)
        if file is None:
            raise LakeError(
                f"{path} is gone, with pages of this run in it; run it again", reason="E_LAKE_RAW"
            )
        with file:
            for part in group:
                file.seek(part.offset)
                records[part.record_id] = file.read(part.length)
    return b"".join(records[part.record_id] for part in parts)


def _placed(article: Article, places: dict[str, str]) -> Article:
    return dataclasses.replace(article, raw_uri=places.get(article.raw_uri or "", article.raw_uri))


def _name_of(run_id: str) -> str:
    # A run's id of dots alone would be the name of a folder above.
    return re.sub(r"^\.|[^\w.-]", "_", run_id)[:_MAX_NAME_CHARS]
