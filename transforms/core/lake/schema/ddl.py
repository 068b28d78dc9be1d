"""DDL statements that declare the tables of a lake in BigQuery, Athena or Spark, over the existing
files.

Every name is quoted: `end`, `date`, `trigger` and `all` are reserved words in one dialect or
another. Columns have their descriptions. Columns that are only in the path (`day`, `bucket`, `all`)
are the tables' partitions.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from transforms.core.lake.schema.changes import VIEW, changes_query
from transforms.core.lake.schema.columns import A_ROW_IS, description, folder_description
from transforms.core.lake.schema.schema import (
    BOOL,
    DATE,
    F32,
    F64,
    I16,
    I32,
    I64,
    STRING,
    TIME,
    Table,
)
from transforms.core.lake.schema.tables import DELETED_ROWS, STAMPED

SINCE = date(2000, 1, 1)
"""The default first day of Athena's partitions. A judgement: archives of the web have few
earlier pages, and a query without a filter lists the folder of each day of the range.
"""


@dataclass(frozen=True, slots=True)
class Target:
    """Where the tables are declared: the lake's address, the dataset or database, the first day
    (Athena only).
    """

    location: str
    database: str | None = None
    since: date = SINCE

    def name(self, table: Table) -> str:
        """Return the table's quoted name."""
        return self.quoted(table.name)

    def quoted(self, name: str, quote: str = "`") -> str:
        """Return a name in the database, quoted."""
        parts = [*(self.database or "").split("."), name]
        return ".".join(f"{quote}{part}{quote}" for part in parts if part)

    def folder(self, table: Table) -> str:
        """Return the address of the table's folder, without a slash at its end."""
        return f"{self.location.rstrip('/')}/{table.name}"


@dataclass(frozen=True, slots=True)
class _Types:
    """The names of types in a dialect."""

    plain: Mapping[pa.DataType, str]
    array: str
    struct: str
    between: str
    """The separator of a struct field's name and type."""

    def name(self, kind: pa.DataType) -> str:
        """Return the name of a type, of nested types in full."""
        if pa.types.is_list(kind):
            return f"{self.array}<{self.name(kind.value_type)}>"
        if pa.types.is_struct(kind):
            fields = (kind.field(n) for n in range(kind.num_fields))
            columns = [f"`{f.name}`{self.between}{self.name(f.type)}" for f in fields]
            return f"{self.struct}<{', '.join(columns)}>"
        return self.plain[kind]


_SPARK_PLAIN = {
    STRING: "STRING", BOOL: "BOOLEAN", DATE: "DATE", TIME: "TIMESTAMP",
    I16: "SMALLINT", I32: "INT", I64: "BIGINT", F32: "FLOAT", F64: "DOUBLE",
}  # fmt: skip
_BIGQUERY_PLAIN = _SPARK_PLAIN | {
    BOOL: "BOOL",
    I16: "INT64",
    I32: "INT64",
    I64: "INT64",
    F32: "FLOAT64",
    F64: "FLOAT64",
}
_BIGQUERY = _Types(_BIGQUERY_PLAIN, "ARRAY", "STRUCT", " ")
_SPARK = _Types(_SPARK_PLAIN, "ARRAY", "STRUCT", ": ")
_ATHENA = _Types(
    {kind: name.lower() for kind, name in _SPARK_PLAIN.items()}, "array", "struct", ":"
)


def bigquery(table: Table, to: Target) -> str:
    """Return the statement that declares an external table of BigQuery."""
    # An ARRAY column is never NULL in BigQuery, which rejects NOT NULL on it.
    columns = [
        f"  `{f.name}` {_BIGQUERY.name(f.type)}{_not_null(f, lists=False)} "
        f"OPTIONS (description = {quoted(description(f))})"
        for f in table.schema
    ]
    kind = "DATE" if table.folder.kind == "day" else "STRING"
    options = {
        "description": quoted(_comment(table)),
        "format": "'PARQUET'",
        "uris": f"[{quoted(to.folder(table) + '/*')}]",
        "hive_partition_uri_prefix": quoted(to.folder(table)),
        "require_hive_partition_filter": "FALSE",
        "enable_list_inference": "TRUE",
    }
    return (
        f"CREATE OR REPLACE EXTERNAL TABLE {to.name(table)} (\n{_lines(columns)}\n)\n"
        f"WITH PARTITION COLUMNS (`{table.folder.kind}` {kind})\n"
        f"OPTIONS (\n{_lines(f'  {name} = {value}' for name, value in options.items())}\n);\n"
    )


def athena(table: Table, to: Target) -> str:
    """Return the statement that declares an external table of Athena, with partition projection.

    Partition columns are strings: compare `day` with '2024-05-06'.
    """
    columns = [
        f"  `{f.name}` {_ATHENA.name(f.type)} COMMENT {quoted(description(f))}"
        for f in table.schema
    ]
    partition = f"`{table.folder.kind}` string COMMENT {quoted(folder_description(table))}"
    properties = {"projection.enabled": "true", **_projection(table, to.since)}
    listed = _lines(f"  {quoted(name)} = {quoted(value)}" for name, value in properties.items())
    return (
        f"CREATE EXTERNAL TABLE IF NOT EXISTS {to.name(table)} (\n{_lines(columns)}\n)\n"
        f"COMMENT {quoted(_comment(table))}\n"
        f"PARTITIONED BY ({partition})\n"
        f"STORED AS PARQUET\n"
        f"LOCATION {quoted(to.folder(table) + '/')}\n"
        f"TBLPROPERTIES (\n{listed}\n);\n"
    )


def spark(table: Table, to: Target) -> str:
    """Return the statement that declares a table of Spark, and the one that finds its partitions,
    which is to be repeated when partitions are added.
    """
    columns = [
        (
            f"  `{f.name}` {_SPARK.name(f.type)}{_not_null(f, lists=True)} COMMENT "
            f"{quoted(description(f))}"
        )
        for f in table.schema
    ]
    kind = "DATE" if table.folder.kind == "day" else "STRING"
    folder = f"  `{table.folder.kind}` {kind} COMMENT {quoted(folder_description(table))}"
    return (
        f"CREATE TABLE IF NOT EXISTS {to.name(table)} (\n{_lines([*columns, folder])}\n)\n"
        f"USING PARQUET\n"
        f"PARTITIONED BY (`{table.folder.kind}`)\n"
        f"LOCATION {quoted(to.folder(table))}\n"
        f"COMMENT {quoted(_comment(table))};\n"
        f"MSCK REPAIR TABLE {to.name(table)};\n"
    )


DIALECTS: Mapping[str, Callable[[Table, Target], str]] = {
    "bigquery": bigquery,
    "athena": athena,
    "spark": spark,
}
SCHEMES: Mapping[str, tuple[str, ...]] = {"bigquery": ("gs://",), "athena": ("s3://",)}
"""The schemes of addresses, for dialects that read only some."""
_OF_VIEWS = {"bigquery": ("STRING", "`"), "athena": ("VARCHAR", '"'), "spark": ("STRING", "`")}
"""The type of texts in queries, and the quotes around names."""
_NOTES = {
    "bigquery": "",
    "athena": "-- Rows of days before {since} are not seen: `projection.day.range` starts there.\n",
    "spark": "-- After new days have come: MSCK REPAIR TABLE <table> SYNC PARTITIONS.\n",
}


def ddl(dialect: str, to: Target, tables: Iterable[Table]) -> str:
    """Return the statements for these tables in one of `DIALECTS`; of all tables, with the view
    `changes` over them.
    """
    note, listed = _NOTES[dialect].format(since=to.since.isoformat()), list(tables)
    parts = [note] * bool(note) + [DIALECTS[dialect](table, to) for table in listed]
    if {*STAMPED, DELETED_ROWS} <= set(listed):
        parts.append(changes_view(dialect, to))
    return "\n".join(parts)


def changes_view(dialect: str, to: Target) -> str:
    """Return the statement that creates the view `changes`."""
    text, quote = _OF_VIEWS[dialect]
    query = changes_query(text=text, name=lambda name: to.quoted(name, quote))
    return f"CREATE OR REPLACE VIEW {to.quoted(VIEW, quote)} AS\n{query};\n"


def quoted(text: str) -> str:
    """Return a text as a literal in single quotes, with escapes that all three dialects read."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


def _not_null(field: pa.Field, *, lists: bool) -> str:
    return "" if field.nullable or (pa.types.is_list(field.type) and not lists) else " NOT NULL"


def _projection(table: Table, since: date) -> dict[str, str]:
    """Return the properties from which Athena computes the partitions, without a catalogue."""
    if table.folder.kind == "day":
        values = {"type": "date", "format": "yyyy-MM-dd", "range": f"{since.isoformat()},NOW+2DAYS"}
    else:
        digits = "0123456789abcdef" if table.folder.kind == "bucket" else "0"
        values = {"type": "enum", "values": ",".join(digits)}
    return {f"projection.{table.folder.kind}.{name}": value for name, value in values.items()}


def _comment(table: Table) -> str:
    return f"A row is {A_ROW_IS[table.name]}"


def _lines(parts: Iterable[str]) -> str:
    return ",\n".join(parts)
