"""The commands that run jobs: ingest, stream, backfill, rebuild, replay.

What needs Beam is imported in the commands, so that `--help` and the commands on files start at
once.
"""

from typing import TYPE_CHECKING

import typer

from pipelines.cli.commands import Command, Given
from pipelines.cli.values import parse_selection
from pipelines.terminal import FAILED, OK, PARTIAL, say
from transforms.core.iso_times import parse_time

if TYPE_CHECKING:
    from transforms.core.archives.selection import Selection


def ingest(given: Given) -> None:
    """Poll the feeds that are due, fetch their new pages, and write articles and events to the
    lake.

    Beam's own options are passed on. Exit code 3: some feeds or pages were rejected; they are in
    the table `rejects`, and those that another try may fix are retried by the next run.
    """
    from pipelines.cli.run_plan import run_options, run_plan
    from pipelines.jobs.ingest import IngestPlan
    from transforms.core.feeds.lists import read_feed_lists

    options, more_feeds = run_options(given, given.beam_args)
    feeds = read_feed_lists([*given.items("feeds"), *more_feeds])
    plan = IngestPlan.of_list(feeds, revisit=given.flag("revisit"))
    run_plan(given, plan, options, listed=len(feeds.feeds))


def stream(given: Given) -> None:
    """Poll feeds as they fall due, without end, and write articles and events to the lake, a commit
    a window.

    Needs an engine that runs unbounded jobs; Beam's own options are passed on. Each window is a run
    of its own, named after the stream's --run-id. Ctrl-C or SIGTERM cancels the job: what is not in
    the lake yet is polled again by the next stream or `ingest`.
    """
    from pipelines.cli.reports import PrintingReporter
    from pipelines.cli.run_plan import run_options
    from pipelines.cli.template import stream_plan
    from pipelines.jobs.stream import run_stream

    options, more_feeds = run_options(given, given.beam_args)
    plan = stream_plan(given, more_feeds)
    say(
        f"newsbeam: streaming {len(plan.feeds)} feeds into {options.lake}, a commit every "
        f"{options.window_s} s; Ctrl-C ends it"
    )
    state = run_stream(plan, options, PrintingReporter())
    say(f"newsbeam: the stream ended: {state}")
    raise typer.Exit(FAILED if state == "FAILED" else OK)


def backfill(given: Given) -> None:
    """Bring the pages of archives into a lake, as the rows that fetching them when they were new
    would have given.

    Interrupted at any point and started again with the same words, it goes on after its last
    commit, and ends in the same lake. Exit code 3: some records or pages were rejected; they are in
    the table `rejects`.
    """
    from pipelines.cli.run_plan import run_options, run_plan
    from pipelines.jobs.backfill import BackfillPlan
    from transforms.sources import find_sources

    # Click takes Beam's options, which it does not know, for further sources.
    options, words = run_options(given, [*given.items("sources"), *given.beam_args])
    plan = BackfillPlan(
        sources=find_sources(words),
        selection=_selection(given),
        published_at=parse_time(given.maybe_text("published_at")),
        batch_pages=given.maybe_integer("batch_pages"),
    )
    run_plan(given, plan, options)


def rebuild(given: Given) -> None:
    """Extract and code again what the lake has kept, after rules or code have changed.

    Articles whose pages were kept (`--keep-raw`) are extracted, cleaned and coded anew, others are
    coded anew from their texts; kept pages that gave no article are tried again. Rows that come out
    as they are stay unwritten. Exit code 3: some pages were rejected.
    """
    from pipelines.cli.run_plan import no_more_words, run_options, run_plan
    from pipelines.jobs.rebuild import RebuildPlan
    from transforms.lake_views import require_lake

    options, words = run_options(given, given.beam_args)
    no_more_words(words, "rebuild")
    plan = RebuildPlan(selection=_selection(given), stage=given.text("stage"))
    require_lake(options.lake)
    if given.flag("dry_run"):
        from pipelines.inspect.dry_run import show_changes

        has_rejects = show_changes(plan, options, as_json=given.flag("json"))
        raise typer.Exit(PARTIAL if has_rejects else OK)
    run_plan(given, plan, options)


def replay(given: Given) -> None:
    """Try the rejects of a lake again, after a rule, a limit or a site has been fixed.

    Feeds are polled whole, pages fetched and processed; what the lake has by now is left out, and
    what is rejected again is a reject of today. Exit code 3: some were.
    """
    from pipelines.cli.run_plan import no_more_words, run_options, run_plan
    from pipelines.jobs.replay import ReplayPlan
    from transforms.lake_views import require_lake

    options, words = run_options(given, given.beam_args)
    no_more_words(words, "replay")
    require_lake(options.lake)
    run_plan(given, ReplayPlan(reason=given.maybe_text("reason")), options)


def _selection(given: Given) -> "Selection":
    return parse_selection(
        given.maybe_text("sites"), given.maybe_text("from"), given.maybe_text("to")
    )


COMMANDS: dict[str, Command] = {
    "ingest": ingest,
    "stream": stream,
    "backfill": backfill,
    "rebuild": rebuild,
    "replay": replay,
}
