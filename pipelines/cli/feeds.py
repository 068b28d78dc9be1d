"""The `newsbeam feeds` commands: what is read from a feed, how feeds are, lists of them, and the feeds of a site."""

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipelines.cli.arguments import AsJson, ConnectTo, Output, Paths, Spacing, StoredLake, UserAgent
from pipelines.cli.shared import say_invalid
from pipelines.cli.terminal import OK, PARTIAL, WANTING, progress, say, write_results

feeds_app = typer.Typer(help="Feeds and lists of feeds.", no_args_is_help=True)

_COLORS = {
    "gone": "red",
    "failing": "red",
    "stale": "yellow",
    "slow": "yellow",
    "ok": "green",
    "disabled": "dim",
}
_TIMES = ("last_success_at", "last_item_at", "next_due_at")
Lists = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FILE-or-URL...",
        help="OPML or TOML lists, files with one link a line, links of feeds.",
    ),
]
ListOutput = Annotated[
    str,
    typer.Option(
        "-o", "--output", metavar="FILE", help="The list goes here; `-`, the default, is stdout."
    ),
]


@feeds_app.command("parse")
def feeds_parse(paths: Paths, output: Output = None) -> None:
    """Print what is read from feed documents: RSS, Atom, RDF, JSON Feed.

    Prints {"id": file stem, "title", "entries": [{"id", "url", "title", "published_at", "author", "summary"}]} a line.
    Exit code 3: some documents are no feeds, or took over 30 seconds.
    """
    from pipelines.files.file_stages import feed_files

    write_results(feed_files(paths), output, "parsing")


@feeds_app.command("check")
def feeds_check(lake: StoredLake, as_json: AsJson = False) -> None:
    """Show how each feed of a lake is, worst first: gone, failing, stale, slow, ok, disabled, and why.

    Exit code 4: some feed is gone, failing or stale, and needs a human. With --json, one object a feed and line.
    """
    from pipelines.inspect.feed_health import health_rows

    rows = health_rows(lake)
    if as_json:
        write_results(iter(rows), None, "checking")
    else:
        _show_health(rows)
    raise typer.Exit(WANTING if any(row["needs_human"] for row in rows) else OK)


@feeds_app.command("import")
def feeds_import(lists: Lists, output: ListOutput = "-") -> None:
    """Make a TOML list of feed lists in OPML and other forms; folders, titles and labels stay.

    Each feed is listed once, as it first comes. Exit code 3: some entries lead to no feed; they are named.
    """
    from pipelines.files.jsonl import write_text
    from pipelines.inspect.feed_health import read_lists
    from transforms.core.feeds.list_writers import to_toml

    found = read_lists(lists or [])
    write_text(to_toml(found.feeds), output)
    _tell(len(found.feeds), found.invalid)


@feeds_app.command("export")
def feeds_export(
    lists: Lists = None,
    lake: Annotated[
        str | None, typer.Option("--lake", metavar="DIR", help="Export the feeds of this lake.")
    ] = None,
    output: ListOutput = "-",
) -> None:
    """Make an OPML list, with folders, of feed lists or of the feeds of a lake, for other readers.

    Imported again it is the same list.
    """
    from pipelines.files.jsonl import write_text
    from pipelines.inspect.feed_health import lake_feeds, read_lists
    from transforms.core.feeds.list_writers import to_opml
    from transforms.errors import ConfigError

    if bool(lists) == bool(lake):
        raise ConfigError("name the feed lists to export, or a lake with --lake")
    found = lake_feeds(lake) if lake else read_lists(lists or [])
    write_text(to_opml(found.feeds), output)
    _tell(len(found.feeds), found.invalid)


@feeds_app.command("find")
def feeds_find(
    url: Annotated[str, typer.Argument(metavar="URL", help="A site, or any page of it.")],
    connect_to: ConnectTo = None,
    spacing: Spacing = 1.0,
    user_agent: UserAgent = None,
    as_json: AsJson = False,
) -> None:
    """Find the feeds and the news sitemaps of a site: those its page links to, and those at the usual places.

    Each is fetched and read before it is shown, obeying robots.txt. Exit code 4: none was found.
    """
    from transforms.feed_finder import find_feeds
    from transforms.web import WebOptions, completed_requests

    defaults = WebOptions()
    web = WebOptions(
        connect_to=connect_to, spacing_s=spacing, user_agent=user_agent or defaults.user_agent
    )
    with progress("looking", lambda: f"{completed_requests()} requests"):
        rows = find_feeds(url, web)
    if as_json:
        write_results(iter(rows), None, "finding")
    else:
        _show_found(rows)
    raise typer.Exit(OK if rows else WANTING)


def _tell(count: int, invalid: tuple[str, ...]) -> None:
    """Say what was left out, and end with exit code 3 where something was."""
    say_invalid(invalid)
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
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    console.print(f"{len(rows)} feeds" + (f": {told}" if told else ""), highlight=False)


def _show_found(rows: list[dict[str, object]]) -> None:
    console = Console(soft_wrap=True)
    for row in rows:
        newest = f", newest {row['newest_at']}" if row["newest_at"] else ""
        title = f" {_printable(row['title'])!r}" if row["title"] else ""
        text = f"{row['kind']}  {row['url']} {title}  ({row['entries']} entries{newest}; found by {row['found_by']})"
        console.print(escape(_printable(text)), highlight=False)
    if not rows:
        say("no feed and no news sitemap found")


def _printable(value: object) -> str:
    return "".join(c if c.isprintable() else "\ufffd" for c in str(value))
