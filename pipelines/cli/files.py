"""The commands that need no lake: extract, events, stories; and demo, which creates its own."""

import typer

from pipelines.cli.commands import Command, OptionValues
from pipelines.cli.results import write_results
from pipelines.cli.values import clock_of, workers_of
from pipelines.terminal import console
from transforms.core.iso_times import parse_time


def demo(values: OptionValues) -> None:
    """Serve bundled feeds and pages locally, ingest them, and show the result, without network."""
    from pipelines.demo.demo import run_demo

    workers = workers_of(values.maybe_integer("workers"))
    code = run_demo(
        values.text("lake"), workers=workers, console=console(), as_json=values.flag("json")
    )
    raise typer.Exit(code)


def extract(values: OptionValues) -> None:
    """Extract and clean the article of each page (.html, .html.gz) or text (.txt), independently.

    Prints one line per file: {"id": file stem, "url", "title", "authors", "published_at",
    "language", "page_kind", "text", "credit", "removed": [{"text", "reason", "at"}]}.
    """
    from pipelines.files.file_stages import extract_files

    rows = extract_files(
        values.items("paths"),
        published_at=parse_time(values.maybe_text("published_at")),
        now=clock_of(values.maybe_text("now")),
        workers=workers_of(values.maybe_integer("workers")),
        learn_sites=values.flag("learn_sites"),
    )
    write_results(rows, values.maybe_text("output"), "extracting")


def events(values: OptionValues) -> None:
    """Code the events in JSON lines {"id", "text", "title"?, "published_at"?}, as `extract` prints.

    Prints one line per text: {"id", "events": [...]} with one event per mention, whose evidence is
    an exact substring of the text or the title. "skipped" is the reason why a text was not coded.
    """
    from pipelines.files.file_stages import event_files

    rows = event_files(
        values.items("paths"),
        published_at=parse_time(values.maybe_text("published_at")),
        workers=workers_of(values.maybe_integer("workers")),
    )
    write_results(rows, values.maybe_text("output"), "coding")


def stories(values: OptionValues) -> None:
    """Group JSON lines {"id", "text"} in input order: copies of the same text share a cluster.

    Prints {"id", "cluster"} per line, decided only from the line and those before it.
    """
    from pipelines.files.file_stages import story_files

    write_results(story_files(values.items("paths")), values.maybe_text("output"), "grouping")


COMMANDS: dict[str, Command] = {
    "demo": demo,
    "extract": extract,
    "events": events,
    "stories": stories,
}
