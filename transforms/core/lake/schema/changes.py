"""The query that tells which rows were written or deleted, and when, over all tables that tell."""

from collections.abc import Callable

from transforms.core.lake.schema.schema import Table
from transforms.core.lake.schema.tables import DELETED_ROWS, STAMPED

VIEW = "changes"
"""The name of the view of all changes, in dialects without macros."""


def changes_query(
    since: str | None = None, *, text: str = "VARCHAR", name: Callable[[str], str] = str
) -> str:
    """Return the query; its rows have table, change (`write` or `delete`), key, date of the folder,
    what replaced the row, time and run.

    `since` is an expression for the time from which on changes are wanted, `text` the dialect's
    name for the type of texts; `name` gives the full name of a table.
    """
    written = [_written(table, since, text, name) for table in STAMPED]
    return "\nUNION ALL\n".join([*written, _deleted(since, name)])


def _written(table: Table, since: str | None, text: str, name: Callable[[str], str]) -> str:
    key = " || '/' || ".join(table.key)
    return (
        f"SELECT '{table.name}' AS table_name, 'write' AS change, {key} AS row_key,\n"
        f"       {table.folder.column} AS row_date, CAST(NULL AS {text}) AS replaced_by,\n"
        f"       updated_at, updated_run_id\n"
        f"FROM {name(table.name)}" + _where("updated_at", since)
    )


def _deleted(since: str | None, name: Callable[[str], str]) -> str:
    return (
        "SELECT table_name, 'delete' AS change, row_key, row_date, replaced_by,\n"
        "       deleted_at AS updated_at, deleted_run_id AS updated_run_id\n"
        f"FROM {name(DELETED_ROWS.name)}" + _where("deleted_at", since)
    )


def _where(column: str, since: str | None) -> str:
    return f" WHERE {column} >= {since}" if since else ""
