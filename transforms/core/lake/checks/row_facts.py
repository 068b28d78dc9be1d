"""What the checks across files need of each row, as arrays: about 100 bytes a row, whatever the
length of its texts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.core.lake.checks.arrays import (
    Hashes,
    Index,
    Numbers,
    hashes,
    mask_of,
    numbers,
    owners,
    row_hashes,
)
from transforms.core.lake.checks.file_tree import LakeFile, Snapshot
from transforms.core.lake.checks.findings import Finding, Ledger
from transforms.core.lake.checks.parquet_files import RowBatch, key_at
from transforms.core.lake.encoding.to_rows import content_sha256
from transforms.core.lake.schema.schema import Table
from transforms.core.lake.schema.tables import STAMPED

# Columns that an event always copies from its canonical mention. The others may be filled from
# another mention if the canonical one lacks them.
_CODED = (
    "type",
    "mode",
    "quad",
    "score",
    "modality",
    "claimant",
    "via",
    "actor_name",
    "actor_country",
    "confidence",
    "rule",
    "coder_version",
    "evidence",
    "evidence_field",
    "evidence_start",
    "evidence_end",
    "trigger",
    "trigger_start",
    "trigger_end",
)
_HASHED: dict[str, tuple[str, ...]] = {
    "articles": (
        "story_id",
        "source_domain",
        "duplicate_of",
        "duplicate_kind",
        "body_sha256",
        "run_id",
        "updated_run_id",
    ),
    "article_versions": ("article_id", "content_sha256", "run_id", "updated_run_id"),
    "event_mentions": (
        "event_id",
        "article_id",
        "source_domain",
        "origin",
        "modality",
        "body_sha256",
        "run_id",
        "updated_run_id",
    ),
    "sightings": ("article_id",),
    "fetches": ("article_id", "run_id"),
    "rejects": ("run_id",),
    "events": ("canonical_mention_id", "story_id", "modality", "run_id", "updated_run_id"),
    "stories": ("first_article_id", "run_id", "updated_run_id"),
    "deleted_rows": ("table_name", "replaced_by", "deleted_run_id"),
    "feeds": ("run_id",),
}
_COUNTS = ("mention_count", "article_count", "source_count", "origin_count")
_NUMBERED: dict[str, tuple[str, ...]] = {
    "articles": (
        "published_date",
        "first_seen_at",
        "seen_at",
        "version",
        "event_count",
        "updated_at",
    ),
    "article_versions": ("published_date", "seen_at", "version", "updated_at"),
    "event_mentions": ("published_date", "published_at", "seen_at", "updated_at"),
    "sightings": ("published_date", "first_seen_at"),
    "events": (*_COUNTS, "first_published_at", "last_published_at", "updated_at"),
    "stories": (
        "article_count",
        "source_count",
        "event_count",
        "first_at",
        "last_at",
        "updated_at",
    ),
    "deleted_rows": ("deleted_at",),
}
_DERIVED: dict[str, dict[str, Callable[[RowBatch], npt.NDArray[np.generic]]]] = {
    "articles": {
        "at": lambda b: numbers(pc.coalesce(b.data["published_at"], b.data["first_seen_at"])),
        "content": lambda b: _content(b),
        "headline": lambda b: row_hashes(b.data, ("title", "canonical_url", "story_id")),
    },
    "article_versions": {"rank": lambda b: _leading(b)},
    "event_mentions": {"coded": lambda b: row_hashes(b.data, _CODED)},
    "events": {
        "coded": lambda b: row_hashes(b.data, _CODED),
        "headline": lambda b: row_hashes(b.data, ("headline", "sample_url", "story_id")),
    },
    "deleted_rows": {"target": lambda b: _deleted_keys(b)},
}
_LISTED = {
    "articles": ("feed_ids", None),
    "sightings": ("feed_ids", None),
    "events": ("filled_from", "mention_id"),
}
"""A column of lists whose elements are kept, and the field of its structs, None for texts."""


@dataclass(frozen=True, slots=True)
class Elements:
    """The elements of a column of lists: the row that each is in, and its hash."""

    owner: Numbers
    value: Hashes


class Facts:
    """What is kept of a table's rows; `add` all batches before reading."""

    def __init__(self, table: Table, snapshot: Snapshot) -> None:
        self.table = table
        self._snapshot = snapshot
        self._files: list[LakeFile] = []
        self._parts: dict[str, list[npt.NDArray[np.generic]]] = {}
        self._joined: dict[str, npt.NDArray[np.generic]] = {}
        self._index: Index | None = None
        self._size = 0

    def add(self, batch: RowBatch) -> None:
        """Keep what is needed of these rows."""
        name = self.table.name
        if not self._files or self._files[-1] is not batch.file:
            self._files.append(batch.file)
        self._put("file", np.full(batch.data.num_rows, len(self._files) - 1, np.int32))
        self._put("row", batch.rows.astype(np.int32))
        self._put("key", row_hashes(batch.data, self.table.key))
        for column in _HASHED.get(name, ()):
            self._put(column, hashes(batch.data[column]))
        for column in _NUMBERED.get(name, ()):
            self._put(column, numbers(batch.data[column]))
        for derived, compute in _DERIVED.get(name, {}).items():
            self._put(derived, compute(batch))
        if name in _LISTED:
            self._add_list(batch, *_LISTED[name])
        self._size += batch.data.num_rows

    def _add_list(self, batch: RowBatch, column: str, field: str | None) -> None:
        values = pc.list_flatten(batch.data[column].combine_chunks())
        self._put("owner", owners(batch.data[column]) + self._size)
        self._put("element", hashes(pc.struct_field(values, field) if field else values))

    def _put(self, name: str, part: npt.NDArray[np.generic]) -> None:
        self._parts.setdefault(name, []).append(part)

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._size

    def hashed(self, name: str) -> Hashes:
        """Return the hashes of a column, 0 for null."""
        return self._column(name).astype(np.uint64, copy=False)

    def numbers(self, name: str) -> Numbers:
        """Return the numbers of a column, UNKNOWN for null."""
        return self._column(name).astype(np.int64, copy=False)

    def elements(self) -> Elements:
        """Return the elements of the column of lists that is kept of this table."""
        return Elements(self.numbers("owner"), self.hashed("element"))

    def find(self, keys: Hashes) -> Numbers:
        """Return the row of each key, -1 if there is none."""
        self._index = self._index or Index(self.hashed("key"))
        return self._index.find(keys)

    def _column(self, name: str) -> npt.NDArray[np.generic]:
        if name not in self._joined:
            parts = self._parts.pop(name, [])
            self._joined[name] = np.concatenate(parts) if parts else np.zeros(0, np.uint64)
        return self._joined[name]

    def report(
        self, ledger: Ledger, check: str, wrong: Sequence[int] | Numbers, message: str
    ) -> None:
        """Add a finding for each of these rows."""
        ledger.add_all(check, wrong, lambda row: self._finding(check, row, message))

    def _finding(self, check: str, row: int, message: str) -> Finding:
        file, at = self._files[self.numbers("file")[row]], int(self.numbers("row")[row])
        key = "/".join(map(str, key_at(self._snapshot, file, [at])[at]))
        return Finding(check=check, table=self.table.name, path=file.path, key=key, message=message)


def _content(batch: RowBatch) -> Hashes:
    """Return the hashes of the `content_sha256` that a version with the row's text has."""
    rows = batch.data.select(["title", "body"]).to_pylist()
    return hashes(pa.array([content_sha256(row) for row in rows], pa.string()))


def _deleted_keys(batch: RowBatch) -> Hashes:
    """Return the hashes of the keys that the rows had in their tables."""
    found = hashes(batch.data["row_key"])
    for table in STAMPED:
        rows = np.flatnonzero(mask_of(pc.equal(batch.data["table_name"], table.name)))
        if len(table.key) > 1 and len(rows):
            keys = batch.data["row_key"].take(pa.array(rows)).to_pylist()
            parts = zip(*(_parts(key, len(table.key)) for key in keys), strict=True)
            columns = dict(zip(table.key, map(list, parts), strict=True))
            found[rows] = row_hashes(pa.table(columns), table.key)
    return found


def _parts(key: str, count: int) -> list[str]:
    """Return the parts of a key of several columns; those that it lacks are empty."""
    parts = key.split("/", count - 1)
    return parts + [""] * (count - len(parts))


def _leading(batch: RowBatch) -> Hashes:
    """Return the first 64 bits of each content hash, by which versions of one time are ranked."""
    return np.fromiter(
        (_leading_bits(text) for text in batch.data["content_sha256"].to_pylist()),
        np.uint64,
        batch.data.num_rows,
    )


def _leading_bits(text: str) -> int:
    try:
        return int(text[:16], 16)
    except ValueError:
        return 0
