"""The main job: poll what is due, get and read the new pages, write one commit a slice, stop."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

import apache_beam as beam
from apache_beam.pvalue import PCollection

from pipelines.articles import read_pages
from pipelines.looks import look_again
from pipelines.options import RunOptions
from pipelines.runs import Ingested, begin_run, close_run, run_to_end
from transforms.core.feeds.poll import hold_domains, new_state
from transforms.core.fetch.backoff import MAX_ATTEMPTS, backoff
from transforms.core.urls import url_key
from transforms.feeds import PollFeeds
from transforms.fetch import FetchPages
from transforms.lake import Arrivals, MergeIntoLake, PickUnseen, Taken, open_lake, sighting_of, taken_from
from transforms.records import (
    FeedSource,
    FeedState,
    OwedPage,
    Reject,
    RunContext,
    Sighting,
)

SLICE_FEEDS = 500
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
    polled = states_now | "PollFeeds" >> PollFeeds(options.web, options.now, options.run_id, options.pool)
    sightings = polled.entries | "Sight" >> beam.Map(sighting_of).with_output_types(Sighting)
    unseen = polled.entries | "PickUnseen" >> PickUnseen(options.lake, orphans)
    taken = polled.owed | "Take" >> beam.Map(taken_from, options.now).with_output_types(Taken)
    wanted = (polled.owed, unseen) | "Wanted" >> beam.Flatten()
    fetched = wanted | "FetchPages" >> FetchPages(options.web, options.now, options.run_id)
    read = read_pages(fetched.pages, options)
    again = read.unread | "Again" >> beam.FlatMap(owed_again, options.now).with_output_types(OwedPage)
    rejects = (polled.rejects, fetched.rejects, read.unread, *read.rejects)
    arrivals = Arrivals(
        coded=read.coded,
        sightings=sightings,
        fetches=(polled.fetches, fetched.fetches) | "Fetches" >> beam.Flatten(),
        rejects=rejects | "Rejects" >> beam.Flatten(),
        states=polled.states,
        owed=(fetched.owed, again) | "Owed" >> beam.Flatten(),
        taken=taken,
        site_blocks=read.site_blocks,
        persons=read.persons,
        raw=read.raw,
    )
    merged: PCollection[str] = arrivals.all() | "MergeIntoLake" >> MergeIntoLake(options.lake, run, options.started)
    return merged


def owed_again(reject: Reject, now: datetime) -> Iterator[OwedPage]:
    """Yield the page of a reject that another try may mend, such as one whose process was killed."""
    attempt = reject.attempt + 1
    if reject.retryable and reject.feed_id and reject.url and attempt < MAX_ATTEMPTS:
        yield OwedPage(feed_id=reject.feed_id, url=reject.url, attempt=attempt, not_before=now + backoff(attempt))


def ingest(
    sources: Sequence[FeedSource], options: RunOptions, said: Callable[[str], None] = lambda _: None
) -> Ingested:
    """Ingest the feeds that are due, slice by slice, each one commit; `said` is told what is being done."""
    lake = open_lake(options.lake)
    run = begin_run(lake, options, "scheduled", sorted(s.feed_url for s in sources))
    counters = Counter[str]()
    ordered = sorted(sources, key=lambda s: s.feed_id)
    for start in range(0, len(ordered), SLICE_FEEDS):
        part = ordered[start : start + SLICE_FEEDS]
        said(f"feeds {start + 1} to {start + len(part)} of {len(ordered)}")
        pipeline = options.pipeline()
        known = lake.feed_states()
        build(pipeline, current_states(known, part, options), options, run, orphaned(known, ordered))
        counters.update(run_to_end(pipeline))
    counters.update(look_again(lake, options, run, said))
    return close_run(lake, run, counters, options)


def orphaned(known: Mapping[str, FeedState], sources: Sequence[FeedSource]) -> frozenset[str]:
    """Return the links of pages that are owed to feeds which this run does not poll."""
    mine = {s.feed_id for s in sources}
    return frozenset(url_key(p.url) for i, state in known.items() if i not in mine for p in state.pending)


def current_states(
    known: Mapping[str, FeedState], sources: Sequence[FeedSource], options: RunOptions
) -> list[FeedState]:
    """Return each feed's state in the lake, with what the user configured now; a new one's where it has none.

    None is due before its domain may be asked again, whatever feed of the domain was told so.
    """
    states = [
        dataclasses.replace(known[s.feed_id], source=_configured(known[s.feed_id].source, s))
        if s.feed_id in known
        else new_state(s, options.now)
        for s in sources
    ]
    return hold_domains(states, known.values(), options.now)


def _configured(known: FeedSource, said: FeedSource) -> FeedSource:
    """Return the source as configured; what the user leaves open stays as the feed itself last described it."""
    fields = {f.name: getattr(said, f.name) for f in dataclasses.fields(said)}
    return dataclasses.replace(known, **{k: v for k, v in fields.items() if v not in (None, ())})
