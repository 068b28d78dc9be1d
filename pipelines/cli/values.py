"""Conversion of option texts to values: times, days, sites, numbers of processes."""

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.cli.option_table import OPTIONS
from transforms.core.iso_times import parse_time
from transforms.errors import ConfigError

if TYPE_CHECKING:
    from pipelines.cli.commands import OptionValues
    from transforms.core.archives.selection import Selection
    from transforms.web import WebOptions

MAX_WORKERS = 8
"""Upper bound on the default number of processes: each takes about 500 MB, and many machines do
not have that much for every core. --workers may exceed it.
"""


def parse_day(text: str | None) -> date | None:
    """Return an ISO 8601 date, None for None; raises ConfigError for any other text."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is not an ISO 8601 date, e.g. 2024-01-31") from error


def clock_of(now: str | None) -> datetime:
    """Return the run's clock: the time in --now, by default the current time."""
    return parse_time(now) or datetime.now(UTC)


def workers_of(workers: int | None) -> int:
    """Return the number of processes: --workers, by default one per core up to MAX_WORKERS."""
    return max(1, min(MAX_WORKERS, os.cpu_count() or 1)) if workers is None else workers


def refuse_input_as_output(output: str, inputs: Iterable[str]) -> None:
    """Raise ConfigError if a file for results is one of the inputs, which it would replace."""
    target = Path(output)
    if not target.is_file():
        return
    for name in inputs:
        if Path(name).is_file() and target.samefile(name):
            raise ConfigError(f"{output} is an input; name another file for the output")


def fields_of(values: "OptionValues", group: str) -> dict[str, Any]:
    """Return the values for the fields of RunOptions ("run") or WebOptions ("web")."""
    found = {}
    for option in OPTIONS:
        owner, _, name = (option.sets or "").partition(".")
        if owner == group and values.has(option.name):
            value = values.value(option.name)
            found[name] = tuple(value) if isinstance(value, list | tuple) else value
    return found


def web_options(values: "OptionValues") -> "WebOptions":
    """Return how a command without a run uses the network."""
    from transforms.web import WebOptions

    return WebOptions(**fields_of(values, "web"))


def parse_selection(sites: str | None, start: str | None, end: str | None) -> "Selection":
    """Return the selection made by --sites, --from and --to.

    Raises ConfigError for values that are not days or a list of sites.
    """
    from transforms.core.archives.selection import Selection

    first, last = parse_day(start), parse_day(end)
    if first and last and first > last:
        raise ConfigError(f"--from {first} is after --to {last}")
    return Selection(frozenset(() if sites is None else _site_names(sites)), first, last)


def _site_names(text: str) -> Iterator[str]:
    """Yield the sites in a comma-separated list, or in a file with one a line.

    `#` starts a comment.
    """
    is_file = Path(text).is_file()
    lines = Path(text).read_text("utf8") if is_file else text.replace(",", "\n")
    names = [_site_name(line) for line in lines.splitlines()]
    wrong = next((name for name in names if name and not _is_site_name(name)), None)
    if wrong is not None or not any(names):
        raise ConfigError(
            f"--sites {text}: {wrong or 'nothing'!r} is not a site such as bbc.co.uk, nor "
            "a file of sites"
        )
    yield from filter(None, names)


def _site_name(line: str) -> str:
    name = line.split("#", 1)[0].strip().lower()
    name = name.removeprefix("http://").removeprefix("https://")
    return name.strip("/").removeprefix("www.")


def _is_site_name(name: str) -> bool:
    return "." in name and "/" not in name and " " not in name
