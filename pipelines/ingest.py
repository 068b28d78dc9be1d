"""The main job: poll what is due, get and read the new pages, write one commit a slice, stop."""

import dataclasses
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import apache_beam as beam
from apache_beam.pvalue import PCollection

from pipelines.options import RunOptions
from transforms.clean import StripBoilerplate
from transforms.core.feeds.poll import new_state
from transforms.core.fetch.backoff import MAX_ATTEMPTS, backoff
from transforms.core.lake.lake import Lake
from transforms.core.looks import entry_of, is_still
from transforms.core.urls import url_key
from transforms.events import CodeEvents
from transforms.extract import ExtractArticles
from transforms.feeds import PollFeeds
from transforms.fetch import FetchPages
from transforms.lake import Arrivals, MergeIntoLake, PickUnseen, Taken, open_lake, sighting_of, taken_from
from transforms.memory import RememberSites
from transforms.records import (
    Article,
    CodedArticle,
    FeedEntry,
    FeedSource,
    FeedState,
    Look,
    OwedPage,
    Reject,
    RunContext,
    Sighting,
    SiteBlock,
    Slice,
)

SLICE_FEEDS = 500
"""Feeds of one commit. Slices follow the order of feed ids, so they are the same in every run of one list."""
SLICE_LOOKS = 2_000
MAX_LOOKS = 20_000
"""Articles that one run looks at again, longest due first."""


def build(
    pipeline: beam.Pipeline,
    states: Sequence[FeedState],
    options: RunOptions,
    run: RunContext,
    orphans: frozenset[str] = frozenset(),
) -> None:
    """Add the graph of one slice to a pipeline; `orphans` are links owed to feeds that are no longer polled."""
    polled = (
        pipeline | "Feeds" >> beam.Create(states) | "PollFeeds" >> PollFeeds(options.web, options.now, options.run_id)
    )
    sightings = polled.entries | "Sight" >> beam.Map(sighting_of).with_output_types(Sighting)
    unseen = polled.entries | "PickUnseen" >> PickUnseen(options.lake, orphans)
    taken = polled.owed | "Take" >> beam.Map(taken_from, options.now).with_output_types(Taken)
    wanted = (polled.owed, unseen) | "Wanted" >> beam.Flatten()
    fetched = wanted | "FetchPages" >> FetchPages(options.web, options.now, options.run_id)
    extracted = fetched.pages | "ExtractArticles" >> ExtractArticles(options.now, options.pool)
    again = extracted.rejects | "Again" >> beam.FlatMap(owed_again, options.now).with_output_types(OwedPage)
    read = read_articles(extracted.good, options)
    rejects = (polled.rejects, fetched.rejects, extracted.rejects, *read.rejects)
    arrivals = Arrivals(
        coded=read.coded,
        sightings=sightings,
        fetches=(polled.fetches, fetched.fetches) | "Fetches" >> beam.Flatten(),
        rejects=rejects | "Rejects" >> beam.Flatten(),
        states=polled.states,
        owed=(fetched.owed, again) | "Owed" >> beam.Flatten(),
        taken=taken,
        site_blocks=read.site_blocks,
    )
    arrivals.all() | "MergeIntoLake" >> MergeIntoLake(options.lake, run, options.started)


def build_looks(pipeline: beam.Pipeline, looks: Sequence[Look], options: RunOptions, run: RunContext) -> None:
    """Add the graph that looks again at articles; a page that no longer has its article changes nothing."""
    ids = {entry_of(look).url_key: look.article_id for look in looks}
    looked = pipeline | "Looks" >> beam.Create(looks)
    entries = looked | "Entries" >> beam.Map(entry_of).with_output_types(FeedEntry)
    fetched = entries | "FetchPages" >> FetchPages(options.web, options.now, options.run_id)
    extracted = fetched.pages | "ExtractArticles" >> ExtractArticles(options.now, options.pool)
    still = extracted.good | "Still there" >> beam.Filter(lambda a, ids: is_still(a, ids.get(a.url_key)), ids)
    read = read_articles(still, options)
    arrivals = Arrivals(
        coded=read.coded,
        fetches=fetched.fetches,
        rejects=read.rejects | "Rejects" >> beam.Flatten(),
        site_blocks=read.site_blocks,
        looked=looked,
    )
    arrivals.all() | "MergeIntoLake" >> MergeIntoLake(options.lake, run, options.started)


class ReadArticles(NamedTuple):
    """Articles cleaned and coded, what they prove of their sites, and what was refused."""

    coded: PCollection[CodedArticle]
    site_blocks: PCollection[SiteBlock]
    rejects: tuple[PCollection[Reject], ...]


def read_articles(articles: PCollection[Article], options: RunOptions) -> ReadArticles:
    """Clean articles and code their events: the way of every article, wherever it comes from."""
    clean = articles | "StripBoilerplate" >> StripBoilerplate()
    remembered = clean.good | "RememberSites" >> RememberSites(options.lake)
    coded = remembered.articles | "CodeEvents" >> CodeEvents(options.pool)
    return ReadArticles(coded.good, remembered.blocks, (clean.rejects, coded.rejects))


def owed_again(reject: Reject, now: datetime) -> Iterator[OwedPage]:
    """Yield the page of a reject that another try may mend, such as one whose process was killed."""
    attempt = reject.attempt + 1
    if reject.retryable and reject.feed_id and reject.url and attempt < MAX_ATTEMPTS:
        yield OwedPage(feed_id=reject.feed_id, url=reject.url, attempt=attempt, not_before=now + backoff(attempt))


@dataclass(frozen=True, kw_only=True)
class Ingested:
    """What a run did, as the lake tells it: counts of new rows, and this run's rejects by reason.

    `feeds_left` were due, but the run's time was up, or their servers asked for patience.
    """

    run_id: str
    status: str
    feeds: int
    feeds_left: int
    articles_new: int
    events_new: int
    rejects: dict[str, int]
    seconds: float


def ingest(
    sources: Sequence[FeedSource], options: RunOptions, said: Callable[[str], None] = lambda _: None
) -> Ingested:
    """Ingest the feeds that are due, slice by slice, each one commit; `said` is told what is being done."""
    lake = open_lake(options.lake)
    run = options.context("scheduled", sorted(s.feed_url for s in sources))
    counters = Counter[str]()
    ordered = sorted(sources, key=lambda s: s.feed_id)
    for start in range(0, len(ordered), SLICE_FEEDS):
        part = ordered[start : start + SLICE_FEEDS]
        said(f"feeds {start + 1} to {start + len(part)} of {len(ordered)}")
        pipeline = beam.Pipeline(runner=options.make_runner(), options=options.beam_options())
        known = lake.feed_states()
        build(pipeline, current_states(known, part, options), options, run, orphaned(known, ordered))
        counters.update(run_to_end(pipeline))
    for start in range(0, len(looks := due_looks(lake, options)), SLICE_LOOKS):
        said(f"looking again at {len(looks)} articles")
        pipeline = beam.Pipeline(runner=options.make_runner(), options=options.beam_options())
        build_looks(pipeline, looks[start : start + SLICE_LOOKS], options, run)
        counters.update(run_to_end(pipeline))
    return _close(lake, run, counters, options)


def due_looks(lake: Lake, options: RunOptions) -> list[Look]:
    """Return the articles to look at again, none where the run's time for requests is up or looks are not wanted."""
    late = options.web.deadline is not None and time.time() >= options.web.deadline
    return [] if late or not options.look_again else lake.due_looks(options.now, MAX_LOOKS)


def run_to_end(pipeline: beam.Pipeline) -> dict[str, int]:
    """Run a bounded pipeline and return Beam's counters by name; a pipeline that fails raises."""
    result = pipeline.run()
    result.wait_until_finish()
    found = result.metrics().query()["counters"]
    return {f"{c.key.metric.namespace}.{c.key.metric.name}": c.committed or 0 for c in found}


def _close(lake: Lake, run: RunContext, counters: Counter[str], options: RunOptions) -> Ingested:
    """Write the run's last word, its counters and status, and return what it did."""
    seconds = round(time.time() - options.started, 1)
    row = lake.merge(Slice(run=run, metrics=tuple(counters.items()), ended_at=run.now + timedelta(seconds=seconds)))
    return Ingested(
        run_id=run.run_id,
        status=row["status"],
        feeds=row["feeds"] - counters["feeds.skipped"],
        feeds_left=counters["feeds.skipped"],
        articles_new=row["articles_new"],
        events_new=row["events_new"],
        rejects={m["name"][8:]: m["value"] for m in row["metrics"] if m["name"].startswith("rejects.")},
        seconds=seconds,
    )


def orphaned(known: Mapping[str, FeedState], sources: Sequence[FeedSource]) -> frozenset[str]:
    """Return the links of pages that are owed to feeds which this run does not poll."""
    mine = {s.feed_id for s in sources}
    return frozenset(url_key(p.url) for i, state in known.items() if i not in mine for p in state.pending)


def current_states(
    known: Mapping[str, FeedState], sources: Sequence[FeedSource], options: RunOptions
) -> list[FeedState]:
    """Return each feed's state in the lake, with what the user configured now; a new one's where it has none."""
    return [
        dataclasses.replace(known[s.feed_id], source=_configured(known[s.feed_id].source, s))
        if s.feed_id in known
        else new_state(s, options.now)
        for s in sources
    ]


def _configured(known: FeedSource, said: FeedSource) -> FeedSource:
    """Return the source as configured; what the user leaves open stays as the feed itself last described it."""
    fields = {f.name: getattr(said, f.name) for f in dataclasses.fields(said)}
    return dataclasses.replace(known, **{k: v for k, v in fields.items() if v not in (None, ())})
