"""The commands that need no lake: extract, events, stories; and demo, which creates its own."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from pipelines.cli.commands import Command, OptionValues
from pipelines.cli.results import write_results
from pipelines.cli.values import clock_of, refuse_input_as_output, web_options, workers_of
from pipelines.terminal import console, say
from transforms.core.iso_times import parse_time
from transforms.errors import NewsbeamError

if TYPE_CHECKING:
    from pipelines.files.jsonl import Input

Row = dict[str, Any]
Failed = tuple[str, NewsbeamError]


def demo(values: OptionValues) -> None:
    """Serve bundled feeds and pages locally, ingest them, and show the result, without network."""
    from pipelines.demo.demo import run_demo

    workers = workers_of(values.maybe_integer("workers"))
    code = run_demo(
        values.text("lake"), workers=workers, console=console(), as_json=values.flag("json")
    )
    raise typer.Exit(code)


def extract(values: OptionValues) -> None:
    """Extract and clean the article of each page (.html, .html.gz, https://...) or text (.txt).

    Prints one line per input: {"id", "url", "title", "authors", "published_at", "language",
    "page_kind", "extraction_basis", "text", "markdown", "credit", "removed": [{"text", "reason",
    "at"}]}. The id is the address, or the file's name without its ending, after its path within a
    folder that was named; or the whole path if two inputs would have one id. Addresses are fetched
    as `ingest` fetches them; exit code 3: some inputs gave none.
    """
    from pipelines.files.file_stages import extract_files

    rows = extract_files(
        values.items("paths"),
        published_at=parse_time(values.maybe_text("published_at")),
        now=clock_of(values.maybe_text("now")),
        workers=workers_of(values.maybe_integer("workers")),
        fetch=partial(_fetch, values),
        learn_sites=values.flag("learn_sites"),
    )
    write_results(rows, _output(values), "extracting")


def events(values: OptionValues) -> None:
    """Code the events in JSON lines {"id", "text", "title"?, "published_at"?}, as `extract` prints.

    Takes pages too (.html, .html.gz, https://...), whose articles are extracted first. Prints one
    line per text: {"id", "events": [...]} with one event per mention, whose evidence is an exact
    substring of the text or the title; for a page also "url" and "title". "skipped" is the reason
    why a text was not coded.
    """
    from pipelines.files.file_stages import event_files

    rows = event_files(
        values.items("paths"),
        published_at=parse_time(values.maybe_text("published_at")),
        now=clock_of(None),
        workers=workers_of(values.maybe_integer("workers")),
        fetch=partial(_fetch, values),
    )
    write_results(_with_last_word(rows), _output(values), "coding")


def _with_last_word(rows: Iterable[Row | Failed]) -> Iterator[Row | Failed]:
    """Yield the rows; say in the end what was found in those of pages, if there are any."""
    pages, mentions, last = 0, 0, ""
    for row in rows:
        if isinstance(row, dict) and "title" in row:
            found = len(row["events"])
            pages, mentions = pages + 1, mentions + found
            what = row.get("skipped") or f"{row['title'] or 'no title'}: {found} event mentions"
            last = f"{row['id']}: {what}"
        yield row
    if pages:
        say(last if pages == 1 else f"{pages} pages: {mentions} event mentions")


def _output(values: OptionValues) -> str | None:
    """Return the file for the results. Raises ConfigError if it is one of the inputs."""
    output = values.maybe_text("output")
    if output:
        refuse_input_as_output(output, values.items("paths"))
    return output


def _fetch(values: OptionValues, source: "Input") -> "Input":
    """Return the page at an address; what fetches is loaded if there is one."""
    from pipelines.files.fetched import fetched_page

    return fetched_page(source, web_options(values))


def stories(values: OptionValues) -> None:
    """Group JSON lines {"id", "text"} in input order: copies of the same text share a cluster.

    Prints {"id", "cluster"} per line, decided only from the line and those before it.
    """
    from pipelines.files.file_stages import story_files

    write_results(story_files(values.items("paths")), _output(values), "grouping")


COMMANDS: dict[str, Command] = {
    "demo": demo,
    "extract": extract,
    "events": events,
    "stories": stories,
}
