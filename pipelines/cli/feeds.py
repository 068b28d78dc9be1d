"""The `newsbeam feeds` commands: what is read from a feed, feeds' health, lists of feeds, the feeds
of a site.
"""

import sys

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipelines.cli.commands import Command, Given
from pipelines.cli.results import write_results
from pipelines.terminal import FAILING, OK, PARTIAL, progress, say, say_skipped
from transforms.errors import ConfigError

_COLORS = {
    "gone": "red",
    "failing": "red",
    "stale": "yellow",
    "slow": "yellow",
    "ok": "green",
    "disabled": "dim",
}
_TIMES = ("last_success_at", "last_item_at", "next_due_at")


def feeds_parse(given: Given) -> None:
    """Print what is read from feed documents: RSS, Atom, RDF, JSON Feed.

    Prints {"id": file stem, "title", "entries": [{"id", "url", "title", "published_at", "author",
    "summary"}]} a line. Exit code 3: some documents are not feeds, or took over 30 seconds.
    """
    from pipelines.files.file_stages import feed_files

    write_results(feed_files(given.items("paths")), given.maybe_text("output"), "parsing")


def feeds_check(given: Given) -> None:
    """Show the health of each feed of a lake, worst first: gone, failing, stale, slow, ok,
    disabled, and why.

    Exit code 4: some feed is gone, failing or stale, and needs a human. With --json, one object a
    feed and line.
    """
    from pipelines.inspect.feed_health import health_rows

    rows = health_rows(given.text("lake"))
    if given.flag("json"):
        write_results(iter(rows), None, "checking")
    else:
        _show_health(rows)
    raise typer.Exit(FAILING if any(row["needs_human"] for row in rows) else OK)


def feeds_import(given: Given) -> None:
    """Make a TOML list of feed lists in OPML and other forms; folders, titles and labels stay.

    Each feed is listed once, where it comes first. Exit code 3: some entries lead to no feed; they
    are named.
    """
    from pipelines.files.jsonl import write_text
    from pipelines.inspect.feed_health import read_lists
    from transforms.core.feeds.list_writers import to_toml

    found = read_lists(given.items("lists"))
    write_text(to_toml(found.feeds), given.maybe_text("output") or "-")
    _finish(len(found.feeds), found.invalid)


def feeds_export(given: Given) -> None:
    """Make an OPML list, with folders, of feed lists or of the feeds of a lake, for other readers.

    Imported again it is the same list.
    """
    from pipelines.files.jsonl import write_text
    from pipelines.inspect.feed_health import lake_feeds, read_lists
    from transforms.core.feeds.list_writers import to_opml

    lists, lake = given.items("lists"), given.maybe_text("lake")
    if bool(lists) == bool(lake):
        raise ConfigError("name the feed lists to export, or a lake with --lake")
    found = lake_feeds(lake) if lake else read_lists(lists)
    write_text(to_opml(found.feeds), given.maybe_text("output") or "-")
    _finish(len(found.feeds), found.invalid)


def feeds_find(given: Given) -> None:
    """Find the feeds and the news sitemaps of a site: those its page links to, and those at the
    usual places.

    Each is fetched and read before it is shown, obeying robots.txt. Exit code 4: none was found.
    """
    from transforms.feed_finder import find_feeds
    from transforms.web import WebOptions, completed_requests

    web = WebOptions(
        connect_to=given.maybe_text("connect_to"),
        spacing_s=given.number("spacing"),
        user_agent=given.maybe_text("user_agent") or WebOptions().user_agent,
    )
    with progress("looking", lambda: f"{completed_requests()} requests"):
        rows = find_feeds(given.text("url"), web)
    if given.flag("json"):
        write_results(iter(rows), None, "finding")
    else:
        _show_found(rows)
    raise typer.Exit(OK if rows else FAILING)


def _finish(count: int, invalid: tuple[str, ...]) -> None:
    """Report the entries that were skipped, and exit with code 3 where some were."""
    say_skipped(invalid)
    if not count:
        say("no feed in it")
    if invalid:
        raise typer.Exit(PARTIAL)


def _show_health(rows: list[dict[str, object]]) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("health", "feed", "last success", "newest item", "next poll", "failures", "why"):
        table.add_column(name, overflow="fold", no_wrap=name in {"health", "failures"})
    for row in rows:
        health = str(row["health"])
        times = [str(row[name] or "-")[:16].replace("T", " ") for name in _TIMES]
        named = escape(_printable(row["feed_url"]))
        why = escape(_printable(row["health_reason"] or ""))
        failures = str(row["consecutive_failures"])
        table.add_row(f"[{_COLORS.get(health, 'red')}]{health}[/]", named, *times, failures, why)
    console = Console(width=None if sys.stdout.isatty() else 240)
    console.print(table, highlight=False)
    counts = {name: sum(row["health"] == name for row in rows) for name in _COLORS}
    summary = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    console.print(f"{len(rows)} feeds" + (f": {summary}" if summary else ""), highlight=False)


def _show_found(rows: list[dict[str, object]]) -> None:
    console = Console(soft_wrap=True)
    for row in rows:
        newest = f", newest {row['newest_at']}" if row["newest_at"] else ""
        title = f" {_printable(row['title'])!r}" if row["title"] else ""
        text = (
            f"{row['kind']}  {row['url']} {title}  ({row['entries']} entries{newest}; found "
            f"by {row['found_by']})"
        )
        console.print(escape(_printable(text)), highlight=False)
    if not rows:
        say("no feed and no news sitemap found")


def _printable(value: object) -> str:
    return "".join(c if c.isprintable() else "\ufffd" for c in str(value))


COMMANDS: dict[str, Command] = {
    "feeds parse": feeds_parse,
    "feeds check": feeds_check,
    "feeds import": feeds_import,
    "feeds export": feeds_export,
    "feeds find": feeds_find,
}
