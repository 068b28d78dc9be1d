"""The commands that run jobs: ingest, stream, backfill, rebuild, replay.

Modules that need Beam are imported inside the commands, so that `--help` and the commands on files
start without loading it.
"""

from typing import TYPE_CHECKING

import typer

from pipelines.cli.commands import Command, OptionValues
from pipelines.cli.values import parse_selection
from pipelines.terminal import FAILED, OK, PARTIAL, say, say_left_out
from transforms.core.iso_times import parse_time

if TYPE_CHECKING:
    from transforms.core.archives.selection import Selection


def ingest(values: OptionValues) -> None:
    """Poll due feeds, fetch their new pages, and write articles and events to the lake.

    Options of Beam are passed on. Exit code 3: some feeds or pages were rejected. They are in the
    table `rejects`; the next run retries those whose errors may be temporary.
    """
    from pipelines.cli.run_plan import run_options, run_plan
    from pipelines.jobs.ingest import IngestPlan
    from transforms.core.feeds.lists import read_feed_lists

    options, more_feeds = run_options(values, values.beam_args)
    feeds = read_feed_lists([*values.items("feeds"), *more_feeds])
    plan = IngestPlan.of_list(
        feeds, revisit=values.flag("revisit"), poll_now=values.flag("poll_now")
    )
    run_plan(values, plan, options, feeds=feeds.feeds)


def stream(values: OptionValues) -> None:
    """Poll feeds as they fall due, without end, and commit articles and events once per window.

    Needs an engine that runs unbounded jobs; options of Beam are passed on. Each window is a run of
    its own, named after the stream's --run-id. Ctrl-C or SIGTERM cancels the job; the next stream
    or `ingest` polls again for what has not been committed.
    """
    from pipelines.cli.progress import PrintingReporter
    from pipelines.cli.run_plan import run_options, unless_running
    from pipelines.cli.template import stream_plan
    from pipelines.jobs.stream import run_stream

    options, more_feeds = run_options(values, values.beam_args)
    plan = stream_plan(values, more_feeds)
    say(
        f"newsbeam: streaming {len(plan.feeds)} feeds into {options.lake}, a commit every "
        f"{options.window_s} s; Ctrl-C ends it"
    )
    with unless_running(options):
        state = run_stream(plan, options, PrintingReporter())
    say(f"newsbeam: the stream ended: {state}")
    raise typer.Exit(FAILED if state == "FAILED" else OK)


def backfill(values: OptionValues) -> None:
    """Read the pages of archives into a lake, with the rows that fetching them when new would give.

    After an interruption, the same command line continues after the last commit and produces the
    same lake. Exit code 3: some records or pages were rejected; they are in the table `rejects`.
    """
    from pipelines.cli.run_plan import run_options, run_plan
    from pipelines.jobs.backfill import BackfillPlan
    from transforms.folders import FolderSearch
    from transforms.sources import find_sources

    # Click does not know Beam's options and parses them as further sources.
    options, words = run_options(values, [*values.items("sources"), *values.beam_args])
    search = FolderSearch()
    sources = find_sources(words, search)
    say_left_out(search.skipped)
    plan = BackfillPlan(
        sources=sources,
        selection=_selection(values),
        published_at=parse_time(values.maybe_text("published_at")),
        batch_pages=values.maybe_integer("batch_pages"),
    )
    run_plan(values, plan, options)


def rebuild(values: OptionValues) -> None:
    """Extract and code stored articles again, after a change of rules or code.

    Articles whose pages were kept (`--keep-raw`) are extracted, cleaned and coded again; others are
    coded again from their stored texts. Kept pages that gave no article are retried. Unchanged rows
    are not rewritten. Exit code 3: some pages were rejected.
    """
    from pipelines.cli.run_plan import no_more_words, run_options, run_plan
    from pipelines.jobs.rebuild import RebuildPlan
    from transforms.lake_views import require_lake

    options, words = run_options(values, values.beam_args)
    no_more_words(words, "rebuild")
    plan = RebuildPlan(selection=_selection(values), stage=values.text("stage"))
    require_lake(options.lake)
    if values.flag("dry_run"):
        from pipelines.inspect.dry_run import show_changes

        has_rejects = show_changes(plan, options, as_json=values.flag("json"))
        raise typer.Exit(PARTIAL if has_rejects else OK)
    run_plan(values, plan, options)


def replay(values: OptionValues) -> None:
    """Retry the rejects of a lake, after a rule, a limit or a site has been fixed.

    Rejected feeds are polled in full; rejected pages are fetched and processed. Articles that the
    lake already has are skipped. Exit code 3: some were rejected again, with today's date.
    """
    from pipelines.cli.run_plan import no_more_words, run_options, run_plan
    from pipelines.jobs.replay import ReplayPlan, check_reason
    from transforms.lake_views import require_folder, require_lake

    options, words = run_options(values, values.beam_args)
    no_more_words(words, "replay")
    require_folder(options.lake)
    require_lake(options.lake)
    reason = values.maybe_text("reason")
    check_reason(options.lake, reason)
    run_plan(values, ReplayPlan(reason=reason), options)


def _selection(values: OptionValues) -> "Selection":
    return parse_selection(
        values.maybe_text("sites"), values.maybe_text("from"), values.maybe_text("to")
    )


COMMANDS: dict[str, Command] = {
    "ingest": ingest,
    "stream": stream,
    "backfill": backfill,
    "rebuild": rebuild,
    "replay": replay,
}
