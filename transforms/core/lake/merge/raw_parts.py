"""The pages that a lake keeps as they were fetched: WARC files under `_raw/`, one or more a commit.

Workers write records as they come; the commit copies them into files in the order of their ids, so
that a run that was cut short and run again ends in the same bytes.
"""

import dataclasses
import re
from collections.abc import Iterator, Sequence
from datetime import date

from transforms.core.archives.page_to_warc import raw_uri
from transforms.core.ids import stable_id
from transforms.core.lake.encoding.arrow_rows import Row
from transforms.core.lake.log.commit_file import NewFile
from transforms.core.lake.log.store import LakeStore, is_there
from transforms.core.lake.merge.overlay import Reader, path_of
from transforms.core.lake.schema.schema import Table
from transforms.core.lake.schema.tables import ARTICLE_VERSIONS, ARTICLES, FETCHES
from transforms.errors import LakeError
from transforms.records import Article, Batch, RawPart

RAW = "_raw"
MAX_RAW_BYTES = 64 * 2**20
"""Bytes of one file, unless a single record is longer."""


def parts_folder(run_id: str) -> str:
    """Return the folder in which a run's records wait for their commit."""
    return f"{RAW}/_parts/{_name_of(run_id)}"


def place_raw_pages(store: LakeStore, batch: Batch) -> tuple[Batch, list[NewFile]]:
    """Return the slice with the `raw_uri` (file, record, offset) of articles and requests, and the
    files of records.
    """
    if not batch.raw:
        return batch, []
    files, places = [], dict[str, str]()
    for group in _groups(
        sorted({p.record_id: p for p in batch.raw}.values(), key=lambda p: p.record_id)
    ):
        name = stable_id(*(p.record_id for p in group))[:16]
        day = batch.run.now.date().isoformat()
        path = f"{RAW}/day={day}/{_name_of(batch.run.run_id)}-{name}.warc.gz"
        offset = 0
        for part in group:
            places[part.record_id] = raw_uri(path, part.record_id, offset)
            offset += part.length
        if not _is_settled(store, path, group):
            files.append(NewFile(path, _joined(store, group), len(group)))
    by_fetch = {p.fetch_id: places[p.record_id] for p in batch.raw}
    coded = tuple(dataclasses.replace(c, article=_placed(c.article, places)) for c in batch.coded)
    fetches = tuple(dataclasses.replace(f, raw_uri=by_fetch.get(f.fetch_id)) for f in batch.fetches)
    return dataclasses.replace(batch, coded=coded, fetches=fetches), files


def delete_parts(store: LakeStore, run_id: str) -> None:
    """Delete the records of a run that are in files by now, and those of tries that were cut
    short."""
    for path in store.list(parts_folder(run_id)):
        store.delete(path)


@dataclasses.dataclass(frozen=True, slots=True)
class KeptArticle:
    """An article, where its pages are kept, of all its versions, and whether the newest is among
    them.
    """

    article_id: str
    url: str
    pages: frozenset[str]
    has_newest: bool


def kept_articles(read: Reader, day: date) -> list[KeptArticle]:
    """Return the articles of a day, by id."""
    articles = _rows(read, ARTICLES, day, ("article_id", "canonical_url", "raw_uri"))
    pages: dict[str, set[str]] = {}
    for row in [*articles, *_rows(read, ARTICLE_VERSIONS, day, ("article_id", "raw_uri"))]:
        pages.setdefault(row["article_id"], set()).update(filter(None, [row.get("raw_uri")]))
    return [
        KeptArticle(i, row["canonical_url"], frozenset(pages[i]), row.get("raw_uri") is not None)
        for i, row in sorted({row["article_id"]: row for row in articles}.items())
    ]


def _rows(read: Reader, table: Table, day: date, columns: Sequence[str]) -> list[Row]:
    data = read(path_of(table, f"day={day.isoformat()}"), columns)
    return data.to_pylist() if data is not None else []


def unread(read: Reader, day: date) -> list[tuple[str, str]]:
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


def _is_settled(store: LakeStore, path: str, parts: Sequence[RawPart]) -> bool:
    """Tell whether an earlier try of this commit has put the records in their file and swept where
    they waited.
    """
    return is_there(store, path) and not all(
        is_there(store, waiting) for waiting in {p.path for p in parts}
    )


def _joined(store: LakeStore, parts: Sequence[RawPart]) -> bytes:
    """Return the bytes of these records, each file of parts opened once."""
    found: dict[str, bytes] = {}
    for path in sorted({p.path for p in parts}):
        file = store.open(path)
        if file is None:
            raise LakeError(
                f"{path} is gone, with pages of this run in it; run it again", reason="E_LAKE_RAW"
            )
        with file:
            for part in (p for p in parts if p.path == path):
                file.seek(part.offset)
                found[part.record_id] = file.read(part.length)
    return b"".join(found[p.record_id] for p in parts)


def _placed(article: Article, places: dict[str, str]) -> Article:
    return dataclasses.replace(article, raw_uri=places.get(article.raw_uri or "", article.raw_uri))


def _name_of(run_id: str) -> str:
    return re.sub(r"[^\w.-]", "_", run_id)[:80]
