"""`newsbeam ddl`: the statements that make a lake's tables those of BigQuery, Athena or Spark."""

import re
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from transforms.errors import ConfigError

if TYPE_CHECKING:
    from transforms.core.lake.schema.ddl import Target
    from transforms.core.lake.schema.schema import Table

_DATABASE = re.compile(r"[\w.-]+")


class Dialect(StrEnum):
    """What `newsbeam ddl` prints."""

    BIGQUERY = "bigquery"
    ATHENA = "athena"
    SPARK = "spark"
    MARKDOWN = "markdown"


def ddl(
    dialect: Annotated[
        Dialect,
        typer.Option("--dialect", help="Whose statements; markdown: a page of all columns."),
    ],
    tables: Annotated[
        list[str] | None, typer.Argument(metavar="[TABLE]...", help="Tables; else all.")
    ] = None,
    location: Annotated[
        str | None,
        typer.Option(
            "--location", metavar="ADDRESS", help="Where the lake is, e.g. gs://bucket/lake."
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            "--database", metavar="NAME", help="Dataset or database that the tables go to."
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="DAY", help="Athena: the first day it looks for, else 2000-01-01."
        ),
    ] = None,
) -> None:
    """Print the statements that make the lake's tables known to BigQuery, Athena or Spark.

    The files stay as they lie; the columns bring their descriptions along. The lake itself is not read.
    """
    from transforms.core.lake.schema.columns import columns_markdown
    from transforms.core.lake.schema.ddl import ddl as statements

    wanted = _wanted(tables or [])
    if dialect is Dialect.MARKDOWN:
        _refuse(dialect, location=location, database=database, since=since)
        sys.stdout.write(columns_markdown(wanted))
        return
    if dialect is not Dialect.ATHENA:
        _refuse(dialect, since=since)
    sys.stdout.write(statements(dialect.value, _target(dialect, location, database, since), wanted))


def _wanted(names: list[str]) -> "list[Table]":
    from transforms.core.lake.schema.tables import TABLES

    unknown = [name for name in names if name not in TABLES]
    if unknown:
        raise ConfigError(f"{unknown[0]}: a lake has no such table; it has {', '.join(TABLES)}")
    return [TABLES[name] for name in names] if names else list(TABLES.values())


def _refuse(dialect: Dialect, **given: str | None) -> None:
    for name, value in given.items():
        if value is not None:
            raise ConfigError(f"--{name} means nothing to --dialect {dialect.value}; leave it out")


def _target(
    dialect: Dialect, location: str | None, database: str | None, since: str | None
) -> "Target":
    from transforms.core.lake.schema.ddl import SINCE, Target

    if database is not None and not _DATABASE.fullmatch(database):
        raise ConfigError(f"--database {database}: a name is letters, digits, `_`, `-` and dots")
    return Target(_address(dialect, location), database, SINCE if since is None else _day(since))


def _address(dialect: Dialect, location: str | None) -> str:
    from transforms.core.lake.schema.ddl import SCHEMES

    schemes = SCHEMES.get(dialect.value, ())
    if location is None:
        example = f"{schemes[0] if schemes else 's3a://'}bucket/lake"
        raise ConfigError(f"--location is missing: where the lake is, e.g. {example}")
    if schemes and not location.startswith(schemes):
        raise ConfigError(
            f"--location {location}: {dialect.value} reads lakes at {' or '.join(schemes)} alone"
        )
    return location if "://" in location else str(Path(location).resolve())


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--since {text}: a day is written like 2024-05-06") from error
