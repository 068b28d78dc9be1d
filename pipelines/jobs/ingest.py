"""The main job: poll what is due, get and read the new pages, write one commit a slice, stop."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import PCollection

from pipelines.jobs.page_stages import read_pages
from pipelines.jobs.revisit import revisit, still_there
from pipelines.jobs.run_options import RunOptions
from pipelines.jobs.runner import RunSummary, begin_run, close_run, run_to_end
from transforms.clock import RunClock
from transforms.core.feeds.states import current_states, orphaned
from transforms.core.fetch.backoff import MAX_ATTEMPTS, backoff
from transforms.core.lake.batch import dequeued_page, sighting_of
from transforms.core.revisits import revisit_entry
from transforms.feeds import PolledFeeds, PollFeeds
from transforms.fetch import Fetched, FetchPages
from transforms.lake import Arrivals, MergeIntoLake, open_lake
from transforms.records import (
    DequeuedPage,
    FeedEntry,
    FeedSource,
    FeedState,
    PendingPage,
    Reject,
    Revisit,
    RunContext,
    Sighting,
)
from transforms.seen import PickUnseen

BATCH_FEEDS = 500
"""Feeds of one commit. Slices follow the order of feed ids, so they are the same in every run of one list."""


def build(
    pipeline: beam.Pipeline,
    states: Sequence[FeedState],
    options: RunOptions,
    run: RunContext,
    orphans: frozenset[str] = frozenset(),
) -> PCollection[str]:
    """Add the graph of one slice to a pipeline; `orphans` are links owed to feeds that are no longer polled.

    Gives the run's id once all is merged.
    """
    states_now = pipeline | "Feeds" >> beam.Create(states)
    polled = states_now | "PollFeeds" >> PollFeeds(options.web, options.clock, options.pool)
    unseen = polled.entries | "PickUnseen" >> PickUnseen(options.lake, orphans)
    arrivals = take_in(polled, fetch_wanted(polled, unseen, options), options)
    merged: PCollection[str] = arrivals.all() | "MergeIntoLake" >> MergeIntoLake(
        options.lake, run, options.started
    )
    return merged


def fetch_wanted(
    polled: PolledFeeds,
    unseen: PCollection[FeedEntry],
    options: RunOptions,
    revisits: PCollection[Revisit] | None = None,
) -> Fetched:
    """Get the unseen pages, those that were owed, and those of articles to look at again."""
    again = (
        ()
        if revisits is None
        else (revisits | "Revisit entries" >> beam.Map(revisit_entry).with_output_types(FeedEntry),)
    )
    wanted = (polled.retries, unseen, *again) | "Wanted" >> beam.Flatten()
    fetched: Fetched = wanted | "FetchPages" >> FetchPages(options.web, options.clock)
    return fetched


def take_in(
    polled: PolledFeeds,
    fetched: Fetched,
    options: RunOptions,
    revisited: PCollection[Revisit] | None = None,
) -> Arrivals:
    """Read the pages that were fetched, and return all that goes into the lake.

    Of articles `looked` at again, what is no longer that article changes nothing.
    """
    sightings = polled.entries | "Sight" >> beam.Map(sighting_of).with_output_types(Sighting)
    taken = polled.retries | "Take" >> beam.Map(dequeued_page).with_output_types(DequeuedPage)
    read = read_pages(fetched.pages, options, None if revisited is None else still_there(revisited))
    again = read.unread | "Again" >> beam.FlatMap(owed_again, options.clock).with_output_types(
        PendingPage
    )
    unhad = (fetched.rejects, read.unread) | "Unhad" >> beam.Flatten()
    of_feeds = unhad | "Of feeds" >> beam.Filter(
        lambda reject: reject.feed_id is not None
    ).with_output_types(Reject)
    rejects = (polled.rejects, of_feeds, *read.rejects)
    return Arrivals(
        coded=read.coded,
        sightings=sightings,
        fetches=(polled.fetches, fetched.fetches) | "Fetches" >> beam.Flatten(),
        rejects=rejects | "Rejects" >> beam.Flatten(),
        states=polled.states,
        owed=(fetched.queued, again) | "Owed" >> beam.Flatten(),
        taken=taken,
        site_blocks=read.site_blocks,
        persons=read.persons,
        revisited=revisited,
        raw=read.raw,
    )


def owed_again(
    reject: Reject, clock: RunClock, timestamp: Any = beam.DoFn.TimestampParam
) -> Iterator[PendingPage]:
    """Yield the page of a reject that another try may mend, such as one whose process was killed."""
    now, attempt = clock.at(timestamp).now, reject.attempt + 1
    if reject.retryable and reject.feed_id and reject.url and attempt < MAX_ATTEMPTS:
        yield PendingPage(
            feed_id=reject.feed_id,
            url=reject.url,
            attempt=attempt,
            not_before=now + backoff(attempt),
        )


def ingest(
    sources: Sequence[FeedSource], options: RunOptions, said: Callable[[str], None] = lambda _: None
) -> RunSummary:
    """Ingest the feeds that are due, slice by slice, each one commit; `said` is told what is being done."""
    lake = open_lake(options.lake)
    run = begin_run(lake, options, "scheduled", sorted(s.feed_url for s in sources))
    counters = Counter[str]()
    ordered = sorted(sources, key=lambda s: s.feed_id)
    for start in range(0, len(ordered), BATCH_FEEDS):
        part = ordered[start : start + BATCH_FEEDS]
        said(f"feeds {start + 1} to {start + len(part)} of {len(ordered)}")
        pipeline = options.pipeline()
        known = lake.feed_states()
        build(
            pipeline,
            current_states(known, part, options.now),
            options,
            run,
            orphaned(known, ordered),
        )
        counters.update(run_to_end(pipeline))
    counters.update(revisit(lake, options, run, said))
    return close_run(lake, run, counters, options)
