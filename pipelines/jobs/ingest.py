"""Ingest: poll the feeds that are due, fetch and process their new pages, then revisit articles
that are due.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import PCollection

from pipelines.jobs.page_stages import process_pages
from pipelines.jobs.plan import Contents, Plan, PlannedBatch, Run, split_into_batches
from pipelines.jobs.revisit import revisit_batches, still_there
from pipelines.jobs.run_options import RunOptions
from transforms.clock import RunClock
from transforms.core.feeds.lists import FeedList
from transforms.core.feeds.states import all_due, current_states, orphaned
from transforms.core.fetch.backoff import MAX_ATTEMPTS, backoff
from transforms.core.lake.batch import dequeued_page, sighting_of
from transforms.core.revisits import revisit_entry
from transforms.feeds import PolledFeeds, PollFeeds
from transforms.fetch import Fetched, FetchPages
from transforms.records import (
    Cursor,
    DequeuedPage,
    FeedEntry,
    FeedSource,
    FeedState,
    PendingPage,
    Reject,
    Revisit,
    Sighting,
)
from transforms.seen import PickUnseen

BATCH_FEEDS = 500
"""Feeds of one commit: some thousand pages at ten new items a feed, as much as a batch of an
archive.

Batches follow the order of feed ids, so they are the same in every run of one list.
"""


@dataclass(frozen=True, kw_only=True)
class IngestPlan(Plan):
    """Feeds in batches, then the revisits that are due."""

    feeds: Sequence[FeedSource]
    skipped_inputs: tuple[str, ...] = ()
    batch_feeds: int = BATCH_FEEDS
    revisit: bool = True
    poll_now: bool = False
    """Poll feeds that are not due too; pauses that servers requested still hold."""

    kind = "scheduled"
    is_polling = True

    @classmethod
    def of_list(cls, feeds: FeedList, **fields: Any) -> "IngestPlan":
        """Return the plan for a feed list; the run reports the list's invalid entries."""
        return cls(feeds=feeds.feeds, skipped_inputs=feeds.invalid, **fields)

    @property
    def config(self) -> object:
        """Return the feeds' URLs."""
        return sorted(source.feed_url for source in self.feeds)

    def batches(self, run: Run, cursor: Cursor | None) -> Iterator[PlannedBatch]:
        """Yield the batches of feeds, then those of revisits."""
        ordered = sorted(self.feeds, key=lambda source: source.feed_id)
        for label, sources in split_into_batches(ordered, self.batch_feeds, "feeds"):
            known = run.lake.feed_states()
            due = all_due(known) if self.poll_now else known
            states = current_states(due, sources, run.options.now)
            orphans = orphaned(known, ordered)
            yield PlannedBatch(
                label=label,
                build=partial(feed_contents, states=states, options=run.options, orphans=orphans),
            )
        if self.revisit:
            yield from revisit_batches(run)


def feed_contents(
    pipeline: beam.Pipeline,
    states: Sequence[FeedState],
    options: RunOptions,
    orphans: frozenset[str] = frozenset(),
) -> Contents:
    """Poll feeds and process their unseen pages.

    `orphans` are links in the retry queues of feeds that are no longer polled.
    """
    feeds = pipeline | "Feeds" >> beam.Create(states)
    polled = feeds | "PollFeeds" >> PollFeeds(options.web, options.clock, options.pool)
    unseen = polled.entries | "PickUnseen" >> PickUnseen(options.lake, orphans)
    return entry_contents(polled, fetch_entries(polled, unseen, options), options)


def fetch_entries(
    polled: PolledFeeds,
    unseen: PCollection[FeedEntry],
    options: RunOptions,
    revisits: PCollection[Revisit] | None = None,
) -> Fetched:
    """Fetch the pages of unseen entries, of entries to retry, and of articles to revisit."""
    entries = [polled.retries, unseen]
    if revisits is not None:
        entries.append(
            revisits | "Revisit entries" >> beam.Map(revisit_entry).with_output_types(FeedEntry)
        )
    all_entries = tuple(entries) | "Entries to fetch" >> beam.Flatten()
    fetched: Fetched = all_entries | "FetchPages" >> FetchPages(options.web, options.clock)
    return fetched


def entry_contents(
    polled: PolledFeeds,
    fetched: Fetched,
    options: RunOptions,
    revisited: PCollection[Revisit] | None = None,
) -> Contents:
    """Process fetched pages, and return everything to merge into the lake.

    The page of a `revisited` article is ignored if it has another article by now.
    """
    sightings = polled.entries | "Sight" >> beam.Map(sighting_of).with_output_types(Sighting)
    dequeued = polled.retries | "Dequeue" >> beam.Map(dequeued_page).with_output_types(DequeuedPage)
    keep = None if revisited is None else still_there(revisited)
    processed = process_pages(fetched.pages, options, keep)
    retried = processed.no_article | "Queue again" >> beam.FlatMap(
        requeued, options.clock
    ).with_output_types(PendingPage)
    unfetched = (fetched.rejects, processed.no_article) | "Unfetched" >> beam.Flatten()
    # A revisited page has no feed. If it cannot be fetched today, that is not a reject: the lake
    # has its article.
    of_feeds = unfetched | "Of feeds" >> beam.Filter(
        lambda reject: reject.feed_id is not None
    ).with_output_types(Reject)
    return (
        *processed.contents,
        sightings,
        polled.states,
        polled.fetches,
        polled.rejects,
        fetched.fetches,
        fetched.queued,
        dequeued,
        retried,
        processed.owed,
        of_feeds,
        *(() if revisited is None else (revisited,)),
    )


def requeued(
    reject: Reject, clock: RunClock, timestamp: Any = beam.DoFn.TimestampParam
) -> Iterator[PendingPage]:
    """Yield the page of a retryable reject, such as one whose process was killed."""
    now, attempt = clock.at(timestamp).now, reject.attempt + 1
    if reject.retryable and reject.feed_id and reject.url and attempt < MAX_ATTEMPTS:
        yield PendingPage(
            feed_id=reject.feed_id,
            url=reject.url,
            attempt=attempt,
            not_before=now + backoff(attempt),
        )
