"""The `newsbeam` command: what each command takes, what it prints, and its exit code.

Exit codes: 0 ok, 1 failed, 2 usage, 3 partial (some inputs rejected), 4 checked and found wanting.
"""

import json
import logging
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from pipelines.arguments import (
    AllowNet,
    AsJson,
    ConnectTo,
    Contact,
    Lake,
    MetricsFile,
    Now,
    Output,
    Paths,
    PublishedAt,
    RunId,
    Runner,
    Spacing,
    StoredLake,
    UserAgent,
    Workers,
)
from pipelines.feed_commands import feeds_app
from pipelines.terminal import FAILED, OK, PARTIAL, USAGE, progress, say, write_results
from transforms.errors import ConfigError, NewsbeamError

if TYPE_CHECKING:
    from pipelines.options import RunOptions
    from pipelines.runs import Ingested

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
    connect_to: ConnectTo = None,
    spacing: Spacing = 1.0,
    deadline: Annotated[
        float | None,
        typer.Option("--deadline", min=0, help="Seconds for requests; pages not had by then are owed to the next run."),
    ] = None,
    user_agent: UserAgent = None,
    contact: Contact = None,
    allow_net: AllowNet = None,
    look_again: Annotated[
        bool, typer.Option(help="Fetch articles again after 6 hours, a day and a week, to have what was changed.")
    ] = True,
    workers: Workers = None,
    runner: Runner = "DirectRunner",
    metrics_file: MetricsFile = None,
    as_json: AsJson = False,
) -> None:
    """Poll the feeds that are due, get the new pages, and write articles and events to the lake.

    Beam's own options are passed on. Exit code 3: some feeds or pages were rejected; they are in the table `rejects`,
    and what can be tried again is tried by the next run.
    """
    from pipelines.ingest import ingest as run
    from transforms.core.feeds.lists import read_feed_lists
    from transforms.web import answered

    web = _web_options(connect_to, spacing, user_agent, contact, allow_net)
    if deadline is not None:
        web["deadline"] = time.time() + deadline
    options, more_feeds = _run_options(
        context.args, web, lake=lake, now=now, run_id=run_id, workers=workers, runner=runner, look_again=look_again
    )
    listed = read_feed_lists([*feeds, *more_feeds])
    for bad in listed.unusable[:20]:
        say(f"not a feed's link, left out: {bad}")
    with progress("ingesting", lambda: f"{answered()} requests") as said:
        done = run(listed.feeds, options, said)
    _write_metrics(done, metrics_file)
    _show_ingested(done, lake, len(listed.feeds), as_json=as_json)
    raise typer.Exit(PARTIAL if done.status == "partial" or done.feeds_left else OK)


@app.command(context_settings=_BEAM)
def replay(
    context: typer.Context,
    lake: StoredLake,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="CODE", help="Only rejects of this reason, e.g. E_FETCH_TIMEOUT.")
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
    from pipelines.replay import replay as run

    web = _web_options(connect_to, spacing, user_agent, contact, allow_net)
    options, more = _run_options(context.args, web, lake=lake, now=now, run_id=run_id, workers=workers, runner=runner)
    if more:
        raise ConfigError(f"{more[0]!r}: replay takes no such argument")
    with progress("replaying") as said:
        done = run(options, reason, said)
    _write_metrics(done, metrics_file)
    _show_ingested(done, lake, done.feeds, as_json=as_json)
    raise typer.Exit(PARTIAL if done.status == "partial" else OK)


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
    from pipelines.common import parse_time
    from pipelines.texts import event_files

    rows = event_files(paths, published_at=parse_time(published_at), workers=_workers(workers))
    write_results(rows, output, "coding")


@app.command()
def stories(paths: Paths, output: Output = None) -> None:
    """Group JSON lines {"id", "text"} by what they tell, in order of arrival: copies of one text are one cluster.

    Prints {"id", "cluster"} a line, decided from the lines before it alone.
    """
    from pipelines.texts import story_files

    write_results(story_files(paths), output, "grouping")


@app.command()
def explain(
    wanted: Annotated[
        str,
        typer.Argument(
            metavar="URL-or-ID", help="An article's URL, or the id of an article, event or mention, or its start."
        ),
    ],
    lake: StoredLake,
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="FILE", help="Write a web page there, not to the terminal.")
    ] = None,
) -> None:
    """Show why the lake is as it is.

    An article: the blocks that were taken out of it, each named by its reason, and its events. An event: the sentences
    it was read from, with trigger, actor, recipient, claim, date and place marked, and the rule's name.
    """
    from pipelines.explain import find, show, to_html
    from pipelines.files import write_text

    found = find(lake, wanted)
    if output is None:
        show(found, Console(soft_wrap=not sys.stdout.isatty()))
    else:
        write_text(to_html(found), output)


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


def _web_options(
    connect_to: str | None, spacing: float, user_agent: str | None, contact: str | None, allow_net: list[str] | None
) -> dict[str, Any]:
    """Return what the user said of the network, by the names of `WebOptions`."""
    return {
        "connect_to": connect_to,
        "spacing_s": spacing,
        "user_agent": user_agent,
        "contact": contact,
        "allow_net": tuple(allow_net or ()),
    }


def _run_options(
    args: list[str], web: dict[str, Any], *, workers: int | None, now: str | None, run_id: str | None, **fields: Any
) -> "tuple[RunOptions, tuple[str, ...]]":
    """Return the options of a run, and the words that are none; what the user left open is as it is by default."""
    from pipelines.options import RunOptions, new_run_id, split_beam_args
    from transforms.pool import PoolOptions
    from transforms.web import WebOptions

    beam_args, words = split_beam_args(args)
    clock = _clock(now)
    options = RunOptions(
        now=clock,
        run_id=run_id or new_run_id(clock),
        web=WebOptions(**{name: value for name, value in web.items() if value is not None}),
        pool=PoolOptions(size=_workers(workers)),
        beam_args=beam_args,
        **fields,
    )
    return options, words


def _write_metrics(done: "Ingested", target: str | None) -> None:
    if target is not None:
        from pipelines.metrics import write_metrics

        write_metrics(done, target)


def _clock(now: str | None) -> datetime:
    from pipelines.common import parse_time

    return parse_time(now) or datetime.now(UTC)


def _workers(workers: int | None) -> int:
    from pipelines.common import default_workers

    return default_workers() if workers is None else workers


def _show_ingested(done: "Ingested", lake: str, listed: int, *, as_json: bool) -> None:
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
    return OK


if __name__ == "__main__":
    main()
