"""The rows of the lake that a merge touches: read on demand, changed in memory, and written as new
files at the end.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.core.lake.encoding.arrow_rows import Key, Row, key_of, sort_rows, to_arrow
from transforms.core.lake.schema.schema import Table
from transforms.errors import LakeError

PART = "part-00000.parquet"
BUCKETS = tuple(f"bucket={d}" for d in "0123456789abcdef")
Reader = Callable[[str, Sequence[str] | None], pa.Table | None]
"""Reads columns (all: None) of the file at a path within the lake; None if there is no file."""
SMALL_BYTES = 2**20
"""Bytes in memory up to which a bucket's file is kept.

A judgement: a file that is dropped is read again by the next lookup, which is a request of an
object store; the 48 buckets of three tables take at most 48 MB.
"""
_At = tuple[str, str]
"""The name of a table, and a folder of it."""


def path_of(table: Table, folder: str) -> str:
    """Return the path of a table's file within the lake."""
    return f"{table.name}/{folder}/{PART}"


class Overlay:
    """Rows of the lake by table, folder and key, read on first use, with the changes made so far.

    A file of a day stays in memory until it is written, since a batch returns to its days. A
    bucket holds a sixteenth of all rows that the lake has of a table; of it, only the rows that
    were looked up stay, unless it is small.
    """

    def __init__(self, read: Reader) -> None:
        self._read = read
        self._base: dict[_At, pa.Table] = {}
        self._index: dict[_At, dict[Key, int]] = {}
        self._looked_up: dict[_At, dict[Key, Row | None]] = {}
        self._changes: dict[_At, dict[Key, Row | None]] = {}
        self._tables: dict[str, Table] = {}
        self._base_groups: dict[_At, dict[str, list[int]]] = {}
        self._changed_groups: dict[_At, dict[str, dict[Key, None]]] = {}

    def get(self, table: Table, folder: str, key: Key) -> Row | None:
        """Return a row as it is now, or None."""
        changes = self._changes.get((table.name, folder), {})
        if key in changes:
            return changes[key]
        if table.folder.kind == "bucket":
            return self._look_up(table, folder, {key})[key]
        at = self._rows_by_key(table, folder).get(key)
        return None if at is None else self._load(table, folder).slice(at, 1).to_pylist()[0]

    def prefetch(self, table: Table, rows: Iterable[Row]) -> None:
        """Read the rows with the keys of these rows from a table of buckets, each bucket once, so
        that `get` finds them in memory.
        """
        keys_by_folder: dict[str, set[Key]] = {}
        for row in rows:
            keys_by_folder.setdefault(table.folder.name(row), set()).add(key_of(table, row))
        for folder, keys in sorted(keys_by_folder.items()):
            self._look_up(table, folder, keys)

    def put(self, table: Table, row: Row) -> None:
        """Write a row to its folder."""
        self._change(table, table.folder.name(row), key_of(table, row), row)

    def delete(self, table: Table, folder: str, key: Key) -> None:
        """Delete a row."""
        self._change(table, folder, key, None)

    def move(self, table: Table, old: Row | None, new: Row) -> None:
        """Write a row; if its folder has changed, delete it from the old one."""
        if old is not None and table.folder.name(old) != table.folder.name(new):
            self.delete(table, table.folder.name(old), key_of(table, old))
        self.put(table, new)

    def scan(self, table: Table, folder: str, columns: Sequence[str]) -> Iterator[Row]:
        """Yield these columns of each row of a folder as it is now."""
        names = tuple(dict.fromkeys([*table.key, *columns]))
        changes = self._changes.get((table.name, folder), {})
        for row in self._part(table, folder, names).to_pylist():
            if key_of(table, row) not in changes:
                yield row
        for changed in changes.values():
            if changed is not None:
                yield {c: changed[c] for c in names}

    def where(self, table: Table, folder: str, column: str, values: Iterable[Any]) -> list[Row]:
        """Return the whole rows of a folder whose column has one of the values."""
        return self._matching(table, folder, self._load(table, folder), column, set(values))

    def find(
        self, table: Table, folder: str, column: str, values: set[Any], columns: Sequence[str]
    ) -> list[Row]:
        """Return these columns of the rows of a folder whose column has one of the values, without
        reading the other columns.
        """
        names = tuple(dict.fromkeys([*table.key, column, *columns]))
        found = self._matching(table, folder, self._part(table, folder, names), column, values)
        return [_with_columns(row, names) for row in found]

    def of_article(self, table: Table, folder: str, article_id: str) -> list[Row]:
        """Return the whole rows of a folder that belong to an article."""
        at = table.name, folder
        changes = self._changes.get(at, {})
        numbers = self._groups(table, folder).get(article_id, [])
        base = self._load(table, folder).take(numbers).to_pylist() if numbers else []
        rows = [r for r in base if key_of(table, r) not in changes]
        for key in self._changed_groups.get(at, {}).get(article_id, {}):
            row = changes[key]
            if row is not None and row["article_id"] == article_id:
                rows.append(row)
        return rows

    def now(self, table: Table, folder: str, columns: Sequence[str]) -> pa.Table:
        """Return these columns of a folder as it is now, in no order."""
        names = tuple(dict.fromkeys([*table.key, *columns]))
        base = self._part(table, folder, names)
        changes = self._changes.get((table.name, folder), {})
        return _with_changes(table, base, changes).select(list(columns))

    def files(self) -> Iterator[tuple[Table, str, pa.Table]]:
        """Yield table, folder and new content of each file whose content has changed, in the order
        of their paths.
        """
        for (name, folder), changes in sorted(self._changes.items()):
            table = self._tables[name]
            base = self._load(table, folder)
            # Released one by one: the old and new content of all files would take twice the memory.
            for cache in (self._base, self._index, self._base_groups):
                cache.pop((name, folder), None)
            content = sort_rows(table, _with_changes(table, base, changes))
            if not content.equals(base.combine_chunks()):
                yield table, folder, content

    def changed(self, table: Table) -> Iterator[tuple[Row | None, Row | None]]:
        """Yield each changed row, before (None: it is added) and after (None: it is deleted)."""
        before: dict[Key, Row] = {}
        now: dict[Key, Row] = {}
        for (name, folder), changes in sorted(self._changes.items()):
            if name == table.name:
                before |= _rows_at(
                    table, self._part(table, folder, table.schema.names), changes.keys()
                )
                now |= {k: row for k, row in changes.items() if row is not None}
        for key in sorted(before.keys() | now.keys()):
            if before.get(key) != now.get(key):
                yield before.get(key), now.get(key)

    def count_new(self, table: Table) -> int:
        """Return how many rows more the table has now; negative if it has fewer."""
        total = 0
        for (name, folder), changes in self._changes.items():
            if name == table.name:
                before = _positions(table, self._part(table, folder, table.key), changes.keys())
                total += sum((row is not None) - (key in before) for key, row in changes.items())
        return total

    def _matching(
        self, table: Table, folder: str, base: pa.Table, column: str, values: set[Any]
    ) -> list[Row]:
        """Return the rows of a base whose column has one of the values, and such changed rows,
        with all their columns.
        """
        found = base.filter(
            pc.is_in(base[column], pa.array(sorted(values), base.schema.field(column).type))
        )
        changes = self._changes.get((table.name, folder), {})
        rows = [r for r in found.to_pylist() if key_of(table, r) not in changes]
        return rows + [r for r in changes.values() if r is not None and r[column] in values]

    def _part(self, table: Table, folder: str, names: Sequence[str]) -> pa.Table:
        """Return some columns of a file; only these are read if the file is not in memory."""
        data = self._base.get((table.name, folder))
        if data is None:
            data = self._read(path_of(table, folder), names)
        return _conform(table, data, names)

    def _change(self, table: Table, folder: str, key: Key, row: Row | None) -> None:
        self._tables[table.name] = table
        at = table.name, folder
        self._changes.setdefault(at, {})[key] = row
        if row is not None and "article_id" in row:
            # A dict for a set of keys, since it keeps their order.
            groups = self._changed_groups.setdefault(at, {})
            groups.setdefault(row["article_id"], {})[key] = None

    def _load(self, table: Table, folder: str) -> pa.Table:
        at = table.name, folder
        if at in self._base:
            return self._base[at]
        data = _conform(table, self._read(path_of(table, folder), None), table.schema.names)
        if table.folder.kind != "bucket" or data.nbytes <= SMALL_BYTES:
            self._base[at] = data
        return data

    def _look_up(self, table: Table, folder: str, keys: set[Key]) -> dict[Key, Row | None]:
        """Return the rows of a bucket that were looked up so far, including those with these keys;
        None for a key without a row.
        """
        known = self._looked_up.setdefault((table.name, folder), {})
        new = keys - known.keys()
        if new:
            found = _rows_at(table, self._load(table, folder), new)
            known |= {key: found.get(key) for key in new}
        return known

    def _groups(self, table: Table, folder: str) -> dict[str, list[int]]:
        at = table.name, folder
        if at not in self._base_groups:
            groups: dict[str, list[int]] = {}
            article_ids = self._load(table, folder)["article_id"].to_pylist()
            for number, article_id in enumerate(article_ids):
                groups.setdefault(article_id, []).append(number)
            self._base_groups[at] = groups
        return self._base_groups[at]

    def _rows_by_key(self, table: Table, folder: str) -> dict[Key, int]:
        at = table.name, folder
        if at not in self._index:
            rows = self._load(table, folder).select(list(table.key)).to_pylist()
            self._index[at] = {key_of(table, r): n for n, r in enumerate(rows)}
        return self._index[at]


def _conform(table: Table, data: pa.Table | None, names: Sequence[str]) -> pa.Table:
    """Return the named columns; a nullable one that an older file lacks is null."""
    fields = [table.schema.field(n) for n in names]
    if data is None:
        return pa.schema(fields).empty_table()
    missing = [f for f in fields if f.name not in data.schema.names]
    never_null = [f.name for f in missing if not f.nullable]
    if never_null:
        raise LakeError(
            f"a file of {table.name} lacks the column {never_null[0]}; restore the file, or "
            "rebuild the lake",
            reason="E_LAKE_DAMAGED",
        )
    for field in missing:
        data = data.append_column(field, pa.nulls(data.num_rows, field.type))
    return data.select(list(names))


def _with_changes(table: Table, base: pa.Table, changes: Mapping[Key, Row | None]) -> pa.Table:
    """Return the columns of a base with its rows changed, in no order."""
    is_kept = np.ones(base.num_rows, np.bool_)
    is_kept[list(_positions(table, base, changes.keys()).values())] = False
    added = to_arrow(table, (r for r in changes.values() if r is not None))
    added = added.select(base.schema.names)
    return pa.concat_tables([base.filter(pa.array(is_kept)).cast(added.schema), added])


def _with_columns(row: Row, names: Sequence[str]) -> Row:
    return {name: row[name] for name in names}


def _rows_at(table: Table, base: pa.Table, keys: Set[Key]) -> dict[Key, Row]:
    """Return the rows of a base that have one of the keys."""
    at = _positions(table, base, keys)
    return dict(zip(at, base.take(list(at.values())).to_pylist(), strict=True)) if at else {}


def _positions(table: Table, base: pa.Table, keys: Set[Key]) -> dict[Key, int]:
    """Return the positions of the rows of a base that have one of the keys, by key."""
    if not base.num_rows:
        return {}
    # Arrow finds the rows by the last column of the key, which is nearly unique; only those
    # become Python objects.
    last = base[table.key[-1]]
    numbers = pc.indices_nonzero(
        pc.is_in(last, pa.array(sorted({key[-1] for key in keys}), last.type))
    )
    rows = base.select(list(table.key)).take(numbers).to_pylist()
    found = {key_of(table, row): n for row, n in zip(rows, numbers.to_pylist(), strict=True)}
    return {key: n for key, n in found.items() if key in keys}
