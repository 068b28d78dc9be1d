"""The commands that need no lake: extract, events, stories on files, and the demo, which makes its
own.
"""

import typer
from rich.console import Console

from pipelines.cli.commands import Command, Given
from pipelines.cli.results import write_results
from pipelines.cli.values import clock_of, workers_of
from transforms.core.iso_times import parse_time


def demo(given: Given) -> None:
    """Serve bundled feeds and pages on this machine, ingest them, and show the result.

    No network.
    """
    from pipelines.demo.demo import run_demo

    workers = workers_of(given.maybe_integer("workers"))
    code = run_demo(
        given.text("lake"), workers=workers, console=Console(), as_json=given.flag("json")
    )
    raise typer.Exit(code)


def extract(given: Given) -> None:
    """Extract and clean the article of each page (.html, .html.gz) or text (.txt), each on its own.

    Prints {"id": file stem, "url", "title", "authors", "published_at", "language", "page_kind",
    "text", "credit", "removed": [{"text", "reason", "at"}]} a line.
    """
    from pipelines.files.file_stages import extract_files

    rows = extract_files(
        given.items("paths"),
        published_at=parse_time(given.maybe_text("published_at")),
        now=clock_of(given.maybe_text("now")),
        workers=workers_of(given.maybe_integer("workers")),
        learn_sites=given.flag("learn_sites"),
    )
    write_results(rows, given.maybe_text("output"), "extracting")


def events(given: Given) -> None:
    """Code the events in JSON lines {"id", "text", "title"?, "published_at"?}, such as `extract`
    prints.

    Prints {"id", "events": [...]} a line, one event a mention, each with its evidence as an exact
    substring of the text or the title; "skipped" says why a text was not coded.
    """
    from pipelines.files.file_stages import event_files

    rows = event_files(
        given.items("paths"),
        published_at=parse_time(given.maybe_text("published_at")),
        workers=workers_of(given.maybe_integer("workers")),
    )
    write_results(rows, given.maybe_text("output"), "coding")


def stories(given: Given) -> None:
    """Group JSON lines {"id", "text"} in order of arrival: copies of one text are one cluster.

    Prints {"id", "cluster"} a line, decided from the lines before it alone.
    """
    from pipelines.files.file_stages import story_files

    write_results(story_files(given.items("paths")), given.maybe_text("output"), "grouping")


COMMANDS: dict[str, Command] = {
    "demo": demo,
    "extract": extract,
    "events": events,
    "stories": stories,
}
