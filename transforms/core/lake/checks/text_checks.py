"""Check what follows from an article's text: hashes, word counts, and the offsets of mentions."""

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

SAMPLED_ARTICLES = 1_000
"""Articles whose fingerprint is computed again, evenly spread over the lake: it takes a millisecond
each, so a second in all; all articles of a lake of ten million would take hours.
"""
_OFFSET_COLUMNS = (
    "mention_id",
    "article_id",
    "evidence",
    "evidence_field",
    "evidence_start",
    "evidence_end",
    "trigger",
    "trigger_start",
    "trigger_end",
    "cue",
    "cue_start",
    "cue_end",
    "actor",
    "recipient",
)
_SPANS = ("evidence", "trigger", "cue")


def check_hashes(batch: RowBatch, every: int, ledger: Ledger) -> None:
    """Check hashes and counts of the texts of articles or versions, and the fingerprint of one
    article in `every`.
    """
    is_article = batch.table.name == "articles"
    names = ("word_count", "fingerprint") if is_article else ("content_sha256",)
    rows = batch.data.select(["title", "body", "body_sha256", *names]).to_pylist()
    for number, row in enumerate(rows):
        expected = _expected_of_text(row["body"])
        if not is_article:
            expected["content_sha256"] = content_sha256(row)
        elif batch.rows[number] % every == 0:
            expected["fingerprint"] = _fingerprint(row["body"])
        wrong = [name for name, value in expected.items() if row.get(name, value) != value]
        for name in wrong:
            describe = partial(batch.finding, "C_TEXT_HASH", f"{name} is not that of the text")
            ledger.add_all("C_TEXT_HASH", [number], describe)


def _expected_of_text(body: str | None) -> dict[str, str | int | None]:
    if not body:
        return {"body_sha256": None, "word_count": 0}
    return {"body_sha256": text_sha256(body), "word_count": len(body.split())}


def _fingerprint(body: str | None) -> int | None:
    return fingerprint(body) if body and words_of(body) else None


def check_raw(batch: RowBatch, raw: Mapping[str, int], ledger: Ledger) -> None:
    """Check that a raw_uri names a place within one of the files of kept pages, whose sizes are
    given.
    """
    for number, uri in enumerate(batch.data["raw_uri"].to_pylist()):
        message = _raw_uri_error(uri, raw) if uri else None
        if message is not None:
            ledger.add_all("C_RAW", [number], partial(batch.finding, "C_RAW", message))


def _raw_uri_error(uri: str, raw: Mapping[str, int]) -> str | None:
    """Return what is wrong with the place of a kept page, None if nothing is."""
    try:
        file, offset = parse_raw_uri(uri)
    except ValueError:
        return f"{uri!r} does not name a record"
    if file not in raw:
        return f"the lake has no file {file}"
    return None if 0 <= offset < raw[file] else f"{file} ends before byte {offset}"


def check_offsets(
    snapshot: Snapshot, mentions: LakeFile, articles: LakeFile, ledger: Ledger
) -> None:
    """Check that each mention's evidence, trigger, cue and actors are at their offsets in the text
    of its article, of the same day.
    """
    parts = [b.data for b in batches(snapshot, mentions, ledger, _OFFSET_COLUMNS)]
    if not parts:
        return
    data = pa.concat_tables(parts).combine_chunks()
    texts = [b.data for b in batches(snapshot, articles, ledger, ("article_id",))]
    ids = pa.concat_tables(texts)["article_id"] if texts else pa.chunked_array([], pa.string())
    at = np.asarray(
        pc.fill_null(pc.index_in(data["article_id"], ids.combine_chunks()), -1), np.int64
    )
    # Mentions sorted by the position of their article, so that its text is read once, in a batch.
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
    for span in _misplaced(mention, text):
        message = f"{span} is not at its offsets in the article's {mention['evidence_field']}"
        key = str(mention["mention_id"])
        ledger.add("C_OFFSET", message, table=file.table.name, path=file.path, key=key)


def _misplaced(mention: Row, text: str) -> Iterator[str]:
    for name in _SPANS:
        if not _is_at(text, mention[name], mention[f"{name}_start"], mention[f"{name}_end"]):
            yield name
    for role in ("actor", "recipient"):
        for party in mention[role]:
            # A party that the evidence does not name has no offsets.
            if party["start"] is None and party["end"] is None:
                continue
            if not _is_at(text, party["text"], party["start"], party["end"]):
                yield f"{role} {party['text']!r}"


def _is_at(text: str, part: str | None, start: Any, end: Any) -> bool:
    if part is None:
        return start is None and end is None
    if start is None or end is None:
        return False
    return 0 <= start < end and text[start:end] == part
