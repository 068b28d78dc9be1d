"""The `newsbeam feeds` commands: parse feeds, check health, convert lists, find a site's feeds."""

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import typer
from rich.table import Table
from rich.text import Text

from pipelines.cli.commands import Command, OptionValues
from pipelines.cli.results import write_results
from pipelines.cli.values import refuse_input_as_output, web_options
from pipelines.terminal import FAILING, OK, PARTIAL, console, progress, safe_line, say, say_skipped
from transforms.errors import ConfigError

if TYPE_CHECKING:
    from pipelines.files.jsonl import Input

_COLORS = {
    "gone": "red",
    "failing": "red",
    "stale": "yellow",
    "slow": "yellow",
    "ok": "green",
    "disabled": "dim",
}
_PIPE_WIDTH = 240
"""Columns of a table that is not shown on a terminal. Rich would assume 80 and fold the URLs,
which then could not be searched for line by line.
"""
_TIMES = ("last_success_at", "last_item_at", "next_due_at")


def feeds_parse(values: OptionValues) -> None:
    """Parse feed documents (RSS, Atom, RDF, JSON Feed), in files or at addresses.

    Prints one line per document: {"id": file stem, "title", "entries": [{"id", "url", "title",
    "published_at", "author", "summary"}]}. Exit code 3: some documents are not feeds, or took more
    than 30 seconds.
    """
    from pipelines.files.file_stages import feed_files

    rows = feed_files(values.items("paths"), fetch=partial(_fetch, values))
    write_results(rows, values.maybe_text("output"), "parsing")


def feeds_check(values: OptionValues) -> None:
    """Show the health of each feed of a lake and its reason, worst first.

    Health is gone, failing, stale, slow, ok or disabled. Exit code 4: a feed is gone, failing or
    stale, and needs attention. With --json, prints one object per line for each feed.
    """
    from pipelines.inspect.feed_health import health_rows

    rows = health_rows(values.text("lake"))
    if values.flag("json"):
        write_results(iter(rows), None, "checking")
    else:
        _show_health(rows)
    raise typer.Exit(FAILING if any(row["needs_human"] for row in rows) else OK)


def feeds_import(values: OptionValues) -> None:
    """Convert feed lists (OPML and others) to one TOML list, keeping folders, titles and labels.

    A feed that occurs several times is listed once, at its first place. Exit code 3: some entries
    have no feed URL; they are reported. Exit code 4: no feed was found, and nothing is written.
    """
    from pipelines.files.jsonl import write_text
    from pipelines.inspect.feed_health import read_lists
    from transforms.core.feeds.list_writers import to_toml

    found = read_lists(values.items("lists"))
    output = values.maybe_text("output") or "-"
    refuse_input_as_output(output, values.items("lists"))
    if found.feeds:
        write_text(to_toml(found.feeds), output)
    _finish(len(found.feeds), found.invalid)


def feeds_export(values: OptionValues) -> None:
    """Export feed lists, or the feeds of a lake, as OPML with folders, for other feed readers.

    Importing the result gives the same list.
    """
    from pipelines.files.jsonl import write_text
    from pipelines.inspect.feed_health import lake_feeds, read_lists
    from transforms.core.feeds.list_writers import to_opml

    lists, lake = values.items("lists"), values.maybe_text("lake")
    if bool(lists) == bool(lake):
        raise ConfigError("name the feed lists to export, or a lake with --lake")
    found = lake_feeds(lake) if lake else read_lists(lists)
    output = values.maybe_text("output") or "-"
    refuse_input_as_output(output, lists)
    if found.feeds:
        write_text(to_opml(found.feeds), output)
    _finish(len(found.feeds), found.invalid)


def feeds_find(values: OptionValues) -> None:
    """Find the feeds and news sitemaps of a site, from the links of its page and at usual paths.

    Each is fetched, obeying robots.txt, and parsed before it is shown. Exit code 4: none was found.
    """
    from transforms.feed_finder import find_feeds
    from transforms.web import completed_requests

    web = web_options(values)
    with progress("searching", lambda: f"{completed_requests()} requests"):
        rows = find_feeds(values.text("url"), web)
    if values.flag("json"):
        write_results(iter(rows), None, "finding")
    else:
        _show_found(rows)
    raise typer.Exit(OK if rows else FAILING)


def _fetch(values: OptionValues, source: "Input") -> "Input":
    """Return the feed at an address; what fetches is loaded if there is one."""
    from pipelines.files.fetched import fetched_feed

    return fetched_feed(source, web_options(values))


def _finish(count: int, invalid: tuple[str, ...]) -> None:
    """Report the entries that were skipped; exit with code 3 if there are any, 4 without feeds."""
    say_skipped(invalid)
    if not count:
        say("no feeds found in the input")
        raise typer.Exit(FAILING)
    if invalid:
        raise typer.Exit(PARTIAL)


def _show_health(rows: list[dict[str, object]]) -> None:
    out = console(pipe_width=_PIPE_WIDTH)
    out.print(_health_table(rows))
    out.print(_health_summary(rows))


def _health_table(rows: list[dict[str, object]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("health", "feed", "last success", "newest item", "next poll", "failures", "why"):
        table.add_column(name, overflow="fold", no_wrap=name in {"health", "failures"})
    for row in rows:
        table.add_row(*_health_cells(row))
    return table


def _health_cells(row: dict[str, object]) -> list[str | Text]:
    health = str(row["health"])
    times = [_minute(row[name]) for name in _TIMES]
    url, reason = safe_line(str(row["feed_url"])), safe_line(str(row["health_reason"] or ""))
    failures = str(row["consecutive_failures"])
    return [Text(health, style=_COLORS.get(health, "red")), url, *times, failures, reason]


def _minute(time: object) -> str:
    """Return an ISO 8601 time to the minute, `-` for None."""
    return str(time or "-")[:16].replace("T", " ")


def _health_summary(rows: list[dict[str, object]]) -> str:
    counts = Counter(str(row["health"]) for row in rows)
    summary = ", ".join(f"{counts[name]} {name}" for name in _COLORS if counts[name])
    return f"{len(rows)} feeds: {summary}" if summary else f"{len(rows)} feeds"


def _show_found(rows: list[dict[str, object]]) -> None:
    out = console(soft_wrap=True)
    for row in rows:
        newest = f", newest {row['newest_at']}" if row["newest_at"] else ""
        title = f" {safe_line(str(row['title']))!r}" if row["title"] else ""
        text = (
            f"{row['kind']}  {row['url']} {title}  ({row['entries']} entries{newest}; found "
            f"by {row['found_by']})"
        )
        out.print(safe_line(text))
    if not rows:
        say("no feeds and no news sitemaps found")


COMMANDS: dict[str, Command] = {
    "feeds parse": feeds_parse,
    "feeds check": feeds_check,
    "feeds import": feeds_import,
    "feeds export": feeds_export,
    "feeds find": feeds_find,
}
