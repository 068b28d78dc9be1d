"""A lake's views in DuckDB, and queries over them."""

from pathlib import Path
from typing import Any

import duckdb

from transforms.core.lake.schema.views import views_sql
from transforms.errors import ConfigError
from transforms.stores import open_store


def no_lake(lake: str) -> ConfigError:
    """Return the error for an address to read that has no lake."""
    return ConfigError(
        f"{lake}: there is no lake here; give the folder that --lake named when it was filled"
    )


def require_lake(lake: str) -> None:
    """Raise ConfigError if nothing is at a lake's address, which a reader may have mistyped."""
    if not open_store(lake).names():
        raise no_lake(lake)


def connect(lake: str) -> duckdb.DuckDBPyConnection:
    """Return a connection with the lake's views.

    Raise ConfigError if there is no lake, or not all of its tables.
    """
    root = Path(lake)
    if not (root / "_meta" / "lake.json").is_file():
        raise no_lake(lake)
    connection = duckdb.connect()
    quoted = str(root.resolve()).replace("'", "''")
    connection.execute(f"SET file_search_path = '{quoted}'")
    try:
        connection.execute(views_sql())
    except duckdb.Error as error:
        raise ConfigError(
            f"{lake}: not all tables can be read ({error}); see newsbeam check --lake {lake}"
        ) from error
    return connection


def rows_of(
    connection: duckdb.DuckDBPyConnection, query: str, *values: object
) -> list[dict[str, Any]]:
    """Return the rows of a query, each by column name."""
    result = connection.execute(query, list(values))
    names = [d[0] for d in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
