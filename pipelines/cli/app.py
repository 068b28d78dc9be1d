"""The `newsbeam` command: what each command takes, what it prints, and its exit code.

Exit codes: 0 ok, 1 failed, 2 usage, 3 partial (some inputs rejected), 4 checked and found wanting.
"""

import logging
import sys
import time
from typing import Annotated

import typer
from rich.console import Console

from pipelines.cli.archives import backfill, rebuild
from pipelines.cli.arguments import (
    AllowNet,
    AsJson,
    ConnectTo,
    Contact,
    FeedLists,
    KeepRaw,
    Lake,
    MetricsFile,
    Now,
    Output,
    Paths,
    PublishedAt,
    RevisitOption,
    RunId,
    Runner,
    Spacing,
    StoredLake,
    UserAgent,
    Workers,
)
from pipelines.cli.check import check
from pipelines.cli.ddl import ddl
from pipelines.cli.doctor import doctor
from pipelines.cli.feeds import feeds_app
from pipelines.cli.shared import (
    clock_of,
    listed_feeds,
    must_be_filled,
    run_options,
    show_done,
    web_options,
    workers_of,
    write_metrics_file,
)
from pipelines.cli.stream import stream
from pipelines.cli.terminal import (
    FAILED,
    INTERRUPTED,
    OK,
    PARTIAL,
    USAGE,
    progress,
    say,
    write_results,
)
from pipelines.cli.upgrade import upgrade
from transforms.errors import ConfigError, NewsbeamError

_BEAM = {"allow_extra_args": True, "ignore_unknown_options": True}

app = typer.Typer(
    name="newsbeam",
    help="News feeds in, Parquet out: clean article text, the political events in it, and the stories sources share.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.add_typer(feeds_app, name="feeds")


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
    level = logging.INFO if verbose else logging.ERROR
    told = logging.StreamHandler()
    told.setLevel(level)  # Beam sets the logger of an engine to INFO, whatever the root's level
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s", handlers=[told])
    for name in () if verbose else ("trafilatura", "htmldate", "apache_beam"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


@app.command(context_settings=_BEAM)
def ingest(
    context: typer.Context,
    feeds: FeedLists,
    lake: Lake,
    now: Now = None,
    run_id: RunId = None,
    connect_to: ConnectTo = None,
    spacing: Spacing = 1.0,
    deadline: Annotated[
        float | None,
        typer.Option(
            "--deadline",
            min=0,
            help="Seconds for requests; pages not had by then are owed to the next run.",
        ),
    ] = None,
    user_agent: UserAgent = None,
    contact: Contact = None,
    allow_net: AllowNet = None,
    revisit: RevisitOption = True,
    keep_raw: KeepRaw = False,
    workers: Workers = None,
    runner: Runner = "DirectRunner",
    metrics_file: MetricsFile = None,
    as_json: AsJson = False,
) -> None:
    """Poll the feeds that are due, get the new pages, and write articles and events to the lake.

    Beam's own options are passed on. Exit code 3: some feeds or pages were rejected; they are in the table `rejects`,
    and what can be tried again is tried by the next run.
    """
    from pipelines.jobs.ingest import ingest as run
    from transforms.web import completed_requests

    web = web_options(connect_to, spacing, user_agent, contact, allow_net)
    if deadline is not None:
        web["deadline"] = time.time() + deadline
    options, more_feeds = run_options(
        context.args,
        web,
        lake=lake,
        now=now,
        run_id=run_id,
        workers=workers,
        runner=runner,
        revisit=revisit,
        keep_raw=keep_raw,
    )
    listed = listed_feeds([*feeds, *more_feeds])
    with progress("ingesting", lambda: f"{completed_requests()} requests") as said:
        done = run(listed, options, said)
    write_metrics_file(done, metrics_file)
    show_done(done, lake, len(listed), as_json=as_json)
    raise typer.Exit(PARTIAL if done.status == "partial" or done.feeds_left else OK)


@app.command(context_settings=_BEAM)
def replay(
    context: typer.Context,
    lake: StoredLake,
    reason: Annotated[
        str | None,
        typer.Option(
            "--reason", metavar="CODE", help="Only rejects of this reason, e.g. E_FETCH_TIMEOUT."
        ),
    ] = None,
    now: Now = None,
    run_id: RunId = None,
    connect_to: ConnectTo = None,
    spacing: Spacing = 1.0,
    user_agent: UserAgent = None,
    contact: Contact = None,
    allow_net: AllowNet = None,
    workers: Workers = None,
    runner: Runner = "DirectRunner",
    metrics_file: MetricsFile = None,
    as_json: AsJson = False,
) -> None:
    """Try the rejects of a lake again, after a rule, a limit or a site has been mended.

    Feeds are polled whole, pages fetched and read; what the lake has by now is left out, and what is refused again is a
    reject of today. Exit code 3: some were.
    """
    from pipelines.jobs.replay import replay as run

    web = web_options(connect_to, spacing, user_agent, contact, allow_net)
    options, more = run_options(
        context.args, web, lake=lake, now=now, run_id=run_id, workers=workers, runner=runner
    )
    if more:
        raise ConfigError(f"{more[0]!r}: replay takes no such argument")
    must_be_filled(lake)
    with progress("replaying") as said:
        done = run(options, reason, said)
    write_metrics_file(done, metrics_file)
    show_done(done, lake, done.feeds, as_json=as_json)
    raise typer.Exit(PARTIAL if done.status == "partial" else OK)


@app.command()
def demo(
    lake: Lake = "demo-lake",
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Serve bundled feeds and pages on this machine, ingest them, and show what came of it. No network."""
    from pipelines.demo import run_demo

    raise typer.Exit(
        run_demo(lake, workers=workers_of(workers), console=Console(), as_json=as_json)
    )


@app.command()
def extract(
    paths: Paths,
    output: Output = None,
    published_at: PublishedAt = None,
    now: Now = None,
    workers: Workers = None,
    learn_sites: Annotated[
        bool,
        typer.Option(
            "--learn-sites",
            help="Pages of one site teach each other what is the site's boilerplate.",
        ),
    ] = False,
) -> None:
    """Extract and clean the article of each page (.html, .html.gz) or text (.txt), each taken alone.

    Prints {"id": file stem, "url", "title", "authors", "published_at", "language", "page_kind", "text", "credit",
    "removed": [{"text", "reason", "at"}]} a line.
    """
    from pipelines.cli.values import parse_time
    from pipelines.files.file_stages import extract_files

    rows = extract_files(
        paths,
        published_at=parse_time(published_at),
        now=clock_of(now),
        workers=workers_of(workers),
        learn_sites=learn_sites,
    )
    write_results(rows, output, "extracting")


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
    from pipelines.cli.values import parse_time
    from pipelines.files.file_stages import event_files

    rows = event_files(paths, published_at=parse_time(published_at), workers=workers_of(workers))
    write_results(rows, output, "coding")


@app.command()
def stories(paths: Paths, output: Output = None) -> None:
    """Group JSON lines {"id", "text"} by what they tell, in order of arrival: copies of one text are one cluster.

    Prints {"id", "cluster"} a line, decided from the lines before it alone.
    """
    from pipelines.files.file_stages import story_files

    write_results(story_files(paths), output, "grouping")


@app.command()
def explain(
    wanted: Annotated[
        str,
        typer.Argument(
            metavar="URL-or-ID",
            help="An article's URL, or the id of an article, event or mention, or its start.",
        ),
    ],
    lake: StoredLake,
    output: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="Write a web page there, not to the terminal."
        ),
    ] = None,
) -> None:
    """Show why the lake is as it is.

    An article: the blocks that were taken out of it, each named by its reason, and its events. An event: the sentences
    it was read from, with trigger, actor, recipient, claim, date and place marked, and the rule's name.
    """
    from pipelines.files.jsonl import write_text
    from pipelines.inspect.explain import find, show, to_html

    found = find(lake, wanted)
    if output is None:
        show(found, Console(soft_wrap=not sys.stdout.isatty()))
    else:
        write_text(to_html(found), output)


@app.command()
def sql(
    lake: StoredLake,
    query: Annotated[
        str | None, typer.Argument(help="One query; without it, queries are read from stdin.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Query the lake with DuckDB: one view a table, and four more (docs/lake.md)."""
    from pipelines.inspect.query import run_query, run_shell

    if query is None:
        raise typer.Exit(OK if run_shell(lake, as_json=as_json) else FAILED)
    else:
        run_query(lake, query, as_json=as_json)


app.command(context_settings=_BEAM)(backfill)
app.command(context_settings=_BEAM)(rebuild)
app.command(context_settings=_BEAM)(stream)
app.command()(check)
app.command()(upgrade)
app.command()(doctor)
app.command()(ddl)


def main() -> None:
    """Run the command line and exit with its code."""
    sys.exit(run(sys.argv[1:]))


def run(args: list[str]) -> int:
    """Run a command and return its exit code."""
    for out in (sys.stdout, sys.stderr):
        if hasattr(out, "reconfigure"):
            out.reconfigure(errors="replace")
    try:
        app(args=args)
    except SystemExit as done:
        if isinstance(done.code, str):
            say(done.code)
        return done.code if isinstance(done.code, int) else FAILED if done.code else OK
    except ConfigError as error:
        say(f"newsbeam: {error}", lines=True)
        return USAGE
    except NewsbeamError as error:
        say(f"newsbeam: {error.reason}: {error}")
        return FAILED
    except BrokenPipeError:
        sys.stderr.close()
    except RuntimeError as error:
        if "KeyboardInterrupt" not in str(
            error
        ):  # as Beam tells of a Ctrl-C that met it within a stage
            raise
        return INTERRUPTED
    return OK


if __name__ == "__main__":
    main()
