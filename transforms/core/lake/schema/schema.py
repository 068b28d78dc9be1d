"""How a table of the lake is declared: columns with types, descriptions and field ids, and the
table's key, folder and order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa

from transforms.core.ids import stable_id

I16, I32, I64, F32, F64 = pa.int16(), pa.int32(), pa.int64(), pa.float32(), pa.float64()
STRING, BOOL, DATE = pa.string(), pa.bool_(), pa.date32()
TIME = pa.timestamp("us", tz="UTC")
# Field ids of nested fields begin at the column's id times this: no column has as many of them.
_NESTED_IDS = 1000


@dataclass(frozen=True, slots=True)
class Column:
    """A column; in a `required` one a null is a bug."""

    name: str
    type: pa.DataType
    description: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder of a row: `day` of a date column, `bucket` of a hash column's first digit, or
    `all`.
    """

    kind: Literal["day", "bucket", "all"]
    column: str | None = None
    hash_first: bool = False
    """For `bucket`: the column is not a hash, so its hash is taken."""

    def name(self, row: Mapping[str, Any]) -> str:
        """Return the folder that a row belongs to."""
        if self.column is None:
            return "all=0"
        value = row[self.column]
        if self.kind == "day":
            return f"day={value.isoformat()}"
        return f"bucket={(stable_id(value) if self.hash_first else value)[0]}"

    @property
    def placeholder(self) -> str:
        """The folder of the file without rows that every table starts with, so that a glob always
        matches.
        """
        return {"day": "day=1970-01-01", "bucket": "bucket=0", "all": "all=0"}[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table: one row per key, in one folder, in the order of `sort`, which ends in the key."""

    name: str
    schema: pa.Schema
    key: tuple[str, ...]
    folder: Folder
    sort: tuple[str, ...]
    newest: str | None = None
    """The time column by which the newest of two versions of a row wins."""
    derived: frozenset[str] = frozenset()
    """Columns computed after the merge; not part of a row's content."""
    ruled: frozenset[str] = frozenset()
    """Columns with a merge rule of their own; not part of a row's content."""


def column(name: str, kind: pa.DataType, description: str) -> Column:
    """Return a column that may be null."""
    return Column(name, kind, description)


def required(name: str, kind: pa.DataType, description: str) -> Column:
    """Return a column in which a null is a bug."""
    return Column(name, kind, description, required=True)


def strings(name: str, description: str) -> Column:
    """Return a column of lists of strings, empty rather than null."""
    return Column(
        name, pa.list_(pa.field("element", STRING, nullable=False)), description, required=True
    )


def structs(name: str, description: str, *fields: Column) -> Column:
    """Return a column of lists of structs, empty rather than null."""
    inner = pa.struct(
        [pa.field(f.name, f.type, not f.required, {"description": f.description}) for f in fields]
    )
    return Column(
        name, pa.list_(pa.field("element", inner, nullable=False)), description, required=True
    )


def make_table(
    name: str,
    columns: tuple[Column, ...],
    *,
    key: tuple[str, ...],
    folder: Folder,
    sort: tuple[str, ...],
    newest: str | None = None,
    derived: tuple[str, ...] = (),
    ruled: tuple[str, ...] = (),
) -> Table:
    """Return the table; field ids follow the order of the columns, so new columns go to the end."""
    schema = pa.schema([_field(c, n) for n, c in enumerate(columns, 1)])
    unknown = {*key, *sort, *derived, *ruled} - set(schema.names)
    if unknown or sort[-len(key) :] != key:
        raise ValueError(
            f"table {name}: unknown columns {sorted(unknown)}, or its order does not end in its key"
        )
    return Table(
        name=name,
        schema=schema,
        key=key,
        folder=folder,
        sort=sort,
        newest=newest,
        derived=frozenset(derived),
        ruled=frozenset(ruled),
    )


def _field(c: Column, field_id: int) -> pa.Field:
    meta = {"PARQUET:field_id": str(field_id), "description": c.description}
    return pa.field(c.name, _with_ids(c.type, field_id), nullable=not c.required, metadata=meta)


def _with_ids(kind: pa.DataType, parent: int) -> pa.DataType:
    """Give the fields inside a list or a struct ids of their own: the parent's times 1000, and a
    number.
    """
    base = parent * _NESTED_IDS
    if pa.types.is_list(kind):
        inner = kind.value_field
        return pa.list_(
            pa.field(
                "element", _with_ids(inner.type, base), nullable=inner.nullable, metadata=_id(base)
            )
        )
    if pa.types.is_struct(kind):
        fields = [kind.field(i) for i in range(kind.num_fields)]
        return pa.struct(
            [
                f.with_metadata({**(f.metadata or {}), **_id(parent + n)})
                for n, f in enumerate(fields, 1)
            ]
        )
    return kind


def _id(number: int) -> dict[str, str]:
    return {"PARQUET:field_id": str(number)}
