"""The views of a lake in DuckDB's SQL: one per table, with paths relative to the lake's folder."""

from transforms.core.lake.tables import TABLES

VIEWS_PATH = "_meta/views.sql"


def views_sql() -> str:
    """Return the script that creates a view per table.

    Run it from the lake's folder, `duckdb -init _meta/views.sql`, or set DuckDB's `file_search_path` to the folder.
    """
    lines = [
        "-- Views over this lake. From its folder: duckdb -init _meta/views.sql",
        "SET TimeZone = 'UTC';",
    ]
    for table in TABLES.values():
        types = ", hive_types = {'bucket': VARCHAR}" if table.folder.kind == "bucket" else ""
        lines.append(
            f"CREATE OR REPLACE VIEW {table.name} AS SELECT * "  # noqa: S608 - names of our own tables
            f"FROM read_parquet('{table.name}/*/*.parquet', hive_partitioning = true{types});"
        )
    return "\n".join(lines) + "\n"
