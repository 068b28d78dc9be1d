"""Is what was read from a text still true of it: hashes, counts, and each offset of a mention?"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.core.archives.page_to_warc import parse_raw_uri
from transforms.core.ids import text_sha256
from transforms.core.lake.checks.file_tree import LakeFile, Snapshot
from transforms.core.lake.checks.findings import Ledger
from transforms.core.lake.checks.parquet_files import RowBatch, batches
from transforms.core.lake.encoding.arrow_rows import Row
from transforms.core.lake.encoding.to_rows import content_sha256
from transforms.core.stories.fingerprint import fingerprint, words_of

PRINTED = 1_000
"""Articles whose fingerprint is worked out anew, evenly spread over the lake: it takes a
millisecond each.
"""
_OFFSETS = (
    *("mention_id", "article_id", "evidence", "evidence_field", "evidence_start", "evidence_end"),
    *(
        "trigger",
        "trigger_start",
        "trigger_end",
        "cue",
        "cue_start",
        "cue_end",
        "actor",
        "recipient",
    ),
)
_SPANS = ("evidence", "trigger", "cue")


def check_hashes(batch: RowBatch, every: int, ledger: Ledger) -> None:
    """Check hashes and counts of the texts of articles or versions.

    The fingerprint of one article in `every`.
    """
    names = ("title", "body", "body_sha256")
    more = ("word_count", "fingerprint") if batch.table.name == "articles" else ("content_sha256",)
    rows = batch.data.select([*names, *more]).to_pylist()
    for number, row in enumerate(rows):
        wrong = list(_wrong_in(row, with_print=batch.rows[number] % every == 0))
        for said in wrong:
            ledger.add_all("C_TEXT_HASH", [number], partial(batch.finding, "C_TEXT_HASH", said))


def _wrong_in(row: Row, *, with_print: bool) -> Iterator[str]:
    body = row["body"]
    if row["body_sha256"] != (text_sha256(body) if body else None):
        yield "body_sha256 is not the hash of body"
    if "content_sha256" in row and row["content_sha256"] != content_sha256(row):
        yield "content_sha256 is not the hash of title and body"
    if "word_count" in row and row["word_count"] != (len(body.split()) if body else 0):
        yield "word_count is not the number of words of body"
    if "fingerprint" in row and with_print:
        expected = fingerprint(body) if body and words_of(body) else None
        if row["fingerprint"] != expected:
            yield "fingerprint is not that of body"


def check_raw(batch: RowBatch, raw: Mapping[str, int], ledger: Ledger) -> None:
    """Check that a raw_uri names a place within one of the files of kept pages, whose sizes are
    given.
    """
    for number, uri in enumerate(batch.data["raw_uri"].to_pylist()):
        said = _wrong_place(uri, raw) if uri else None
        if said is not None:
            ledger.add_all("C_RAW", [number], partial(batch.finding, "C_RAW", said))


def _wrong_place(uri: str, raw: Mapping[str, int]) -> str | None:
    """Return what is wrong with where a page is said to be kept, None where nothing is."""
    try:
        file, offset = parse_raw_uri(uri)
    except ValueError:
        return f"{uri!r} names no record"
    if file not in raw:
        return f"the lake has no file {file}"
    return None if 0 <= offset < raw[file] else f"{file} ends before byte {offset}"


def check_offsets(
    snapshot: Snapshot, mentions: LakeFile, articles: LakeFile, ledger: Ledger
) -> None:
    """Check that each mention's evidence, trigger, cue and actors are those substrings of its
    article of that day.
    """
    told = [b.data for b in batches(snapshot, mentions, ledger, _OFFSETS)]
    if not told:
        return
    data = pa.concat_tables(told).combine_chunks()
    texts = [b.data for b in batches(snapshot, articles, ledger, ("article_id",))]
    ids = pa.concat_tables(texts)["article_id"] if texts else pa.chunked_array([], pa.string())
    at = np.asarray(
        pc.fill_null(pc.index_in(data["article_id"], ids.combine_chunks()), -1), np.int64
    )
    order = np.argsort(at, kind="stable")
    done = 0
    for batch in batches(snapshot, articles, ledger, ("article_id", "title", "body")):
        here = _between(order, at, done, done + batch.data.num_rows)
        rows = batch.data.to_pylist()
        for mention, number in zip(data.take(here).to_pylist(), at[here], strict=True):
            _check_mention(mention, rows[number - done], mentions, ledger)
        done += batch.data.num_rows


def _between(
    order: npt.NDArray[np.intp], at: npt.NDArray[np.int64], low: int, high: int
) -> npt.NDArray[np.intp]:
    first, last = np.searchsorted(at[order], [low, high])
    return order[first:last]


def _check_mention(mention: Row, article: Row, file: LakeFile, ledger: Ledger) -> None:
    text = (article["title"] if mention["evidence_field"] == "title" else article["body"]) or ""
    for said in _misplaced(mention, text):
        message = f"{said} is not at its offsets in the article's {mention['evidence_field']}"
        key = str(mention["mention_id"])
        ledger.add("C_OFFSET", message, table=file.table.name, path=file.path, key=key)


def _misplaced(mention: Row, text: str) -> Iterator[str]:
    for name in _SPANS:
        if not _is_at(text, mention[name], mention[f"{name}_start"], mention[f"{name}_end"]):
            yield name
    for role in ("actor", "recipient"):
        for one in mention[role]:
            unplaced = one["start"] is None and one["end"] is None
            if not unplaced and not _is_at(text, one["text"], one["start"], one["end"]):
                yield f"{role} {one['text']!r}"


def _is_at(text: str, part: str | None, start: Any, end: Any) -> bool:
    if part is None:
        return start is None and end is None
    return start is not None and end is not None and 0 <= start < end and text[start:end] == part
