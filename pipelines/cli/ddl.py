"""`newsbeam ddl`: statements that declare a lake's tables in BigQuery, Athena, Spark or DuckDB."""

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.cli.commands import OptionValues
from pipelines.terminal import write_plain
from transforms.errors import ConfigError

if TYPE_CHECKING:
    from transforms.core.lake.schema.ddl import Target
    from transforms.core.lake.schema.schema import Table

_DATABASE = re.compile(r"[\w.-]+")


def ddl(values: OptionValues) -> None:
    """Print the statements that declare the lake's tables in BigQuery, Athena, Spark or DuckDB.

    The tables are external: the files stay in place. Columns keep their descriptions. DuckDB gets
    views. The lake itself is not read.
    """
    from transforms.core.lake.schema.columns import columns_markdown
    from transforms.core.lake.schema.ddl import ddl as statements
    from transforms.core.lake.schema.views import views_sql

    tables = _tables(values.items("tables"))
    dialect = values.text("dialect")
    location, database, since = map(values.maybe_text, ("location", "database", "since"))
    if dialect == "markdown":
        _refuse(dialect, location=location, database=database, since=since)
        write_plain(columns_markdown(tables))
        return
    if dialect != "athena":
        _refuse(dialect, since=since)
    if dialect == "duckdb":
        _refuse(dialect, database=database)
        if values.items("tables"):
            raise ConfigError("--dialect duckdb prints the views of all tables; name none")
        write_plain(views_sql(_address(dialect, location)))
        return
    write_plain(statements(dialect, _target(dialect, location, database, since), tables))


def _tables(names: list[str]) -> "list[Table]":
    from transforms.core.lake.schema.tables import TABLES

    unknown = [name for name in names if name not in TABLES]
    if unknown:
        raise ConfigError(
            f"{unknown[0]} is not a table of a lake; the tables are {', '.join(TABLES)}"
        )
    return [TABLES[name] for name in names] if names else list(TABLES.values())


def _refuse(dialect: str, **unsupported: str | None) -> None:
    for name, value in unsupported.items():
        if value is not None:
            raise ConfigError(f"--{name} does not apply to --dialect {dialect}; leave it out")


def _target(
    dialect: str, location: str | None, database: str | None, since: str | None
) -> "Target":
    from transforms.core.lake.schema.ddl import SINCE, Target

    if database is not None and not _DATABASE.fullmatch(database):
        raise ConfigError(
            f"--database {database}: a name consists of letters, digits, `_`, `-` and dots"
        )
    return Target(_address(dialect, location), database, SINCE if since is None else _day(since))


def _address(dialect: str, location: str | None) -> str:
    from transforms.core.lake.schema.ddl import SCHEMES

    schemes = SCHEMES.get(dialect, ())
    if location is None:
        example = "lake" if dialect == "duckdb" else f"{(*schemes, 's3a://')[0]}bucket/lake"
        raise ConfigError(f"--location is missing: where the lake is, e.g. {example}")
    if schemes and not location.startswith(schemes):
        raise ConfigError(
            f"--location {location}: {dialect} reads only lakes at {' or '.join(schemes)}"
        )
    return location if "://" in location else str(Path(location).resolve())


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--since {text}: is not an ISO 8601 date, e.g. 2024-05-06") from error
