"""The `newsbeam` command: what each command takes, what it prints, and its exit code.

Exit codes: 0 ok, 1 failed, 2 usage, 3 partial (some inputs rejected), 4 checked and found wanting.
"""

import json
import logging
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from transforms.errors import ConfigError, NewsbeamError

OK, FAILED, USAGE, PARTIAL = 0, 1, 2, 3
_BEAM = {"allow_extra_args": True, "ignore_unknown_options": True}

app = typer.Typer(
    name="newsbeam",
    help="News feeds in, Parquet out: clean article text, the political events in it, and the stories sources share.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
feeds_app = typer.Typer(help="Feeds and lists of feeds.", no_args_is_help=True)
app.add_typer(feeds_app, name="feeds")

Lake = Annotated[str, typer.Option("--lake", metavar="DIR", help="Folder of the lake; made if it is not there.")]
StoredLake = Annotated[str, typer.Option("--lake", metavar="DIR", help="Folder of the lake.")]
Now = Annotated[
    str | None,
    typer.Option("--now", metavar="ISO-TIME", help="The run's clock, to repeat a run exactly. Else the time it is."),
]
RunId = Annotated[str | None, typer.Option("--run-id", metavar="NAME", help="The run's name. Else time and chance.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print for machines: one JSON object a line.")]
Output = Annotated[
    str | None, typer.Option("-o", "--output", metavar="FILE", help="JSON lines go here; `-`, the default, is stdout.")
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=0,
        max=256,
        help="Processes that extract and code; 0: none beside the worker itself. Else one a core.",
    ),
]
PublishedAt = Annotated[
    str | None,
    typer.Option("--published-at", metavar="ISO-TIME", help="When texts that carry no date were published."),
]
Paths = Annotated[list[str], typer.Argument(metavar="PATH...", help="Files, folders (all files in them), or `-`.")]


def _version(wanted: bool) -> None:
    from pipelines import __version__

    if wanted:
        Console().print(f"newsbeam {__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def _common(
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Log what the engine and the libraries say.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    logging.basicConfig(level=logging.INFO if verbose else logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    for name in () if verbose else ("trafilatura", "htmldate", "apache_beam"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


@app.command(context_settings=_BEAM)
def ingest(
    context: typer.Context,
    feeds: Annotated[
        list[str],
        typer.Option(
            "--feeds",
            metavar="FILE-or-URL...",
            help="OPML or TOML lists, files with one link a line, or links of feeds; one or more, here and again.",
        ),
    ],
    lake: Lake,
    now: Now = None,
    run_id: RunId = None,
    connect_to: Annotated[
        str | None,
        typer.Option("--connect-to", metavar="HOST:PORT", help="Send every connection there: for tests and demos."),
    ] = None,
    spacing: Annotated[float, typer.Option("--spacing", min=0, help="Seconds between requests to one domain.")] = 1.0,
    deadline: Annotated[
        float | None,
        typer.Option("--deadline", min=0, help="Seconds for requests; pages not had by then are owed to the next run."),
    ] = None,
    user_agent: Annotated[
        str | None,
        typer.Option("--user-agent", help="Who servers are told is asking, else newsbeam/0.1; name your address."),
    ] = None,
    look_again: Annotated[
        bool, typer.Option(help="Fetch articles again after 6 hours, a day and a week, to have what was changed.")
    ] = True,
    workers: Workers = None,
    runner: Annotated[str, typer.Option("--runner", help="Beam runner; DirectRunner runs here.")] = "DirectRunner",
    as_json: AsJson = False,
) -> None:
    """Poll the feeds that are due, get the new pages, and write articles and events to the lake.

    Beam's own options are passed on. Exit code 3: some feeds or pages were rejected; they are in the table `rejects`,
    and what can be tried again is tried by the next run.
    """
    from pipelines.ingest import ingest as run
    from pipelines.options import RunOptions, new_run_id, split_beam_args
    from transforms.core.feeds.lists import read_feed_lists
    from transforms.pool import PoolOptions
    from transforms.web import WebOptions, answered

    beam_args, more_feeds = split_beam_args(context.args)
    listed = read_feed_lists([*feeds, *more_feeds])
    for bad in listed.unusable[:20]:
        _say(f"not a feed's link, left out: {bad}")
    clock = _clock(now)
    defaults = WebOptions()
    web = WebOptions(
        connect_to=connect_to,
        spacing_s=spacing,
        deadline=time.time() + deadline if deadline is not None else None,
        user_agent=user_agent or defaults.user_agent,
    )
    options = RunOptions(
        lake=lake,
        now=clock,
        run_id=run_id or new_run_id(clock),
        web=web,
        pool=PoolOptions(size=_workers(workers)),
        look_again=look_again,
        runner=runner,
        beam_args=beam_args,
    )
    with _progress("ingesting", lambda: f"{answered()} requests") as said:
        done = run(listed.feeds, options, said)
    _show_ingested(done, lake, len(listed.feeds), as_json=as_json)
    raise typer.Exit(PARTIAL if done.status == "partial" or done.feeds_left else OK)


@app.command()
def demo(
    lake: Lake = "demo-lake",
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Serve bundled feeds and pages on this machine, ingest them, and show what came of it. No network."""
    from pipelines.demo import run_demo

    raise typer.Exit(run_demo(lake, workers=_workers(workers), console=Console(), as_json=as_json))


@app.command()
def extract(
    paths: Paths,
    output: Output = None,
    published_at: PublishedAt = None,
    now: Now = None,
    workers: Workers = None,
    learn_sites: Annotated[
        bool, typer.Option("--learn-sites", help="Pages of one site teach each other what is the site's furniture.")
    ] = False,
) -> None:
    """Extract and clean the article of each page (.html, .html.gz) or text (.txt), each taken alone.

    Prints {"id": file stem, "url", "title", "authors", "published_at", "language", "page_kind", "text", "credit",
    "removed": [{"text", "reason", "at"}]} a line.
    """
    from pipelines.common import parse_time
    from pipelines.texts import extract_files

    rows = extract_files(
        paths,
        published_at=parse_time(published_at),
        now=_clock(now),
        workers=_workers(workers),
        learn_sites=learn_sites,
    )
    _write(rows, output, "extracting")


@app.command()
def events(
    paths: Paths,
    output: Output = None,
    published_at: PublishedAt = None,
    workers: Workers = None,
) -> None:
    """Code the events in JSON lines {"id", "text", "title"?, "published_at"?}, such as `extract` prints.

    Prints {"id", "events": [...]} a line, one event a mention, each with its evidence as an exact substring of the text
    or the title; "skipped" says why a text was not coded.
    """
    from pipelines.common import parse_time
    from pipelines.texts import event_files

    rows = event_files(paths, published_at=parse_time(published_at), workers=_workers(workers))
    _write(rows, output, "coding")


@app.command()
def stories(paths: Paths, output: Output = None) -> None:
    """Group JSON lines {"id", "text"} by what they tell, in order of arrival: copies of one text are one cluster.

    Prints {"id", "cluster"} a line, decided from the lines before it alone.
    """
    from pipelines.texts import story_files

    _write(story_files(paths), output, "grouping")


@feeds_app.command("parse")
def feeds_parse(paths: Paths, output: Output = None) -> None:
    """Print what is read from feed documents: RSS, Atom, RDF, JSON Feed.

    Prints {"id": file stem, "title", "entries": [{"id", "url", "title", "published_at", "author", "summary"}]} a line.
    """
    from pipelines.texts import feed_files

    _write(feed_files(paths), output, "parsing")


@app.command()
def explain(
    wanted: Annotated[str, typer.Argument(metavar="URL-or-ID", help="An article's URL, or its id or the start of it.")],
    lake: StoredLake,
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="FILE", help="Write a web page there, not to the terminal.")
    ] = None,
) -> None:
    """Show an article of the lake with the blocks that were taken out of it, each marked and named by its reason."""
    from pipelines.explain import find_article, show, to_html
    from pipelines.files import write_text

    row = find_article(lake, wanted)
    if output is None:
        show(row, Console(soft_wrap=not sys.stdout.isatty()))
    else:
        write_text(to_html(row), output)


@app.command()
def sql(
    lake: StoredLake,
    query: Annotated[str | None, typer.Argument(help="One query; without it, queries are read from stdin.")] = None,
    as_json: AsJson = False,
) -> None:
    """Query the lake with DuckDB: one view a table."""
    from pipelines.query import run_query, run_shell

    if query is None:
        raise typer.Exit(OK if run_shell(lake, as_json=as_json) else FAILED)
    else:
        run_query(lake, query, as_json=as_json)


def _clock(now: str | None) -> datetime:
    from pipelines.common import parse_time

    return parse_time(now) or datetime.now(UTC)


def _workers(workers: int | None) -> int:
    from pipelines.common import default_workers

    return default_workers() if workers is None else workers


def _write(rows: Iterable[dict[str, Any] | tuple[str, NewsbeamError]], output: str | None, what: str) -> None:
    """Write rows as they come; say what failed, and end with exit code 3 where something did."""
    from pipelines.files import write_rows

    failed = 0

    def good() -> Iterable[dict[str, Any]]:
        nonlocal failed
        for number, row in enumerate(rows, 1):
            said(f"{what}: {number}")
            if isinstance(row, dict):
                yield row
            else:
                failed += 1
                _say(f"{row[0]}: {row[1].reason}: {row[1]}")

    with _progress(what) as said:
        write_rows(good(), output)
    if failed:
        raise typer.Exit(PARTIAL)


class _Quiet:
    """Progress where nobody looks: a log or a pipe."""

    def __call__(self, text: str) -> None:
        pass


def _progress(what: str, count: Callable[[], str] = str) -> "AbstractContextManager[Callable[[str], None]]":
    """Return a context that shows on a terminal what is being done, and nothing elsewhere."""
    console = Console(stderr=True)
    return _Spinner(console, what, count) if console.is_terminal else nullcontext(_Quiet())


class _Spinner:
    """A line on the terminal with the work, a count of it, and the time it has taken."""

    def __init__(self, console: Console, what: str, count: Callable[[], str]) -> None:
        from rich.progress import Progress, RenderableColumn, SpinnerColumn, TextColumn, TimeElapsedColumn

        class Count(RenderableColumn):
            """Asks anew each time the line is drawn."""

            def render(self, task: object) -> str:
                return count()

        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            Count(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task = self._progress.add_task(what, total=None)

    def __enter__(self) -> "Callable[[str], None]":
        self._progress.start()
        return lambda text: self._progress.update(self._task, description=escape(text))

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


def _show_ingested(done: Any, lake: str, listed: int, *, as_json: bool) -> None:
    import dataclasses

    if as_json:
        sys.stdout.write(json.dumps(dataclasses.asdict(done) | {"lake": lake}) + "\n")
        return
    out = Console(soft_wrap=True)
    undue = listed - done.feeds - done.feeds_left
    out.print(
        f"run {escape(done.run_id)}: {done.status}, {done.feeds} feeds polled"
        + (f", {undue} not due yet" if undue > 0 else "")
        + (f", {done.feeds_left} left to the next run" if done.feeds_left else "")
        + f", {done.articles_new} new articles, {done.events_new} new events, {sum(done.rejects.values())} rejects, "
        f"{done.seconds} s"
    )
    for reason, count in done.rejects.items():
        out.print(f"  rejected {count} x {reason}")
    query = '"SELECT type, count(*) FROM events GROUP BY 1 ORDER BY 2 DESC"'
    out.print(f"try: newsbeam sql {query} --lake {escape(lake)}")


def _say(text: str, *, lines: bool = False) -> None:
    """Print to standard error: one line, whatever is in the text, unless it is ours and may have several."""
    line = "".join(c if c.isprintable() or (lines and c == "\n") else "\ufffd" for c in text)
    Console(stderr=True, soft_wrap=True).print(escape(line), style="yellow")


def main() -> None:
    """Run the command line and exit with its code."""
    sys.exit(run(sys.argv[1:]))


def run(args: list[str]) -> int:
    """Run a command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        app(args=args)
    except SystemExit as done:
        if isinstance(done.code, str):
            _say(done.code)
        return done.code if isinstance(done.code, int) else FAILED if done.code else OK
    except ConfigError as error:
        _say(f"newsbeam: {error}", lines=True)
        return USAGE
    except NewsbeamError as error:
        _say(f"newsbeam: {error.reason}: {error}")
        return FAILED
    except BrokenPipeError:
        sys.stderr.close()
    return OK


if __name__ == "__main__":
    main()
