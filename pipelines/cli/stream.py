"""The `newsbeam stream` command: feeds polled without end, on an engine that runs such jobs."""

from typing import Annotated

import typer

from pipelines.cli.arguments import (
    AllowNet,
    ConnectTo,
    Contact,
    FeedLists,
    KeepRaw,
    Lake,
    RevisitOption,
    RunId,
    Spacing,
    UserAgent,
    Workers,
)
from pipelines.cli.shared import listed_feeds, run_options, web_options
from pipelines.cli.terminal import FAILED, OK, say
from pipelines.cli.values import parse_time


def stream(
    context: typer.Context,
    feeds: FeedLists,
    lake: Lake,
    runner: Annotated[
        str,
        typer.Option(
            "--runner", help="Beam runner that runs unbounded jobs: FlinkRunner, PrismRunner, ..."
        ),
    ] = "DirectRunner",
    every: Annotated[
        float,
        typer.Option(
            "--every", min=1, metavar="SECONDS", help="How often the feeds that are due are polled."
        ),
    ] = 60.0,
    window: Annotated[
        int,
        typer.Option(
            "--window",
            min=1,
            metavar="SECONDS",
            help="Time between two commits; each rewrites files.",
        ),
    ] = 300,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="ISO-TIME", help="Poll no more from then on, and end."),
    ] = None,
    run_id: RunId = None,
    connect_to: ConnectTo = None,
    spacing: Spacing = 1.0,
    user_agent: UserAgent = None,
    contact: Contact = None,
    allow_net: AllowNet = None,
    revisit: RevisitOption = True,
    keep_raw: KeepRaw = False,
    workers: Workers = None,
) -> None:
    """Poll feeds as they fall due, without end, and write articles and events to the lake, a commit a window.

    Needs an engine that runs unbounded jobs; Beam's own options are passed on. Each window is a run of its own, named
    after the stream's --run-id. Ctrl-C or SIGTERM cancels the job: what is not in the lake yet is polled again by the
    next stream or `ingest`.
    """
    from pipelines.jobs.stream import StreamOptions
    from pipelines.jobs.stream import stream as run

    options, more_feeds = run_options(
        context.args,
        web_options(connect_to, spacing, user_agent, contact, allow_net),
        lake=lake,
        now=None,
        run_id=run_id,
        workers=workers,
        runner=runner,
        revisit=revisit,
        keep_raw=keep_raw,
        window_s=window,
    )
    listed = listed_feeds([*feeds, *more_feeds])
    say(
        f"newsbeam: streaming {len(listed)} feeds into {lake}, a commit every {window} s; Ctrl-C ends it"
    )
    state = run(listed, options, StreamOptions(every_s=every, until=parse_time(until)))
    say(f"newsbeam: the stream ended: {state}")
    raise typer.Exit(FAILED if state == "FAILED" else OK)
