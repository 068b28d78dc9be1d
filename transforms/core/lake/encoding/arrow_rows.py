"""Rows as Arrow tables and as the bytes of Parquet files, and the hash of a row's content.

A row is a dict from column names to the values that Arrow returns. Rows are internal to the lake:
other stages use records.
"""

import io
import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from transforms.core.ids import text_sha256
from transforms.core.lake.schema.schema import Table

Row = dict[str, Any]
Key = tuple[Any, ...]
_ROW_GROUP_ROWS = 50_000
"""Days and buckets of a usual lake have fewer rows, so a file is one row group; of a larger file,
readers that filter skip groups, and none holds all of it in memory."""
_ZSTD_LEVEL = 3
"""zstd's own default."""
# A run that finds the same content does not make a new version of the row.
_PROVENANCE = {"run_id", "pipeline_version", "ingested_at", "snapshot_at"}


def key_of(table: Table, row: Row) -> Key:
    """Return the key of a row."""
    return tuple(row[c] for c in table.key)


def to_arrow(table: Table, rows: Iterable[Row]) -> pa.Table:
    """Return the rows as an Arrow table of exactly the table's schema.

    Lone surrogates, which UTF-8 cannot hold, are replaced.
    """
    listed = list(rows)
    try:
        # Most rows have no lone surrogates: texts are searched for them only if Arrow fails.
        return pa.Table.from_pylist(listed, schema=table.schema)
    except UnicodeEncodeError:
        return pa.Table.from_pylist([_encodable(row) for row in listed], schema=table.schema)


def as_stored(table: Table, rows: Iterable[Row]) -> list[Row]:
    """Return the rows as read back from a file: single floats rounded, absent columns null."""
    return list(to_arrow(table, rows).to_pylist())


def _encodable(value: Any) -> Any:
    """Return a value whose texts, nested ones too, can be written as UTF-8."""
    if isinstance(value, str):
        return value.encode("utf8", "replace").decode("utf8")
    if isinstance(value, dict):
        return {k: _encodable(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(v) for v in value]
    return value


def sort_rows(table: Table, data: pa.Table) -> pa.Table:
    """Return the rows in the table's order."""
    return data.sort_by([(c, "ascending") for c in table.sort]).combine_chunks()


def to_parquet(data: pa.Table) -> bytes:
    """Return the bytes of the Parquet file: the same for the same rows."""
    sink = io.BytesIO()
    pq.write_table(
        data,
        sink,
        compression="zstd",
        compression_level=_ZSTD_LEVEL,
        row_group_size=_ROW_GROUP_ROWS,
    )
    return sink.getvalue()


def content_hash(table: Table, row: Row) -> str:
    """Return the hash of a row's content: its columns without provenance, derived columns and those
    with a merge rule of their own.
    """
    left_out = _PROVENANCE | table.derived | table.ruled
    content = {k: row[k] for k in table.schema.names if k not in left_out}
    return text_sha256(json.dumps(content, sort_keys=True, default=_iso))


def _iso(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value)} has no canonical form")
