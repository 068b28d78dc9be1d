"""Descriptions of tables and columns, and the reference of all columns in Markdown, which is
generated from the tables.
"""

from collections.abc import Iterable

import pyarrow as pa

from transforms.core.lake.schema.schema import Table
from transforms.core.lake.schema.tables import TABLES

A_ROW_IS: dict[str, str] = {
    "articles": (
        "one article: clean text, title, authors, dates, language, removed blocks, and of which "
        "article it is a copy"
    ),
    "article_versions": "one version of an article's text",
    "event_mentions": "one mention of an event in an article, with its evidence and trigger words",
    "sightings": "one link seen in feeds or archives, and the article it leads to",
    "fetches": "one request and its outcome; each hop of a redirect is a request",
    "rejects": "one rejected feed or page, the reason, and whether a retry may succeed",
    "site_blocks": (
        "one block of text of a site, the articles that contain it, and whether it is boilerplate"
    ),
    "persons": "one fact about a person: country and sector, and the articles that state it",
    "events": (
        "one event, merged from its mentions in all articles, with counts of articles, sources "
        "and independent origins"
    ),
    "stories": "one story: the articles that report the same news",
    "deleted_rows": (
        "one row that was deleted from one of the tables with updated_at, and what replaced it"
    ),
    "feeds": "one feed: its state, its health, its retry queue",
    "runs": "one run: status, counts, counters",
}
_FOLDER_IS = {
    "day": "the date in {column}",
    "bucket": "the first hex digit of {column}",
    "all": "always 0",
}
"""The description of the column that is only in the path, by the kind of folder."""

_SHORT_NAMES = {"date32[day]": "date", "timestamp[us, tz=UTC]": "timestamp[us, UTC]"}


def folder_description(table: Table) -> str:
    """Return the description of the table's folder column."""
    named = f"the hash of {table.folder.column}" if table.folder.hash_first else table.folder.column
    return _FOLDER_IS[table.folder.kind].format(column=named)


def description(field: pa.Field) -> str:
    """Return the description of a column, from the schema's metadata."""
    return str(field.metadata[b"description"].decode())


def type_name(kind: pa.DataType) -> str:
    """Return a type's short name: `list<struct<text: string, at: int32>>`, `timestamp[us, UTC]`."""
    if pa.types.is_list(kind):
        return f"list<{type_name(kind.value_type)}>"
    if pa.types.is_struct(kind):
        fields = (kind.field(n) for n in range(kind.num_fields))
        return f"struct<{', '.join(f'{f.name}: {type_name(f.type)}' for f in fields)}>"
    return _SHORT_NAMES.get(str(kind), str(kind))


def columns_markdown(tables: Iterable[Table] = TABLES.values()) -> str:
    """Return the columns of the tables in Markdown, with a heading and a table for each.

    A star marks a column that is never null.
    """
    return "\n".join(_table_markdown(table) for table in tables)


def _table_markdown(table: Table) -> str:
    key = ", ".join(f"`{name}`" for name in table.key)
    head = [
        f"### {table.name}",
        "",
        f"A row is {A_ROW_IS[table.name]}.",
        f"Key: {key}. In the path: `{table.folder.kind}`, {folder_description(table)}.",
        "",
        "| column | type | description |",
        "| --- | --- | --- |",
    ]
    return "\n".join([*head, *map(_column_markdown, table.schema)]) + "\n"


def _column_markdown(field: pa.Field) -> str:
    star = "" if field.nullable else " *"
    text = description(field).replace("|", "\\|")
    return f"| `{field.name}`{star} | {type_name(field.type).replace('<', '&lt;')} | {text} |"
