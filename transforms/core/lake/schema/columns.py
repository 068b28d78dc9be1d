"""What a row of each table is, and the list of all columns as a page shows it: made from the
tables, never by hand.
"""

from collections.abc import Iterable

import pyarrow as pa

from transforms.core.lake.schema.schema import Table
from transforms.core.lake.schema.tables import TABLES

A_ROW_IS: dict[str, str] = {
    "articles": (
        "one article: clean text, title, authors, dates, language, what was removed, whose "
        "copy it is"
    ),
    "article_versions": "one text of an article, as it changed",
    "event_mentions": (
        "one event as one place in one article tells it, with evidence and trigger words"
    ),
    "sightings": "one link seen in feeds or archives, and the article it led to",
    "fetches": "one request and what came of it; each hop of a redirect is a request",
    "rejects": "one feed or page that was refused, the reason, and whether it is tried again",
    "site_blocks": (
        "one block of text of a site, the articles that have it, and whether it is the "
        "site's boilerplate"
    ),
    "persons": "what articles say of one person: country and sector, and which articles say so",
    "events": (
        "one event: its mentions in all articles, with counts of articles, papers and "
        "independent origins"
    ),
    "stories": "one story: articles that tell the same",
    "feeds": "one feed: its state, its health, its retry queue",
    "runs": "one run: status, counts, counters",
}
_FOLDER_IS = {
    "day": "the date in {column}",
    "bucket": "the first hex digit of {column}",
    "all": "always 0",
}
"""What the column says that is in the path alone, by the kind of folder."""


def folder_description(table: Table) -> str:
    """Return what the table's folder column says."""
    named = f"the hash of {table.folder.column}" if table.folder.hash_first else table.folder.column
    return _FOLDER_IS[table.folder.kind].format(column=named)


def description(field: pa.Field) -> str:
    """Return what a column says, as its file does."""
    return str(field.metadata[b"description"].decode())


def type_name(kind: pa.DataType) -> str:
    """Return a type in few words: `list<struct<text: string, at: int32>>`, `timestamp[us, UTC]`."""
    if pa.types.is_list(kind):
        return f"list<{type_name(kind.value_type)}>"
    if pa.types.is_struct(kind):
        fields = (kind.field(n) for n in range(kind.num_fields))
        return f"struct<{', '.join(f'{f.name}: {type_name(f.type)}' for f in fields)}>"
    return {"date32[day]": "date", "timestamp[us, tz=UTC]": "timestamp[us, UTC]"}.get(
        str(kind), str(kind)
    )


def columns_markdown(tables: Iterable[Table] = TABLES.values()) -> str:
    """Return the columns of the tables in Markdown, a heading and a table each.

    A star marks what is never null.
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
        "| column | type | is |",
        "| --- | --- | --- |",
    ]
    return "\n".join([*head, *map(_column_markdown, table.schema)]) + "\n"


def _column_markdown(field: pa.Field) -> str:
    star = "" if field.nullable else " *"
    text = description(field).replace("|", "\\|")
    return f"| `{field.name}`{star} | {type_name(field.type).replace('<', '&lt;')} | {text} |"
