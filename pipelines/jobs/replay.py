"""Rejects again: what was refused is asked for once more, after a rule, a limit or a site has been mended."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import apache_beam as beam

from pipelines.inspect.query import connect, rows_of
from pipelines.jobs.ingest import build
from pipelines.jobs.page_stages import read_pages
from pipelines.jobs.run_options import RunOptions
from pipelines.jobs.runner import RunSummary, begin_run, close_run, run_to_end
from transforms.core.feeds.states import orphaned
from transforms.core.lake.batch import sighting_of
from transforms.core.replay import replay_entry
from transforms.fetch import FetchPages
from transforms.lake import Arrivals, MergeIntoLake, open_lake
from transforms.records import FeedEntry, FeedState, RunContext, Sighting

BATCH_ENTRIES = 2_000
_ELSEWHERE = {"feed_parse", "archive"}
"""Stages whose rejects are no pages: a feed is polled again, an archive backfilled again."""
_NEWEST = """
    FROM rejects WHERE coalesce(reason = ?, true)
    QUALIFY row_number() OVER (PARTITION BY reject_id ORDER BY rejected_at DESC) = 1
    ORDER BY reject_id
"""
_IN_THE_LAKE = (
    "SELECT url_key FROM sightings WHERE article_id IS NOT NULL AND published_date IS NOT NULL"
)
Row = dict[str, Any]


def replay(
    options: RunOptions, reason: str | None, said: Callable[[str], None] = lambda _: None
) -> RunSummary:
    """Try the rejects of the lake again, those of one reason or all, but for pages whose article it has by now."""
    lake = open_lake(options.lake)
    run = begin_run(lake, options, "replay", reason)
    known = lake.feed_states()
    with connect(options.lake) as connection:
        rejects = rows_of(connection, _NEWEST, reason)
        there = {row["url_key"] for row in rows_of(connection, _IN_THE_LAKE)}
    counters = Counter[str]()
    if states := _feeds(known, rejects):
        said(f"{len(states)} feeds again")
        pipeline = options.pipeline()
        build(pipeline, states, options, run, orphaned(known, [s.source for s in states]))
        counters.update(run_to_end(pipeline))
    tried = (replay_entry(r, options.now) for r in rejects if _is_page(r))
    wanted = {
        e.capture_url or e.url_key: e
        for e in tried
        if e and (e.capture_url or e.url_key not in there)
    }
    entries = [entry for _, entry in sorted(wanted.items())]
    for start in range(0, len(entries), BATCH_ENTRIES):
        part = entries[start : start + BATCH_ENTRIES]
        said(f"pages {start + 1} to {start + len(part)} of {len(entries)} again")
        pipeline = options.pipeline()
        build_replay(pipeline, part, options, run)
        counters.update(run_to_end(pipeline))
    return close_run(lake, run, counters, options)


def _is_page(reject: Row) -> bool:
    """Return whether a reject is of a page; of those that were not fetched, only pages have a payload."""
    if reject["stage"] in _ELSEWHERE or not reject["url"]:
        return False
    return reject["stage"] != "fetch" or reject["payload"] is not None


def build_replay(
    pipeline: beam.Pipeline, tried: Sequence[FeedEntry], options: RunOptions, run: RunContext
) -> None:
    """Add the graph that fetches and reads entries of rejects; what is refused again is a reject of today."""
    entries = pipeline | "Entries" >> beam.Create(tried)
    fetched = entries | "FetchPages" >> FetchPages(options.web, options.clock)
    read = read_pages(fetched.pages, options)
    arrivals = Arrivals(
        coded=read.coded,
        sightings=entries | "Sight" >> beam.Map(sighting_of).with_output_types(Sighting),
        fetches=fetched.fetches,
        rejects=(fetched.rejects, read.unread, *read.rejects) | "Rejects" >> beam.Flatten(),
        site_blocks=read.site_blocks,
        persons=read.persons,
        raw=read.raw,
    )
    arrivals.all() | "MergeIntoLake" >> MergeIntoLake(options.lake, run, options.started)


def _feeds(known: Mapping[str, FeedState], rejects: Sequence[Row]) -> list[FeedState]:
    """Return the feeds that were refused, due now and asked for whole."""
    refused = sorted({r["feed_id"] for r in rejects if r["stage"] == "feed_parse"} & known.keys())
    return [
        dataclasses.replace(
            known[i], next_due_at=None, etag=None, last_modified=None, body_sha256=None
        )
        for i in refused
    ]
